//! Locking: what brings it about, what is left behind, what a person finds on return; it must keep nothing of the desk.

use turret_shared::time::{NS_PER_MS, NS_PER_S, Timestamp};

use super::alerts::Alert;
use super::effect::Effect;
use super::flight::Flight;
use super::key::Now;
use super::look::Hues;
use super::modal::Modal;
use super::session::Away;
use super::ticket::Draft;
use super::{Model, Stage, act, alerts, drafts, signin};
use crate::format;

/// Wall and monotonic clock may drift apart by this much between two looks, in nanoseconds; more is a sleep or a turned clock.
const DRIFT_NS_MAX: i64 = 5 * NS_PER_S;

/// What the lock screen tells: nothing of the desk but how much of it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// Who.
    pub login: String,
    /// Their role, as a word.
    pub role: String,
    /// Their desk; empty for none.
    pub desk: String,
    /// Why, in a sentence.
    pub why: String,
    /// Since when.
    pub since: Timestamp,
    /// How many of their orders can still execute.
    pub working: u64,
}

/// What a person had at hand that the server does not know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aside {
    /// Tickets put aside, the open one included.
    pub drafts: Vec<Draft>,
    /// Orders sent and not answered, each in one line.
    pub unanswered: Vec<String>,
    /// Alerts, those put away included, newest first.
    pub alerts: Vec<Alert>,
}

/// What outlives the process that held the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftBehind {
    /// Whose it is.
    pub login: String,
    /// For the lock screen; absent where a plain sign-in follows.
    pub locked: Option<Locked>,
    /// The line above the hints.
    pub message: String,
    /// To be sealed.
    pub aside: Aside,
    /// Stop the program for the shell as soon as the desk is gone.
    pub suspend: bool,
    /// Colours, where they were chosen here.
    pub hues: Option<Hues>,
}

