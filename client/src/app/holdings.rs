//! What positions are worth at their marks, and what stands in the way of knowing; no sum is over two currencies.

use std::collections::BTreeMap;

use turret_shared::money::{Currency, Money};
use turret_shared::view::{AccountView, PositionView, TradingState};

use super::Model;
use super::market::Quote;

/// Unrealised profit at the mark, in the instrument's currency; none where there is no mark.
#[must_use]
pub fn unrealised(model: &Model, position: &PositionView) -> Option<(Money, Currency)> {
    let instrument = model.desk.instruments.get(&position.instrument)?;
    let (mark, _) = model.market.quote(position.instrument)?.mark(position.qty)?;
    let gain = mark.minus(position.avg_cost?).ok()?;
    gain.notional(position.qty, instrument.multiplier).ok().map(|money| (money, instrument.currency))
}

/// How much of an account's means is reserved, in percent.
#[must_use]
pub fn used_percent(account: &AccountView) -> Option<i128> {
    let whole = i128::from(account.reserved.0).saturating_add(i128::from(account.buying_power.0));
    i128::from(account.reserved.0).saturating_mul(100).checked_div(whole)
}

/// True when the listing does not trade now.
#[must_use]
pub fn is_halted(model: &Model, position: &PositionView) -> bool {
    let quoted = model.market.quote(position.instrument).map(|quote| quote.view.state);
    let told = model.desk.trading.get(&position.instrument).copied();
    quoted.or(told) == Some(TradingState::Halted)
}

/// True when the mark is older than one should be.
#[must_use]
pub fn is_stale(model: &Model, position: &PositionView) -> bool {
    model.market.quote(position.instrument).is_some_and(|quote: &Quote| quote.is_stale(model.now.wall))
}

/// Sums over positions by currency, and what they leave out.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Sums {
    /// At the marks.
    pub unrealised: BTreeMap<Currency, i64>,
    /// Since the day began.
    pub realised: BTreeMap<Currency, i64>,
    /// Open positions without a mark: no sum has them.
    pub unmarked: usize,
    /// Open positions whose mark is old: the sums have them as they were.
    pub stale: usize,
}

/// Over these positions.
#[must_use]
pub fn sums<'p>(model: &Model, positions: impl Iterator<Item = &'p PositionView>) -> Sums {
    let mut sums = Sums::default();
    for position in positions {
        if let Some(instrument) = model.desk.instruments.get(&position.instrument) {
            let sum = sums.realised.entry(instrument.currency).or_default();
            *sum = sum.saturating_add(position.realised.0);
        }
        if position.qty.is_zero() {
            continue;
        }
        match unrealised(model, position) {
            Some((gain, currency)) => {
                let sum = sums.unrealised.entry(currency).or_default();
                *sum = sum.saturating_add(gain.0);
                sums.stale = sums.stale.saturating_add(usize::from(is_stale(model, position)));
            }
            None => sums.unmarked = sums.unmarked.saturating_add(1),
        }
    }
    sums
}
