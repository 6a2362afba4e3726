//! A sale of more than is long and not yet offered; it must leave short sales alone.

use turret_shared::denial::Figure;
use turret_shared::money::Qty;
use turret_shared::order::Side;

use super::Context;

/// Long, and offered by other orders.
fn long_and_offered(c: &Context<'_>) -> (i64, i64) {
    (c.held().max(0), c.open.sell_qty.saturating_sub(c.old_open().sell_qty))
}

pub(super) fn trips(c: &Context<'_>) -> bool {
    if c.side != Side::Sell {
        return false;
    }
    let (long, offered) = long_and_offered(c);
    let own = c.own_open().sell_qty;
    own > long.saturating_sub(offered) && own > c.old_open().sell_qty
}

/// Limit, use, headroom.
pub(super) fn figures(c: &Context<'_>) -> Option<(Figure, Figure, Figure)> {
    if c.side != Side::Sell {
        return None;
    }
    let (long, offered) = long_and_offered(c);
    let cum = c.old.map_or(0, |old| old.cum.0);
    let left = long.saturating_sub(offered).max(0).saturating_add(cum);
    let used = offered.saturating_add(c.own_open().sell_qty);
    Some((Figure::Qty(Qty(long)), Figure::Qty(Qty(used)), Figure::Qty(Qty(left))))
}

pub(super) fn ratio(c: &Context<'_>) -> Option<(i128, i128)> {
    let (long, offered) = long_and_offered(c);
    (c.side == Side::Sell).then(|| (offered.saturating_add(c.own_open().sell_qty).into(), long.into()))
}
