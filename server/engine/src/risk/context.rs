//! What the rules look at for one order: its terms, its account's position and power, the limits in force; it must be
//! cheap to make and judge nothing.

use turret_shared::denial::Rule;
use turret_shared::event::order::PriceBasis;
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side};
use turret_shared::role::Role;
use turret_shared::time::Timestamp;

use crate::exact::Exact;
use crate::state::books::{AccountBook, Listing};
use crate::state::limits::Limits;
use crate::state::position::{Open, Position, Recent, required};

/// An order before its amend.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Old {
    pub(crate) qty: Qty,
    pub(crate) cum: Qty,
    pub(crate) price: Option<Price>,
    pub(crate) stop_px: Option<Price>,
    pub(crate) reserve_px: Price,
    /// What it asks of its position now.
    pub(crate) open: Open,
}

/// One order to be judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) now: Timestamp,
    pub(crate) role: Role,
    pub(crate) side: Side,
    pub(crate) ord_type: OrdType,
    /// New total.
    pub(crate) qty: Qty,
    /// New limit price.
    pub(crate) price: Option<Price>,
    pub(crate) stop_px: Option<Price>,
    /// Where notional and buying power are judged.
    pub(crate) reserve_px: Price,
    pub(crate) confirmed: bool,
    pub(crate) old: Option<Old>,
    pub(crate) basis: Option<PriceBasis>,
    pub(crate) listing: &'a Listing,
    pub(crate) account: &'a AccountBook,
    pub(crate) limits: &'a Limits,
    /// `None` when nothing was ever held or ordered.
    pub(crate) position: Option<&'a Position>,
    /// Open on the position, orders of the same decision counted.
    pub(crate) open: Open,
    /// Buying power left, orders of the same decision counted.
    pub(crate) power: Exact,
    /// Orders of the person in the last minute, those of the same decision counted.
    pub(crate) rate: u64,
    /// Orders of the same decision.
    pub(crate) also: &'a [Recent],
    /// What [`Context::weigh`] found.
    pub(crate) needed: Exact,
}

/// What remains of a judged order once it is taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reserved {
    pub(crate) qty: Qty,
    pub(crate) price: Option<Price>,
    pub(crate) reserve_px: Price,
    pub(crate) basis: Option<PriceBasis>,
    /// Beyond what it asked of the position before.
    pub(crate) open: Open,
    /// Buying power it takes beyond what it held.
    pub(crate) power: Exact,
}

impl<'a> Context<'a> {
    /// What remains of it once the order is taken.
    pub(crate) fn reserved(&self) -> Reserved {
        Reserved {
            qty: self.qty,
            price: self.price,
            reserve_px: self.reserve_px,
            basis: self.basis,
            open: self.own_open().minus(self.old_open()),
            power: self.power_needed(),
        }
    }

    /// The same order with another total.
    pub(crate) fn with_qty(&self, qty: Qty) -> Self {
        let mut other = *self;
        other.qty = qty;
        other.weigh();
        other
    }

    /// The tightest limit of role and account.
    pub(crate) fn limit(&self, rule: Rule) -> Option<i64> {
        match (self.limits.of(self.role, rule), self.account.limits.of(rule)) {
            (Some(role), Some(account)) => Some(role.min(account)),
            (role, account) => role.or(account),
        }
    }

    /// Notional of the whole order as amended.
    pub(crate) const fn notional(&self) -> Exact {
        Exact::product(self.reserve_px, self.qty, self.listing.info.multiplier)
    }

    /// Notional before the amend; nothing for a new order.
    pub(crate) fn old_notional(&self) -> Exact {
        self.old.map_or(Exact::ZERO, |old| Exact::product(old.reserve_px, old.qty, self.listing.info.multiplier))
    }

    /// What it asks of the position at worst: as it was or as amended.
    pub(crate) fn own_open(&self) -> Open {
        let cum = self.old.map_or(Qty::ZERO, |old| old.cum);
        let leaves = Qty(self.qty.0.saturating_sub(cum.0));
        let new = Open::of(self.side, leaves, self.reserve_px, self.listing.info.multiplier);
        self.old.map_or(new, |old| old.open.worst(new))
    }

    /// What it asks of the position now; nothing for a new order.
    pub(crate) fn old_open(&self) -> Open {
        self.old.map_or_else(Open::default, |old| old.open)
    }

    /// Quantity held, signed.
    pub(crate) fn held(&self) -> i64 {
        self.position.map_or(0, |p| p.holding.qty)
    }

    /// Buying power this order takes at worst, beyond what it holds already.
    pub(crate) const fn power_needed(&self) -> Exact {
        self.needed
    }

    /// Finds what buying power it needs: once its quantity and price are settled, for several rules ask.
    pub(crate) fn weigh(&mut self) {
        let (qty, cost) = self.position.map_or((0, Exact::ZERO), |p| (p.holding.qty, p.holding.cost));
        let after = self.open.minus(self.old_open()).plus(self.own_open());
        self.needed = required(qty, cost, &after).minus(required(qty, cost, &self.open));
    }

    /// Orders the duplicate rule compares with.
    pub(crate) fn recent(&self) -> impl Iterator<Item = &'a Recent> + use<'a> {
        let (position, also) = (self.position, self.also);
        position.into_iter().flat_map(|p| p.recent.iter().flatten()).chain(also)
    }
}
