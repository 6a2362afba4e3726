//! Alerts of surveillance and how each stands, with what became of each rule's; it must know no name and answer nothing.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use turret_shared::alert::{AlertEnd, AlertStanding, AlertStep, AlertTally, HandleAlert};
use turret_shared::denial::DenialCode;
use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::{AlertRaised, AlertRule, AnswerDone};
use turret_shared::ids::{CorrelationId, Sequence, UserId};
use turret_shared::limits::{ALERT_STEPS_MAX, ALERTS_MAX};
use turret_shared::role::Permission;
use turret_shared::time::Timestamp;

use crate::State;
use crate::access::{self, AccessView, Object};
use crate::decide::clock;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Alert {
    /// What was found.
    #[n(0)]
    pub raised: AlertRaised,
    /// When.
    #[n(1)]
    pub time: Timestamp,
    /// To quote.
    #[n(2)]
    pub correlation: CorrelationId,
    /// How it stands.
    #[n(3)]
    pub standing: AlertStanding,
    /// Who looks into it.
    #[n(4)]
    pub assigned: Option<UserId>,
    /// What was done with it, by whom, oldest first; the newest [`ALERT_STEPS_MAX`].
    #[n(5)]
    pub steps: Vec<(Timestamp, UserId, AlertStep)>,
    /// What was done about it with nobody asked.
    #[n(6)]
    pub answered: Option<AnswerDone>,
}

/// What was resolved of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
struct Outcomes {
    #[n(0)]
    resolved: u32,
    #[n(1)]
    false_positives: u32,
    /// The highest figure that was nothing.
    #[n(2)]
    false_highest: u32,
    /// The lowest one that was something.
    #[n(3)]
    true_lowest: Option<u32>,
}

/// The newest of them, and what became of all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Alerts {
    #[n(0)]
    list: BTreeMap<Sequence, Alert>,
    #[n(1)]
    outcomes: BTreeMap<AlertRule, Outcomes>,
    /// What stands against a person until the alert behind it is resolved: of a rule, of a kind, the first.
    #[n(2)]
    bound: BTreeMap<(UserId, AlertRule), (Sequence, AnswerDone)>,
    /// Who has to wait until when, by which alert.
    #[n(3)]
    delayed: BTreeMap<UserId, (Sequence, Timestamp)>,
}

