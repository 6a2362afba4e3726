//! A desk of one broker and one account, its core running on threads of this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use tokio::sync::watch;
use turret_engine::{ClientInput, Factor, Input, Principal, SessionInput, State};
use turret_server::quotes::QuoteHub;
use turret_server::replica::handle::{FeedHub, Work};
use turret_server::sequencer::commit::{CommitError, Commits};
use turret_server::sequencer::disk::DiskReserve;
use turret_server::sequencer::inbox::{Inbox, inbox};
use turret_server::sequencer::mailbox::{MailboxReceiver, MailboxSender, mailbox};
use turret_server::sequencer::release::{Access, Outlets, SessionControl};
use turret_server::sequencer::reply::Decided;
use turret_server::sequencer::setup;
use turret_server::sequencer::writer::{Parts, Writer};
use turret_server::store::Store;
use turret_shared::account::{Account, OrderCapacity, Rights};
use turret_shared::command::{COMMAND_SCHEMA, CancelOrder, Command, Environment, NewOrder, Verb};
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::setup::{
    AccountOpened, CashMoved, CredentialActivated, CredentialKind, DeskOpened, DeviceRegistered, EntitlementScope,
    EntitlementSet, Genesis, InstrumentListed, RoleSet, UserCreated,
};
use turret_shared::ids::{
    AccountId, ClOrdId, CorrelationId, CredentialId, DeskId, DeviceId, OrderId, SessionId, UserId,
};
use turret_shared::money::{Currency, Money, Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::role::Role;
use turret_shared::time::Timestamp;

use super::doubles::{ListeningVenue, ManualClock, MemoryStore};

/// Any moment after 2026 began.
pub(crate) const START_NS: i64 = 1_770_000_000_000_000_000;
const USER: UserId = UserId(1);
const DEVICE: DeviceId = DeviceId(1);
const PASSWORD: CredentialId = CredentialId(1);
const TOTP: CredentialId = CredentialId(2);

/// The core at work.
pub(crate) struct Desk {
    pub(crate) store: MemoryStore,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) venue: ListeningVenue,
    pub(crate) inbox: Inbox,
    pub(crate) feeds: FeedHub,
    pub(crate) work: Option<MailboxReceiver<Work>>,
    work_out: MailboxSender<Work>,
    pub(crate) durable: watch::Receiver<u64>,
    pub(crate) principal: Principal,
    pub(crate) quotes: QuoteHub,
    stop: Arc<AtomicBool>,
    writer: Option<JoinHandle<Result<(), CommitError>>>,
    next: u32,
    _access: Access,
    _ended: SessionControl,
}

impl Desk {
    /// Set up, signed in, with a disk reserve that is really laid.
    pub(crate) async fn open() -> Self {
        let store = MemoryStore::new();
        let clock = Arc::new(ManualClock::at(START_NS));
        let mut state = State::new();
        let reader = store.reader().unwrap();
        let mut commits = Commits::new(Box::new(store.clone()), reader);
        let folder = tempfile::tempdir().unwrap();
        let mut reserve = DiskReserve::lay(folder.keep().join("reserve"), 1);
        setup::record(&mut state, &mut commits, &mut reserve, Timestamp(START_NS), facts()).unwrap();

        let (inbox, submissions) = inbox();
        let (work_out, work) = mailbox(1_024);
        let (access_out, access) = Access::new(state.access_copy());
        let (ended_out, ended) = SessionControl::new();
        let (durable_out, durable) = watch::channel(store.size() as u64);
        let venue = ListeningVenue::new(&store);
        let outlets = Outlets::new(work_out.clone(), access_out, ended_out, Arc::new(venue.clone()), durable_out);
        let stop = Arc::new(AtomicBool::new(false));
        let quotes = QuoteHub::new();
        let writer = Writer::start(Parts {
            last: state.now(),
            state,
            commits,
            inbox: submissions,
            outlets,
            quotes: quotes.clone(),
            clock: clock.clone(),
            reserve,
            stop: stop.clone(),
        })
        .unwrap();
        let writer = Some(std::thread::spawn(move || writer.run()));
        let principal = Principal { user: USER, device: DEVICE, session: SessionId(0), source: None };
        let mut desk = Self {
            store,
            clock,
            venue,
            inbox,
            feeds: FeedHub::new(work_out.clone()),
            work_out,
            work: Some(work),
            durable,
            principal,
            quotes,
            stop,
            writer,
            next: 0,
            _access: access,
            _ended: ended,
        };
        desk.sign_in(1).await;
        desk
    }

