//! Facts of our own about orders: taken, denied, amended, canceled, in doubt; it must not hold the order's text.

use alloc::boxed::Box;

use minicbor::{Decode, Encode};

use crate::approval::FirstProof;
use crate::command::Saw;
use crate::denial::{Denial, Refusal};
use crate::digest::Digest;
use crate::ids::{AccountId, ClOrdId, InstrumentId, OrderId, PendingId};
use crate::money::{Price, Qty};
use crate::order::{OrdType, Side, TimeInForce};
use crate::time::Timestamp;

/// A new order as it was asked for, resolved to ids.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct OrderTerms {
    /// ClOrdID.
    #[n(0)]
    pub cl_ord_id: ClOrdId,
    /// Account.
    #[n(1)]
    pub account: AccountId,
    /// Listing.
    #[n(2)]
    pub instrument: InstrumentId,
    /// Side.
    #[n(3)]
    pub side: Side,
    /// OrderQty.
    #[n(4)]
    pub qty: Qty,
    /// Type.
    #[n(5)]
    pub ord_type: OrdType,
    /// Price.
    #[n(6)]
    pub price: Option<Price>,
    /// StopPx.
    #[n(7)]
    pub stop_px: Option<Price>,
    /// Time in force.
    #[n(8)]
    pub tif: TimeInForce,
    /// Soft rules were confirmed.
    #[n(9)]
    pub confirmed: bool,
    /// Commitment to the text, if there is one: HMAC-SHA-256 under a value that lies in the vault.
    #[n(10)]
    pub text: Option<Digest>,
    /// What the person had on screen.
    #[n(11)]
    pub saw: Option<Box<Saw>>,
    /// SHA-256 of the command's bytes; where there is text, of the bytes without it followed by the commitment.
    #[n(12)]
    pub command: Digest,
    /// The command is void after this.
    #[n(13)]
    pub expires: Timestamp,
}

/// Where a price came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum PriceSource {
    /// Best bid.
    #[n(0)]
    Bid,
    /// Best ask.
    #[n(1)]
    Ask,
    /// Last trade.
    #[n(2)]
    Last,
    /// The listing's reference price: there was no market yet.
    #[n(3)]
    Reference,
    /// Half way between best bid and best ask.
    #[n(4)]
    Mid,
}

/// The market price a decision leaned on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PriceBasis {
    /// The price.
    #[n(0)]
    pub price: Price,
    /// What it is.
    #[n(1)]
    pub source: PriceSource,
    /// When the venue said it; zero for a reference price.
    #[n(2)]
    pub time: Timestamp,
}

/// An order was taken; its OrderID is (sequence of this entry, 0).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct OrderNew {
    /// As asked for.
    #[n(0)]
    pub terms: OrderTerms,
    /// The market it was judged by.
    #[n(1)]
    pub basis: Option<PriceBasis>,
    /// Price at which buying power is reserved: the limit, or the estimate for an order without one.
    #[n(2)]
    pub reserve_px: Price,
    /// The proof that let it through.
    #[n(3)]
    pub proof: Option<PendingId>,
    /// It goes nowhere before a second person approved it, under the number of its proof; void after this.
    #[n(4)]
    pub approval: Option<Timestamp>,
    /// The proof its author gave, where a second person's word must name it.
    #[n(5)]
    pub first: Option<FirstProof>,
}

/// Our no to an order. With `terms` there is a row of it, which uses up the ClOrdID: its OrderID is (sequence of this
/// entry, 0).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct OrderDenied {
    /// ClOrdID.
    #[n(0)]
    pub cl_ord_id: ClOrdId,
    /// As asked for, when account and listing are known to the sender.
    #[n(1)]
    pub terms: Option<Box<OrderTerms>>,
    /// What was answered.
    #[n(2)]
    pub denial: Denial,
    /// The market it was judged by.
    #[n(3)]
    pub basis: Option<PriceBasis>,
}

