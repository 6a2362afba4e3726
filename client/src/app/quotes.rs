//! The watchlist, its filter and the ladder beside it; it must hold no price.

use std::collections::BTreeSet;

use turret_shared::ids::InstrumentId;
use turret_shared::instrument::Instrument;
use turret_shared::limits::WATCHED_INSTRUMENTS_MAX;
use turret_shared::role::Permission;
use turret_shared::text::escaped;
use turret_shared::wire::query::Ask;

use super::Model;
use super::effect::Effect;
use super::field::Field;
use super::flight::Question;
use super::key::{Code, Press};
use super::picker::{Go, Picker};

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
    /// Symbols of the person's own list; every listing is shown while there are none.
    pub own: BTreeSet<String>,
    /// Every listing is shown all the same.
    pub all: bool,
    /// What is typed looks for a symbol to add to it, among every listing.
    pub adding: bool,
    /// Where the keys go.
    pub pane: Pane,
    /// Middle of the ladder in ticks, and of which listing; still until recentred.
    pub centre: Option<(InstrumentId, i64)>,
    /// The person moved it away from the touch: it stays there until they recentre it or look at another listing.
    pub moved: bool,
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
            own: BTreeSet::new(),
            all: false,
            adding: false,
            pane: Pane::List,
            centre: None,
            moved: false,
            zoomed: false,
            asked: None,
        }
    }
}

impl Quotes {
    /// True when only the person's own list is shown.
    #[must_use]
    pub fn shows_own(&self) -> bool {
        !self.own.is_empty() && !self.all && !self.adding
    }
}

/// `w`: what is typed next is a symbol for the list of one's own.
pub(super) fn begin_watching(model: &mut Model) {
    model.quotes.filter.clear();
    (model.quotes.adding, model.quotes.typing, model.quotes.pane) = (true, true, Pane::List);
}

/// A key while that is typed: the cursor goes to the first that fits, `Enter` adds what it stands on.
pub(super) fn watching_key(model: &mut Model, key: Press, out: &mut Vec<Effect>) {
    match key.code {
        Code::Enter => {
            let chosen = model.quotes.picker.at.filter(|id| shown(model).contains(id));
            stop_watching(model);
            if let Some(id) = chosen {
                watch(model, id, out);
            }
        }
        Code::Esc | Code::Tab => stop_watching(model),
        Code::Up | Code::Down => {
            let keys = shown(model);
            model.quotes.picker.go(Go::By(if key.code == Code::Up { -1 } else { 1 }), &keys);
        }
        _ => {
            if model.quotes.filter.key(key) {
                model.quotes.picker.at = None;
            }
        }
    }
}

/// Pasted into what is typed there.
pub(super) fn paste(model: &mut Model, text: &str) {
    model.quotes.filter.insert(text);
    if model.quotes.adding {
        model.quotes.picker.at = None;
    }
}

fn stop_watching(model: &mut Model) {
    (model.quotes.adding, model.quotes.typing) = (false, false);
    model.quotes.filter.clear();
}

fn watch(model: &mut Model, id: InstrumentId, out: &mut Vec<Effect>) {
    let symbol = model.desk.symbol(id).to_owned();
    if model.quotes.own.len() >= WATCHED_INSTRUMENTS_MAX {
        return model.tell("Your list is full: take something off it first.");
    }
    let new = model.quotes.own.insert(symbol.clone());
    model.quotes.all = false;
    let symbol = escaped(&symbol);
    model.tell_keys(&if new {
        format!("{symbol} is on your list. {{watch-remove}} takes it off, {{tab-next}} shows every listing.")
    } else {
        format!("{symbol} was on your list.")
    });
    out.push(Effect::Watch(watched(model)));
}

/// `Delete`: takes the listing at hand off the list; from every listing it leaves the others as one's own.
pub(super) fn unwatch(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(id) = model.quotes.picker.at else { return };
    if model.quotes.own.is_empty() {
        model.quotes.own = model.desk.instruments.values().map(|i| i.symbol.clone()).collect();
    } else if !model.quotes.shows_own() {
        return model.tell_keys("Taken off is what is on your own list: {tab-next} shows it.");
    }
    let keys = shown(model);
    let line = model.quotes.picker.line(&keys).unwrap_or(0);
    let symbol = model.desk.symbol(id).to_owned();
    model.quotes.own.remove(&symbol);
    model.quotes.all = false;
    let keys = shown(model);
    model.quotes.picker.put(line, &keys);
    let symbol = escaped(&symbol);
    model.tell_keys(&if model.quotes.own.is_empty() {
        format!("{symbol} was the last on your list: every listing is shown.")
    } else {
        format!("{symbol} is off your list. {{watch-add}} adds, {{tab-next}} shows every listing.")
    });
    out.push(Effect::Watch(watched(model)));
}

/// `]`: one's own list, or every listing.
pub(super) fn switch(model: &mut Model) {
    if model.quotes.own.is_empty() {
        return model.tell_keys("Every listing is shown: {watch-add} begins a list of your own.");
    }
    model.quotes.all = !model.quotes.all;
}

/// Whose quotes are wanted: those of one's own list before the others.
#[must_use]
pub(super) fn watched(model: &Model) -> Vec<InstrumentId> {
    let own = |symbol: &str| model.quotes.own.contains(symbol);
    let (mut first, rest): (Vec<_>, Vec<_>) = model.desk.instruments.values().partition(|i| own(&i.symbol));
    first.extend(rest);
    first.into_iter().take(WATCHED_INSTRUMENTS_MAX).map(|i| i.id).collect()
}

/// Listings shown, by symbol.
#[must_use]
pub fn shown(model: &Model) -> Vec<InstrumentId> {
    let own = model.quotes.shows_own();
    let typed = model.quotes.filter.text().as_bytes();
    if typed.is_empty() && !own {
        return model.desk.by_symbol().to_vec();
    }
    let starts =
        |symbol: &str| symbol.as_bytes().get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed));
    let within = |name: &str| name.as_bytes().windows(typed.len()).any(|part| part.eq_ignore_ascii_case(typed));
    let fits = |listing: &Instrument| starts(&listing.symbol) || (typed.len() > 1 && within(&listing.name));
    let listed = |listing: &Instrument| !own || model.quotes.own.contains(&listing.symbol);
    model.desk.listings().filter(|listing| listed(listing) && fits(listing)).map(|listing| listing.id).collect()
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

/// Moves the ladder by ticks, away from the touch if the person wants to look there.
pub(super) fn move_ladder(model: &mut Model, by: isize) {
    if let Some((_, centre)) = &mut model.quotes.centre {
        *centre = centre.saturating_sub(i64::try_from(by.clamp(-50, 50)).unwrap_or(0));
        model.quotes.moved = true;
    }
}

/// Centres the ladder on the touch: when asked, when another listing is shown, and when either side of the touch left it by
/// itself.
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
    let moved = model.quotes.moved;
    let still = model.quotes.centre.is_some_and(|(of, at)| of == id && (moved || !fits || shown(at)));
    if by_hand || !still {
        model.quotes.centre = Some((id, ticks));
        model.quotes.moved = false;
    }
}
