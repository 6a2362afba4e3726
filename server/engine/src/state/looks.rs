//! Looking at the state: places, sessions, codes, deadlines; it must change nothing.

use alloc::vec::Vec;

use turret_shared::denial::{Denial, DenialCode};
use turret_shared::event::setup::Policy;
use turret_shared::ids::{AccountId, CredentialId, DeskId, InstrumentId, OrderId, Sequence, SessionId, UserId};
use turret_shared::instrument::Instrument;
use turret_shared::money::Money;
use turret_shared::role::Role;
use turret_shared::time::Timestamp;
use turret_shared::wire::control::SessionEnd;

use super::books::AccountBook;
use super::orders::Awaited;
use super::{Deployment, Session, State, in_doubt_ns, order};
use crate::access::AccessView;
use crate::decide::words;
use crate::input::Principal;

impl State {
    /// Before any event.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Alerts of surveillance.
    #[must_use]
    pub const fn alerts(&self) -> &crate::alerts::Alerts {
        &self.alerts
    }

    /// The last entry folded.
    #[must_use]
    pub const fn through(&self) -> Option<Sequence> {
        self.through
    }

    /// Where the next entry stands.
    #[must_use]
    pub const fn next_sequence(&self) -> Sequence {
        match self.through {
            Some(last) => Sequence(last.0.saturating_add(1)),
            None => Sequence(0),
        }
    }

    /// Time of the last entry folded.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// What the genesis said.
    #[must_use]
    pub const fn deployment(&self) -> Option<&Deployment> {
        self.deployment.as_ref()
    }

    /// Who may do what.
    #[must_use]
    pub const fn access(&self) -> &AccessView {
        &self.access
    }

    /// The venue's last fact recorded: ask for those after it.
    #[must_use]
    pub const fn venue_sequence(&self) -> u64 {
        self.venue.last
    }

    /// The link to the venue is up.
    #[must_use]
    pub const fn venue_link(&self) -> bool {
        self.venue.link
    }

    /// The venue's session is open.
    #[must_use]
    pub const fn venue_open(&self) -> bool {
        self.venue.open
    }

    /// Orders ever recorded, denied ones included.
    #[must_use]
    pub fn order_count(&self) -> usize {
        self.orders.len()
    }

    /// The live session.
    #[must_use]
    pub fn session(&self, session: SessionId) -> Option<&Session> {
        self.sessions.live.get(&session)
    }

    /// Every live session.
    pub fn sessions(&self) -> impl Iterator<Item = (SessionId, &Session)> {
        self.sessions.live.iter().map(|(id, session)| (*id, session))
    }

    /// A policy's figure for a role, where there is one.
    #[must_use]
    pub fn policy(&self, policy: Policy, role: Role) -> Option<i64> {
        self.limits.policy(policy, role)
    }

    /// True for somebody whose role takes a security key in place of a code.
    #[must_use]
    pub fn wants_key(&self, user: UserId) -> bool {
        self.access.wants_key(user)
    }

    /// True for this person's session on this device, from the entry it began with until the one that ended it.
    #[must_use]
    pub fn is_live(&self, principal: &Principal) -> bool {
        self.live_session(principal).is_some()
    }

    /// True for a session that is shown nothing but what is its own: one that is not live, and one without its key.
    #[must_use]
    pub fn is_blind(&self, principal: &Principal) -> bool {
        !self.is_live(principal) || self.lacks_key(principal)
    }

    /// True for a live session that has yet to register the key its role takes ([`AccessView::lacks_key`]).
    #[must_use]
    pub fn lacks_key(&self, principal: &Principal) -> bool {
        let opened_by = self.live_session(principal).map(|live| live.credential);
        opened_by.is_some_and(|credential| self.access.lacks_key(principal.user, credential))
    }

    /// How a person's last session ended.
    #[must_use]
    pub fn last_end(&self, user: UserId) -> Option<SessionEnd> {
        self.sessions.last_end.get(&user).copied()
    }

