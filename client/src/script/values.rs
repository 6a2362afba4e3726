//! Values of a line read into the desk's types, nothing guessed; it must know no verb.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use turret_shared::ids::{ClOrdId, CorrelationId, ExecId, OrderId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::OrdStatus;
use turret_shared::time::Timestamp;

use super::line::Parts;

/// Why a value was refused: one sentence that names it.
pub(super) type Refusal = String;

/// An order by its id, or the last one this script named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrderRef {
    Id(OrderId),
    Last,
}

/// An execution by its id, or the newest of the last list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExecRef {
    Id(ExecId),
    Last,
}

/// Longest wait of one line, in milliseconds.
pub(super) const WAIT_MS_MAX: u64 = 600_000;
/// A wait that names no time.
pub(super) const WAIT_MS_DEFAULT: u64 = 5_000;

/// Pairs of one line, taken by name.
pub(super) struct Values<'a>(pub(super) &'a Parts);

impl Values<'_> {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn read<T, E: Display>(&self, name: &str, read: impl Fn(&str) -> Result<T, E>) -> Result<Option<T>, Refusal> {
        self.text(name).map(|text| read(text).map_err(|e| format!("{name}: {e}"))).transpose()
    }

    fn word<T: FromStr>(&self, name: &str, among: &str) -> Result<Option<T>, Refusal> {
        self.read(name, |text| text.parse::<T>().map_err(|_| format!("not one of {among}")))
    }

    /// Of a value the table calls required: its absence was refused before.
    pub(super) fn need<T>(value: Option<T>, name: &str) -> Result<T, Refusal> {
        value.ok_or_else(|| format!("{name} is missing"))
    }

    pub(super) fn qty(&self, name: &str) -> Result<Option<Qty>, Refusal> {
        self.read(name, Qty::parse)
    }

    pub(super) fn price(&self, name: &str) -> Result<Option<Price>, Refusal> {
        self.read(name, Price::parse)
    }

    pub(super) fn order(&self, name: &str) -> Result<Option<OrderRef>, Refusal> {
        self.read(name, |text| match text {
            "last" => Ok(OrderRef::Last),
            id => id.parse().map(OrderRef::Id).map_err(|_| "not an order id such as O48201, nor `last`"),
        })
    }

    pub(super) fn exec(&self, name: &str) -> Result<Option<ExecRef>, Refusal> {
        self.read(name, |text| match text {
            "last" => Ok(ExecRef::Last),
            id => id.parse().map(ExecRef::Id).map_err(|_| "not an execution id such as E48207, nor `last`"),
        })
    }

    pub(super) fn cl_ord_id(&self) -> Result<Option<ClOrdId>, Refusal> {
        self.read("cl_ord_id", |text| {
            ClOrdId::new(text).map_err(|_| "1 to 36 letters, digits, points, underscores, colons or hyphens")
        })
    }

    pub(super) fn correlation(&self, name: &str) -> Result<Option<CorrelationId>, Refusal> {
        self.read(name, |text| text.parse().map_err(|_| "not a correlation id such as 7F3A-19C2-0B1D"))
    }

    pub(super) fn status(&self, name: &str) -> Result<Option<OrdStatus>, Refusal> {
        self.read(name, status)
    }

    /// One status or several with `|` between them: any will do.
    pub(super) fn statuses(&self, name: &str) -> Result<Option<Vec<OrdStatus>>, Refusal> {
        self.read(name, |text| text.split('|').map(status).collect::<Result<Vec<_>, _>>())
    }

    pub(super) fn confirm(&self) -> Result<bool, Refusal> {
        let read = self.read("confirm", |text| match text {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err("yes or no"),
        })?;
        Ok(read.unwrap_or(false))
    }

    pub(super) fn one_of<T: FromStr>(&self, name: &str, among: &str) -> Result<Option<T>, Refusal> {
        self.word(name, among)
    }

    /// A whole number of at most `most`.
    pub(super) fn count(&self, name: &str, most: u32) -> Result<Option<u32>, Refusal> {
        self.read(name, |text| {
            let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            let number = text.parse::<u32>().ok().filter(|n| plain && *n <= most);
            number.ok_or_else(|| format!("a whole number of at most {most}, digits only"))
        })
    }

    /// `5s`, `500ms` or `2m`.
    pub(super) fn timeout(&self, name: &str) -> Result<Duration, Refusal> {
        let read = self.read(name, |text| {
            duration_ms(text).filter(|ms| *ms <= WAIT_MS_MAX).ok_or("a time such as 500ms, 5s or 2m, at most 10m")
        })?;
        Ok(Duration::from_millis(read.unwrap_or(WAIT_MS_DEFAULT)))
    }

    /// RFC 3339 with a zone.
    pub(super) fn moment(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        self.read(name, |text| {
            let moment: Option<jiff::Timestamp> = text.parse().ok();
            moment
                .and_then(|m| i64::try_from(m.as_nanosecond()).ok())
                .map(Timestamp)
                .ok_or("a moment with its zone, such as 2026-03-12T14:31:20Z")
        })
    }
}

fn status(word: &str) -> Result<OrdStatus, &'static str> {
    word.parse().map_err(|_| "not a status: New, PartiallyFilled, Filled, Canceled, ...")
}

fn duration_ms(text: &str) -> Option<u64> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (digits, unit) = text.split_at(unit);
    let each = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(each)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::line::cut;

    #[test]
    fn nothing_is_guessed() {
        for bad in ["qty=1,000", "qty=1e3", "qty=\"1 000\"", "qty=+5", "qty=1_000", "qty="] {
            let parts = cut(&format!("x {bad}")).unwrap().unwrap();
            assert!(Values(&parts).qty("qty").is_err(), "{bad}");
        }
        for (text, want) in
            [("5s", Some(5_000)), ("500ms", Some(500)), ("2m", Some(120_000)), ("5", None), ("1.5s", None), ("s", None)]
        {
            assert_eq!(duration_ms(text), want, "{text}");
        }
    }

    #[test]
    fn moments_need_their_zone() {
        let read = |text: &str| {
            let parts = cut(&format!("x since={text}")).unwrap().unwrap();
            Values(&parts).moment("since")
        };
        assert_eq!(read("1970-01-01T00:00:01Z"), Ok(Some(Timestamp(1_000_000_000))));
        assert_eq!(read("1970-01-01T01:00:01+01:00"), Ok(Some(Timestamp(1_000_000_000))));
        assert!(read("1970-01-01T00:00:01").is_err());
    }

    #[test]
    fn several_statuses_mean_any() {
        let parts = cut("x status=Filled|Canceled").unwrap().unwrap();
        assert_eq!(Values(&parts).statuses("status"), Ok(Some(vec![OrdStatus::Filled, OrdStatus::Canceled])));
        let parts = cut("x status=filled").unwrap().unwrap();
        assert!(Values(&parts).statuses("status").is_err());
    }
}
