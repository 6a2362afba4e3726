//! Queries: one question a stream, answered from committed state under the asker's rights; it must change nothing.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::alert::{AlertHandler, AlertView};
use crate::approval::ApprovalView;
use crate::attempt::AttemptView;
use crate::ban::BanView;
use crate::bar::BarView;
use crate::bulk::{self, BulkRow};
use crate::denial::DenialCode;
use crate::house::HouseRow;
use crate::ids::{ClOrdId, CorrelationId, ExecId, OrderId, Sequence, UserId};
use crate::instrument::Instrument;
use crate::manage::Act;
use crate::order::OrdStatus;
use crate::own::OwnView;
use crate::people::{DeviceView, PersonView, SessionView};
use crate::person::{AccountCode, PersonFacts};
use crate::policy::PolicyView;
use crate::time::Timestamp;
use crate::view::{
    AccountView, AuditView, FillView, LimitView, OrderView, PositionView, PreviewView, QuoteView, TradeView, UserView,
};

/// One question. Rights are those of the session on the connection.
#[derive(Debug, Clone, Encode, Decode)]
#[cbor(map)]
pub struct Query {
    /// Answer no earlier than this sequence: a reader sees its own writes.
    #[n(0)]
    pub after: Option<Sequence>,
    /// What.
    #[n(1)]
    pub ask: Ask,
}

