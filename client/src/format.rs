//! Every number, time and id as a person reads it: one form each, in one place; it must never round what was traded.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use turret_shared::denial::Figure;
use turret_shared::money::{Money, Price, Qty, div_half_even, grouped};
use turret_shared::order::{OrdStatus, Side};
use turret_shared::time::{NS_PER_MS, NS_PER_S, Timestamp};

/// Shown where a figure does not apply.
pub const NONE: &str = "-";
/// Shown where a figure is not known.
pub const UNKNOWN: &str = "?";

/// Zones with a short name.
const LABELS: &[(&str, &str)] = &[
    ("America/New_York", "NY"),
    ("America/Chicago", "CHI"),
    ("Europe/London", "LON"),
    ("Europe/Paris", "PAR"),
    ("Europe/Berlin", "FRA"),
    ("Europe/Zurich", "ZRH"),
    ("Asia/Tokyo", "TYO"),
    ("Asia/Hong_Kong", "HKG"),
];

/// A time zone with the short name that stands in column heads.
#[derive(Debug, Clone)]
pub struct Zone {
    /// `NY`, `UTC`.
    pub label: &'static str,
    zone: TimeZone,
}

impl Zone {
    /// Universal time.
    #[must_use]
    pub const fn utc() -> Self {
        Self { label: "UTC", zone: TimeZone::UTC }
    }

    /// The zone of an IANA name; universal time, and labelled so, when the name is not known.
    #[must_use]
    pub fn named(iana: &str) -> Self {
        let label = LABELS.iter().find(|(name, _)| *name == iana).map(|(_, label)| *label);
        match (label, TimeZone::get(iana)) {
            (Some(label), Ok(zone)) => Self { label, zone },
            _ => Self::utc(),
        }
    }

    /// The zone of a label, however typed.
    #[must_use]
    pub fn labelled(label: &str) -> Option<Self> {
        if label.eq_ignore_ascii_case("UTC") || label.eq_ignore_ascii_case("Z") {
            return Some(Self::utc());
        }
        LABELS.iter().find(|(_, known)| known.eq_ignore_ascii_case(label)).map(|(iana, _)| Self::named(iana))
    }

    /// Midnight of the zone's day that `time` falls in.
    #[must_use]
    pub fn day_start(&self, time: Timestamp) -> Timestamp {
        self.date(time).and_then(|date| self.moment(date.into())).unwrap_or(time)
    }

    /// Midnight of the day `time` falls in, and of the next.
    #[must_use]
    pub fn day_bounds(&self, time: Timestamp) -> (Timestamp, Timestamp) {
        let next = self.date(time).and_then(|date| self.moment(date.tomorrow().ok()?.into()));
        (self.day_start(time), next.unwrap_or(time))
    }

    /// The day `time` falls in.
    #[must_use]
    pub fn date(&self, time: Timestamp) -> Option<jiff::civil::Date> {
        self.civil(time).map(|zoned| zoned.date())
    }

    /// The moment its clocks and calendars show this; where they skip it, as much later.
    #[must_use]
    pub fn moment(&self, shown: jiff::civil::DateTime) -> Option<Timestamp> {
        let zoned = shown.to_zoned(self.zone.clone()).ok()?;
        i64::try_from(zoned.timestamp().as_nanosecond()).ok().map(Timestamp)
    }

    fn civil(&self, time: Timestamp) -> Option<jiff::Zoned> {
        let moment = jiff::Timestamp::from_nanosecond(i128::from(time.0)).ok()?;
        Some(moment.to_zoned(self.zone.clone()))
    }
}

/// `14:31:40` in the zone.
#[must_use]
pub fn clock(time: Timestamp, zone: &Zone) -> String {
    zone.civil(time)
        .map_or_else(|| UNKNOWN.into(), |at| format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second()))
}

/// `12 Mar 13:02`, in UTC.
#[must_use]
pub fn day_and_time(time: Timestamp) -> String {
    Zone::utc().civil(time).map_or_else(|| UNKNOWN.into(), |at| at.strftime("%d %b %H:%M").to_string())
}

/// `14:31:40.007` in the zone.
#[must_use]
pub fn clock_ms(time: Timestamp, zone: &Zone) -> String {
    zone.civil(time).map_or_else(
        || UNKNOWN.into(),
        |at| format!("{:02}:{:02}:{:02}.{:03}", at.hour(), at.minute(), at.second(), at.millisecond()),
    )
}

/// A day, from its midnight to the next.
pub type Day = (Timestamp, Timestamp);

