//! One order in full: figures, executions, story, ids; it must show busted executions as such, never hide them.

use turret_shared::money::{Price, div_half_even};
use turret_shared::text::escaped;
use turret_shared::view::{AuditView, FillState, FillView};

use super::columns::{away, side_token, status_token};
use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::table::{self, Cell, Column, left, right};
use super::theme::Token;
use crate::app::Model;
use crate::app::geometry::Area;
use crate::app::orders::Row;
use crate::format;

const FILLS: [Column; 8] = [
    left("Time", 12),
    right("LastQty", 7),
    right("LastPx", 9),
    right("CumQty", 7),
    right("AvgPx", 9),
    left("State", 16),
    left("ExecID", 10),
    left("Venue", 5),
];

const LABEL: usize = 11;

fn order(model: &Model) -> Option<&Row> {
    model.orders.get(model.detail.order?)
}

/// Title: side, quantity, symbol, status.
fn title(model: &Model, row: &Row) -> String {
    let status = format::status(row.status, row.working, row.in_doubt);
    format!("{} {} {}  {status}", row.side.word(), format::qty(row.qty), escaped(model.desk.symbol(row.instrument)))
}

/// To the right of the list.
pub(super) fn dock(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let Some(row) = order(model) else {
        pen.text(area.x, area.y, area.w, "Detail", Token::Muted);
        pen.across(area.x, area.y.saturating_add(1), area.w);
        pen.text(area.x, area.y.saturating_add(3), area.w, "No order under the cursor.", Token::Muted);
        return;
    };
    let mut sheet = Sheet {
        title: title(model, row),
        corner: model.server.environment.word().into(),
        token: status_token(row),
        lines: figures(model, row),
    };
    sheet.line(Line::rule());
    sheet.lines.extend(identity(model, row));
    sheet.line(Line::rule());
    sheet.lines.extend(market(model, row));
    let has_lower = crate::app::geometry::geometry(model).lower.is_some();
    if !has_lower {
        sheet.line(Line::rule());
        sheet.lines.extend(fills_short(model, row));
    }
    sheet.dock(pen, area);
}

fn figures(model: &Model, row: &Row) -> Vec<Line> {
    let desk = &model.desk;
    let decimals = desk.decimals(row.instrument);
    let dash = || format::NONE.to_owned();
    let name = desk
        .instruments
        .get(&row.instrument)
        .map_or_else(dash, |i| format!("{}  {}  {}", escaped(&i.name), escaped(&i.mic), i.currency));
    let price = row.price().map_or_else(dash, |p| format::price(p, decimals));
    let mut lines = vec![
        Line::of(name, Token::Muted),
        Line::labelled("Order", LABEL, format!("{} ", row.side.word()), side_token(row.side))
            .and(format!("{} {} {}", format::qty(row.qty), row.ord_type.word(), row.tif.word()), Token::Text),
        Line::labelled("Price", LABEL, price, Token::Text),
    ];
    if let Some(stop) = row.stop() {
        let which = if row.working { "triggered" } else { "waits for the last price" };
        lines.push(Line::labelled("Stop", LABEL, format!("s{}  {which}", format::price(stop, decimals)), Token::Text));
    }
    let avg = row.avg_px().map_or_else(dash, |p| format::avg_px(p, decimals));
    lines.extend([
        Line::labelled("CumQty", LABEL, format::qty(row.cum), Token::Text),
        Line::labelled("LeavesQty", LABEL, format::qty(row.leaves), Token::Text),
        Line::labelled("AvgPx", LABEL, avg, Token::Text),
    ]);
    let account = desk.accounts.get(&row.account);
    let client = account.map(|a| escaped(&a.name)).filter(|name| !name.is_empty()).unwrap_or_default();
    lines.push(
        Line::labelled("Account", LABEL, escaped(desk.account_code(row.account)), Token::Text)
            .and(format!(" {client}"), Token::Muted),
    );
    lines.push(Line::labelled("Trader", LABEL, escaped(desk.login(row.owner)), Token::Text));
    if let Some(extra) = model.orders.extra(row.id) {
        if let Some(qty) = extra.pending_qty {
            lines.push(Line::labelled("Asked", LABEL, format!("total {}", format::qty(qty)), Token::Warn));
        }
        if let Some(price) = extra.pending_price {
            lines.push(Line::labelled(
                "Asked",
                LABEL,
                format!("price {}", format::price(price, decimals)),
                Token::Warn,
            ));
        }
        if let Some(denial) = &extra.denial {
            lines.push(Line::labelled("Denied", LABEL, denial.code.to_string(), Token::Error));
            lines.push(Line::of(model.keys.say("{open} explains, {edit-denied} edits and tries again"), Token::Muted));
        }
    }
    for (label, text) in [("Text", model.orders.text(row)), ("Note", model.orders.note(row))] {
        if !text.is_empty() {
            lines.push(Line::labelled(label, LABEL, escaped(text), Token::Text));
        }
    }
    lines
}

