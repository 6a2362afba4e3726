//! Depth, a line a tick around a still middle, and the trades below it; it must draw empty prices as lines too.

use turret_shared::ids::InstrumentId;
use turret_shared::instrument::Instrument;
use turret_shared::money::{Price, Qty};
use turret_shared::text::escaped;

use super::passing;
use super::pen::Pen;
use super::theme::Token;
use crate::app::geometry::Area;
use crate::app::market::Quote;
use crate::app::quotes::{Pane, rungs, shows_trades};
use crate::app::{Model, Screen};
use crate::format;

/// Draws both.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let Some(instrument) = model.listing().and_then(|id| model.desk.instruments.get(&id)) else {
        pen.text(area.x, area.y, area.w, "No listing chosen.", Token::Muted);
        return;
    };
    let focused = model.screen == Screen::Quotes && model.quotes.pane == Pane::Ladder;
    let (mark, title) = if focused { (">", Token::Focus) } else { (" ", Token::Accent) };
    let name = escaped(&instrument.symbol);
    pen.text(area.x, area.y, area.w, &format!("{mark}{name} depth"), title);
    let Some(quote) = model.market.quote(instrument.id) else {
        let why = if model.can_send().is_ok() { "waiting for its first picture" } else { "no connection" };
        pen.text(area.x.saturating_add(1), area.y.saturating_add(2), area.w, why, Token::Muted);
        return;
    };
    let levels = quote.view.bids.len().saturating_add(quote.view.asks.len());
    let stale = quote.is_stale(model.now.wall);
    let token = if stale { Token::Stale } else { Token::Muted };
    let age = passing::quote_age(model, quote);
    // Moved by hand it stays where it was put, also when the touch has left it.
    let about =
        if model.quotes.moved { model.keys.say("moved, {recentre} recentres") } else { format!("{levels} levels") };
    pen.right(area.x, area.y, area.w, &format!("{about}   {}{age}", if stale { "~ " } else { "" }), token);
    let rungs = rungs(area.h);
    let full = shows_trades(area.h);
    head(pen, area);
    rungs_of(pen, model, instrument, quote, Area { y: area.y.saturating_add(2), h: rungs, ..area });
    let foot = area.y.saturating_add(2).saturating_add(rungs);
    pen.text(area.x.saturating_add(1), foot, area.w, &summary(instrument, quote), Token::Muted);
    if full {
        let y = foot.saturating_add(1);
        trades_of(pen, model, instrument.id, Area { y, h: area.y.saturating_add(area.h).saturating_sub(y), ..area });
    }
}

fn head(pen: &mut Pen<'_>, area: Area) {
    let y = area.y.saturating_add(1);
    for (x, width, word) in columns(area) {
        pen.right(x, y, width, word, Token::Muted);
    }
}

