//! Executions, newest first; it must show busted ones as such.

use turret_shared::text::escaped;
use turret_shared::view::{FillState, FillView};

use super::arranged::{arranged, filter, heads, picked, sort};
use super::columns::side_token;
use super::pen::Pen;
use super::table::{self, Cell};
use super::theme::Token;
use crate::app::Model;
use crate::app::geometry::{Area, list_rows};
use crate::app::short::state;
use crate::format;

/// Draws it.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let x = pen.text(area.x, area.y, area.w, "Fills", Token::Focus).saturating_add(2);
    let list = &model.lists.fills;
    let keys = model.lists.booked.keys();
    let x = filter(pen, x, area.y, &list.filter, list.typing);
    let order = sort(&list.arranged);
    let text = match (list.filter.is_empty(), order.is_empty()) {
        (true, true) => format!("{} kept here, newest first", model.desk.fills.len()),
        _ => format!("{} of {} kept here{order}", keys.len(), model.desk.fills.len()),
    };
    pen.text(x, area.y, area.w.saturating_sub(x.saturating_sub(area.x)), &text, Token::Muted);
    let (zone, today) = (model.zone(), model.today());
    let shown = &arranged(&list.arranged, area.w);
    heads(pen, &list.arranged, shown, area, zone.label);
    let top = area.y.saturating_add(2);
    let rows = keys.iter().skip(model.fills.top).take(list_rows(area)).filter_map(|key| model.fill(*key));
    for (y, fill) in (top..).zip(rows) {
        let here = model.fills.at == Some(fill.exec_id);
        let flag = match fill.state {
            FillState::Good => (" ", Token::Text),
            FillState::Busted => ("B", Token::Error),
            FillState::Corrected => ("C", Token::Warn),
        };
        let flags = [table::cursor_flag(here), (flag.0.to_owned(), flag.1)];
        table::row(pen, area.x, y, &shown.columns, &flags, &picked(&shown.order, &cells(model, fill, &zone, today)));
        if here {
            let style = pen.theme.cursor();
            pen.over(Area { y, h: 1, ..area }, style);
        }
    }
    if keys.is_empty() && !model.desk.fills.is_empty() {
        let why = "No execution fits the filter: Esc clears it.";
        pen.text(area.x.saturating_add(3), top.saturating_add(1), area.w, why, Token::Muted);
    } else if model.desk.fills.is_empty() {
        let why = "No executions yet. {show-blotter} shows the orders, {show-quotes} the quotes, {order-buy} buys.";
        let why = &model.keys.say(why);
        pen.text(area.x.saturating_add(3), top.saturating_add(1), area.w, why, Token::Muted);
    }
}

fn cells(model: &Model, fill: &FillView, zone: &format::Zone, today: format::Day) -> Vec<Cell> {
    let desk = &model.desk;
    let decimals = desk.decimals(fill.instrument);
    let base = if fill.state == FillState::Busted { Token::Muted } else { Token::Text };
    let venue = desk.instruments.get(&fill.instrument).map_or_else(|| format::NONE.into(), |i| escaped(&i.mic));
    let token = match fill.state {
        FillState::Good => Token::Muted,
        FillState::Busted => Token::Error,
        FillState::Corrected => Token::Warn,
    };
    vec![
        (format::clock_ms_listed(fill.time, zone, today), base),
        (fill.side.word().into(), side_token(fill.side)),
        (format::qty_fit(fill.last_qty, 7), base),
        (escaped(desk.symbol(fill.instrument)), base),
        (format::price_fit(fill.last_px, decimals, 9), base),
        (escaped(desk.account_code(fill.account)), base),
        (venue, base),
        (fill.exec_id.to_string(), base),
        (fill.order_id.to_string(), base),
        (format::qty_fit(fill.cum_qty, 7), base),
        (escaped(desk.login(fill.owner)), base),
        (if fill.removed { "R" } else { "A" }.into(), base),
        (state(fill).into(), token),
    ]
}