impl Alerts {
    /// All there are, oldest first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = (Sequence, &Alert)> {
        self.list.iter().map(|(alert, known)| (*alert, known))
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, alert: Sequence) -> Option<&Alert> {
        self.list.get(&alert)
    }

    /// What became of a rule's. Only a figure that grows with what happened can ask for a higher threshold, and only where
    /// no true alert would have been missed by it.
    #[must_use]
    pub fn tally(&self, rule: AlertRule) -> AlertTally {
        let known = self.outcomes.get(&rule).copied().unwrap_or_default();
        let silent = known.false_highest.saturating_add(1);
        let suggested = (rule.counts() && known.false_positives > 0).then_some(silent);
        AlertTally {
            resolved: known.resolved,
            false_positives: known.false_positives,
            suggested: suggested.filter(|figure| known.true_lowest.is_none_or(|lowest| *figure <= lowest)),
        }
    }

    /// True while an alert that nobody resolved stands against a person so.
    #[must_use]
    pub fn binds(&self, user: UserId, done: AnswerDone) -> bool {
        // Nearly always there is none.
        !self.bound.is_empty() && self.bound.iter().any(|((of, _), (_, how))| *of == user && *how == done)
    }

    /// Until when a person's orders and sensitive commands wait, if they do; resolving the alert lifts it.
    #[must_use]
    pub fn delays(&self, user: UserId, now: Timestamp) -> Option<Timestamp> {
        self.delayed.get(&user).map(|(_, until)| *until).filter(|until| *until > now)
    }

    /// True while one of this rule does.
    pub(crate) fn bound_by(&self, user: UserId, rule: AlertRule, done: AnswerDone) -> bool {
        self.bound.get(&(user, rule)).is_some_and(|(_, how)| *how == done)
    }

    pub(crate) fn evolve(&mut self, head: &Head, event: &Event) {
        match event {
            Event::AlertRaised(raised) => {
                self.make_room();
                let known = Alert {
                    raised: *raised,
                    time: head.time,
                    correlation: head.origin.correlation,
                    standing: AlertStanding::Open,
                    assigned: None,
                    steps: Vec::new(),
                    answered: None,
                };
                self.list.insert(head.sequence, known);
            }
            Event::AlertAnswered(e) => {
                let Some(known) = self.list.get_mut(&e.alert) else { return };
                known.answered = Some(e.done);
                if let Some((user, until)) = e.user.zip(e.until) {
                    self.delayed.retain(|_, (_, until)| *until > head.time);
                    self.delayed.insert(user, (e.alert, until));
                }
                if let Some(user) = e.user.filter(|_| e.done.binds()) {
                    self.bound.insert((user, known.raised.rule), (e.alert, e.done));
                }
            }
            Event::AlertHandled(e) => self.handled(head.time, e.by, e.handle),
            _ => {}
        }
    }

    /// The oldest that is over goes, or else the oldest: the log has them all. One that binds somebody stays, whatever
    /// comes, for resolving it is what lifts that, of which there is one a person and rule; so does the newest of the clock.
    fn make_room(&mut self) {
        if self.list.len() >= ALERTS_MAX {
            let clock = |(_, known): &(&Sequence, &Alert)| {
                known.raised.rule == AlertRule::ClockStep && !known.standing.is_over()
            };
            let clock = self.list.iter().rev().find(clock).map(|(alert, _)| *alert);
            let binds = |alert: &Sequence| clock == Some(*alert) || self.bound.values().any(|(by, _)| by == alert);
            let over = self.list.iter().find(|(_, known)| known.standing.is_over());
            let first = over.or_else(|| self.list.iter().find(|(alert, _)| !binds(alert))).map(|(alert, _)| *alert);
            if let Some(alert) = first {
                self.list.remove(&alert);
            }
        }
    }

    fn handled(&mut self, time: Timestamp, by: UserId, handle: HandleAlert) {
        let Some(known) = self.list.get_mut(&handle.alert) else { return };
        if known.steps.len() >= ALERT_STEPS_MAX {
            known.steps.remove(0);
        }
        known.steps.push((time, by, handle.step));
        match handle.step {
            AlertStep::Acknowledge => {
                known.standing = AlertStanding::Acknowledged;
                known.assigned = known.assigned.or(Some(by));
            }
            AlertStep::Assign { to } => known.assigned = Some(to),
            AlertStep::Resolve { end } => {
                known.standing = AlertStanding::Resolved(end);
                self.bound.retain(|_, (alert, _)| *alert != handle.alert);
                self.delayed.retain(|_, (alert, _)| *alert != handle.alert);
                let figure = known.raised.figure;
                let of = self.outcomes.entry(known.raised.rule).or_default();
                of.resolved = of.resolved.saturating_add(1);
                match end {
                    AlertEnd::FalsePositive => {
                        of.false_positives = of.false_positives.saturating_add(1);
                        of.false_highest = of.false_highest.max(figure);
                    }
                    AlertEnd::Handled | AlertEnd::Expected => {
                        of.true_lowest = Some(of.true_lowest.map_or(figure, |lowest| lowest.min(figure)));
                    }
                    AlertEnd::Duplicate => {}
                }
            }
        }
    }
}

/// Whom an alert is about: a device is about whose it is.
#[must_use]
pub fn whom(access: &AccessView, raised: &AlertRaised) -> Option<UserId> {
    raised.user.or_else(|| raised.device.and_then(|device| access.device(device)).map(|row| row.user))
}

/// Whether this person may do this with an alert, now.
///
/// # Errors
/// The code they are answered with. Nobody has a say in what is about themselves.
pub fn may_handle(state: &State, by: UserId, handle: HandleAlert) -> Result<(), DenialCode> {
    let access = state.access();
    let handles = |user: UserId| access::may(access, user, Permission::AlertHandle, Object::None);
    if let Some(code) = handles(by).denial(DenialCode::NotPermitted) {
        return Err(code);
    }
    let known = state.alerts().get(handle.alert).ok_or(DenialCode::UnknownAlert)?;
    let about = whom(access, &known.raised);
    if about == Some(by) {
        return Err(DenialCode::NotYourself);
    }
    if known.standing.is_over() {
        return Err(DenialCode::AlertOver);
    }
    if clock::is_acknowledgement(state, handle) && !clock::may_acknowledge(state, by) {
        return Err(DenialCode::NotPermitted);
    }
    match handle.step {
        AlertStep::Acknowledge if known.standing == AlertStanding::Acknowledged => Err(DenialCode::NothingToDo),
        AlertStep::Assign { to } if known.assigned == Some(to) => Err(DenialCode::NothingToDo),
        AlertStep::Assign { to } if about == Some(to) || handles(to).denial(DenialCode::NotPermitted).is_some() => {
            Err(DenialCode::UnknownTarget)
        }
        _ => Ok(()),
    }
}
