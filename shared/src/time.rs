//! A moment as nanoseconds since 1970 UTC, and its RFC 3339 form; it must never read a clock.

use alloc::string::String;
use core::fmt::{self, Write};

use minicbor::{Decode, Encode};

/// Nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Timestamp(#[n(0)] pub i64);

/// Nanoseconds in a second.
pub const NS_PER_S: i64 = 1_000_000_000;
/// Nanoseconds in a millisecond.
pub const NS_PER_MS: i64 = 1_000_000;
/// Seconds in a day.
pub const S_PER_DAY: i64 = 86_400;

impl Timestamp {
    /// This much later, stopping at the end of the range.
    #[must_use]
    pub const fn after_ns(self, ns: i64) -> Self {
        Self(self.0.saturating_add(ns))
    }

    /// Nanoseconds from `earlier` to this, stopping at the ends of the range.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole days since 1970-01-01 UTC.
    #[must_use]
    pub const fn utc_day(self) -> i64 {
        self.0.div_euclid(NS_PER_S * S_PER_DAY)
    }

    /// `2026-03-12T14:31:20.007113204Z`, always nine decimals (RFC 3339, 5.6).
    #[must_use]
    pub fn rfc3339(self) -> String {
        let mut out = String::new();
        let (year, month, day) = civil_from_days(self.utc_day());
        let of_day = self.0.rem_euclid(NS_PER_S * S_PER_DAY);
        let (second, ns) = (of_day / NS_PER_S, of_day % NS_PER_S);
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{ns:09}Z",
            second / 3600,
            second / 60 % 60,
            second % 60
        );
        out
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// Year, month, day of the proleptic Gregorian calendar for a day count from 1970-01-01.
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    // Years start in March, so that the leap day is the last of its year; an era is 400 years.
    let shifted = days.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_known_moments() {
        for (ns, want) in [
            (0, "1970-01-01T00:00:00.000000000Z"),
            (1_000_000_000_000_000_001, "2001-09-09T01:46:40.000000001Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
            (951_782_400 * NS_PER_S, "2000-02-29T00:00:00.000000000Z"),
            (4_107_542_399 * NS_PER_S, "2100-02-28T23:59:59.000000000Z"),
        ] {
            assert_eq!(Timestamp(ns).rfc3339(), want);
        }
    }
}
