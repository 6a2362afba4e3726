//! Sign-in and sessions under attack: guesses, races, spent codes, stolen tokens, a killed server; it must assert no time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use turret_shared::command::{CancelAll, Verb};
use turret_shared::ids::{ClOrdId, CorrelationId};
use turret_shared::secret::{SecretText, SessionToken};
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame, SessionEnd};
use wire::client::{Control, command, now_s};
use wire::desk::{Desk, Person};

/// What one failed sign-in looks like on the wire, the id to quote aside.
async fn failure(person: &Person, desk: &Desk, login: &str, password: &str, code: &str) -> Vec<Vec<u8>> {
    let (mut control, _) = Control::hello(person, desk.address).await;
    let secret = |text: &str| SecretText::new(text.to_owned());
    control.say(&ClientFrame::Password { login: login.into(), password: secret(password) }).await;
    let first = control.try_hear_bytes().await.unwrap();
    control.say(&ClientFrame::Code { code: secret(code) }).await;
    let second = match control.hear().await {
        ServerFrame::SignInFailed { retry_after_s, .. } => {
            minicbor::to_vec(ServerFrame::SignInFailed { correlation: CorrelationId(0), retry_after_s }).unwrap()
        }
        other => panic!("{other:?}"),
    };
    vec![first, second]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_wrong_the_answer_is_the_same() {
    let desk = Desk::start();
    let people: Vec<Person> =
        ["ann.lee", "bob.ray", "kim.ito", "sam.wood", "mia.ortiz"].map(|login| desk.person(login)).into();
    let [ann, bob, kim, sam, mia] = people.as_slice() else { panic!("five people") };
    let (wrong, step) = ("not the password at all", now_s() / 30);
    // Each on a device of its own, for the delay grows with each failure of one.
    let seen = [
        failure(ann, &desk, "nobody.here", wrong, "000000").await,
        failure(bob, &desk, "bob.ray", wrong, &bob.code_of(step)).await,
        failure(kim, &desk, "ann.lee", &ann.password, &ann.code_of(step)).await,
        failure(sam, &desk, "sam.wood", &sam.password, "not a code").await,
        failure(mia, &desk, "", "", "").await,
    ];
    for one in &seen {
        assert_eq!(one, &seen[0]);
    }
    // Someone else's device cost its owner nothing.
    let (_, signed_in) = Control::signed_in(ann, desk.address).await;
    assert_eq!(signed_in.user.login, "ann.lee");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_works_once_however_many_race_with_it() {
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
async fn a_token_on_another_device_ends_its_session_and_locks_the_thief() {
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
    // A token nobody has is the same as one that ended.
    let (_own, answer) = Control::resume(&bob, desk.address, SessionToken::new([9; 32])).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
}

async fn still_trades(control: &mut Control, name: &str) {
    let cl_ord_id = ClOrdId::new(name).unwrap();
    let bytes = command(Verb::CancelAll(CancelAll { cl_ord_id, account: None })).to_bytes();
    let request = control.command_bytes(bytes).await;
    let outcome = control.outcome(request).await;
    assert!(matches!(outcome, Outcome::CancelAll { .. }), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_goes_on_after_a_lost_connection_and_a_killed_server() {
    let mut desk = Desk::start();
    let ann = desk.person("ann.lee");
    let (mut first, signed_in) = Control::signed_in(&ann, desk.address).await;
    still_trades(&mut first, "r1").await;
    // A second connection takes over while the first still stands.
    let (mut second, answer) = Control::resume(&ann, desk.address, signed_in.token.clone()).await;
    assert!(matches!(answer, ServerFrame::SignedIn(same) if same.session == signed_in.session));
    assert_eq!(first.closed().await, CloseCode::Resumed);
    still_trades(&mut second, "r2").await;
    desk.kill_and_restart();
    let (mut third, answer) = Control::resume(&ann, desk.address, signed_in.token.clone()).await;
    match answer {
        ServerFrame::SignedIn(same) => {
            assert_eq!(same.session, signed_in.session);
            assert!(same.idle_left_s <= signed_in.idle_left_s, "a restart gives no time");
            assert!(same.absolute_left_s <= signed_in.absolute_left_s);
        }
        other => panic!("{other:?}"),
    }
    still_trades(&mut third, "r3").await;
    // Signing out ends it for good, across restarts too.
    third.say(&ClientFrame::SignOut { locked: false }).await;
    let ended = third.hear_news().await;
    assert!(matches!(ended, ServerFrame::SessionEnded { reason: SessionEnd::SignedOut }), "{ended:?}");
    assert_eq!(third.closed().await, CloseCode::Done);
    desk.kill_and_restart();
    let (_fourth, answer) = Control::resume(&ann, desk.address, signed_in.token).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_sign_ins_at_once_are_all_answered() {
    let desk = Desk::start();
    let mia = desk.person("mia.ortiz");
    let mut tries = Vec::new();
    for n in 0..24 {
        let (mia, address) = (mia.clone(), desk.address);
        tries.push(tokio::spawn(async move {
            let (mut control, _) = Control::hello(&mia, address).await;
            let password = SecretText::new(format!("wrong password {n}"));
            control.say(&ClientFrame::Password { login: mia.login.clone(), password }).await;
            matches!(control.hear().await, ServerFrame::CodeWanted | ServerFrame::Busy { .. })
        }));
    }
    for one in tries {
        assert!(one.await.unwrap(), "answered");
    }
    // Passwords that were never followed by a code are no failures: the owner gets in.
    let (_, signed_in) = Control::signed_in(&mia, desk.address).await;
    assert_eq!(signed_in.user.login, "mia.ortiz");
}
