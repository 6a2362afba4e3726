//! What the server shows: rows of orders, fills, positions, accounts, limits, quotes and audit; it must decide nothing.
//!
//! These are server messages: integer keys, unknown ones ignored, so that they may grow.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::account::{OrderCapacity, Rights};
use crate::denial::{Denial, Figure, Override, Rule, RuleUse};
use crate::ids::{
    AccountId, ClOrdId, CorrelationId, DeskId, ExecId, InstrumentId, OrderId, Sequence, SessionId, UserId,
};
use crate::money::{Currency, Money, Price, Qty};
use crate::order::{ExecType, OrdStatus, OrdType, Side, TimeInForce};
use crate::role::Role;
use crate::time::Timestamp;

/// One order as it is now; one row a chain however often replaced.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OrderView {
    /// OrderID (37).
    #[n(0)]
    pub order_id: OrderId,
    /// The last ClOrdID not rejected (11).
    #[n(1)]
    pub cl_ord_id: ClOrdId,
    /// The one before it, after an amend or cancel (41).
    #[n(2)]
    pub orig_cl_ord_id: Option<ClOrdId>,
    /// Account.
    #[n(3)]
    pub account: AccountId,
    /// Who entered it.
    #[n(4)]
    pub owner: UserId,
    /// Listing.
    #[n(5)]
    pub instrument: InstrumentId,
    /// Side (54).
    #[n(6)]
    pub side: Side,
    /// Type (40).
    #[n(7)]
    pub ord_type: OrdType,
    /// Time in force (59).
    #[n(8)]
    pub tif: TimeInForce,
    /// OrderQty (38).
    #[n(9)]
    pub order_qty: Qty,
    /// Price (44).
    #[n(10)]
    pub price: Option<Price>,
    /// StopPx (99).
    #[n(11)]
    pub stop_px: Option<Price>,
    /// CumQty (14).
    #[n(12)]
    pub cum_qty: Qty,
    /// LeavesQty (151).
    #[n(13)]
    pub leaves_qty: Qty,
    /// AvgPx (6), rounded half to even to 1e-9; `None` before the first fill.
    #[n(14)]
    pub avg_px: Option<Price>,
    /// OrdStatus (39).
    #[n(15)]
    pub ord_status: OrdStatus,
    /// ExecType of the last event (150).
    #[n(16)]
    pub exec_type: ExecType,
    /// WorkingIndicator (636): false for a stop that waits, and for what has ended.
    #[n(17)]
    pub working: bool,
    /// No answer from the venue: it is being asked.
    #[n(18)]
    pub in_doubt: bool,
    /// When it was entered.
    #[n(19)]
    pub entered: Timestamp,
    /// When it last changed.
    #[n(20)]
    pub changed: Timestamp,
    /// The owner's text.
    #[n(21)]
    pub text: String,
    /// Last words of the venue or of our own about it.
    #[n(22)]
    pub note: String,
    /// New total asked for by a pending amend.
    #[n(23)]
    pub pending_qty: Option<Qty>,
    /// New price asked for by a pending amend.
    #[n(24)]
    pub pending_price: Option<Price>,
    /// Our no, when it was denied.
    #[n(25)]
    pub denial: Option<Denial>,
    /// Correlation of the command that entered it.
    #[n(26)]
    pub correlation: CorrelationId,
    /// Log sequence of the last event about it.
    #[n(27)]
    pub sequence: Sequence,
    /// Who asked for the newest amend or cancel, where a person did.
    #[n(28)]
    pub asked_by: Option<UserId>,
    /// New stop price asked for by a pending amend.
    #[n(29)]
    pub pending_stop: Option<Price>,
}

/// What became of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum FillState {
    /// Stands.
    #[n(0)]
    Good,
    /// Busted.
    #[n(1)]
    Busted,
    /// Replaced by a correction, which is in the row.
    #[n(2)]
    Corrected,
}

