//! One session's feed: what it may see of what changed, as far as its queue has room; it must wait for nobody.
//!
//! A full queue only gathers rows, each once; when too many are gathered the session is cut to a gap and a snapshot.
//! A snapshot's rows are as they are when they are sent; what changes meanwhile follows behind its end, so that all of
//! it together gives the state. Until the end its messages say `through` 0: nothing is complete yet.

use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;
use turret_engine::Principal;
use turret_shared::composed::HeldRole;
use turret_shared::ids::{AccountId, EntitlementVersion, Sequence, SessionId};
use turret_shared::wire::feed::{FeedItem, FeedMessage};

use super::rows::Row;
use super::source::Source;
use crate::sequencer::limits::{FEED_PENDING_ROWS_MAX, MESSAGE_BYTES_MAX};

/// What is being sent.
#[derive(Debug)]
enum Phase {
    /// Rows as they change.
    Following,
    /// A snapshot, its rows being sent.
    Snapshot { rows: std::vec::IntoIter<Row>, begun: bool, gap: bool, as_of: Sequence, entitled: EntitlementVersion },
}

/// One session's feed.
#[derive(Debug)]
pub(super) struct Feed {
    principal: Principal,
    sender: Sender<FeedMessage>,
    phase: Phase,
    pending: Vec<Row>,
    /// Accounts whose rows it sees.
    seen: Vec<AccountId>,
    role: Option<HeldRole>,
    /// It has yet to register a security key, or is over, and shows nothing until it is another session.
    blind: bool,
    entitled: EntitlementVersion,
    /// What was told of that last.
    told: Option<EntitlementVersion>,
    sent_through: Option<Sequence>,
}

/// What became of a flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flushed {
    /// Everything is on its way.
    All,
    /// The queue is full; try again soon.
    Part,
    /// The session is gone.
    Gone,
}

impl Feed {
    /// A feed that begins with a snapshot.
    pub(super) fn with_snapshot(principal: Principal, sender: Sender<FeedMessage>, source: &Source<'_>) -> Self {
        let mut feed = Self::following(principal, sender, source, std::iter::empty());
        feed.begin_snapshot(source, false);
        feed
    }

    /// A feed that goes on with these rows.
    pub(super) fn following(
        principal: Principal,
        sender: Sender<FeedMessage>,
        source: &Source<'_>,
        missed: impl Iterator<Item = Row>,
    ) -> Self {
        let (access, user) = (source.state.access(), principal.user);
        let mut feed = Self {
            principal,
            sender,
            phase: Phase::Following,
            pending: Vec::new(),
            seen: source.seen_by(&principal),
            role: access.held_role(user),
            blind: source.state.is_blind(&principal),
            entitled: source.entitled(&principal),
            told: None,
            sent_through: None,
        };
        feed.gather(missed);
        // What a device keeps of a desk has no alerts in it.
        feed.gather(source.alert_rows());
        feed
    }

    /// Whether it is this session's.
    pub(super) fn is_of(&self, session: SessionId) -> bool {
        self.principal.session == session
    }

    /// What changed is not known any more: a gap, then a snapshot.
    pub(super) fn cut(&mut self, source: &Source<'_>) {
        self.begin_snapshot(source, true);
    }

    /// Adds the rows this session may see.
    pub(super) fn gather(&mut self, rows: impl Iterator<Item = Row>) {
        let seen = &self.seen;
        let blind = self.blind;
        let visible = |row: &Row| {
            // Who has yet to register a key hears of their own factors alone.
            let own = !blind || matches!(row, Row::Own(..) | Row::Purge(_));
            own && row.account().is_none_or(|account| seen.binary_search(&account).is_ok())
        };
        self.pending.extend(rows.filter(visible));
        if self.pending.len() > FEED_PENDING_ROWS_MAX {
            self.tidy();
        }
    }

