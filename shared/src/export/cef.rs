//! Entries in the Common Event Format, version 0; it must let no text end a field, a header or the line.

use alloc::format;
use alloc::string::String;

use crate::entry::Actor;
use crate::text::is_hostile;

use super::fact::Fact;

/// What a kind is called.
pub(super) fn row(action: &str) -> Option<&'static str> {
    TABLE.iter().find(|(word, _)| *word == action).map(|(_, name)| *name)
}

/// One row a kind.
const TABLE: &[(&str, &str)] = &[
    ("genesis", "Log begun"),
    ("desk_opened", "Desk opened"),
    ("instrument_listed", "Instrument listed"),
    ("account_opened", "Account opened"),
    ("user_created", "User created"),
    ("role_set", "Role set"),
    ("entitlement_set", "Entitlement set"),
    ("limit_set", "Limit set"),
    ("policy_set", "Policy set"),
    ("restricted_set", "Restricted set"),
    ("cash_moved", "Cash moved"),
    ("position_opened", "Position opened"),
    ("device_registered", "Device registered"),
    ("device_revoked", "Device revoked"),
    ("credential_activated", "Credential activated"),
    ("credential_revoked", "Credential revoked"),
    ("key_activated", "Key activated"),
    ("desk_set", "Desk set"),
    ("code_made", "Enrolment code made"),
    ("device_claimed", "Device claimed"),
    ("enrolment_judged", "Enrolment judged"),
    ("credential_expired", "Credential expired"),
    ("device_renewed", "Device renewed"),
    ("device_turned", "Device shows its next key"),
    ("bootstrap_opened", "Bootstrap opened"),
    ("bootstrap_closed", "Bootstrap closed"),
    ("user_recovered", "User recovered"),
    ("key_registered", "Key registered"),
    ("labelled", "Own device or key named"),
    ("own_denied", "Change of own things denied"),
    ("grant_timed", "Right given for a time"),
    ("key_model_set", "Key model set"),
    ("role_composed", "Role composed"),
    ("role_retired", "Role retired"),
    ("composed_role_set", "Composed role set"),
    ("signed_in", "Signed in"),
    ("sign_in_failed", "Sign in failed"),
    ("session_ended", "Session ended"),
    ("proof_asked", "Proof asked"),
    ("proof_given", "Proof given"),
    ("proof_failed", "Proof failed"),
    ("totp_spent", "Code spent"),
    ("device_locked", "Device locked or unlocked"),
    ("intent_signed", "Command signed"),
    ("key_suspended", "Key suspended"),
    ("approval_asked", "Approval asked"),
    ("approval_judged", "Approval judged"),
    ("approval_voided", "Approval voided"),
    ("approval_denied", "Approval denied"),
    ("order_new", "Order entered"),
    ("order_denied", "Order denied"),
    ("amend", "Amend asked for"),
    ("amend_refused", "Amend refused"),
    ("cancel", "Cancel asked for"),
    ("cancel_refused", "Cancel refused"),
    ("in_doubt", "Order in doubt"),
    ("doubt_resolved", "Doubt resolved"),
    ("cancel_all", "Cancel of everything asked for"),
    ("venue_new", "Order taken by the venue"),
    ("venue_rejected", "Order rejected by the venue"),
    ("trade", "Execution"),
    ("bust", "Execution busted"),
    ("correct", "Execution corrected"),
    ("canceled", "Order canceled"),
    ("replaced", "Order replaced"),
    ("cancel_rejected", "Cancel rejected by the venue"),
    ("expired", "Order expired"),
    ("done_for_day", "Order done for the day"),
    ("restated", "Order restated"),
    ("suspended", "Order suspended"),
    ("triggered", "Stop order triggered"),
    ("venue_session", "Venue session opened or closed"),
    ("halt", "Trading halted or resumed"),
    ("venue_link", "Venue link up or down"),
    ("unmatched_fact", "Venue fact that fits nothing"),
    ("sim_refused", "Simulator refused"),
    ("started", "Server started"),
    ("stopped", "Server stopped"),
    ("audit_read", "Audit read"),
    ("access_denied", "Access denied"),
    ("bad_input", "Bad input"),
    ("sim_control", "Simulator steered"),
    ("clock_step", "Clock stepped"),
    ("connected", "Device connected"),
    ("managed", "Administrative act done"),
    ("manage_denied", "Manage denied"),
    ("enrolment_failed", "Enrolment failed"),
    ("ban_set", "Ban set"),
    ("ban_lifted", "Ban lifted"),
    ("denial_reviewed", "Denial reviewed"),
    ("review_denied", "Review denied"),
    ("alert_raised", "Alert raised"),
    ("alert_handled", "Alert handled"),
    ("alert_denied", "Alert denied"),
    ("alert_answered", "Alert answered"),
    ("pack_made", "Proof pack made"),
    ("keys_lost", "Server keys lost"),
    ("keys_back", "Server keys back"),
    ("key_succeeded", "Checkpoint key succeeded"),
    ("key_rotated", "Server key rotated"),
    ("key_retired", "Server key retired"),
    ("key_revoked", "Server key revoked"),
    ("keys_moved", "Server keys moved to another store"),
    ("key_ceremony", "Recovery key made and shared out"),
    ("backup_made", "Backup made"),
    ("backup_restored", "Backup put back"),
    ("log_reopened", "Log goes on under a new origin"),
];

