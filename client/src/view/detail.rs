//! One order in full: figures, executions, story, ids; it must show busted executions as such, never hide them.

use turret_shared::money::{Price, div_half_even};
use turret_shared::text::escaped;
use turret_shared::view::{AuditView, FillState, FillView};

use super::columns::{away, side_token, status_token};
use super::passing;
use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::table::{self, Cell, Column, left, right};
use super::theme::Token;
use crate::app::Model;
use crate::app::detail::Fetched;
use crate::app::geometry::{self, Area};
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

/// Executions told beside the list, the newest: no terminal has room for more there.
const DOCKED_FILLS: usize = 100;

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
    let has_lower = geometry::geometry(model).lower.is_some();
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
        for (word, price) in [("price", extra.pending_price), ("stop", extra.pending_stop)] {
            lines.extend(price.map(|price| {
                Line::labelled("Asked", LABEL, format!("{word} {}", format::price(price, decimals)), Token::Warn)
            }));
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
    let (zone, today) = (model.zone(), model.today());
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
        Line::labelled("Entered", LABEL, format::clock_ms_dated(row.entered, &zone, today), Token::Text)
            .and(format!(" {}", zone.label), Token::Muted),
        Line::labelled("Changed", LABEL, format::clock_ms_dated(row.changed, &zone, today), Token::Text)
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
            .and(format!("  {}", passing::quote_age(model, quote)), Token::Muted),
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
    if !model.detail.is_whole(row) {
        let (text, token) = missing(model);
        lines.push(Line::of(text, token));
    }
    let today = model.today();
    lines.extend(model.detail.fills.iter().rev().take(DOCKED_FILLS).map(|fill| {
        let (state, token) = state(fill);
        Line::of(format!("{:<12}", format::clock_ms_listed(fill.time, &zone, today)), Token::Text)
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

/// Below the list: executions, then the story, of each the newest where there is no room for all.
pub(super) fn lower(pen: &mut Pen<'_>, model: &Model, area: Area) {
    pen.across(area.x, area.y.saturating_sub(1), area.w);
    let Some(row) = order(model) else { return };
    let story: Vec<Line> = story(model, row);
    let fills = fill_count(model, row);
    let share = usize::from(area.h.saturating_sub(4)) / 2;
    let shown = fills.min(share.max(usize::from(area.h.saturating_sub(4)).saturating_sub(story.len())));
    let rows = u16::try_from(shown).unwrap_or(1);
    let fills = fill_lines(model, row, area.w, fills.saturating_sub(shown), shown);
    let lines = fill_heads(model, row, area.w).into_iter().chain(fills).collect();
    let sheet = Sheet { lines, ..Sheet::default() };
    sheet.lines(pen, Area { h: rows.saturating_add(2), ..area }, 0);
    let rule = area.y.saturating_add(rows).saturating_add(2);
    pen.across(area.x, rule, area.w);
    pen.text(area.x.saturating_add(1), rule.saturating_add(1), area.w, &story_head(model), Token::Muted);
    let room = area.y.saturating_add(area.h).saturating_sub(rule).saturating_sub(2);
    let inside = Area { x: area.x.saturating_add(1), y: rule.saturating_add(2), w: area.w.saturating_sub(1), h: room };
    let story: Vec<Line> = story.iter().flat_map(|line| line.folded(inside.w)).collect();
    let skip = story.len().saturating_sub(usize::from(room));
    let sheet = Sheet { lines: story.into_iter().skip(skip).collect(), ..Sheet::default() };
    sheet.lines(pen, inside, 0);
}

fn story_head(model: &Model) -> String {
    match (&model.detail.story, &model.detail.story_fault) {
        (Some(_), _) => "Story of the row from its first entry".into(),
        (None, None) => "Story of the row since sign-in".into(),
        (None, Some(why)) => format!("Story of the row since sign-in, for the rest could not be had: {}", escaped(why)),
    }
}

/// What the executions are of, and the heads of their columns.
fn fill_heads(model: &Model, row: &Row, room: u16) -> Vec<Line> {
    let decimals = model.desk.decimals(row.instrument);
    let avg = row.avg_px().map_or_else(|| format::NONE.into(), |p| format::avg_px(p, decimals));
    let head = format!(
        " Fills of the row   {} {} {}   CumQty {}  LeavesQty {}  AvgPx {avg}",
        escaped(model.desk.symbol(row.instrument)),
        row.side.word(),
        format::qty(row.qty),
        format::qty(row.cum),
        format::qty(row.leaves)
    );
    let zone = model.zone();
    let columns = table::fitting(&FILLS, room);
    let name =
        |column: &Column| if column.head == "Time" { format!("Time {}", zone.label) } else { column.head.into() };
    let heads: Vec<Cell> = columns.iter().map(|column| (name(column), Token::Muted)).collect();
    vec![Line::of(head, Token::Muted), in_columns(columns, &heads)]
}

/// Lines the executions take: one each, and one for what is to be said of them.
fn fill_count(model: &Model, row: &Row) -> usize {
    let fills = model.detail.fills.len();
    fills.saturating_add(usize::from(fills == 0 || !model.detail.is_whole(row)))
}

/// Those of them in sight: the others are not made.
fn fill_lines(model: &Model, row: &Row, room: u16, skip: usize, take: usize) -> Vec<Line> {
    let columns = table::fitting(&FILLS, room);
    let (zone, today) = (model.zone(), model.today());
    let whole = model.detail.is_whole(row);
    // Over a part of them no average is told.
    let averages = averages(&model.detail.fills).into_iter().map(|average| (whole, average));
    let shown = model.detail.fills.iter().zip(averages).skip(skip).take(take);
    let cells = shown.map(|(fill, average)| fill_cells(model, fill, average, (&zone, today)));
    let mut lines: Vec<Line> = cells.map(|cells| in_columns(columns, &cells)).collect();
    if lines.len() < take && !whole {
        let (text, token) = missing(model);
        lines.push(Line::of(format!("   {text}"), token));
    } else if lines.len() < take && model.detail.fills.is_empty() {
        lines.push(Line::of("   No executions yet.", Token::Muted));
    }
    lines
}

/// Why executions are missing.
fn missing(model: &Model) -> (String, Token) {
    match &model.detail.fetched {
        Fetched::Asked => ("Fetching the executions ...".into(), Token::Muted),
        Fetched::Failed(why) => {
            let text = format!("Executions are missing: {}. {{open}} asks again.", escaped(why));
            (model.keys.say(&text), Token::Error)
        }
        Fetched::Unasked | Fetched::Known => ("Executions are missing here.".into(), Token::Warn),
    }
}

/// Cells as a table has them, in one line.
fn in_columns(columns: &[Column], cells: &[Cell]) -> Line {
    let mut line = Line::of("  ", Token::Text);
    for (column, (text, token)) in columns.iter().zip(cells) {
        let taken = super::pen::columns(text);
        let blank = " ".repeat(usize::from(column.width.saturating_sub(taken)));
        let text = match taken > column.width {
            // A figure that lost digits would be another, a word that is cut says so.
            true if column.right => format::fit(text.clone(), column.width.into()),
            true => super::typed::window(text, 0, column.width).0,
            false => text.clone(),
        };
        line = line.and(if column.right { format!(" {blank}{text}") } else { format!(" {text}{blank}") }, *token);
    }
    line
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

fn fill_cells(
    model: &Model,
    fill: &FillView,
    average: (bool, Option<Price>),
    when: (&format::Zone, format::Day),
) -> Vec<Cell> {
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
        (format::clock_ms_listed(fill.time, when.0, when.1), base),
        (format::qty_fit(fill.last_qty, 7), base),
        (format::price_fit(fill.last_px, decimals, 9), base),
        (format::qty_fit(fill.cum_qty, 7), base),
        match average {
            (false, _) => (format::UNKNOWN.into(), Token::Muted),
            (true, average) => {
                (average.map_or_else(|| format::NONE.into(), |px| format::avg_px_fit(px, decimals, 9)), base)
            }
        },
        (word, token),
        (fill.exec_id.to_string(), base),
        (venue, base),
    ]
}

/// What the server told from the first entry on, then what happened since it told.
/// Column at which a line of the story says what happened, and goes on with it on the next line.
const STORY_AT: u16 = 37;

fn story(model: &Model, row: &Row) -> Vec<Line> {
    let (zone, today) = (model.zone(), model.today());
    let told = model.detail.story.as_deref().unwrap_or_default();
    let through = told.last().map(|entry| entry.time);
    let mut lines: Vec<Line> = told.iter().map(|entry| entry_line(entry, &zone, today)).collect();
    let since = model.story.of(row.id).filter(|line| through.is_none_or(|through| line.time > through));
    lines.extend(since.map(|line| {
        Line::of(format!("{} ", format::clock_ms_dated(line.time, &zone, today)), Token::Text)
            .hanging(STORY_AT)
            .and(format!("{:<9}", escaped(&line.who)), Token::Muted)
            .and(format!("{:<15}", line.what), Token::Text)
            .and(line.detail.clone(), Token::Text)
    }));
    if lines.is_empty() {
        lines.push(Line::of("Nothing happened to it since you signed in.", Token::Muted));
    }
    lines
}

fn entry_line(entry: &AuditView, zone: &format::Zone, today: format::Day) -> Line {
    let time = format::clock_ms_dated(entry.time, zone, today);
    let trouble = matches!(entry.outcome.as_str(), "denied" | "refused" | "failed" | "flagged");
    let mut text = escaped(&entry.detail);
    if !entry.reason.is_empty() {
        text = format!("{}  {text}", escaped(&entry.reason));
    }
    Line::of(format!("{time} "), Token::Text)
        .hanging(STORY_AT)
        .and(format!("{:<9}", escaped(&entry.who)), Token::Muted)
        .and(format!("{:<15}", escaped(&entry.action)), if trouble { Token::Error } else { Token::Text })
        .and(text, Token::Text)
}

/// What the page of an order is made of; its executions are made line by line.
struct Page {
    /// Figures beside ids, then the heads of the executions.
    head: Vec<Line>,
    fills: usize,
    /// The story.
    tail: Vec<Line>,
}

impl Page {
    fn of(model: &Model, row: &Row, room: u16) -> Self {
        let mut head = pairs(&figures(model, row), &identity(model, row), room);
        head.push(Line::rule());
        head.extend(fill_heads(model, row, room));
        let mut tail = vec![Line::rule(), Line::of(format!(" {}", story_head(model)), Token::Muted)];
        let inset = |line: Line| {
            let mut spans = vec![(" ".to_owned(), Token::Text)];
            spans.extend(line.spans);
            Line { spans, ..Line::default() }
        };
        let told = story(model, row);
        tail.extend(told.iter().flat_map(|line| line.folded(room.saturating_sub(1))).map(inset));
        Self { head, fills: fill_count(model, row), tail }
    }

    fn len(&self) -> usize {
        self.head.len().saturating_add(self.fills).saturating_add(self.tail.len())
    }

    /// So many lines from a line on.
    fn window(self, model: &Model, row: &Row, width: u16, top: usize, room: usize) -> Vec<Line> {
        let (head, fills) = (self.head.len(), self.fills);
        let mut lines: Vec<Line> = self.head.into_iter().skip(top).take(room).collect();
        let left = |lines: &[Line]| room.saturating_sub(lines.len());
        let skip = top.saturating_sub(head);
        let take = fills.saturating_sub(skip).min(left(&lines));
        lines.extend(fill_lines(model, row, width, skip, take));
        let skip = skip.saturating_sub(fills);
        let take = left(&lines);
        lines.extend(self.tail.into_iter().skip(skip).take(take));
        lines
    }
}

/// Lines of the left beside lines of the right, each half as wide as the page.
fn pairs(left: &[Line], right: &[Line], room: u16) -> Vec<Line> {
    let half = room / 2;
    let folded =
        |lines: &[Line]| -> Vec<Line> { lines.iter().flat_map(|line| line.folded(half.saturating_sub(1))).collect() };
    let (left, right) = (folded(left), folded(right));
    let pair = |at: usize| {
        let line = left.get(at).cloned().unwrap_or_default();
        let gap = half.saturating_sub(line.width());
        let mut line = line.and(" ".repeat(gap.into()), Token::Text);
        line.spans.extend(right.get(at).map(|line| line.spans.clone()).unwrap_or_default());
        line
    };
    (0..left.len().max(right.len())).map(pair).collect()
}

/// The order in full in place of the list, scrolled line by line.
pub(super) fn page(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let Some(row) = order(model) else { return };
    let page = Page::of(model, row, area.w);
    let (room, all) = (page_room(area), page.len());
    let top = model.detail.top.min(all.saturating_sub(room));
    let back = if all > room {
        let end = top.saturating_add(room).min(all);
        format!("lines {}-{end} of {all}   Esc back", top.saturating_add(1))
    } else {
        "Esc back to the list".to_owned()
    };
    let room_left = area.w.saturating_sub(super::pen::columns(&back)).saturating_sub(2);
    pen.cut(area.x, area.y, room_left, &title(model, row), status_token(row));
    pen.right(area.x, area.y, area.w, &back, Token::Muted);
    pen.across(area.x, area.y.saturating_add(1), area.w);
    let sheet = Sheet { lines: page.window(model, row, area.w, top, room), ..Sheet::default() };
    sheet.lines(pen, Area { y: area.y.saturating_add(2), h: area.h.saturating_sub(2), ..area }, 0);
}

const fn page_room(area: Area) -> usize {
    area.h.saturating_sub(2) as usize
}

/// Lines of the page beyond those in sight: how far it can be scrolled.
#[must_use]
pub fn page_beyond(model: &Model) -> usize {
    let area = geometry::page(model);
    let lines = order(model).map_or(0, |row| Page::of(model, row, area.w).len());
    lines.saturating_sub(page_room(area))
}
