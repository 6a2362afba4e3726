//! Random commands, venue facts and lost links: amounts always equal a naive recomputation, the log folds to the same state,
//! a preview answers like sending, and what would pass a rule passes it. The seed of a failure is printed by proptest.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use std::collections::BTreeMap;

use turret_engine::{Input, State, Verdict, views};
use turret_shared::command::{AmendOrder, Command, NewOrder, Verb};
use turret_shared::denial::{DenialCode, RuleUse};
use turret_shared::event::Event;
use turret_shared::event::ops::Started;
use turret_shared::ids::{AccountId, InstrumentId, OrderId};
use turret_shared::money::{Money, Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::time::{NS_PER_MS, Timestamp};
use turret_shared::venue::{ReportKind, VenueClOrdId, VenueExecId, VenueReason};
use turret_shared::view::{FillState, OrderView, PositionView};
use turret_tests::floor::Desk;
use turret_tests::floor::desk::operator;
use turret_tests::floor::seed::{ANN, px, qty};

/// One thing that may happen; numbers are reduced to what there is when it does.
#[derive(Debug, Clone)]
enum Step {
    Order { side: u8, units: i64, cents: i64, kind: u8, symbol: u8 },
    Amend { order: usize, units: Option<i64>, cents: Option<i64> },
    Cancel(usize),
    Ack(usize),
    Trade { order: usize, units: i64, cents: i64 },
    Bust(usize),
    Correct { fill: usize, units: i64, cents: i64 },
    Replaced { order: usize, agree: bool },
    Out { order: usize, how: u8 },
    Wait(i64),
    Link(bool),
    Restart,
    Answer { order: usize, known: bool },
    Price(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_u8..4, 1_i64..400, 18_500_i64..19_500, 0_u8..4, 0_u8..3)
            .prop_map(|(side, units, cents, kind, symbol)| Step::Order { side, units, cents, kind, symbol }),
        3 => (any::<usize>(), proptest::option::of(1_i64..500), proptest::option::of(18_500_i64..19_500))
            .prop_map(|(order, units, cents)| Step::Amend { order, units, cents }),
        1 => any::<usize>().prop_map(Step::Cancel),
        4 => any::<usize>().prop_map(Step::Ack),
        6 => (any::<usize>(), 1_i64..300, 18_000_i64..20_000)
            .prop_map(|(order, units, cents)| Step::Trade { order, units, cents }),
        1 => any::<usize>().prop_map(Step::Bust),
        1 => (any::<usize>(), 1_i64..300, 18_000_i64..20_000)
            .prop_map(|(fill, units, cents)| Step::Correct { fill, units, cents }),
        2 => (any::<usize>(), any::<bool>()).prop_map(|(order, agree)| Step::Replaced { order, agree }),
        2 => (any::<usize>(), 0_u8..6).prop_map(|(order, how)| Step::Out { order, how }),
        1 => (0_i64..3_000).prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::Link),
        1 => Just(Step::Restart),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(order, known)| Step::Answer { order, known }),
        1 => (18_800_i64..19_200).prop_map(Step::Price),
    ]
}

struct World {
    desk: Desk,
    orders: Vec<OrderId>,
    execs: u64,
    /// Since when the venue link has been up; none while it is down.
    up_since: Option<Timestamp>,
}

impl World {
    fn new() -> Self {
        let desk = Desk::new();
        let up_since = Some(desk.time);
        Self { desk, orders: Vec::new(), execs: 0, up_since }
    }

