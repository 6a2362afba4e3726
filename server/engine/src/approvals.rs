//! Requests that wait for a second person, and what makes one void; it must know no name and carry nothing out.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sha2::{Digest as _, Sha256};
use turret_shared::approval::{FirstProof, Ground, Standing, VoidCause};
use turret_shared::cbor;
use turret_shared::denial::{DenialCode, Rule};
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::approval::{ApprovalAsked, ApprovalJudged};
use turret_shared::event::setup::EntitlementScope;
use turret_shared::ids::{ApprovalId, UserId};
use turret_shared::limits::{APPROVAL_S_MAX, APPROVALS_MAX, APPROVALS_OF_ONE_MAX, APPROVALS_OVER_MAX};
use turret_shared::manage::{Act, Manage};
use turret_shared::role::Permission;
use turret_shared::time::{NS_PER_S, Timestamp};

use crate::State;
use crate::access::{self, Access, AccessView, Object};
use crate::decide::house;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Approval {
    /// Who asked.
    #[n(0)]
    pub by: UserId,
    /// What and why.
    #[n(1)]
    pub manage: Manage,
    /// Digest of the command they proved.
    #[n(2)]
    pub command: Digest,
    /// Digest of what it is about, as it was then.
    #[n(3)]
    pub(crate) basis: Digest,
    /// When.
    #[n(4)]
    pub asked: Timestamp,
    /// Void after this.
    #[n(5)]
    pub expires: Timestamp,
    #[n(6)]
    standing: Standing,
    /// Since when it stands so.
    #[n(7)]
    pub since: Timestamp,
    /// Who judged it, and why so.
    #[n(8)]
    pub judged: Option<(UserId, Ground)>,
    /// It is void, and the log has yet to say so.
    #[n(9)]
    unsaid: bool,
    /// The proof its author gave, which a word on it must name.
    #[n(10)]
    pub first: Option<FirstProof>,
    /// The rows of a table of acts; of one act none.
    #[n(11)]
    pub table: Vec<Act>,
}

impl Approval {
    /// How it stands now: time alone makes it void too.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        if self.standing.is_open() && self.expires < now { Standing::Void(VoidCause::Expired) } else { self.standing }
    }
}

/// All of them, those lately over too.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Approvals(#[n(0)] BTreeMap<ApprovalId, Approval>);

/// [`APPROVAL_S_MAX`] from now.
pub(crate) fn until(now: Timestamp) -> Timestamp {
    now.after_ns(i64::try_from(APPROVAL_S_MAX).unwrap_or(i64::MAX).saturating_mul(NS_PER_S))
}

impl Approvals {
    /// All of them, by number.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = (ApprovalId, &Approval)> {
        self.0.iter().map(|(id, known)| (*id, known))
    }

    /// One with which something can still be done.
    #[must_use]
    pub fn open(&self, id: ApprovalId, now: Timestamp) -> Option<&Approval> {
        self.0.get(&id).filter(|known| known.standing(now).is_open())
    }

    /// One more may wait, and one more of this person's.
    pub(crate) fn room(&self, by: UserId, now: Timestamp) -> Result<(), DenialCode> {
        let open = || self.0.values().filter(|known| known.standing(now).is_open());
        let full = open().count() >= APPROVALS_MAX || open().filter(|one| one.by == by).count() >= APPROVALS_OF_ONE_MAX;
        if full { Err(DenialCode::TooManyApprovals) } else { Ok(()) }
    }

    /// The next moment at which the log has to say that one is void.
    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        let due = |known: &Approval| {
            let late = known.standing.is_open().then(|| known.expires.after_ns(1));
            late.or_else(|| known.unsaid.then_some(known.since))
        };
        self.0.values().filter_map(due).min()
    }

    /// Those that are void, which the log has yet to say.
    pub(crate) fn unsaid(&self, now: Timestamp) -> Vec<(ApprovalId, VoidCause)> {
        let cause = |known: &Approval| match known.standing(now) {
            Standing::Void(cause) if known.unsaid || known.standing.is_open() => Some(cause),
            _ => None,
        };
        self.0.iter().filter_map(|(id, known)| cause(known).map(|cause| (*id, cause))).collect()
    }

    pub(crate) fn evolve(&mut self, time: Timestamp, event: &Event) {
        match event {
            Event::ApprovalAsked(e) => self.asked(time, e),
            Event::ApprovalJudged(e) => self.judged(time, e),
            Event::ApprovalVoided(e) => {
                self.stands(e.approval, Standing::Void(e.cause), time);
                if let Some(known) = self.0.get_mut(&e.approval) {
                    known.unsaid = false;
                }
            }
            // A code is known by the step-up it was asked for with, as the request for it is.
            Event::CodeMade(e) => self.stands(ApprovalId(e.code.0), Standing::Done, time),
            _ => {}
        }
    }

    fn asked(&mut self, time: Timestamp, e: &ApprovalAsked) {
        let over: Vec<_> = {
            let mut over: Vec<_> =
                self.0.iter().filter(|(_, known)| !known.standing.is_open() && !known.unsaid).collect();
            over.sort_by_key(|(id, known)| (known.since, **id));
            let more = over.len().saturating_sub(APPROVALS_OVER_MAX);
            over.into_iter().take(more).map(|(id, _)| *id).collect()
        };
        over.iter().for_each(|id| {
            self.0.remove(id);
        });
        let known = Approval {
            by: e.by,
            manage: e.manage,
            command: e.command,
            basis: e.basis,
            asked: time,
            expires: e.expires,
            standing: Standing::Waiting,
            since: time,
            judged: None,
            unsaid: false,
            first: e.first,
            table: e.table.clone().unwrap_or_default(),
        };
        self.0.insert(e.approval, known);
    }

    fn judged(&mut self, time: Timestamp, e: &ApprovalJudged) {
        let Some(known) = self.0.get_mut(&e.judge.approval) else { return };
        known.judged = Some((e.by, e.judge.ground));
        known.since = time;
        known.standing = match (e.judge.approve, e.until) {
            (false, _) => Standing::Refused,
            (true, None) => Standing::Done,
            (true, Some(until)) => {
                known.expires = until;
                Standing::Approved
            }
        };
    }

    fn stands(&mut self, id: ApprovalId, standing: Standing, time: Timestamp) {
        if let Some(known) = self.0.get_mut(&id) {
            (known.standing, known.since) = (standing, time);
        }
    }
}

