//! Entries as CSV; it must write no cell that a spreadsheet runs, and leave negative numbers as they are.

use alloc::string::{String, ToString};

use crate::csv;
use crate::text::{escaped, is_hostile};

use super::fact::Fact;

/// The columns.
pub(super) const HEADING: &str = "log,index,time,who,action,object,outcome,reason,user,device,session,connection,correlation,message,leaf_hash,entry";

pub(super) fn line(fact: &Fact<'_>) -> String {
    let number = |id: Option<u64>| id.map(|id| id.to_string()).unwrap_or_default();
    let object = fact.object.as_ref().map(|(kind, id)| [kind, " ", id].concat()).unwrap_or_default();
    let cells: [&str; 16] = [
        fact.log,
        &fact.index.to_string(),
        &fact.time,
        &fact.who,
        &fact.action,
        &object,
        fact.outcome.as_str(),
        fact.reason.as_deref().unwrap_or_default(),
        &number(fact.user.map(|user| user.0.into())),
        &number(fact.device.map(u64::from)),
        &number(fact.session),
        &number(fact.connection),
        &fact.correlation,
        &fact.message,
        &fact.leaf,
        &fact.entry,
    ];
    cells.map(cell).join(",")
}

/// On one line: what would end it, or say something to a terminal, is escaped before it is looked at.
fn cell(text: &str) -> String {
    if text.contains(is_hostile) { csv::cell(&escaped(text)) } else { csv::cell(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_17_what_would_end_a_line_is_escaped_and_no_cell_is_a_formula() {
        assert_eq!([cell("\tx"), cell("\r=1"), cell("a\nb")], ["\\u{9}x", "\\u{d}=1", "a\\u{a}b"]);
        assert_eq!([cell("=1+1"), cell("-12.50")], ["'=1+1", "-12.50"]);
    }
}
