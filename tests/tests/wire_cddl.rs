//! docs/protocol.cddl says what the code does: every rule against its type, in both directions; it must list no sample by hand.
//!
//! For each rule values are made from the grammar, decoded by the code, encoded again and compared byte for byte. Which variants
//! and fields the code knows is asked of the decoder itself, so that neither side can have one more than the other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod cddl;

use std::collections::BTreeSet;

use cddl::grammar::{Grammar, Ty};
use cddl::value::Value;
use turret_shared::{
    account, alert, approval, assertion, attempt, ban, bar, bulk, command, denial, digest, event, house, ids,
    instrument, manage, money, order, own, password, people, person, policy, role, secret, time, tlog, venue, view,
    wire,
};

const CDDL: &str = include_str!("../../docs/protocol.cddl");
/// Variant numbers and keys asked for: far beyond any in use.
const NUMBERS_ASKED: u64 = 128;

type Check = fn(&Grammar, &str);

macro_rules! table {
    ($($rule:literal: $ty:ty,)*) => {
        const TABLE: &[(&str, Check)] = &[$(($rule, check::<$ty>),)*];
    };
}

table! {
    "client-frame": wire::control::ClientFrame,
    "hello": wire::control::Hello,
    "session-token": secret::SessionToken,
    "pending-id": ids::PendingId,
    "sequence": ids::Sequence,
    "entitlement-version": ids::EntitlementVersion,
    "secret-key": secret::SecretKey,
    "cache-grant": wire::control::CacheGrant,
    "log-head": wire::control::LogHead,
    "hash": tlog::Hash,
    "instrument-id": ids::InstrumentId,
    "server-frame": wire::control::ServerFrame,
    "welcome": wire::control::Welcome,
    "signed-in": wire::control::SignedIn,
    "correlation-id": ids::CorrelationId,
    "outcome": wire::control::Outcome,
    "session-end": wire::control::SessionEnd,
    "environment": command::Environment,
    "timestamp": time::Timestamp,
    "session-id": ids::SessionId,
    "device-id": ids::DeviceId,
    "credential-id": ids::CredentialId,
    "assertion": assertion::Assertion,
    "registration": assertion::Registration,
    "key-asked": wire::keys::KeyAsked,
    "sign-asked": wire::keys::SignAsked,
    "key-name": wire::keys::KeyName,
    "nonce": digest::Digest,
    "user-view": view::UserView,
    "accepted": wire::control::Accepted,
    "denial": denial::Denial,
    "refusal": denial::Refusal,
    "user-id": ids::UserId,
    "role": role::Role,
    "desk-id": ids::DeskId,
    "order-view": view::OrderView,
    "denial-code": denial::DenialCode,
    "rule-use": denial::RuleUse,
    "refusal-code": denial::RefusalCode,
    "order-id": ids::OrderId,
    "cl-ord-id": ids::ClOrdId,
    "account-id": ids::AccountId,
    "side": order::Side,
    "ord-type": order::OrdType,
    "time-in-force": order::TimeInForce,
    "qty": money::Qty,
    "price": money::Price,
    "ord-status": order::OrdStatus,
    "exec-type": order::ExecType,
    "rule": denial::Rule,
    "figure": denial::Figure,
    "override": denial::Override,
    "money": money::Money,
    "currency": money::Currency,
    "command": command::Command,
    "verb": command::Verb,
    "new-order": command::NewOrder,
    "amend-order": command::AmendOrder,
    "cancel-order": command::CancelOrder,
    "cancel-all": command::CancelAll,
    "manage": manage::Manage,
    "new-user": command::NewUser,
    "policy": event::setup::Policy,
    "policy-view": policy::PolicyView,
    "judge": approval::Judge,
    "request": approval::Request,
    "ground": approval::Ground,
    "digest": digest::Digest,
    "approval-id": ids::ApprovalId,
    "approval-view": approval::ApprovalView,
    "first-proof": approval::FirstProof,
    "key-model": turret_shared::key_model::KeyModel,
    "standing": approval::Standing,
    "void-cause": approval::VoidCause,
    "code-made": wire::control::CodeMade,
    "code-id": ids::CodeId,
    "enrol-request": wire::enrol::EnrolRequest,
    "enrol-reply": wire::enrol::EnrolReply,
    "factor-fault": wire::enrol::FactorFault,
    "enrolled": wire::enrol::Enrolled,
    "act": manage::Act,
    "house": house::House,
    "code": house::Code,
    "permissions": turret_shared::composed::Permissions,
    "composed-role": turret_shared::composed::ComposedRole,
    "house-row": house::HouseRow,
    "why": manage::Why,
    "sim-control": command::SimControl,
    "saw": command::Saw,
    "exec-id": ids::ExecId,
    "query": wire::query::Query,
    "answer": wire::query::Answer,
    "ask": wire::query::Ask,
    "answer-body": wire::query::AnswerBody,
    "audit-filter": wire::query::AuditFilter,
    "fill-view": view::FillView,
    "quote-view": view::QuoteView,
    "trade-view": view::TradeView,
    "position-view": view::PositionView,
    "account-view": view::AccountView,
    "limit-view": view::LimitView,
    "session-view": people::SessionView,
    "device-view": people::DeviceView,
    "device-state": people::DeviceState,
    "lock-cause": people::LockCause,
    "password-fault": password::PasswordFault,
    "person-view": people::PersonView,
    "person-facts": person::PersonFacts,
    "failed-sign-in": person::FailedSignIn,
    "factor-view": person::FactorView,
    "grant-view": person::GrantView,
    "entrusted-view": person::EntrustedView,
    "account-code": person::AccountCode,
    "entrusted": manage::Entrusted,
    "sign-in-fault": event::session::SignInFault,
    "credential-kind": event::setup::CredentialKind,
    "bar-view": bar::BarView,
    "instrument": instrument::Instrument,
    "preview-view": view::PreviewView,
    "audit-view": view::AuditView,
    "fill-state": view::FillState,
    "level": view::Level,
    "trading-state": view::TradingState,
    "order-capacity": account::OrderCapacity,
    "rights": account::Rights,
    "instrument-kind": instrument::InstrumentKind,
    "feed-message": wire::feed::FeedMessage,
    "feed-item": wire::feed::FeedItem,
    "ban-view": ban::BanView,
    "ban-id": ids::BanId,
    "new-ban": ban::NewBan,
    "bulk": bulk::Bulk,
    "table": bulk::Table,
    "asked": bulk::Asked,
    "bulk-row": bulk::BulkRow,
    "review": attempt::Review,
    "review-end": attempt::ReviewEnd,
    "attempt-kind": attempt::AttemptKind,
    "attempt-view": attempt::AttemptView,
    "reviewed-view": attempt::ReviewedView,
    "alert-view": alert::AlertView,
    "alert-step": alert::AlertStep,
    "alert-end": alert::AlertEnd,
    "alert-standing": alert::AlertStanding,
    "alert-tally": alert::AlertTally,
    "alert-step-view": alert::AlertStepView,
    "alert-handler": alert::AlertHandler,
    "handle-alert": alert::HandleAlert,
    "own": own::Own,
    "letting": own::Letting,
    "thing": own::Thing,
    "own-view": own::OwnView,
    "key-view": own::KeyView,
    "own-change": own::OwnChange,
    "alert-rule": event::alert::AlertRule,
    "answer-done": event::alert::AnswerDone,
    "venue-client-frame": wire::venue::VenueClientFrame,
    "venue-frame": wire::venue::VenueFrame,
    "route": venue::Route,
    "report": venue::Report,
    "route-new": venue::RouteNew,
    "venue-cl-ord-id": venue::VenueClOrdId,
    "sim-route": venue::SimRoute,
    "report-kind": venue::ReportKind,
    "venue-exec-id": venue::VenueExecId,
    "venue-reason": venue::VenueReason,
    "market-frame": wire::venue::MarketFrame,
}

