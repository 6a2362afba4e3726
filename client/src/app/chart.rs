//! The chart of the listing at hand: bars the server kept, gone on with by its public trades; it must invent no bar.

use turret_shared::bar::{BAR_NS, BarView};
use turret_shared::ids::InstrumentId;
use turret_shared::limits::BARS_KEPT_MAX;
use turret_shared::money::Price;
use turret_shared::role::Permission;
use turret_shared::view::TradeView;
use turret_shared::wire::query::Ask;

use super::Model;
use super::effect::Effect;
use super::flight::Question;

/// What stands in the right-hand pane of the quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    /// The ladder: no chart.
    #[default]
    Ladder,
    /// Candlesticks.
    Candles,
    /// A line through the closes.
    Line,
}

impl Shape {
    /// The next one round.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Ladder => Self::Candles,
            Self::Candles => Self::Line,
            Self::Line => Self::Ladder,
        }
    }
}

/// Minutes a bar on the screen may stand for, the shortest first.
const MINUTES: [i64; 9] = [1, 2, 5, 10, 15, 30, 60, 120, 240];

/// Bars of one listing.
#[derive(Debug, Default)]
pub struct Chart {
    /// What is shown.
    pub shape: Shape,
    /// The listing the bars were asked for.
    pub of: Option<InstrumentId>,
    /// Minute by minute, oldest first, at most `BARS_KEPT_MAX`.
    pub bars: Vec<BarView>,
    /// The server answered.
    pub known: bool,
    /// Why it did not.
    pub fault: Option<String>,
}

impl Chart {
    /// A public trade goes on with the bars of its listing.
    pub(super) fn trade(&mut self, trade: &TradeView) {
        if !self.known || self.of != Some(trade.instrument) {
            return;
        }
        match self.bars.last_mut() {
            Some(last) if trade.time.since(last.start) < BAR_NS => last.add(trade.price, trade.qty),
            _ => {
                if self.bars.len() >= BARS_KEPT_MAX {
                    self.bars.remove(0);
                }
                self.bars.push(BarView::first(trade.time, trade.price, trade.qty));
            }
        }
    }

    /// The newest bars as at most `count` of equal length, and that length in minutes.
    #[must_use]
    pub fn fitted(&self, count: usize) -> (i64, Vec<BarView>) {
        let longest = MINUTES.last().copied().unwrap_or(1);
        let fits = |minutes: &i64| joined(&self.bars, *minutes).len() <= count;
        let minutes = MINUTES.into_iter().find(fits).unwrap_or(longest);
        let mut bars = joined(&self.bars, minutes);
        let spare = bars.len().saturating_sub(count);
        bars.drain(..spare);
        (minutes, bars)
    }
}

fn joined(bars: &[BarView], minutes: i64) -> Vec<BarView> {
    let mut out: Vec<BarView> = Vec::new();
    let length = minutes.saturating_mul(BAR_NS).max(1);
    let slot = |bar: &BarView| bar.start.0.div_euclid(length);
    for bar in bars {
        match out.last_mut() {
            Some(last) if slot(last) == slot(bar) => last.join(bar),
            _ => out.push(*bar),
        }
    }
    out
}

/// Lowest and highest price of some bars.
#[must_use]
pub fn span(bars: &[BarView]) -> Option<(Price, Price)> {
    let low = bars.iter().map(|bar| bar.low).min()?;
    let high = bars.iter().map(|bar| bar.high).max()?;
    Some((low, high))
}

/// Another listing is looked at, or the chart was opened: asks for its bars once.
pub(super) fn follow(model: &mut Model, out: &mut Vec<Effect>) {
    let here = model.quotes.picker.at;
    let wanted = model.chart.shape != Shape::Ladder && model.chart.of != here;
    if !wanted || model.can_send().is_err() || !model.may(Permission::QuoteRead) {
        return;
    }
    model.chart = Chart { shape: model.chart.shape, of: here, ..Chart::default() };
    let symbol = here.and_then(|id| model.desk.instruments.get(&id)).map(|i| i.symbol.clone());
    if let (Some(id), Some(symbol)) = (here, symbol) {
        model.ask(Question::Bars(id), Ask::Bars(symbol), out);
    }
}

/// The answer came.
pub(super) fn told(model: &mut Model, instrument: InstrumentId, bars: Vec<BarView>) {
    if model.chart.of == Some(instrument) {
        model.chart.bars = bars;
        model.chart.known = true;
    }
}

/// None came: the next look asks again.
pub(super) fn failed(model: &mut Model, instrument: InstrumentId, why: &str) {
    if model.chart.of == Some(instrument) {
        model.chart.fault = Some(why.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use turret_shared::money::Qty;
    use turret_shared::time::Timestamp;

    use super::*;

    fn bars(count: i64) -> Vec<BarView> {
        let one = |n: i64| BarView::first(Timestamp(n * BAR_NS), Price(100 + n), Qty(1));
        (0..count).map(one).collect()
    }

    #[test]
    fn bars_join_until_they_fit_and_lose_no_volume() {
        let chart = Chart { bars: bars(100), ..Chart::default() };
        for (count, minutes, left) in [(100, 1, 100), (50, 2, 50), (30, 5, 20), (1, 120, 1)] {
            let (length, fitted) = chart.fitted(count);
            assert_eq!((length, fitted.len()), (minutes, left), "{count}");
            assert_eq!(fitted.iter().map(|bar| bar.volume.0).sum::<i64>(), 100, "{count}");
            assert_eq!(span(&fitted), Some((Price(100), Price(199))), "{count}");
        }
    }

    #[test]
    fn trades_go_on_with_the_bars_of_their_listing_only() {
        let mut chart = Chart { of: Some(InstrumentId(1)), known: true, bars: bars(1), ..Chart::default() };
        let trade = |instrument: u32, ns: i64, price: i64| TradeView {
            instrument: InstrumentId(instrument),
            time: Timestamp(ns),
            price: Price(price),
            qty: Qty(3),
            buyer_took: true,
        };
        chart.trade(&trade(1, 5, 90));
        chart.trade(&trade(2, 6, 1));
        chart.trade(&trade(1, BAR_NS + 1, 120));
        assert_eq!(chart.bars.len(), 2);
        assert_eq!((chart.bars[0].low, chart.bars[0].volume), (Price(90), Qty(4)));
    }
}
