//! The engine alone: how many orders a second one core decides and folds, with risk and positions; no store, no wire.
#![allow(clippy::expect_used, reason = "a load that does not run as planned measures nothing")]

use turret_engine::{ClientInput, Decision, Input, Stamp, State};
use turret_shared::command::{COMMAND_SCHEMA, Command, Environment, NewOrder, Verb};
use turret_shared::denial::Rule;
use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::setup::{LimitScope, LimitSet};
use turret_shared::ids::{ClOrdId, CorrelationId, OrderId};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::role::Role;
use turret_shared::venue::{Report, ReportKind, VenueClOrdId, VenueExecId};

use crate::floor::Desk;
use crate::floor::desk::operator;
use crate::floor::seed::{ANN, px, qty};

/// What one run took, in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub struct EngineRun {
    /// Orders sent.
    pub orders: u64,
    /// Deciding and folding the orders: access, ClOrdID, every risk rule, reservation.
    pub new_ns: u64,
    /// Deciding and folding the venue's acknowledgement and complete fill of each, position and cash included.
    pub venue_ns: u64,
    /// Writing the snapshot of the state left behind.
    pub snapshot_ns: u64,
    /// Reading it back.
    pub restore_ns: u64,
    /// Its size in bytes.
    pub snapshot_bytes: usize,
}

impl EngineRun {
    /// Orders a second, decided and folded until the venue can be told.
    #[must_use]
    pub fn orders_per_s(&self) -> f64 {
        self.orders as f64 * 1e9 / self.new_ns.max(1) as f64
    }

    /// Orders a second with the venue's two facts of each.
    #[must_use]
    pub fn round_trips_per_s(&self) -> f64 {
        self.orders as f64 * 1e9 / (self.new_ns + self.venue_ns).max(1) as f64
    }
}

/// Runs `orders` limit orders, buys and sells in turn, through a desk in memory. `now_ns` is any steady clock.
#[must_use]
pub fn run(orders: u64, now_ns: &mut dyn FnMut() -> u64) -> EngineRun {
    let mut desk = Desk::new();
    // Rules stay in force; only the bounds that a load must pass are wide.
    for (rule, value) in [(Rule::OrderRate, i64::MAX), (Rule::DuplicateOrder, 5_000)] {
        let scope = LimitScope::Role(Role::Broker);
        desk.input(Input::Setup(operator(), Box::new(Event::LimitSet(LimitSet { scope, rule, value: Some(value) }))));
    }
    let (mut new_ns, mut venue_ns) = (0, 0);
    // One for all, as a writer has it.
    let mut decision = Decision::default();
    let mut ids: Vec<OrderId> = Vec::with_capacity(BATCH);
    for first in (0..orders).step_by(BATCH) {
        // Made outside the measure: the edge decodes and hashes a command on another thread.
        let inputs: Vec<Input> = (first..orders.min(first + BATCH as u64)).map(|n| client_input(&desk, n)).collect();
        ids.clear();
        let started = now_ns();
        for input in &inputs {
            let sequence = desk.state.next_sequence();
            step(&mut desk, &mut decision, input);
            ids.push(OrderId::new(sequence, 0));
        }
        let sent = now_ns();
        for (at, order) in ids.iter().enumerate() {
            let (acknowledged, filled) = facts(&desk, *order, first + at as u64);
            step(&mut desk, &mut decision, &acknowledged);
            step(&mut desk, &mut decision, &filled);
        }
        new_ns += sent - started;
        venue_ns += now_ns() - sent;
    }
    assert_eq!(desk.state.order_count() as u64, orders, "every order was taken");
    let started = now_ns();
    let bytes = desk.state.snapshot_bytes();
    let written = now_ns();
    let restored = State::from_snapshot(&bytes);
    let read = now_ns();
    assert!(restored.is_ok_and(|state| state.through() == desk.state.through()), "the snapshot reads back");
    let (snapshot_ns, restore_ns) = (written - started, read - written);
    EngineRun { orders, new_ns, venue_ns, snapshot_ns, restore_ns, snapshot_bytes: bytes.len() }
}

/// Orders sent before the venue answers them.
const BATCH: usize = 256;

fn step(desk: &mut Desk, decision: &mut Decision, input: &Input) {
    desk.time = desk.time.after_ns(1_000);
    let stamp = Stamp { sequence: desk.state.next_sequence(), time: desk.time };
    turret_engine::decide_into(&desk.state, &desk.market, input, stamp, decision);
    let origin = input.origin();
    for event in &decision.events {
        let head = Head { sequence: desk.state.next_sequence(), time: desk.time, origin };
        desk.state.evolve(&head, event);
    }
}

fn client_input(desk: &Desk, n: u64) -> Input {
    let order = NewOrder {
        cl_ord_id: ClOrdId::new(&format!("L{n}")).expect("plain"),
        account: "A1001".into(),
        symbol: "AAPL".into(),
        side: if n.is_multiple_of(2) { Side::Buy } else { Side::Sell },
        qty: qty(1),
        ord_type: OrdType::Limit,
        price: Some(px(19_000 + i64::try_from(n % 7).unwrap_or(0))),
        stop_px: None,
        tif: TimeInForce::Day,
        confirmed: true,
        text: String::new(),
        saw: None,
    };
    let expires = desk.time.after_ns(i64::MAX / 2);
    let command =
        Command { schema: COMMAND_SCHEMA, environment: Environment::Sim, expires, verb: Verb::OrderNew(order) };
    let bytes = command.to_bytes();
    Input::Client(Box::new(ClientInput::new(desk.principal(ANN), CorrelationId(n), &bytes, command, None)))
}

fn facts(desk: &Desk, order: OrderId, n: u64) -> (Input, Input) {
    let id = VenueClOrdId { order, revision: 0 };
    let last = desk.state.venue_sequence();
    let report = |after: u64, kind: ReportKind| Input::Venue(Report { sequence: last + after, time: desk.time, kind });
    let trade = ReportKind::Trade {
        id,
        exec: VenueExecId(n + 1),
        qty: qty(1),
        price: px(19_000),
        removed: true,
        cum_qty: qty(1),
    };
    (report(1, ReportKind::New { id, working: true }), report(2, trade))
}
