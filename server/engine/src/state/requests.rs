//! What becomes of an order after it was sent: amends, cancels, doubts; it must hold nothing of an order without any.

use turret_shared::ids::UserId;
use turret_shared::money::{Price, Qty};
use turret_shared::time::Timestamp;

use super::packed::{Packer, Unpacker};
use super::position::NONE;

/// A request at the venue that has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Request {
    /// Its revision; 0 for none (the new order itself is no `Request`).
    pub(crate) revision: u32,
    /// Its ClOrdID among the names, or `NONE`.
    pub(crate) name: u32,
    /// When it was sent or its doubt resolved.
    pub(crate) since: Timestamp,
}

impl Request {
    pub(crate) const NOTHING: Self = Self { revision: 0, name: NONE, since: Timestamp(0) };

    pub(crate) const fn is_pending(self) -> bool {
        self.revision != 0
    }

    fn pack(self, packer: &mut Packer) {
        packer.array(3).unsigned(self.revision).unsigned(self.name).signed(self.since.0);
    }

    fn unpack(u: &mut Unpacker<'_>) -> Option<Self> {
        u.array(3)?;
        Some(Self { revision: u.unsigned()?, name: u.unsigned()?, since: Timestamp(u.signed()?) })
    }
}

/// What a pending amend asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) qty: Qty,
    pub(crate) price: Option<Price>,
    pub(crate) reserve_px: Price,
    /// Another stop price, where that is asked for.
    pub(crate) stop_px: Option<Price>,
}

impl Asked {
    pub(crate) const NOTHING: Self = Self { qty: Qty::ZERO, price: None, reserve_px: Price::ZERO, stop_px: None };

    /// Without another stop price it is the record of a time when there was none.
    fn pack(self, packer: &mut Packer) {
        packer.array(if self.stop_px.is_some() { 4 } else { 3 });
        packer.signed(self.qty.0).option(self.price, |packer, price| {
            packer.signed(price.0);
        });
        packer.signed(self.reserve_px.0);
        if let Some(stop) = self.stop_px {
            packer.signed(stop.0);
        }
    }

    fn unpack(u: &mut Unpacker<'_>) -> Option<Self> {
        let stops = u.array_or_longer(3)?;
        let (qty, price) = (Qty(u.signed()?), u.option(Unpacker::signed)?.map(Price));
        let reserve_px = Price(u.signed()?);
        let stop_px = if stops { Some(Price(u.signed()?)) } else { None };
        Some(Self { qty, price, reserve_px, stop_px })
    }
}

/// The requests of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Requests {
    /// Last revision sent.
    pub(crate) revision: u32,
    /// Revision in force at the venue.
    pub(crate) in_force: u32,
    pub(crate) amend: Request,
    pub(crate) cancel: Request,
    pub(crate) asked: Asked,
    /// Who asked for the newest amend or cancel, where a person did.
    pub(crate) by: Option<UserId>,
    /// The ClOrdID before the one in force, or `NONE`.
    pub(crate) orig: u32,
    /// When the doubt about the new order was resolved; `None` while it counts from its entry.
    pub(crate) since: Option<Timestamp>,
}

impl Requests {
    /// Of an order that was only sent.
    pub(crate) const NOTHING: Self = Self {
        revision: 0,
        in_force: 0,
        amend: Request::NOTHING,
        cancel: Request::NOTHING,
        asked: Asked::NOTHING,
        by: None,
        orig: NONE,
        since: None,
    };

    /// The six fields in a row of an order's record.
    pub(crate) fn pack(&self, packer: &mut Packer) {
        packer.unsigned(self.revision).unsigned(self.in_force);
        self.amend.pack(packer);
        self.cancel.pack(packer);
        self.asked.pack(packer);
        packer.option(self.by, |packer, by| {
            packer.unsigned(by.0);
        });
    }

    /// Of the six fields; the other two stand further on.
    pub(crate) fn unpack(u: &mut Unpacker<'_>) -> Option<Self> {
        Some(Self {
            revision: u.unsigned()?,
            in_force: u.unsigned()?,
            amend: Request::unpack(u)?,
            cancel: Request::unpack(u)?,
            asked: Asked::unpack(u)?,
            by: u.option(Unpacker::unsigned)?.map(UserId),
            ..Self::NOTHING
        })
    }
}
