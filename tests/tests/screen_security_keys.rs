//! Security keys as a person meets them: one prompt that says what a touch means, a minute, and a sentence for whatever goes
//! wrong; no key and no server is used.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::effect::Request;
use turret_client::app::keying::Wait;
use turret_client::app::modal::Modal;
use turret_client::app::{Effect, Model, Msg, Stage, update};
use turret_client::keys::{Hand, KeyError, Said};
use turret_shared::digest::Digest;
use turret_shared::ids::{CorrelationId, CredentialId, PendingId};
use turret_shared::role::Role;
use turret_shared::wire::control::Outcome;
use turret_shared::wire::keys::{KeyName, SignAsked};
use turret_tests::station::{
    NOON, a_day, at, at_sign_in, demo_person, in_colour, picture, press, signed_in, signed_in_to_register,
};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];
/// AAPL at the far touch, reviewed and sent.
const BUY: &str = "2 b Up Enter 5 0 0 0 Enter Enter y";

fn check(name: &str, make: impl Fn((u16, u16)) -> Model) {
    for size in SIZES {
        let mut model = make(size);
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("{name}_{}x{}_colour", size.0, size.1), in_colour(&mut model));
    }
}

fn sent(effects: &[Effect]) -> Request {
    let request = effects.iter().find_map(|effect| match effect {
        Effect::Send { request, .. } => Some(*request),
        _ => None,
    });
    request.expect("something was sent")
}

fn step_up(pending: u64) -> Outcome {
    let keys = vec![KeyName { credential: CredentialId(9), id: vec![1; 16], suspended: false }];
    let sign = Some(Box::new(SignAsked { nonce: Digest([3; 32]), keys, text: None }));
    let reason = "notional 947450.00 USD over 50000.00 USD".into();
    Outcome::StepUp { pending: PendingId(pending), expires: NOON.after_ns(60_000_000_000), reason, sign }
}

fn reply(model: &mut Model, request: Request, outcome: Outcome, ms: u64) {
    let correlation = CorrelationId::from_bits(ms);
    update(model, Msg::Reply { request, correlation, outcome: Box::new(outcome) }, at(ms));
}

/// An order that waits for a proof a key may give.
fn waiting(size: (u16, u16)) -> Model {
    let mut model = a_day(Role::Broker, size, true);
    let order = sent(&press(&mut model, BUY, 0));
    reply(&mut model, order, step_up(7), 4_000);
    model
}

/// The same, the key asked.
fn asked(size: (u16, u16)) -> (Model, Request) {
    let mut model = waiting(size);
    let effects = press(&mut model, "F4", 6_000);
    let request = effects.iter().find_map(|effect| match effect {
        Effect::ProveByKey { request, pending: PendingId(7) } => Some(*request),
        _ => None,
    });
    (model, request.expect("the key is asked"))
}

fn says(model: &mut Model, request: Request, said: Said, ms: u64) {
    update(model, Msg::KeySaid { request, said }, at(ms));
}

/// At the door, the key asked.
fn at_the_door(size: (u16, u16)) -> (Model, Request) {
    let mut model = at_sign_in(size, true);
    press(&mut model, "h o r s e", 0);
    let effects = press(&mut model, "F4", 2_000);
    let request = effects.iter().find_map(|effect| match effect {
        Effect::SignInByKey { request, login, .. } if login == "ann.lee" => Some(*request),
        _ => None,
    });
    (model, request.expect("the key is asked"))
}

fn hand(effects: &[Effect]) -> Option<&Option<Hand>> {
    effects.iter().find_map(|effect| match effect {
        Effect::Key { hand, .. } => Some(hand),
        _ => None,
    })
}

#[test]
fn sign_in_by_key_is_one_prompt_at_every_size() {
    check("sign_in_pin", |size| {
        let (mut model, request) = at_the_door(size);
        says(&mut model, request, Said::Pin { tries: 8, wrong: false }, 3_000);
        press(&mut model, "1 3 5", 4_000);
        model
    });
    check("sign_in_simulated", |size| {
        let (mut model, request) = at_the_door(size);
        model.demo.push(demo_person());
        model.simulated_key = true;
        says(&mut model, request, Said::Touch, 9_000);
        model
    });
}

#[test]
fn a_touch_says_the_order_it_stands_for_at_every_size() {
    check("step_up_offered", waiting);
    check("step_up_touch", |size| {
        let (mut model, request) = asked(size);
        says(&mut model, request, Said::Touch, 16_000);
        model
    });
}

#[test]
fn a_new_key_takes_both_factors_at_every_size() {
    check("register", |size| {
        let mut model = a_day(Role::Broker, size, true);
        press(&mut model, ": r e g i s t e r Space k e y Enter h o r s e Tab 1 2 3", 0);
        model
    });
    check("register_touch", |size| {
        let mut model = a_day(Role::Broker, size, true);
        let effects = press(&mut model, ": r e g i s t e r Space k e y Enter h o r s e Tab 1 2 3 4 5 6 Enter", 0);
        let request = effects.iter().find_map(|effect| match effect {
            Effect::RegisterKey { request, .. } => Some(*request),
            _ => None,
        });
        says(&mut model, request.expect("asked"), Said::Touch, 9_000);
        model
    });
}

#[test]
fn the_sign_in_says_at_eighty_columns_that_a_key_can_be_used() {
    let seen = picture(&at_sign_in((80, 24), true));
    assert!(seen.contains("F4 security key"), "{seen}");
    let mut model = at_sign_in((80, 24), true);
    press(&mut model, "F4", 0);
    assert!(picture(&model).contains("The password is missing."), "{}", picture(&model));
    let (model, _) = at_the_door((80, 24));
    assert!(picture(&model).contains("Touch your key to sign in to turret.example/demo as ann.lee."));
}

