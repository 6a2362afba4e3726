//! The order status table of the product's vocabulary as golden data: each cell is made to happen through the engine, and
//! what comes out is compared with `golden/order_transitions.txt`; it must judge the derivation, never guard a fact.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};

use turret_engine::Verdict;
use turret_shared::command::Verb;
use turret_shared::ids::OrderId;
use turret_shared::money::Qty;
use turret_shared::order::{OrdStatus, Side, TimeInForce};
use turret_shared::venue::{ReportKind, VenueClOrdId, VenueExecId, VenueReason};
use turret_tests::floor::Desk;
use turret_tests::floor::seed::{ANN, px, qty};

/// Columns of the table, in order.
const COLUMNS: [(&str, OrdStatus); 10] = [
    ("New", OrdStatus::New),
    ("PF", OrdStatus::PartiallyFilled),
    ("Filled", OrdStatus::Filled),
    ("DFD", OrdStatus::DoneForDay),
    ("PCxl", OrdStatus::PendingCancel),
    ("PRepl", OrdStatus::PendingReplace),
    ("Susp", OrdStatus::Suspended),
    ("Canc", OrdStatus::Canceled),
    ("Exp", OrdStatus::Expired),
    ("Rej", OrdStatus::Rejected),
];
/// What can happen, each in every variant of quantity.
const CODES: [char; 14] = ['0', '3', '4', '5', '6', '8', '9', 'C', 'D', 'E', 'F', 'G', 'H', 'K'];

const TABLE: &str = include_str!("../golden/order_transitions.txt");

fn reason() -> VenueReason {
    VenueReason { code: 1, text: String::new() }
}

/// One order of 100 with what it takes to move it.
struct Case {
    desk: Desk,
    order: OrderId,
    execs: u64,
}

impl Case {
    fn new(filled: i64) -> Self {
        let mut desk = Desk::new();
        let mut order = desk.limit(Side::Buy, 100, 19_000);
        order.tif = TimeInForce::Gtc;
        let Verdict::Order { order, .. } = desk.verb(ANN, Verb::OrderNew(order)) else { panic!("taken") };
        let mut case = Self { desk, order, execs: 0 };
        if filled >= 0 {
            case.desk.ack(order);
        }
        if filled > 0 {
            case.trade(filled);
        }
        case
    }

    fn trade(&mut self, units: i64) {
        self.execs += 1;
        self.desk.trade(self.order, self.execs, units, 19_000);
    }

    fn id(&self, revision: u32) -> VenueClOrdId {
        VenueClOrdId { order: self.order, revision }
    }

    /// The order in a status, with so much executed.
    fn of(from: OrdStatus, filled: i64) -> Self {
        let mut case = Self::new(if from == OrdStatus::PendingNew { -1 } else { filled });
        let order = case.order;
        let cum_qty = qty(filled.max(0));
        match from {
            OrdStatus::PendingCancel => drop(case.desk.cancel(order)),
            OrdStatus::PendingReplace => drop(case.desk.amend(order, Some(120), None)),
            OrdStatus::Suspended => drop(case.desk.report(ReportKind::Suspended { order })),
            OrdStatus::DoneForDay => drop(case.desk.report(ReportKind::DoneForDay { order })),
            OrdStatus::Canceled => {
                case.desk.report(ReportKind::Canceled { order, request: None, reason: None, cum_qty });
            }
            OrdStatus::Expired => drop(case.desk.report(ReportKind::Expired { order, cum_qty })),
            _ => {}
        }
        assert_eq!(case.desk.row(order).ord_status, from, "the start of the row");
        case
    }

    /// Makes one thing happen in one variant; false where it cannot.
    fn happen(&mut self, code: char, variant: u8) -> bool {
        let order = self.order;
        let row = self.desk.row(order);
        let cum_qty = row.cum_qty;
        let pending = if row.ord_status == OrdStatus::PendingReplace { qty(120) } else { row.order_qty };
        match (code, variant) {
            ('0', 0) => drop(self.desk.report(ReportKind::New { id: self.id(0), working: true })),
            ('3', 0) => drop(self.desk.report(ReportKind::DoneForDay { order })),
            ('4', 0) => {
                self.desk.report(ReportKind::Canceled { order, request: None, reason: Some(reason()), cum_qty });
            }
            ('5', 0) if row.ord_status == OrdStatus::PendingReplace => {
                self.desk.report(ReportKind::Replaced {
                    id: self.id(1),
                    qty: pending,
                    price: row.price,
                    cum_qty,
                    stop_px: None,
                });
            }
            // The total asked for was at or below CumQty.
            ('5', 1) if row.ord_status == OrdStatus::PendingReplace && cum_qty.is_positive() => {
                self.desk.report(ReportKind::Replaced {
                    id: self.id(1),
                    qty: cum_qty,
                    price: row.price,
                    cum_qty,
                    stop_px: None,
                });
            }
            ('6', 0) => return matches!(self.desk.cancel(order), Verdict::Order { .. }),
            ('8', 0) => drop(self.desk.report(ReportKind::Rejected { id: self.id(0), reason: reason() })),
            ('9', 0) => drop(self.desk.report(ReportKind::Suspended { order })),
            ('C', 0) => drop(self.desk.report(ReportKind::Expired { order, cum_qty })),
            ('D', 0) => drop(self.desk.report(ReportKind::Restated { order, qty: row.order_qty, reason: reason() })),
            ('E', 0) => return matches!(self.desk.amend(order, Some(130), None), Verdict::Order { .. }),
            ('F', 0) if cum_qty < qty(100) => self.trade(1),
            ('F', 1) if cum_qty < qty(100) => self.trade(100 - cum_qty.0 / Qty::ONE.0),
            ('K', 0) if matches!(row.ord_status, OrdStatus::PendingCancel | OrdStatus::PendingReplace) => {
                self.desk.report(ReportKind::CancelRejected { id: self.id(1), reason: reason() });
            }
            ('G' | 'H', _) if self.execs > 0 => return self.change_last(code, variant),
            _ => return false,
        }
        true
    }