/// One execution.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FillView {
    /// ExecID (17) as we booked it.
    #[n(0)]
    pub exec_id: ExecId,
    /// Order.
    #[n(1)]
    pub order_id: OrderId,
    /// Account.
    #[n(2)]
    pub account: AccountId,
    /// Listing.
    #[n(3)]
    pub instrument: InstrumentId,
    /// Side.
    #[n(4)]
    pub side: Side,
    /// LastQty (32), as it stands.
    #[n(5)]
    pub last_qty: Qty,
    /// LastPx (31), as it stands.
    #[n(6)]
    pub last_px: Price,
    /// Took liquidity (851).
    #[n(7)]
    pub removed: bool,
    /// Good, busted or corrected.
    #[n(8)]
    pub state: FillState,
    /// The latest report that changed it (19 names the one before).
    #[n(9)]
    pub exec_ref_id: Option<ExecId>,
    /// LastQty and LastPx before a correction or bust.
    #[n(10)]
    pub was: Option<(Qty, Price)>,
    /// When it executed.
    #[n(11)]
    pub time: Timestamp,
    /// The venue's id of it.
    #[n(12)]
    pub venue_exec: u64,
    /// CumQty of the order after it.
    #[n(13)]
    pub cum_qty: Qty,
    /// Who entered the order.
    #[n(14)]
    pub owner: UserId,
}

/// One position.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PositionView {
    /// Account.
    #[n(0)]
    pub account: AccountId,
    /// Listing.
    #[n(1)]
    pub instrument: InstrumentId,
    /// Signed quantity.
    #[n(2)]
    pub qty: Qty,
    /// Average cost of what is held, half even to 1e-9; `None` when flat.
    #[n(3)]
    pub avg_cost: Option<Price>,
    /// Realised since the account was opened.
    #[n(4)]
    pub realised: Money,
    /// Bought today.
    #[n(5)]
    pub bought: Qty,
    /// Sold today.
    #[n(6)]
    pub sold: Qty,
    /// Open buy quantity.
    #[n(7)]
    pub open_buy: Qty,
    /// Open sell quantity.
    #[n(8)]
    pub open_sell: Qty,
}

/// One account as this session may see it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AccountView {
    /// Ours.
    #[n(0)]
    pub account: AccountId,
    /// `A1001`.
    #[n(1)]
    pub code: String,
    /// Client name, where the session may see it; else empty.
    #[n(2)]
    pub name: String,
    /// Desk.
    #[n(3)]
    pub desk: DeskId,
    /// `EQ1`.
    #[n(4)]
    pub desk_code: String,
    /// How the firm acts.
    #[n(5)]
    pub capacity: OrderCapacity,
    /// Currency of every amount here.
    #[n(6)]
    pub currency: Currency,
    /// Cash.
    #[n(7)]
    pub cash: Money,
    /// Reserved by open orders.
    #[n(8)]
    pub reserved: Money,
    /// What a purchase may still cost.
    #[n(9)]
    pub buying_power: Money,
    /// What this session may do.
    #[n(10)]
    pub rights: Rights,
}

/// One limit in force for an account and the session's role.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LimitView {
    /// Rule.
    #[n(0)]
    pub rule: Rule,
    /// `role broker`, `account A1001`.
    #[n(1)]
    pub scope: String,
    /// The limit.
    #[n(2)]
    pub limit: Figure,
    /// Used now, where the rule counts something that lasts.
    #[n(3)]
    pub used: Option<Figure>,
    /// False when it always denies, true when the sender may confirm.
    #[n(4)]
    pub soft: bool,
    /// Who may let it through.
    #[n(5)]
    pub overridable: Override,
    /// When it was set, where it was.
    #[n(6)]
    pub since: Option<Timestamp>,
    /// Who set it; nobody by name where whoever runs the server did.
    #[n(7)]
    pub set_by: Option<UserId>,
    /// Whose orders are counted in `used`, where they are one person's.
    #[n(8)]
    pub of: Option<UserId>,
    /// The largest order that can still execute of those it judged, where the rule looks at one order.
    #[n(9)]
    pub largest: Option<Figure>,
}

/// The dry run of an order.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PreviewView {
    /// What sending would be answered with, if it would be denied.
    #[n(0)]
    pub denial: Option<Denial>,
    /// Every rule, tripped or not, in the order of [`Rule`].
    #[n(1)]
    pub rules: Vec<RuleUse>,
    /// The rule that did not trip but came closest.
    #[n(2)]
    pub closest: Option<RuleUse>,
    /// What it costs at most.
    #[n(3)]
    pub notional: Option<Money>,
    /// Currency of the amounts.
    #[n(4)]
    pub currency: Option<Currency>,
    /// Position before.
    #[n(5)]
    pub position_before: Qty,
    /// Position after a complete fill.
    #[n(6)]
    pub position_after: Qty,
    /// Buying power before.
    #[n(7)]
    pub buying_power_before: Money,
    /// Buying power after.
    #[n(8)]
    pub buying_power_after: Money,
    /// Sending asks for a fresh proof.
    #[n(9)]
    pub step_up: bool,
}