    fn order(&self, at: usize) -> Option<OrderView> {
        (!self.orders.is_empty()).then(|| self.desk.row(self.orders[at % self.orders.len()]))
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::Order { side, units, cents, kind, symbol } => self.enter(*side, *units, *cents, *kind, *symbol),
            Step::Wait(ms) => self.wait(*ms),
            Step::Link(up) => {
                self.desk.input(Input::VenueLink(*up));
                let since = self.up_since.unwrap_or(self.desk.time);
                self.up_since = up.then_some(since);
            }
            Step::Restart => {
                let started = Event::Started(Started { version: "0.1.0".into() });
                self.desk.input(Input::Note(operator(), Box::new(started)));
                self.up_since = None;
            }
            Step::Price(cents) => self.desk.price(0, px(*cents), px(cents + 4)),
            Step::Bust(fill) | Step::Correct { fill, .. } => self.change(*fill, step),
            Step::Amend { order, .. }
            | Step::Cancel(order)
            | Step::Ack(order)
            | Step::Trade { order, .. }
            | Step::Replaced { order, .. }
            | Step::Out { order, .. }
            | Step::Answer { order, .. } => {
                if let Some(row) = self.order(*order) {
                    self.about(&row, step);
                }
            }
        }
    }

    /// Time passes and the timer comes: it puts in doubt only what had two whole seconds of a standing link.
    fn wait(&mut self, ms: i64) {
        self.desk.wait_ms(ms);
        self.desk.input(Input::Timer);
        let linked_ms = self.up_since.map(|since| self.desk.time.since(since) / NS_PER_MS);
        assert!(self.desk.events.is_empty() || linked_ms >= Some(2_000), "{linked_ms:?} {:?}", self.desk.events);
    }

    fn enter(&mut self, side: u8, units: i64, cents: i64, kind: u8, symbol: u8) {
        let mut order = self.desk.limit(Side::ALL[usize::from(side)], units, cents);
        order.symbol = ["AAPL", "MSFT", "ESZ6"][usize::from(symbol)].into();
        order.ord_type = OrdType::ALL[usize::from(kind)];
        order.stop_px = order.ord_type.has_stop().then_some(px(cents));
        order.price = order.price.filter(|_| order.ord_type.has_price());
        if let Verdict::Order { order, .. } = self.desk.verb(ANN, Verb::OrderNew(order)) {
            self.orders.push(order);
        }
    }

    fn about(&mut self, row: &OrderView, step: &Step) {
        let (order, cum_qty) = (row.order_id, row.cum_qty);
        let reason = || VenueReason { code: 0, text: "so".into() };
        match step {
            Step::Amend { units, cents, .. } => drop(self.desk.amend(order, *units, *cents)),
            Step::Cancel(_) => drop(self.desk.cancel(order)),
            Step::Ack(_) => self.desk.ack(order),
            Step::Trade { units, cents, .. } => {
                self.execs += 1;
                self.desk.trade(order, self.execs, *units, *cents);
            }
            Step::Replaced { agree: true, .. } => {
                let (qty, price) = (row.pending_qty.unwrap_or(row.order_qty).max(cum_qty), row.pending_price);
                let id = VenueClOrdId { order, revision: 1 };
                self.desk.report(ReportKind::Replaced { id, qty, price, cum_qty, stop_px: row.pending_stop });
            }
            Step::Replaced { .. } => {
                let id = VenueClOrdId { order, revision: 1 };
                self.desk.report(ReportKind::CancelRejected { id, reason: reason() });
            }
            Step::Answer { known, .. } => {
                let id = VenueClOrdId { order, revision: 0 };
                let kind = if *known { ReportKind::Status { id, as_of: 0 } } else { ReportKind::Unknown { id } };
                self.desk.venue_answer(kind);
            }
            Step::Out { how, .. } => {
                let id = VenueClOrdId { order, revision: 0 };
                let request = None;
                self.desk.report(match how {
                    0 => ReportKind::Canceled { order, request, reason: None, cum_qty },
                    1 => ReportKind::Expired { order, cum_qty },
                    2 => ReportKind::Rejected { id, reason: reason() },
                    3 => ReportKind::DoneForDay { order },
                    4 => ReportKind::Restated { order, qty: row.order_qty, reason: reason() },
                    _ => ReportKind::Suspended { order },
                });
            }
            _ => {}
        }
    }

    fn change(&mut self, fill: usize, step: &Step) {
        let fills = views::fills(&self.desk.state, ANN, None, None).expect("allowed");
        if fills.is_empty() {
            return;
        }
        let fill = &fills[fill % fills.len()];
        self.execs += 1;
        let (order, exec, refers) = (fill.order_id, VenueExecId(self.execs), VenueExecId(fill.venue_exec));
        self.desk.report(match step {
            Step::Correct { units, cents, .. } => {
                ReportKind::Correct { order, exec, refers, qty: qty(*units), price: px(*cents) }
            }
            _ => ReportKind::Bust { order, exec, refers },
        });
    }
}

