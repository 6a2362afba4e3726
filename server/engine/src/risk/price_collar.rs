//! Distance of the limit price from the live market, or from the reference price before there is one; a stop-limit is
//! measured from its own stop price. It must say nothing of an order without a limit price.

use turret_shared::denial::{Figure, Rule};
use turret_shared::event::order::{PriceBasis, PriceSource};
use turret_shared::instrument::Instrument;
use turret_shared::money::Price;
use turret_shared::time::Timestamp;

use super::Context;
use crate::MarketPrice;
use crate::exact::clamp;

/// Basis points in one.
const WHOLE: i128 = 10_000;

/// The middle of the market, or the next best there is of it.
pub(crate) fn centre(market: &MarketPrice, reference: Price) -> Option<PriceBasis> {
    let good = |price: Option<Price>| price.filter(|p| p.is_positive());
    let time = market.time;
    if let (Some(bid), Some(ask)) = (good(market.bid), good(market.ask)) {
        // Both are above zero: half of each, and of what that leaves over half to even.
        let half = (bid.0 / 2).saturating_add(ask.0 / 2);
        let rest = (bid.0 & 1).saturating_add(ask.0 & 1);
        let price = Price(if rest == 2 || (rest == 1 && half & 1 == 1) { half.saturating_add(1) } else { half });
        return Some(PriceBasis { price, source: PriceSource::Mid, time });
    }
    [(market.last, PriceSource::Last), (market.bid, PriceSource::Bid), (market.ask, PriceSource::Ask)]
        .into_iter()
        .find_map(|(price, source)| good(price).map(|price| PriceBasis { price, source, time }))
        .or_else(|| {
            good(Some(reference)).map(|price| PriceBasis { price, source: PriceSource::Reference, time: Timestamp(0) })
        })
}

/// A price and this many basis points more, rounded up: the worst an order without a limit is judged by.
pub(crate) fn with_margin(price: Price, basis_points: i64) -> Price {
    let scaled = i128::from(price.0).saturating_mul(WHOLE.saturating_add(basis_points.max(0).into()));
    Price(clamp(scaled.saturating_neg().div_euclid(WHOLE).saturating_neg()))
}

/// Lowest and highest price within, ten thousandfold.
fn exact_band(c: &Context<'_>) -> Option<(i128, i128)> {
    let points = i128::from(c.limit(Rule::PriceCollar)?.max(0));
    c.price?;
    let middle = i128::from(if c.ord_type.has_stop() { c.stop_px? } else { c.basis?.price }.0);
    Some((middle.saturating_mul(WHOLE.saturating_sub(points)), middle.saturating_mul(WHOLE.saturating_add(points))))
}

/// The same on the tick grid, for a person.
fn band(c: &Context<'_>) -> Option<(Price, Price)> {
    let (low, high) = exact_band(c)?;
    let tick = WHOLE.saturating_mul(tick(&c.listing.info));
    let low_ticks = low.saturating_neg().div_euclid(tick).saturating_neg();
    let on_grid = |ticks: i128| Price(clamp(ticks.saturating_mul(tick).div_euclid(WHOLE)));
    Some((on_grid(low_ticks), on_grid(high.div_euclid(tick))))
}

fn tick(instrument: &Instrument) -> i128 {
    i128::from(instrument.tick.0).max(1)
}

/// Compared without a division: a price on the tick grid is within the band on the grid when it is within the exact one.
pub(super) fn trips(c: &Context<'_>) -> bool {
    let unchanged = c.old.is_some_and(|old| old.price == c.price && old.stop_px == c.stop_px);
    let (Some((low, high)), Some(price)) = (exact_band(c), c.price) else { return false };
    // 64 bits and 14 always fit.
    let scaled = i128::from(price.0).wrapping_mul(WHOLE);
    !unchanged && (scaled < low || scaled > high)
}

/// Limit, use, headroom.
pub(super) fn figures(c: &Context<'_>) -> Option<(Figure, Figure, Figure)> {
    let (low, high) = band(c)?;
    Some((Figure::Band(low, high), Figure::Price(c.price?), Figure::Band(low, high)))
}

/// Distance from the middle of the band, of half its width.
pub(super) fn ratio(c: &Context<'_>) -> Option<(i128, i128)> {
    let (low, high) = band(c)?;
    let twice_middle = i128::from(low.0).saturating_add(high.0.into());
    let twice_away = i128::from(c.price?.0).saturating_mul(2).saturating_sub(twice_middle).saturating_abs();
    Some((twice_away, i128::from(high.0).saturating_sub(low.0.into())))
}