/// What the header names the program's version by: the format of an entry, for that is what a reader depends on.
const DEVICE_VERSION: u8 = crate::entry::ENTRY_VERSION;

pub(super) fn line(fact: &Fact<'_>) -> String {
    let name = row(&fact.action).unwrap_or("Event of a kind not known here");
    // From 0 to 10, where 9 and 10 are for what is worse than anything here.
    let severity = (fact.severity() as u8).saturating_mul(2);
    let mut out =
        format!("CEF:0|Turret|turretd|{DEVICE_VERSION}|{}|{}|{severity}|", header(&fact.action), header(name));
    let mut pairs = Pairs { out: &mut out, first: true };
    pairs.put("rt", &format!("{}", fact.time_ms));
    pairs.put("externalId", &format!("{}", fact.index));
    pairs.put("act", &fact.action);
    pairs.put("outcome", fact.outcome.as_str());
    pairs.maybe("reason", fact.reason.as_deref());
    match fact.actor {
        Actor::User(user) => pairs.put("suid", &format!("{user}")),
        Actor::Engine | Actor::Venue | Actor::Operator => pairs.put("suser", &fact.who),
    }
    pairs.maybe("duid", fact.user.map(|user| format!("{user}")).as_deref());
    pairs.maybe("deviceExternalId", fact.device.map(|device| format!("{device}")).as_deref());
    pairs.put("dvchost", fact.log);
    pairs.labelled("cs1", "leafHash", Some(&fact.leaf));
    pairs.labelled("cs2", "correlation", Some(&fact.correlation));
    pairs.labelled("cs3", "session", fact.session.map(|session| format!("{session}")).as_deref());
    pairs.labelled("cs4", "object", fact.object.as_ref().map(|(kind, id)| format!("{kind} {id}")).as_deref());
    pairs.labelled("cs5", "time", Some(&fact.time));
    pairs.labelled("cs6", "connection", fact.connection.map(|connection| format!("{connection}")).as_deref());
    pairs.put("msg", &fact.message);
    pairs.put("TurretTurretdEntry", &fact.entry);
    out
}

/// A field of the header: no line ends in it, and a bar or backslash is escaped.
fn header(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '|' => out.push_str("\\|"),
            c if is_hostile(c) => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// The extension: `key=value` after `key=value`.
struct Pairs<'a> {
    out: &'a mut String,
    first: bool,
}

impl Pairs<'_> {
    fn put(&mut self, key: &str, value: &str) {
        if !self.first {
            self.out.push(' ');
        }
        self.first = false;
        self.out.push_str(key);
        self.out.push('=');
        for c in value.chars() {
            match c {
                '\\' => self.out.push_str("\\\\"),
                '=' => self.out.push_str("\\="),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                c if is_hostile(c) => self.out.push(' '),
                c => self.out.push(c),
            }
        }
    }

    fn maybe(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    fn labelled(&mut self, key: &str, label: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.put(&format!("{key}Label"), label);
            self.put(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_28_no_text_ends_a_field() {
        assert_eq!(header("a|b\\c\nd"), "a\\|b\\\\c d");
        let mut out = String::new();
        let mut pairs = Pairs { out: &mut out, first: true };
        pairs.put("msg", "x act=evil|\\\r\n\u{1b}[2J");
        pairs.put("b", "");
        assert_eq!(out, "msg=x act\\=evil|\\\\\\r\\n [2J b=");
    }
}
