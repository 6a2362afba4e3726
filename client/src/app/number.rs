//! Numbers as people type them into a field; it must refuse whatever two readers could read differently.

use std::fmt;

use turret_shared::money::{NumberError, Price, Qty};

/// Why what stands in a field is no number; shown beside the field as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypedError {
    /// The field is empty.
    Empty,
    /// Commas that do not part thousands.
    Comma(String),
    /// `k` or `m` where no quantity is meant, or not at the end.
    Suffix,
    /// The plain number rules refuse it.
    Number(NumberError),
}

impl fmt::Display for TypedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty"),
            Self::Comma(text) => write!(f, "{text}? a comma parts thousands (1,200), a point decimals"),
            Self::Suffix => f.write_str("k and m stand behind a quantity: 2k, 1.5m"),
            Self::Number(error) => error.fmt(f),
        }
    }
}

/// Takes well-placed thousands separators out; anything else with a comma is refused.
fn without_separators(text: &str) -> Result<String, TypedError> {
    if !text.contains(',') {
        return Ok(text.to_owned());
    }
    let refused = || TypedError::Comma(text.to_owned());
    let whole = text.split('.').next().unwrap_or(text);
    if text.len() > whole.len() && text.get(whole.len()..).is_some_and(|rest| rest.contains(',')) {
        return Err(refused());
    }
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or("");
    let digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    if first.is_empty() || first.len() > 3 || !digits(first) {
        return Err(refused());
    }
    if !groups.all(|group| group.len() == 3 && digits(group)) {
        return Err(refused());
    }
    Ok(text.chars().filter(|c| *c != ',').collect())
}

/// Reads a price: `189.50`, `1,250.25`, `.5`.
///
/// # Errors
/// [`TypedError`]; `189,50` is refused, never read as 18950.
pub fn price(text: &str) -> Result<Price, TypedError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TypedError::Empty);
    }
    Price::parse(&without_separators(text)?).map_err(TypedError::Number)
}

/// Reads a quantity: `500`, `1,200`, `2k`, `1.5k`, `1m`.
///
/// # Errors
/// [`TypedError`].
pub fn qty(text: &str) -> Result<Qty, TypedError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TypedError::Empty);
    }
    let (digits, factor) = match text.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (text.get(..at).unwrap_or(""), 1_000),
        Some((at, 'm' | 'M')) => (text.get(..at).unwrap_or(""), 1_000_000),
        _ => (text, 1),
    };
    if digits.contains(['k', 'K', 'm', 'M']) || digits.is_empty() {
        return Err(TypedError::Suffix);
    }
    let base = Qty::parse(&without_separators(digits)?).map_err(TypedError::Number)?;
    base.0.checked_mul(factor).map(Qty).ok_or(TypedError::Number(NumberError::OutOfRange))
}

/// Reads a figure of either kind into plain digits: `200000` from `200,000` and from `200k`; a sign before it stays.
///
/// # Errors
/// [`TypedError`]; `189,50` is refused, never read as 18950.
pub fn figure(text: &str) -> Result<String, TypedError> {
    let text = text.trim();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    if digits.starts_with('-') {
        return Err(TypedError::Number(NumberError::NotANumber));
    }
    let plain =
        if digits.ends_with(['k', 'K', 'm', 'M']) { qty(digits)?.to_string() } else { without_separators(digits)? };
    Ok(format!("{sign}{plain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_broker_types() {
        for (text, want) in [
            ("500", "500"),
            ("1,200", "1200"),
            ("2k", "2000"),
            ("1.5k", "1500"),
            (".5", "0.5"),
            ("1m", "1000000"),
            ("12,345,678", "12345678"),
            ("1,2k", ""),
            ("12,34", ""),
            ("k", ""),
            ("2kk", ""),
            ("", ""),
            ("1e3", ""),
            ("1.000,5", ""),
            (",5", ""),
        ] {
            assert_eq!(qty(text).map(|q| q.to_string()).unwrap_or_default(), want, "{text}");
        }
    }

    #[test]
    fn a_figure_comes_out_in_plain_digits() {
        for (text, want) in [
            ("200k", "200000"),
            ("1.5m", "1500000"),
            ("200,000", "200000"),
            ("1,250.50", "1250.50"),
            ("-2k", "-2000"),
            ("wanted", "wanted"),
            ("189,50", ""),
            ("1,5", ""),
            ("--2k", ""),
            ("k", ""),
        ] {
            assert_eq!(figure(text).unwrap_or_default(), want, "{text}");
        }
    }

    #[test]
    fn a_comma_is_never_a_decimal_point() {
        assert_eq!(price("189,50"), Err(TypedError::Comma("189,50".into())));
        assert_eq!(price("189.50"), Ok(Price(189_500_000_000)));
        assert_eq!(price("1,250.25"), Ok(Price(1_250_250_000_000)));
        assert!(price("189.5k").is_err());
    }
}
