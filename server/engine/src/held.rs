//! Orders that wait for a second person: reserved and told of, but sent to nobody; it must judge none.

use alloc::collections::BTreeMap;

use minicbor::{Decode, Encode};
use turret_shared::approval::{FirstProof, Ground, Standing, VoidCause};
use turret_shared::denial::DenialCode;
use turret_shared::digest::Digest;
use turret_shared::ids::{AccountId, ApprovalId, OrderId, UserId};
use turret_shared::limits::{APPROVALS_MAX, APPROVALS_OF_ONE_MAX, APPROVALS_OVER_MAX};
use turret_shared::role::Permission;
use turret_shared::time::Timestamp;

use crate::State;
use crate::access::{self, Access, Object};

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Held {
    #[n(0)]
    pub(crate) order: OrderId,
    /// Who entered it.
    #[n(1)]
    pub(crate) by: UserId,
    #[n(2)]
    pub(crate) account: AccountId,
    /// Digest of the command they proved.
    #[n(3)]
    pub(crate) command: Digest,
    /// Soft rules were confirmed.
    #[n(4)]
    pub(crate) confirmed: bool,
    #[n(5)]
    pub(crate) asked: Timestamp,
    /// Void after this.
    #[n(6)]
    pub(crate) expires: Timestamp,
    #[n(7)]
    pub(crate) standing: Standing,
    /// Since when it stands so.
    #[n(8)]
    pub(crate) since: Timestamp,
    /// Who judged it, and why so.
    #[n(9)]
    pub(crate) judged: Option<(UserId, Ground)>,
    /// The proof its author gave, which a word on it must name.
    #[n(10)]
    pub(crate) first: Option<FirstProof>,
}

/// All of them, those lately over too, by the number of the step-up their author answered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(transparent)]
pub(crate) struct HeldOrders(#[n(0)] BTreeMap<ApprovalId, Held>);

impl HeldOrders {
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = (ApprovalId, &Held)> {
        self.0.iter().map(|(id, held)| (*id, held))
    }

    pub(crate) fn knows(&self, id: ApprovalId) -> bool {
        self.0.contains_key(&id)
    }

    /// One that waits.
    pub(crate) fn waiting(&self, id: ApprovalId, now: Timestamp) -> Option<&Held> {
        self.0.get(&id).filter(|held| held.standing == Standing::Waiting && held.expires >= now)
    }

    /// Under what number an order waits.
    pub(crate) fn of(&self, order: OrderId) -> Option<ApprovalId> {
        let found = self.0.iter().find(|(_, held)| held.order == order && held.standing == Standing::Waiting);
        found.map(|(id, _)| *id)
    }

    /// One more may wait, and one more of this person's.
    pub(crate) fn room(&self, by: UserId) -> Result<(), DenialCode> {
        let open = || self.0.values().filter(|held| held.standing == Standing::Waiting);
        let full =
            open().count() >= APPROVALS_MAX || open().filter(|held| held.by == by).count() >= APPROVALS_OF_ONE_MAX;
        if full { Err(DenialCode::TooManyApprovals) } else { Ok(()) }
    }

    pub(crate) fn hold(&mut self, id: ApprovalId, held: Held) {
        let over = self.0.iter().filter(|(_, held)| held.standing != Standing::Waiting);
        if over.clone().count() > APPROVALS_OVER_MAX
            && let Some((oldest, _)) =
                over.min_by_key(|(id, held)| (held.since, **id)).map(|(id, held)| (*id, held.since))
        {
            self.0.remove(&oldest);
        }
        self.0.insert(id, held);
    }

    /// How one that waited stands from now on; itself as it was.
    pub(crate) fn stands(
        &mut self,
        id: ApprovalId,
        standing: Standing,
        judged: Option<(UserId, Ground)>,
        now: Timestamp,
    ) -> Option<Held> {
        let held = self.0.get_mut(&id).filter(|held| held.standing == Standing::Waiting)?;
        let before = *held;
        (held.standing, held.judged, held.since) = (standing, judged, now);
        Some(before)
    }
}

impl State {
    /// Why an order can wait no longer, by what is so at `now`.
    pub(crate) fn held_void(&self, held: &Held, now: Timestamp) -> Option<VoidCause> {
        let access = self.access();
        let may = access::may(access, held.by, Permission::OrderEnter, Object::Account(held.account));
        let is_in = access.devices().any(|(_, device)| device.user == held.by && device.is_live());
        if may != Access::Allowed || !is_in {
            Some(VoidCause::RightLost)
        } else if !self.venue_open() {
            Some(VoidCause::Denied)
        } else if held.expires < now {
            Some(VoidCause::Expired)
        } else {
            None
        }
    }

    /// The next moment at which the log has to say that an order waits no more.
    pub(crate) fn held_deadline(&self) -> Option<Timestamp> {
        let waiting = self.held.0.values().filter(|held| held.standing == Standing::Waiting);
        let due = |held: &Held| match self.held_void(held, self.now) {
            Some(_) => self.now,
            None => held.expires.after_ns(1),
        };
        waiting.map(due).min()
    }
}
