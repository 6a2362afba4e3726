//! Desks, accounts and listings, and the form that opens or moves something; it must show no client's name.

use turret_shared::house::HouseRow;
use turret_shared::text::escaped;

use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::table::{Cell, Column, left};
use super::theme::Token;
use super::users::{Listing, empty};
use super::windows::money_sheet;
use crate::app::Model;
use crate::app::geometry::Area;
use crate::app::house::{self, HouseForm, Purpose, Row};
use crate::format;

const COLUMNS: [Column; 6] =
    [left("Kind", 8), left("Code", 16), left("State", 10), left("Desk", 6), left("Ccy", 3), left("What", 26)];

/// Draws the house.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let (all, rows) = (house::rows(model), house::shown(model));
    let restricted = all.iter().filter(|row| is_restricted(row)).count();
    let desks = model.house.desks().len();
    let about = match house::chosen(model) {
        // Longer than its column where the terminal is narrow, and compared to its last digit.
        Some(Row::House(HouseRow::KeyModel { model, .. })) => format!("key model {model}"),
        Some(Row::House(HouseRow::Role { role, .. })) => format!("{}: {}", role.code, role.told()),
        _ => format!("desks {desks}   accounts {}   restricted {restricted}", model.users.codes.rows.len()),
    };
    let listing = Listing {
        title: "House",
        about,
        columns: &COLUMNS,
        count: rows.len(),
        top: model.house.picker.top,
        at: model.house.picker.line(&house::keys(model)),
        empty: empty(all.is_empty(), || model.house.rows.emptiness("There is nothing.")),
    };
    listing.draw(pen, model, area, |at| rows.get(at).map_or((false, Vec::new()), |row| (false, cells(row))));
}

const fn is_restricted(row: &Row<'_>) -> bool {
    matches!(row, Row::House(HouseRow::Listing { restricted: true, .. }))
}

fn cells(row: &Row<'_>) -> Vec<Cell> {
    let none = || (format::NONE.to_owned(), Token::Muted);
    let code = (escaped(row.code()), Token::Text);
    match row {
        Row::House(HouseRow::Desk { people, accounts, .. }) => {
            let what =
                format!("{} {}", counted(*people, "person", "people"), counted(*accounts, "account", "accounts"));
            vec![("desk".into(), Token::Focus), code, none(), none(), none(), (what, Token::Text)]
        }
        Row::House(HouseRow::Listing { name, currency, restricted, .. }) => {
            let state = if *restricted { ("RESTRICTED".into(), Token::Warn) } else { none() };
            let currency = (currency.to_string(), Token::Text);
            vec![("listing".into(), Token::Muted), code, state, none(), currency, (escaped(name), Token::Text)]
        }
        Row::House(HouseRow::KeyModel { model, keys }) => {
            let what = format!("{model}  {}", counted(*keys, "key", "keys"));
            vec![
                ("keys".into(), Token::Focus),
                code,
                ("TAKEN".into(), Token::Text),
                none(),
                none(),
                (what, Token::Text),
            ]
        }
        Row::House(HouseRow::Role { role, people }) => {
            let what = format!("{}  {}", counted(*people, "person", "people"), role.told());
            vec![("role".into(), Token::Focus), code, none(), none(), none(), (what, Token::Text)]
        }
        Row::Account(account) => {
            let desk = (escaped(&account.desk_code), Token::Text);
            let currency = (account.currency.to_string(), Token::Text);
            vec![("account".into(), Token::Text), code, none(), desk, currency, (String::new(), Token::Text)]
        }
    }
}

fn counted(count: u32, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The form.
pub(super) fn form(model: &Model, open: &HouseForm) -> Sheet {
    let title = match open.purpose {
        Purpose::Desk => "OPEN A DESK  nothing is sent yet",
        Purpose::Account => "OPEN AN ACCOUNT  nothing is sent yet",
        Purpose::Cash(_) => "MOVE CASH  nothing is sent yet",
        Purpose::Model => "KEYS OF A MODEL  nothing is sent yet",
    };
    let mut sheet = money_sheet(model, title);
    let (label, hint) = match open.purpose {
        Purpose::Desk | Purpose::Account => ("Code", "  letters, digits, . - _"),
        Purpose::Cash(_) => ("Amount", "  below zero: out"),
        Purpose::Model => ("AAGUID", "  the maker's"),
    };
    let before = super::pen::columns(open.text.before_cursor());
    sheet.line(
        Line::labelled(label, 9, "", Token::Text)
            .field(
                open.text.text(),
                before,
                if open.purpose == Purpose::Model { 38 } else { 20 },
                !open.on_desk,
                matches!(open.purpose, Purpose::Cash(_)),
            )
            .and(hint, Token::Muted),
    );
    if open.purpose == Purpose::Account {
        let token = if open.on_desk { Token::Focus } else { Token::Text };
        let line = Line::labelled("Desk", 9, house::desk_word(model, open.desk), token);
        sheet.line(line.and("  Tab, then Left and Right", Token::Muted));
    }
    if let Some(text) = &open.message {
        sheet.line(Line::of(text.clone(), Token::Warn));
    }
    sheet
}
