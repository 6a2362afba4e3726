//! Entries after the Elastic Common Schema 8.11; it must invent no field outside `turret`.

use alloc::format;
use alloc::string::String;

use crate::entry::{Actor, EntryOutcome};

use super::fact::{Fact, Finding};
use super::json::Json;

/// The version every line names.
const VERSION: &str = "8.11.0";

/// `event.category` and `event.type` of a kind.
pub(super) fn row(action: &str) -> Option<(&'static str, &'static [&'static str])> {
    TABLE.iter().find(|(word, ..)| *word == action).map(|(_, category, types)| (*category, *types))
}

/// One row a kind.
const TABLE: &[(&str, &str, &[&str])] = &[
    ("genesis", "configuration", &["creation"]),
    ("desk_opened", "configuration", &["creation"]),
    ("instrument_listed", "configuration", &["creation"]),
    ("account_opened", "configuration", &["creation"]),
    ("user_created", "iam", &["user", "creation"]),
    ("role_set", "iam", &["user", "change"]),
    ("entitlement_set", "iam", &["user", "change"]),
    ("limit_set", "configuration", &["change"]),
    ("policy_set", "configuration", &["change"]),
    ("restricted_set", "configuration", &["change"]),
    ("cash_moved", "configuration", &["change"]),
    ("position_opened", "configuration", &["creation"]),
    ("device_registered", "iam", &["user", "creation"]),
    ("device_revoked", "iam", &["user", "deletion"]),
    ("credential_activated", "iam", &["user", "creation"]),
    ("credential_revoked", "iam", &["user", "deletion"]),
    ("key_activated", "configuration", &["creation"]),
    ("desk_set", "iam", &["user", "change"]),
    ("code_made", "iam", &["user", "creation"]),
    ("device_claimed", "iam", &["user", "creation"]),
    ("enrolment_judged", "iam", &["user", "change"]),
    ("credential_expired", "iam", &["user", "deletion"]),
    ("device_renewed", "iam", &["user", "change"]),
    ("device_turned", "iam", &["user", "change"]),
    ("bootstrap_opened", "configuration", &["creation"]),
    ("bootstrap_closed", "configuration", &["change"]),
    ("user_recovered", "iam", &["user", "change"]),
    ("key_registered", "iam", &["user", "creation"]),
    ("labelled", "configuration", &["change"]),
    ("own_denied", "api", &["denied"]),
    ("grant_timed", "iam", &["user", "change"]),
    ("key_model_set", "configuration", &["change"]),
    ("role_composed", "configuration", &["change"]),
    ("role_retired", "configuration", &["deletion"]),
    ("composed_role_set", "iam", &["user", "change"]),
    ("signed_in", "authentication", &["start"]),
    ("sign_in_failed", "authentication", &["start"]),
    ("session_ended", "authentication", &["end"]),
    ("proof_asked", "authentication", &["info"]),
    ("proof_given", "authentication", &["info"]),
    ("proof_failed", "authentication", &["info"]),
    ("totp_spent", "authentication", &["info"]),
    ("device_locked", "iam", &["user", "change"]),
    ("intent_signed", "authentication", &["info"]),
    ("key_suspended", "iam", &["user", "change"]),
    ("approval_asked", "api", &["creation"]),
    ("approval_judged", "api", &["change"]),
    ("approval_voided", "api", &["change"]),
    ("approval_denied", "api", &["denied"]),
    ("order_new", "api", &["creation"]),
    ("order_denied", "api", &["creation", "denied"]),
    ("amend", "api", &["change"]),
    ("amend_refused", "api", &["change", "denied"]),
    ("cancel", "api", &["deletion"]),
    ("cancel_refused", "api", &["deletion", "denied"]),
    ("in_doubt", "api", &["info"]),
    ("doubt_resolved", "api", &["info"]),
    ("cancel_all", "api", &["deletion"]),
    ("venue_new", "api", &["change"]),
    ("venue_rejected", "api", &["change"]),
    ("trade", "api", &["change"]),
    ("bust", "api", &["change"]),
    ("correct", "api", &["change"]),
    ("canceled", "api", &["deletion"]),
    ("replaced", "api", &["change"]),
    ("cancel_rejected", "api", &["deletion", "denied"]),
    ("expired", "api", &["deletion"]),
    ("done_for_day", "api", &["change"]),
    ("restated", "api", &["change"]),
    ("suspended", "api", &["change"]),
    ("triggered", "api", &["change"]),
    ("venue_session", "api", &["info"]),
    ("halt", "api", &["info"]),
    ("venue_link", "network", &["connection"]),
    ("unmatched_fact", "api", &["info"]),
    ("sim_refused", "api", &["info"]),
    ("started", "process", &["start"]),
    ("stopped", "process", &["end"]),
    ("audit_read", "api", &["access"]),
    ("access_denied", "api", &["access", "denied"]),
    ("bad_input", "network", &["protocol"]),
    ("sim_control", "api", &["info"]),
    ("clock_step", "host", &["info"]),
    ("connected", "network", &["connection"]),
    ("managed", "configuration", &["change"]),
    ("manage_denied", "api", &["denied"]),
    ("enrolment_failed", "iam", &["user", "info"]),
    ("ban_set", "network", &["denied"]),
    ("ban_lifted", "network", &["allowed"]),
    ("denial_reviewed", "configuration", &["change"]),
    ("review_denied", "api", &["denied"]),
    ("alert_raised", "intrusion_detection", &["info"]),
    ("alert_handled", "intrusion_detection", &["info"]),
    ("alert_denied", "api", &["denied"]),
    ("alert_answered", "intrusion_detection", &["info"]),
    ("pack_made", "api", &["access"]),
    ("keys_lost", "host", &["info"]),
    ("keys_back", "host", &["info"]),
    ("key_succeeded", "configuration", &["change"]),
    ("key_rotated", "configuration", &["change"]),
    ("key_retired", "configuration", &["deletion"]),
    ("key_revoked", "configuration", &["deletion"]),
    ("keys_moved", "configuration", &["change"]),
    ("key_ceremony", "configuration", &["creation"]),
    ("backup_made", "configuration", &["access"]),
    ("backup_restored", "configuration", &["change"]),
    ("log_reopened", "configuration", &["change"]),
];

pub(super) fn line(fact: &Fact<'_>) -> String {
    let (category, types) = row(&fact.action).unwrap_or(("api", &["info"]));
    Json::of(|json| {
        json.text("@timestamp", &fact.time);
        json.under("ecs", |json| json.text("version", VERSION));
        json.text("message", &fact.message);
        json.under("event", |json| event(json, fact, category, types));
        json.under("service", |json| {
            json.text("name", fact.log);
            json.text("type", "turretd");
        });
        user(json, fact);
        if let Some(device) = fact.device {
            json.under("device", |json| json.text("id", &format!("{device}")));
        }
        json.under("trace", |json| json.text("id", &fact.correlation));
        if fact.action == "alert_raised" {
            json.under("rule", |json| json.text("name", fact.reason.as_deref().unwrap_or_default()));
        }
        json.under("turret", |json| own(json, fact));
    })
}

fn event(json: &mut Json, fact: &Fact<'_>, category: &str, types: &[&str]) {
    let raised = matches!(fact.finding, Some((_, Finding::Raised)));
    json.text("kind", if raised { "alert" } else { "event" });
    json.texts("category", &[category]);
    json.texts("type", types);
    json.text("action", &fact.action);
    json.text(
        "outcome",
        match fact.outcome {
            EntryOutcome::Ok => "success",
            EntryOutcome::Denied | EntryOutcome::Refused | EntryOutcome::Failed => "failure",
            EntryOutcome::Flagged => "unknown",
        },
    );
    json.maybe("reason", fact.reason.as_deref());
    json.number("severity", fact.severity() as u8);
    json.number("sequence", fact.index);
    json.text("id", &fact.uid());
    json.text("provider", "turretd");
    json.text("module", "turret");
    json.text("dataset", "turret.audit");
    json.text("hash", &fact.leaf);
    json.text("original", &fact.entry);
}

/// Who, and whom it is about.
fn user(json: &mut Json, fact: &Fact<'_>) {
    let target = fact.user.map(|user| format!("{user}"));
    json.under("user", |json| {
        match fact.actor {
            Actor::User(user) => json.text("id", &format!("{user}")),
            Actor::Engine | Actor::Venue | Actor::Operator => json.text("name", &fact.who),
        }
        if let Some(target) = &target {
            json.under("target", |json| json.text("id", target));
        }
    });
}

/// What the schema has no field for.
fn own(json: &mut Json, fact: &Fact<'_>) {
    json.text("outcome", fact.outcome.as_str());
    if let Some(session) = fact.session {
        json.text("session", &format!("{session}"));
    }
    if let Some(connection) = fact.connection {
        json.text("connection", &format!("{connection}"));
    }
    if let Some((kind, id)) = &fact.object {
        json.under("object", |json| {
            json.text("type", kind);
            json.text("id", id);
        });
    }
    json.maybe("right", fact.right.as_deref());
    if let Some((alert, _)) = fact.finding {
        json.text("alert", &format!("{alert}"));
    }
}
