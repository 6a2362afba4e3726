//! The watchlist and what is known of the listing under its cursor; it must dim what is old.

use turret_shared::instrument::Instrument;
use turret_shared::money::Qty;
use turret_shared::text::escaped;
use turret_shared::view::TradingState;

use super::arranged::filter;
use super::columns::{away, side_token, status_token};
use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::table::{self, Cell, Column, left, right};
use super::theme::Token;
use crate::app::Model;
use crate::app::geometry::{Area, list_rows};
use crate::app::market::Quote;
use crate::app::quotes::{Pane, shown};
use crate::format;

const NARROW: [Column; 5] = [left("Symbol", 6), right("Bid", 8), right("Ask", 8), right("Last", 8), right("Chg%", 6)];

const WIDE: [Column; 17] = [
    left("Symbol", 6),
    right("BidQty", 6),
    right("Bid", 8),
    right("Ask", 8),
    right("AskQty", 6),
    right("Last", 8),
    right("Chg%", 7),
    right("Volume", 6),
    right("Pos", 7),
    left("Sess", 4),
    right("LastQty", 7),
    right("High", 8),
    right("Low", 8),
    right("Open", 8),
    right("Prev", 8),
    right("Work B/S", 11),
    left("CCY", 3),
];

/// Draws it.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let keys = shown(model);
    // Without colour a mark tells which of the two panes takes the keys.
    let (mark, token) = if model.quotes.pane == Pane::List { ("> ", Token::Focus) } else { ("", Token::Accent) };
    let title = match (model.quotes.adding, model.quotes.own.is_empty(), model.quotes.all) {
        (true, ..) => "Add to yours",
        (false, true, _) => "Watchlist",
        (false, false, false) => "Your list",
        (false, false, true) => "All listings",
    };
    let mut x = pen.text(area.x, area.y, area.w, &format!("{mark}{title}"), token).saturating_add(2);
    x = filter(pen, x, area.y, &model.quotes.filter, model.quotes.typing);
    let text = format!("{} of {}", keys.len(), model.desk.instruments.len());
    pen.text(x, area.y, area.w.saturating_sub(x.saturating_sub(area.x)), &text, Token::Muted);
    let wide = area.w >= 78;
    let columns = if wide { table::fitting(&WIDE, area.w) } else { table::fitting(&NARROW, area.w) };
    table::heads(pen, area.x, area.y.saturating_add(1), columns, "");
    let top = area.y.saturating_add(2);
    let first = model.quotes.picker.top;
    for (y, id) in (top..).zip(keys.iter().skip(first).take(list_rows(area))) {
        let Some(instrument) = model.desk.instruments.get(id) else { continue };
        let here = model.quotes.picker.at == Some(*id);
        let quote = model.market.quote(*id);
        let cells = if wide { wide_cells(model, instrument, quote) } else { narrow_cells(model, instrument, quote) };
        table::row(pen, area.x, y, columns, &[table::cursor_flag(here), flag(model, quote)], &cells);
        if here {
            let style = pen.theme.cursor();
            pen.over(Area { y, h: 1, ..area }, style);
        }
    }
    if keys.is_empty() {
        let why =
            if model.desk.instruments.is_empty() { "Fetching the listings ..." } else { "No symbol fits. Esc clears." };
        pen.text(area.x.saturating_add(3), top.saturating_add(1), area.w, why, Token::Muted);
    }
}

fn flag(model: &Model, quote: Option<&Quote>) -> Cell {
    let (text, token) = match quote {
        Some(quote) if quote.view.state == TradingState::Halted => ("H", Token::Warn),
        Some(quote) if quote.is_stale(model.now.wall) => ("~", Token::Stale),
        _ => (" ", Token::Text),
    };
    (text.into(), token)
}

fn dash() -> Cell {
    (format::NONE.into(), Token::Muted)
}

fn base(model: &Model, quote: &Quote) -> Token {
    if quote.is_stale(model.now.wall) { Token::Stale } else { Token::Text }
}

