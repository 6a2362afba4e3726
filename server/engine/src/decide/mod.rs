//! Decides one input: access, then what is plainly wrong, then risk, then the order; it must change nothing.

pub(crate) use also::Also;
use turret_shared::event::Event;
use turret_shared::ids::Sequence;
use turret_shared::venue::Route;

use crate::input::{Input, Stamp};
use crate::{Decision, Market, State, Verdict};

mod alert;
mod also;
mod amend;
mod answer;
pub(crate) mod approval;
pub(crate) mod bans;
pub(crate) mod bulk;
mod cancel;
mod client;
pub(crate) mod clock;
mod custody;
mod enrol;
pub(crate) mod entrust;
pub(crate) mod held;
pub(crate) mod house;
pub(crate) mod judge_amend;
pub(crate) mod judge_new;
mod keys;
mod manage;
mod new_order;
mod notes;
mod own;
mod password;
mod people;
mod proof;
mod review;
mod roles;
mod session;
mod setup;
mod signed;
mod sim;
mod step_up;
mod timer;
mod venue;
mod venue_executions;
pub(crate) mod words;

/// Decides one input.
#[must_use]
pub fn decide(state: &State, market: &Market, input: &Input, stamp: Stamp) -> Decision {
    let mut decision = Decision::default();
    decide_into(state, market, input, stamp, &mut decision);
    decision
}

/// Decides one input into a decision whose room is used again; what it held is gone.
pub fn decide_into(state: &State, market: &Market, input: &Input, stamp: Stamp, decision: &mut Decision) {
    decision.clear();
    let mut draft = Draft { state, market, stamp, decision, also: Also::default() };
    match input {
        Input::Client(input) => client::decide(&mut draft, input),
        Input::Proof(input) => proof::decide(&mut draft, input),
        Input::Password(input) => password::decide(&mut draft, input),
        Input::Key(input) => keys::decide(&mut draft, input),
        Input::Venue(report) => venue::decide(&mut draft, report),
        Input::VenueLink(up) => timer::link(&mut draft, *up),
        Input::Timer => timer::overdue(&mut draft),
        Input::Session(input) => session::decide(&mut draft, input),
        Input::Setup(_, event) => setup::decide(&mut draft, event),
        Input::Note(origin, event) => notes::decide(&mut draft, origin, event),
    }
    let by = match input {
        Input::Client(input) => input.principal.user,
        Input::Proof(input) => input.principal.user,
        _ => return,
    };
    if let Some(until) = state.alerts.delays(by, stamp.time) {
        words::timed(draft.decision.verdict.as_mut(), until);
    }
}

/// A decision being made.
pub(crate) struct Draft<'a> {
    pub(crate) state: &'a State,
    pub(crate) market: &'a Market,
    pub(crate) stamp: Stamp,
    pub(crate) decision: &'a mut Decision,
    /// Orders of this decision, which the state does not know yet.
    pub(crate) also: Also,
}

impl Draft<'_> {
    /// Where the next event will stand.
    pub(crate) fn next(&self) -> Sequence {
        let before = u64::try_from(self.decision.events.len()).unwrap_or(u64::MAX);
        Sequence(self.stamp.sequence.0.saturating_add(before))
    }

    pub(crate) fn emit(&mut self, event: Event) {
        // Most decisions are one event and one route: room for exactly that.
        if self.decision.events.is_empty() {
            self.decision.events.reserve_exact(1);
        }
        self.decision.events.push(event);
    }

    pub(crate) fn route(&mut self, route: Route) {
        if self.decision.routes.is_empty() {
            self.decision.routes.reserve_exact(1);
        }
        self.decision.routes.push(route);
    }

    pub(crate) fn answer(&mut self, verdict: Verdict) {
        self.decision.verdict = Some(verdict);
    }
}