/// An amend as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AmendTerms {
    /// ClOrdID of the request.
    #[n(0)]
    pub cl_ord_id: ClOrdId,
    /// Which order.
    #[n(1)]
    pub order: OrderId,
    /// New total, if it changes.
    #[n(2)]
    pub qty: Option<Qty>,
    /// New limit price, if it changes.
    #[n(3)]
    pub price: Option<Price>,
    /// Soft rules were confirmed.
    #[n(4)]
    pub confirmed: bool,
    /// SHA-256 of the command's bytes.
    #[n(5)]
    pub command: Digest,
    /// The command is void after this.
    #[n(6)]
    pub expires: Timestamp,
    /// New stop price, if it changes.
    #[n(7)]
    pub stop_px: Option<Price>,
}

/// An amend goes to the venue.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Amend {
    /// As asked for.
    #[n(0)]
    pub terms: AmendTerms,
    /// Revision of the request at the venue.
    #[n(1)]
    pub revision: u32,
    /// New total.
    #[n(2)]
    pub qty: Qty,
    /// New limit price, for a type that has one.
    #[n(3)]
    pub price: Option<Price>,
    /// The market it was judged by.
    #[n(4)]
    pub basis: Option<PriceBasis>,
    /// Price at which buying power is reserved for the amended order.
    #[n(5)]
    pub reserve_px: Price,
    /// The proof that let it through.
    #[n(6)]
    pub proof: Option<PendingId>,
    /// New stop price, if it changes.
    #[n(7)]
    pub stop_px: Option<Price>,
}

/// Our no to an amend or cancel; the order stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct RequestRefused {
    /// ClOrdID of the request.
    #[n(0)]
    pub cl_ord_id: ClOrdId,
    /// Which order, when it is one the sender knows of.
    #[n(1)]
    pub order: Option<OrderId>,
    /// What was answered.
    #[n(2)]
    pub refusal: Refusal,
    /// SHA-256 of the command's bytes.
    #[n(3)]
    pub command: Digest,
    /// The market it was judged by.
    #[n(4)]
    pub basis: Option<PriceBasis>,
}

/// A cancel goes to the venue.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Cancel {
    /// Which order.
    #[n(0)]
    pub order: OrderId,
    /// Revision of the request at the venue.
    #[n(1)]
    pub revision: u32,
    /// ClOrdID of the request; `None` for one of a mass cancel.
    #[n(2)]
    pub cl_ord_id: Option<ClOrdId>,
    /// SHA-256 of the command's bytes.
    #[n(3)]
    pub command: Digest,
}

/// Why an order is in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum DoubtCause {
    /// No answer in time.
    #[n(0)]
    NoAnswer,
    /// The link was lost while it was being sent.
    #[n(1)]
    LinkLost,
}

/// No answer from the venue: it is asked, nothing is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct InDoubt {
    /// Which order.
    #[n(0)]
    pub order: OrderId,
    /// Which request of its chain.
    #[n(1)]
    pub revision: u32,
    /// Why.
    #[n(2)]
    pub cause: DoubtCause,
}

/// The venue said what became of a request in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DoubtResolved {
    /// Which order.
    #[n(0)]
    pub order: OrderId,
    /// Which request of its chain.
    #[n(1)]
    pub revision: u32,
    /// It is there; its facts come in their own order. Otherwise it never arrived and never will: an order has ended,
    /// an amend or cancel did not happen.
    #[n(2)]
    pub arrived: bool,
    /// The venue's last fact when it answered.
    #[n(3)]
    pub as_of: u64,
}

/// A mass cancel.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CancelAllAsked {
    /// ClOrdID of the request.
    #[n(0)]
    pub cl_ord_id: ClOrdId,
    /// Of one account, or of the sender's own orders.
    #[n(1)]
    pub account: Option<AccountId>,
    /// Requests made; each follows as its own cancel.
    #[n(2)]
    pub requested: u32,
    /// Left alone, a cancel already pending.
    #[n(3)]
    pub already: u32,
    /// SHA-256 of the command's bytes.
    #[n(4)]
    pub command: Digest,
}