#[test]
fn the_pin_goes_to_the_key_alone_and_is_shown_to_nobody() {
    let (mut model, request) = at_the_door((80, 24));
    assert!(hand(&press(&mut model, "1 2 3 4 Enter", 2_500)).is_none(), "no PIN is wanted yet");
    says(&mut model, request, Said::Pin { tries: 8, wrong: false }, 4_000);
    assert!(hand(&press(&mut model, "1 2 3 Enter", 5_000)).is_none(), "too short");
    assert!(picture(&model).contains("A PIN has 4 characters or more."), "{}", picture(&model));
    let effects = press(&mut model, "4 Enter", 7_000);
    assert!(matches!(hand(&effects), Some(Some(Hand::Pin(pin))) if pin.expose() == "1234"), "{effects:?}");
    assert!(!format!("{effects:?}{model:?}").contains("1234"));
    says(&mut model, request, Said::Pin { tries: 5, wrong: true }, 8_000);
    let seen = picture(&model);
    assert!(seen.contains("Wrong PIN: 5 tries before the key locks itself"), "{seen}");
    assert_eq!(model.keying.as_ref().unwrap().wait, Wait::Pin { tries: 5, wrong: true });
}

#[test]
fn whatever_goes_wrong_is_a_sentence_and_a_code_still_works() {
    for (error, words) in [
        (KeyError::None, "no security key is plugged in"),
        (KeyError::NotThisKey, "this security key is not registered for you here"),
        (KeyError::Unregistered, "no security key is registered for you here yet"),
        (KeyError::Suspended, "this security key is suspended"),
        (KeyError::NotTouched, "nobody touched the security key in time"),
        (KeyError::TriesKept(2), "2 tries of the PIN are left before the security key locks itself"),
        (KeyError::Blocked, "the security key has locked itself"),
    ] {
        let (mut model, request) = at_the_door((120, 40));
        update(&mut model, Msg::KeyFailed { request, error }, at(5_000));
        let seen = picture(&model);
        assert!(seen.contains(&format!("Nothing was signed: {words}")) && model.keying.is_none(), "{seen}");
        let effects = press(&mut model, "Tab 1 2 3 4 5 6 Enter", 6_000);
        assert!(effects.iter().any(|effect| matches!(effect, Effect::SignIn { .. })), "{error:?}: {effects:?}");

        let (mut model, request) = asked((120, 40));
        update(&mut model, Msg::KeyFailed { request, error }, at(7_000));
        assert!(model.keying.is_none() && !model.flights.contains_key(&request));
        let effects = press(&mut model, "1 2 3 4 5 6 Enter", 8_000);
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Prove { .. })), "{error:?}: {effects:?}");
    }
}

#[test]
fn esc_gives_up_and_what_comes_of_it_later_is_not_heard() {
    let (mut model, request) = asked((80, 24));
    let effects = press(&mut model, "Esc", 8_000);
    assert!(matches!(hand(&effects), Some(None)), "{effects:?}");
    assert!(matches!(model.modals.last(), Some(Modal::StepUp(open)) if open.asked.is_none()));
    says(&mut model, request, Said::Touch, 9_000);
    update(&mut model, Msg::KeyFailed { request, error: KeyError::GivenUp }, at(9_500));
    assert!(model.keying.is_none() && picture(&model).contains("A FRESH CODE IS NEEDED"));
    let (mut model, _) = asked((80, 24));
    let effects = press(&mut model, "F12", 8_000);
    assert!(matches!(hand(&effects), Some(None)) && model.stage == Stage::SignIn, "a lock gives it up: {effects:?}");
    assert_eq!(model.keying.as_ref().map(|open| open.request), None);
}

#[test]
fn one_touch_stands_for_one_order_and_the_others_wait_on() {
    let mut model = waiting((80, 24));
    // A second command joined the window.
    let request = model.next_request();
    let line = "CANCEL ALL".to_owned();
    model.flights.insert(request, turret_client::app::flight::Flight::Manage { line });
    reply(&mut model, request, step_up(8), 5_000);
    let effects = press(&mut model, "F4", 6_500);
    let proved: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::ProveByKey { pending, .. } => Some(*pending),
            _ => None,
        })
        .collect();
    assert_eq!(proved, [PendingId(7)]);
    assert_eq!(model.modals.len(), 2);
    let request = model.keying.as_ref().unwrap().request;
    update(&mut model, Msg::KeySigned(request), at(8_000));
    assert!(model.keying.is_none());
    reply(&mut model, request, Outcome::Proof(vec![Outcome::Managed]), 8_500);
    assert!(matches!(&model.modals[..], [Modal::StepUp(open)] if open.signable == [PendingId(8)]));
}

#[test]
fn a_lost_link_takes_back_what_was_to_be_signed_on_it() {
    let (mut model, _) = asked((80, 24));
    let effects = update(&mut model, Msg::LinkDown, at(8_000));
    assert!(matches!(hand(&effects), Some(None)), "{effects:?}");
    assert!(matches!(model.modals.last(), Some(Modal::StepUp(open)) if open.signable.is_empty()));
}

#[test]
fn whoever_came_with_a_code_where_a_key_is_wanted_is_told_what_to_do() {
    for size in [(80, 24), (120, 40)] {
        let mut model = signed_in(Role::Broker, size, true);
        assert!(!picture(&model).contains("takes a security key"));
        model = signed_in_to_register(Role::Broker, size, true);
        let seen = picture(&model);
        assert!(seen.contains("Your role takes a security key. Register one"), "{size:?}: {seen}");
    }
}
