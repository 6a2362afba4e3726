//! What the words of a search are taken for: identifiers, names, days and times; it must take none for what it does not say.

use turret_shared::event::KINDS;
use turret_shared::ids::{ClOrdId, CorrelationId, ExecId, OrderId, Sequence};
use turret_shared::limits::QUERY_ROWS_MAX;
use turret_shared::money::grouped;
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::wire::query::AuditFilter;

use super::desk::Desk;
use crate::format::{self, Zone};
use crate::moment::{self, Stretch};

/// What words are read by.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Symbols, accounts and logins this session knows.
    pub desk: &'a Desk,
    /// Times without a zone are in this one.
    pub zone: &'a Zone,
    /// Times without a day are the latest before this.
    pub now: Timestamp,
}

/// A search, read.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// What the server is asked.
    pub filter: AuditFilter,
    /// What each word was taken for.
    pub taken_for: String,
    /// About one order: shown oldest first with the gaps between.
    pub timeline: bool,
    /// The entry asked for by its own identifier.
    pub at: Option<Sequence>,
}

const DAY_NS: i64 = 86_400 * NS_PER_S;

const OUTCOMES: &[&str] = &["ok", "denied", "refused", "failed", "flagged"];
/// What may stand before `=`.
const NAMES: &str = "order exec name account symbol user action outcome corr entry since until limit";

/// Reads the search; `Err` names the word that is nothing.
///
/// # Errors
/// The word, in a sentence.
pub fn read(words: &str, known: Known<'_>) -> Result<Search, String> {
    let mut search = Search::default();
    search.filter.limit = Some(QUERY_ROWS_MAX);
    let mut taken = Vec::new();
    let words: Vec<&str> = words.split_whitespace().collect();
    // `since=10:31 until=11:00 NY`: a zone named once is meant for both.
    let zone = named_zone(&words, known).unwrap_or_else(|| known.zone.clone());
    let known = Known { zone: &zone, ..known };
    let mut rest = words.as_slice();
    while let Some((word, behind)) = rest.split_first() {
        let (name, value) = word.split_once('=').unwrap_or((guess(word, known), word));
        rest = behind;
        if matches!(name, "since" | "until" | "at") {
            let mut from_here = vec![value];
            from_here.extend(behind);
            let (text, used) = time(&mut search.filter, name, &from_here, known)?;
            rest = behind.get(used.saturating_sub(1)..).unwrap_or_default();
            taken.push(text);
        } else {
            taken.push(one(&mut search, name, value, known)?);
        }
    }
    search.taken_for = if taken.is_empty() { "the newest of everything".into() } else { taken.join(", ") };
    Ok(search)
}

/// The zone named behind a time, where all that are named are one.
fn named_zone(words: &[&str], known: Known<'_>) -> Option<Zone> {
    let mut found: Option<Zone> = None;
    for (word, label) in words.iter().zip(words.get(1..)?) {
        let value = word.split_once('=').map_or(*word, |(_, value)| value);
        let Some(zone) = Zone::labelled(label) else { continue };
        if moment::read(&[value], known.zone, known.now).is_none() {
            continue;
        }
        if found.as_ref().is_some_and(|before| before.label != zone.label) {
            return None;
        }
        found = Some(zone);
    }
    found
}

fn one(search: &mut Search, name: &str, value: &str, known: Known<'_>) -> Result<String, String> {
    let filter = &mut search.filter;
    match name {
        "order" => {
            filter.order = Some(value.parse::<OrderId>().map_err(|_| format!("{value} is no OrderID"))?);
            search.timeline = true;
        }
        "exec" => {
            let exec = value.parse::<ExecId>().map_err(|_| format!("{value} is no ExecID"))?;
            (filter.exec, search.timeline, search.at) = (Some(exec), true, Some(exec.sequence()));
            return Ok(format!("the order of ExecID {value}"));
        }
        "name" => {
            filter.cl_ord_id = Some(ClOrdId::new(value).map_err(|_| format!("{value} is no ClOrdID"))?);
            search.timeline = true;
            return Ok(format!("ClOrdID {value}"));
        }
        "corr" => {
            filter.correlation = Some(value.parse::<CorrelationId>().map_err(|_| format!("{value} is no reference"))?);
        }
        "entry" => {
            let entry: u64 = value.replace(',', "").parse().map_err(|_| format!("{value} is no entry's number"))?;
            filter.before = Some(Sequence(entry.saturating_add(1)));
            return Ok(format!("entry {} and those before it", grouped(&entry.to_string())));
        }
        "account" => {
            let code = known.desk.account_named(value).map_or(value, |account| &account.code);
            filter.account = Some(code.to_owned());
        }
        "symbol" => {
            let symbol = known.desk.instrument_named(value).map_or(value, |instrument| &instrument.symbol);
            filter.symbol = Some(symbol.to_owned());
            return Ok(format!("symbol {symbol}"));
        }
        "user" => filter.user = Some(value.to_owned()),
        "any" => {
            filter.any = Some(value.to_owned());
            return Ok(format!("{value} as a login, account, symbol or ClOrdID"));
        }
        "outcome" if OUTCOMES.contains(&value) => filter.outcome = Some(value.to_owned()),
        "outcome" => return Err(format!("{value} is no outcome: {}", OUTCOMES.join(" "))),
        "action" if is_action(value) => filter.action = Some(value.to_owned()),
        "action" => return Err(format!("no entry's action is called {value}")),
        "limit" => {
            let limit = value.parse().ok().filter(|n| (1..=QUERY_ROWS_MAX).contains(n));
            filter.limit = Some(limit.ok_or_else(|| format!("limit is 1 to {QUERY_ROWS_MAX}"))?);
        }
        other => return Err(format!("{other}= is nothing to search by: {NAMES}")),
    }
    Ok(format!("{name} {value}"))
}

