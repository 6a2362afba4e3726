//! One order as facts: terms, executions counted, pending requests, end; it must never store a status.

use alloc::boxed::Box;

use minicbor::{Decode, Decoder, Encode, Encoder};
use turret_shared::entry::Head;
use turret_shared::event::order::OrderTerms;
use turret_shared::ids::{AccountId, CorrelationId, InstrumentId, OrderId, Sequence, UserId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::{EndReason, ExecType, OrdStatus, OrdType, Side, StatusFacts, TimeInForce, derive_status};
use turret_shared::time::Timestamp;

use super::packed::{Packer, Unpacker};
use super::position::{NONE, Open};
use super::requests::{Asked, Request, Requests};
use crate::exact::Exact;

/// Yes-or-no facts of an order, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Flags(u16);

impl Flags {
    /// The venue acknowledged it.
    pub(crate) const ACCEPTED: Self = Self(1);
    /// In the book (a stop that waits is not).
    pub(crate) const WORKING: Self = Self(2);
    /// Done until the next session.
    pub(crate) const DONE_FOR_DAY: Self = Self(4);
    /// Out of the book for now.
    pub(crate) const SUSPENDED: Self = Self(8);
    /// Our no: it never left.
    pub(crate) const DENIED: Self = Self(16);
    /// The new order is in doubt.
    pub(crate) const DOUBT_NEW: Self = Self(32);
    /// The pending amend is in doubt.
    pub(crate) const DOUBT_AMEND: Self = Self(64);
    /// The pending cancel is in doubt.
    pub(crate) const DOUBT_CANCEL: Self = Self(128);
    /// It waits for a second person.
    pub(crate) const HELD: Self = Self(256);
    /// Any request is in doubt.
    pub(crate) const DOUBT: Self = Self(32 | 64 | 128);

    pub(crate) const fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    pub(crate) const fn put(&mut self, of: Self, so: bool) {
        self.0 = if so { self.0 | of.0 } else { self.0 & !of.0 };
    }
}

/// Which prices an order has: bits of [`Order::priced`].
const HAS_PRICE: u8 = 1;
/// See [`HAS_PRICE`].
const HAS_STOP: u8 = 2;

/// One order. There are millions of them: what most of them have none of lies apart.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) id: OrderId,
    pub(crate) owner: UserId,
    pub(crate) account: AccountId,
    pub(crate) instrument: InstrumentId,
    /// Its position's place.
    pub(crate) position: u32,
    pub(crate) qty: Qty,
    price: Price,
    stop_px: Price,
    /// Where buying power is reserved.
    pub(crate) reserve_px: Price,
    pub(crate) cum: Qty,
    /// Sum of price x quantity of what stands, multiplier left out.
    pub(crate) paid: Exact,
    /// `None` as long as it was only sent.
    requests: Option<Box<Requests>>,
    pub(crate) entered: Timestamp,
    pub(crate) changed: Timestamp,
    pub(crate) sequence: Sequence,
    pub(crate) correlation: CorrelationId,
    /// ClOrdID in force, among the names.
    pub(crate) name: u32,
    /// Newest fill, or `NONE`.
    pub(crate) last_fill: u32,
    pub(crate) flags: Flags,
    /// Statuses it has had, a bit each.
    seen: u16,
    pub(crate) side: Side,
    pub(crate) ord_type: OrdType,
    pub(crate) tif: TimeInForce,
    pub(crate) exec_type: ExecType,
    pub(crate) ended: Option<EndReason>,
    priced: u8,
}

impl Order {
    /// Of these terms, not yet accepted.
    pub(crate) fn new(head: &Head, owner: UserId, terms: &OrderTerms, position: u32, reserve_px: Price) -> Self {
        let has = |price: Option<Price>, bit: u8| if price.is_some() { bit } else { 0 };
        Self {
            id: OrderId::new(head.sequence, 0),
            owner,
            account: terms.account,
            instrument: terms.instrument,
            position,
            qty: terms.qty,
            price: terms.price.unwrap_or_default(),
            stop_px: terms.stop_px.unwrap_or_default(),
            reserve_px,
            cum: Qty::ZERO,
            paid: Exact::ZERO,
            requests: None,
            entered: head.time,
            changed: head.time,
            sequence: head.sequence,
            correlation: head.origin.correlation,
            name: NONE,
            last_fill: NONE,
            flags: Flags::default(),
            seen: 0,
            side: terms.side,
            ord_type: terms.ord_type,
            tif: terms.tif,
            exec_type: ExecType::PendingNew,
            ended: None,
            priced: has(terms.price, HAS_PRICE) | has(terms.stop_px, HAS_STOP),
        }
    }

    pub(crate) fn price(&self) -> Option<Price> {
        (self.priced & HAS_PRICE != 0).then_some(self.price)
    }