impl AccessView {
    /// What waits for a second person, and what lately did.
    #[must_use]
    pub const fn approvals(&self) -> &Approvals {
        &self.approvals
    }

    /// True for somebody who is not there yet, and whose creation waits for a second person.
    #[must_use]
    pub fn is_proposed(&self, user: UserId, now: Timestamp) -> bool {
        let creates = |act: &Act| matches!(act, Act::CreateUser { user: named, .. } if *named == user);
        let proposes = |known: &Approval| creates(&known.manage.act) || known.table.iter().any(creates);
        self.approvals.0.values().any(|known| proposes(known) && known.standing(now).is_open())
    }
}

impl State {
    /// What an event changed under a request voids it, even if another turns it back.
    pub(crate) fn void_what_changed(&mut self, time: Timestamp, event: &Event) {
        let concerns = AccessView::is_changed_by(event)
            || matches!(event, Event::LimitSet(_) | Event::PolicySet(_) | Event::RestrictedSet(_));
        if self.access.approvals.0.is_empty() || !concerns {
            return;
        }
        let open = self.access.approvals.0.iter().filter(|(_, known)| known.standing.is_open());
        let void: Vec<_> = open.filter_map(|(id, known)| Some((*id, cause(self, known, time)?))).collect();
        for (id, cause) in void {
            self.access.approvals.stands(id, Standing::Void(cause), time);
            if let Some(known) = self.access.approvals.0.get_mut(&id) {
                known.unsaid = true;
            }
        }
    }
}

/// Why a request is void by what is so now, if it is.
fn cause(state: &State, known: &Approval, now: Timestamp) -> Option<VoidCause> {
    let access = state.access();
    let may = access::may(access, known.by, Permission::UserManage, Object::None) == Access::Allowed;
    // Whoever is locked out of all their devices is locked for a reason: nothing of theirs is approved meanwhile.
    let is_in = access.devices().any(|(_, device)| device.user == known.by && device.is_live());
    // Nor of whose factors somebody else may have had.
    if !may || !is_in || access.is_recovering(known.by, now) {
        return Some(VoidCause::RightLost);
    }
    (basis(state, known.manage.act, &known.table) != known.basis).then_some(VoidCause::Changed)
}

/// Digest of what an act, or every row of a table of acts, is about, as it is now.
pub(crate) fn basis(state: &State, act: Act, table: &[Act]) -> Digest {
    let mut facts = Vec::new();
    facts_of(state, act, &mut facts);
    table.iter().for_each(|row| facts_of(state, *row, &mut facts));
    Digest(Sha256::digest(&facts).into())
}

