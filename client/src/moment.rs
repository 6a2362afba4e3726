//! Days and times of day as people type them, each a stretch as long as what was named; it must guess no day ahead of now.

use jiff::civil::{Date, Time};
use turret_shared::time::{NS_PER_S, Timestamp};

use crate::format::Zone;

/// From the first moment named to the one after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// First.
    pub from: Timestamp,
    /// Behind the last.
    pub to: Timestamp,
}

/// Reads words from the front of `words`: `10:31`, `10:31:20`, `2026-03-12`, `2026-03-12 10:31`, each with a zone's label
/// behind it or in `zone`, or RFC 3339; gives the stretch, the zone it was read in, and how many words it took. A time without
/// a day is the latest one that is not after `now`.
#[must_use]
pub fn read(words: &[&str], zone: &Zone, now: Timestamp) -> Option<(Stretch, Zone, usize)> {
    let first = words.first()?;
    if let Ok(moment) = first.parse::<jiff::Timestamp>() {
        let from = Timestamp(i64::try_from(moment.as_nanosecond()).ok()?);
        return Some((Stretch { from, to: from.after_ns(NS_PER_S) }, zone.clone(), 1));
    }
    let label = |at: usize| words.get(at).and_then(|word| Zone::labelled(word));
    if let Ok(date) = first.parse::<Date>() {
        let time = words.get(1).and_then(|word| clock(word));
        let taken = if time.is_some() { 2 } else { 1 };
        let named = label(taken);
        let taken = taken.saturating_add(usize::from(named.is_some()));
        let zone = named.unwrap_or_else(|| zone.clone());
        return Some((on(date, time, &zone)?, zone, taken));
    }
    let (bare, utc) = first.strip_suffix(['Z', 'z']).map_or((*first, None), |bare| (bare, Some(Zone::utc())));
    let time = clock(bare)?;
    let named = label(1).filter(|_| utc.is_none());
    let taken = 1_usize.saturating_add(usize::from(named.is_some()));
    let zone = utc.or(named).unwrap_or_else(|| zone.clone());
    let today = zone.date(now)?;
    let stretch = on(today, Some(time), &zone)?;
    let stretch = if stretch.from > now { on(today.yesterday().ok()?, Some(time), &zone)? } else { stretch };
    Some((stretch, zone, taken))
}

/// A time of day, and whether it names seconds.
fn clock(word: &str) -> Option<(Time, bool)> {
    let part = |text: &str| text.parse::<i8>().ok().filter(|_| text.len() == 2 && !text.starts_with(['+', '-']));
    let mut parts = word.split(':');
    let (hour, minute, second) = (part(parts.next()?)?, part(parts.next()?)?, parts.next());
    let seconds = second.map(part);
    if parts.next().is_some() || seconds == Some(None) {
        return None;
    }
    Some((Time::new(hour, minute, seconds.flatten().unwrap_or(0), 0).ok()?, second.is_some()))
}

fn on(date: Date, time: Option<(Time, bool)>, zone: &Zone) -> Option<Stretch> {
    let Some((time, seconds)) = time else {
        return Some(Stretch { from: zone.moment(date.into())?, to: zone.moment(date.tomorrow().ok()?.into())? });
    };
    let from = zone.moment(date.to_datetime(time))?;
    let length = if seconds { NS_PER_S } else { 60 * NS_PER_S };
    Some(Stretch { from, to: from.after_ns(length) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-12 14:31:40 UTC.
    const NOW: Timestamp = Timestamp(1_773_325_900 * NS_PER_S);

    fn told(words: &str) -> Option<String> {
        let ny = Zone::named("America/New_York");
        let words: Vec<&str> = words.split_whitespace().collect();
        let (stretch, zone, taken) = read(&words, &ny, NOW)?;
        let at =
            |time: Timestamp| format!("{} {}", crate::format::date(time, &zone), crate::format::clock(time, &zone));
        Some(format!("{} to {} {} by {taken}", at(stretch.from), at(stretch.to), zone.label))
    }

    #[test]
    fn a_stretch_is_as_long_as_what_was_named_and_never_ahead_of_now() {
        for (words, want) in [
            ("10:31", "2026-03-12 10:31:00 to 2026-03-12 10:32:00 NY by 1"),
            ("10:31:20 NY x", "2026-03-12 10:31:20 to 2026-03-12 10:31:21 NY by 2"),
            ("10:31 utc", "2026-03-12 10:31:00 to 2026-03-12 10:32:00 UTC by 2"),
            ("14:31Z NY", "2026-03-12 14:31:00 to 2026-03-12 14:32:00 UTC by 1"),
            ("23:00", "2026-03-11 23:00:00 to 2026-03-11 23:01:00 NY by 1"),
            ("2026-03-12", "2026-03-12 00:00:00 to 2026-03-13 00:00:00 NY by 1"),
            ("2026-03-08 LON", "2026-03-08 00:00:00 to 2026-03-09 00:00:00 LON by 2"),
            ("2026-03-11 09:30 NY", "2026-03-11 09:30:00 to 2026-03-11 09:31:00 NY by 3"),
            ("2026-03-12T10:31:00-04:00", "2026-03-12 10:31:00 to 2026-03-12 10:31:01 NY by 1"),
            ("2026-03-12T14:31:00Z", "2026-03-12 10:31:00 to 2026-03-12 10:31:01 NY by 1"),
        ] {
            assert_eq!(told(words).as_deref(), Some(want), "{words}");
        }
        for words in ["", "10", "10:3", "24:00", "10:61", "1:31", "10:31:20:1", "2026-13-01", "tomorrow", "+1:31"] {
            assert_eq!(told(words), None, "{words}");
        }
    }
}
