//! The forms for a new password as a person meets them: what they say, what they refuse, what they send; no server is used.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::effect::Request;
use turret_client::app::password::Focus;
use turret_client::app::{Effect, Model, Msg, Stage, update};
use turret_client::link::LinkError;
use turret_shared::ids::CorrelationId;
use turret_shared::password::PasswordFault;
use turret_shared::role::Role;
use turret_shared::wire::control::Outcome;
use turret_tests::station::{at, at_sign_in, demo_person, in_colour, picture, press, signed_in};

const OLD: &str = "the one there was";
const NEW: &str = "gravel pudding ostrich";

fn paste(model: &mut Model, text: &str) {
    update(model, Msg::Paste(text.into()), at(0));
}

/// Both factors typed and sent.
fn asked(size: (u16, u16)) -> Model {
    let mut model = at_sign_in(size, true);
    model.signin.password.wipe();
    model.signin.password.insert(OLD);
    model.signin.code.insert("123456");
    model.signin.focus = turret_client::app::signin::Focus::Code;
    let effects = press(&mut model, "Enter", 0);
    assert!(matches!(effects[..], [Effect::SignIn { .. }]), "{effects:?}");
    model
}

fn wanted(model: &mut Model, refused: Option<PasswordFault>) {
    let refused = refused.map(|fault| fault.sentence().to_owned());
    update(model, Msg::NewPasswordWanted { refused }, at(0));
}

/// Both fields of the form at a sign-in, whatever stood in them.
fn fill(model: &mut Model, new: &str, again: &str) {
    for (focus, text) in [(Focus::New, new), (Focus::Again, again)] {
        while model.signin.renewal.as_ref().unwrap().focus != focus {
            press(model, "Tab", 0);
        }
        press(model, "Ctrl-u", 0);
        paste(model, text);
    }
}

