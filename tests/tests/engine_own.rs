//! What people do with their own sessions, keys and devices in the engine: nobody else's, and never the last way in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::{Factor, Input, KeyInput, SessionInput, Signed, Verdict, views};
use turret_shared::assertion::{Assertion, Purpose};
use turret_shared::command::Verb;
use turret_shared::denial::DenialCode;
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::session::{ProofFault, SignInFault};
use turret_shared::event::setup::{CredentialRevoked, DeviceRegistered, Policy, PolicySet};
use turret_shared::ids::{CorrelationId, CredentialId, DeviceId, SessionId};
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::order::Side;
use turret_shared::own::{Letting, Own, Thing};
use turret_shared::role::Role;
use turret_shared::wire::control::SessionEnd;
use turret_tests::floor::Desk;
use turret_tests::floor::desk::operator;
use turret_tests::floor::seed::{ANN, BOB, SAM, device_of, security_key};

const KEY: CredentialId = CredentialId(500);
const OTHER: DeviceId = DeviceId(60);

/// A desk on which Ann has a key and a second device.
fn desk() -> Desk {
    let mut desk = Desk::new();
    fact(&mut desk, Event::KeyRegistered(security_key(KEY, ANN)));
    let key = Digest([9; 32]);
    fact(&mut desk, Event::DeviceRegistered(DeviceRegistered { device: OTHER, user: ANN, key }));
    desk
}

fn fact(desk: &mut Desk, event: Event) {
    assert_eq!(desk.input(Input::Setup(operator(), Box::new(event))).fault, None);
}

fn does(desk: &mut Desk, own: Own) -> Verdict {
    desk.verb(ANN, Verb::Own(own))
}

/// Ann signs in with her key.
fn by_key(desk: &mut Desk) {
    let signed = Signed {
        purpose: Purpose::SignIn,
        nonce: Digest([6; 32]),
        channel: Digest([7; 32]),
        command: Digest([0; 32]),
        assertion: Assertion { auth_data: vec![8; 37], signature: vec![9; 70] },
        counter: 4,
    };
    let sign_in = SessionInput::SignIn {
        user: ANN,
        device: device_of(ANN).0,
        credential: KEY,
        factor: Factor::Signed(Box::new(signed)),
        password: 1,
        token: Digest([9; 32]),
        script: false,
        source: None,
        correlation: CorrelationId(1),
    };
    let session = desk.input(Input::Session(sign_in)).session.expect("judged").expect("let in");
    desk.goes_on(ANN, session);
}

fn denied(verdict: &Verdict) -> DenialCode {
    match verdict {
        Verdict::Denied(denial) => denial.code,
        other => panic!("denied, not {other:?}"),
    }
}