fn identity(model: &Model, row: &Row) -> Vec<Line> {
    let zone = model.zone();
    let before = model.orders.extra(row.id).and_then(|extra| extra.orig_cl_ord_id.as_ref());
    let mut lines = vec![
        Line::labelled("OrderID", LABEL, row.id.to_string(), Token::Text)
            .and(model.keys.say("  {copy} copies"), Token::Muted),
        Line::labelled("ClOrdID", LABEL, escaped(model.orders.cl_ord_id(row)), Token::Text),
    ];
    let venue = model.desk.instruments.get(&row.instrument).map_or_else(|| format::UNKNOWN.into(), |i| escaped(&i.mic));
    lines.push(Line::labelled("Venue", LABEL, venue, Token::Text));
    lines.extend([
        Line::labelled("Corr", LABEL, row.correlation.to_string(), Token::Text),
        Line::labelled("Receipt", LABEL, format!("log {}", row.sequence), Token::Text),
        Line::labelled("Entered", LABEL, format::clock_ms(row.entered, &zone), Token::Text)
            .and(format!(" {}", zone.label), Token::Muted),
        Line::labelled("Changed", LABEL, format::clock_ms(row.changed, &zone), Token::Text)
            .and(format!(" {}", zone.label), Token::Muted),
    ]);
    let chain = model.detail.chain();
    if chain.len() > 1 {
        for (at, (name, what)) in chain.iter().enumerate() {
            let label = if at == 0 { "Chain" } else { "" };
            let name = escaped(name.as_str());
            lines.push(Line::labelled(label, LABEL, name, Token::Muted).and(format!("  {what}"), Token::Muted));
        }
    } else if let Some(before) = before {
        lines.push(Line::labelled("before it", LABEL, escaped(before.as_str()), Token::Muted));
    }
    lines
}

fn market(model: &Model, row: &Row) -> Vec<Line> {
    let decimals = model.desk.decimals(row.instrument);
    let Some(quote) = model.market.quote(row.instrument) else {
        return vec![Line::of("No market picture yet.", Token::Muted)];
    };
    let token = if quote.is_stale(model.now.wall) { Token::Stale } else { Token::Text };
    let side = |level: Option<turret_shared::view::Level>| {
        level.map_or_else(
            || format::NONE.into(),
            |l| format!("{} x {}", format::qty(l.qty), format::price(l.price, decimals)),
        )
    };
    let mut lines = vec![
        Line::labelled("Bid", LABEL, side(quote.bid()), token),
        Line::labelled("Ask", LABEL, side(quote.ask()), token)
            .and(format!("  {}", format::age(quote.age_ns(model.now.wall))), Token::Muted),
    ];
    if let Some(ticks) = away(model, row) {
        let words = if ticks == 0 { "at the touch".into() } else { format!("{ticks} ticks from the touch") };
        lines.push(Line::labelled("Away", LABEL, words, Token::Text));
    }
    lines
}

fn fills_short(model: &Model, row: &Row) -> Vec<Line> {
    let decimals = model.desk.decimals(row.instrument);
    let zone = model.zone();
    let head = format!("{} executions", model.detail.fills.len());
    let mut lines = vec![Line::of(head, Token::Muted)];
    lines.extend(model.detail.fills.iter().rev().map(|fill| {
        let (state, token) = state(fill);
        Line::of(format::clock_ms(fill.time, &zone), Token::Text)
            .and(format!("{:>8}", format::qty_fit(fill.last_qty, 8)), Token::Text)
            .and(format!("{:>10}", format::price(fill.last_px, decimals)), Token::Text)
            .and(format!(" {state}"), token)
    }));
    lines
}

