//! One account's position in one listing with what is open on it; it must be what the standing fills and open orders say.
//!
//! Average cost: an execution that adds to the position adds its cost; one that reduces it takes the same share of the
//! cost out and realises the difference; one that crosses zero does both. A bust or correction folds the standing
//! executions again, in the order they came.

use minicbor::{Decode, Encode};
use turret_shared::ids::{AccountId, InstrumentId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::Side;
use turret_shared::time::Timestamp;

use crate::exact::Exact;

/// No record.
pub(crate) const NONE: u32 = u32::MAX;
/// Orders of an account in a listing that the duplicate rule remembers.
pub(crate) const RECENT_MAX: usize = 8;

/// An order just entered, for the duplicate rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Recent {
    #[n(0)]
    pub(crate) time: Timestamp,
    #[n(1)]
    pub(crate) side: Side,
    #[n(2)]
    pub(crate) qty: Qty,
    #[n(3)]
    pub(crate) price: Option<Price>,
}

/// What open orders ask of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Open {
    /// Bought at most.
    #[n(0)]
    pub(crate) buy_qty: i64,
    /// For at most.
    #[n(1)]
    pub(crate) buy_cost: Exact,
    /// Sold at most, of what is long.
    #[n(2)]
    pub(crate) sell_qty: i64,
    /// Sold short at most.
    #[n(3)]
    pub(crate) short_qty: i64,
    /// For at most.
    #[n(4)]
    pub(crate) short_cost: Exact,
}

impl Open {
    /// Of one order with this much left to execute.
    pub(crate) fn of(side: Side, leaves: Qty, price: Price, multiplier: u32) -> Self {
        let none = Self::default();
        if leaves.0 <= 0 {
            return none;
        }
        match side {
            Side::Buy => Self { buy_qty: leaves.0, buy_cost: Exact::product(price, leaves, multiplier), ..none },
            Side::Sell => Self { sell_qty: leaves.0, ..none },
            Side::SellShort | Side::SellShortExempt => {
                Self { short_qty: leaves.0, short_cost: Exact::product(price, leaves, multiplier), ..none }
            }
        }
    }

    /// The larger of each: an order that may execute as either.
    pub(crate) fn worst(self, other: Self) -> Self {
        Self {
            buy_qty: self.buy_qty.max(other.buy_qty),
            buy_cost: self.buy_cost.max(other.buy_cost),
            sell_qty: self.sell_qty.max(other.sell_qty),
            short_qty: self.short_qty.max(other.short_qty),
            short_cost: self.short_cost.max(other.short_cost),
        }
    }

    pub(crate) const fn plus(self, other: Self) -> Self {
        Self {
            buy_qty: self.buy_qty.saturating_add(other.buy_qty),
            buy_cost: self.buy_cost.plus(other.buy_cost),
            sell_qty: self.sell_qty.saturating_add(other.sell_qty),
            short_qty: self.short_qty.saturating_add(other.short_qty),
            short_cost: self.short_cost.plus(other.short_cost),
        }
    }

    pub(crate) const fn minus(self, other: Self) -> Self {
        Self {
            buy_qty: self.buy_qty.saturating_sub(other.buy_qty),
            buy_cost: self.buy_cost.minus(other.buy_cost),
            sell_qty: self.sell_qty.saturating_sub(other.sell_qty),
            short_qty: self.short_qty.saturating_sub(other.short_qty),
            short_cost: self.short_cost.minus(other.short_cost),
        }
    }
}

/// What is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Holding {
    /// Signed, in 1e-6.
    #[n(0)]
    pub(crate) qty: i64,
    /// Cost of what is held, with the sign of `qty`.
    #[n(1)]
    pub(crate) cost: Exact,
    /// Realised since the account was opened.
    #[n(2)]
    pub(crate) realised: Exact,
    /// Day (UTC) that `bought` and `sold` count.
    #[n(3)]
    pub(crate) day: i64,
    #[n(4)]
    pub(crate) bought: i64,
    #[n(5)]
    pub(crate) sold: i64,
}

impl Holding {
    /// Books an execution of `signed` (above zero bought) for `amount`, its price x size, always of the price's sign.
    pub(crate) fn book(&mut self, signed: i64, amount: Exact, time: Timestamp) {
        self.count_day(signed, time);
        let size = signed.saturating_abs();
        let signed_amount = if signed < 0 { Exact(amount.0.saturating_neg()) } else { amount };
        let held = self.qty.saturating_abs();
        if self.qty == 0 || (self.qty < 0) == (signed < 0) {
            self.qty = self.qty.saturating_add(signed);
            self.cost = self.cost.plus(signed_amount);
        } else if size <= held {
            let taken = self.cost.share(size, held);
            self.realise(taken, signed_amount);
            self.qty = self.qty.saturating_add(signed);
            self.cost = self.cost.minus(taken);
        } else {
            // Through zero: all that was held is closed by its share of the execution, the rest opens the other side.
            let closing = signed_amount.share(held, size);
            self.realise(self.cost, closing);
            self.qty = self.qty.saturating_add(signed);
            self.cost = signed_amount.minus(closing);
        }
    }