    /// Corrects the last execution to less or to a complete one, or busts it.
    fn change_last(&mut self, code: char, variant: u8) -> bool {
        let (order, refers) = (self.order, VenueExecId(self.execs));
        let exec = VenueExecId(1_000);
        let last = turret_engine::views::fills(&self.desk.state, ANN, Some(order), None).expect("allowed");
        let (size, all) = (last.last().expect("a fill").last_qty, self.desk.row(order).cum_qty);
        let complete = Qty(qty(100).0 - all.0 + size.0);
        let less = Qty(size.0 - qty(1).0);
        match (code, variant) {
            ('H', 0) => drop(self.desk.report(ReportKind::Bust { order, exec, refers })),
            ('G', 0) => {
                drop(self.desk.report(ReportKind::Correct { order, exec, refers, qty: complete, price: px(18_999) }))
            }
            ('G', 1) if less.is_positive() => {
                self.desk.report(ReportKind::Correct { order, exec, refers, qty: less, price: px(18_999) });
            }
            _ => return false,
        }
        true
    }
}

type Cells = BTreeMap<(OrdStatus, OrdStatus), BTreeSet<char>>;

/// Every cell of the golden table.
fn golden() -> (Vec<OrdStatus>, Cells) {
    let mut rows = Vec::new();
    let mut cells = Cells::new();
    for line in TABLE.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| from")) {
        let mut fields = line.trim_matches('|').split('|').map(str::trim);
        let from: OrdStatus = fields.next().expect("a row").parse().expect("a status");
        rows.push(from);
        for ((_, to), codes) in COLUMNS.iter().zip(fields) {
            let codes: BTreeSet<char> = codes.chars().filter(|c| CODES.contains(c)).collect();
            if !codes.is_empty() {
                cells.insert((from, *to), codes);
            }
        }
    }
    (rows, cells)
}

#[test]
fn every_transition_is_as_the_table_says() {
    let (rows, table) = golden();
    let mut made = Cells::new();
    for from in &rows {
        let amounts: &[i64] = match from {
            OrdStatus::PendingNew | OrdStatus::New => &[0],
            OrdStatus::PartiallyFilled => &[2],
            OrdStatus::Filled => &[100],
            _ => &[0, 2, 100],
        };
        for (filled, code, variant) in
            amounts.iter().flat_map(|f| CODES.iter().flat_map(move |c| [0, 1].map(|v| (*f, *c, v))))
        {
            let open_only = matches!(from, OrdStatus::Suspended | OrdStatus::PendingReplace | OrdStatus::PendingCancel);
            let ended = matches!(from, OrdStatus::Canceled | OrdStatus::Expired | OrdStatus::DoneForDay);
            if filled == 100 && (open_only || ended) {
                continue;
            }
            let mut case = Case::of(*from, filled);
            if case.happen(code, variant) {
                let to = case.desk.row(case.order).ord_status;
                made.entry((*from, to)).or_default().insert(code);
                assert_eq!(case.desk.folded().hash(), case.desk.state.hash());
            }
        }
    }
    // Staying as it is needs no cell; any other move without one is written below the table.
    let mut beyond = String::new();
    for ((from, to), codes) in made.iter().filter(|((from, to), _)| from != to) {
        let allowed = table.get(&(*from, *to)).cloned().unwrap_or_default();
        for code in codes.difference(&allowed) {
            beyond.push_str(&format!("beyond: {from} by {code} becomes {to}\n"));
        }
    }
    let written: String = TABLE.lines().filter(|l| l.starts_with("beyond:")).map(|l| format!("{l}\n")).collect();
    assert_eq!(beyond, written, "moves without a cell");
    for ((from, to), codes) in &table {
        let happened = made.get(&(*from, *to)).cloned().unwrap_or_default();
        let missing: String = codes.difference(&happened).collect();
        assert!(missing.is_empty(), "{from} by {missing} never became {to}; it became {:?}", to_of(&made, *from));
    }
}

fn to_of(made: &Cells, from: OrdStatus) -> Vec<(OrdStatus, String)> {
    made.iter().filter(|((f, _), _)| *f == from).map(|((_, to), codes)| (*to, codes.iter().collect())).collect()
}