fn state(fill: &FillView) -> (&'static str, Token) {
    match fill.state {
        FillState::Good => ("", Token::Text),
        FillState::Busted => ("BUSTED", Token::Error),
        FillState::Corrected => ("corrected", Token::Warn),
    }
}

/// Below the list: executions, then the story.
pub(super) fn lower(pen: &mut Pen<'_>, model: &Model, area: Area) {
    pen.across(area.x, area.y.saturating_sub(1), area.w);
    let Some(row) = order(model) else { return };
    let story: Vec<Line> = story(model, row);
    let fills = model.detail.fills.len().max(1);
    let share = usize::from(area.h.saturating_sub(4)) / 2;
    let shown = fills.min(share.max(usize::from(area.h.saturating_sub(4)).saturating_sub(story.len())));
    let rows = u16::try_from(shown).unwrap_or(1);
    fills_block(pen, model, row, Area { h: rows.saturating_add(2), ..area });
    let rule = area.y.saturating_add(rows).saturating_add(2);
    pen.across(area.x, rule, area.w);
    pen.text(area.x.saturating_add(1), rule.saturating_add(1), area.w, story_head(model), Token::Muted);
    let room = area.y.saturating_add(area.h).saturating_sub(rule).saturating_sub(2);
    let skip = story.len().saturating_sub(usize::from(room)).saturating_sub(model.detail.top);
    let sheet = Sheet { lines: story.into_iter().skip(skip).collect(), ..Sheet::default() };
    let inside = Area { x: area.x.saturating_add(1), y: rule.saturating_add(2), w: area.w.saturating_sub(1), h: room };
    sheet.lines(pen, inside, 0);
}

fn story_head(model: &Model) -> &'static str {
    if model.detail.story.is_some() {
        "Story of the row from its first entry"
    } else {
        "Story of the row since sign-in"
    }
}

fn fills_block(pen: &mut Pen<'_>, model: &Model, row: &Row, area: Area) {
    let decimals = model.desk.decimals(row.instrument);
    let avg = row.avg_px().map_or_else(|| format::NONE.into(), |p| format::avg_px(p, decimals));
    let head = format!(
        "Fills of the row   {} {} {}   CumQty {}  LeavesQty {}  AvgPx {avg}",
        escaped(model.desk.symbol(row.instrument)),
        row.side.word(),
        format::qty(row.qty),
        format::qty(row.cum),
        format::qty(row.leaves)
    );
    pen.text(area.x.saturating_add(1), area.y, area.w, &head, Token::Muted);
    let columns = table::fitting(&FILLS, area.w);
    let zone = model.zone();
    table::heads(pen, area.x, area.y.saturating_add(1), columns, zone.label);
    let room = usize::from(area.h.saturating_sub(2));
    let skip = model.detail.fills.len().saturating_sub(room).saturating_sub(model.detail.top);
    if model.detail.fills.is_empty() {
        pen.text(area.x.saturating_add(3), area.y.saturating_add(2), area.w, "No executions yet.", Token::Muted);
    }
    let averages = averages(&model.detail.fills);
    let shown = model.detail.fills.iter().zip(averages).skip(skip).take(room);
    for (y, (fill, average)) in (area.y.saturating_add(2)..).zip(shown) {
        let blank = (" ".to_owned(), Token::Text);
        table::row(pen, area.x, y, columns, &[blank.clone(), blank], &fill_cells(model, fill, average, &zone));
    }
}

/// The average price after each execution, of those that stand by now.
fn averages(fills: &[FillView]) -> Vec<Option<Price>> {
    let (mut paid, mut units) = (0_i128, 0_i128);
    let after = |fill: &FillView| {
        if fill.state != FillState::Busted {
            let qty = i128::from(fill.last_qty.0);
            paid = paid.saturating_add(i128::from(fill.last_px.0).saturating_mul(qty));
            units = units.saturating_add(qty);
        }
        div_half_even(paid, units).and_then(|raw| i64::try_from(raw).ok()).map(Price)
    };
    fills.iter().map(after).collect()
}

