//! Entries after OCSF 1.3.0; it must invent no field: what the schema has no place for stands in `unmapped`.

use alloc::format;
use alloc::string::String;

use crate::entry::{Actor, EntryOutcome};

use super::fact::{Fact, Finding, Severity};
use super::json::Json;

/// The version every line names.
const VERSION: &str = "1.3.0";

/// The classes an entry can be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    AccountChange,
    Authentication,
    UserAccess,
    ApiActivity,
    DetectionFinding,
}

impl Class {
    const fn uid(self) -> u32 {
        match self {
            Self::AccountChange => 3001,
            Self::Authentication => 3002,
            Self::UserAccess => 3005,
            Self::ApiActivity => 6003,
            Self::DetectionFinding => 2004,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::AccountChange => "Account Change",
            Self::Authentication => "Authentication",
            Self::UserAccess => "User Access Management",
            Self::ApiActivity => "API Activity",
            Self::DetectionFinding => "Detection Finding",
        }
    }

    /// The name of an activity that the schema has a number for.
    const fn activity(self, id: u32) -> Option<&'static str> {
        Some(match (self, id) {
            (Self::AccountChange | Self::ApiActivity | Self::DetectionFinding, 1) => "Create",
            (Self::AccountChange, 4) => "Password Reset",
            (Self::AccountChange, 9) => "Lock",
            (Self::AccountChange, 10) => "MFA Factor Enable",
            (Self::AccountChange, 11) => "MFA Factor Disable",
            (Self::Authentication, 1) => "Logon",
            (Self::Authentication, 2) => "Logoff",
            (Self::UserAccess, 1) => "Assign Privileges",
            (Self::ApiActivity, 2) => "Read",
            (Self::DetectionFinding, 3) => "Close",
            (Self::ApiActivity, 3) | (Self::DetectionFinding, 2) => "Update",
            (Self::ApiActivity, 4) => "Delete",
            _ => return None,
        })
    }
}

/// The activity that is named by the source's own word.
const OTHER: u32 = 99;

use Class::{AccountChange, ApiActivity, Authentication, DetectionFinding, UserAccess};

/// Class and activity of a kind.
pub(super) fn row(action: &str) -> Option<(Class, u32)> {
    TABLE.iter().find(|(word, ..)| *word == action).map(|(_, class, activity)| (*class, *activity))
}