fn narrow_cells(model: &Model, instrument: &Instrument, quote: Option<&Quote>) -> Vec<Cell> {
    let symbol = (escaped(&instrument.symbol), Token::Text);
    let Some(quote) = quote else { return vec![symbol, dash(), dash(), dash(), dash()] };
    let decimals = instrument.price_decimals();
    let base = base(model, quote);
    let side = |level: Option<turret_shared::view::Level>| match level {
        _ if quote.view.state == TradingState::Halted => ("HALTED".into(), Token::Warn),
        Some(level) => (format::price_fit(level.price, decimals, 8), base),
        None => dash(),
    };
    vec![symbol, side(quote.bid()), side(quote.ask()), last(quote, decimals, base), change(quote)]
}

fn last(quote: &Quote, decimals: usize, base: Token) -> Cell {
    quote.view.last.map_or_else(dash, |level| (format::price_fit(level.price, decimals, 8), base))
}

fn change(quote: &Quote) -> Cell {
    let (Some(last), Some(before)) = (quote.view.last, quote.view.prev_close) else { return dash() };
    let text = format::change_percent(last.price, before);
    let token = match text.chars().next() {
        Some('+') => Token::Up,
        Some('-') => Token::Down,
        _ => Token::Text,
    };
    (text, token)
}

fn wide_cells(model: &Model, instrument: &Instrument, quote: Option<&Quote>) -> Vec<Cell> {
    let symbol = (escaped(&instrument.symbol), Token::Text);
    let Some(quote) = quote else {
        return std::iter::once(symbol).chain(std::iter::repeat_n(dash(), WIDE.len().saturating_sub(1))).collect();
    };
    let decimals = instrument.price_decimals();
    let base = base(model, quote);
    let halted = quote.view.state == TradingState::Halted;
    let price = |level: Option<turret_shared::view::Level>| {
        level.filter(|_| !halted).map_or_else(dash, |l| (format::price_fit(l.price, decimals, 8), base))
    };
    let size = |level: Option<turret_shared::view::Level>| {
        level.filter(|_| !halted).map_or_else(dash, |l| (format::qty_fit(l.qty, 6), base))
    };
    let plain = |price: Option<turret_shared::money::Price>| {
        price.map_or_else(dash, |p| (format::price_fit(p, decimals, 8), base))
    };
    let session = if quote.is_stale(model.now.wall) && !halted {
        let seconds = quote.age_ns(model.now.wall) / turret_shared::time::NS_PER_S;
        let told = seconds < 1_000 && model.quiet_since().is_none();
        (if told { format!("{seconds}s") } else { "old".into() }, Token::Stale)
    } else {
        let token = if quote.view.state == TradingState::Open { Token::Muted } else { Token::Warn };
        (quote.view.state.word().into(), token)
    };
    vec![
        symbol,
        size(quote.bid()),
        price(quote.bid()),
        price(quote.ask()),
        size(quote.ask()),
        last(quote, decimals, base),
        change(quote),
        (format::volume(quote.view.volume), base),
        held(model, instrument),
        session,
        quote.view.last.map_or_else(dash, |l| (format::qty_fit(l.qty, 7), base)),
        plain(quote.view.high),
        plain(quote.view.low),
        plain(quote.view.open),
        plain(quote.view.prev_close),
        at_work(model, instrument),
        (instrument.currency.to_string(), Token::Muted),
    ]
}

fn held(model: &Model, instrument: &Instrument) -> Cell {
    let qty = model.desk.net_position(instrument.id);
    let text = format::position(qty);
    (if text.len() > 7 { format::qty_fit(qty, 7) } else { text }, Token::Text)
}

/// What is left of one's own open orders, bought and sold.
fn at_work(model: &Model, instrument: &Instrument) -> Cell {
    let (buy, sell) = (model.orders.at_work(instrument.id, true), model.orders.at_work(instrument.id, false));
    if buy.is_zero() && sell.is_zero() {
        return dash();
    }
    let text = format!("{}/{}", format::qty(buy), format::qty(sell));
    let text = if text.len() > 11 { text.replace(',', "") } else { text };
    (text, Token::Text)
}

