//! Entries as CSV; it must write no cell that a spreadsheet runs, and leave negative numbers as they are.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};

use crate::text::{escaped, is_hostile};

use super::fact::Fact;

/// The columns.
pub(super) const HEADING: &str = "log,index,time,who,action,object,outcome,reason,user,device,session,connection,correlation,message,leaf_hash,entry";

/// What a spreadsheet takes for a formula. A tab or the end of a line is escaped before it is looked at.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

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

/// A cell: on one line, with an apostrophe before what would be a formula.
fn cell(text: &str) -> String {
    let text = if text.contains(is_hostile) { escaped(text) } else { text.to_owned() };
    let safe = if is_formula(&text) { ["'", &text].concat() } else { text };
    if safe.contains([',', '"']) { ["\"", &safe.replace('"', "\"\""), "\""].concat() } else { safe }
}

/// A formula, also behind apostrophes, so that taking one away gives back what was written. A negative number is none.
fn is_formula(cell: &str) -> bool {
    let cell = cell.trim_start_matches('\'');
    cell.starts_with(FORMULA) && !is_negative(cell)
}

/// A minus, digits, and at most one point between them.
fn is_negative(cell: &str) -> bool {
    let Some(number) = cell.strip_prefix('-') else { return false };
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    [whole, decimals].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_17_no_cell_is_a_formula_and_negatives_stay() {
        for bad in ["=1+1", "+1", "@a", "-1+1", "-", "'=1", "=\t1"] {
            let written = cell(bad);
            assert!(written.trim_start_matches('"').starts_with('\''), "{bad:?}: {written:?}");
        }
        for good in ["-1", "-12.50", "x", "", "'x"] {
            assert_eq!(cell(good), good);
        }
        assert_eq!([cell("\tx"), cell("\r=1"), cell("a\nb")], ["\\u{9}x", "\\u{d}=1", "a\\u{a}b"]);
        assert_eq!(cell("a,\"b\""), "\"a,\"\"b\"\"\"");
    }
}
