//! The form for a role of the house's own; it must decide nothing.

use turret_shared::text::escaped;

use super::sheet::{Line, Sheet};
use super::theme::Token;
use super::windows::money_sheet;
use crate::app::Model;
use crate::app::compose::{self, Focus, RoleForm};

/// Cells of the code.
const CODE_CELLS: usize = 20;

/// The form.
pub(super) fn form(model: &Model, open: &RoleForm) -> Sheet {
    let title = if open.known { "CHANGE A ROLE  nothing is sent yet" } else { "COMPOSE A ROLE  nothing is sent yet" };
    let mut sheet = money_sheet(model, title);
    if open.known {
        sheet.line(Line::labelled("Role", 9, escaped(open.code.text()), Token::Text));
        sheet.line(Line::labelled("Part of", 9, open.base.to_string(), Token::Text));
    } else {
        let before = super::pen::columns(open.code.before_cursor());
        let code = Line::labelled("Code", 9, "", Token::Text);
        let code = code.field(open.code.text(), before, CODE_CELLS, open.focus == Focus::Code, false);
        sheet.line(code.and("  letters, digits, . - _", Token::Muted));
        let (mark, token) = if open.focus == Focus::Base { ("< > ", Token::Focus) } else { ("    ", Token::Text) };
        sheet.line(Line::labelled("Part of", 9, format!("{mark}{}", open.base), token));
    }
    for permission in compose::choices(open) {
        let (held, here) = (open.permissions.has(permission), open.focus == Focus::Permission(permission));
        let token = match (here, held) {
            (true, _) => Token::Focus,
            (false, true) => Token::Text,
            (false, false) => Token::Muted,
        };
        let (cursor, mark) = (if here { ">" } else { " " }, if held { "[x]" } else { "[ ]" });
        sheet.line(Line::of(format!("{cursor} {mark} {}", permission.words()), token));
    }
    if let Some(text) = &open.message {
        sheet.line(Line::of(text.clone(), Token::Warn));
    }
    sheet
}