    pub(crate) fn stop_px(&self) -> Option<Price> {
        (self.priced & HAS_STOP != 0).then_some(self.stop_px)
    }

    /// Another limit price.
    pub(crate) const fn reprice(&mut self, price: Price) {
        self.price = price;
        self.priced |= HAS_PRICE;
    }

    /// Another stop price.
    pub(crate) const fn restop(&mut self, stop: Price) {
        self.stop_px = stop;
        self.priced |= HAS_STOP;
    }

    /// Amends, cancels and doubts so far.
    pub(crate) fn requests(&self) -> &Requests {
        self.requests.as_deref().unwrap_or(&Requests::NOTHING)
    }

    /// The same, to be changed.
    pub(crate) fn requests_mut(&mut self) -> &mut Requests {
        self.requests.get_or_insert_with(|| Box::new(Requests::NOTHING))
    }

    /// Since when the new order itself waits.
    pub(crate) fn since(&self) -> Timestamp {
        self.requests().since.unwrap_or(self.entered)
    }

    pub(crate) fn facts(&self) -> StatusFacts {
        let requests = self.requests();
        StatusFacts {
            accepted: self.flags.any(Flags::ACCEPTED),
            order_qty: self.qty.0,
            cum_qty: self.cum.0,
            cancel_pending: requests.cancel.is_pending(),
            replace_pending: requests.amend.is_pending(),
            done_for_day: self.flags.any(Flags::DONE_FOR_DAY),
            suspended: self.flags.any(Flags::SUSPENDED),
            stopped: false,
            calculated: false,
            ended: self.ended,
        }
    }

    pub(crate) fn status(&self) -> OrdStatus {
        if self.flags.any(Flags::DENIED) {
            OrdStatus::Denied
        } else if self.flags.any(Flags::HELD) && self.ended.is_none() {
            OrdStatus::PendingApproval
        } else {
            derive_status(&self.facts())
        }
    }

    /// Neither denied nor ended by the venue; it may be filled.
    pub(crate) const fn lives(&self) -> bool {
        self.ended.is_none() && !self.flags.any(Flags::DENIED)
    }

    /// LeavesQty: what can still execute.
    pub(crate) const fn leaves(&self) -> Qty {
        if self.lives() && self.qty.0 > self.cum.0 { Qty(self.qty.0.saturating_sub(self.cum.0)) } else { Qty::ZERO }
    }

    /// Lives with something left to execute or to be answered.
    pub(crate) fn is_open(&self) -> bool {
        self.lives() && (self.qty.0 > self.cum.0 || self.awaits())
    }

    /// Some request of it has no answer.
    pub(crate) fn awaits(&self) -> bool {
        let requests = self.requests();
        let pending = requests.amend.is_pending() || requests.cancel.is_pending();
        self.lives() && (pending || !self.flags.any(Flags::ACCEPTED))
    }

    /// The request of this revision, if it waits for an answer: since when, and the flag of its doubt.
    pub(crate) fn awaited(&self, revision: u32) -> Option<(Timestamp, Flags)> {
        if !self.lives() || self.flags.any(Flags::HELD) {
            return None;
        }
        if revision == 0 {
            return (!self.flags.any(Flags::ACCEPTED)).then(|| (self.since(), Flags::DOUBT_NEW));
        }
        let Requests { amend, cancel, .. } = self.requests();
        if revision == amend.revision {
            Some((amend.since, Flags::DOUBT_AMEND))
        } else if revision == cancel.revision {
            Some((cancel.since, Flags::DOUBT_CANCEL))
        } else {
            None
        }
    }

    /// In the book and able to execute.
    pub(crate) const fn is_working(&self) -> bool {
        self.leaves().0 > 0
            && self.flags.any(Flags::ACCEPTED)
            && self.flags.any(Flags::WORKING)
            && !self.flags.any(Flags(Flags::SUSPENDED.0 | Flags::DONE_FOR_DAY.0))
    }

    /// What it asks of its position at worst, a pending amend counted.
    pub(crate) fn open(&self, multiplier: u32) -> Open {
        let now = self.open_as(self.qty, self.reserve_px, multiplier);
        match &self.requests {
            Some(requests) if requests.amend.is_pending() => {
                now.worst(self.open_as(requests.asked.qty, requests.asked.reserve_px, multiplier))
            }
            _ => now,
        }
    }

    /// What it would ask with this total and price.
    pub(crate) fn open_as(&self, total: Qty, price: Price, multiplier: u32) -> Open {
        if !self.lives() {
            return Open::default();
        }
        Open::of(self.side, Qty(total.0.saturating_sub(self.cum.0)), price, multiplier)
    }

    /// AvgPx, half to even to 1e-9.
    pub(crate) fn avg_px(&self) -> Option<Price> {
        if self.cum.0 > 0 { self.paid.per_unit(self.cum.0, 1) } else { None }
    }

