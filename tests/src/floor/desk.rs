//! One engine driven by hand: every input decided, folded and logged in order, under a clock that only moves when told.

use std::collections::BTreeMap;

use turret_engine::{
    ClientInput, Decision, Factor, Input, Market, MarketPrice, NotProven, Principal, ProofInput, SessionInput, Stamp,
    State, Verdict,
};
use turret_shared::approval::{Ground, Judge, Request};
use turret_shared::command::{AmendOrder, COMMAND_SCHEMA, CancelOrder, Command, Environment, NewOrder, Verb};
use turret_shared::digest::Digest;
use turret_shared::entry::{self, Actor, Entry, Head, Origin};
use turret_shared::event::Event;
use turret_shared::event::alert::{AlertAnswer, AlertRaised, AlertRule};
use turret_shared::event::ops::{BadInput, BadInputStage, BanSet};
use turret_shared::event::session::ProofFault;
use turret_shared::event::setup::CredentialKind;
use turret_shared::ids::{
    ApprovalId, BanId, ClOrdId, CorrelationId, InstrumentId, OrderId, PendingId, Sequence, SessionId, UserId,
};
use turret_shared::manage::Manage;
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::venue::{Report, ReportKind, Route, VenueClOrdId, VenueExecId};
use turret_shared::view::OrderView;

use super::seed::{self, device_of, px, qty};

/// A desk in memory.
#[derive(Debug)]
pub struct Desk {
    /// The engine's state.
    pub state: State,
    /// Prices.
    pub market: Market,
    /// Now.
    pub time: Timestamp,
    /// The bytes of every entry.
    pub log: Vec<Vec<u8>>,
    /// What the last decision sent to the venue.
    pub routes: Vec<Route>,
    /// The events of the last decision.
    pub events: Vec<Event>,
    sessions: BTreeMap<UserId, SessionId>,
    reports: u64,
    names: u64,
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

impl Desk {
    /// Seeded, everyone signed in, session open, AAPL at 189.98 to 190.02.
    #[must_use]
    pub fn new() -> Self {
        let mut desk = Self {
            state: State::new(),
            market: Market::new(),
            time: Timestamp(1_700_000_000 * NS_PER_S),
            log: Vec::new(),
            routes: Vec::new(),
            events: Vec::new(),
            sessions: BTreeMap::new(),
            reports: 0,
            names: 0,
        };
        for fact in seed::facts() {
            let decision = desk.input(Input::Setup(operator(), Box::new(fact)));
            assert_eq!(decision.fault, None, "{:?}", desk.events);
        }
        for (user, ..) in seed::PEOPLE {
            desk.sign_in(user, 1);
        }
        desk.input(Input::VenueLink(true));
        desk.report(ReportKind::Session { open: true });
        desk.price(0, px(18_998), px(19_002));
        desk
    }

    /// Decides, folds and logs one input.
    pub fn input(&mut self, input: Input) -> Decision {
        let stamp = Stamp { sequence: self.state.next_sequence(), time: self.time };
        let decision = turret_engine::decide(&self.state, &self.market, &input, stamp);
        let origin = input.origin();
        for event in &decision.events {
            let head = Head { sequence: self.state.next_sequence(), time: self.time, origin };
            self.log.push(entry::to_bytes(&head, event));
            self.state.evolve(&head, event);
        }
        self.routes.clone_from(&decision.routes);
        self.events.clone_from(&decision.events);
        decision
    }

    /// An alert of surveillance about somebody, or nobody; its number.
    pub fn alerted(&mut self, user: Option<UserId>) -> Sequence {
        self.raised(AlertRaised { user, ..of_rule(AlertRule::Probing, 3) })
    }

    /// An alert of a rule with a figure; its number.
    pub fn alerted_of(&mut self, rule: AlertRule, figure: u32) -> Sequence {
        self.raised(of_rule(rule, figure))
    }

