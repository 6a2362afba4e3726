//! What time alone changes: the clocks and every length that runs, told at a quiet desk as moments, which stay true unseen; it
//! must read no clock but the model's.

use turret_shared::time::{NS_PER_S, Timestamp};

use crate::app::Model;
use crate::app::market::Quote;
use crate::format;

/// The time of a clock that runs: `14:31:40`, at rest `14:31`.
pub(super) fn time(model: &Model, zone: &format::Zone) -> String {
    let now = model.now.wall;
    if model.is_resting() { format::clock_minutes(now, zone) } else { format::clock(now, zone) }
}

/// `Thu 12 Mar  14:31:40Z  10:31:40 NY`, where there is room with the date that belongs to the time beside it; at a quiet desk
/// `quiet since 10:29 NY`.
pub(super) fn clocks(model: &Model) -> String {
    if let Some(since) = model.quiet_since() {
        return quiet(model, since);
    }
    let utc = time(model, &format::Zone::utc());
    let venue = time(model, &model.venue_zone);
    let times = format!("{utc}Z  {venue} {}", model.venue_zone.label);
    if model.size.0 >= 120 { format!("{}  {times}", format::day(model.now.wall, &format::Zone::utc())) } else { times }
}

/// Since when nothing happened, in the zone shown; where there is room in both, with the date.
pub(super) fn quiet(model: &Model, since: Timestamp) -> String {
    let zone = model.zone();
    if model.size.0 >= 120 {
        let utc = format::Zone::utc();
        let (day, venue) = (format::day(since, &utc), format::clock_minutes(since, &model.venue_zone));
        return format!(
            "quiet since {day} {}Z  {venue} {}",
            format::clock_minutes(since, &utc),
            model.venue_zone.label
        );
    }
    format!("quiet since {} {}", format::minutes_dated(since, &zone, model.now.wall), zone.label)
}

/// `0.3 s`, how long ago something was; at a quiet desk since when.
pub(super) fn age(model: &Model, from: Timestamp) -> String {
    match model.quiet_since() {
        Some(_) => format!("since {}", format::clock(from, &model.zone())),
        None => format::age(model.now.wall.since(from)),
    }
}

/// How old a picture of the market is: one that is repeated while the desk is quiet is merely not old.
pub(super) fn quote_age(model: &Model, quote: &Quote) -> String {
    match model.quiet_since() {
        Some(_) if !quote.is_stale(model.now.wall) => "fresh".to_owned(),
        _ => age(model, quote.received),
    }
}

/// `in 4:58`, when something ends by the server's clock; at a quiet desk `at 14:36:38`.
pub(super) fn end(model: &Model, ends: Timestamp) -> String {
    match model.quiet_since() {
        Some(_) => {
            let zone = model.zone();
            format!("at {} {}", format::clock(ends, &zone), zone.label)
        }
        None => format!("in {}", left(model, ends)),
    }
}

/// The same in a column of its own: `4:58`, at a quiet desk `14:36`.
pub(super) fn end_listed(model: &Model, ends: Timestamp) -> String {
    match model.quiet_since() {
        Some(_) => format::clock_minutes(ends, &model.zone()),
        None => left(model, ends),
    }
}

fn left(model: &Model, ends: Timestamp) -> String {
    let left = ends.since(model.server_time(model.now.wall)).max(0) / NS_PER_S;
    format::countdown(u64::try_from(left).unwrap_or(0))
}

/// `1:15`, how long a person did nothing; at a quiet desk since when, by the minute: as they were told, it is no finer.
pub(super) fn idle(model: &Model, seconds: u32) -> String {
    match model.quiet_since() {
        Some(_) => {
            let from = model.now.wall.after_ns(i64::from(seconds).saturating_mul(-NS_PER_S));
            format!("~{}", format::clock_minutes(from, &model.zone()))
        }
        None => format::countdown(seconds.into()),
    }
}