/// Position and cash of A1001 from what was brought in and the standing fills, oldest first, in plain 128-bit fractions.
fn naive(state: &State) -> (BTreeMap<InstrumentId, i64>, i128) {
    let mut held = BTreeMap::from([(InstrumentId(0), qty(1_200).0)]);
    let mut cash = i128::from(Money::ONE.0) * 1_000_000;
    let mut fills = views::fills(state, ANN, None, Some(usize::MAX)).expect("allowed");
    fills.reverse();
    for fill in fills.iter().filter(|f| f.account == AccountId(1)) {
        let standing = if fill.state == FillState::Busted { Qty::ZERO } else { fill.last_qty };
        let multiplier = if fill.instrument == InstrumentId(3) { 50 } else { 1 };
        let amount = fill.last_px.notional(standing, multiplier).expect("fits");
        *held.entry(fill.instrument).or_default() += standing.0 * fill.side.sign();
        cash -= i128::from(amount.0) * i128::from(fill.side.sign());
    }
    (held, cash)
}

/// One position as a person works it out on paper: how many, at what average price, and what was realised, in 1e-24 of a
/// price unit. It keeps the average where the product keeps the cost, so that both cannot be wrong in the same way.
#[derive(Debug, Default, Clone, Copy)]
struct Paper {
    units: i128,
    average: i128,
    realised: i128,
}

/// 1e-24 in one price unit of the product, which is 1e-9.
const FINE: i128 = 1_000_000_000_000_000;

impl Paper {
    fn execute(&mut self, signed: i128, price: i128) {
        let (held, size) = (self.units.abs(), signed.abs());
        if self.units == 0 || self.units.signum() == signed.signum() {
            self.average = (self.average * held + price * size) / (held + size);
        } else {
            self.realised += (price - self.average) * size.min(held) * self.units.signum();
            if size > held {
                self.average = price;
            }
        }
        self.units += signed;
    }
}

/// Average cost and realised P&L of A1001 from what was brought in and the executions as they stand now, in the order they
/// came: a busted one never was, a corrected one was what it is corrected to.
fn on_paper(state: &State) -> BTreeMap<InstrumentId, Paper> {
    let brought = Paper { units: 1_200, average: i128::from(px(15_000).0) * FINE, realised: 0 };
    let mut held = BTreeMap::from([(InstrumentId(0), brought)]);
    let mut fills = views::fills(state, ANN, None, Some(usize::MAX)).expect("allowed");
    fills.reverse();
    for fill in fills.iter().filter(|f| f.account == AccountId(1) && f.state != FillState::Busted) {
        let units = i128::from(fill.last_qty.0 / Qty::ONE.0 * fill.side.sign());
        held.entry(fill.instrument).or_default().execute(units, i128::from(fill.last_px.0) * FINE);
    }
    held
}

/// Within one last digit, as both round once.
fn check_costs(state: &State, row: &PositionView) {
    let paper = on_paper(state).get(&row.instrument).copied().unwrap_or_default();
    let multiplier = if row.instrument == InstrumentId(3) { 50 } else { 1 };
    let digit = FINE * i128::from(Price::ONE.0 / Money::ONE.0);
    let realised = i128::from(row.realised.0) * digit - paper.realised * multiplier;
    assert!(realised.abs() <= digit, "{row:?} {paper:?}");
    if let Some(average) = row.avg_cost {
        assert!((i128::from(average.0) * FINE - paper.average).abs() <= FINE, "{row:?} {paper:?}");
    }
}