/// Below the watchlist: the listing in full and one's own working orders in it.
pub(super) fn lower(pen: &mut Pen<'_>, model: &Model, area: Area) {
    pen.across(area.x, area.y.saturating_sub(1), area.w);
    let Some(instrument) = model.listing().and_then(|id| model.desk.instruments.get(&id)) else { return };
    let mut sheet = Sheet { lines: about(model, instrument, area.w >= 78), ..Sheet::default() };
    if area.h > 8 {
        sheet.line(Line::rule());
        sheet.lines.extend(working(model, instrument));
    }
    sheet.lines(pen, Area { x: area.x.saturating_add(1), w: area.w.saturating_sub(1), ..area }, 1);
}

fn about(model: &Model, instrument: &Instrument, wide: bool) -> Vec<Line> {
    let decimals = instrument.price_decimals();
    let name = format!("{}  {}", escaped(&instrument.symbol), escaped(&instrument.name));
    let grid = format!(
        "{}  {}  tick {} lot {}",
        escaped(&instrument.mic),
        instrument.currency,
        instrument.tick,
        instrument.lot
    );
    let mut lines = if wide {
        vec![Line::of(name, Token::Text).and(format!("  {}  {grid}", escaped(&instrument.isin)), Token::Muted)]
    } else {
        vec![Line::of(name, Token::Text), Line::of(grid, Token::Muted)]
    };
    let Some(quote) = model.market.quote(instrument.id) else {
        lines.push(Line::of("No picture of its market yet.", Token::Muted));
        return lines;
    };
    let shown = |price: Option<turret_shared::money::Price>| {
        price.map_or_else(|| format::NONE.into(), |p| format::price(p, decimals))
    };
    let view = &quote.view;
    let day = format!("Open {}  High {}  Low {}", shown(view.open), shown(view.high), shown(view.low));
    let prev = format!("Prev {}", shown(view.prev_close));
    let recorded = (model.is_replay() && view.state != TradingState::Closed).then(|| {
        let zone = model.zone();
        format!("Recorded {}  {} {}", format::date(view.time, &zone), format::clock(view.time, &zone), zone.label)
    });
    let held = model.desk.net_position(instrument.id);
    let pos = format!("Pos {}{}", format::position(held), side_letter(held));
    if let Some(text) = recorded {
        // At 80 columns it stands where the listing's grid would: the grid is in every ticket.
        lines.truncate(1);
        lines.push(Line::of(text, Token::Warn));
    }
    if wide {
        lines.push(Line::of(format!("{day}  {prev}  Volume {}  {pos}", format::qty(view.volume)), Token::Text));
    } else {
        lines.push(Line::of(day, Token::Text));
        lines.push(Line::of(format!("{prev}  Vol {}  {pos}", format::volume(view.volume)), Token::Text));
    }
    lines
}

const fn side_letter(qty: Qty) -> &'static str {
    match qty.0 {
        0 => "",
        1.. => " L",
        _ => " S",
    }
}

fn working(model: &Model, instrument: &Instrument) -> Vec<Line> {
    let decimals = instrument.price_decimals();
    let zone = model.zone();
    let mut lines = vec![
        Line::of(format!("My working orders in {}", escaped(&instrument.symbol)), Token::Muted),
        Line::of(
            format!("  Time {:<3} Status   Side     Qty Typ    Price  Filled  Leaves  Away Acct", zone.label),
            Token::Muted,
        ),
    ];
    for row in model.orders.mine_open(instrument.id).take(12) {
        let price = row.price().or(row.stop()).map_or_else(|| format::NONE.into(), |p| format::price(p, decimals));
        let away = away(model, row).map_or_else(|| format::NONE.into(), |ticks| format!("{ticks}t"));
        lines.push(
            Line::of(format!("  {} ", format::clock(row.entered, &zone)), Token::Text)
                .and(format!("{:<8} ", format::status(row.status, row.working, row.in_doubt)), status_token(row))
                .and(format!("{:<4} ", row.side.word()), side_token(row.side))
                .and(
                    format!(
                        "{:>7} {} {price:>8} {:>7} {:>7} {away:>5} {}",
                        format::qty_fit(row.qty, 7),
                        row.ord_type.word(),
                        format::qty_fit(row.cum, 7),
                        format::qty_fit(row.leaves, 7),
                        escaped(model.desk.account_code(row.account))
                    ),
                    Token::Text,
                ),
        );
    }
    if lines.len() == 2 {
        lines.truncate(1);
        lines.push(Line::of("  none", Token::Muted));
    }
    lines
}
