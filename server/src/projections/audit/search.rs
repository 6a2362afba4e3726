//! A filter turned into one bound statement and its rows into what is shown; text from outside is only ever bound.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};
use turret_shared::entry::{Actor, Entry, EntryOutcome, ObjectKind};
use turret_shared::event::KINDS;
use turret_shared::ids::{OrderId, Sequence};
use turret_shared::limits::QUERY_ROWS_MAX;
use turret_shared::text::escaped;
use turret_shared::tlog::leaf_hash;
use turret_shared::view::AuditView;
use turret_shared::wire::query::AuditFilter;

use super::AuditError;
use super::detail::detail;
use super::project::{CodeOf, name_of, number, outcome_number};
use crate::replica::names::Names;
use crate::store::Reader;

/// Rows a search gives when it names no limit.
const ROWS_DEFAULT: u32 = 100;
/// Words a person may search outcomes by.
const OUTCOMES: [EntryOutcome; 5] =
    [EntryOutcome::Ok, EntryOutcome::Denied, EntryOutcome::Refused, EntryOutcome::Failed, EntryOutcome::Flagged];

/// Places of the entries a filter finds, newest first.
pub(super) fn find(db: &Connection, names: &Names, filter: &AuditFilter) -> Result<Vec<Sequence>, AuditError> {
    let Some(Conditions { clauses, mut values }) = conditions(db, names, filter)? else { return Ok(Vec::new()) };
    let limit = filter.limit.unwrap_or(ROWS_DEFAULT).min(QUERY_ROWS_MAX);
    values.push(Value::Integer(limit.into()));
    let mut sql = String::from("SELECT sequence FROM audit");
    for (place, clause) in clauses.iter().enumerate() {
        sql.push_str(if place == 0 { " WHERE " } else { " AND " });
        sql.push_str(clause);
    }
    sql.push_str(" ORDER BY sequence DESC LIMIT ?");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), |row| row.get::<_, i64>(0))?;
    rows.map(|row| Ok(Sequence(u64::try_from(row?).unwrap_or(0)))).collect()
}

/// Kinds of requests about orders and of the venue's facts about them.
const STORY_KINDS: std::ops::RangeInclusive<u16> = 200..=399;
/// A second person's word on one, and that it came to none.
const WORD_KINDS: std::ops::RangeInclusive<u16> = 151..=152;

/// Places of an order's own entries, newest first.
pub(super) fn story(db: &Connection, order: OrderId) -> Result<Vec<Sequence>, AuditError> {
    let mut statement = db.prepare_cached(
        "SELECT sequence FROM audit WHERE order_id = ?1 AND (kind BETWEEN ?2 AND ?3 OR kind BETWEEN ?4 AND ?5) \
         ORDER BY sequence DESC LIMIT ?6",
    )?;
    let (told, words) = (STORY_KINDS, WORD_KINDS);
    let bound = params![number(order.0), told.start(), told.end(), words.start(), words.end(), QUERY_ROWS_MAX];
    let rows = statement.query_map(bound, |row| row.get::<_, i64>(0))?;
    rows.map(|row| Ok(Sequence(u64::try_from(row?).unwrap_or(0)))).collect()
}

/// What an entry must be, and what is bound to its question marks in turn.
#[derive(Default)]
struct Conditions {
    clauses: Vec<&'static str>,
    values: Vec<Value>,
}

impl Conditions {
    fn add(&mut self, clause: &'static str, value: impl Into<Value>) {
        self.clauses.push(clause);
        self.values.push(value.into());
    }

    /// Whatever was given the name, and all there is of the order it became part of.
    fn add_name(&mut self, name: &str) {
        self.add(NAMED, name.to_owned());
        self.values.push(Value::Text(name.to_owned()));
    }
}

const NAMED: &str = "(sequence IN (SELECT sequence FROM name WHERE text = ?)
     OR order_id IN (SELECT order_id FROM name WHERE text = ?))";
/// The same, or by or about a person, or about an account or listing.
const ANY: &str = "(sequence IN (SELECT sequence FROM name WHERE text = ?)
     OR order_id IN (SELECT order_id FROM name WHERE text = ?)
     OR ? IN (actor, about_user, device_user) OR account = ? OR instrument = ?)";