    /// Somebody's rights changed: what is lost is purged before anything else is sent, what is gained is sent whole, and
    /// every account's row says its rights anew. Another role sees other kinds of rows: all begins again.
    pub(super) fn rights_changed(&mut self, source: &Source<'_>) {
        let (access, user) = (source.state.access(), self.principal.user);
        let entitled = source.entitled(&self.principal);
        if entitled == self.entitled {
            return;
        }
        if access.held_role(user) != self.role || source.state.is_blind(&self.principal) != self.blind {
            self.begin_snapshot(source, false);
            return;
        }
        self.entitled = entitled;
        let now = source.seen_by(&self.principal);
        let lost: Vec<AccountId> = self.seen.iter().filter(|a| now.binary_search(a).is_err()).copied().collect();
        let gained: Vec<AccountId> = now.iter().filter(|a| self.seen.binary_search(a).is_err()).copied().collect();
        self.seen = now;
        let is_lost = |row: &Row| row.account().is_some_and(|account| lost.contains(&account));
        self.pending.retain(|row| !is_lost(row));
        if let Phase::Snapshot { rows, .. } = &mut self.phase {
            *rows = rows.as_slice().iter().filter(|row| !is_lost(row)).copied().collect::<Vec<_>>().into_iter();
        }
        self.pending.extend(lost.iter().map(|account| Row::Purge(*account)));
        self.pending.extend(self.seen.iter().map(|account| Row::Account(*account)));
        if !gained.is_empty() {
            let whole = source.all_rows(&self.principal).into_iter();
            self.pending.extend(whole.filter(|row| row.account().is_some_and(|a| gained.contains(&a))));
        }
    }

    fn tidy(&mut self) {
        self.pending.sort_unstable();
        self.pending.dedup();
    }

    /// All of it anew, under the rights there are now: those before may have changed unseen.
    fn begin_snapshot(&mut self, source: &Source<'_>, gap: bool) {
        let (access, user) = (source.state.access(), self.principal.user);
        self.seen = source.seen_by(&self.principal);
        self.role = access.held_role(user);
        self.blind = source.state.is_blind(&self.principal);
        self.entitled = source.entitled(&self.principal);
        self.pending.clear();
        let rows = source.all_rows(&self.principal).into_iter();
        let (as_of, entitled) = (source.through(), self.entitled);
        self.phase = Phase::Snapshot { rows, begun: false, gap, as_of, entitled };
    }

    /// Sends as much as there is room for.
    pub(super) fn flush(&mut self, source: &Source<'_>) -> Flushed {
        if self.sender.is_closed() {
            return Flushed::Gone;
        }
        self.tidy();
        if self.pending.len() > FEED_PENDING_ROWS_MAX {
            self.cut(source);
        }
        while self.has_something() {
            if self.sender.capacity() == 0 {
                return Flushed::Part;
            }
            let message = match self.phase {
                Phase::Snapshot { .. } => self.snapshot_message(source),
                Phase::Following => self.changes_message(source),
            };
            match self.sender.try_send(message) {
                Ok(()) => {}
                // There was room, and nobody else sends.
                Err(TrySendError::Full(_)) => return Flushed::Part,
                Err(TrySendError::Closed(_)) => return Flushed::Gone,
            }
        }
        Flushed::All
    }

    /// A session that resumed and missed nothing still hears how far it is; after that only changes, of its rights too, are
    /// worth a message.
    fn has_something(&self) -> bool {
        matches!(self.phase, Phase::Snapshot { .. })
            || !self.pending.is_empty()
            || self.sent_through.is_none()
            || self.told != Some(self.entitled)
    }

    fn snapshot_message(&mut self, source: &Source<'_>) -> FeedMessage {
        let mut items = Vec::new();
        let Phase::Snapshot { rows, begun, gap, as_of, entitled } = &mut self.phase else {
            return FeedMessage { through: source.through(), items, rights: None };
        };
        if !*begun {
            *begun = true;
            if *gap {
                items.push(FeedItem::Gap);
            }
            items.push(FeedItem::SnapshotBegin);
        }
        let mut bytes = 0_usize;
        while bytes < MESSAGE_BYTES_MAX {
            let Some(row) = rows.next() else {
                items.push(FeedItem::SnapshotEnd);
                // Rights that changed since it began are told once what they gave and took has followed.
                let (through, rights) = (*as_of, Some(*entitled).filter(|then| *then == self.entitled));
                self.phase = Phase::Following;
                self.sent_through = Some(through);
                self.told = rights;
                return FeedMessage { through, items, rights };
            };
            if let Some((item, size)) = source.item(&self.principal, row) {
                items.push(item);
                bytes = bytes.saturating_add(size);
            }
        }
        FeedMessage { through: Sequence(0), items, rights: None }
    }

