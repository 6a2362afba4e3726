//! Policy figures and the one that is set; it must show no figure the server did not give.

use super::sheet::{Line, Sheet};
use super::theme::Token;
use super::windows::money_sheet;
use crate::app::Model;
use crate::app::policy::{self, PolicyForm};
use crate::format;

/// Columns of a policy's word and of a role.
const WIDTHS: (usize, usize) = (24, 12);

/// Every figure, and the field of the one at hand.
pub(super) fn form(model: &Model, open: &PolicyForm) -> Sheet {
    let mut sheet = money_sheet(model, "POLICY  nothing is sent yet");
    if model.policies.rows.is_empty() {
        sheet.line(Line::of(model.policies.emptiness("none is set"), Token::Muted));
    }
    for (at, row) in model.policies.rows.iter().enumerate() {
        let (mark, token) = if at == open.at { ("> ", Token::Focus) } else { ("  ", Token::Text) };
        let (word, role) = WIDTHS;
        let line = format!(
            "{mark}{:<word$}{:<role$}{}",
            row.policy.as_str(),
            row.role,
            format::figures_grouped(&policy::word(row))
        );
        sheet.line(Line::of(line, token));
    }
    if let Some(row) = model.policies.rows.get(open.at) {
        sheet.line(Line::of(format!("{}.", row.policy.sentence()), Token::Muted));
        let before = super::pen::columns(open.value.before_cursor());
        sheet.line(
            Line::labelled("New", 9, "", Token::Text)
                .field(open.value.text(), before, 20, true, true)
                .and(policy::typed_as(row), Token::Muted),
        );
    }
    if let Some(text) = &open.message {
        sheet.line(Line::of(text.clone(), Token::Warn));
    }
    sheet
}