fn fill_cells(model: &Model, fill: &FillView, average: Option<Price>, zone: &format::Zone) -> Vec<Cell> {
    let decimals = model.desk.decimals(fill.instrument);
    let venue = model.desk.instruments.get(&fill.instrument).map_or_else(|| format::NONE.into(), |i| escaped(&i.mic));
    let (word, token) = state(fill);
    // What a correction changed it from says more than that it was one.
    let was = fill.was.filter(|_| fill.state == FillState::Corrected);
    let word = match was {
        Some((qty, px)) => format!("was {} @ {}", format::qty(qty), format::price(px, decimals)),
        None if word.is_empty() => "good".to_owned(),
        None => word.to_owned(),
    };
    let base = if fill.state == FillState::Busted { Token::Muted } else { Token::Text };
    vec![
        (format::clock_ms(fill.time, zone), base),
        (format::qty_fit(fill.last_qty, 7), base),
        (format::price_fit(fill.last_px, decimals, 9), base),
        (format::qty_fit(fill.cum_qty, 7), base),
        (average.map_or_else(|| format::NONE.into(), |px| format::avg_px_fit(px, decimals, 9)), base),
        (word, token),
        (fill.exec_id.to_string(), base),
        (venue, base),
    ]
}

/// What the server told from the first entry on, then what happened since it told.
fn story(model: &Model, row: &Row) -> Vec<Line> {
    let zone = model.zone();
    let told = model.detail.story.as_deref().unwrap_or_default();
    let through = told.last().map(|entry| entry.time);
    let mut lines: Vec<Line> = told.iter().map(|entry| entry_line(model, entry, &zone)).collect();
    let since = model.story.of(row.id).filter(|line| through.is_none_or(|through| line.time > through));
    lines.extend(since.map(|line| {
        Line::of(format!("{} ", format::clock_ms(line.time, &zone)), Token::Text)
            .and(format!("{:<9}", escaped(&line.who)), Token::Muted)
            .and(format!("{:<15}", line.what), Token::Text)
            .and(line.detail.clone(), Token::Text)
    }));
    if lines.is_empty() {
        lines.push(Line::of("Nothing happened to it since you signed in.", Token::Muted));
    }
    lines
}

fn entry_line(model: &Model, entry: &AuditView, zone: &format::Zone) -> Line {
    let (start, end) = zone.day_bounds(model.now.wall);
    let today = entry.time >= start && entry.time < end;
    let time =
        if today { format::clock_ms(entry.time, zone) } else { format::dated_ms(entry.time, zone, model.now.wall) };
    let trouble = matches!(entry.outcome.as_str(), "denied" | "refused" | "failed" | "flagged");
    let mut text = escaped(&entry.detail);
    if !entry.reason.is_empty() {
        text = format!("{}  {text}", escaped(&entry.reason));
    }
    Line::of(format!("{time} "), Token::Text)
        .and(format!("{:<9}", escaped(&entry.who)), Token::Muted)
        .and(format!("{:<15}", escaped(&entry.action)), if trouble { Token::Error } else { Token::Text })
        .and(text, Token::Text)
}

/// A page of its own, where nothing docks.
pub(super) fn page(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let Some(row) = order(model) else { return };
    pen.text(area.x, area.y, area.w, &title(model, row), status_token(row));
    pen.right(area.x, area.y, area.w, "Esc back to the list", Token::Muted);
    pen.across(area.x, area.y.saturating_add(1), area.w);
    let figures = figures(model, row);
    let ids = identity(model, row);
    let high = figures.len().max(ids.len()).min(10);
    let high = u16::try_from(high).unwrap_or(10);
    let half = area.w / 2;
    let top = area.y.saturating_add(2);
    for (lines, x) in [(figures, area.x), (ids, area.x.saturating_add(half))] {
        let sheet = Sheet { lines, ..Sheet::default() };
        sheet.lines(pen, Area { x, y: top, w: half.saturating_sub(1), h: high }, 0);
    }
    let below = top.saturating_add(high).saturating_add(1);
    lower(pen, model, Area { y: below, h: area.y.saturating_add(area.h).saturating_sub(below), ..area });
}
