//! Candlesticks or a line with volume below, in blocks and braille or in plain characters; it must tell up from down
//! without colour.

use turret_shared::bar::BarView;
use turret_shared::money::Price;
use turret_shared::text::escaped;

use super::pen::{Pen, columns};
use super::theme::Token;
use crate::app::Model;
use crate::app::chart::{self, Shape};
use crate::app::geometry::Area;
use crate::format;

/// Columns of the prices beside the chart.
const AXIS: u16 = 9;
/// Lines around the drawing: title, figures, times.
const AROUND: u16 = 3;
/// Fewest lines of a drawing that says anything.
const HEIGHT_MIN: u16 = 6;

/// Where a price lies in `steps` steps from the top, the highest price being 0.
fn step(price: Price, low: Price, high: Price, steps: u16) -> u16 {
    let range = i128::from(high.0).saturating_sub(i128::from(low.0)).max(1);
    let from_top = i128::from(high.0).saturating_sub(i128::from(price.0)).max(0);
    let last = i128::from(steps.saturating_sub(1));
    u16::try_from(from_top.saturating_mul(last).saturating_add(range / 2) / range).unwrap_or(0).min(steps)
}

/// Draws the chart of the listing at hand.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let Some(instrument) = model.chart.of.and_then(|id| model.desk.instruments.get(&id)) else { return };
    let candles = model.chart.shape == Shape::Candles;
    let plot = Area {
        x: area.x,
        y: area.y.saturating_add(2),
        w: area.w.saturating_sub(AXIS).saturating_sub(1),
        h: area.h.saturating_sub(AROUND),
    };
    // A candle and the blank behind it.
    let room = if candles { plot.w / 2 } else { plot.w };
    let (minutes, bars) = model.chart.fitted(room.into());
    let word = if candles { "candles" } else { "line" };
    let title = format!("{} {word}", escaped(&instrument.symbol));
    pen.text(area.x, area.y, area.w, &title, Token::Focus);
    pen.right(area.x, area.y, area.w, &model.keys.say(&format!("{minutes} min a bar   {{chart}} next")), Token::Muted);
    let Some((low, high)) = chart::span(&bars).filter(|_| plot.h >= HEIGHT_MIN) else {
        let why = match (&model.chart.fault, model.chart.known) {
            (Some(why), _) => format!("The bars could not be had: {why}."),
            (None, true) => "No trade since the server started.".into(),
            (None, false) => "Fetching the bars ...".into(),
        };
        pen.text(area.x, area.y.saturating_add(2), area.w, &why, Token::Muted);
        return;
    };
    let decimals = instrument.price_decimals();
    figures(pen, &bars, decimals, area);
    let volume_h = (plot.h / 5).max(2);
    let prices = Area { h: plot.h.saturating_sub(volume_h), ..plot };
    let volumes = Area { y: plot.y.saturating_add(prices.h), h: volume_h, ..plot };
    if candles {
        draw_candles(pen, &bars, (low, high), prices);
    } else {
        draw_line(pen, &bars, (low, high), prices);
    }
    draw_volume(pen, &bars, volumes, if candles { 2 } else { 1 });
    axis(pen, (low, high), decimals, prices);
    let zone = model.zone();
    let y = area.y.saturating_add(area.h).saturating_sub(1);
    if let (Some(first), Some(last)) = (bars.first(), bars.last()) {
        let times = format!("{} to {} {}", clock(first, &zone), clock(last, &zone), zone.label);
        let legend = match (candles, pen.is_ascii()) {
            (false, _) => "",
            (true, true) => "O up  # down",
            (true, false) => "\u{2588} up  \u{2592} down",
        };
        let x = pen.text(area.x, y, area.w, &times, Token::Muted);
        pen.right(x, y, area.w.saturating_sub(x.saturating_sub(area.x)), legend, Token::Muted);
    }
}

fn clock(bar: &BarView, zone: &format::Zone) -> String {
    format::clock(bar.start, zone).get(..5).unwrap_or_default().to_owned()
}

/// What the bars come to, in words.
fn figures(pen: &mut Pen<'_>, bars: &[BarView], decimals: usize, area: Area) {
    let Some(last) = bars.last() else { return };
    let mut whole = *bars.first().unwrap_or(last);
    bars.iter().skip(1).for_each(|bar| whole.join(bar));
    let price = |price: Price| format::price(price, decimals);
    let long = format!(
        "O {} H {} L {} C {}  vol {}",
        price(whole.open),
        price(whole.high),
        price(whole.low),
        price(whole.close),
        format::volume(whole.volume)
    );
    let short = format!("C {}  vol {}", price(whole.close), format::volume(whole.volume));
    let text = if columns(&long) <= area.w { long } else { short };
    pen.text(area.x, area.y.saturating_add(1), area.w, &text, Token::Text);
}

