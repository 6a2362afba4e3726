//! One's own sessions, keys and devices on the screen at three sizes: named, ended, given up, and what is sent; no server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::{Effect, Model, Msg, update};
use turret_shared::command::{Command, Verb};
use turret_shared::ids::{CredentialId, DeviceId, SessionId, UserId};
use turret_shared::own::{KeyView, Letting, Own, OwnChange, OwnView, Thing};
use turret_shared::people::{DeviceState, DeviceView, SessionView};
use turret_shared::role::Role;
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::wire::feed::FeedItem;
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::station::{NOON, at, feed, in_colour, picture, press, signed_in};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

const fn before(hours: i64) -> Timestamp {
    NOON.after_ns(-hours * 3_600 * NS_PER_S)
}

fn session(id: u64, device: u32, place: &str, script: bool, hours: i64) -> SessionView {
    SessionView {
        session: SessionId(id),
        user: UserId(1),
        login: "ann.lee".into(),
        role: Some(Role::Broker),
        device: DeviceId(device),
        script,
        since: before(hours),
        idle_s: None,
        place: place.into(),
        working: 3,
        round_trip_us: Some(400),
        version: "0.1.0".into(),
        composed: None,
    }
}

fn device(id: u32, name: &str, hours: i64) -> DeviceView {
    DeviceView {
        device: DeviceId(id),
        user: UserId(1),
        login: "ann.lee".into(),
        state: DeviceState::Active,
        sessions: 1,
        key: "9f2ce741".into(),
        locked_for: None,
        registered: before(900),
        last_in: Some(before(hours)),
        failures: 0,
        locked_since: None,
        locked_by: None,
        certificate_ends: None,
        place: String::new(),
        name: name.into(),
    }
}

fn view() -> OwnView {
    let key = |id, name: &str, used: Option<i64>, suspended| KeyView {
        credential: CredentialId(id),
        name: name.into(),
        since: Some(before(700)),
        last_used: used.map(before),
        suspended,
        model: "aa".repeat(16),
    };
    OwnView {
        sessions: vec![session(152, 3, "10.4.1.27", false, 2), session(311, 5, "10.4.9.3", true, 1)],
        keys: vec![key(7, "blue, on my ring", Some(2), false), key(9, "", None, true)],
        devices: vec![device(3, "desk by the window", 2), device(5, "", 1)],
        password: Some(before(2_000)),
        totp: None,
        session: SessionId(152),
        device: DeviceId(3),
    }
}

/// The window open, and answered.
fn open(size: (u16, u16)) -> Model {
    let mut model = signed_in(Role::Broker, size, true);
    let effects = press(&mut model, ": y o u r s Enter", 100);
    answer(&mut model, &effects);
    model
}

fn answer(model: &mut Model, effects: &[Effect]) {
    for effect in effects {
        let Effect::Ask { request, ask: Ask::Own } = effect else { continue };
        update(model, Msg::Answer { request: *request, body: Box::new(AnswerBody::Own(Box::new(view()))) }, at(200));
    }
}

fn sent(effects: &[Effect]) -> Option<Own> {
    effects.iter().find_map(|effect| match effect {
        Effect::Send { bytes, .. } => match Command::from_bytes(bytes).unwrap().verb {
            Verb::Own(own) => Some(own),
            other => panic!("{other:?}"),
        },
        _ => None,
    })
}

#[test]
fn what_is_one_s_own_is_seen_at_every_size_and_as_every_role() {
    for size in SIZES {
        let mut model = open(size);
        insta::assert_snapshot!(format!("own_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("own_{}x{}_colour", size.0, size.1), in_colour(&mut model));
    }
    for role in Role::ALL {
        let mut model = signed_in(role, (120, 40), true);
        let effects = press(&mut model, ": y o u r s Enter", 100);
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Ask { ask: Ask::Own, .. })), "{role}");
    }
}

#[test]
fn a_session_a_key_and_a_device_go_after_one_more_word() {
    let mut model = open((80, 24));
    // As in every list the letters move too.
    press(&mut model, "j j k x", 1_000);
    insta::assert_snapshot!("own_ends", picture(&model));
    assert_eq!(sent(&press(&mut model, "y", 1_010)), None, "too soon is no word");
    assert_eq!(sent(&press(&mut model, "Enter", 3_000)), None, "the way back is the default");
    press(&mut model, "x", 4_000);
    assert_eq!(sent(&press(&mut model, "y", 6_000)), Some(Own::Let(Letting::Session(SessionId(311)))));
    press(&mut model, "Down x", 7_000);
    assert_eq!(sent(&press(&mut model, "y", 9_000)), Some(Own::Let(Letting::Key(CredentialId(7)))));

    let mut model = open((80, 24));
    press(&mut model, "Down Down Down Down Down x", 1_000);
    assert_eq!(sent(&press(&mut model, "y", 3_000)), Some(Own::Let(Letting::Device(DeviceId(5)))));
    assert!(!picture(&model).contains("YOUR SESSIONS"), "room for the code that is asked for");
}

#[test]
fn a_key_is_named_and_a_name_that_deceives_is_not_taken() {
    let mut model = open((120, 40));
    press(&mut model, "n", 1_000);
    assert!(picture(&model).contains("A session has no name"), "{}", picture(&model));
    press(&mut model, "Down Down Down n s p a r e", 2_000);
    insta::assert_snapshot!("own_names", picture(&model));
    let name = Own::Name(Thing::Key(CredentialId(9)), "spare".into());
    assert_eq!(sent(&press(&mut model, "Enter", 3_000)), Some(name));
    press(&mut model, "Up n Ctrl-u Enter", 4_000);
    press(&mut model, "Esc", 5_000);
    press(&mut model, "Esc", 6_000);
    assert!(!picture(&model).contains("YOUR SESSIONS"));
}

#[test]
fn what_others_changed_stays_until_it_is_put_away() {
    let mut model = signed_in(Role::Broker, (120, 40), true);
    let change = OwnChange::KeyRegistered(CredentialId(12));
    feed(&mut model, 9, vec![FeedItem::Own(NOON, change)]);
    press(&mut model, "Down", 1_000);
    let seen = picture(&model);
    assert!(seen.contains("a security key was registered for you as number 12"), "{seen}");
    press(&mut model, "9", 2_000);
    assert!(picture(&model).contains("YOURS"), "{}", picture(&model));
}