    /// An alert about somebody, and what the house wants done about it; its number.
    pub fn alerted_to(&mut self, user: Option<UserId>, answer: AlertAnswer) -> Sequence {
        let delay_s = (answer == AlertAnswer::Delay).then_some(60);
        self.raised(AlertRaised { user, answer: Some(answer), delay_s, ..of_rule(AlertRule::Probing, 3) })
    }

    /// The same, of what was done from an address the vault keeps.
    pub fn alerted_from(&mut self, user: UserId, answer: AlertAnswer) -> Sequence {
        let (user, answer, address) = (Some(user), Some(answer), Some(Digest([5; 32])));
        self.raised(AlertRaised { user, answer, address, ..of_rule(AlertRule::Probing, 3) })
    }

    fn raised(&mut self, raised: AlertRaised) -> Sequence {
        let alert = self.state.next_sequence();
        let origin = Origin::of(Actor::Engine, CorrelationId::default());
        self.input(Input::Note(origin, Box::new(Event::AlertRaised(raised))));
        alert
    }

    /// A stranger without a certificate of ours, as the edge tells of it; the entry's number.
    pub fn knocked(&mut self) -> Sequence {
        let origin = Origin::of(Actor::Engine, CorrelationId(77));
        let at = self.state.next_sequence();
        let bad = BadInput { stage: BadInputStage::Handshake, fault: "refused".into(), count: 1 };
        self.input(Input::Note(origin, Box::new(Event::BadInput(bad))));
        at
    }

    /// A ban of a stranger, as the edge tells of it; its number.
    pub fn banned(&mut self) -> BanId {
        let origin = Origin::of(Actor::Engine, CorrelationId::default());
        let (ban, address) = (BanId(7), Some(Digest([7; 32])));
        let set = BanSet { ban, fault: "refused".into(), offences: 64, for_s: 600, before: 0, address, by: None };
        self.input(Input::Note(origin, Box::new(Event::BanSet(set))));
        ban
    }

    /// Lets time pass.
    pub fn wait_ms(&mut self, ms: i64) {
        self.time = self.time.after_ns(ms * 1_000_000);
    }

    /// Sets bid and ask of a listing.
    pub fn price(&mut self, instrument: u32, bid: Price, ask: Price) {
        let price = MarketPrice { bid: Some(bid), ask: Some(ask), last: Some(bid), time: self.time };
        self.market.set(InstrumentId(instrument), price);
    }

    /// Signs someone in with a code of this step.
    pub fn sign_in(&mut self, user: UserId, step: u64) -> Decision {
        let (device, credential) = device_of(user);
        let password = self.state.access().credential_of(user, CredentialKind::Password);
        let decision = self.input(Input::Session(SessionInput::SignIn {
            user,
            device,
            credential,
            factor: Factor::Step(step),
            password: password.map_or(1, |(_, known)| known.version),
            token: Digest([9; 32]),
            script: false,
            source: None,
            correlation: CorrelationId(1),
        }));
        if let Some(Ok(session)) = decision.session {
            self.sessions.insert(user, session);
        }
        decision
    }

    /// Goes on in a session that began otherwise.
    pub fn goes_on(&mut self, user: UserId, session: SessionId) {
        self.sessions.insert(user, session);
    }

    /// The principal of someone signed in.
    #[must_use]
    pub fn principal(&self, user: UserId) -> Principal {
        let session = self.sessions.get(&user).copied().unwrap_or_default();
        Principal { user, device: device_of(user).0, session, source: None }
    }

    /// A ClOrdID not used before.
    pub fn name(&mut self) -> ClOrdId {
        self.names += 1;
        ClOrdId::new(&format!("c{}", self.names)).expect("plain")
    }

    /// A command around a verb, good for a minute.
    #[must_use]
    pub fn command(&self, verb: Verb) -> Command {
        let expires = self.time.after_ns(60 * NS_PER_S);
        Command { schema: COMMAND_SCHEMA, environment: Environment::Sim, expires, verb }
    }