/// Prices at the top, in the middle and at the bottom.
fn axis(pen: &mut Pen<'_>, (low, high): (Price, Price), decimals: usize, area: Area) {
    let x = area.x.saturating_add(area.w).saturating_add(1);
    let bottom = area.y.saturating_add(area.h).saturating_sub(1);
    let middle = Price(low.0.saturating_add(high.0.saturating_sub(low.0) / 2));
    for (y, price) in [(area.y, high), (area.y.saturating_add(area.h / 2), middle), (bottom, low)] {
        pen.right(x, y, AXIS, &format::price_fit(price, decimals, AXIS.into()), Token::Muted);
    }
}

fn draw_candles(pen: &mut Pen<'_>, bars: &[BarView], (low, high): (Price, Price), area: Area) {
    let ascii = pen.is_ascii();
    for (x, bar) in (area.x..).step_by(2).zip(bars) {
        let rises = bar.close >= bar.open;
        let row = |price: Price| step(price, low, high, area.h);
        let (body_top, body_end) = (row(bar.open.max(bar.close)), row(bar.open.min(bar.close)));
        let (body, token) = match (rises, ascii) {
            (true, true) => ("O", Token::Up),
            (true, false) => ("\u{2588}", Token::Up),
            (false, true) => ("#", Token::Down),
            (false, false) => ("\u{2592}", Token::Down),
        };
        let wick = if ascii { "|" } else { "\u{2502}" };
        for line in row(bar.high)..=row(bar.low) {
            let glyph = if (body_top..=body_end).contains(&line) { body } else { wick };
            pen.text(x, area.y.saturating_add(line), 1, glyph, token);
        }
    }
}

/// Dots of a braille cell by column and line.
const DOTS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

fn draw_line(pen: &mut Pen<'_>, bars: &[BarView], (low, high): (Price, Price), area: Area) {
    if pen.is_ascii() {
        for (x, bar) in (area.x..).zip(bars) {
            let line = step(bar.close, low, high, area.h);
            pen.text(x, area.y.saturating_add(line), 1, "*", Token::Accent);
        }
        return;
    }
    let (w, h) = (usize::from(area.w), usize::from(area.h));
    let mut cells = vec![0_u8; w.saturating_mul(h)];
    let dot_of = |bar: &BarView| step(bar.close, low, high, area.h.saturating_mul(4));
    let mut before = bars.first().map(dot_of);
    for (x, bar) in bars.iter().enumerate() {
        let here = dot_of(bar);
        let from = before.replace(here).unwrap_or(here);
        // The left column of dots leads from the close before, the right one stands at this close.
        for line in from.min(here)..=from.max(here) {
            put(&mut cells, w, (x, 0), line);
        }
        put(&mut cells, w, (x, 1), here);
    }
    for (at, bits) in cells.iter().enumerate().filter(|(_, bits)| **bits != 0) {
        let (x, y) = (at.checked_rem(w).unwrap_or(0), at.checked_div(w).unwrap_or(0));
        let glyph = char::from_u32(0x2800 | u32::from(*bits)).unwrap_or(' ').to_string();
        let (x, y) = (u16::try_from(x).unwrap_or(0), u16::try_from(y).unwrap_or(0));
        pen.text(area.x.saturating_add(x), area.y.saturating_add(y), 1, &glyph, Token::Accent);
    }
}

fn put(cells: &mut [u8], width: usize, (x, column): (usize, usize), line: u16) {
    let line = usize::from(line);
    let bit = DOTS.get(column).and_then(|dots| dots.get(line % 4)).copied().unwrap_or(0);
    if let Some(cell) = cells.get_mut((line / 4).saturating_mul(width).saturating_add(x)) {
        *cell |= bit;
    }
}

fn draw_volume(pen: &mut Pen<'_>, bars: &[BarView], area: Area, apart: usize) {
    const EIGHTHS: [&str; 8] =
        ["\u{2581}", "\u{2582}", "\u{2583}", "\u{2584}", "\u{2585}", "\u{2586}", "\u{2587}", "\u{2588}"];
    let most = bars.iter().map(|bar| bar.volume.0).max().unwrap_or(0).max(1);
    let ascii = pen.is_ascii();
    for (x, bar) in (area.x..).step_by(apart).zip(bars) {
        let whole = i128::from(area.h).saturating_mul(8);
        let eighths = i128::from(bar.volume.0).saturating_mul(whole) / i128::from(most);
        // What traded at all is seen.
        let mut left = usize::try_from(eighths.max(1)).unwrap_or(1);
        for line in (0..area.h).rev() {
            let glyph = match (left, ascii) {
                (0, _) => break,
                (_, true) => "|",
                (n, false) => EIGHTHS.get(n.min(8).saturating_sub(1)).copied().unwrap_or("|"),
            };
            pen.text(x, area.y.saturating_add(line), 1, glyph, Token::Muted);
            left = left.saturating_sub(8);
        }
    }
}
