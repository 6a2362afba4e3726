//! The crash loop in one process: the same load, the same ledger and the same checker, over a core that may be faulty.

use std::collections::BTreeMap;
use std::time::Duration;

use tempfile::TempDir;
use tokio::task::JoinSet;
use turret_engine::{ClientInput, Factor, Input, Principal, SessionInput, State};
use turret_server::clock::Clock;
use turret_server::sequencer::commit::Commits;
use turret_server::sequencer::disk::DiskReserve;
use turret_server::sequencer::inbox::Inbox;
use turret_server::sequencer::setup;
use turret_server::store::Store;
use turret_server::store::sqlcipher::{SqlStore, Tuning};
use turret_shared::account::{Account, OrderCapacity, Rights};
use turret_shared::command::{Command, Environment};
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::setup::{
    AccountOpened, CashMoved, CredentialActivated, CredentialKind, DeskOpened, DeviceRegistered, EntitlementScope,
    EntitlementSet, Genesis, InstrumentListed, PositionOpened, RoleSet, UserCreated,
};
use turret_shared::ids::{AccountId, CorrelationId, CredentialId, DeskId, DeviceId, SessionId, UserId};
use turret_shared::instrument::Instrument;
use turret_shared::money::{Currency, Money, Price, Qty};
use turret_shared::role::Role;
use turret_shared::secret::SecretKey;

use super::core::{Core, Faults};
use super::exchange::Exchange;
use super::mortal_store::{Death, Platter};
use super::still_clock::StillClock;
use crate::crash::checker::{Finding, check, folded, is_at_rest};
use crate::crash::dice::Dice;
use crate::crash::evidence::{Broken, Evidence};
use crate::crash::ledger::{Ledger, Told};
use crate::crash::orders::{Orders, Touch};

/// Lives of the core, the last of which ends in good order.
const LIVES: u64 = 6;
/// Commands of one life at most.
const COMMANDS: u64 = 400;
/// Commands under way at once.
const IN_FLIGHT: usize = 12;
/// Looks at whether everything is at rest, and milliseconds between two.
const LOOKS: u32 = 60;
/// See [`LOOKS`].
const LOOK_MS: u64 = 25;
const USER: UserId = UserId(1);
const DEVICE: DeviceId = DeviceId(1);
const PASSWORD: CredentialId = CredentialId(1);
const TOTP: CredentialId = CredentialId(2);
const SYMBOLS: [&str; 3] = ["AAPL", "MSFT", "PFE"];
const ACCOUNTS: [(AccountId, &str); 3] = [(AccountId(1), "A1001"), (AccountId(2), "A1002"), (AccountId(3), "A1003")];

/// A desk of one broker with its log, its exchange and what it was told.
pub struct Bench {
    dir: TempDir,
    key: SecretKey,
    exchange: Exchange,
    faults: Faults,
    dice: Dice,
    orders: Orders,
    ledger: Ledger,
    session: Option<SessionId>,
    answers: JoinSet<(String, Told)>,
}

impl Bench {
    /// A fresh one.
    ///
    /// # Errors
    /// When the log cannot be made.
    pub fn make(faults: Faults, seed: u64) -> Result<Self, Broken> {
        let listings: Vec<Instrument> = turret_server::listings::listings()
            .into_iter()
            .filter(|one| SYMBOLS.contains(&one.symbol.as_str()))
            .collect();
        let mut orders = Orders::new(seed, format!("B{seed}"));
        orders.watch(listings.iter().map(touch).collect());
        let references: BTreeMap<_, _> = listings.iter().map(|one| (one.id, one.reference)).collect();
        let bench = Self {
            dir: tempfile::Builder::new().prefix("turret-bench-").tempdir()?,
            key: SecretKey::new([3; 32]),
            exchange: Exchange::new(references),
            faults,
            dice: Dice::new(seed ^ 0xbe7c),
            orders,
            ledger: Ledger::default(),
            session: None,
            answers: JoinSet::new(),
        };
        std::fs::create_dir(&bench.platter().folder)?;
        bench.set_up(&listings)?;
        Ok(bench)
    }

    fn platter(&self) -> Platter {
        Platter { log: self.dir.path().join("log.db"), folder: self.dir.path().join("platter") }
    }

    fn set_up(&self, listings: &[Instrument]) -> Result<(), Broken> {
        let store = SqlStore::open(&self.platter().log, &self.key, Tuning::default())?;
        let reader = store.reader()?;
        let mut commits = Commits::new(Box::new(store), reader);
        let mut reserve = DiskReserve::lay(self.dir.path().join("reserve"), 0);
        Ok(setup::record(&mut State::new(), &mut commits, &mut reserve, StillClock.wall(), facts(listings))?)
    }

    /// Lives, dies, lives again, and is judged.
    ///
    /// # Errors
    /// When the bench itself cannot go on.
    pub async fn run(mut self) -> Result<Vec<Finding>, Broken> {
        for life in 1..=LIVES {
            let last = life == LIVES;
            let death = Death { after: self.dice.between(3, 20), committed: life % 2 == 1 };
            let death = (!last).then_some(death);
            let core = Core::start(&self.platter(), &self.key, &self.exchange, self.faults, death)?;
            self.live(&core).await?;
            if last {
                self.rest().await?;
            }
            core.end()?;
            while self.one_answer().await {}
        }
        let evidence = self.evidence()?;
        Ok(check(&evidence, &self.ledger, true))
    }