    /// Sends a command as someone.
    pub fn send(&mut self, user: UserId, command: Command) -> Verdict {
        let bytes = command.to_bytes();
        let correlation = CorrelationId(self.log.len() as u64);
        // As the edge does it: the name of a person to be created lies in the vault already.
        let named = matches!(command.verb, Verb::CreateUser(_)).then_some(UserId(4_000));
        // And the address of a ban.
        let text = matches!(command.verb, Verb::Ban(_)).then_some(Digest([9; 32]));
        let input = ClientInput::new(self.principal(user), correlation, &bytes, command, text).naming(named);
        self.input(Input::Client(Box::new(input))).verdict.expect("a command is answered")
    }

    /// Sends a verb as someone.
    pub fn verb(&mut self, user: UserId, verb: Verb) -> Verdict {
        let command = self.command(verb);
        self.send(user, command)
    }

    /// A limit day order of A1001 in AAPL under a fresh ClOrdID.
    pub fn limit(&mut self, side: Side, units: i64, cents: i64) -> NewOrder {
        NewOrder {
            cl_ord_id: self.name(),
            account: "A1001".into(),
            symbol: "AAPL".into(),
            side,
            qty: qty(units),
            ord_type: OrdType::Limit,
            price: Some(px(cents)),
            stop_px: None,
            tif: TimeInForce::Day,
            confirmed: true,
            text: String::new(),
            saw: None,
        }
    }

    /// Sends a limit order as Ann that must be taken; its id.
    pub fn order(&mut self, side: Side, units: i64, cents: i64) -> OrderId {
        let order = self.limit(side, units, cents);
        match self.verb(seed::ANN, Verb::OrderNew(order)) {
            Verdict::Order { order, .. } => order,
            other => panic!("taken, not {other:?}"),
        }
    }

    /// Sends an amend as Ann.
    pub fn amend(&mut self, order: OrderId, units: Option<i64>, cents: Option<i64>) -> Verdict {
        let cl_ord_id = self.name();
        let (qty, price) = (units.map(qty), cents.map(px));
        let amend = AmendOrder { cl_ord_id, order, qty, price, confirmed: true, stop_px: None };
        self.verb(seed::ANN, Verb::OrderAmend(amend))
    }

    /// Sends an amend of the stop price as Ann.
    pub fn amend_stop(&mut self, order: OrderId, cents: i64) -> Verdict {
        let (cl_ord_id, stop_px) = (self.name(), Some(px(cents)));
        let amend = AmendOrder { cl_ord_id, order, qty: None, price: None, confirmed: true, stop_px };
        self.verb(seed::ANN, Verb::OrderAmend(amend))
    }

    /// Sends a cancel as Ann.
    pub fn cancel(&mut self, order: OrderId) -> Verdict {
        let cl_ord_id = self.name();
        self.verb(seed::ANN, Verb::OrderCancel(CancelOrder { cl_ord_id, order }))
    }

    /// The next fact of the venue.
    pub fn report(&mut self, kind: ReportKind) -> Decision {
        self.reports = self.state.venue_sequence() + 1;
        let report = Report { sequence: self.reports, time: self.time, kind };
        self.input(Input::Venue(report))
    }

    /// An answer of the venue that is no fact.
    pub fn venue_answer(&mut self, kind: ReportKind) -> Decision {
        self.input(Input::Venue(Report { sequence: 0, time: self.time, kind }))
    }

    /// The venue acknowledges an order.
    pub fn ack(&mut self, order: OrderId) {
        self.report(ReportKind::New { id: VenueClOrdId { order, revision: 0 }, working: true });
    }

