//! Denied attempts that nobody reviewed yet, counted by whom and kind, and those that were of late; it must hold no name, no
//! address and no text of a peer.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use turret_shared::attempt::{AttemptKind, AttemptView, Review, ReviewEnd, ReviewedView};
use turret_shared::denial::DenialCode;
use turret_shared::entry::{Actor, Head};
use turret_shared::event::Event;
use turret_shared::event::ops::{BadInput, BadInputStage};
use turret_shared::ids::{CorrelationId, DeviceId, Sequence, UserId};
use turret_shared::limits::{ATTEMPTS_OVER_MAX, ATTEMPTS_ROWS_MAX};
use turret_shared::role::Permission;
use turret_shared::time::Timestamp;

use crate::State;
use crate::access::{self, AccessView, Object};

/// Whose attempts they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
enum Whom {
    /// Somebody signed in, or whom a code was made for.
    #[n(0)]
    User(#[n(0)] UserId),
    /// A device nobody was signed in on.
    #[n(1)]
    Device(#[n(0)] DeviceId),
    /// Nobody we know.
    #[n(2)]
    Stranger,
}

/// Of one person or device and kind.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Row {
    #[n(0)]
    first: Sequence,
    #[n(1)]
    last: Sequence,
    #[n(2)]
    since: Timestamp,
    #[n(3)]
    time: Timestamp,
    #[n(4)]
    count: u32,
    #[n(5)]
    reason: String,
    #[n(6)]
    correlation: CorrelationId,
    /// The device of the last, where somebody was signed in.
    #[n(7)]
    device: Option<DeviceId>,
}

/// One that was reviewed: by whom, when, as what.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Over {
    #[n(0)]
    of: (Whom, AttemptKind),
    #[n(1)]
    row: Row,
    #[n(2)]
    by: UserId,
    #[n(3)]
    time: Timestamp,
    #[n(4)]
    end: ReviewEnd,
}

/// The queue.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Attempts {
    #[n(0)]
    open: BTreeMap<(Whom, AttemptKind), Row>,
    /// The newest last, at most [`ATTEMPTS_OVER_MAX`].
    #[n(1)]
    over: Vec<Over>,
}

/// What an event says was tried, how often, and what was answered.
fn tried(head: &Head, event: &Event) -> Option<(Whom, AttemptKind, u32, String)> {
    let whom = match (head.origin.actor, head.origin.device) {
        (Actor::User(user), _) => Whom::User(user),
        (_, Some(device)) => Whom::Device(device),
        _ => Whom::Stranger,
    };
    let once = |kind, code: DenialCode| Some((whom, kind, 1, code.as_str().into()));
    match event {
        Event::AccessDenied(e) => once(AttemptKind::Access, e.code),
        Event::ManageDenied(e) => once(AttemptKind::Manage, e.code),
        Event::ApprovalDenied(e) => once(AttemptKind::Approval, e.code),
        Event::AlertDenied(e) => once(AttemptKind::Alert, e.code),
        // The venue is nobody who could be asked about it.
        Event::BadInput(BadInput { stage: BadInputStage::Venue, .. }) => None,
        Event::BadInput(e) => {
            let shaken = e.stage == BadInputStage::Handshake;
            let kind = if shaken { AttemptKind::Handshake } else { AttemptKind::Input };
            Some((whom, kind, e.count, e.fault.clone()))
        }
        Event::EnrolmentFailed(e) => {
            let whom = e.user.map_or(whom, Whom::User);
            Some((whom, AttemptKind::Enrolment, e.count, e.fault.as_str().into()))
        }
        _ => None,
    }
}

impl Attempts {
    pub(crate) fn evolve(&mut self, head: &Head, event: &Event) {
        if let Event::DenialReviewed(e) = event {
            self.reviewed(head.time, e.review, e.by);
        }
        let Some((whom, kind, count, reason)) = tried(head, event) else { return };
        let key = (whom, kind);
        if self.open.len() >= ATTEMPTS_ROWS_MAX && !self.open.contains_key(&key) {
            // The log has them all.
            let oldest = self.open.iter().min_by_key(|(_, row)| row.last).map(|(key, _)| *key);
            oldest.into_iter().for_each(|key| drop(self.open.remove(&key)));
        }
        let (sequence, time, correlation) = (head.sequence, head.time, head.origin.correlation);
        let row = self.open.entry(key).or_insert_with(|| Row {
            first: sequence,
            last: sequence,
            since: time,
            time,
            count: 0,
            reason: String::new(),
            correlation,
            device: None,
        });
        row.count = row.count.saturating_add(count);
        (row.last, row.time, row.reason, row.correlation) = (sequence, time, reason, correlation);
        row.device = head.origin.device;
    }

    fn reviewed(&mut self, time: Timestamp, review: Review, by: UserId) {
        let Some(of) = self.key(review) else { return };
        let Some(row) = self.open.remove(&of) else { return };
        if self.over.len() >= ATTEMPTS_OVER_MAX {
            self.over.remove(0);
        }
        self.over.push(Over { of, row, by, time, end: review.end });
    }

    /// Those under a number that are as they were seen.
    fn key(&self, review: Review) -> Option<(Whom, AttemptKind)> {
        let same = |row: &Row| row.first == review.first && row.last == review.last;
        self.open.iter().find(|(_, row)| same(row)).map(|(key, _)| *key)
    }
}