#[test]
fn a_session_of_one_s_own_ends_at_will_and_nobody_else_s() {
    let mut desk = desk();
    let (mine, bobs) = (desk.principal(ANN).session, desk.principal(BOB).session);
    for session in [bobs, SessionId(1 << 40)] {
        let verdict = does(&mut desk, Own::Let(Letting::Session(session)));
        assert_eq!(denied(&verdict), DenialCode::UnknownTarget, "another's is as unknown as none");
    }
    assert!(desk.state.session(bobs).is_some());
    assert!(matches!(does(&mut desk, Own::Let(Letting::Session(mine))), Verdict::Managed));
    assert!(matches!(&desk.events[..], [Event::SessionEnded(e)] if e.reason == SessionEnd::Elsewhere));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn a_key_is_given_up_with_a_fresh_code_unless_it_is_the_last_way_in() {
    let mut desk = desk();
    let asked = does(&mut desk, Own::Let(Letting::Key(KEY)));
    assert!(matches!(asked, Verdict::StepUp { .. }), "{asked:?}");
    assert!(desk.state.access().keys_of(ANN).next().is_some(), "asked for is not done");
    assert!(matches!(desk.proved(ANN, asked, 2), Verdict::Managed));
    assert!(desk.state.access().keys_of(ANN).next().is_none());

    // Whoever has nothing else signs in with it; the session opened by the code died with it.
    let mut desk = self::desk();
    fact(&mut desk, Event::CredentialRevoked(CredentialRevoked { credential: device_of(ANN).1 }));
    by_key(&mut desk);
    let verdict = does(&mut desk, Own::Let(Letting::Key(KEY)));
    assert_eq!(denied(&verdict), DenialCode::LastFactor);
}

#[test]
fn a_device_is_retired_from_another_only() {
    let mut desk = desk();
    let verdict = does(&mut desk, Own::Let(Letting::Device(device_of(ANN).0)));
    assert_eq!(denied(&verdict), DenialCode::DeviceInUse);
    let verdict = does(&mut desk, Own::Let(Letting::Device(device_of(BOB).0)));
    assert_eq!(denied(&verdict), DenialCode::UnknownTarget);
    let asked = does(&mut desk, Own::Let(Letting::Device(OTHER)));
    assert!(matches!(desk.proved(ANN, asked, 2), Verdict::Managed));
    assert!(desk.state.access().device(OTHER).is_some_and(|known| known.revoked));
}

#[test]
fn what_is_one_s_own_is_seen_with_when_it_was_used_and_no_more() {
    let mut desk = desk();
    let view = views::own(&desk.state, &desk.principal(ANN)).unwrap();
    assert_eq!(view.keys.iter().map(|key| (key.credential, key.last_used)).collect::<Vec<_>>(), [(KEY, None)]);
    let devices: Vec<_> = view.devices.iter().map(|row| row.device).collect();
    assert_eq!(devices, [device_of(ANN).0, OTHER]);
    assert!(view.sessions.iter().all(|row| row.user == ANN));
    assert_eq!((view.session, view.device), (desk.principal(ANN).session, device_of(ANN).0));
    // Without a commitment of the vault there is nothing the log could say.
    assert!(matches!(does(&mut desk, Own::Name(Thing::Key(KEY), String::new())), Verdict::Managed));
    assert_eq!(views::label(&desk.state, Thing::Key(KEY)), None);
    let verdict = does(&mut desk, Own::Name(Thing::Device(device_of(BOB).0), "mine".into()));
    assert_eq!(denied(&verdict), DenialCode::UnknownTarget);
}

#[test]
fn where_a_role_takes_a_key_a_code_registers_one_and_does_nothing_else() {
    let mut desk = Desk::new();
    let wanted = PolicySet { policy: Policy::SecurityKey, role: Role::Broker, value: Some(1) };
    fact(&mut desk, Event::PolicySet(wanted));
    let order = desk.limit(Side::Buy, 1, 18_900);
    let verdict = desk.verb(ANN, Verb::OrderNew(order));
    assert_eq!(denied(&verdict), DenialCode::KeyWanted, "at once, in a session that is live");
    let own = desk.principal(ANN).session;
    for _ in 0..6 {
        let order = desk.limit(Side::Buy, 1, 18_900);
        desk.verb(ANN, Verb::OrderNew(order));
    }
    assert!(desk.state.session(own).is_some(), "who must register a key first is no prober");
    let key = KeyInput {
        principal: desk.principal(ANN),
        correlation: CorrelationId(2),
        credential: device_of(ANN).1,
        step: Ok(900),
        new: Box::new(security_key(KEY, ANN)),
    };
    let registered = desk.input(Input::Key(key)).verdict;
    assert_eq!(registered, Some(Verdict::KeyRegistered(KEY)));
    // From now on a code opens no session at all, and proves nothing in the one the key opened.
    let by_code = desk.sign_in(ANN, 901).session;
    assert_eq!(by_code, Some(Err(SignInFault::KeyWanted)));
    by_key(&mut desk);
    let order = desk.limit(Side::Buy, 600, 19_000);
    let asked = desk.verb(ANN, Verb::OrderNew(order));
    let Verdict::StepUp { reason, .. } = &asked else { panic!("a signature is asked for: {asked:?}") };
    assert!(reason.contains("a code will not do"), "{reason}");
    desk.proved(ANN, asked, 902);
    assert!(matches!(&desk.events[..], [Event::ProofFailed(e)] if e.fault == ProofFault::KeyWanted));
    let order = desk.limit(Side::Buy, 1, 18_900);
    let small = desk.verb(ANN, Verb::OrderNew(order));
    assert!(matches!(small, Verdict::Order { .. }), "{small:?}");
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn a_policy_takes_what_is_a_figure_of_its_kind_and_of_whom_it_can_be_said() {
    for (policy, role, value, fits) in [
        (Policy::SecurityKey, Role::Admin, Some(1), true),
        (Policy::SecurityKey, Role::Admin, Some(2), false),
        (Policy::StepUpNotional, Role::Admin, Some(1), false),
        (Policy::StepUpNotional, Role::Broker, Some(-1), false),
    ] {
        let mut desk = Desk::new();
        let act = Act::SetPolicy { policy, role, value };
        let verdict = desk.verb(SAM, Verb::Manage(Manage { act, why: Why::Duties }));
        assert_eq!(matches!(verdict, Verdict::StepUp { .. }), fits, "{policy:?} {role} {value:?}: {verdict:?}");
    }
}