    /// The venue executes some of an order.
    pub fn trade(&mut self, order: OrderId, exec: u64, units: i64, cents: i64) -> Decision {
        let cum_qty = Qty(self.row(order).cum_qty.0 + qty(units).0);
        let id = VenueClOrdId { order, revision: 0 };
        let exec = VenueExecId(exec);
        self.report(ReportKind::Trade { id, exec, qty: qty(units), price: px(cents), removed: true, cum_qty })
    }

    /// Answers step-ups as someone.
    pub fn prove(&mut self, user: UserId, pending: Vec<PendingId>, step: Result<u64, ProofFault>) -> Verdict {
        let (principal, credential) = (self.principal(user), device_of(user).1);
        let given = step.map(Factor::Step).map_err(NotProven::Code);
        let proof = ProofInput { principal, correlation: CorrelationId(3), pending, credential, given };
        self.input(Input::Proof(proof)).verdict.expect("a proof is answered")
    }

    /// Has an act done that Sam asks for, each of the two it may take proving their word with a code of this step; the last
    /// answer.
    pub fn act(&mut self, manage: Manage, step: u64) -> Verdict {
        let asked = self.verb(seed::SAM, Verb::Manage(manage));
        match self.proved(seed::SAM, asked, step) {
            Verdict::ApprovalAsked { approval, .. } => self.approved(approval, step),
            other => other,
        }
    }

    /// Kim approves, and what is Sam's alone to take Sam takes.
    pub fn approved(&mut self, approval: ApprovalId, step: u64) -> Verdict {
        let word = self.word(approval, true);
        let asked = self.verb(seed::KIM, Verb::Judge(word));
        let judged = self.proved(seed::KIM, asked, step);
        let later = self.state.access().approvals().open(approval, self.time).is_some();
        if later && judged == Verdict::Managed {
            return self.verb(seed::SAM, Verb::Request(Request::Collect { approval }));
        }
        judged
    }

    /// A word on a request, as a person who sees it gives it.
    #[must_use]
    pub fn word(&self, approval: ApprovalId, approve: bool) -> Judge {
        let known = self.state.access().approvals().all().find(|(id, _)| *id == approval);
        let command = known.map(|(_, known)| known.command).unwrap_or_default();
        let first = known.and_then(|(_, known)| known.first).map(|first| first.digest);
        let ground = if approve { Ground::Checked } else { Ground::Unexpected };
        Judge { approval, command, approve, ground, first }
    }

    /// The answer to the one step-up asked for, or what was answered instead of asking.
    pub fn proved(&mut self, user: UserId, asked: Verdict, step: u64) -> Verdict {
        let Verdict::StepUp { pending, .. } = asked else { return asked };
        match self.prove(user, vec![pending], Ok(step)) {
            Verdict::Proof(mut verdicts) => verdicts.remove(0),
            other => other,
        }
    }

    /// The order's row.
    #[must_use]
    pub fn row(&self, order: OrderId) -> OrderView {
        turret_engine::views::order_row(&self.state, order).expect("an order")
    }

    /// A state folded from the log alone.
    #[must_use]
    pub fn folded(&self) -> State {
        fold(&self.log)
    }
}

/// Folds entries from their bytes.
#[must_use]
pub fn fold(log: &[Vec<u8>]) -> State {
    let mut state = State::new();
    for (at, bytes) in log.iter().enumerate() {
        let entry = Entry::from_bytes(bytes).expect("an entry");
        assert_eq!(entry.head.sequence, Sequence(at as u64));
        state.evolve(&entry.head, &entry.event().expect("an event"));
    }
    state
}

/// The origin of set-up facts.
#[must_use]
pub const fn operator() -> Origin {
    Origin::of(Actor::Operator, CorrelationId(0))
}

const fn of_rule(rule: AlertRule, figure: u32) -> AlertRaised {
    AlertRaised {
        rule,
        user: None,
        device: None,
        figure,
        threshold: 3,
        evidence: Sequence(1),
        answer: None,
        address: None,
        delay_s: None,
    }
}