/// What is asked.
#[derive(Debug, Clone, Encode, Decode)]
pub enum Ask {
    /// Orders, newest first, at most `QUERY_ROWS_MAX`.
    #[n(0)]
    Orders {
        /// Only of this status.
        #[n(0)]
        status: Option<OrdStatus>,
        /// Only of this account code.
        #[n(1)]
        account: Option<String>,
        /// Only the one the asker gave this name to, by a new order or by a change of one.
        #[n(2)]
        cl_ord_id: Option<ClOrdId>,
    },
    /// One order.
    #[n(1)]
    Order(#[n(0)] OrderId),
    /// Executions of one order, or the newest of all when `None`.
    #[n(2)]
    Fills(#[n(0)] Option<OrderId>),
    /// One execution.
    #[n(3)]
    Fill(#[n(0)] ExecId),
    /// Market of one symbol.
    #[n(4)]
    Quote(#[n(0)] String),
    /// Recent public trades of one symbol, newest first.
    #[n(5)]
    Trades(#[n(0)] String),
    /// Positions of one account, or of all.
    #[n(6)]
    Positions(#[n(0)] Option<String>),
    /// Accounts.
    #[n(7)]
    Accounts,
    /// Limits for one account.
    #[n(8)]
    Limits(#[n(0)] String),
    /// Listings.
    #[n(9)]
    Instruments,
    /// The dry run: canonical command bytes of a new order or an amend.
    #[n(10)]
    Preview(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        Vec<u8>,
    ),
    /// The log. Asking is itself logged.
    #[n(11)]
    Audit(#[n(0)] Box<AuditFilter>),
    /// Whether an order has been in a status at any time, or is now: answers once it is so or time is up.
    #[n(12)]
    WaitStatus {
        /// Which.
        #[n(0)]
        order: OrderId,
        /// Status.
        #[n(1)]
        status: OrdStatus,
        /// Milliseconds, at most 600,000.
        #[n(2)]
        timeout_ms: u32,
    },
    /// People.
    #[n(13)]
    Users,
    /// Limits of the asker's role and of every account they see; every limit there is for who runs users and policy.
    #[n(14)]
    LimitTable,
    /// Live sessions.
    #[n(15)]
    Sessions,
    /// Devices.
    #[n(16)]
    Devices,
    /// People with what they hold, those who may do nothing too.
    #[n(17)]
    People,
    /// Bars of one symbol since the server started, oldest first.
    #[n(18)]
    Bars(#[n(0)] String),
    /// What happened to one order since its first entry, newest first; of what others tried with it nothing.
    #[n(19)]
    Story(#[n(0)] OrderId),
    /// One person in full.
    #[n(20)]
    Person(#[n(0)] UserId),
    /// Every account by its code, for who says who may do what with it.
    #[n(21)]
    AccountCodes,
    /// What waits for a second person, and what lately did, newest first.
    #[n(30)]
    Approvals,
    /// Policy figures of the asker's role, or of all for those who set them.
    #[n(31)]
    Policies,
    /// The newest alerts of surveillance and how they stand, newest first.
    #[n(40)]
    Alerts,
    /// Sources of strangers that are out for a while.
    #[n(41)]
    Bans,
    /// Denied attempts to be reviewed, and those reviewed of late.
    #[n(42)]
    Attempts,
    /// Desks and listings, for who runs the house.
    #[n(50)]
    House,
    /// The asker's own sessions, keys and devices.
    #[n(60)]
    Own,
    /// What a table of acts would do, row by row, or how things stand as such a table.
    #[n(80)]
    Bulk(#[n(0)] Box<bulk::Asked>),
    /// People the asker knows by name: colleagues, a client nobody but themselves, who runs users everybody.
    #[n(61)]
    Colleagues,
    /// Everything about one order that an outsider verifies it by ([`crate::pack`]). Asking is itself logged.
    #[n(70)]
    Pack(#[n(0)] OrderId),
}

/// Every field narrows.
#[derive(Debug, Clone, Default, Encode, Decode)]
#[cbor(map)]
pub struct AuditFilter {
    /// About this order.
    #[n(0)]
    pub order: Option<OrderId>,
    /// By or about this login.
    #[n(1)]
    pub user: Option<String>,
    /// About this account code.
    #[n(2)]
    pub account: Option<String>,
    /// Kind of event.
    #[n(3)]
    pub action: Option<String>,
    /// Outcome word.
    #[n(4)]
    pub outcome: Option<String>,
    /// Correlation id.
    #[n(5)]
    pub correlation: Option<CorrelationId>,
    /// Not before.
    #[n(6)]
    pub since: Option<Timestamp>,
    /// Before.
    #[n(7)]
    pub until: Option<Timestamp>,
    /// Rows, at most `QUERY_ROWS_MAX`.
    #[n(8)]
    pub limit: Option<u32>,
    /// About the order of this execution.
    #[n(9)]
    pub exec: Option<ExecId>,
    /// About whatever was given this name, and the order it became part of.
    #[n(10)]
    pub cl_ord_id: Option<ClOrdId>,
    /// About this listing or an order in it.
    #[n(11)]
    pub symbol: Option<String>,
    /// A login, account code, symbol or ClOrdID, whichever it is.
    #[n(12)]
    pub any: Option<String>,
    /// Only entries before this one: where the next page begins.
    #[n(13)]
    pub before: Option<Sequence>,
}

/// The answer, possibly in several frames: the last has `more` false.
#[derive(Debug, Clone, Encode, Decode)]
#[cbor(map)]
pub struct Answer {
    /// True when a further frame follows.
    #[n(0)]
    pub more: bool,
    /// As of this sequence.
    #[n(1)]
    pub through: Sequence,
    /// What.
    #[n(2)]
    pub body: AnswerBody,
}

/// What is answered.
#[derive(Debug, Clone, Encode, Decode)]
pub enum AnswerBody {
    /// Orders.
    #[n(0)]
    Orders(#[n(0)] Vec<OrderView>),
    /// Executions.
    #[n(1)]
    Fills(#[n(0)] Vec<FillView>),
    /// A market.
    #[n(2)]
    Quote(#[n(0)] Box<QuoteView>),
    /// Public trades.
    #[n(3)]
    Trades(#[n(0)] Vec<TradeView>),
    /// Positions.
    #[n(4)]
    Positions(#[n(0)] Vec<PositionView>),
    /// Accounts.
    #[n(5)]
    Accounts(#[n(0)] Vec<AccountView>),
    /// Limits.
    #[n(6)]
    Limits(#[n(0)] Vec<LimitView>),
    /// Listings.
    #[n(7)]
    Instruments(#[n(0)] Vec<Instrument>),
    /// Dry run.
    #[n(8)]
    Preview(#[n(0)] Box<PreviewView>),
    /// Log.
    #[n(9)]
    Audit(#[n(0)] Vec<AuditView>),
    /// Whether it came to be so in time, and the order now.
    #[n(10)]
    Waited {
        /// It was or is.
        #[n(0)]
        reached: bool,
        /// Now.
        #[n(1)]
        order: Box<OrderView>,
    },
    /// People.
    #[n(11)]
    Users(#[n(0)] Vec<UserView>),
    /// No.
    #[n(12)]
    Denied {
        /// Why.
        #[n(0)]
        code: DenialCode,
        /// To quote.
        #[n(1)]
        correlation: CorrelationId,
    },
    /// The question could not be served.
    #[n(13)]
    Error {
        /// To quote.
        #[n(0)]
        correlation: CorrelationId,
    },
    /// Live sessions.
    #[n(14)]
    Sessions(#[n(0)] Vec<SessionView>),
    /// Devices.
    #[n(15)]
    Devices(#[n(0)] Vec<DeviceView>),
    /// People with what they hold.
    #[n(16)]
    People(#[n(0)] Vec<PersonView>),
    /// Bars, oldest first.
    #[n(17)]
    Bars(#[n(0)] Vec<BarView>),
    /// One person in full.
    #[n(18)]
    Person(#[n(0)] Box<PersonFacts>),
    /// Accounts by their codes.
    #[n(19)]
    AccountCodes(#[n(0)] Vec<AccountCode>),
    /// Requests for a second person, newest first.
    #[n(30)]
    Approvals(#[n(0)] Vec<ApprovalView>),
    /// Policy figures.
    #[n(31)]
    Policies(#[n(0)] Vec<PolicyView>),
    /// Alerts, newest first, and to whom they can be given.
    #[n(40)]
    Alerts(#[n(0)] Vec<AlertView>, #[n(1)] Vec<AlertHandler>),
    /// Bans, by source.
    #[n(41)]
    Bans(#[n(0)] Vec<BanView>),
    /// Denied attempts, the open ones first, each newest first.
    #[n(42)]
    Attempts(#[n(0)] Vec<AttemptView>),
    /// Desks and listings.
    #[n(50)]
    House(#[n(0)] Vec<HouseRow>),
    /// What is the asker's own.
    #[n(60)]
    Own(#[n(0)] Box<OwnView>),
    /// Rows of a table of acts.
    #[n(80)]
    Bulk(#[n(0)] Vec<BulkRow>),
    /// A table that says how things stand.
    #[n(81)]
    BulkNow(#[n(0)] Vec<Act>),
    /// A pack, or a piece of it: UTF-8 when all of it is there.
    #[n(70)]
    Pack(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        Vec<u8>,
    ),
}
