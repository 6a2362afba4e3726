//! Step-ups and sessions in the engine: what asks for a proof, what voids it, and who may sign in; no real codes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::{Factor, Input, PasswordInput, SessionInput, Verdict};
use turret_shared::command::{SimControl, Verb};
use turret_shared::denial::{DenialCode, RefusalCode};
use turret_shared::event::Event;
use turret_shared::event::session::{ProofFault, SignInFault};
use turret_shared::ids::{CorrelationId, PendingId};
use turret_shared::order::Side;
use turret_shared::wire::control::SessionEnd;
use turret_tests::floor::Desk;
use turret_tests::floor::seed::{ANN, BOB, EVA, KIM, SAM, device_of, password_of};

/// A limit buy over Ann's threshold; what it waits under.
fn sensitive(desk: &mut Desk, units: i64) -> PendingId {
    let order = desk.limit(Side::Buy, units, 19_000);
    match desk.verb(ANN, Verb::OrderNew(order)) {
        Verdict::StepUp { pending, .. } => pending,
        other => panic!("a proof is asked for, not {other:?}"),
    }
}

#[test]
fn one_code_lets_several_through_and_is_spent() {
    let mut desk = Desk::new();
    let pending = vec![sensitive(&mut desk, 600), sensitive(&mut desk, 700)];
    assert_eq!(desk.state.outbox(), []);
    let verdict = desk.prove(ANN, pending, Ok(2));
    let Verdict::Proof(verdicts) = verdict else { panic!("judged") };
    assert!(verdicts.iter().all(|v| matches!(v, Verdict::Order { .. })), "{verdicts:?}");
    assert_eq!(desk.routes.len(), 2);
    let next = sensitive(&mut desk, 601);
    let Verdict::ProofRefused { spent: true, .. } = desk.prove(ANN, vec![next], Ok(2)) else { panic!("spent") };
    let Verdict::ProofRefused { spent: true, .. } = desk.prove(ANN, vec![next], Ok(1)) else { panic!("older") };
    let wrong = desk.prove(ANN, vec![next], Err(ProofFault::Wrong));
    assert!(matches!(wrong, Verdict::ProofRefused { spent: false, .. }));
    assert!(matches!(desk.prove(ANN, vec![next], Ok(3)), Verdict::Proof(_)));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn orders_under_one_proof_see_each_other() {
    let mut desk = Desk::new();
    // Each fits the buying power alone; six together do not.
    let pending: Vec<PendingId> = (0..6).map(|n| sensitive(&mut desk, 1_000 + n)).collect();
    let Verdict::Proof(verdicts) = desk.prove(ANN, pending, Ok(2)) else { panic!("judged") };
    let taken = verdicts.iter().filter(|v| matches!(v, Verdict::Order { .. })).count();
    assert_eq!(taken, 5, "{verdicts:?}");
    assert!(matches!(&verdicts[5], Verdict::Denied(denial) if denial.code == DenialCode::Risk));
}

#[test]
fn a_proof_is_void_late_or_elsewhere() {
    let mut desk = Desk::new();
    let pending = sensitive(&mut desk, 600);
    let other = desk.prove(BOB, vec![pending], Ok(2));
    assert!(matches!(&other, Verdict::Proof(v) if matches!(&v[..], [Verdict::Denied(_)])), "{other:?}");
    desk.wait_ms(60_001);
    let late = desk.prove(ANN, vec![pending], Ok(2));
    assert!(matches!(&late, Verdict::Proof(v) if matches!(&v[..], [Verdict::Denied(_)])), "{late:?}");
    assert_eq!(desk.state.spent_step(device_of(ANN).1), Some(1));
}

#[test]
fn an_amend_is_void_once_its_order_changed() {
    let mut desk = Desk::new();
    let order = desk.order(Side::Buy, 100, 19_000);
    desk.ack(order);
    let Verdict::StepUp { pending, .. } = desk.amend(order, Some(600), None) else { panic!("asked") };
    desk.trade(order, 1, 10, 19_000);
    let Verdict::Proof(verdicts) = desk.prove(ANN, vec![pending], Ok(2)) else { panic!("judged") };
    assert!(matches!(&verdicts[..], [Verdict::Refused(refusal)] if refusal.code == RefusalCode::TooLate));
    // Lowering needs no proof.
    assert!(matches!(desk.amend(order, Some(50), None), Verdict::Order { .. }));
}

#[test]
fn a_clock_that_jumped_refuses_proofs_until_acknowledged() {
    let mut desk = Desk::new();
    let pending = sensitive(&mut desk, 600);
    let step = |acknowledged| Event::ClockStep(turret_shared::event::ops::ClockStep { by_ns: 9, acknowledged });
    desk.input(Input::Note(turret_tests::floor::desk::operator(), Box::new(step(false))));
    assert!(matches!(desk.prove(ANN, vec![pending], Ok(2)), Verdict::ProofRefused { .. }));
    desk.input(Input::Note(turret_tests::floor::desk::operator(), Box::new(step(true))));
    assert!(matches!(desk.prove(ANN, vec![pending], Ok(2)), Verdict::Proof(_)));
}

#[test]
fn a_code_signs_in_once_and_a_new_session_replaces_the_old() {
    let mut desk = Desk::new();
    let old = desk.principal(ANN).session;
    assert_eq!(desk.sign_in(ANN, 1).session, Some(Err(SignInFault::CodeSpent)));
    assert!(matches!(desk.sign_in(ANN, 2).session, Some(Ok(_))));
    assert!(desk.state.session(old).is_none());
    assert_eq!(desk.state.last_end(ANN), Some(SessionEnd::Replaced));
    let lock = SessionInput::LockDevice {
        device: device_of(ANN).0,
        locked: true,
        fault: Some(SignInFault::Token),
        correlation: CorrelationId(5),
    };
    desk.input(Input::Session(lock));
    assert_eq!(desk.sign_in(ANN, 3).session, Some(Err(SignInFault::Device)));
}

#[test]
fn five_access_refusals_in_a_minute_end_the_session() {
    let mut desk = Desk::new();
    let mut first = None;
    for n in 0..5 {
        let mut order = desk.limit(Side::Buy, 1, 19_000);
        order.account = if n % 2 == 0 { "A2001".into() } else { "NOSUCH".into() };
        let verdict = desk.verb(ANN, Verb::OrderNew(order));
        // A foreign account and one that is not there answer alike.
        assert_eq!(*first.get_or_insert(verdict.clone()), verdict);
    }
    assert!(matches!(desk.events.last(), Some(Event::SessionEnded(e)) if e.reason == SessionEnd::Probing));
    let order = desk.limit(Side::Buy, 1, 19_000);
    let verdict = desk.verb(ANN, Verb::OrderNew(order));
    assert!(matches!(verdict, Verdict::Denied(denial) if denial.code == DenialCode::NotPermitted));
}

#[test]
fn the_simulator_is_steered_by_those_who_may_and_on_what_they_see() {
    let mut desk = Desk::new();
    assert_eq!(desk.verb(SAM, Verb::Sim(SimControl::SessionClose)), Verdict::Sim);
    let order = desk.order(Side::Buy, 1, 19_000);
    assert!(matches!(desk.verb(EVA, Verb::Sim(SimControl::SessionOpen)), Verdict::Denied(_)));
    let foreign = desk.verb(BOB, Verb::Sim(SimControl::Unsolicited { order }));
    let unknown = desk.verb(BOB, Verb::Sim(SimControl::Unsolicited { order: turret_shared::ids::OrderId(3) }));
    assert_eq!(foreign, unknown);
    assert_eq!(desk.verb(KIM, Verb::Sim(SimControl::Unsolicited { order })), Verdict::Sim);
}

#[test]
fn a_new_password_needs_a_code_of_its_own_and_ends_the_other_sessions() {
    let mut desk = Desk::new();
    let (mine, credential) = (desk.principal(ANN), device_of(ANN).1);
    let change = |desk: &mut Desk, step: Result<u64, ProofFault>, version: u32| {
        let correlation = CorrelationId(8);
        let input = PasswordInput { principal: mine, correlation, credential, step, version };
        desk.input(Input::Password(input)).verdict.expect("answered")
    };
    let spent = change(&mut desk, Ok(1), 2);
    assert!(matches!(spent, Verdict::ProofRefused { spent: true, .. }));
    let wrong = change(&mut desk, Err(ProofFault::Password), 0);
    assert!(matches!(wrong, Verdict::ProofRefused { spent: false, .. }));
    assert!(matches!(&desk.events[..], [Event::ProofFailed(e)] if e.fault == ProofFault::Password));
    // A version that is not the next was stored for a change that somebody else has made since.
    assert!(matches!(change(&mut desk, Ok(2), 3), Verdict::Denied(denial) if denial.code == DenialCode::Busy));
    // Another device of hers.
    let device = turret_shared::ids::DeviceId(50);
    let key = turret_shared::digest::Digest([8; 32]);
    let fact = Event::DeviceRegistered(turret_shared::event::setup::DeviceRegistered { device, user: ANN, key });
    desk.input(Input::Setup(turret_tests::floor::desk::operator(), Box::new(fact)));
    let elsewhere = SessionInput::SignIn {
        user: ANN,
        device,
        credential,
        factor: Factor::Step(3),
        password: 1,
        token: key,
        script: false,
        source: None,
        correlation: CorrelationId(9),
    };
    let Some(Ok(other)) = desk.input(Input::Session(elsewhere.clone())).session else { panic!("in") };
    assert_eq!(change(&mut desk, Ok(4), 2), Verdict::PasswordChanged);
    assert_eq!(desk.state.session(other), None);
    // Someone who had given the old password waits with their code: it is worth nothing now, and the code is not spent.
    let SessionInput::SignIn { user, device, credential, token, script, source, correlation, .. } = elsewhere else {
        panic!("a sign-in")
    };
    let with = |step, password| {
        let factor = Factor::Step(step);
        let sign_in =
            SessionInput::SignIn { user, device, credential, factor, password, token, script, source, correlation };
        Input::Session(sign_in)
    };
    assert_eq!(desk.input(with(5, 1)).session, Some(Err(SignInFault::Password)));
    assert!(matches!(desk.input(with(5, 2)).session, Some(Ok(_))));
    assert!(desk.state.session(mine.session).is_some(), "the one it was given in goes on");
    assert_eq!(desk.state.last_end(ANN), Some(SessionEnd::PasswordChanged));
    assert_eq!(desk.state.access().credential(password_of(ANN)).map(|known| known.version), Some(2));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn a_password_that_must_be_replaced_lets_nobody_in_but_with_its_next_version() {
    let mut desk = Desk::new();
    let renew = |desk: &mut Desk, version| {
        let (device, credential) = device_of(ANN);
        let renew = SessionInput::Renew {
            user: ANN,
            device,
            credential,
            version,
            token: turret_shared::digest::Digest([4; 32]),
            script: false,
            source: None,
            correlation: CorrelationId(6),
        };
        desk.input(Input::Session(renew)).session
    };
    assert_eq!(renew(&mut desk, 2), Some(Err(SignInFault::Credential)), "nothing is to be replaced");
    let before = desk.principal(ANN).session;
    let act = turret_shared::manage::Act::RequirePassword { user: ANN };
    let why = turret_shared::manage::Why::Suspicion;
    assert_eq!(desk.act(turret_shared::manage::Manage { act, why }, 2), Verdict::Managed);
    assert!(desk.state.session(before).is_some(), "at the next sign-in, not before");
    assert_eq!(desk.sign_in(ANN, 5).session, Some(Err(SignInFault::PasswordExpired)));
    assert_eq!(desk.state.session(before).map(|session| session.user), Some(ANN));
    assert_eq!(desk.sign_in(ANN, 5).session, Some(Err(SignInFault::CodeSpent)), "its code is spent");
    assert_eq!(renew(&mut desk, 3), Some(Err(SignInFault::Credential)));
    assert!(matches!(renew(&mut desk, 2), Some(Ok(_))));
    assert_eq!(desk.state.session(before), None);
    assert!(matches!(desk.sign_in(ANN, 6).session, Some(Ok(_))), "and that was that");
    assert_eq!(desk.folded().hash(), desk.state.hash());
}
