//! Cells of CSV (RFC 4180) that a spreadsheet reads and does not run; it must leave negative numbers as they are.

use alloc::borrow::ToOwned;
use alloc::string::String;

/// What a spreadsheet takes for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell as it stands in a file: an apostrophe before what would be a formula, quotation marks around what would end it.
#[must_use]
pub fn cell(text: &str) -> String {
    let safe = if is_formula(text) { ["'", text].concat() } else { text.to_owned() };
    if safe.contains([',', '"', '\t', '\r', '\n']) { ["\"", &safe.replace('"', "\"\""), "\""].concat() } else { safe }
}

/// A formula, or one behind apostrophes, so that taking one away gives back what was written. A negative number is none.
#[must_use]
pub fn is_formula(cell: &str) -> bool {
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
        for bad in ["=1+1", "+1", "@a", "-1+1", "-", "-1.", "-.5", "--1", "-1e3", "'=1", "''-2+1", "=\t1", "\tx", "\r="]
        {
            let written = cell(bad);
            assert!(written.trim_start_matches('"').starts_with('\''), "{bad:?}: {written:?}");
        }
        for good in ["-1", "-12.50", "x", "", "'x", "'-1"] {
            assert_eq!(cell(good), good);
        }
        assert_eq!(cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(cell("a\nb"), "\"a\nb\"");
    }
}