/// Whom they concern.
fn concerned(access: &AccessView, whom: Whom) -> Option<UserId> {
    match whom {
        Whom::User(user) => Some(user),
        Whom::Device(device) => access.device(device).map(|known| known.user),
        Whom::Stranger => None,
    }
}

/// Whether this person may say this of them, now.
///
/// # Errors
/// The code they are answered with. Nobody has a say in what concerns themselves.
pub fn may_review(state: &State, by: UserId, review: Review) -> Result<(), DenialCode> {
    let access = state.access();
    let may = access::may(access, by, Permission::DenialReview, Object::None);
    if let Some(code) = may.denial(DenialCode::NotPermitted) {
        return Err(code);
    }
    let (whom, _) = state.attempts.key(review).ok_or(DenialCode::UnknownAttempts)?;
    if concerned(access, whom) == Some(by) { Err(DenialCode::NotYourself) } else { Ok(()) }
}

/// Denied attempts for those who review them: the open ones and those reviewed of late, each newest first, without names.
///
/// # Errors
/// [`DenialCode::NotPermitted`].
pub fn attempts(state: &State, user: UserId) -> Result<Vec<AttemptView>, DenialCode> {
    let may = access::may(state.access(), user, Permission::DenialReview, Object::None);
    if let Some(code) = may.denial(DenialCode::NotPermitted) {
        return Err(code);
    }
    let known = &state.attempts;
    let mut open: Vec<_> = known.open.iter().map(|(key, row)| view(state, user, *key, row, None)).collect();
    open.sort_by_key(|row| core::cmp::Reverse(row.last));
    let over = known.over.iter().rev().map(|over| view(state, user, over.of, &over.row, Some(over)));
    Ok(open.into_iter().chain(over).collect())
}

fn view(state: &State, reader: UserId, of: (Whom, AttemptKind), row: &Row, over: Option<&Over>) -> AttemptView {
    let (whom, kind) = of;
    let user = concerned(state.access(), whom);
    let reviewed = over.map(|over| (over.by, over.time, over.end));
    AttemptView {
        first: row.first,
        last: row.last,
        kind,
        user,
        login: String::new(),
        device: if let Whom::Device(device) = whom { Some(device) } else { row.device },
        reason: row.reason.clone(),
        count: row.count,
        since: row.since,
        time: row.time,
        correlation: row.correlation,
        review: over.is_none() && user != Some(reader),
        reviewed: reviewed.map(|(by, time, end)| ReviewedView { by, login: String::new(), time, end }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use turret_shared::entry::Origin;
    use turret_shared::event::ops::{AccessDenied, DenialReviewed};

    fn denied(attempts: &mut Attempts, at: u64, user: u32) {
        let origin = Origin::of(Actor::User(UserId(user)), CorrelationId(at));
        let head = Head { sequence: Sequence(at), time: Timestamp(0), origin };
        let (permission, code) = (Permission::OrderRead, DenialCode::UnknownOrder);
        let e = AccessDenied { permission, object: None, foreign: None, code };
        attempts.evolve(&head, &Event::AccessDenied(e));
    }

    fn reviewed(attempts: &mut Attempts, first: u64, last: u64) {
        let head = Head {
            sequence: Sequence(900),
            time: Timestamp(9),
            origin: Origin::of(Actor::User(UserId(90)), CorrelationId(9)),
        };
        let review = Review { first: Sequence(first), last: Sequence(last), end: ReviewEnd::Mistake };
        attempts.evolve(&head, &Event::DenialReviewed(DenialReviewed { review, by: UserId(90) }));
    }

    #[test]
    fn they_are_counted_by_whom_and_kind_and_a_word_is_on_what_was_seen() {
        let mut attempts = Attempts::default();
        for at in [1, 3, 5] {
            denied(&mut attempts, at, 7);
        }
        denied(&mut attempts, 4, 8);
        let counts: Vec<_> = attempts.open.values().map(|row| (row.first.0, row.last.0, row.count)).collect();
        assert_eq!(counts, [(1, 5, 3), (4, 4, 1)]);
        reviewed(&mut attempts, 1, 3);
        assert_eq!((attempts.open.len(), attempts.over.len()), (2, 0), "more came since");
        reviewed(&mut attempts, 1, 5);
        assert_eq!((attempts.open.len(), attempts.over.len()), (1, 1));
        denied(&mut attempts, 6, 7);
        assert_eq!(attempts.open.values().map(|row| (row.first.0, row.count)).max(), Some((6, 1)), "a new row");
    }

    #[test]
    fn only_so_many_are_kept_and_the_oldest_go() {
        let mut attempts = Attempts::default();
        for user in 0..2 * ATTEMPTS_ROWS_MAX as u32 {
            denied(&mut attempts, u64::from(user), user);
        }
        assert_eq!(attempts.open.len(), ATTEMPTS_ROWS_MAX);
        assert!(attempts.open.values().all(|row| row.first.0 >= ATTEMPTS_ROWS_MAX as u64));
        for at in ATTEMPTS_ROWS_MAX as u64..2 * ATTEMPTS_ROWS_MAX as u64 {
            reviewed(&mut attempts, at, at);
        }
        assert_eq!((attempts.open.len(), attempts.over.len()), (0, ATTEMPTS_OVER_MAX));
    }
}