/// Mine, BidQty, Price, AskQty, Mine, each with its left edge and width.
fn columns(area: Area) -> [(u16, u16, &'static str); 5] {
    let x = |at: u16| area.x.saturating_add(at);
    [(x(0), 5, "Mine"), (x(6), 7, "BidQty"), (x(15), 8, "Price"), (x(24), 6, "AskQty"), (x(31), 5, "Mine")]
}

fn rungs_of(pen: &mut Pen<'_>, model: &Model, instrument: &Instrument, quote: &Quote, area: Area) {
    let (Some(tick), Some((_, centre))) = (
        Some(instrument.tick.0).filter(|t| *t > 0),
        model.quotes.centre.filter(|(of, _)| *of == instrument.id).or_else(|| middle(instrument, quote)),
    ) else {
        pen.text(area.x.saturating_add(1), area.y.saturating_add(1), area.w, "The book is empty.", Token::Muted);
        return;
    };
    let best_bid = quote.bid().map(|l| l.price);
    let best_ask = quote.ask().map(|l| l.price);
    let last = quote.view.last.map(|l| l.price);
    let decimals = instrument.price_decimals();
    let half = i64::from(area.h / 2);
    for row in 0..area.h {
        let ticks = centre.saturating_add(half).saturating_sub(i64::from(row));
        let price = Price(ticks.saturating_mul(tick));
        if !price.is_positive() {
            continue;
        }
        let y = area.y.saturating_add(row);
        let bid = quote.view.bids.iter().find(|l| l.price == price).map(|l| l.qty);
        let ask = quote.view.asks.iter().find(|l| l.price == price).map(|l| l.qty);
        let mark = match (best_bid == Some(price), best_ask == Some(price)) {
            (true, true) => "L",
            (true, false) if best_ask.is_some_and(|a| a < price) => "X",
            (true, false) => "B",
            (false, true) => "A",
            (false, false) if last == Some(price) => "=",
            (false, false) => " ",
        };
        let mine = |buy: bool| model.orders.resting(instrument.id, price, buy);
        let figure = |qty: Option<Qty>, width: usize| qty.map(|q| format::qty_fit(q, width)).unwrap_or_default();
        let [mine_bid, bid_at, price_at, ask_at, mine_ask] = columns(area);
        pen.right(mine_bid.0, y, mine_bid.1, &figure(mine(true), 5), Token::Accent);
        pen.right(bid_at.0, y, bid_at.1, &figure(bid, 7), Token::Buy);
        pen.text(price_at.0.saturating_sub(1), y, 1, mark, Token::Focus);
        let price_token =
            if bid.is_some() || ask.is_some() || last == Some(price) { Token::Text } else { Token::Muted };
        pen.right(price_at.0, y, price_at.1, &format::price_fit(price, decimals, 8), price_token);
        pen.right(ask_at.0, y, ask_at.1, &figure(ask, 6), Token::Sell);
        pen.right(mine_ask.0, y, mine_ask.1, &figure(mine(false), 5), Token::Accent);
    }
}

fn middle(instrument: &Instrument, quote: &Quote) -> Option<(InstrumentId, i64)> {
    let price = quote.bid().or(quote.ask()).or(quote.view.last)?.price;
    price.ticks(instrument.tick).map(|ticks| (instrument.id, ticks))
}

/// Spread in ticks and what stands on each side.
fn summary(instrument: &Instrument, quote: &Quote) -> String {
    let sum = |levels: &[turret_shared::view::Level]| {
        Qty(levels.iter().fold(0_i64, |sum, level| sum.saturating_add(level.qty.0)))
    };
    let spread = match (quote.bid(), quote.ask()) {
        (Some(bid), Some(ask)) => {
            let ticks = ask.price.minus(bid.price).ok().and_then(|p| p.ticks(instrument.tick));
            match ticks {
                Some(0) => "LOCKED".to_owned(),
                Some(n) if n < 0 => "CROSSED".to_owned(),
                Some(n) => format!("spread {n}t"),
                None => "spread ?".to_owned(),
            }
        }
        _ => "one side".to_owned(),
    };
    format!("{spread}  bid {}  ask {}", format::qty(sum(&quote.view.bids)), format::qty(sum(&quote.view.asks)))
}

fn trades_of(pen: &mut Pen<'_>, model: &Model, id: InstrumentId, area: Area) {
    pen.across(area.x, area.y, area.w);
    let decimals = model.desk.decimals(id);
    let zone = model.zone();
    let time = if model.is_replay() { "Recorded" } else { "Time" };
    let head = format!("{:<12} {:>8} {:>7} Took", format!("{time} {}", zone.label), "Price", "Qty");
    pen.text(area.x.saturating_add(1), area.y.saturating_add(1), area.w, &head, Token::Muted);
    let mut older = model.market.trades(id).skip(1);
    let rows = area.y.saturating_add(2)..area.y.saturating_add(area.h);
    for (y, trade) in rows.zip(model.market.trades(id)) {
        let (tick, token) = match older.next().map(|before| trade.price.cmp(&before.price)) {
            Some(std::cmp::Ordering::Greater) => ("^", Token::Up),
            Some(std::cmp::Ordering::Less) => ("v", Token::Down),
            Some(std::cmp::Ordering::Equal) | None => ("=", Token::Muted),
        };
        let text = format!(
            "{:<12} {:>8} {:>7} ",
            format::clock_ms(trade.time, &zone),
            format::price_fit(trade.price, decimals, 8),
            format::qty_fit(trade.qty, 7)
        );
        let x = pen.text(area.x.saturating_add(1), y, area.w, &text, Token::Text);
        pen.text(x, y, 8, &format!("{tick} {}", if trade.buyer_took { "ask" } else { "bid" }), token);
    }
    if model.market.trades(id).next().is_none() {
        pen.text(area.x.saturating_add(1), area.y.saturating_add(2), area.w, "No trades seen yet.", Token::Muted);
    }
}