/// One row a kind.
const TABLE: &[(&str, Class, u32)] = &[
    ("genesis", ApiActivity, 1),
    ("desk_opened", ApiActivity, 1),
    ("instrument_listed", ApiActivity, 1),
    ("account_opened", ApiActivity, 1),
    ("user_created", AccountChange, 1),
    ("role_set", UserAccess, 1),
    ("entitlement_set", UserAccess, 1),
    ("limit_set", ApiActivity, 3),
    ("policy_set", ApiActivity, 3),
    ("restricted_set", ApiActivity, 3),
    ("cash_moved", ApiActivity, 3),
    ("position_opened", ApiActivity, 1),
    ("device_registered", AccountChange, OTHER),
    ("device_revoked", AccountChange, OTHER),
    ("credential_activated", AccountChange, OTHER),
    ("credential_revoked", AccountChange, OTHER),
    ("key_activated", ApiActivity, 1),
    ("desk_set", UserAccess, 1),
    ("code_made", AccountChange, OTHER),
    ("device_claimed", AccountChange, OTHER),
    ("enrolment_judged", AccountChange, OTHER),
    ("credential_expired", AccountChange, OTHER),
    ("device_renewed", AccountChange, OTHER),
    ("device_turned", AccountChange, OTHER),
    ("bootstrap_opened", ApiActivity, 1),
    ("bootstrap_closed", ApiActivity, 3),
    ("user_recovered", AccountChange, 4),
    ("key_registered", AccountChange, 10),
    ("labelled", ApiActivity, 3),
    ("own_denied", ApiActivity, OTHER),
    ("grant_timed", UserAccess, 1),
    ("key_model_set", ApiActivity, 3),
    ("role_composed", ApiActivity, 3),
    ("role_retired", ApiActivity, 4),
    ("composed_role_set", UserAccess, 1),
    ("signed_in", Authentication, 1),
    ("sign_in_failed", Authentication, 1),
    ("session_ended", Authentication, 2),
    ("proof_asked", Authentication, OTHER),
    ("proof_given", Authentication, OTHER),
    ("proof_failed", Authentication, OTHER),
    ("totp_spent", Authentication, OTHER),
    ("device_locked", AccountChange, 9),
    ("intent_signed", Authentication, OTHER),
    ("key_suspended", AccountChange, 11),
    ("approval_asked", ApiActivity, 1),
    ("approval_judged", ApiActivity, 3),
    ("approval_voided", ApiActivity, 3),
    ("approval_denied", ApiActivity, OTHER),
    ("order_new", ApiActivity, 1),
    ("order_denied", ApiActivity, 1),
    ("amend", ApiActivity, 3),
    ("amend_refused", ApiActivity, 3),
    ("cancel", ApiActivity, 4),
    ("cancel_refused", ApiActivity, 4),
    ("in_doubt", ApiActivity, OTHER),
    ("doubt_resolved", ApiActivity, OTHER),
    ("cancel_all", ApiActivity, 4),
    ("venue_new", ApiActivity, 3),
    ("venue_rejected", ApiActivity, 3),
    ("trade", ApiActivity, 3),
    ("bust", ApiActivity, 3),
    ("correct", ApiActivity, 3),
    ("canceled", ApiActivity, 4),
    ("replaced", ApiActivity, 3),
    ("cancel_rejected", ApiActivity, 4),
    ("expired", ApiActivity, 4),
    ("done_for_day", ApiActivity, 3),
    ("restated", ApiActivity, 3),
    ("suspended", ApiActivity, 3),
    ("triggered", ApiActivity, 3),
    ("venue_session", ApiActivity, OTHER),
    ("halt", ApiActivity, OTHER),
    ("venue_link", ApiActivity, OTHER),
    ("unmatched_fact", ApiActivity, OTHER),
    ("sim_refused", ApiActivity, OTHER),
    ("started", ApiActivity, OTHER),
    ("stopped", ApiActivity, OTHER),
    ("audit_read", ApiActivity, 2),
    ("access_denied", ApiActivity, OTHER),
    ("bad_input", ApiActivity, OTHER),
    ("sim_control", ApiActivity, OTHER),
    ("clock_step", ApiActivity, OTHER),
    ("connected", ApiActivity, OTHER),
    ("managed", ApiActivity, 3),
    ("manage_denied", ApiActivity, 3),
    ("enrolment_failed", AccountChange, OTHER),
    ("ban_set", ApiActivity, 1),
    ("ban_lifted", ApiActivity, 4),
    ("denial_reviewed", ApiActivity, 3),
    ("review_denied", ApiActivity, 3),
    ("alert_raised", DetectionFinding, 1),
    ("alert_handled", DetectionFinding, 2),
    ("alert_denied", ApiActivity, 3),
    ("alert_answered", DetectionFinding, 2),
    ("pack_made", ApiActivity, 2),
    ("keys_lost", ApiActivity, OTHER),
    ("keys_back", ApiActivity, OTHER),
    ("key_succeeded", ApiActivity, 3),
    ("key_rotated", ApiActivity, 3),
    ("key_retired", ApiActivity, 4),
    ("key_revoked", ApiActivity, 4),
    ("keys_moved", ApiActivity, 3),
    ("key_ceremony", ApiActivity, 1),
    ("backup_made", ApiActivity, 1),
    ("backup_restored", ApiActivity, 3),
    ("log_reopened", ApiActivity, OTHER),
];

pub(super) fn line(fact: &Fact<'_>) -> String {
    let (class, activity) = row(&fact.action).unwrap_or((ApiActivity, OTHER));
    let activity = match fact.finding {
        Some((_, Finding::Resolved)) => 3,
        _ if fact.unlocks => OTHER,
        _ => activity,
    };
    Json::of(|json| {
        head(json, fact, class, activity);
        status(json, fact, class);
        match class {
            AccountChange => {
                about(json, fact);
                origin(json, fact);
            }
            UserAccess => {
                about(json, fact);
                origin(json, fact);
                json.texts("privileges", &[fact.right.as_deref().unwrap_or("none")]);
            }
            Authentication => {
                about(json, fact);
                origin(json, fact);
                json.under("service", |json| json.text("name", "turretd"));
            }
            ApiActivity => {
                origin(json, fact);
                json.under("api", |json| {
                    json.text("operation", &fact.action);
                    json.under("service", |json| json.text("name", "turretd"));
                });
                resource(json, fact);
            }
            DetectionFinding => finding(json, fact),
        }
        json.text("raw_data", &fact.entry);
        unmapped(json, fact);
    })
}

