//! From log entries to search rows, in order and each once; it must skip nothing it cannot read.

use rusqlite::{Connection, OptionalExtension, params};
use turret_shared::entry::{Actor, Entry, EntryOutcome, ObjectKind};
use turret_shared::event::Event;
use turret_shared::event::session::PendingCommand;
use turret_shared::event::setup::{EntitlementScope, EntitlementSet, LimitScope, LimitSet};
use turret_shared::ids::{AccountId, ClOrdId, InstrumentId, OrderId, UserId};

/// What a code is of.
#[derive(Debug, Clone, Copy)]
pub(super) enum CodeOf {
    Account = 1,
    Instrument = 2,
    Desk = 3,
}

/// What belongs to a person for good and is named by number from then on.
#[derive(Debug, Clone, Copy)]
enum OwnerOf {
    Session = 1,
    Device = 2,
    Credential = 3,
}

/// Writes the row of one entry. An entry whose body this version cannot read is kept with what its head says.
pub(super) fn project(db: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    let event = entry.event().ok();
    if let Some(event) = &event {
        learn(db, entry, event)?;
    }
    let order = entry.object.filter(|object| object.kind == ObjectKind::Order).map(|object| OrderId(object.id));
    let facts = order.map(|order| facts_of(db, order)).transpose()?.flatten();
    let account = facts.map(|(account, _)| account).or_else(|| account_of(entry, event.as_ref()));
    let instrument = facts.map(|(_, instrument)| instrument).or_else(|| instrument_of(entry));
    if let Some(name) = event.as_ref().and_then(name_of) {
        named(db, entry, name, order)?;
    }
    let about = about_user(db, entry, event.as_ref())?;
    // Whose device it came from: a name mistyped there, a frame out of turn, that nobody signed in for.
    let device = entry.head.origin.device.map(|device| owned(db, OwnerOf::Device, device.0.into())).transpose()?;
    db.prepare_cached(
        "INSERT OR REPLACE INTO audit
             (sequence, time, kind, outcome, actor, about_user, account, instrument, order_id, correlation, device_user)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        number(entry.head.sequence.0),
        entry.head.time.0,
        entry.kind,
        outcome_number(entry.outcome),
        actor_number(entry.head.origin.actor),
        about.map(|user| user.0),
        account.map(|account| account.0),
        instrument.map(|instrument| instrument.0),
        order.map(|order| number(order.0)),
        number(entry.head.origin.correlation.0),
        device.flatten().map(|user| user.0),
    ])?;
    Ok(())
}

/// Remembers what later entries only name by number.
fn learn(db: &Connection, entry: &Entry, event: &Event) -> rusqlite::Result<()> {
    match event {
        Event::AccountOpened(e) => code(db, CodeOf::Account, e.account.id.0.into(), &e.account.code),
        Event::InstrumentListed(e) => code(db, CodeOf::Instrument, e.instrument.id.0.into(), &e.instrument.symbol),
        Event::DeskOpened(e) => code(db, CodeOf::Desk, e.desk.0.into(), &e.code),
        Event::SignedIn(e) => owner(db, OwnerOf::Session, entry.head.sequence.0, e.user),
        Event::DeviceRegistered(e) => owner(db, OwnerOf::Device, e.device.0.into(), e.user),
        // Theirs from the moment they showed it, whatever comes of it.
        Event::DeviceClaimed(e) => match entry.head.origin.actor {
            Actor::User(user) => owner(db, OwnerOf::Device, e.device.0.into(), user),
            _ => Ok(()),
        },
        Event::KeyRegistered(e) => owner(db, OwnerOf::Credential, e.credential.0.into(), e.user),
        Event::CredentialActivated(e) => owner(db, OwnerOf::Credential, e.credential.0.into(), e.user),
        Event::OrderNew(e) => order_facts(db, entry, e.terms.account, e.terms.instrument),
        Event::OrderDenied(e) => {
            e.terms.as_ref().map_or(Ok(()), |terms| order_facts(db, entry, terms.account, terms.instrument))
        }
        _ => Ok(()),
    }
}

fn code(db: &Connection, of: CodeOf, id: u64, text: &str) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO code VALUES (?1, ?2, ?3)")?.execute(params![
        of as i64,
        number(id),
        text
    ])?;
    Ok(())
}

fn owner(db: &Connection, of: OwnerOf, id: u64, user: UserId) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO owner VALUES (?1, ?2, ?3)")?.execute(params![
        of as i64,
        number(id),
        user.0
    ])?;
    Ok(())
}

fn owned(db: &Connection, of: OwnerOf, id: u64) -> rusqlite::Result<Option<UserId>> {
    db.prepare_cached("SELECT user FROM owner WHERE kind = ?1 AND id = ?2")?
        .query_row(params![of as i64, number(id)], |row| row.get(0).map(UserId))
        .optional()
}

