//! The watchlist, its filter and the ladder beside it; it must hold no price.

use turret_shared::ids::InstrumentId;
use turret_shared::instrument::Instrument;
use turret_shared::role::Permission;
use turret_shared::wire::query::Ask;

use super::Model;
use super::effect::Effect;
use super::field::Field;
use super::flight::Question;
use super::picker::Picker;

/// Which pane of the screen has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// The watchlist.
    #[default]
    List,
    /// The ladder.
    Ladder,
}

/// State of the screen.
#[derive(Debug)]
pub struct Quotes {
    /// The listing under the cursor.
    pub picker: Picker<InstrumentId>,
    /// Typed symbol.
    pub filter: Field,
    /// Keys go to the filter.
    pub typing: bool,
    /// Where the keys go.
    pub pane: Pane,
    /// Middle of the ladder in ticks, and of which listing; still until recentred.
    pub centre: Option<(InstrumentId, i64)>,
    /// The ladder alone or the list alone.
    pub zoomed: bool,
    /// The listing whose trades were asked for last.
    pub asked: Option<InstrumentId>,
}

impl Default for Quotes {
    fn default() -> Self {
        Self {
            picker: Picker::default(),
            filter: Field::new(12),
            typing: false,
            pane: Pane::List,
            centre: None,
            zoomed: false,
            asked: None,
        }
    }
}

/// Listings shown, by symbol.
#[must_use]
pub fn shown(model: &Model) -> Vec<InstrumentId> {
    let typed = model.quotes.filter.text().as_bytes();
    if typed.is_empty() {
        return model.desk.by_symbol().to_vec();
    }
    let starts =
        |symbol: &str| symbol.as_bytes().get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed));
    let within = |name: &str| name.as_bytes().windows(typed.len()).any(|part| part.eq_ignore_ascii_case(typed));
    let fits = |listing: &Instrument| starts(&listing.symbol) || (typed.len() > 1 && within(&listing.name));
    model.desk.listings().filter(|listing| fits(listing)).map(|listing| listing.id).collect()
}

/// Another listing is looked at: asks for its recent trades and its whole depth once.
pub(super) fn follow(model: &mut Model, out: &mut Vec<Effect>) {
    let looked_at = model.listing();
    if looked_at == model.quotes.asked || model.can_send().is_err() || !model.may(Permission::QuoteRead) {
        return;
    }
    model.quotes.asked = looked_at;
    let Some(instrument) = looked_at.and_then(|id| model.desk.instruments.get(&id)) else { return };
    let (id, symbol) = (instrument.id, instrument.symbol.clone());
    model.ask(Question::Trades(id), Ask::Trades(symbol.clone()), out);
    model.ask(Question::Quote, Ask::Quote(symbol), out);
}

/// True when a pane of this height has room for trades below the ladder.
#[must_use]
pub const fn shows_trades(pane: u16) -> bool {
    pane >= 30
}

/// Prices a ladder of this height shows: title, heads and summary stand around them, trades below.
#[must_use]
pub const fn rungs(pane: u16) -> u16 {
    let trades = if shows_trades(pane) { pane / 3 } else { 0 };
    pane.saturating_sub(trades).saturating_sub(3)
}

/// Centres the ladder on the touch: when asked, when another listing is shown, and when either side of the touch left it.
pub(super) fn centre(model: &mut Model, pane: u16, by_hand: bool) {
    let Some(id) = model.listing() else { return };
    let Some(instrument) = model.desk.instruments.get(&id) else { return };
    let Some(quote) = model.market.quote(id) else { return };
    let last = quote.view.last.map(|level| level.price);
    let middle = quote.bid().map(|l| l.price).or(quote.ask().map(|l| l.price)).or(last);
    let Some(ticks) = middle.and_then(|price| price.ticks(instrument.tick)) else { return };
    let rungs = i64::from(rungs(pane));
    let touch = [quote.bid(), quote.ask()].into_iter().flatten();
    let shown = |at: i64| {
        let (highest, lowest) = (at.saturating_add(rungs / 2), at.saturating_add(rungs / 2).saturating_sub(rungs));
        touch.filter_map(|level| level.price.ticks(instrument.tick)).all(|tick| tick <= highest && tick > lowest)
    };
    // A spread wider than the ladder is never shown whole: then the bid's side is.
    let fits = match (quote.bid(), quote.ask()) {
        (Some(bid), Some(ask)) => {
            ask.price.minus(bid.price).ok().and_then(|p| p.ticks(instrument.tick)).is_some_and(|n| n < rungs / 2)
        }
        _ => true,
    };
    let still = model.quotes.centre.is_some_and(|(of, at)| of == id && (!fits || shown(at)));
    if by_hand || !still {
        model.quotes.centre = Some((id, ticks));
    }
}