    /// `cost` leaves the position against `closing`, which has the other sign.
    const fn realise(&mut self, cost: Exact, closing: Exact) {
        self.realised = self.realised.minus(cost).minus(closing);
    }

    fn count_day(&mut self, signed: i64, time: Timestamp) {
        let day = time.utc_day();
        if day != self.day {
            (self.day, self.bought, self.sold) = (day, 0, 0);
        }
        if signed > 0 {
            self.bought = self.bought.saturating_add(signed);
        } else {
            self.sold = self.sold.saturating_sub(signed);
        }
    }
}

/// One position.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Position {
    #[n(0)]
    pub(crate) account: AccountId,
    #[n(1)]
    pub(crate) instrument: InstrumentId,
    /// Of the listing; it never changes.
    #[n(2)]
    pub(crate) multiplier: u32,
    /// Brought in, before every execution.
    #[n(3)]
    pub(crate) base: Holding,
    #[n(4)]
    pub(crate) holding: Holding,
    #[n(5)]
    pub(crate) open: Open,
    /// Newest fill of it, or [`NONE`].
    #[n(6)]
    pub(crate) last_fill: u32,
    #[n(7)]
    pub(crate) recent: [Option<Recent>; RECENT_MAX],
    /// Where the next recent order goes.
    #[n(8)]
    pub(crate) recent_next: u8,
}

impl Position {
    pub(crate) fn new(account: AccountId, instrument: InstrumentId, multiplier: u32) -> Self {
        Self {
            account,
            instrument,
            multiplier,
            base: Holding::default(),
            holding: Holding::default(),
            open: Open::default(),
            last_fill: NONE,
            recent: [None; RECENT_MAX],
            recent_next: 0,
        }
    }

    /// Buying power this position holds back, open orders included.
    pub(crate) fn required(&self) -> Exact {
        required(self.holding.qty, self.holding.cost, &self.open)
    }

    /// Something was ever held or is open; a denied order alone makes no position.
    pub(crate) fn is_shown(&self) -> bool {
        self.last_fill != NONE || self.base != Holding::default() || self.open != Open::default()
    }

    pub(crate) fn remember(&mut self, recent: Recent) {
        if let Some(slot) = self.recent.get_mut(usize::from(self.recent_next)) {
            *slot = Some(recent);
        }
        let next = self.recent_next.wrapping_add(1);
        self.recent_next = if usize::from(next) < RECENT_MAX { next } else { 0 };
    }
}

/// Buying power held back: open buys at their price, less the part that buys back what is short; open short sales at
/// their price; and for what is short its proceeds and as much again.
///
/// So an execution at the reserved price leaves buying power as it was: the reservation becomes the holding.
pub(crate) fn required(qty: i64, cost: Exact, open: &Open) -> Exact {
    if qty >= 0 {
        return open.buy_cost.plus(open.short_cost);
    }
    let covering = open.buy_qty.min(qty.saturating_neg());
    let buys = if open.buy_qty > 0 {
        open.buy_cost.share(open.buy_qty.saturating_sub(covering), open.buy_qty)
    } else {
        Exact::ZERO
    };
    buys.plus(open.short_cost).plus(cost.abs().twice())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(price: i64, qty: i64) -> Exact {
        Exact(i128::from(price) * i128::from(qty.abs()))
    }

    #[test]
    fn average_cost_realises_and_crosses_zero() {
        let now = Timestamp(1);
        let mut h = Holding::default();
        h.book(100, exact(10, 100), now);
        h.book(100, exact(12, 100), now);
        assert_eq!((h.qty, h.cost), (200, Exact(2_200)));
        h.book(-50, exact(13, 50), now);
        assert_eq!((h.qty, h.cost, h.realised), (150, Exact(1_650), Exact(100)));
        h.book(-250, exact(9, 250), now);
        assert_eq!((h.qty, h.cost, h.realised), (-100, Exact(-900), Exact(-200)));
        h.book(100, exact(8, 100), now);
        assert_eq!((h.qty, h.cost, h.realised), (0, Exact(0), Exact(-100)));
        assert_eq!((h.bought, h.sold), (300, 300));
    }
}