const fn within(time: Timestamp, day: Day) -> bool {
    time.0 >= day.0.0 && time.0 < day.1.0
}

/// `14:31:40` of today, else `03-12`, of another year `2025-12`: never wider than eight cells.
#[must_use]
pub fn clock_listed(time: Timestamp, zone: &Zone, today: Day) -> String {
    if within(time, today) {
        return clock(time, zone);
    }
    match (zone.date(time), zone.date(today.0)) {
        (Some(date), Some(now)) if date.year() == now.year() => format!("{:02}-{:02}", date.month(), date.day()),
        (Some(date), _) => format!("{:04}-{:02}", date.year(), date.month()),
        (None, _) => UNKNOWN.into(),
    }
}

/// `14:31:40.007` of today, else `03-12 14:31`, of another year `2025-12-31`: never wider than twelve cells.
#[must_use]
pub fn clock_ms_listed(time: Timestamp, zone: &Zone, today: Day) -> String {
    if within(time, today) {
        return clock_ms(time, zone);
    }
    match (zone.date(time), zone.date(today.0)) {
        (Some(date), Some(now)) if date.year() == now.year() => {
            format!("{:02}-{:02} {}", date.month(), date.day(), clock_minutes(time, zone))
        }
        (Some(date), _) => date.to_string(),
        (None, _) => UNKNOWN.into(),
    }
}

/// `14:31:40.007` of today, else with its date in full.
#[must_use]
pub fn clock_ms_dated(time: Timestamp, zone: &Zone, today: Day) -> String {
    if within(time, today) { clock_ms(time, zone) } else { dated_ms(time, zone, today.0) }
}

/// `03-12 14:31:20` in the zone, of another day than today; of another year `2025-12-31`.
#[must_use]
pub fn dated(time: Timestamp, zone: &Zone, now: Timestamp) -> String {
    match (zone.date(time), zone.date(now)) {
        (Some(date), Some(today)) if date.year() == today.year() => {
            format!("{:02}-{:02} {}", date.month(), date.day(), clock(time, zone))
        }
        (Some(date), _) => date.to_string(),
        (None, _) => UNKNOWN.into(),
    }
}

/// `03-12 14:31:20.007` in the zone, of another day than today; of another year `2025-12-31 14:31`.
#[must_use]
pub fn dated_ms(time: Timestamp, zone: &Zone, now: Timestamp) -> String {
    match (zone.date(time), zone.date(now)) {
        (Some(date), Some(today)) if date.year() == today.year() => {
            format!("{:02}-{:02} {}", date.month(), date.day(), clock_ms(time, zone))
        }
        (Some(date), _) => format!("{date} {}", clock(time, zone).get(..5).unwrap_or_default()),
        (None, _) => UNKNOWN.into(),
    }
}

/// `+0.005`, `-0.005`: seconds between two moments, to the millisecond; from three hours on `+3:00:00`, from four days on
/// `+4d 02h`: never wider than nine cells.
#[must_use]
pub fn gap(ns: i64) -> String {
    let (sign, ms) = (if ns < 0 { "-" } else { "+" }, ns.unsigned_abs() / NS_PER_MS.unsigned_abs());
    let (s, hours) = (ms / 1_000, ms / 3_600_000);
    match hours {
        0..3 => format!("{sign}{s}.{:03}", ms % 1_000),
        3..96 => format!("{sign}{hours}:{:02}:{:02}", s / 60 % 60, s % 60),
        _ => format!("{sign}{}d {:02}h", hours / 24, hours % 24),
    }
}

/// `2026-03-12 14:31:20.007 113 204` in the zone.
#[must_use]
pub fn full_time(time: Timestamp, zone: &Zone) -> String {
    zone.civil(time).map_or_else(
        || UNKNOWN.into(),
        |at| {
            format!(
                "{} {:02}:{:02}:{:02}.{:03} {:03} {:03}",
                at.date(),
                at.hour(),
                at.minute(),
                at.second(),
                at.millisecond(),
                at.microsecond(),
                at.nanosecond()
            )
        },
    )
}

/// `10:31` in the zone.
#[must_use]
pub fn clock_minutes(time: Timestamp, zone: &Zone) -> String {
    zone.civil(time).map_or_else(|| UNKNOWN.into(), |at| at.strftime("%H:%M").to_string())
}

/// `10:31` in the zone, of another day than today `03-12 10:31`.
#[must_use]
pub fn minutes_dated(time: Timestamp, zone: &Zone, now: Timestamp) -> String {
    let minutes = clock_minutes(time, zone);
    match (zone.date(time), zone.date(now)) {
        (Some(date), Some(today)) if date != today => format!("{:02}-{:02} {minutes}", date.month(), date.day()),
        _ => minutes,
    }
}