    /// Its one person signs in, with the code of this step; from then on the desk's session is theirs.
    pub(crate) async fn sign_in(&mut self, step: u64) {
        let input = Input::Session(SessionInput::SignIn {
            user: USER,
            device: DEVICE,
            credential: TOTP,
            factor: Factor::Step(step),
            password: 1,
            token: Digest([7; 32]),
            script: false,
            source: None,
            correlation: CorrelationId(1),
        });
        let decided = self.inbox.decided(input).await.unwrap();
        self.principal.session = decided.session.unwrap().unwrap();
    }

    pub(crate) async fn send(&mut self, verb: Verb) -> Option<Decided> {
        self.inbox.decided(self.input(verb)).await.ok()
    }

    pub(crate) fn input(&self, verb: Verb) -> Input {
        let command = Command {
            schema: COMMAND_SCHEMA,
            environment: Environment::Sim,
            expires: Timestamp(START_NS + 3_600_000_000_000),
            verb,
        };
        let bytes = command.to_bytes();
        Input::Client(Box::new(ClientInput::new(self.principal, CorrelationId(9), &bytes, command, None)))
    }

    pub(crate) fn buy(&mut self, qty: i64) -> Verb {
        self.next += 1;
        Verb::OrderNew(NewOrder {
            cl_ord_id: ClOrdId::new(&format!("c{}", self.next)).unwrap(),
            account: "A1".into(),
            symbol: "AAPL".into(),
            side: Side::Buy,
            qty: Qty(qty * 1_000_000),
            ord_type: OrdType::Limit,
            price: Some(Price(189_000_000_000)),
            stop_px: None,
            tif: TimeInForce::Day,
            confirmed: true,
            text: String::new(),
            saw: None,
        })
    }

    pub(crate) fn cancel(&mut self, order: OrderId) -> Verb {
        self.next += 1;
        Verb::OrderCancel(CancelOrder { cl_ord_id: ClOrdId::new(&format!("c{}", self.next)).unwrap(), order })
    }

    /// Has the replica write its snapshot and end.
    pub(crate) fn stop_replica(&self) -> bool {
        self.work_out.put_waiting(Work::Stop).is_ok()
    }

    /// Ends the writer; what it says.
    pub(crate) fn end(&mut self) -> Result<(), CommitError> {
        self.stop.store(true, Ordering::Release);
        self.writer.take().unwrap().join().unwrap()
    }
}

fn facts() -> Vec<Event> {
    let listing = turret_server::listings::listings().into_iter().find(|one| one.symbol == "AAPL").unwrap();
    let desk = DeskId(1);
    let account =
        Account { id: AccountId(1), code: "A1".into(), desk, currency: Currency::USD, capacity: OrderCapacity::Agency };
    let trade = Rights::VIEW.with(Rights::TRADE);
    let credential =
        |credential, kind| Event::CredentialActivated(CredentialActivated { credential, user: USER, kind, version: 1 });
    vec![
        Event::Genesis(Genesis {
            origin: "test".into(),
            environment: Environment::Sim,
            seed: Digest([1; 32]),
            demo: false,
        }),
        Event::DeskOpened(DeskOpened { desk, code: "D1".into() }),
        Event::InstrumentListed(InstrumentListed { instrument: listing }),
        Event::AccountOpened(AccountOpened { account }),
        Event::UserCreated(UserCreated { user: USER, desk: Some(desk) }),
        Event::RoleSet(RoleSet { user: USER, role: Some(Role::Broker) }),
        Event::EntitlementSet(EntitlementSet {
            user: USER,
            scope: EntitlementScope::Desk(desk),
            allow: trade,
            deny: Rights::default(),
        }),
        Event::CashMoved(CashMoved { account: AccountId(1), amount: Money(10_000_000_000_000) }),
        Event::DeviceRegistered(DeviceRegistered { device: DEVICE, user: USER, key: Digest([2; 32]) }),
        credential(PASSWORD, CredentialKind::Password),
        credential(TOTP, CredentialKind::Totp),
    ]
}
