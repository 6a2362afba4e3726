//! The feed: what this session may see of what happens, in order; it must show nothing of other desks, not even gaps.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::alert::AlertView;
use crate::ids::{AccountId, EntitlementVersion, InstrumentId, Sequence};
use crate::instrument::Instrument;
use crate::own::OwnChange;
use crate::time::Timestamp;
use crate::view::{AccountView, FillView, OrderView, PositionView, TradeView, TradingState, UserView};

/// One message; applying all up to `through` gives the state at that sequence.
#[derive(Debug, Clone, Encode, Decode)]
#[cbor(map)]
pub struct FeedMessage {
    /// Everything up to this log sequence is contained.
    #[n(0)]
    pub through: Sequence,
    /// In order.
    #[n(1)]
    pub items: Vec<FeedItem>,
    /// Said when nothing up to `through` is left to send: what the rows stand under. Only from there may a client go on
    /// later.
    #[n(2)]
    pub rights: Option<EntitlementVersion>,
}

/// One change, or one row of a snapshot.
#[derive(Debug, Clone, Encode, Decode)]
pub enum FeedItem {
    /// A snapshot begins: forget everything.
    #[n(0)]
    SnapshotBegin,
    /// It is complete.
    #[n(1)]
    SnapshotEnd,
    /// An order is now so.
    #[n(2)]
    Order(#[n(0)] Box<OrderView>),
    /// An execution is now so.
    #[n(3)]
    Fill(#[n(0)] Box<FillView>),
    /// A position is now so.
    #[n(4)]
    Position(#[n(0)] PositionView),
    /// An account is now so (cash, reserved, buying power, rights).
    #[n(5)]
    Account(#[n(0)] Box<AccountView>),
    /// A listing.
    #[n(6)]
    Instrument(#[n(0)] Box<Instrument>),
    /// A listing's trading state.
    #[n(7)]
    Trading(#[n(0)] InstrumentId, #[n(1)] TradingState),
    /// A colleague's name.
    #[n(8)]
    User(#[n(0)] Box<UserView>),
    /// An account is no longer yours: forget everything of it.
    #[n(9)]
    Purge(#[n(0)] AccountId),
    /// The venue link is up or down.
    #[n(10)]
    VenueLink(#[n(0)] bool),
    /// A public trade in a watched instrument (not durable, not sequenced).
    #[n(11)]
    Trade(#[n(0)] TradeView),
    /// Too slow: the queue was dropped and a snapshot follows.
    #[n(12)]
    Gap,
    /// Prices come from there now: `SIM`, `REPLAY 2023-12-25 x1` (not durable, not sequenced).
    #[n(13)]
    DataSource(#[n(0)] String),
    /// Surveillance found something: for those who may search the log.
    #[n(14)]
    Alert(#[n(0)] Box<AlertView>),
    /// Something of this person's own changed, by another session or by others: when, and what.
    #[n(60)]
    Own(#[n(0)] Timestamp, #[n(1)] OwnChange),
    /// What waits for a second person is not what it was: for those who give their word, who ask for it afresh.
    #[n(61)]
    Approvals,
}
