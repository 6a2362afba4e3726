//! What every form says of an entry, worked out once; it must say nothing that the entry's own bytes do not.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::alert::AlertStep;
use crate::entry::{Actor, Entry, EntryError, EntryOutcome, Object, ObjectKind};
use crate::event::Event;
use crate::event::setup::EntitlementScope;
use crate::ids::{OrderId, Sequence, UserId};
use crate::text::escaped;
use crate::tlog::leaf_hash;

/// How much it asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Severity {
    /// As wished.
    Informational = 1,
    /// Our no, or either's.
    Low = 2,
    /// Failed, or recorded though it surprises.
    Medium = 3,
    /// Raised for somebody to look at.
    High = 4,
}

/// Where an alert stands after this entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    Raised,
    Handled,
    Resolved,
}

/// One entry in words and numbers.
pub(super) struct Fact<'a> {
    /// The log's origin.
    pub(super) log: &'a str,
    /// Its place there.
    pub(super) index: u64,
    /// RFC 3339, UTC, nine decimals.
    pub(super) time: String,
    /// Milliseconds since 1970.
    pub(super) time_ms: i64,
    pub(super) action: String,
    pub(super) actor: Actor,
    /// `user 7`, `engine`, `venue`, `operator`.
    pub(super) who: String,
    pub(super) device: Option<u32>,
    pub(super) session: Option<u64>,
    pub(super) connection: Option<u64>,
    pub(super) object: Option<(&'static str, String)>,
    pub(super) outcome: EntryOutcome,
    pub(super) reason: Option<String>,
    pub(super) correlation: String,
    /// Whom it is about.
    pub(super) user: Option<UserId>,
    /// What they may do from now on, where it is about that.
    pub(super) right: Option<String>,
    /// Which alert, and where it stands.
    pub(super) finding: Option<(Sequence, Finding)>,
    /// A lock is taken off.
    pub(super) unlocks: bool,
    /// In a sentence.
    pub(super) message: String,
    /// Hexadecimal.
    pub(super) leaf: String,
    /// Base64.
    pub(super) entry: String,
}

impl<'a> Fact<'a> {
    pub(super) fn of(log: &'a str, bytes: &[u8]) -> Result<Self, EntryError> {
        let entry = Entry::from_bytes(bytes)?;
        let event = entry.event().ok();
        let (head, origin) = (&entry.head, &entry.head.origin);
        let action = event.as_ref().map_or_else(|| format!("kind_{}", entry.kind), |event| event.action().to_owned());
        let object = entry.object.map(object_text);
        let reason = entry.reason.as_deref().map(escaped);
        let (of, id) = object.as_ref().map_or(("", ""), |(kind, id)| (*kind, id.as_str()));
        let on = if of.is_empty() { String::new() } else { format!(" {of} {id}") };
        let because = reason.as_deref().map_or_else(String::new, |reason| format!(": {reason}"));
        let who = who(origin.actor);
        let message = format!("{who} {action}{on} {}{because}", entry.outcome.as_str());
        Ok(Self {
            log,
            index: head.sequence.0,
            time: head.time.rfc3339(),
            time_ms: head.time.0.div_euclid(1_000_000),
            action,
            actor: origin.actor,
            who,
            device: origin.device.map(|device| device.0),
            session: origin.session.map(|session| session.0),
            connection: origin.source.map(|source| source.0),
            object,
            outcome: entry.outcome,
            reason,
            correlation: origin.correlation.to_string(),
            user: event.as_ref().and_then(subject).or_else(|| user_of(entry.object)),
            right: event.as_ref().and_then(right),
            finding: event.as_ref().and_then(|event| finding(head.sequence, event)),
            unlocks: matches!(&event, Some(Event::DeviceLocked(e)) if !e.locked),
            message,
            leaf: leaf_hash(bytes).to_string(),
            entry: STANDARD.encode(bytes),
        })
    }