#[test]
fn a_sign_in_that_wants_a_new_password_shows_its_rules_and_every_plain_error() {
    let mut model = asked((80, 24));
    wanted(&mut model, None);
    let seen = picture(&model);
    for words in ["A NEW PASSWORD IS NEEDED", "12 to 128 characters", "New again", "Esc gives up"] {
        assert!(seen.contains(words), "{words}:\n{seen}");
    }
    assert_eq!(model.stage, Stage::SignIn);
    // Judged here by the server's own rules, before anything is sent.
    for (typed, again, words) in [
        ("short", "short", "too short: 12 characters"),
        ("Password1234", "Password1234", "one people try first"),
        ("ann.lee-2026!", "ann.lee-2026!", "one people try first"),
        (OLD, OLD, "the one you have"),
        (NEW, "gravel pudding ostrics", "The two are not the same"),
    ] {
        fill(&mut model, typed, again);
        let effects = press(&mut model, "Enter", 0);
        let seen = picture(&model);
        assert!(effects.is_empty() && seen.contains(words), "{typed}: {effects:?}\n{seen}");
        assert!(!seen.contains(typed) || typed == "short", "never shown");
    }
    fill(&mut model, NEW, NEW);
    let effects = press(&mut model, "Enter", 0);
    let [Effect::NewPassword { login, old, new }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((login.as_str(), old.expose(), new.expose()), ("ann.lee", OLD, NEW));
    assert!(press(&mut model, "Enter", 0).is_empty(), "asked once");
    // The server's no stands in the form, empty again; a lost link ends it.
    wanted(&mut model, Some(PasswordFault::Common));
    let seen = picture(&model);
    assert!(seen.contains("one people try first") && !seen.contains("**"), "{seen}");
    update(&mut model, Msg::LinkDown, at(0));
    assert!(model.signin.renewal.is_none());
    assert!(picture(&model).contains("sign in again"), "{}", picture(&model));
}

#[test]
fn who_gives_no_new_password_is_back_at_the_sign_in() {
    let mut model = asked((80, 24));
    wanted(&mut model, None);
    paste(&mut model, NEW);
    assert!(press(&mut model, "Esc", 0).is_empty());
    let seen = picture(&model);
    assert!(model.signin.renewal.is_none() && seen.contains("nobody is signed in"), "{seen}");
    assert!(seen.contains("Password") && !seen.contains("A NEW PASSWORD"), "{seen}");
}

/// The window within a session, filled in up to the code.
fn filled(model: &mut Model) -> Vec<Effect> {
    update(model, Msg::Do(turret_client::actions::Id::PasswordChange), at(0));
    for text in [OLD, NEW, NEW] {
        paste(model, text);
        press(model, "Enter", 0);
    }
    paste(model, "654321");
    press(model, "Enter", 0)
}

fn request_of(effects: &[Effect]) -> Request {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::ChangePassword { request, .. } => Some(*request),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{effects:?}"))
}

fn told(model: &mut Model, effects: &[Effect], outcome: Outcome) {
    let request = request_of(effects);
    let (request, correlation, outcome) = (request, CorrelationId(7), Box::new(outcome));
    update(model, Msg::Reply { request, correlation, outcome }, at(0));
}

#[test]
fn a_session_changes_its_password_and_hears_every_no_in_the_window() {
    let mut model = signed_in(Role::Broker, (80, 24), true);
    let effects = filled(&mut model);
    {
        let [Effect::ChangePassword { login, old, new, code, .. }] = &effects[..] else { panic!("{effects:?}") };
        let sent = (login.as_str(), old.expose(), new.expose(), code.expose());
        assert_eq!(sent, ("ann.lee", OLD, NEW, "654321"));
    }
    assert!(picture(&model).contains("asked ..."));
    assert!(press(&mut model, "Enter Esc", 0).is_empty() && picture(&model).contains("NEW PASSWORD"));
    told(&mut model, &effects, Outcome::ProofRefused { spent: true, next_code_s: 20 });
    assert!(picture(&model).contains("used before"), "{}", picture(&model));
    paste(&mut model, "654322");
    assert!(press(&mut model, "Enter", 0).is_empty(), "no other code can work yet");
    assert!(picture(&model).contains("can work in"), "{}", picture(&model));
    let effects = press(&mut model, "Enter", 25_000);
    told(&mut model, &effects, Outcome::ProofRefused { spent: false, next_code_s: 0 });
    assert!(picture(&model).contains("the old password or the code is wrong"), "{}", picture(&model));
    paste(&mut model, OLD);
    press(&mut model, "Enter Enter Enter", 25_000);
    paste(&mut model, "654323");
    let effects = press(&mut model, "Enter", 60_000);
    told(&mut model, &effects, Outcome::PasswordRefused(PasswordFault::Common));
    assert!(picture(&model).contains("one people try first"), "{}", picture(&model));
    for text in [NEW, NEW] {
        paste(&mut model, text);
        press(&mut model, "Enter", 60_000);
    }
    paste(&mut model, "654324");
    let effects = press(&mut model, "Enter", 90_000);
    told(&mut model, &effects, Outcome::PasswordChanged { cache: None });
    let seen = picture(&model);
    assert!(model.modals.is_empty() && seen.contains("Your password is changed"), "{seen}");
    assert!(model.flights.is_empty());
}

#[test]
fn a_demo_fills_in_the_password_there_is_and_nobody_else_s() {
    let mut model = signed_in(Role::Broker, (80, 24), true);
    model.demo.push(demo_person());
    press(&mut model, ": c h a n g e Enter F9", 0);
    let Some(turret_client::app::modal::Modal::Password(open)) = model.modals.last() else { panic!("the form") };
    assert_eq!(open.old.copy().expose(), demo_person().password.expose());
    assert!(open.focus == Focus::New && open.code.count() == 0, "{:?}", open.focus);
    let mut model = signed_in(Role::Broker, (80, 24), true);
    press(&mut model, ": c h a n g e Enter F9", 0);
    let Some(turret_client::app::modal::Modal::Password(open)) = model.modals.last() else { panic!("the form") };
    assert_eq!(open.old.count(), 0);
    assert!(!picture(&model).contains("demo fills"), "{}", picture(&model));
}

#[test]
fn a_lost_link_says_which_password_to_try() {
    let mut model = signed_in(Role::Customer, (80, 24), true);
    let effects = filled(&mut model);
    let why = LinkError::InDoubt.to_string();
    update(&mut model, Msg::NoReply { request: request_of(&effects), why, in_doubt: true }, at(0));
    let seen = picture(&model);
    assert!(seen.contains("The link was lost before the answer: at the next sign-in"), "{seen}");
}

#[test]
fn pictures_of_both_forms() {
    for size in [(80, 24), (120, 40), (200, 50)] {
        let mut model = asked(size);
        wanted(&mut model, None);
        paste(&mut model, "gravel");
        insta::assert_snapshot!(format!("at_sign_in_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("at_sign_in_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        let mut model = signed_in(Role::Broker, size, true);
        update(&mut model, Msg::Do(turret_client::actions::Id::PasswordChange), at(0));
        paste(&mut model, OLD);
        press(&mut model, "Enter", 0);
        insta::assert_snapshot!(format!("within_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("within_{}x{}_colour", size.0, size.1), in_colour(&mut model));
    }
}