    fn changes_message(&mut self, source: &Source<'_>) -> FeedMessage {
        let mut items = Vec::new();
        let mut bytes = 0_usize;
        let mut used = 0_usize;
        for row in &self.pending {
            if bytes >= MESSAGE_BYTES_MAX {
                break;
            }
            used = used.saturating_add(1);
            if let Some((item, size)) = source.item(&self.principal, *row) {
                items.push(item);
                bytes = bytes.saturating_add(size);
            }
        }
        self.pending.drain(..used);
        // Only the last message of a flush has all of it.
        let whole = self.pending.is_empty();
        let through = if whole { source.through() } else { self.sent_through.unwrap_or_default() };
        self.sent_through = Some(through);
        let rights = whole.then_some(self.entitled);
        self.told = rights.or(self.told);
        FeedMessage { through, items, rights }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use turret_engine::State;
    use turret_shared::account::{Account, OrderCapacity, Rights};
    use turret_shared::digest::Digest;
    use turret_shared::entry::{Actor, Head, Origin};
    use turret_shared::event::Event;
    use turret_shared::event::session::SignedIn;
    use turret_shared::event::setup::{
        AccountOpened, DeskOpened, EntitlementScope, EntitlementSet, RoleSet, UserCreated,
    };
    use turret_shared::ids::{CorrelationId, CredentialId, DeskId, DeviceId, OrderId, UserId};
    use turret_shared::money::Currency;
    use turret_shared::role::Role;
    use turret_shared::secret::SecretKey;
    use turret_shared::time::Timestamp;

    use super::*;
    use crate::replica::names::Names;
    use crate::replica::texts::Texts;
    use crate::vault::Vault;

    const USER: UserId = UserId(1);
    const DESK: DeskId = DeskId(1);
    const ACCOUNT: AccountId = AccountId(1);

    fn fold(state: &mut State, event: Event) {
        let origin = Origin::of(Actor::Operator, CorrelationId(0));
        let head = Head { sequence: state.next_sequence(), time: Timestamp(0), origin };
        state.evolve(&head, &event);
    }

    fn allow(state: &mut State, allow: Rights) {
        let scope = EntitlementScope::Desk(DESK);
        fold(state, Event::EntitlementSet(EntitlementSet { user: USER, scope, allow, deny: Rights::default() }));
    }

    /// What a source needs besides the state.
    struct Beside {
        names: Names,
        texts: Texts,
        commitments: BTreeMap<OrderId, Digest>,
    }

    impl Beside {
        fn of<'a>(&'a self, state: &'a State) -> Source<'a> {
            Source { state, names: &self.names, texts: &self.texts, commitments: &self.commitments }
        }
    }

    #[test]
    fn rights_that_come_back_after_a_missed_change_take_away_what_the_change_gave() {
        let dir = tempfile::tempdir().unwrap();
        let (key, pepper) = (SecretKey::new([1; 32]), SecretKey::new([2; 32]));
        let vault = Vault::open(&dir.path().join("vault.db"), &key, &pepper, crate::random::system).unwrap();
        let beside =
            Beside { names: Names::default(), texts: Texts::new(Arc::new(vault)), commitments: BTreeMap::new() };
        let mut state = State::new();
        let (desk, currency, capacity) = (DESK, Currency::USD, OrderCapacity::Agency);
        let account = Account { id: ACCOUNT, code: "A1".into(), desk, currency, capacity };
        fold(&mut state, Event::DeskOpened(DeskOpened { desk, code: "D1".into() }));
        fold(&mut state, Event::AccountOpened(AccountOpened { account }));
        fold(&mut state, Event::UserCreated(UserCreated { user: USER, desk: Some(desk) }));
        fold(&mut state, Event::RoleSet(RoleSet { user: USER, role: Some(Role::Broker) }));
        allow(&mut state, Rights::default());

        let (sender, _receiver) = tokio::sync::mpsc::channel(1);
        let (device, session) = (DeviceId(1), SessionId(state.next_sequence().0));
        let (credential, token) = (CredentialId(1), Digest([0; 32]));
        fold(&mut state, Event::SignedIn(SignedIn { user: USER, device, credential, token, script: false }));
        let principal = Principal { user: USER, device, session, source: None };
        let mut feed = Feed::following(principal, sender, &beside.of(&state), std::iter::empty());
        // In a batch that was missed.
        allow(&mut state, Rights::VIEW);
        feed.cut(&beside.of(&state));
        assert_eq!(feed.seen, [ACCOUNT]);
        allow(&mut state, Rights::default());
        feed.rights_changed(&beside.of(&state));
        assert_eq!(feed.seen, []);
        assert_eq!(feed.pending, [Row::Purge(ACCOUNT)]);
    }
}
