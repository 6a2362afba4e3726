//! People, as the server names them; it must show no credential and offer no change that does not exist.

use turret_shared::text::escaped;

use super::pen::Pen;
use super::table::{self, Column, left};
use super::theme::Token;
use crate::app::Model;
use crate::app::geometry::{Area, list_rows};
use crate::format;

const COLUMNS: [Column; 5] = [left("User", 12), left("Name", 22), left("Role", 10), left("Desk", 4), left("Id", 6)];

/// Draws it.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let people = &model.users.people;
    let x = pen.text(area.x, area.y, area.w, "Users", Token::Focus).saturating_add(2);
    pen.text(x, area.y, area.w, &format!("{} by login", people.len()), Token::Muted);
    table::heads(pen, area.x, area.y.saturating_add(1), &COLUMNS, "");
    let top = area.y.saturating_add(2);
    for (y, user) in (top..).zip(people.iter().skip(model.users.picker.top).take(list_rows(area))) {
        let here = model.users.picker.at == Some(user.user);
        let desk = if user.desk_code.is_empty() { format::NONE.to_owned() } else { escaped(&user.desk_code) };
        let cells = [
            (escaped(&user.login), Token::Text),
            (escaped(&user.name), Token::Text),
            (user.role.to_string(), Token::Text),
            (desk, Token::Text),
            (user.user.to_string(), Token::Muted),
        ];
        table::row(pen, area.x, y, &COLUMNS, &[table::cursor_flag(here), (" ".to_owned(), Token::Text)], &cells);
        if here {
            let style = pen.theme.cursor();
            pen.over(Area { y, h: 1, ..area }, style);
        }
    }
    if people.is_empty() {
        let why = match &model.users.fault {
            Some(why) => format!("The list could not be had: {why}. 7 tries again."),
            None => "Fetching the people ...".into(),
        };
        pen.text(area.x.saturating_add(3), top.saturating_add(1), area.w, &why, Token::Muted);
    }
}
