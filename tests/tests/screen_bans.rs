//! Sources that are let in no more for a while, as who runs the server works with them, at three sizes, and what is sent.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::{Effect, Model, Msg, Screen, update};
use turret_shared::ban::{BanView, NewBan};
use turret_shared::command::{Command, Verb};
use turret_shared::ids::BanId;
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::role::Role;
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::station::{at, in_colour, picture, press, signed_in};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

fn bans(now: Timestamp) -> Vec<BanView> {
    let row = |ban, source: &str, why: &str, since_s: i64, left_s: i64, times, by: &str| BanView {
        ban: BanId(ban),
        source: source.into(),
        why: why.into(),
        since: now.after_ns(-since_s * NS_PER_S),
        until: now.after_ns(left_s * NS_PER_S),
        times,
        by: by.into(),
    };
    vec![
        row(1_876_223_411_200_001, "192.0.2.7", "refused", 540, 59, 1, ""),
        row(4_711, "2001:db8:4f2:1::", "suspicion", 60, 86_340, 3, "sam.wood"),
        row(1_876_223_411_200_044, "198.51.100.23", "source_budget", 1_300, 2_300, 4, ""),
    ]
}

/// Somebody before the screen, all of it answered.
fn before(role: Role, size: (u16, u16)) -> Model {
    let mut model = signed_in(role, size, true);
    for effect in press(&mut model, "F6", 100) {
        let Effect::Ask { request, ask: Ask::Bans } = effect else { continue };
        let body = Box::new(AnswerBody::Bans(bans(at(200).wall)));
        update(&mut model, Msg::Answer { request, body }, at(200));
    }
    press(&mut model, "Home", 250);
    model
}

fn sent(effects: &[Effect]) -> Option<Verb> {
    effects.iter().find_map(|effect| match effect {
        Effect::Send { bytes, .. } => Some(Command::from_bytes(bytes).unwrap().verb),
        _ => None,
    })
}

#[test]
fn bans_stand_beside_the_alerts_and_are_found_by_what_is_typed() {
    for size in SIZES {
        let mut model = before(Role::Admin, size);
        insta::assert_snapshot!(format!("bans_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("bans_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        press(&mut model, "/ s a m Enter", 1_000);
        let seen = picture(&model);
        assert!(seen.contains("2001:db8:4f2:1::") && !seen.contains("192.0.2.7"), "{seen}");
        press(&mut model, "9", 2_000);
        assert_eq!(model.screen, Screen::Alerts);
    }
}

#[test]
fn an_address_and_a_time_are_asked_about_before_anything_is_sent() {
    for size in SIZES {
        let mut model = before(Role::Admin, size);
        press(&mut model, "a d e s k Enter", 1_000);
        insta::assert_snapshot!(format!("ban_form_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("ban_form_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        press(&mut model, "Enter", 2_000);
        assert!(picture(&model).contains("address is needed"), "{}", picture(&model));
        press(&mut model, "Ctrl-u 1 9 2 . 0 . 2 . 9 Tab Ctrl-u 9 0 0 0 Enter", 3_000);
        assert!(picture(&model).contains("1 to 1440"), "{}", picture(&model));
        press(&mut model, "Ctrl-u 9 0 Enter", 4_000);
        insta::assert_snapshot!(format!("ban_asked_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("ban_asked_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        let new = NewBan { source: "192.0.2.9".into(), minutes: 90, why: Why::Suspicion };
        assert_eq!(sent(&press(&mut model, "y", 10_000)), Some(Verb::Ban(new)));
    }
}

#[test]
fn the_one_under_the_cursor_is_let_in_and_no_other() {
    let mut model = before(Role::Admin, (120, 40));
    press(&mut model, "Down u", 1_000);
    assert!(picture(&model).contains("LET IN 192.0.2.7"), "{}", picture(&model));
    let act = Act::LiftBan { ban: BanId(1_876_223_411_200_001) };
    let manage = Manage { act, why: Why::LostDevice };
    assert_eq!(sent(&press(&mut model, "Down y", 10_000)), Some(Verb::Manage(manage)));
}

#[test]
fn support_sees_them_and_lifts_none_and_a_broker_sees_none() {
    let mut model = before(Role::Support, (120, 40));
    assert!(picture(&model).contains("192.0.2.7"));
    press(&mut model, "u", 1_000);
    assert!(model.modals.is_empty() && picture(&model).contains("not for the role support"), "{}", picture(&model));
    let model = before(Role::Broker, (120, 40));
    assert_ne!(model.screen, Screen::Bans);
}