    pub(super) fn severity(&self) -> Severity {
        match (self.finding, self.outcome) {
            (Some((_, Finding::Raised)), _) => Severity::High,
            (_, EntryOutcome::Ok) => Severity::Informational,
            (_, EntryOutcome::Denied | EntryOutcome::Refused) => Severity::Low,
            (_, EntryOutcome::Failed | EntryOutcome::Flagged) => Severity::Medium,
        }
    }

    /// The same entry in every export and stream.
    pub(super) fn uid(&self) -> String {
        format!("{}/{}", self.log, self.index)
    }

    /// Whom it is about; where the entry does not say, who did it.
    pub(super) fn whose(&self) -> Option<UserId> {
        self.user.or(match self.actor {
            Actor::User(user) => Some(user),
            Actor::Engine | Actor::Venue | Actor::Operator => None,
        })
    }
}

fn who(actor: Actor) -> String {
    match actor {
        Actor::Engine => "engine".to_owned(),
        Actor::Venue => "venue".to_owned(),
        Actor::Operator => "operator".to_owned(),
        Actor::User(user) => format!("user {user}"),
    }
}

fn object_text(object: Object) -> (&'static str, String) {
    let id = object.id;
    match object.kind {
        ObjectKind::Order => ("order", OrderId(id).to_string()),
        ObjectKind::Account => ("account", id.to_string()),
        ObjectKind::Instrument => ("instrument", id.to_string()),
        ObjectKind::User => ("user", id.to_string()),
        ObjectKind::Device => ("device", id.to_string()),
        ObjectKind::Session => ("session", id.to_string()),
        ObjectKind::Desk => ("desk", id.to_string()),
        ObjectKind::Credential => ("credential", id.to_string()),
        ObjectKind::Pending => ("pending", id.to_string()),
        ObjectKind::Connection => ("connection", id.to_string()),
    }
}

fn user_of(object: Option<Object>) -> Option<UserId> {
    let object = object.filter(|object| object.kind == ObjectKind::User)?;
    u32::try_from(object.id).ok().map(UserId)
}

/// The person whom an event names besides its object.
const fn subject(event: &Event) -> Option<UserId> {
    match event {
        Event::SignedIn(e) => Some(e.user),
        Event::SessionEnded(e) => Some(e.user),
        Event::CredentialActivated(e) => Some(e.user),
        Event::KeyRegistered(e) => Some(e.user),
        Event::IntentSigned(e) => Some(e.user),
        Event::DeviceRegistered(e) => Some(e.user),
        Event::Connected(e) => e.user,
        Event::AlertAnswered(e) => e.user,
        _ => None,
    }
}

fn right(event: &Event) -> Option<String> {
    match event {
        Event::RoleSet(e) => Some(e.role.map_or_else(|| "no role".to_owned(), |role| format!("role {role}"))),
        Event::ComposedRoleSet(e) => Some(format!("role {}", e.code)),
        Event::RoleComposed(e) => Some(format!("role {}: {}", e.role.code, e.role.told())),
        Event::RoleRetired(e) => Some(format!("role {}", e.code)),
        Event::DeskSet(e) => Some(e.desk.map_or_else(|| "no desk".to_owned(), |desk| format!("desk {desk}"))),
        Event::EntitlementSet(e) => {
            let scope = match e.scope {
                EntitlementScope::Desk(desk) => format!("desk {desk}"),
                EntitlementScope::Account(account) => format!("account {account}"),
            };
            Some(format!("{scope}: given {}, taken {}", e.allow, e.deny))
        }
        Event::GrantTimed(e) => Some(format!("account {} until {}", e.account, e.until.rfc3339())),
        _ => None,
    }
}

const fn finding(place: Sequence, event: &Event) -> Option<(Sequence, Finding)> {
    match event {
        Event::AlertRaised(_) => Some((place, Finding::Raised)),
        Event::AlertHandled(e) => match e.handle.step {
            AlertStep::Resolve { .. } => Some((e.handle.alert, Finding::Resolved)),
            AlertStep::Acknowledge | AlertStep::Assign { .. } => Some((e.handle.alert, Finding::Handled)),
        },
        Event::AlertAnswered(e) => Some((e.alert, Finding::Handled)),
        _ => None,
    }
}