fn facts_of(state: &State, act: Act, facts: &mut Vec<u8>) {
    let access = state.access();
    match act {
        Act::LockUser { user, .. }
        | Act::SetRole { user, .. }
        | Act::SetComposedRole { user, .. }
        | Act::SetDesk { user, .. }
        | Act::NewCode { user }
        | Act::Recover { user }
        | Act::RequirePassword { user } => {
            cbor::put(&access.user(user), facts);
            for (id, device) in access.devices().filter(|(_, device)| device.user == user) {
                cbor::put(&(id, device), facts);
            }
            for credential in access.credentials().filter_map(|id| access.credential(id)).filter(|c| c.user == user) {
                cbor::put(credential, facts);
            }
            if let Act::SetComposedRole { code, .. } = act {
                cbor::put(&access.composed_role(code), facts);
            }
        }
        Act::SetRights { user, account, .. } => {
            let scope = EntitlementScope::Account(account);
            let known = access.user(user);
            let said = known.and_then(|known| known.entitlements.iter().find(|(of, ..)| *of == scope));
            cbor::put(
                &(known.map(|known| (known.role, known.desk)), said, access.rights_by_desk(user, account)),
                facts,
            );
        }
        Act::UnlockDevice { device } => {
            let known = access.device(device);
            cbor::put(&(known, known.and_then(|known| access.user(known.user))), facts);
        }
        Act::CreateUser { user, desk, .. } => {
            let code = desk.and_then(|desk| state.desk_code(desk));
            cbor::put(&(access.user(user), code), facts);
        }
        Act::SetLimit { account, rule, .. } => {
            cbor::put(&state.books.account(account).and_then(|book| book.limits.of(rule)), facts);
        }
        Act::SetPolicy { policy, role, .. } => cbor::put(&state.limits.policy(policy, role), facts),
        Act::House(act) => house::facts(state, act, facts),
        // Of one person's own word: nothing of it waits.
        Act::SetBan { .. }
        | Act::LiftBan { .. }
        | Act::EndSession { .. }
        | Act::RevokeDevice { .. }
        | Act::ConfirmDevice { .. }
        | Act::Bulk { .. }
        | Act::RefuseDevice { .. } => {}
    }
}

/// True for an act that gives somebody more than they had. What only takes away is one person's to do, at once: a session
/// ended, a person locked, a device taken out or turned away, a limit made tighter. What is sensitive at all is the house's to say: two, either way. A device is let in by whoever has the
/// code for it, which took two to make.
pub(crate) fn takes_two(state: &State, act: Act) -> bool {
    match act {
        // A ban ends by itself, and behind it stand certificate and factors: lifting one gives nobody a right.
        Act::SetBan { .. }
        | Act::LiftBan { .. }
        | Act::EndSession { .. }
        | Act::LockUser { locked: true, .. }
        | Act::RevokeDevice { .. }
        | Act::ConfirmDevice { .. }
        | Act::RefuseDevice { .. } => false,
        Act::LockUser { locked: false, .. }
        | Act::UnlockDevice { .. }
        | Act::SetRole { .. }
        | Act::SetComposedRole { .. }
        | Act::CreateUser { .. }
        | Act::SetDesk { .. }
        | Act::NewCode { .. }
        | Act::Recover { .. }
        | Act::SetRights { .. }
        | Act::SetPolicy { .. }
        // Its rows say for themselves.
        | Act::Bulk { .. }
        | Act::RequirePassword { .. } => true,
        Act::House(act) => house::takes_two(act),
        Act::SetLimit { account, rule, value } => {
            let held = state.books.account(account).and_then(|book| book.limits.of(rule));
            loosens(rule, held, value)
        }
    }
}

/// Whether a limit of an account would let more through than the one before it. The lowest of role and account binds: a
/// first one only adds to what binds, but for the window of equal orders, which is the tighter the longer it is.
const fn loosens(rule: Rule, held: Option<i64>, wanted: Option<i64>) -> bool {
    match (rule, held, wanted) {
        (_, _, None) | (Rule::DuplicateOrder, None, Some(_)) => true,
        (Rule::DuplicateOrder, Some(held), Some(wanted)) => wanted < held,
        (_, None, Some(_)) => false,
        (_, Some(held), Some(wanted)) => wanted > held,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifting_and_raising_loosen_and_a_shorter_window_of_equal_orders_does() {
        for (rule, held, wanted, loose) in [
            (Rule::MaxQuantity, None, Some(5), false),
            (Rule::MaxQuantity, Some(5), Some(4), false),
            (Rule::MaxQuantity, Some(5), Some(6), true),
            (Rule::OrderRate, Some(5), None, true),
            (Rule::DuplicateOrder, None, Some(5), true),
            (Rule::DuplicateOrder, Some(5), Some(4), true),
            (Rule::DuplicateOrder, Some(5), Some(6), false),
        ] {
            assert_eq!(loosens(rule, held, wanted), loose, "{rule} {held:?} {wanted:?}");
        }
    }
}