/// State of an instrument at its venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum TradingState {
    /// Continuous trading.
    #[n(0)]
    Open,
    /// Halted.
    #[n(1)]
    Halted,
    /// Session closed.
    #[n(2)]
    Closed,
    /// A replay came to its end: the book is frozen.
    #[n(3)]
    Frozen,
}

impl TradingState {
    /// `OPEN`, `HALT`, `CLSD`, `END`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Halted => "HALT",
            Self::Closed => "CLSD",
            Self::Frozen => "END",
        }
    }
}

/// One price level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Level {
    /// Price.
    #[n(0)]
    pub price: Price,
    /// Quantity there.
    #[n(1)]
    pub qty: Qty,
}

/// Picture of one instrument's market. `sequence` grows; the latest wins.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct QuoteView {
    /// Which.
    #[n(0)]
    pub instrument: InstrumentId,
    /// Of this picture.
    #[n(1)]
    pub sequence: u64,
    /// When the venue said it.
    #[n(2)]
    pub time: Timestamp,
    /// Best first.
    #[n(3)]
    pub bids: Vec<Level>,
    /// Best first.
    #[n(4)]
    pub asks: Vec<Level>,
    /// Last trade.
    #[n(5)]
    pub last: Option<Level>,
    /// First of the day.
    #[n(6)]
    pub open: Option<Price>,
    /// Highest of the day.
    #[n(7)]
    pub high: Option<Price>,
    /// Lowest of the day.
    #[n(8)]
    pub low: Option<Price>,
    /// Close of the day before (the reference until there is one).
    #[n(9)]
    pub prev_close: Option<Price>,
    /// Traded today.
    #[n(10)]
    pub volume: Qty,
    /// State.
    #[n(11)]
    pub state: TradingState,
}

/// One public trade.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct TradeView {
    /// Which.
    #[n(0)]
    pub instrument: InstrumentId,
    /// When.
    #[n(1)]
    pub time: Timestamp,
    /// At.
    #[n(2)]
    pub price: Price,
    /// How many.
    #[n(3)]
    pub qty: Qty,
    /// True when the buyer took.
    #[n(4)]
    pub buyer_took: bool,
}

/// One log entry as the audit shows it: names resolved, texts escaped.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AuditView {
    /// Place in the log.
    #[n(0)]
    pub sequence: Sequence,
    /// When, UTC.
    #[n(1)]
    pub time: Timestamp,
    /// Who: a login, `engine`, `venue`, `operator`.
    #[n(2)]
    pub who: String,
    /// Kind of event: `order_new`, `trade`, `signed_in`.
    #[n(3)]
    pub action: String,
    /// On what: `O48201`, `A1001`, a login.
    #[n(4)]
    pub object: String,
    /// `ok`, `denied`, `refused`, `failed`, `flagged`.
    #[n(5)]
    pub outcome: String,
    /// Code behind the outcome, or empty.
    #[n(6)]
    pub reason: String,
    /// One line of the facts.
    #[n(7)]
    pub detail: String,
    /// Correlation.
    #[n(8)]
    pub correlation: CorrelationId,
    /// Session, if any.
    #[n(9)]
    pub session: Option<SessionId>,
    /// Order, if any.
    #[n(10)]
    pub order_id: Option<OrderId>,
    /// Leaf hash in the Merkle log.
    #[n(11)]
    #[cbor(with = "minicbor::bytes")]
    pub leaf: Vec<u8>,
    /// The name its sender gave what was asked for, where it has one.
    #[n(12)]
    pub cl_ord_id: Option<ClOrdId>,
}

/// Someone the session may know by name.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct UserView {
    /// Ours.
    #[n(0)]
    pub user: UserId,
    /// What they type at sign-in.
    #[n(1)]
    pub login: String,
    /// Name.
    #[n(2)]
    pub name: String,
    /// Role.
    #[n(3)]
    pub role: Role,
    /// Desk, if of one.
    #[n(4)]
    pub desk: Option<DeskId>,
    /// `EQ1`, or empty.
    #[n(5)]
    pub desk_code: String,
}
