//! One order as facts: terms, executions counted, pending requests, end; it must never store a status.

use minicbor::{Decode, Encode};
use turret_shared::ids::{AccountId, CorrelationId, InstrumentId, OrderId, Sequence, UserId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::{EndReason, ExecType, OrdStatus, OrdType, Side, StatusFacts, TimeInForce, derive_status};
use turret_shared::time::Timestamp;

use super::position::{NONE, Open};
use crate::exact::Exact;

/// Yes-or-no facts of an order, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(transparent)]
pub(crate) struct Flags(#[n(0)] u16);

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
    /// Any request is in doubt.
    pub(crate) const DOUBT: Self = Self(32 | 64 | 128);

    pub(crate) const fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    pub(crate) const fn put(&mut self, of: Self, so: bool) {
        self.0 = if so { self.0 | of.0 } else { self.0 & !of.0 };
    }
}

/// A request at the venue that has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Request {
    /// Its revision; 0 for none (the new order itself is no `Request`).
    #[n(0)]
    pub(crate) revision: u32,
    /// Its ClOrdID among the names, or `NONE`.
    #[n(1)]
    pub(crate) name: u32,
    /// When it was sent or its doubt resolved.
    #[n(2)]
    pub(crate) since: Timestamp,
}

impl Request {
    pub(crate) const fn is_pending(self) -> bool {
        self.revision != 0
    }
}

/// What a pending amend asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Asked {
    #[n(0)]
    pub(crate) qty: Qty,
    #[n(1)]
    pub(crate) price: Option<Price>,
    #[n(2)]
    pub(crate) reserve_px: Price,
}

/// One order.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Order {
    #[n(0)]
    pub(crate) id: OrderId,
    #[n(1)]
    pub(crate) owner: UserId,
    #[n(2)]
    pub(crate) account: AccountId,
    #[n(3)]
    pub(crate) instrument: InstrumentId,
    /// Its position's place.
    #[n(4)]
    pub(crate) position: u32,
    #[n(5)]
    pub(crate) side: Side,
    #[n(6)]
    pub(crate) ord_type: OrdType,
    #[n(7)]
    pub(crate) tif: TimeInForce,
    #[n(8)]
    pub(crate) qty: Qty,
    #[n(9)]
    pub(crate) price: Option<Price>,
    #[n(10)]
    pub(crate) stop_px: Option<Price>,
    /// Where buying power is reserved.
    #[n(11)]
    pub(crate) reserve_px: Price,
    #[n(12)]
    pub(crate) cum: Qty,
    /// Sum of price x quantity of what stands, multiplier left out.
    #[n(13)]
    pub(crate) paid: Exact,
    #[n(14)]
    pub(crate) flags: Flags,
    #[n(15)]
    pub(crate) ended: Option<EndReason>,
    #[n(16)]
    pub(crate) exec_type: ExecType,
    /// Statuses it has had, a bit each.
    #[n(17)]
    pub(crate) seen: u16,
    /// Last revision sent.
    #[n(18)]
    pub(crate) revision: u32,
    /// Revision in force at the venue.
    #[n(19)]
    pub(crate) in_force: u32,
    #[n(20)]
    pub(crate) amend: Request,
    #[n(21)]
    pub(crate) cancel: Request,
    #[n(22)]
    pub(crate) asked: Asked,
    /// ClOrdID in force, among the names.
    #[n(23)]
    pub(crate) name: u32,
    /// The one before it, or `NONE`.
    #[n(24)]
    pub(crate) orig: u32,
    /// Newest fill, or `NONE`.
    #[n(25)]
    pub(crate) last_fill: u32,
    #[n(26)]
    pub(crate) entered: Timestamp,
    #[n(27)]
    pub(crate) changed: Timestamp,
    /// When the new order was sent or its doubt resolved.
    #[n(28)]
    pub(crate) since: Timestamp,
    #[n(29)]
    pub(crate) sequence: Sequence,
    #[n(30)]
    pub(crate) correlation: CorrelationId,
}

impl Order {
    pub(crate) const fn facts(&self) -> StatusFacts {
        StatusFacts {
            accepted: self.flags.any(Flags::ACCEPTED),
            order_qty: self.qty.0,
            cum_qty: self.cum.0,
            cancel_pending: self.cancel.is_pending(),
            replace_pending: self.amend.is_pending(),
            done_for_day: self.flags.any(Flags::DONE_FOR_DAY),
            suspended: self.flags.any(Flags::SUSPENDED),
            stopped: false,
            calculated: false,
            ended: self.ended,
        }
    }

    pub(crate) const fn status(&self) -> OrdStatus {
        if self.flags.any(Flags::DENIED) { OrdStatus::Denied } else { derive_status(&self.facts()) }
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
    pub(crate) const fn is_open(&self) -> bool {
        self.lives() && (self.qty.0 > self.cum.0 || self.awaits())
    }

    /// Some request of it has no answer.
    pub(crate) const fn awaits(&self) -> bool {
        self.lives() && (!self.flags.any(Flags::ACCEPTED) || self.amend.is_pending() || self.cancel.is_pending())
    }

    /// The request of this revision, if it waits for an answer: since when, and the flag of its doubt.
    pub(crate) const fn awaited(&self, revision: u32) -> Option<(Timestamp, Flags)> {
        if !self.lives() {
            None
        } else if revision == 0 {
            if self.flags.any(Flags::ACCEPTED) { None } else { Some((self.since, Flags::DOUBT_NEW)) }
        } else if revision == self.amend.revision {
            Some((self.amend.since, Flags::DOUBT_AMEND))
        } else if revision == self.cancel.revision {
            Some((self.cancel.since, Flags::DOUBT_CANCEL))
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
        if self.amend.is_pending() {
            now.worst(self.open_as(self.asked.qty, self.asked.reserve_px, multiplier))
        } else {
            now
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
        self.amend = Request { name: NONE, ..Request::default() };
        self.asked = Asked::default();
        self.flags.put(Flags::DOUBT_AMEND, false);
    }

    pub(crate) fn drop_cancel(&mut self) {
        self.cancel = Request { name: NONE, ..Request::default() };
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
