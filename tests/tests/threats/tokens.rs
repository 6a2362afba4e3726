//! Threats 1 and 2: what was stolen or spent is shown again; it must assert no time.

use turret_shared::event::Event;
use turret_shared::event::setup::DeviceRevoked;
use turret_shared::ids::DeviceId;
use turret_shared::secret::{SecretText, SessionToken};
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame, SessionEnd};

use crate::wire;
use crate::wire::client::{Control, close_code, connect, now_s};
use crate::wire::desk::Desk;
use crate::wire::house::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_01_a_token_on_another_device_ends_its_session_and_locks_the_thief() {
    let desk = Desk::start();
    let (bob, kim) = (desk.person("bob.ray"), desk.person("kim.ito"));
    let (mut victim, signed_in) = Control::signed_in(&bob, desk.address).await;
    let (_thief, answer) = Control::resume(&kim, desk.address, signed_in.token.clone()).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
    let ended = victim.hear_news().await;
    assert!(matches!(ended, ServerFrame::SessionEnded { reason: SessionEnd::TokenMisused }), "{ended:?}");
    assert_eq!(victim.closed().await, CloseCode::Done);
    // The token is worth nothing any more, on its own device either.
    let (_own, answer) = Control::resume(&bob, desk.address, signed_in.token).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
    // The presenting device is locked: right factors fail like wrong ones.
    for step in [now_s() / 30 - 1, now_s() / 30] {
        let (mut control, _) = Control::hello(&kim, desk.address).await;
        let answer = control.factors(&kim.login, &kim.password, &kim.code_of(step)).await;
        assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
    }
    // Whoever runs the desk is told of both, by name.
    let (support, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    let (bobs, kims) = (support.story("bob.ray").await, support.story("kim.ito").await);
    assert!(bobs.iter().any(|word| word == "session_ended"), "{bobs:?}");
    assert!(kims.iter().any(|word| word == "device_locked"), "{kims:?}");
    // A token nobody has is the same as one that ended.
    let (_own, answer) = Control::resume(&bob, desk.address, SessionToken::new([9; 32])).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_01_a_revoked_device_has_no_way_back() {
    let house = House::open().await;
    let ann = house.person("ann.lee");
    let (mut control, signed_in) = Control::entered(&ann, house.address, house.clock.step()).await;
    house.fact(Event::DeviceRevoked(DeviceRevoked { device: DeviceId(1) })).await;
    let ended = control.hear_news().await;
    assert!(matches!(ended, ServerFrame::SessionEnded { reason: SessionEnd::DeviceRevoked }), "{ended:?}");
    assert_eq!(control.closed().await, CloseCode::DeviceRefused);
    // Its certificate is still good by its dates and its token by its hours; the row says no after the handshake, before a
    // byte of either is read.
    let refused = match connect(&ann, house.address).await {
        Ok(connection) => {
            if let Ok((mut send, _recv)) = connection.open_bi().await {
                let mut bytes = Vec::new();
                turret_shared::wire::put_frame(&ClientFrame::Resume { token: signed_in.token }, &mut bytes).unwrap();
                let _ = send.write_all(&bytes).await;
            }
            tokio::time::timeout(wire::PATIENCE, connection.closed()).await.expect("a close")
        }
        Err(error) => error,
    };
    assert_eq!(close_code(&refused), CloseCode::DeviceRefused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_02_a_code_works_once_however_many_race_with_it() {
    let desk = Desk::start();
    let ann = desk.person("ann.lee");
    let code = ann.code_of(now_s() / 30);
    let mut racers = Vec::new();
    for _ in 0..4 {
        let (ann, code, address) = (ann.clone(), code.clone(), desk.address);
        racers.push(tokio::spawn(async move {
            let (mut control, _) = Control::hello(&ann, address).await;
            let secret = |text: &str| SecretText::new(text.to_owned());
            control.say(&ClientFrame::Password { login: ann.login.clone(), password: secret(&ann.password) }).await;
            assert!(matches!(control.hear().await, ServerFrame::CodeWanted));
            control.say(&ClientFrame::Code { code: secret(&code) }).await;
            let won = matches!(control.hear().await, ServerFrame::SignedIn(_));
            (won, control)
        }));
    }
    let mut held = Vec::new();
    for racer in racers {
        held.push(racer.await.unwrap());
    }
    assert_eq!(held.iter().filter(|(won, _)| *won).count(), 1);
    // And never again, nor the one before it.
    for step in [now_s() / 30 - 1, now_s() / 30] {
        let spent = ann.code_of(step) == code || step < now_s() / 30;
        if spent {
            let (mut control, _) = Control::hello(&ann, desk.address).await;
            let answer = control.factors(&ann.login, &ann.password, &ann.code_of(step)).await;
            assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_02_an_older_code_after_a_newer_one_is_spent_at_the_door_and_in_a_session() {
    let house = House::open().await;
    let ann = house.person("ann.lee");
    let step = house.clock.step();
    let (_first, _) = Control::entered(&ann, house.address, step).await;
    for old in [step, step - 1] {
        let (mut again, _) = Control::hello(&ann, house.address).await;
        let answer = again.factors(&ann.login, &ann.password, &ann.code_of(old)).await;
        let ServerFrame::SignInFailed { retry_after_s, .. } = answer else { panic!("{answer:?}") };
        house.clock.advance_s(retry_after_s);
        assert_eq!(house.clock.step(), step, "they are still within their time");
    }
    house.clock.advance_s(30);
    let (mut control, _) = Control::entered(&ann, house.address, step + 1).await;
    let code = SecretText::new(ann.code_of(step));
    control.say(&ClientFrame::Proof { request: 7, pending: vec![turret_shared::ids::PendingId(1)], code }).await;
    let answer = control.outcome(7).await;
    assert!(!matches!(answer, Outcome::Proof(_)), "{answer:?}");
}
