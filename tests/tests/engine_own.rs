//! What people do with their own sessions, keys and devices in the engine: nobody else's, and never the last way in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::{Factor, Input, SessionInput, Signed, Verdict, views};
use turret_shared::assertion::{Assertion, Purpose};
use turret_shared::command::Verb;
use turret_shared::denial::DenialCode;
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::setup::{CredentialRevoked, DeviceRegistered};
use turret_shared::ids::{CorrelationId, CredentialId, DeviceId, SessionId};
use turret_shared::own::{Letting, Own, Thing};
use turret_shared::wire::control::SessionEnd;
use turret_tests::floor::Desk;
use turret_tests::floor::desk::operator;
use turret_tests::floor::seed::{ANN, BOB, device_of, security_key};

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