/// One rule against one type.
fn check<T>(grammar: &Grammar, rule: &str)
where
    T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()>,
{
    let ty = grammar.rule(rule);
    for (at, value) in grammar.samples(rule).iter().enumerate() {
        let bytes = value.to_bytes();
        let decoded: T = minicbor::decode(&bytes).unwrap_or_else(|e| panic!("{rule}: {value:?} is not taken: {e}"));
        let again = minicbor::to_vec(&decoded).unwrap();
        assert_eq!(again, bytes, "{rule}: {value:?} comes back as {:?}", Value::from_bytes(&again));
        assert!(grammar.allows(ty, value), "{rule}: {value:?} is not allowed");
        // Every second sample has every field.
        if at % 2 == 1 {
            no_further_field::<T>(rule, ty, value);
        }
    }
    assert_eq!(numbers_of_code::<T>(ty), numbers_of_grammar(ty), "{rule}: variants");
}

/// A stranger in a place nobody names is skipped; in a place the code knows it is of the wrong type.
fn no_further_field<T: for<'b> minicbor::Decode<'b, ()>>(rule: &str, ty: &Ty, value: &Value) {
    let stranger = || Value::Map(vec![(0, Value::Map(vec![(0, Value::Bool(true))]))]);
    let skipped = |value: &Value, place: u64| {
        let taken = minicbor::decode::<T>(&value.to_bytes());
        assert!(taken.is_ok(), "{rule}: the code knows a field {place} that the grammar does not: {value:?}");
    };
    match (ty, value) {
        (Ty::Map(_), Value::Map(pairs)) => {
            for key in (0..NUMBERS_ASKED).filter(|key| pairs.iter().all(|(k, _)| k != key)) {
                skipped(&Value::Map(pairs.iter().cloned().chain([(key, stranger())]).collect()), key);
            }
        }
        (Ty::Array(_), Value::Array(items)) => {
            let more = items.iter().cloned().chain([stranger()]).collect();
            skipped(&Value::Array(more), items.len() as u64);
        }
        (Ty::Choice(_), Value::Array(items)) => {
            let [number, Value::Array(fields)] = items.as_slice() else {
                panic!("{rule}: a variant is [number, [..]]")
            };
            let more = fields.iter().cloned().chain([stranger()]).collect();
            skipped(&Value::Array(vec![number.clone(), Value::Array(more)]), fields.len() as u64);
        }
        _ => {}
    }
}