    /// The last step spent of a time-based credential.
    #[must_use]
    pub fn spent_step(&self, credential: CredentialId) -> Option<u64> {
        self.sessions.spent.get(&credential).copied()
    }

    /// The last counter a security key showed.
    #[must_use]
    pub fn key_counter(&self, credential: CredentialId) -> Option<u32> {
        self.sessions.counters.get(&credential).copied()
    }

    /// The clock jumped and nobody has said it is right: no proof counts.
    #[must_use]
    pub const fn clock_stepped(&self) -> bool {
        self.sessions.clock_stepped
    }

    /// The desk's code.
    #[must_use]
    pub fn desk_code(&self, desk: DeskId) -> Option<&str> {
        self.books.desk(desk)
    }

    /// The account's code.
    #[must_use]
    pub fn account_code(&self, account: AccountId) -> Option<&str> {
        self.books.account(account).map(|book| book.info.code.as_str())
    }

    /// An account's cash.
    #[must_use]
    pub fn cash(&self, account: AccountId) -> Option<Money> {
        self.books.account(account).map(AccountBook::cash)
    }

    /// The account of a code.
    #[must_use]
    pub fn account_by_code(&self, code: &str) -> Option<AccountId> {
        self.books.account_by_code(code)
    }

    /// The listing.
    #[must_use]
    pub fn instrument(&self, instrument: InstrumentId) -> Option<&Instrument> {
        self.books.listing(instrument).map(|listing| &listing.info)
    }

    /// The listing of a symbol.
    #[must_use]
    pub fn instrument_by_symbol(&self, symbol: &str) -> Option<InstrumentId> {
        self.books.instrument_by_symbol(symbol)
    }

    /// Every listing.
    pub fn instruments(&self) -> impl Iterator<Item = &Instrument> {
        self.books.listings.iter().flatten().map(|listing| &listing.info)
    }

    /// The account an order belongs to.
    #[must_use]
    pub fn account_of(&self, order: OrderId) -> Option<AccountId> {
        self.orders.find(order).map(|(_, order)| order.account)
    }

    /// When a [`crate::Input::Timer`] is due: an answer of the venue is overdue then, a request for a second person is
    /// void, or rights end that were given for a time. No answer is waited for while the link is down: what waits then goes out, again if need be, when the link comes
    /// up, and is waited for from that moment.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let first = self.venue.link.then(|| self.orders.waiting().next()).flatten();
        let answer = first.map(|awaited| self.due(awaited));
        let rights = self.access.timed.values().map(|timed| timed.until).min();
        [answer, rights, self.access.approvals.next_deadline(), self.held_deadline()].into_iter().flatten().min()
    }

    /// When the answer to a request is overdue.
    pub(crate) fn due(&self, awaited: &Awaited) -> Timestamp {
        awaited.since.max(self.venue.up_since).after_ns(in_doubt_ns())
    }

    /// The session of a principal, if it is live and theirs.
    pub(crate) fn live_session(&self, principal: &Principal) -> Option<&Session> {
        self.session(principal.session).filter(|s| s.user == principal.user && s.device == principal.device)
    }

    /// Users, devices and accounts change rarely; this is a copy to publish.
    #[must_use]
    pub fn access_copy(&self) -> AccessView {
        self.access.clone()
    }

    /// Our no to the order at a place, without its figures when it is long ago; `None` for an order that was taken.
    pub(crate) fn denial_at(&self, place: u32) -> Option<Denial> {
        let denied = self.orders.at(place).is_some_and(|order| order.flags.any(order::Flags::DENIED));
        denied.then(|| self.denials.get(&place).cloned().unwrap_or_else(|| words::denial(DenialCode::Risk)))
    }

    /// Places of open orders, oldest first.
    pub(crate) fn open_orders(&self) -> Vec<u32> {
        self.orders.open()
    }
}