fn is_action(word: &str) -> bool {
    KINDS.iter().any(|(_, _, known)| *known == word)
}

/// Reads a day or time; gives what it was taken for and how many words it took.
fn time(filter: &mut AuditFilter, name: &str, words: &[&str], known: Known<'_>) -> Result<(String, usize), String> {
    let Some((stretch, zone, used)) = moment::read(words, known.zone, known.now) else {
        let word = words.first().copied().unwrap_or_default();
        return Err(format!("{word} is no time: 10:31, 10:31 NY, 2026-03-12, 2026-03-12T14:31:00Z"));
    };
    let shown =
        |time: Timestamp| format!("{} {} {}", format::date(time, &zone), format::clock(time, &zone), zone.label);
    // What is asked for until 10:31 has that minute in it.
    let text = match name {
        "since" => {
            filter.since = Some(stretch.from);
            format!("since {}", shown(stretch.from))
        }
        "until" => {
            // A time of day behind the one it began at is that day's, also where it is still to come.
            let later = moment::read(words, known.zone, known.now.after_ns(DAY_NS)).map(|(stretch, ..)| stretch);
            let ends = |stretch: &Stretch| filter.since.is_none_or(|since| stretch.to > since);
            let stretch = later.filter(|later| !ends(&stretch) && ends(later)).unwrap_or(stretch);
            filter.until = Some(stretch.to);
            format!("before {}", shown(stretch.to))
        }
        _ => {
            (filter.since, filter.until) = (Some(stretch.from), Some(stretch.to));
            format!("from {} to {}", shown(stretch.from), shown(stretch.to))
        }
    };
    Ok((text, used))
}

/// What a word without a name before it is.
fn guess(word: &str, known: Known<'_>) -> &'static str {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let capital = word.starts_with(|c: char| c.is_ascii_uppercase());
    if word.parse::<OrderId>().is_ok() {
        "order"
    } else if word.parse::<ExecId>().is_ok() {
        "exec"
    } else if word.parse::<CorrelationId>().is_ok() {
        "corr"
    } else if OUTCOMES.contains(&word) {
        "outcome"
    } else if digits(&word.replace(',', "")) {
        "entry"
    } else if moment::read(&[word], known.zone, known.now).is_some() {
        "at"
    } else if known.desk.instrument_named(word).is_some() {
        "symbol"
    } else if known.desk.account_named(word).is_some() {
        "account"
    } else if known.desk.users.values().any(|user| user.login == word) {
        "user"
    } else if is_action(word) {
        "action"
    } else if capital && word.get(1..).is_some_and(digits) {
        "account"
    } else if !capital && word.contains('.') {
        "user"
    } else if capital && word.split_once('-').is_some_and(|(_, number)| digits(number)) {
        "name"
    } else {
        "any"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-12 14:31:40 UTC.
    const NOW: Timestamp = Timestamp(1_773_325_900 * NS_PER_S);

    fn taken(words: &str) -> Result<String, String> {
        let (desk, zone) = (Desk::default(), Zone::named("America/New_York"));
        read(words, Known { desk: &desk, zone: &zone, now: NOW }).map(|search| search.taken_for)
    }

    #[test]
    fn an_identifier_is_taken_for_what_it_is() {
        for (word, want) in [
            ("O48201", "order O48201"),
            ("E48217", "the order of ExecID E48217"),
            ("E48217-2", "the order of ExecID E48217-2"),
            ("7F3A-19C2-0B1D", "corr 7F3A-19C2-0B1D"),
            ("A1001", "account A1001"),
            ("ann.lee", "user ann.lee"),
            ("BRK.B", "BRK.B as a login, account, symbol or ClOrdID"),
            ("T00005eed-1", "ClOrdID T00005eed-1"),
            ("my-own", "my-own as a login, account, symbol or ClOrdID"),
            ("48,201", "entry 48,201 and those before it"),
            ("denied", "outcome denied"),
            ("order_new", "action order_new"),
            ("symbol=AAPL", "symbol AAPL"),
            ("user=ann.lee outcome=ok", "user ann.lee, outcome ok"),
            (
                "10:31 UTC AAPL",
                "from 2026-03-12 10:31:00 UTC to 2026-03-12 10:32:00 UTC, AAPL as a login, account, symbol or ClOrdID",
            ),
            ("since=10:31 NY ann.lee", "since 2026-03-12 10:31:00 NY, user ann.lee"),
            ("since=2026-03-11 until=2026-03-11", "since 2026-03-11 00:00:00 NY, before 2026-03-12 00:00:00 NY"),
            ("since=10:31 until=11:00 UTC", "since 2026-03-12 10:31:00 UTC, before 2026-03-12 11:01:00 UTC"),
            ("since=10:31 NY until=10:35", "since 2026-03-12 10:31:00 NY, before 2026-03-12 10:36:00 NY"),
            ("since=10:31 NY until=10:35 LON", "since 2026-03-12 10:31:00 NY, before 2026-03-13 10:36:00 LON"),
            ("until=2026-03-12T14:31:00Z", "before 2026-03-12 10:31:01 NY"),
            ("", "the newest of everything"),
        ] {
            assert_eq!(taken(word).as_deref(), Ok(want), "{word}");
        }
        for word in
            ["colour=red", "order=12", "exec=O1", "since=soon", "action=dance", "outcome=good", "since=", "limit=0"]
        {
            assert!(taken(word).is_err(), "{word}");
        }
    }
}
