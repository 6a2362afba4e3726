//! The log as searched: newest first, or one order oldest first with the gaps between; it must mark what is personal nowhere.

use turret_shared::ids::CorrelationId;
use turret_shared::text::escaped;
use turret_shared::time::Timestamp;
use turret_shared::view::AuditView;

use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::table::{self, Cell, Column, left, right};
use super::theme::Token;
use crate::app::Model;
use crate::app::audit::is_trouble;
use crate::app::geometry::{Area, Geometry, list_rows};
use crate::format;

const FOUND: [Column; 8] = [
    right("Seq", 7),
    left("Time", 12),
    left("Who", 9),
    left("What", 14),
    left("Object", 12),
    left("Outcome", 7),
    left("Detail", 10),
    left("Corr", 14),
];

const TIMELINE: [Column; 6] =
    [right("Seq", 7), left("Time", 12), right("Gap s", 9), left("Who", 9), left("What", 14), left("Detail", 20)];

/// Columns that take room that is left, and how much at most, in turn; what remains is the detail's.
const GROWING: [(&str, u16); 4] = [("Detail", 8), ("Seq", 4), ("What", 6), ("Object", 8)];

/// How times are written: with their day where any row is of another than today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Today,
    Day,
    DayToTheMillisecond,
}

impl When {
    fn of(model: &Model, zone: &format::Zone, room: u16) -> Self {
        let (start, end) = zone.day_bounds(model.now.wall);
        let today = model.audit.rows.iter().all(|row| row.time >= start && row.time < end);
        match (today, model.audit.timeline || room >= 100) {
            (true, _) => Self::Today,
            (false, true) => Self::DayToTheMillisecond,
            (false, false) => Self::Day,
        }
    }

    const fn width(self) -> u16 {
        match self {
            Self::Today => 12,
            Self::Day => 14,
            Self::DayToTheMillisecond => 18,
        }
    }

    fn text(self, time: Timestamp, zone: &format::Zone, now: Timestamp) -> String {
        match self {
            Self::Today => format::clock_ms(time, zone),
            Self::Day => format::dated(time, zone, now),
            Self::DayToTheMillisecond => format::dated_ms(time, zone, now),
        }
    }
}

fn share_out(columns: &mut [Column], room: u16) {
    let mut spare = room.saturating_sub(table::width(columns));
    for (head, most) in GROWING.into_iter().chain([("Detail", u16::MAX)]) {
        if let Some(column) = columns.iter_mut().find(|column| column.head == head) {
            let more = spare.min(most);
            column.width = column.width.saturating_add(more);
            spare = spare.saturating_sub(more);
        }
    }
}

/// Draws it.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, places: Geometry) {
    let area = places.list;
    search_line(pen, model, area);
    let zone = model.zone();
    let base: &[Column] = if model.audit.timeline { &TIMELINE } else { &FOUND };
    let when = When::of(model, &zone, area.w);
    let mut base = base.to_vec();
    if let Some(column) = base.iter_mut().find(|column| column.head == "Time") {
        column.width = when.width();
    }
    if model.audit.timeline && when != When::Today {
        // The day is worth the room of as many letters of the detail.
        if let Some(detail) = base.last_mut() {
            detail.width = detail.width.saturating_sub(6);
        }
    }
    let mut columns = table::fitting(&base, area.w).to_vec();
    share_out(&mut columns, area.w);
    table::heads(pen, area.x, area.y.saturating_add(1), &columns, zone.label);
    let top = area.y.saturating_add(2);
    let first = model.audit.picker.top;
    let mut before = first.checked_sub(1).and_then(|at| model.audit.rows.get(at));
    for (y, row) in (top..).zip(model.audit.rows.iter().skip(first).take(list_rows(area))) {
        let here = model.audit.picker.at == Some(row.sequence);
        let flag = match (is_trouble(row), model.audit.marked.contains(&row.sequence)) {
            (true, _) => ("!", Token::Error),
            (false, true) => ("!", Token::Warn),
            (false, false) => (" ", Token::Text),
        };
        let cells = {
            let time = when.text(row.time, &zone, model.now.wall);
            if model.audit.timeline { timeline(row, before, time) } else { found(row, time) }
        };
        table::row(pen, area.x, y, &columns, &[table::cursor_flag(here), (flag.0.to_owned(), flag.1)], &cells);
        if here {
            let style = pen.theme.cursor();
            pen.over(Area { y, h: 1, ..area }, style);
        }
        before = Some(row);
    }
    if model.audit.rows.is_empty() {
        let why = if model.audit.asked {
            "Searching ..."
        } else {
            "Nothing found. {filter} changes the search, Esc shows the newest."
        };
        let why = &model.keys.say(why);
        pen.text(area.x.saturating_add(3), top.saturating_add(1), area.w, why, Token::Muted);
    }
    if let Some(side) = places.dock.or(places.lower) {
        if places.dock.is_none() {
            pen.across(side.x, side.y.saturating_sub(1), side.w);
        }
        entry(model, places.dock.is_some()).lines(pen, side, 0);
    }
}

/// Cells of the words searched for, where they share their line.
const SEARCH_CELLS: u16 = 40;