fn head(json: &mut Json, fact: &Fact<'_>, class: Class, activity: u32) {
    json.number("activity_id", activity);
    json.text("activity_name", class.activity(activity).unwrap_or(&fact.action));
    json.number("category_uid", class.uid() / 1000);
    json.number("class_uid", class.uid());
    json.text("class_name", class.name());
    json.number("type_uid", u64::from(class.uid()) * 100 + u64::from(activity));
    let severity = fact.severity();
    json.number("severity_id", severity as u8);
    json.text(
        "severity",
        match severity {
            Severity::Informational => "Informational",
            Severity::Low => "Low",
            Severity::Medium => "Medium",
            Severity::High => "High",
        },
    );
    json.number("time", fact.time_ms);
    json.text("message", &fact.message);
    json.under("metadata", |json| {
        json.text("version", VERSION);
        json.under("product", |json| {
            json.text("name", "turretd");
            json.text("vendor_name", "Turret");
        });
        json.text("uid", &fact.uid());
        json.number("sequence", fact.index);
        json.text("log_name", fact.log);
        json.text("event_code", &fact.action);
        json.text("correlation_uid", &fact.correlation);
        json.text("original_time", &fact.time);
    });
}

/// Of an alert, where it stands; of everything else, how it ended.
fn status(json: &mut Json, fact: &Fact<'_>, class: Class) {
    let (id, name) = match (class, fact.finding) {
        (DetectionFinding, Some((_, Finding::Raised)) | None) => (1, "New"),
        (DetectionFinding, Some((_, Finding::Handled))) => (2, "In Progress"),
        (DetectionFinding, Some((_, Finding::Resolved))) => (4, "Resolved"),
        _ => match fact.outcome {
            EntryOutcome::Ok => (1, "Success"),
            EntryOutcome::Denied | EntryOutcome::Refused | EntryOutcome::Failed => (2, "Failure"),
            EntryOutcome::Flagged => (99, "flagged"),
        },
    };
    json.number("status_id", id);
    json.text("status", name);
    json.text("status_detail", fact.outcome.as_str());
    json.maybe("status_code", fact.reason.as_deref());
}

/// Whom it is about. An entry that only names a device or a credential is about whoever holds it.
fn about(json: &mut Json, fact: &Fact<'_>) {
    json.under("user", |json| match (fact.whose(), &fact.object) {
        (Some(user), _) => json.text("uid", &format!("{user}")),
        (None, Some((kind, id))) => json.text("name", &format!("holder of {kind} {id}")),
        (None, None) => json.text("name", "unknown"),
    });
}

fn origin(json: &mut Json, fact: &Fact<'_>) {
    json.under("actor", |json| {
        json.under("user", |json| match fact.actor {
            Actor::User(user) => {
                json.text("uid", &format!("{user}"));
                json.number("type_id", 1);
            }
            Actor::Engine | Actor::Venue | Actor::Operator => {
                json.text("name", &fact.who);
                json.number("type_id", 3);
            }
        });
        if let Some(session) = fact.session {
            json.under("session", |json| json.text("uid", &format!("{session}")));
        }
    });
    json.under("src_endpoint", |json| match fact.device {
        Some(device) => json.text("uid", &format!("{device}")),
        None => json.text("svc_name", &fact.who),
    });
}

fn resource(json: &mut Json, fact: &Fact<'_>) {
    if let Some((kind, id)) = &fact.object {
        json.one("resources", |json| {
            json.text("type", kind);
            json.text("uid", id);
        });
    }
}

fn finding(json: &mut Json, fact: &Fact<'_>) {
    let alert = fact.finding.map_or(fact.index, |(alert, _)| alert.0);
    json.under("finding_info", |json| {
        json.text("uid", &format!("{}/{alert}", fact.log));
        json.text("title", fact.reason.as_deref().unwrap_or(&fact.action));
    });
    json.one("evidences", |json| origin(json, fact));
    resource(json, fact);
}

fn unmapped(json: &mut Json, fact: &Fact<'_>) {
    json.under("unmapped", |json| {
        json.text("leaf_hash", &fact.leaf);
        if let Some(connection) = fact.connection {
            // Larger than what readers of JSON keep of a number.
            json.text("connection", &format!("{connection}"));
        }
        if let Some((kind, id)) = &fact.object {
            json.text("object", &format!("{kind} {id}"));
        }
    });
}