/// Open quantities by side from the rows alone.
fn naive_open(state: &State) -> BTreeMap<InstrumentId, (i64, i64)> {
    let mut open: BTreeMap<InstrumentId, (i64, i64)> = BTreeMap::new();
    for row in views::orders(state, ANN, None, Some("A1001"), None, Some(usize::MAX)).expect("allowed") {
        let over = row.pending_qty.map_or(0, |asked| asked.0 - row.cum_qty.0);
        let ended = row.leaves_qty.is_zero() && row.pending_qty.is_none();
        let worst = if ended { 0 } else { row.leaves_qty.0.max(over).max(0) };
        let slot = open.entry(row.instrument).or_default();
        if row.side == Side::Buy { slot.0 += worst } else { slot.1 += worst }
    }
    open
}

fn check(desk: &Desk) {
    let (held, cash) = naive(&desk.state);
    let open = naive_open(&desk.state);
    for row in views::positions(&desk.state, ANN, Some("A1001")).expect("allowed") {
        assert_eq!(row.qty.0, held.get(&row.instrument).copied().unwrap_or(0), "{row:?}");
        let (buys, sells) = open.get(&row.instrument).copied().unwrap_or_default();
        assert_eq!((row.open_buy.0, row.open_sell.0), (buys, sells), "{row:?}");
        assert_eq!(row.avg_cost.is_none(), row.qty.is_zero());
        check_costs(&desk.state, &row);
    }
    let accounts = views::accounts(&desk.state, ANN).expect("allowed");
    let account = accounts.iter().find(|a| a.account == AccountId(1)).expect("an account");
    assert_eq!(i128::from(account.cash.0), cash);
    let difference = account.cash.0 - account.reserved.0 - account.buying_power.0;
    assert_eq!(difference, 0, "cash less what is reserved is buying power");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn amounts_equal_a_naive_recomputation_and_the_log_folds_to_the_same(steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World::new();
        for step in &steps {
            world.apply(step);
            check(&world.desk);
        }
        let state = &world.desk.state;
        prop_assert_eq!(world.desk.folded().hash(), state.hash());
        // A snapshot taken on the way and the rest of the log lead to the same place.
        let bytes = state.snapshot_bytes();
        let restored = State::from_snapshot(&bytes).expect("reads back");
        prop_assert_eq!(restored.snapshot_bytes(), bytes);
        prop_assert_eq!(restored.outbox(), state.outbox());
        prop_assert_eq!(restored.next_deadline(), state.next_deadline());
    }

    #[test]
    fn a_preview_answers_like_sending_and_what_would_pass_passes(
        steps in prop::collection::vec(step(), 0..30),
        side in 0_usize..4, units in 1_i64..8_000, cents in 17_000_i64..21_000, kind in 0_usize..4,
    ) {
        let mut world = World::new();
        steps.iter().for_each(|step| world.apply(step));
        let mut desk = world.desk;
        let mut order = desk.limit(Side::ALL[side], units, cents);
        order.ord_type = OrdType::ALL[kind];
        order.stop_px = order.ord_type.has_stop().then_some(px(cents));
        order.price = order.price.filter(|_| order.ord_type.has_price());
        let command = desk.command(Verb::OrderNew(order.clone()));
        let preview = |desk: &Desk, command: &Command| {
            views::preview(&desk.state, &desk.market, ANN, command, desk.time).expect("allowed")
        };
        let view = preview(&desk, &command);
        for rule in &view.rules {
            let Some(pass) = rule.would_pass else { continue };
            let with = |qty: Qty| Verb::OrderNew(NewOrder { qty, ..order.clone() });
            let trips = |qty: Qty| {
                let seen = preview(&desk, &desk.command(with(qty)));
                seen.rules.iter().any(|r| r.rule == rule.rule && r.tripped)
            };
            prop_assert!(!trips(pass), "{:?} passes with {pass}", rule.rule);
            prop_assert!(trips(Qty(pass.0 + Qty::ONE.0)), "{:?} trips beyond {pass}", rule.rule);
        }
        match desk.send(ANN, command) {
            Verdict::Denied(denial) => prop_assert_eq!(Some(*denial), view.denial),
            Verdict::StepUp { .. } => prop_assert!(view.denial.is_none() && view.step_up),
            Verdict::Order { .. } => prop_assert!(view.denial.is_none() && !view.step_up),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn a_preview_of_an_amend_answers_like_sending_and_what_would_pass_passes(
        steps in prop::collection::vec(step(), 1..40),
        which in any::<usize>(), units in proptest::option::of(1_i64..6_000),
        cents in proptest::option::of(17_000_i64..21_000),
    ) {
        let mut world = World::new();
        steps.iter().for_each(|step| world.apply(step));
        prop_assume!(!world.orders.is_empty());
        let order = world.orders[which % world.orders.len()];
        let mut desk = world.desk;
        let cl_ord_id = desk.name();
        let (qty_asked, price) = (units.map(qty), cents.map(px));
        let amend = AmendOrder { cl_ord_id, order, qty: qty_asked, price, confirmed: true, stop_px: None };
        let command = desk.command(Verb::OrderAmend(amend.clone()));
        let preview = |desk: &Desk, command: &Command| {
            views::preview(&desk.state, &desk.market, ANN, command, desk.time).expect("allowed")
        };
        let view = preview(&desk, &command);
        let passed = |rule: &&RuleUse| rule.tripped && rule.would_pass.is_some_and(|pass| pass > Qty::ZERO);
        for rule in view.rules.iter().filter(passed) {
            let pass = rule.would_pass.expect("filtered");
            let trips = |qty: Qty| {
                let seen = preview(&desk, &desk.command(Verb::OrderAmend(AmendOrder { qty: Some(qty), ..amend.clone() })));
                seen.rules.iter().any(|r| r.rule == rule.rule && r.tripped)
            };
            prop_assert!(!trips(pass), "{:?} passes with {pass}", rule.rule);
            prop_assert!(trips(Qty(pass.0 + Qty::ONE.0)), "{:?} trips beyond {pass}", rule.rule);
        }
        match desk.send(ANN, command) {
            Verdict::Refused(refusal) => {
                let denial = view.denial.expect("a preview that says no");
                prop_assert_eq!((refusal.text, refusal.rules), (denial.text, denial.rules));
            }
            Verdict::StepUp { .. } => prop_assert!(view.denial.is_none() && view.step_up),
            Verdict::Order { .. } => prop_assert!(view.denial.is_none() && !view.step_up, "{view:?}"),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn decide_never_panics_on_commands_made_of_any_bytes(
        order in any::<[i64; 3]>(), kinds in any::<[u8; 4]>(), account in "[A-Z0-9]{0,8}", symbol in "\\PC{0,8}",
        bytes in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut desk = Desk::new();
        let mut new = desk.limit(Side::ALL[usize::from(kinds[0] % 4)], 1, 1);
        new.qty = Qty(order[0]);
        new.price = Some(Price(order[1]));
        new.stop_px = (kinds[3] % 2 == 0).then_some(Price(order[2]));
        new.ord_type = OrdType::ALL[usize::from(kinds[1] % 4)];
        new.tif = TimeInForce::ALL[usize::from(kinds[2] % 4)];
        for (account, symbol) in [("A1001", "AAPL"), (account.as_str(), symbol.as_str())] {
            let order = NewOrder {
                cl_ord_id: desk.name(), account: account.into(), symbol: symbol.into(), ..new.clone()
            };
            let command = desk.command(Verb::OrderNew(order));
            let _ = views::preview(&desk.state, &desk.market, ANN, &command, desk.time);
            desk.send(ANN, command);
        }
        if let Ok(command) = Command::from_bytes(&bytes) {
            desk.send(ANN, command);
        }
    }
}

#[test]
fn an_overflow_is_a_denial() {
    let mut desk = Desk::new();
    let order =
        NewOrder { qty: Qty(1_000_000_000_000_000), price: Some(px(900_000_000)), ..desk.limit(Side::Buy, 1, 1) };
    let Verdict::Denied(denial) = desk.verb(ANN, Verb::OrderNew(order)) else { panic!("denied") };
    assert_eq!(denial.code, DenialCode::Overflow);
}