    /// Notes the status it has now as one it has had.
    pub(crate) fn see(&mut self) {
        self.seen |= bit(self.status());
    }

    pub(crate) const fn has_been(&self, status: OrdStatus) -> bool {
        self.seen & bit(status) != 0
    }

    /// Every pending request is void: the order has ended.
    pub(crate) fn end(&mut self, reason: EndReason) {
        self.ended = Some(reason);
        self.drop_amend();
        self.drop_cancel();
        self.flags.put(Flags::DOUBT_NEW, false);
    }

    pub(crate) fn drop_amend(&mut self) {
        if let Some(requests) = &mut self.requests {
            (requests.amend, requests.asked) = (Request::NOTHING, Asked::NOTHING);
        }
        self.flags.put(Flags::DOUBT_AMEND, false);
    }

    pub(crate) fn drop_cancel(&mut self) {
        if let Some(requests) = &mut self.requests {
            requests.cancel = Request::NOTHING;
        }
        self.flags.put(Flags::DOUBT_CANCEL, false);
    }

    /// The venue has it: whatever it said of it shows so.
    pub(crate) fn accept(&mut self) {
        self.flags.put(Flags::ACCEPTED, true);
        self.flags.put(Flags::DOUBT_NEW, false);
    }
}

const fn bit(status: OrdStatus) -> u16 {
    1_u16.wrapping_shl(status as u32)
}

/// Fields of an order's record.
const FIELDS: u8 = 32;

impl<C> Encode<C> for Order {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        let price = |packer: &mut Packer, price: Price| {
            packer.signed(price.0);
        };
        let requests = self.requests();
        let mut packer = Packer::new();
        packer.array(FIELDS).unsigned(self.id.0).unsigned(self.owner.0).unsigned(self.account.0);
        packer.unsigned(self.instrument.0).unsigned(self.position);
        packer.unsigned(self.side as u8).unsigned(self.ord_type as u8).unsigned(self.tif as u8);
        packer.signed(self.qty.0).option(self.price(), price).option(self.stop_px(), price);
        packer.signed(self.reserve_px.0).signed(self.cum.0).wide(self.paid.0).unsigned(self.flags.0);
        packer.option(self.ended, |packer, ended| {
            packer.unsigned(ended as u8);
        });
        packer.unsigned(self.exec_type as u8).unsigned(self.seen);
        requests.pack(&mut packer);
        packer.unsigned(self.name).unsigned(requests.orig).unsigned(self.last_fill);
        packer.signed(self.entered.0).signed(self.changed.0).signed(self.since().0);
        packer.unsigned(self.sequence.0).unsigned(self.correlation.0);
        packer.write(e)
    }
}

impl<'b, C> Decode<'b, C> for Order {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Unpacker::read(d, unpack)
    }
}

fn unpack(u: &mut Unpacker<'_>) -> Option<Order> {
    u.array(FIELDS)?;
    let (id, owner, account) = (OrderId(u.unsigned()?), UserId(u.unsigned()?), AccountId(u.unsigned()?));
    let (instrument, position) = (InstrumentId(u.unsigned()?), u.unsigned()?);
    let (side, ord_type, tif) = (u.word()?, u.word()?, u.word()?);
    let (qty, price, stop_px) = (Qty(u.signed()?), u.option(Unpacker::signed)?, u.option(Unpacker::signed)?);
    let (reserve_px, cum, paid) = (Price(u.signed()?), Qty(u.signed()?), Exact(u.wide()?));
    let (flags, ended) = (Flags(u.unsigned()?), u.option(Unpacker::word)?);
    let (exec_type, seen) = (u.word()?, u.unsigned()?);
    let mut requests = Requests::unpack(u)?;
    let name = u.unsigned()?;
    requests.orig = u.unsigned()?;
    let last_fill = u.unsigned()?;
    let (entered, changed) = (Timestamp(u.signed()?), Timestamp(u.signed()?));
    requests.since = Some(Timestamp(u.signed()?)).filter(|since| *since != entered);
    let has = |price: Option<i64>, bit: u8| if price.is_some() { bit } else { 0 };
    Some(Order {
        id,
        owner,
        account,
        instrument,
        position,
        qty,
        price: Price(price.unwrap_or_default()),
        stop_px: Price(stop_px.unwrap_or_default()),
        reserve_px,
        cum,
        paid,
        requests: (requests != Requests::NOTHING).then(|| Box::new(requests)),
        entered,
        changed,
        sequence: Sequence(u.unsigned()?),
        correlation: CorrelationId(u.unsigned()?),
        name,
        last_fill,
        flags,
        seen,
        side,
        ord_type,
        tif,
        exec_type,
        ended,
        priced: has(price, HAS_PRICE) | has(stop_px, HAS_STOP),
    })
}