/// The variants the decoder knows, asked one by one.
fn numbers_of_code<T: for<'b> minicbor::Decode<'b, ()>>(ty: &Ty) -> BTreeSet<u64> {
    let asked = |n: u64| match ty {
        Ty::Numbers(_) => Some(Value::Uint(n)),
        Ty::Choice(_) => Some(Value::Array(vec![Value::Uint(n), Value::Array(Vec::new())])),
        _ => None,
    };
    let known = |value: &Value| minicbor::decode::<T>(&value.to_bytes()).err().is_none_or(|e| !e.is_unknown_variant());
    (0..NUMBERS_ASKED).filter(|n| asked(*n).is_some_and(|value| known(&value))).collect()
}

fn numbers_of_grammar(ty: &Ty) -> BTreeSet<u64> {
    match ty {
        Ty::Numbers(all) => all.iter().copied().collect(),
        Ty::Choice(options) => options
            .iter()
            .map(|option| match option {
                Ty::Array(entries) => match entries.first().map(|entry| &entry.ty) {
                    Some(Ty::Literal(n)) => *n,
                    other => panic!("a variant begins with its number, not {other:?}"),
                },
                other => panic!("a variant is an array, not {other:?}"),
            })
            .collect(),
        _ => BTreeSet::new(),
    }
}

#[test]
fn every_rule_says_what_its_type_does() {
    let grammar = Grammar::read(CDDL);
    let listed: BTreeSet<&str> = TABLE.iter().map(|(rule, _)| *rule).collect();
    let written: BTreeSet<&str> = grammar.rules.keys().map(String::as_str).collect();
    assert_eq!(listed, written, "every rule has its type here");
    for (rule, check) in TABLE {
        check(&grammar, rule);
    }
}

#[test]
fn the_judge_is_no_rubber_stamp() {
    let grammar = Grammar::read(
        "a = [0, [x: uint, ? y: tstr / null]] / [1, []]\nm = { 0 => b, ? 3 => [* bool] }\nb = &( p: 0, q: 2 )",
    );
    let allowed = |rule: &str, value: Value| grammar.allows(grammar.rule(rule), &value);
    let array = Value::Array;
    let n = Value::Uint;
    assert!(allowed("a", array(vec![n(0), array(vec![n(7)])])));
    assert!(allowed("a", array(vec![n(0), array(vec![n(7), Value::Null])])));
    assert!(!allowed("a", array(vec![n(0), array(vec![n(7), n(1)])])), "a number for a text");
    assert!(!allowed("a", array(vec![n(0), array(vec![])])), "a field missing");
    assert!(!allowed("a", array(vec![n(1), array(vec![n(7)])])), "a field too many");
    assert!(!allowed("a", array(vec![n(2), array(vec![])])), "an unknown variant");
    assert!(allowed("m", Value::Map(vec![(0, n(2)), (3, array(vec![Value::Bool(true)]))])));
    assert!(!allowed("m", Value::Map(vec![(0, n(1))])), "not one of the named numbers");
    assert!(!allowed("m", Value::Map(vec![(3, array(vec![]))])), "a key missing");
    assert!(!allowed("m", Value::Map(vec![(0, n(2)), (9, n(1))])), "an unknown key");
}
