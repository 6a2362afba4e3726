//! A new password over the wire: given within a session, or wanted at a sign-in; who is out afterwards, and what nobody learns.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use turret_shared::command::Verb;
use turret_shared::denial::DenialCode;
use turret_shared::ids::{PendingId, UserId};
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::password::PasswordFault;
use turret_shared::secret::SecretText;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame, SessionEnd, SignedIn};
use turret_shared::wire::query::{AnswerBody, Ask};
use wire::admin::Admin;
use wire::client::{Control, command};
use wire::desk::Person;
use wire::house::House;

const NEW: &str = "gravel pudding ostrich";
const NEWER: &str = "mouette rieuse 41 sur le toit";

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

/// A session of somebody at their workstation.
async fn entered(house: &House, person: &Person) -> (Control, SignedIn) {
    Control::entered_as(person, house.address, house.clock.step(), false).await
}

/// Somebody's password changed within their session, or what stands in the way.
async fn change(house: &House, control: &mut Control, person: &Person, old: &str, new: &str) -> Outcome {
    let code = secret(&person.code_of(house.clock.step()));
    let frame = ClientFrame::ChangePassword { request: 77, old: secret(old), new: secret(new), code };
    control.say(&frame).await;
    control.outcome(77).await
}

/// Both factors of now; the answer to the second.
async fn factors(house: &House, person: &Person, password: &str) -> (Control, ServerFrame) {
    let (mut control, _) = Control::hello(person, house.address).await;
    let answer = control.factors(&person.login, password, &person.code_of(house.clock.step())).await;
    (control, answer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_changed_by_the_old_one_and_a_code_and_the_other_sessions_are_out() {
    let house = House::open().await;
    let ann = house.person("ann.lee");
    let (mut other, _) = Control::entered(&ann, house.address, house.clock.step()).await;
    house.clock.advance_s(30);
    // A second session of the same device takes the first one's place.
    let (mut control, signed_in) = entered(&house, &ann).await;
    assert!(matches!(other.hear_news().await, ServerFrame::SessionEnded { reason: SessionEnd::Replaced }));

    // What will not do costs neither a code nor a try.
    house.clock.advance_s(30);
    for (new, fault) in [
        ("too short", PasswordFault::TooShort),
        ("Password1234", PasswordFault::Common),
        ("ann.lee-2026!", PasswordFault::Common),
        (ann.password.as_str(), PasswordFault::SameAsBefore),
    ] {
        let answer = change(&house, &mut control, &ann, &ann.password, new).await;
        assert!(matches!(answer, Outcome::PasswordRefused(found) if found == fault), "{new}: {answer:?}");
    }
    // A wrong old password is told like a wrong code, and waits like one.
    let wrong = change(&house, &mut control, &ann, "not the old one", NEW).await;
    assert!(matches!(wrong, Outcome::ProofRefused { spent: false, .. }), "{wrong:?}");
    house.clock.advance_s(1);
    let changed = change(&house, &mut control, &ann, &ann.password, NEW).await;
    let Outcome::PasswordChanged { cache: Some(grant) } = changed else { panic!("{changed:?}") };
    let before = signed_in.cache.expect("a grant");
    assert_eq!(grant.share.expose(), before.share.expose(), "the share that the cache is wrapped with already");

    // The session goes on; the old password is worth nothing, the new one everything.
    assert!(!control.ask(Ask::Accounts).await.is_empty());
    house.clock.advance_s(30);
    let (_, answer) = factors(&house, &ann, &ann.password).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
    house.clock.advance_s(30);
    let (_, answer) = factors(&house, &ann, NEW).await;
    assert!(matches!(answer, ServerFrame::SignedIn(_)), "{answer:?}");

    // It is in the log, and neither password is.
    let mia = house.person("mia.ortiz");
    let (support, _) = Control::entered(&mia, house.address, house.clock.step()).await;
    let story = support.story("ann.lee").await;
    for word in ["credential_activated", "proof_failed", "totp_spent"] {
        assert!(story.iter().any(|action| action == word), "{word} in {story:?}");
    }
    for file in house.files() {
        let bytes = std::fs::read(&file).unwrap();
        for canary in [NEW, ann.password.as_str()] {
            assert!(!bytes.windows(canary.len()).any(|part| part == canary.as_bytes()), "{file:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_changes_one_password_once_and_one_given_elsewhere_does_not() {
    let house = House::open().await;
    let (ann, bob) = (house.person("ann.lee"), house.person("bob.ray"));
    let (mut control, _) = entered(&house, &ann).await;
    // The sign-in's own code is spent.
    let spent = change(&house, &mut control, &ann, &ann.password, NEW).await;
    assert!(matches!(spent, Outcome::ProofRefused { spent: true, .. }), "{spent:?}");
    house.clock.advance_s(30);
    let other = secret(&bob.code_of(house.clock.step()));
    let frame = ClientFrame::ChangePassword { request: 5, old: secret(&ann.password), new: secret(NEW), code: other };
    control.say(&frame).await;
    let outcome = control.outcome(5).await;
    assert!(matches!(outcome, Outcome::ProofRefused { spent: false, .. }), "{outcome:?}");
    house.clock.advance_s(1);
    // What was stored on the way to a no is not what counts: the next one is.
    let changed = change(&house, &mut control, &ann, &ann.password, NEWER).await;
    assert!(matches!(changed, Outcome::PasswordChanged { .. }), "{changed:?}");
    let again = change(&house, &mut control, &ann, NEWER, NEW).await;
    assert!(matches!(again, Outcome::ProofRefused { spent: true, .. }), "{again:?}");
    house.clock.advance_s(30);
    let (_, answer) = factors(&house, &ann, NEW).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
    house.clock.advance_s(30);
    let (_, answer) = factors(&house, &ann, NEWER).await;
    assert!(matches!(answer, ServerFrame::SignedIn(_)), "{answer:?}");
}

async fn id_of(admin: &Control, login: &str) -> (UserId, bool) {
    let AnswerBody::People(people) = admin.ask(Ask::People).await.remove(0).body else { panic!("people") };
    let person = people.into_iter().find(|person| person.login == login).unwrap();
    (person.user, person.password_expired)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_must_give_a_new_password_can_do_nothing_before_it_is_given() {
    let house = House::open().await;
    let ann = house.person("ann.lee");
    let mut admin = Admin::sign_in(&house).await;
    house.clock.advance_s(30);
    let (user, expired) = id_of(&admin.control, "ann.lee").await;
    assert!(!expired);
    let done = admin.act(Act::RequirePassword { user }).await;
    assert!(matches!(done, Outcome::Managed), "{done:?}");
    // The replica follows a moment behind.
    while !id_of(&admin.control, "ann.lee").await.1 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }

    // Wrong factors tell nothing of it.
    let (_, answer) = factors(&house, &ann, "not the password").await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
    house.clock.advance_s(30);
    let (mut control, answer) = factors(&house, &ann, &ann.password).await;
    assert!(matches!(answer, ServerFrame::NewPasswordWanted { refused: None }), "{answer:?}");
    // Nothing of a session: no command, no stream, no way round by the token of nobody.
    let bytes = command(Verb::Manage(Manage { act: Act::LockUser { user, locked: true }, why: Why::Asked })).to_bytes();
    control.say(&ClientFrame::Command { request: 1, bytes }).await;
    let answer = control.hear().await;
    assert!(matches!(answer, ServerFrame::Error { .. }), "{answer:?}");
    control.closed().await;
    // The code it took is spent.
    let (_, answer) = factors(&house, &ann, &ann.password).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");

    house.clock.advance_s(30);
    let (mut control, answer) = factors(&house, &ann, &ann.password).await;
    assert!(matches!(answer, ServerFrame::NewPasswordWanted { refused: None }), "{answer:?}");
    for (new, fault) in [
        ("short", PasswordFault::TooShort),
        ("qwertyuiop12", PasswordFault::Common),
        (ann.password.as_str(), PasswordFault::SameAsBefore),
    ] {
        control.say(&ClientFrame::NewPassword { password: secret(new) }).await;
        let answer = control.hear().await;
        assert!(
            matches!(answer, ServerFrame::NewPasswordWanted { refused: Some(f) } if f == fault),
            "{new}: {answer:?}"
        );
    }
    control.say(&ClientFrame::NewPassword { password: secret(NEW) }).await;
    let answer = control.hear().await;
    let ServerFrame::SignedIn(signed_in) = answer else { panic!("{answer:?}") };
    assert_eq!(signed_in.user.user, user);
    assert!(!control.ask(Ask::Accounts).await.is_empty());
    assert!(!id_of(&admin.control, "ann.lee").await.1, "once");
    house.clock.advance_s(30);
    let (_, answer) = factors(&house, &ann, &ann.password).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
    house.clock.advance_s(30);
    let (_, answer) = factors(&house, &ann, NEW).await;
    assert!(matches!(answer, ServerFrame::SignedIn(_)), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_at_a_password_are_not_forgotten_for_a_code_that_proves_nothing() {
    let house = House::open().await;
    let ann = house.person("ann.lee");
    let (mut control, _) = entered(&house, &ann).await;
    house.clock.advance_s(30);
    let wrong = change(&house, &mut control, &ann, "not the old one", NEW).await;
    assert!(matches!(wrong, Outcome::ProofRefused { .. }), "{wrong:?}");
    house.clock.advance_s(1);
    // The right code for something that does not wait.
    let code = secret(&ann.code_of(house.clock.step()));
    control.say(&ClientFrame::Proof { request: 78, pending: vec![PendingId(77)], code }).await;
    let nothing = control.outcome(78).await;
    let Outcome::Proof(nothing) = nothing else { panic!("{nothing:?}") };
    assert!(matches!(&nothing[..], [Outcome::Denied(denial)] if denial.code == DenialCode::ProofFailed), "{nothing:?}");
    house.clock.advance_s(30);
    let wrong = change(&house, &mut control, &ann, "nor is this one", NEW).await;
    assert!(matches!(wrong, Outcome::ProofRefused { .. }), "{wrong:?}");
    let waits = change(&house, &mut control, &ann, "or this one", NEW).await;
    assert!(matches!(waits, Outcome::ProofRefused { next_code_s: 3, .. }), "the second in a row: {waits:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_gave_the_old_password_before_it_was_changed_does_not_come_in_with_a_code_after() {
    let house = House::open().await;
    let ann = house.person("ann.lee");
    let (mut control, _) = entered(&house, &ann).await;
    let (mut waiting, _) = Control::hello(&ann, house.address).await;
    let (login, password) = (ann.login.clone(), secret(&ann.password));
    waiting.say(&ClientFrame::Password { login, password }).await;
    assert!(matches!(waiting.hear_news().await, ServerFrame::CodeWanted));
    house.clock.advance_s(30);
    let changed = change(&house, &mut control, &ann, &ann.password, NEW).await;
    assert!(matches!(changed, Outcome::PasswordChanged { .. }), "{changed:?}");
    house.clock.advance_s(30);
    waiting.say(&ClientFrame::Code { code: secret(&ann.code_of(house.clock.step())) }).await;
    assert!(matches!(waiting.hear_news().await, ServerFrame::SignInFailed { .. }));
}
