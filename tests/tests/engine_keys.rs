//! Security keys in the engine: what a verified assertion is worth, once, for what, and with which counter; no cryptography.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::{
    Decision, Factor, Input, KeyInput, NotProven, ProofInput, SessionInput, SetupFault, Signed, Verdict,
};
use turret_shared::assertion::{Assertion, AssertionFault, Purpose};
use turret_shared::command::Verb;
use turret_shared::denial::DenialCode;
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::keys::KeyRegistered;
use turret_shared::event::session::{ProofFault, SignInFault};
use turret_shared::event::setup::{CredentialKind, CredentialRevoked};
use turret_shared::house::House;
use turret_shared::ids::{CorrelationId, CredentialId, PendingId, UserId};
use turret_shared::key_model::KeyModel;
use turret_shared::limits::KEYS_OF_ONE_MAX;
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::order::Side;
use turret_shared::role::Role;
use turret_tests::floor::Desk;
use turret_tests::floor::desk::operator;
use turret_tests::floor::seed::{ANN, BOB, KIM, SAM, device_of, security_key};

const KEY: CredentialId = CredentialId(500);

/// A desk on which Ann has a key.
fn desk() -> Desk {
    let mut desk = Desk::new();
    assert_eq!(put(&mut desk, security_key(KEY, ANN)).fault, None);
    desk
}

fn put(desk: &mut Desk, new: KeyRegistered) -> Decision {
    desk.input(Input::Setup(operator(), Box::new(Event::KeyRegistered(new))))
}

/// What waits, and the digest of its command.
fn sensitive(desk: &mut Desk, units: i64) -> (PendingId, Digest) {
    let order = desk.limit(Side::Buy, units, 19_000);
    let Verdict::StepUp { pending, .. } = desk.verb(ANN, Verb::OrderNew(order)) else { panic!("a proof is asked for") };
    let Some(Event::ProofAsked(asked)) = desk.events.last() else { panic!("asked") };
    (pending, asked.bytes.as_ref().expect("its bytes").digest())
}

fn signed(command: Digest, counter: u32) -> Signed {
    Signed {
        purpose: Purpose::Command,
        nonce: Digest([6; 32]),
        channel: Digest([7; 32]),
        command,
        assertion: Assertion { auth_data: vec![8; 37], signature: vec![9; 70] },
        counter,
    }
}

fn give(desk: &mut Desk, user: UserId, pending: Vec<PendingId>, given: Result<Signed, AssertionFault>) -> Verdict {
    let given = given.map(|signed| Factor::Signed(Box::new(signed))).map_err(NotProven::Key);
    let principal = desk.principal(user);
    let input = ProofInput { principal, correlation: CorrelationId(3), pending, credential: KEY, given };
    desk.input(Input::Proof(input)).verdict.expect("a proof is answered")
}

fn refused_for(desk: &Desk) -> Option<AssertionFault> {
    desk.events.iter().find_map(|event| match event {
        Event::ProofFailed(failed) if failed.fault == ProofFault::Assertion => failed.assertion,
        _ => None,
    })
}

