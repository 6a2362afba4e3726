//! The order list: group line, heads, and only the rows that are in sight; it must not walk the others.

use turret_shared::money::{Currency, Money};
use turret_shared::text::escaped;
use turret_shared::time::{NS_PER_MS, NS_PER_S};

use super::arranged::{Shown, arranged, filter, heads, picked};
use super::columns::{cells, flags, side_token};
use super::passing;
use super::pen::Pen;
use super::table::{self, Cell};
use super::theme::Token;
use crate::actions::Id;
use crate::app::filter::Tab;
use crate::app::flight::Flight;
use crate::app::geometry::{Area, list_rows};
use crate::app::layout::Col;
use crate::app::list::Totals;
use crate::app::orders::Row;
use crate::app::{Model, number};
use crate::format;

/// Draws it.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, area: Area) {
    group_line(pen, model, area);
    let shown = &arranged(&model.blotter.arranged, area.w);
    let (zone, today) = (model.zone(), model.today());
    heads(pen, &model.blotter.arranged, shown, area, zone.label);
    let top = area.y.saturating_add(2);
    if model.blotter.tab() == Tab::Drafts {
        return drafts(pen, model, shown, area, top);
    }
    let waiting = in_flight(pen, model, shown, area, top);
    let room = list_rows(area).saturating_sub(waiting);
    let first = top.saturating_add(u16::try_from(waiting).unwrap_or(0));
    if let Some(frozen) = &model.blotter.frozen {
        for (y, row) in (first..).zip(frozen.rows.iter().take(room)) {
            line(pen, model, shown, area, y, row, (&zone, today));
        }
        return;
    }
    let places = model.blotter.list.window(model.blotter.top, room);
    for (y, row) in (first..).zip(places.filter_map(|place| model.orders.at(place))) {
        line(pen, model, shown, area, y, row, (&zone, today));
    }
    if model.blotter.list.is_empty() && waiting == 0 {
        empty(pen, model, area, top);
    }
}

/// The row on a line of the list and where it is seen, where nothing stands above the list; `None` if it is out of sight.
pub(super) fn line_at(model: &Model, area: Area, at: usize) -> Option<(Area, &Row)> {
    let below = at.checked_sub(model.blotter.top).filter(|below| *below < list_rows(area))?;
    let row = model.orders.at(model.blotter.list.place_at(at)?)?;
    let y = area.y.saturating_add(2).saturating_add(u16::try_from(below).unwrap_or(0));
    Some((Area { y, h: 1, ..area }, row))
}

/// One row of the list, on a line that is empty.
pub(super) fn one(pen: &mut Pen<'_>, model: &Model, area: Area, row: &Row) {
    let (zone, today) = (model.zone(), model.today());
    let shown = arranged(&model.blotter.arranged, area.w);
    line(pen, model, &shown, area, area.y, row, (&zone, today));
}

fn line(
    pen: &mut Pen<'_>,
    model: &Model,
    shown: &Shown<Col>,
    area: Area,
    y: u16,
    row: &Row,
    when: (&format::Zone, format::Day),
) {
    let cursor = model.blotter.cursor == Some(row.id);
    let cells = cells(model, row, when, &shown.order);
    table::row(pen, area.x, y, &shown.columns, &flags(model, row, cursor), &cells);
    if cursor {
        let style = pen.theme.cursor();
        pen.over(Area { y, h: 1, ..area }, style);
    }
}

fn group_line(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let blotter = &model.blotter;
    let arrow = if blotter.list.ascending { "asc" } else { "desc" };
    let mut x = pen.text(area.x, area.y, area.w, blotter.tab().word(), Token::Accent).saturating_add(2);
    x = filter(pen, x, area.y, &blotter.filter, blotter.typing);
    let mut text =
        format!("sort {} {arrow}   {} of {}", blotter.list.sort.word(), blotter.list.len(), model.orders.len());
    if blotter.tab() == Tab::Drafts {
        let text = model.keys.say(&format!(
            "{} kept, newest first   {{open}} opens one, {{dismiss}} twice throws it away",
            model.drafts.len()
        ));
        pen.text(x, area.y, area.w.saturating_sub(x.saturating_sub(area.x)), &text, Token::Muted);
        return;
    }
    if let Some(frozen) = &blotter.frozen {
        let passed_ns = i64::try_from(model.now.mono_ms.saturating_sub(frozen.since_ms)).unwrap_or(0) * NS_PER_MS;
        let long = match model.quiet_since() {
            Some(_) => passing::age(model, model.now.wall.after_ns(-passed_ns)),
            None => format!("{} s", passed_ns / NS_PER_S),
        };
        text = format!("FROZEN {long}, {} waiting ({} lets go)", frozen.waiting, model.keys.first(Id::Freeze));
    }
    x = pen.cut(x, area.y, area.w.saturating_sub(x.saturating_sub(area.x)), &text, Token::Muted);
    let totals = &blotter.list.totals;
    let mut sums = format!("leaves B {} S {}", format::qty(totals.leaves(true)), format::qty(totals.leaves(false)));
    sums.push_str(&notional(totals));
    let room = area.x.saturating_add(area.w).saturating_sub(x).saturating_sub(2);
    if super::pen::columns(&sums) <= room {
        pen.right(x.saturating_add(2), area.y, room, &sums, Token::Muted);
    }
}

