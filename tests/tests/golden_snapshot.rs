//! A scripted day whose snapshot has one golden hash: the bytes of a state stay what they are while its version does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::{Input, State, Verdict, views};
use turret_shared::command::{CancelAll, NewOrder, Verb};
use turret_shared::ids::OrderId;
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::venue::{ReportKind, VenueClOrdId, VenueExecId, VenueReason};
use turret_tests::floor::Desk;
use turret_tests::floor::seed::{ANN, px, qty};

/// Of the day below, in version 25 of the state.
const GOLDEN: &str = "198a5b8fb4a10cbf95f263b8be789e400233abd1d62aa0c1eb9b807662d0b575";
/// Steps of the day.
const STEPS: u32 = 3_000;

/// Numbers that look random and are the same for ever (Knuth, MMIX).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.roll((high - low) as usize) as i64
    }
}

struct Day {
    desk: Desk,
    dice: Dice,
    orders: Vec<OrderId>,
    execs: u64,
}

impl Day {
    fn step(&mut self) {
        self.desk.wait_ms(450);
        match self.dice.roll(20) {
            0..=5 => self.enter(),
            6 => drop(self.desk.input(Input::Timer)),
            7 => {
                let up = self.dice.roll(16) > 0;
                self.desk.input(Input::VenueLink(up));
            }
            8 if self.dice.roll(16) == 0 => {
                let cl_ord_id = self.desk.name();
                self.desk.verb(ANN, Verb::CancelAll(CancelAll { cl_ord_id, account: Some("A1001".into()) }));
            }
            9 => self.change_a_fill(),
            10 => self.desk.wait_ms(2_500),
            other if !self.orders.is_empty() => {
                let back = self.dice.roll(self.orders.len().min(12)) + 1;
                let order = self.orders[self.orders.len() - back];
                self.about(order, other);
            }
            _ => {}
        }
    }

    fn enter(&mut self) {
        let side = Side::ALL[self.dice.roll(4)];
        let (units, cents) = (self.dice.between(1, 40), self.dice.between(18_500, 19_500));
        let mut order = self.desk.limit(side, units, cents);
        order.symbol = ["AAPL", "AAPL", "MSFT", "ESZ6", "RSTR"][self.dice.roll(5)].into();
        order.ord_type = OrdType::ALL[[1, 1, 1, 0, 2, 3][self.dice.roll(6)]];
        order.tif = TimeInForce::ALL[[0, 0, 0, 1, 2, 3][self.dice.roll(6)]];
        order.stop_px = order.ord_type.has_stop().then_some(px(cents));
        order.price = order.price.filter(|_| order.ord_type.has_price());
        self.send(order);
    }

    fn send(&mut self, order: NewOrder) {
        if let Verdict::Order { order, .. } = self.desk.verb(ANN, Verb::OrderNew(order)) {
            self.orders.push(order);
        }
    }

    fn about(&mut self, order: OrderId, what: usize) {
        let row = self.desk.row(order);
        let (id, cum_qty) = (VenueClOrdId { order, revision: 0 }, row.cum_qty);
        let reason = || VenueReason { code: 3, text: "so it is".into() };
        match what {
            11 => {
                let order = self.desk.limit(Side::Buy, 2, 18_900);
                self.send(order);
                let order = self.orders[self.orders.len() - 1];
                self.desk.ack(order);
                let units = self.dice.between(1, 500);
                let cents = (self.dice.roll(2) == 0).then(|| self.dice.between(18_500, 19_500));
                self.desk.amend(order, Some(units), cents);
            }
            12 => drop(self.desk.cancel(order)),
            13 | 14 => self.desk.ack(order),
            15 | 16 => {
                self.execs += 1;
                let (units, cents) = (self.dice.between(1, 30), self.dice.between(18_500, 19_500));
                self.desk.trade(order, self.execs, units, cents);
            }
            17 => {
                let id = VenueClOrdId { order, revision: 1 };
                let qty = row.pending_qty.unwrap_or(row.order_qty).max(cum_qty);
                self.desk.report(if self.dice.roll(3) > 0 {
                    ReportKind::Replaced { id, qty, price: row.pending_price, cum_qty, stop_px: row.pending_stop }
                } else {
                    ReportKind::CancelRejected { id, reason: reason() }
                });
            }
            18 => {
                let known = self.dice.roll(2) == 0;
                let kind = if known { ReportKind::Status { id, as_of: 0 } } else { ReportKind::Unknown { id } };
                self.desk.venue_answer(kind);
            }
            _ => {
                let request = (self.dice.roll(2) == 0).then_some(VenueClOrdId { order, revision: 1 });
                self.desk.report(match self.dice.roll(6) {
                    0 | 1 => ReportKind::Canceled { order, request, reason: None, cum_qty },
                    2 => ReportKind::Expired { order, cum_qty },
                    3 => ReportKind::Rejected { id, reason: reason() },
                    4 => ReportKind::Restated { order, qty: row.order_qty, reason: reason() },
                    _ => ReportKind::Suspended { order },
                });
            }
        }
    }

    fn change_a_fill(&mut self) {
        let fills = views::fills(&self.desk.state, ANN, None, None).expect("allowed");
        if fills.is_empty() {
            return;
        }
        let fill = &fills[self.dice.roll(fills.len())];
        self.execs += 1;
        let (order, exec, refers) = (fill.order_id, VenueExecId(self.execs), VenueExecId(fill.venue_exec));
        let report = if self.dice.roll(2) == 0 {
            ReportKind::Bust { order, exec, refers }
        } else {
            ReportKind::Correct { order, exec, refers, qty: qty(5), price: px(19_001) }
        };
        self.desk.report(report);
    }
}

#[test]
fn the_bytes_of_a_state_stay_what_they_are() {
    let mut day = Day { desk: Desk::new(), dice: Dice(41), orders: Vec::new(), execs: 0 };
    for _ in 0..STEPS {
        day.step();
    }
    let state = &day.desk.state;
    assert_eq!(state.hash().to_string(), GOLDEN, "another format is another STATE_VERSION");
    assert_eq!(day.desk.folded().hash(), state.hash());
    let restored = State::from_snapshot(&state.snapshot_bytes()).expect("reads back");
    assert_eq!(restored.hash(), state.hash());
    assert_eq!(restored.outbox(), state.outbox());
    assert_eq!(restored.next_deadline(), state.next_deadline());
}