    async fn live(&mut self, core: &Core) -> Result<(), Broken> {
        if self.session.is_none() {
            self.session = sign_in(&core.inbox).await;
        }
        for (id, bytes) in self.ledger.take_open() {
            self.submit(core, id, &bytes);
        }
        let mut sent = 0;
        while sent < COMMANDS && !core.is_dead() {
            if self.answers.len() < IN_FLIGHT {
                let command = self.orders.command(StillClock.wall())?;
                if let Some(id) = self.ledger.send(&command) {
                    self.submit(core, id, &command.to_bytes());
                }
                sent += 1;
            } else {
                self.one_answer().await;
            }
        }
        while self.one_answer().await {}
        Ok(())
    }

    fn submit(&mut self, core: &Core, id: String, bytes: &[u8]) {
        let Some(session) = self.session else { return };
        let Ok(command) = Command::from_bytes(bytes) else { return };
        let principal = Principal { user: USER, device: DEVICE, session, source: None };
        let input = ClientInput::new(principal, CorrelationId(9), bytes, command, None);
        let inbox = core.inbox.clone();
        self.answers.spawn(async move {
            let decided = inbox.decided(Input::Client(Box::new(input))).await.ok();
            // Whether it was decided before the end nobody says: in doubt.
            let told = decided.and_then(|decided| decided.outcome).map_or(Told::InDoubt, Told::Answer);
            (id, told)
        });
    }

    async fn one_answer(&mut self) -> bool {
        match self.answers.join_next().await {
            Some(Ok((id, told))) => {
                if let Told::Answer(outcome) = &told {
                    self.orders.hear(outcome);
                }
                self.ledger.hear(&id, told);
                true
            }
            Some(Err(_)) => true,
            None => false,
        }
    }

    /// Waits until nothing is under way, or until it is plain that something always will be.
    async fn rest(&self) -> Result<(), Broken> {
        for _ in 0..LOOKS {
            let evidence = self.evidence()?;
            if is_at_rest(&evidence, &folded(&evidence)) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        }
        Ok(())
    }

    fn evidence(&self) -> Result<Evidence, Broken> {
        let mut evidence = Evidence::new(self.platter().log, self.key.clone());
        evidence.read_log()?;
        evidence.reports = self.exchange.reports_after(0);
        Ok(evidence)
    }
}

async fn sign_in(inbox: &Inbox) -> Option<SessionId> {
    let input = Input::Session(SessionInput::SignIn {
        user: USER,
        device: DEVICE,
        credential: TOTP,
        factor: Factor::Step(1),
        password: 1,
        token: Digest([7; 32]),
        script: false,
        source: None,
        correlation: CorrelationId(1),
    });
    inbox.decided(input).await.ok()?.session?.ok()
}

/// Half a thousandth around the reference, on the tick.
fn touch(listing: &Instrument) -> Touch {
    let tick = listing.tick.0.max(1);
    let on_tick = |price: i64| Price(price / tick * tick);
    Touch {
        symbol: listing.symbol.clone(),
        bid: on_tick(listing.reference.0 - listing.reference.0 / 2_000),
        ask: on_tick(listing.reference.0 + listing.reference.0 / 2_000),
        tick: listing.tick,
    }
}

fn facts(listings: &[Instrument]) -> Vec<Event> {
    let desk = DeskId(1);
    let mut facts = vec![
        Event::Genesis(Genesis {
            origin: "bench".to_owned(),
            environment: Environment::Sim,
            seed: Digest([1; 32]),
            demo: false,
        }),
        Event::DeskOpened(DeskOpened { desk, code: "EQ1".to_owned() }),
    ];
    facts.extend(listings.iter().map(|one| Event::InstrumentListed(InstrumentListed { instrument: one.clone() })));
    for (id, code) in ACCOUNTS {
        let (currency, capacity) = (Currency::USD, OrderCapacity::Agency);
        let account = Account { id, code: code.to_owned(), desk, currency, capacity };
        facts.push(Event::AccountOpened(AccountOpened { account }));
    }
    let trade = Rights::VIEW.with(Rights::TRADE);
    let scope = EntitlementScope::Desk(desk);
    facts.push(Event::UserCreated(UserCreated { user: USER, desk: Some(desk) }));
    facts.push(Event::RoleSet(RoleSet { user: USER, role: Some(Role::Broker) }));
    facts.push(Event::EntitlementSet(EntitlementSet { user: USER, scope, allow: trade, deny: Rights::default() }));
    for (account, _) in ACCOUNTS {
        facts.push(Event::CashMoved(CashMoved { account, amount: Money(10_000_000_000_000) }));
        facts.extend(listings.iter().map(|one| {
            let (instrument, qty) = (one.id, Qty(1_000_000_000));
            Event::PositionOpened(PositionOpened { account, instrument, qty, avg_cost: one.reference })
        }));
    }
    facts.push(Event::DeviceRegistered(DeviceRegistered { device: DEVICE, user: USER, key: Digest([2; 32]) }));
    for (credential, kind) in [(PASSWORD, CredentialKind::Password), (TOTP, CredentialKind::Totp)] {
        facts.push(Event::CredentialActivated(CredentialActivated { credential, user: USER, kind, version: 1 }));
    }
    facts
}