#[test]
fn a_signature_lets_its_command_through_once_and_is_kept_as_evidence() {
    let mut desk = desk();
    let (pending, command) = sensitive(&mut desk, 600);
    let Verdict::Proof(verdicts) = give(&mut desk, ANN, vec![pending], Ok(signed(command, 4))) else { panic!("taken") };
    assert!(matches!(verdicts[..], [Verdict::Order { .. }]));
    let [Event::IntentSigned(evidence), Event::OrderNew(order)] = &desk.events[..] else { panic!("{:?}", desk.events) };
    assert_eq!((evidence.pending, evidence.user, evidence.counter), (Some(pending), ANN, 4));
    assert_eq!(order.proof, Some(pending));
    assert_eq!(order.terms.command, command, "what was signed is what was taken");
    let again = give(&mut desk, ANN, vec![pending], Ok(signed(command, 5)));
    assert!(matches!(&again, Verdict::Proof(verdicts) if matches!(verdicts[..], [Verdict::Denied(_)])), "{again:?}");
    assert_eq!(desk.state.key_counter(KEY), Some(4), "what was worth nothing moved nothing");
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn threat_23_a_signature_for_another_command_another_purpose_or_several_is_worth_nothing() {
    let mut desk = desk();
    let (first, command) = sensitive(&mut desk, 600);
    let (second, _) = sensitive(&mut desk, 700);
    give(&mut desk, ANN, vec![second], Ok(signed(command, 4)));
    assert_eq!(refused_for(&desk), Some(AssertionFault::Signature));
    for purpose in [Purpose::SignIn, Purpose::Approval, Purpose::Register] {
        give(&mut desk, ANN, vec![first], Ok(Signed { purpose, ..signed(command, 4) }));
        assert_eq!(refused_for(&desk), Some(AssertionFault::Signature));
    }
    give(&mut desk, ANN, vec![first, second], Ok(signed(command, 4)));
    assert!(matches!(&desk.events[..], [Event::ProofFailed(e)] if e.fault == ProofFault::NotPending));
    give(&mut desk, ANN, vec![first], Err(AssertionFault::NotVerified));
    assert_eq!(refused_for(&desk), Some(AssertionFault::NotVerified));
    desk.wait_ms(61_000);
    give(&mut desk, ANN, vec![first], Ok(signed(command, 4)));
    assert!(matches!(&desk.events[..], [Event::ProofFailed(e)] if e.fault == ProofFault::NotPending), "too late");
    assert_eq!(desk.routes.len(), 0);
}

#[test]
fn threat_03_a_counter_that_goes_back_suspends_the_key() {
    let mut desk = desk();
    let (pending, command) = sensitive(&mut desk, 600);
    assert!(matches!(
        give(&mut desk, ANN, vec![pending], Ok(signed(command, 3))),
        Verdict::ProofRefused { spent: false, .. }
    ));
    assert_eq!(refused_for(&desk), Some(AssertionFault::Counter));
    assert!(matches!(desk.events[1], Event::KeySuspended(e) if (e.kept, e.shown) == (3, 3)));
    assert!(desk.state.access().key(KEY, ANN).is_none(), "it counts no more");
    give(&mut desk, ANN, vec![pending], Ok(signed(command, 9)));
    assert!(matches!(&desk.events[..], [Event::ProofFailed(e)] if e.fault == ProofFault::Credential));
    assert!(matches!(desk.prove(ANN, vec![pending], Ok(2)), Verdict::Proof(_)), "a code still does");
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn a_key_that_never_counts_is_taken() {
    let mut desk = Desk::new();
    put(&mut desk, KeyRegistered { counter: 0, ..security_key(KEY, ANN) });
    for units in [600, 601] {
        let (pending, command) = sensitive(&mut desk, units);
        assert!(matches!(give(&mut desk, ANN, vec![pending], Ok(signed(command, 0))), Verdict::Proof(_)));
    }
}

#[test]
fn nobody_signs_with_a_key_that_is_not_theirs_or_was_taken_out() {
    let mut desk = desk();
    let (pending, command) = sensitive(&mut desk, 600);
    give(&mut desk, BOB, vec![pending], Ok(signed(command, 4)));
    assert!(matches!(&desk.events[..], [Event::ProofFailed(e)] if e.fault == ProofFault::Credential));
    let gone = Event::CredentialRevoked(CredentialRevoked { credential: KEY });
    desk.input(Input::Setup(operator(), Box::new(gone)));
    give(&mut desk, ANN, vec![pending], Ok(signed(command, 4)));
    assert!(matches!(&desk.events[..], [Event::ProofFailed(e)] if e.fault == ProofFault::Credential));
}

#[test]
fn a_key_lets_its_owner_in_and_a_code_is_no_key() {
    let mut desk = desk();
    let sign_in = |credential, factor| {
        Input::Session(SessionInput::SignIn {
            user: ANN,
            device: device_of(ANN).0,
            credential,
            factor,
            password: 1,
            token: Digest([9; 32]),
            script: false,
            source: None,
            correlation: CorrelationId(1),
        })
    };
    let with = |purpose, counter| Factor::Signed(Box::new(Signed { purpose, ..signed(Digest([0; 32]), counter) }));
    assert!(matches!(desk.input(sign_in(KEY, with(Purpose::SignIn, 4))).session, Some(Ok(_))));
    assert!(desk.events.iter().any(|e| matches!(e, Event::IntentSigned(e) if e.pending.is_none())));
    let fault = |desk: &mut Desk, credential, factor| match desk.input(sign_in(credential, factor)).session {
        Some(Err(fault)) => fault,
        other => panic!("{other:?}"),
    };
    assert_eq!(fault(&mut desk, KEY, with(Purpose::Command, 5)), SignInFault::Key, "made for an order");
    assert_eq!(fault(&mut desk, KEY, Factor::Step(9)), SignInFault::Credential);
    assert_eq!(fault(&mut desk, device_of(ANN).1, with(Purpose::SignIn, 5)), SignInFault::Credential);
    assert_eq!(fault(&mut desk, KEY, with(Purpose::SignIn, 4)), SignInFault::Key, "the same once more");
    assert_eq!(fault(&mut desk, KEY, with(Purpose::SignIn, 6)), SignInFault::Credential, "suspended by that");
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn a_key_is_registered_with_a_fresh_code_by_whom_it_is_for_and_never_twice() {
    let mut desk = Desk::new();
    let ask = |desk: &mut Desk, by, step, new: KeyRegistered| {
        let (principal, credential) = (desk.principal(by), device_of(by).1);
        let input = KeyInput { principal, correlation: CorrelationId(4), credential, step, new: Box::new(new) };
        desk.input(Input::Key(input)).verdict.expect("answered")
    };
    let code = |verdict: Verdict| match verdict {
        Verdict::Denied(denial) => denial.code,
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        ask(&mut desk, ANN, Err(ProofFault::Wrong), security_key(KEY, ANN)),
        Verdict::ProofRefused { .. }
    ));
    assert_eq!(ask(&mut desk, ANN, Ok(2), security_key(KEY, ANN)), Verdict::KeyRegistered(KEY));
    assert!(matches!(ask(&mut desk, ANN, Ok(2), security_key(KEY, ANN)), Verdict::ProofRefused { spent: true, .. }));
    assert_eq!(code(ask(&mut desk, SAM, Ok(2), security_key(CredentialId(501), ANN))), DenialCode::NotPermitted);
    let copy = KeyRegistered { credential: CredentialId(502), ..security_key(KEY, BOB) };
    assert_eq!(code(ask(&mut desk, BOB, Ok(2), copy.clone())), DenialCode::KeyKnown);
    assert_eq!(put(&mut desk, copy).fault, Some(SetupFault::Taken));
    assert_eq!(
        code(ask(&mut desk, ANN, Ok(3), KeyRegistered { id: vec![7], ..security_key(KEY, ANN) })),
        DenialCode::Busy
    );
    for more in 1..KEYS_OF_ONE_MAX {
        put(&mut desk, security_key(CredentialId(600 + u32::try_from(more).unwrap()), ANN));
    }
    assert_eq!(code(ask(&mut desk, ANN, Ok(4), security_key(CredentialId(700), ANN))), DenialCode::TooManyKeys);
    assert_eq!(desk.state.access().keys_of(ANN).count(), KEYS_OF_ONE_MAX);
    assert!(desk.state.access().counts(KEY, ANN, CredentialKind::SecurityKey));
}

#[test]
fn threat_23_what_is_signed_as_an_approval_is_no_command_and_what_is_signed_as_a_command_no_approval() {
    let mut desk = desk();
    assert_eq!(put(&mut desk, KeyRegistered { id: vec![5], ..security_key(CredentialId(501), KIM) }).fault, None);
    let approval = |counter, digest| Signed { purpose: Purpose::Approval, ..signed(digest, counter) };
    let (pending, command) = sensitive(&mut desk, 600);
    give(&mut desk, ANN, vec![pending], Ok(approval(4, command)));
    assert_eq!(refused_for(&desk), Some(AssertionFault::Signature));
    let act = Act::SetRole { user: BOB, role: Some(Role::Support) };
    let asked = desk.verb(SAM, Verb::Manage(Manage { act, why: Why::Duties }));
    let Verdict::ApprovalAsked { approval: request, .. } = desk.proved(SAM, asked, 2) else { panic!("it takes two") };
    let Verdict::StepUp { pending, .. } = desk.verb(KIM, Verb::Judge(desk.word(request, true))) else {
        panic!("a proof is asked for")
    };
    let Some(Event::ProofAsked(asked)) = desk.events.last() else { panic!("asked") };
    let command = asked.bytes.as_ref().expect("its bytes").digest();
    let theirs = |desk: &mut Desk, given| {
        let input = ProofInput {
            principal: desk.principal(KIM),
            correlation: CorrelationId(3),
            pending: vec![pending],
            credential: CredentialId(501),
            given: Ok(Factor::Signed(Box::new(given))),
        };
        desk.input(Input::Proof(input)).verdict.expect("answered")
    };
    theirs(&mut desk, signed(command, 4));
    assert_eq!(refused_for(&desk), Some(AssertionFault::Signature));
    let done = theirs(&mut desk, approval(4, command));
    assert!(matches!(&done, Verdict::Proof(verdicts) if verdicts[..] == [Verdict::Managed]), "{done:?}");
    assert!(desk.events.iter().any(|e| matches!(e, Event::IntentSigned(e) if e.purpose == Purpose::Approval)));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn where_the_house_names_models_of_keys_no_other_is_registered_and_none_named_takes_all() {
    let mut desk = Desk::new();
    let mut step = 1;
    let mut set = |desk: &mut Desk, model, allowed| {
        let act = Act::House(House::KeyModel { model: KeyModel(model), allowed });
        step += 1;
        desk.act(Manage { act, why: Why::Duties }, step)
    };
    let other = [7; 16];
    let own = security_key(KEY, ANN).aaguid;
    assert_eq!(set(&mut desk, other, true), Verdict::Managed, "an admin's and a supervisor's");
    assert!(matches!(set(&mut desk, other, true), Verdict::Denied(no) if no.code == DenialCode::NothingToDo));
    let mut code = 100;
    let mut register = |desk: &mut Desk| {
        let (principal, credential) = (desk.principal(ANN), device_of(ANN).1);
        code += 1;
        let (step, new) = (Ok(code), Box::new(security_key(KEY, ANN)));
        desk.input(Input::Key(KeyInput { principal, correlation: CorrelationId(4), credential, step, new })).verdict
    };
    assert!(matches!(register(&mut desk), Some(Verdict::Denied(no)) if no.code == DenialCode::KeyModel));
    assert_eq!(desk.state.access().keys_of(ANN).count(), 0);
    assert_eq!(set(&mut desk, own, true), Verdict::Managed);
    assert_eq!(register(&mut desk), Some(Verdict::KeyRegistered(KEY)));
    for model in [own, other] {
        assert_eq!(set(&mut desk, model, false), Verdict::Managed);
    }
    assert!(desk.state.access().takes_model(KeyModel([9; 16])), "none is named: every one may");
    assert!(desk.state.access().counts(KEY, ANN, CredentialKind::SecurityKey), "what is there counts on");
    assert_eq!(desk.folded().hash(), desk.state.hash());
}