fn order_facts(db: &Connection, entry: &Entry, account: AccountId, instrument: InstrumentId) -> rusqlite::Result<()> {
    let order = OrderId::new(entry.head.sequence, 0);
    db.prepare_cached("INSERT OR REPLACE INTO order_facts VALUES (?1, ?2, ?3)")?.execute(params![
        number(order.0),
        account.0,
        instrument.0
    ])?;
    Ok(())
}

/// Account and listing of an order.
fn facts_of(db: &Connection, order: OrderId) -> rusqlite::Result<Option<(AccountId, InstrumentId)>> {
    db.prepare_cached("SELECT account, instrument FROM order_facts WHERE order_id = ?1")?
        .query_row(params![number(order.0)], |row| Ok((AccountId(row.get(0)?), InstrumentId(row.get(1)?))))
        .optional()
}

/// The name its sender gave a request.
pub(super) fn name_of(event: &Event) -> Option<&ClOrdId> {
    match event {
        Event::OrderNew(e) => Some(&e.terms.cl_ord_id),
        Event::OrderDenied(e) => Some(&e.cl_ord_id),
        Event::Amend(e) => Some(&e.terms.cl_ord_id),
        Event::AmendRefused(e) | Event::CancelRefused(e) => Some(&e.cl_ord_id),
        Event::Cancel(e) => e.cl_ord_id.as_ref(),
        Event::CancelAll(e) => Some(&e.cl_ord_id),
        Event::ProofAsked(e) => match &e.command {
            PendingCommand::New(terms) => Some(&terms.cl_ord_id),
            PendingCommand::Amend(terms) => Some(&terms.cl_ord_id),
            PendingCommand::Manage(_)
            | PendingCommand::Propose(_)
            | PendingCommand::Judge(_)
            | PendingCommand::Bulk(_)
            | PendingCommand::Let(_) => None,
        },
        _ => None,
    }
}

fn named(db: &Connection, entry: &Entry, name: &ClOrdId, order: Option<OrderId>) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO name VALUES (?1, ?2, ?3)")?.execute(params![
        name.as_str(),
        number(entry.head.sequence.0),
        order.map(|order| number(order.0))
    ])?;
    Ok(())
}

fn instrument_of(entry: &Entry) -> Option<InstrumentId> {
    let object = entry.object.filter(|object| object.kind == ObjectKind::Instrument)?;
    u32::try_from(object.id).ok().map(InstrumentId)
}

fn account_of(entry: &Entry, event: Option<&Event>) -> Option<AccountId> {
    let named = match event {
        Some(Event::EntitlementSet(EntitlementSet { scope: EntitlementScope::Account(account), .. }))
        | Some(Event::LimitSet(LimitSet { scope: LimitScope::Account(account), .. })) => Some(*account),
        _ => None,
    };
    if named.is_some() {
        return named;
    }
    let of_account = entry.object.filter(|object| object.kind == ObjectKind::Account);
    of_account.and_then(|object| u32::try_from(object.id).ok()).map(AccountId)
}

/// The person an entry is about, besides the one who caused it.
fn about_user(db: &Connection, entry: &Entry, event: Option<&Event>) -> rusqlite::Result<Option<UserId>> {
    let direct = match event {
        Some(Event::SignedIn(e)) => Some(e.user),
        Some(Event::SignInFailed(e)) => e.user,
        Some(Event::SessionEnded(e)) => Some(e.user),
        Some(Event::CredentialActivated(e)) => Some(e.user),
        Some(Event::KeyRegistered(e)) => Some(e.user),
        Some(Event::IntentSigned(e)) => Some(e.user),
        Some(Event::DeviceRegistered(e)) => Some(e.user),
        Some(Event::Connected(e)) => e.user,
        _ => None,
    };
    if direct.is_some() {
        return Ok(direct);
    }
    let Some(object) = entry.object else { return Ok(None) };
    match object.kind {
        ObjectKind::User => Ok(u32::try_from(object.id).ok().map(UserId)),
        ObjectKind::Session => owned(db, OwnerOf::Session, object.id),
        ObjectKind::Device => owned(db, OwnerOf::Device, object.id),
        ObjectKind::Credential => owned(db, OwnerOf::Credential, object.id),
        _ => Ok(None),
    }
}

/// SQLite's integers are signed; ours never reach the upper half.
pub(super) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(super) const fn outcome_number(outcome: EntryOutcome) -> i64 {
    match outcome {
        EntryOutcome::Ok => 0,
        EntryOutcome::Denied => 1,
        EntryOutcome::Refused => 2,
        EntryOutcome::Failed => 3,
        EntryOutcome::Flagged => 4,
    }
}

pub(super) fn actor_number(actor: Actor) -> i64 {
    match actor {
        Actor::Engine => -1,
        Actor::Venue => -2,
        Actor::Operator => -3,
        Actor::User(user) => i64::from(user.0),
    }
}