fn search_line(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let token = if model.audit.typing { Token::Focus } else { Token::Text };
    let start = pen.text(area.x, area.y, area.w, "Search [", Token::Muted);
    // While it is typed it has the line; afterwards what was found shares it.
    let room = if model.audit.typing { area.w.saturating_sub(start).saturating_add(area.x) } else { SEARCH_CELLS };
    let text = escaped(model.audit.words.text());
    let cursor = super::pen::columns(&escaped(model.audit.words.before_cursor()));
    let (shown, at) = super::typed::window(&text, cursor, room.saturating_sub(2));
    let mut x = pen.text(start, area.y, room, &shown, token);
    if model.audit.typing {
        pen.caret = Some((start.saturating_add(at), area.y));
    }
    x = pen.text(x, area.y, 1, "]", Token::Muted);
    x = x.saturating_add(2);
    let room = area.w.saturating_sub(x.saturating_sub(area.x));
    match &model.audit.fault {
        Some(why) => pen.text(x, area.y, room, why, Token::Error),
        None => {
            let count = format::counted(model.audit.rows.len(), "row");
            let more = match (model.audit.more, model.audit.asked_more) {
                (_, true) => ", fetching more",
                (true, false) if model.audit.timeline => ", {page-up} at the top for more",
                (true, false) => ", {page-down} at the end for more",
                (false, false) => "",
            };
            let text = format!("{count}{}: {}", model.keys.say(more), escaped(&model.audit.taken_for));
            pen.cut(x, area.y, room, &text, Token::Muted)
        }
    };
}

fn outcome_token(row: &AuditView) -> Token {
    match row.outcome.as_str() {
        "ok" => Token::Text,
        "flagged" => Token::Warn,
        _ => Token::Error,
    }
}

fn detail(row: &AuditView) -> String {
    let mut text = escaped(&row.reason);
    if !row.detail.is_empty() {
        if !text.is_empty() {
            text.push_str("  ");
        }
        text.push_str(&escaped(&row.detail));
    }
    if text.is_empty() { format::NONE.into() } else { text }
}

/// What nobody asked for has none to quote.
fn correlation(row: &AuditView) -> String {
    if row.correlation == CorrelationId::default() { format::NONE.into() } else { row.correlation.to_string() }
}

fn sequence(row: &AuditView) -> Cell {
    (turret_shared::money::grouped(&row.sequence.to_string()), Token::Muted)
}

fn found(row: &AuditView, time: String) -> Vec<Cell> {
    let token = outcome_token(row);
    let object = if row.object.is_empty() { format::NONE.into() } else { escaped(&row.object) };
    vec![
        sequence(row),
        (time, Token::Text),
        (escaped(&row.who), Token::Text),
        (escaped(&row.action), Token::Text),
        (object, Token::Text),
        (escaped(&row.outcome), token),
        (detail(row), Token::Text),
        (correlation(row), Token::Muted),
    ]
}

fn timeline(row: &AuditView, before: Option<&AuditView>, time: String) -> Vec<Cell> {
    // A clock that was set back shows as what it is.
    let gap = before.map(|before| row.time.since(before.time));
    let token = if gap.is_some_and(|ns| ns < 0) { Token::Warn } else { Token::Muted };
    vec![
        sequence(row),
        (time, Token::Text),
        (gap.map_or_else(|| format::NONE.into(), format::gap), token),
        (escaped(&row.who), Token::Text),
        (escaped(&row.action), Token::Text),
        (detail(row), outcome_token(row)),
    ]
}

fn entry(model: &Model, docked: bool) -> Sheet {
    let Some(row) = model.audit.chosen() else {
        return Sheet { lines: vec![Line::of("No entry chosen.", Token::Muted)], ..Sheet::default() };
    };
    const LABEL: usize = 9;
    let line = |label: &str, text: String, token: Token| Line::labelled(label, LABEL, text, token);
    let session = row.session.map_or_else(|| format::NONE.into(), |s| s.to_string());
    let order = row.order_id.map_or_else(|| format::NONE.into(), |o| o.to_string());
    let utc = format::full_time(row.time, &format::Zone::utc());
    let odd = model.audit.odd.get(&row.sequence).into_iter().flatten();
    let mut lines = vec![
        line(
            "Entry",
            format!("{}  {}", turret_shared::money::grouped(&row.sequence.to_string()), escaped(&row.action)),
            Token::Focus,
        ),
        line("When", format!("{utc} UTC"), Token::Text),
        line("Who", escaped(&row.who), Token::Text).and(format!("  session {session}  order {order}"), Token::Muted),
        line("Outcome", escaped(&row.outcome), outcome_token(row))
            .and(format!("  {}", escaped(&row.reason)), Token::Text),
        line("Detail", escaped(&row.detail), Token::Text),
        line("Corr", correlation(row), Token::Text)
            .and(format!("  leaf {}", format::short_hash(&row.leaf)), Token::Muted),
    ];
    // Before the rest where it is short: it is what the entry was opened for.
    let at = if docked { lines.len() } else { 1 };
    let why = odd.enumerate().map(|(n, text)| line(if n == 0 { "Odd" } else { "" }, text.clone(), Token::Warn));
    lines.splice(at..at, why.collect::<Vec<_>>());
    Sheet { lines, ..Sheet::default() }
}