/// Why the desk is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause<'w> {
    /// The person, or the clock, locks it.
    Lock(&'w str),
    /// Locked, then stopped.
    Suspend(&'w str),
    /// The person signs out.
    SignOut(&'w str),
    /// The server ended it.
    Ended {
        /// In a sentence.
        why: &'w str,
        /// For want of a key: the lock screen follows.
        idle: bool,
    },
}

/// Ends the session here and leaves the rest to a process that never held it.
pub(super) fn leave(model: &mut Model, cause: Cause<'_>, out: &mut Vec<Effect>) {
    if model.stage == Stage::SignIn {
        return;
    }
    let (why, locks) = match cause {
        Cause::Lock(why) | Cause::Suspend(why) => (why, true),
        Cause::SignOut(why) => (why, false),
        Cause::Ended { why, idle } => (why, idle),
    };
    let working = u64::try_from(model.my_working()).unwrap_or(u64::MAX);
    let unanswered = unanswered(model);
    put_aside(model, out);
    let user = model.session.as_ref().map(|session| session.user.clone());
    let role = model.session.as_ref().map(|session| session.held_role().to_string()).unwrap_or_default();
    let login = user.as_ref().map(|user| user.login.clone()).unwrap_or_default();
    let locked = user.filter(|_| locks).map(|user| Locked {
        login: user.login,
        role,
        desk: user.desk_code,
        why: why.to_owned(),
        since: model.now.wall,
        working,
    });
    super::kept::keep_drafts(model, out);
    if !matches!(cause, Cause::Ended { .. }) {
        out.push(Effect::SignOut { locked: locks });
    }
    let drafts = std::mem::take(&mut model.drafts);
    let aside = Aside { drafts, unanswered, alerts: model.alerts.all() };
    act::signed_out(model, why);
    if locked.is_some() {
        model.signin.message.clear();
    }
    model.signin.locked.clone_from(&locked);
    let suspend = matches!(cause, Cause::Suspend(_));
    let hues = model.look.choice();
    out.push(Effect::Leave(Box::new(LeftBehind { login, locked, message: why.to_owned(), aside, suspend, hues })));
}

fn unanswered(model: &Model) -> Vec<String> {
    let open = |flight: &&Flight| !matches!(flight, Flight::Proof);
    // A code that was sent may have been taken.
    let proving = model.modals.iter().filter_map(|modal| match modal {
        Modal::StepUp(open) if open.asked.is_some() => Some(open.pending.iter().map(|(_, flight)| flight)),
        _ => None,
    });
    model.flights.values().filter(open).chain(proving.flatten()).map(|flight| flight.line(model)).collect()
}

/// What is being typed or waits for a code was never sent: it is kept like any draft.
pub(super) fn put_aside(model: &mut Model, out: &mut Vec<Effect>) {
    super::keying::give_up(model, out);
    let held = std::mem::take(&mut model.held);
    for modal in std::mem::take(&mut model.modals).into_iter().chain(held) {
        match modal {
            Modal::Ticket(ticket) => {
                if let Some(draft) = ticket.aside(model.now.wall) {
                    drafts::rescue(model, draft);
                }
            }
            Modal::StepUp(open) if open.asked.is_none() => {
                out.push(Effect::GiveUp(open.pending.iter().map(|(id, _)| *id).collect()));
                for (_, flight) in open.pending {
                    if let Flight::New { draft, .. } = flight {
                        drafts::rescue(model, draft);
                    }
                }
            }
            Modal::Denied(denied) => {
                if let Some(draft) = denied.only_copy(model) {
                    drafts::rescue(model, draft);
                }
            }
            _ => {}
        }
    }
}

/// True when one clock moved on without the other since `before`: the machine slept, or its clock was turned.
#[must_use]
pub fn jumped(before: Now, now: Now) -> bool {
    let passed = now.mono_ms.saturating_sub(before.mono_ms);
    let passed = i64::try_from(passed).unwrap_or(i64::MAX).saturating_mul(NS_PER_MS);
    now.wall.since(before.wall).saturating_sub(passed).saturating_abs() > DRIFT_NS_MAX
}

impl Model {
    /// Begins where a process before left off.
    pub fn begin_locked(&mut self, locked: Option<Locked>, message: &str) {
        if let Some(locked) = &locked {
            let demo = self.demo.iter().position(|person| person.login == locked.login);
            self.demo_at = demo.unwrap_or(self.demo_at);
            let password = demo.and_then(|at| self.demo.get(at)).map(|person| person.password.clone());
            self.signin = signin::SignIn::new(&locked.login, password);
        }
        self.signin.tell(if locked.is_some() { "" } else { message }, false);
        self.signin.locked = locked;
    }
}

/// The process that held the desk could not be replaced: it goes on, with what it must not show already gone.
pub(super) fn in_place(model: &mut Model, why: &str, out: &mut Vec<Effect>) {
    model.signin.tell(&format!("{} This process could not be started afresh: {why}.", model.signin.message), true);
    out.push(model.connect());
}

/// The same person is back: what they had put aside is theirs again.
pub(super) fn returned(model: &mut Model, aside: Aside) {
    if model.stage == Stage::SignIn {
        return;
    }
    super::kept::put_back(model, aside.drafts);
    alerts::put_back(model, aside.alerts);
    if let Some(first) = aside.unanswered.first() {
        let more = aside.unanswered.len().saturating_sub(1);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        model
            .insist(&format!("Sent and not answered when this locked: {first}{more}. Look whether it is below."), None);
    }
}

/// Somebody is in: if it is who locked, what changed meanwhile is marked from now on.
pub(super) fn came_back(model: &mut Model, login: &str) {
    let since = model.signin.locked.take().filter(|locked| locked.login == login).map(|locked| locked.since);
    let to = model.server_time(model.now.wall);
    model.lost = since.map(|since| Away { from: model.server_time(since), to, through: None });
    model.returned = since.is_some();
}

/// The orders are known again: says how many changed while nobody was here.
pub(super) fn tell_changes(model: &mut Model) {
    let Some(away) = model.lost.filter(|_| std::mem::take(&mut model.returned)) else { return };
    let changed = away.count(&model.orders);
    let away = format::age(away.lasted_ns());
    if changed == 0 {
        model.tell(&format!("Back after {away}. No order changed meanwhile."));
    } else {
        let orders = format::counted(changed, "order");
        model.insist(&format!("Back after {away}. {orders} changed meanwhile: marked +."), None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_part_are_noticed_either_way() {
        let at = |mono_ms: u64, wall_s: i64| Now { mono_ms, wall: Timestamp(wall_s * NS_PER_S) };
        let before = at(1_000, 100);
        for (now, want) in [
            (at(1_000, 100), false),
            (at(601_000, 700), false),
            (at(2_000, 106), false),
            (at(2_000, 107), true),
            (at(2_000, 95), true),
            (at(20_000, 100), true),
        ] {
            assert_eq!(jumped(before, now), want, "{now:?}");
        }
    }
}