/// `None` when the filter names something there is none of.
fn conditions(db: &Connection, names: &Names, filter: &AuditFilter) -> Result<Option<Conditions>, AuditError> {
    let mut all = Conditions::default();
    if let Some(order) = filter.order {
        all.add("order_id = ?", number(order.0));
    }
    if let Some(exec) = filter.exec {
        all.add("order_id = (SELECT order_id FROM audit WHERE sequence = ?)", number(exec.sequence().0));
    }
    if let Some(name) = &filter.cl_ord_id {
        all.add_name(name.as_str());
    }
    if let Some(word) = &filter.any {
        any(db, names, word, &mut all)?;
    }
    if let Some(login) = &filter.user {
        let Some(user) = names.user(login) else { return Ok(None) };
        all.add("? IN (actor, about_user, device_user)", i64::from(user.0));
    }
    if let Some(code) = &filter.account {
        let Some(account) = code_number(db, CodeOf::Account, code)? else { return Ok(None) };
        all.add("account = ?", account);
    }
    if let Some(symbol) = &filter.symbol {
        let Some(instrument) = code_number(db, CodeOf::Instrument, symbol)? else { return Ok(None) };
        all.add("instrument = ?", instrument);
    }
    if let Some(action) = &filter.action {
        let Some((kind, ..)) = KINDS.iter().find(|(_, _, word)| word == action) else { return Ok(None) };
        all.add("kind = ?", i64::from(*kind));
    }
    if let Some(word) = &filter.outcome {
        let Some(outcome) = OUTCOMES.into_iter().find(|one| one.as_str() == word) else { return Ok(None) };
        all.add("outcome = ?", outcome_number(outcome));
    }
    if let Some(correlation) = filter.correlation {
        all.add("correlation = ?", number(correlation.0));
    }
    if let Some(before) = filter.before {
        all.add("sequence < ?", number(before.0));
    }
    if let Some(since) = filter.since {
        all.add("time >= ?", since.0);
    }
    if let Some(until) = filter.until {
        all.add("time < ?", until.0);
    }
    Ok(Some(all))
}

/// Whatever of these the word names; of the others there is none.
fn any(db: &Connection, names: &Names, word: &str, all: &mut Conditions) -> Result<(), AuditError> {
    let id = |id: Option<i64>| id.map_or(Value::Null, Value::Integer);
    let user = names.user(word).map(|user| i64::from(user.0));
    let (account, instrument) = (code_number(db, CodeOf::Account, word)?, code_number(db, CodeOf::Instrument, word)?);
    all.clauses.push(ANY);
    all.values.extend([Value::Text(word.to_owned()), Value::Text(word.to_owned())]);
    all.values.extend([id(user), id(account), id(instrument)]);
    Ok(())
}

fn code_number(db: &Connection, of: CodeOf, text: &str) -> Result<Option<i64>, AuditError> {
    let found = db
        .prepare_cached("SELECT id FROM code WHERE of = ?1 AND text = ?2")?
        .query_row(params![of as i64, text], |row| row.get(0))
        .optional()?;
    Ok(found)
}

/// The code of a number, or the number itself in words.
pub(super) fn code_text(db: &Connection, of: CodeOf, id: u64) -> String {
    let found = db.prepare_cached("SELECT text FROM code WHERE of = ?1 AND id = ?2").and_then(|mut statement| {
        statement.query_row(params![of as i64, number(id)], |row| row.get::<_, String>(0)).optional()
    });
    match found {
        Ok(Some(text)) => escaped(&text),
        _ => format!("#{id}"),
    }
}

/// The entry at a place as it is shown.
pub(super) fn show(
    db: &Connection,
    reader: &mut dyn Reader,
    names: &Names,
    sequence: Sequence,
) -> Result<Option<AuditView>, AuditError> {
    let Some(bytes) = reader.entry(sequence)? else { return Ok(None) };
    let leaf = leaf_hash(&bytes).0.to_vec();
    let entry = Entry::from_bytes(&bytes).map_err(|_| AuditError::Damaged(sequence))?;
    let event = entry.event().ok();
    let order = entry.object.filter(|object| object.kind == ObjectKind::Order).map(|object| OrderId(object.id));
    Ok(Some(AuditView {
        sequence,
        time: entry.head.time,
        who: who(names, entry.head.origin.actor),
        action: event.as_ref().map_or_else(|| format!("kind_{}", entry.kind), |event| event.action().to_owned()),
        object: object_text(db, names, &entry),
        outcome: entry.outcome.as_str().to_owned(),
        reason: entry.reason.as_deref().map(escaped).unwrap_or_default(),
        detail: event.as_ref().map(|event| detail(db, names, event)).unwrap_or_default(),
        correlation: entry.head.origin.correlation,
        session: entry.head.origin.session,
        order_id: order,
        leaf,
        cl_ord_id: event.as_ref().and_then(name_of).cloned(),
    }))
}

fn who(names: &Names, actor: Actor) -> String {
    match actor {
        Actor::Engine => "engine".to_owned(),
        Actor::Venue => "venue".to_owned(),
        Actor::Operator => "operator".to_owned(),
        Actor::User(user) => escaped(&names.login(user)),
    }
}

fn object_text(db: &Connection, names: &Names, entry: &Entry) -> String {
    let Some(object) = entry.object else { return String::new() };
    let id = object.id;
    match object.kind {
        ObjectKind::Order => OrderId(id).to_string(),
        ObjectKind::Account => code_text(db, CodeOf::Account, id),
        ObjectKind::Instrument => code_text(db, CodeOf::Instrument, id),
        ObjectKind::Desk => code_text(db, CodeOf::Desk, id),
        ObjectKind::User => u32::try_from(id)
            .map_or_else(|_| format!("user {id}"), |user| escaped(&names.login(turret_shared::ids::UserId(user)))),
        ObjectKind::Device => format!("device {id}"),
        ObjectKind::Session => format!("session {id}"),
        ObjectKind::Credential => format!("credential {id}"),
        ObjectKind::Pending => format!("step-up {id}"),
        ObjectKind::Connection => format!("connection {id}"),
    }
}