/// What is left to execute in money, a sum a currency.
pub(super) fn notional(totals: &Totals) -> String {
    let sum = |(currency, amount): (&Currency, &i128)| {
        format!("  {} {currency}", format::money(Money(i64::try_from(*amount).unwrap_or(i64::MAX))))
    };
    totals.notional.iter().map(sum).collect()
}

/// Orders that left this client and are not acknowledged stand above the list; gives how many lines they take.
fn in_flight(pen: &mut Pen<'_>, model: &Model, shown: &Shown<Col>, area: Area, top: u16) -> usize {
    let mut lines = 0_u16;
    for flight in model.flights.values() {
        let Flight::New { order, sent, in_doubt, .. } = flight else { continue };
        let decimals = model.desk.instrument_named(&order.symbol).map_or(2, |i| i.price_decimals());
        let age = model.now.wall.since(*sent);
        let late = age > 2 * NS_PER_S;
        let time =
            if late && model.quiet_since().is_none() { format::age(age) } else { format::clock(*sent, &model.zone()) };
        let status = if *in_doubt { "IN DOUBT" } else { "Sending" };
        let token = if *in_doubt { Token::Error } else { Token::Warn };
        let price = order.price.map_or_else(|| format::NONE.into(), |p| format::price_fit(p, decimals, 8));
        let cells: Vec<Cell> = vec![
            (time, token),
            (status.into(), token),
            (order.side.word().into(), side_token(order.side)),
            (format::qty_fit(order.qty, 7), Token::Text),
            (escaped(&order.symbol), Token::Text),
            (order.ord_type.word().into(), Token::Text),
            (order.tif.word().into(), Token::Text),
            (price, Token::Text),
            ("0".into(), Token::Text),
            (format::NONE.into(), Token::Text),
            (escaped(&order.account), Token::Text),
        ];
        let flag = if *in_doubt { ("!".to_owned(), Token::Error) } else { (" ".to_owned(), Token::Text) };
        let flags = [table::cursor_flag(false), flag];
        let cells = picked(&shown.order, &cells);
        table::row(pen, area.x, top.saturating_add(lines), &shown.columns, &flags, &cells);
        lines = lines.saturating_add(1);
        if usize::from(lines) >= list_rows(area) / 2 {
            break;
        }
    }
    usize::from(lines)
}

fn drafts(pen: &mut Pen<'_>, model: &Model, shown: &Shown<Col>, area: Area, top: u16) {
    if model.drafts.is_empty() {
        pen.text(
            area.x.saturating_add(3),
            top.saturating_add(1),
            area.w,
            "No drafts. Esc in a new order's ticket keeps what is typed.",
            Token::Muted,
        );
    }
    let kept = model.drafts.iter().enumerate().skip(model.blotter.drafts_top).take(list_rows(area));
    for (y, (at, draft)) in (top..).zip(kept) {
        let dash = |text: &str| if text.is_empty() { format::NONE.to_owned() } else { escaped(text) };
        let qty = number::qty(&draft.quantity).map_or_else(|_| dash(&draft.quantity), |q| format::qty_fit(q, 7));
        let price = if draft.ord_type.has_price() { dash(&draft.price) } else { format::NONE.into() };
        let cells: Vec<Cell> = vec![
            (format::clock_listed(draft.kept, &model.zone(), model.today()), Token::Text),
            ("Draft".into(), Token::Muted),
            (draft.side.word().into(), side_token(draft.side)),
            (qty, Token::Text),
            (dash(&draft.symbol), Token::Text),
            (draft.ord_type.word().into(), Token::Text),
            (draft.tif.word().into(), Token::Text),
            (price, Token::Text),
            ("0".into(), Token::Muted),
            (format::NONE.into(), Token::Muted),
            (dash(&draft.account), Token::Text),
        ];
        let here = at == model.blotter.draft;
        let cells = picked(&shown.order, &cells);
        table::row(pen, area.x, y, &shown.columns, &[table::cursor_flag(here), (" ".into(), Token::Text)], &cells);
        if here {
            let style = pen.theme.cursor();
            pen.over(Area { y, h: 1, ..area }, style);
        }
    }
}

fn empty(pen: &mut Pen<'_>, model: &Model, area: Area, top: u16) {
    let first = if model.in_snapshot {
        "Fetching the orders ..."
    } else if !model.blotter.filter.is_empty() {
        "No order fits the filter: Esc clears it."
    } else if model.blotter.tab() == Tab::NeedsMe {
        "Nothing needs you: no order is denied, rejected or in doubt."
    } else if !model.may(turret_shared::role::Permission::OrderEnter) {
        "No orders in this view."
    } else {
        "No orders in this view yet. {show-quotes} shows the quotes, {order-buy} buys."
    };
    let room = area.w.saturating_sub(3);
    for (y, text) in (top.saturating_add(1)..).zip([first, "{tab-next} and {tab-previous} step to the other views."]) {
        pen.text(area.x.saturating_add(3), y, room, &model.keys.say(text), Token::Muted);
    }
}