/// `Thu 12 Mar` in the zone.
#[must_use]
pub fn day(time: Timestamp, zone: &Zone) -> String {
    zone.civil(time).map_or_else(|| UNKNOWN.into(), |at| at.strftime("%a %d %b").to_string())
}

/// `2026-03-12` in the zone.
#[must_use]
pub fn date(time: Timestamp, zone: &Zone) -> String {
    zone.civil(time).map_or_else(|| UNKNOWN.into(), |at| at.date().to_string())
}

/// `0.2 s`, `14 s`, `3 m 56 s`, `2 h 05 m`; nothing below zero, clocks of two machines differ.
#[must_use]
pub fn age(ns: i64) -> String {
    let ns = ns.max(0);
    let seconds = ns.div_euclid(NS_PER_S);
    match seconds {
        0..10 => format!("{seconds}.{} s", ns.rem_euclid(NS_PER_S).div_euclid(100 * NS_PER_MS)),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} m {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} m", seconds / 3600, seconds / 60 % 60),
    }
}

/// `0:58`, what is left of a deadline.
#[must_use]
pub fn countdown(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A quantity, `1,200`; fractions only where the instrument trades them.
#[must_use]
pub fn qty(quantity: Qty) -> String {
    grouped(&quantity.to_string())
}

/// A quantity in at most `width` columns: the commas go first, then it is told as too wide, never shortened.
#[must_use]
pub fn qty_fit(quantity: Qty, width: usize) -> String {
    fit(qty(quantity), width)
}

/// A position: `+1,200`, `-250`, `0`.
#[must_use]
pub fn position(quantity: Qty) -> String {
    if quantity.is_positive() { format!("+{}", qty(quantity)) } else { qty(quantity) }
}

/// A price with the decimals of its tick, `189.50`; more only if it has more.
#[must_use]
pub fn price(value: Price, decimals: usize) -> String {
    grouped(&format!("{value:.decimals$}"))
}

/// A price in at most `width` columns.
#[must_use]
pub fn price_fit(value: Price, decimals: usize, width: usize) -> String {
    fit(price(value, decimals), width)
}

/// An average price: two decimals more than the tick, half to even, for showing only.
#[must_use]
pub fn avg_px(value: Price, decimals: usize) -> String {
    rounded(value, decimals.saturating_add(2))
}

/// An average price in at most `width` columns: two decimals more than the tick where they fit, else the tick's.
#[must_use]
pub fn avg_px_fit(value: Price, decimals: usize, width: usize) -> String {
    let exact = avg_px(value, decimals);
    let plain = exact.chars().filter(|c| *c != ',').count();
    fit(if plain <= width { exact } else { rounded(value, decimals) }, width)
}

/// A price with so many decimals, half to even.
fn rounded(value: Price, decimals: usize) -> String {
    let places = u32::try_from(decimals).unwrap_or(9).min(Price::DECIMALS);
    let unit = 10_i128.pow(Price::DECIMALS.saturating_sub(places));
    let rounded = div_half_even(i128::from(value.0), unit).and_then(|steps| steps.checked_mul(unit));
    let shown = rounded.and_then(|raw| i64::try_from(raw).ok()).map_or(value, Price);
    let width = usize::try_from(places).unwrap_or(9);
    grouped(&format!("{shown:.width$}"))
}

/// An amount: `94,750.00`, half to even on the second decimal.
#[must_use]
pub fn money(amount: Money) -> String {
    let cents = div_half_even(i128::from(amount.0), 100).and_then(|c| i64::try_from(c.saturating_mul(100)).ok());
    grouped(&format!("{:.2}", cents.map_or(amount, Money)))
}

/// Profit or loss: `+323.52`, `-18.00`.
#[must_use]
pub fn profit(amount: Money) -> String {
    if amount.is_negative() { money(amount) } else { format!("+{}", money(amount)) }
}

/// Change in percent with sign and two decimals: `+0.31`, `0.00`; [`NONE`] without a base.
#[must_use]
pub fn change_percent(now: Price, before: Price) -> String {
    let difference = i128::from(now.0).saturating_sub(i128::from(before.0));
    let Some(hundredths) = div_half_even(difference.saturating_mul(10_000), i128::from(before.0)) else {
        return NONE.into();
    };
    let sign = match hundredths {
        1.. => "+",
        0 => "",
        _ => "-",
    };
    let size = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// Market volume in about four characters: `12.4m`, `0.91m`, `915`; exact figures belong to the detail pane.
#[must_use]
pub fn volume(quantity: Qty) -> String {
    let units = quantity.0.unsigned_abs() / Qty::ONE.0.unsigned_abs();
    let (step, letter) = match units {
        0..10_000 => return grouped(&units.to_string()),
        10_000..100_000 => (1_000, 'k'),
        100_000..1_000_000_000 => (1_000_000, 'm'),
        _ => (1_000_000_000, 'b'),
    };
    let hundredths = units / (step / 100);
    if hundredths >= 10_000 {
        format!("{}{letter}", hundredths / 100)
    } else if hundredths >= 1_000 {
        format!("{}.{}{letter}", hundredths / 100, hundredths / 10 % 10)
    } else {
        format!("{}.{:02}{letter}", hundredths / 100, hundredths % 100)
    }
}

/// A figure of a rule: the unit is part of it.
#[must_use]
pub fn figure(value: &Figure, decimals: usize) -> String {
    match value {
        Figure::Money(amount, currency) => format!("{} {currency}", money(*amount)),
        Figure::Qty(quantity) => qty(*quantity),
        Figure::Price(at) => price(*at, decimals),
        Figure::Count(count) => grouped(&count.to_string()),
        Figure::Band(low, high) => format!("{} to {}", price(*low, decimals), price(*high, decimals)),
        Figure::Flag(true) => "yes".into(),
        Figure::Flag(false) => "no".into(),
    }
}

/// `1 order`, `3 orders`: for names whose plural ends in an s.
#[must_use]
pub fn counted(count: usize, name: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {name}{plural}", grouped(&count.to_string()))
}

/// A sentence of the server with the thousands of its figures parted.
#[must_use]
pub fn figures_grouped(sentence: &str) -> String {
    let word = |word: &str| {
        let number = word.len() > 3 && word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if number { grouped(word) } else { word.to_owned() }
    };
    sentence.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// By how much a figure exceeds its limit, where that can be said.
#[must_use]
pub fn over_by(used: &Figure, limit: &Figure, decimals: usize) -> Option<String> {
    match (used, limit) {
        (Figure::Money(used, currency), Figure::Money(limit, of)) if currency == of => {
            used.minus(*limit).ok().filter(|m| m.is_positive()).map(|m| format!("{} {currency}", money(m)))
        }
        (Figure::Qty(used), Figure::Qty(limit)) => used.minus(*limit).ok().filter(|q| q.is_positive()).map(qty),
        (Figure::Count(used), Figure::Count(limit)) => {
            used.checked_sub(*limit).filter(|n| *n > 0).map(|n| grouped(&n.to_string()))
        }
        (Figure::Price(at), Figure::Band(low, high)) => {
            let out = if at > high { at.minus(*high) } else { low.minus(*at) };
            out.ok().filter(|p| p.is_positive()).map(|p| price(p, decimals))
        }
        _ => None,
    }
}

/// The status word of a list, doubt before status.
#[must_use]
pub const fn status(status: OrdStatus, working: bool, in_doubt: bool) -> &'static str {
    if in_doubt { "IN DOUBT" } else { status.word(working) }
}

/// A side in the words of a sentence.
#[must_use]
pub const fn side_sentence(side: Side) -> &'static str {
    match side {
        Side::Buy => "buy",
        Side::Sell => "sell",
        Side::SellShort => "sell short",
        Side::SellShortExempt => "sell short exempt",
    }
}

/// First six and last four characters of anything longer than twelve.
#[must_use]
pub fn short_id(id: &str) -> String {
    let length = id.chars().count();
    if length <= 12 {
        return id.into();
    }
    let mut out: String = id.chars().take(6).collect();
    out.push_str("...");
    out.extend(id.chars().skip(length.saturating_sub(4)));
    out
}

/// The first bytes of a hash, `5dc9..4328`.
#[must_use]
pub fn short_hash(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    match (hex.get(..4), hex.get(hex.len().saturating_sub(4)..)) {
        (Some(head), Some(tail)) if hex.len() > 8 => format!("{head}..{tail}"),
        _ => hex,
    }
}

/// The figure in so many columns: without its commas where they do not fit, and where that is not enough no figure at all.
#[must_use]
pub fn fit(text: String, width: usize) -> String {
    if text.len() <= width {
        return text;
    }
    let plain: String = text.chars().filter(|c| *c != ',').collect();
    if plain.len() <= width { plain } else { "#".repeat(width) }
}
