//! Denied attempts as who reviews them works with them, at three sizes, and what is sent; no server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::{Effect, Model, Msg, Screen, update};
use turret_shared::attempt::{AttemptKind, AttemptView, Review, ReviewEnd, ReviewedView};
use turret_shared::command::{Command, Verb};
use turret_shared::ids::{CorrelationId, DeviceId, Sequence, UserId};
use turret_shared::role::Role;
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::station::{at, in_colour, picture, press, signed_in};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

fn attempts(now: Timestamp) -> Vec<AttemptView> {
    let row = |first: u64, kind, login: &str, device: Option<u32>, count, reason: &str| AttemptView {
        first: Sequence(first),
        last: Sequence(first + u64::from(count) - 1),
        kind,
        user: (!login.is_empty()).then_some(UserId(4)),
        login: login.into(),
        device: device.map(DeviceId),
        reason: reason.into(),
        count,
        since: now.after_ns(-600 * NS_PER_S),
        time: now.after_ns(-i64::from(count) * NS_PER_S),
        correlation: CorrelationId(0x7F3A_19C2_0B1D + first),
        review: true,
        reviewed: None,
    };
    let said = ReviewedView { by: UserId(9), login: "mia.ortiz".into(), time: now, end: ReviewEnd::Followed };
    vec![
        row(48_300, AttemptKind::Access, "bob.ray", Some(12), 4, "unknown_order"),
        row(48_210, AttemptKind::Handshake, "", None, 61, "refused"),
        row(48_100, AttemptKind::Enrolment, "joe.doe", None, 2, "expired"),
        AttemptView { review: false, ..row(48_050, AttemptKind::Manage, "sam.wood", Some(3), 1, "unknown_target") },
        AttemptView { reviewed: Some(said), ..row(47_000, AttemptKind::Input, "", Some(7), 9, "queries") },
    ]
}

/// Somebody before the screen, all of it answered.
fn before(role: Role, size: (u16, u16)) -> Model {
    let mut model = signed_in(role, size, true);
    for effect in press(&mut model, "F7", 100) {
        let Effect::Ask { request, ask: Ask::Attempts } = effect else { continue };
        let body = Box::new(AnswerBody::Attempts(attempts(at(200).wall)));
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
fn the_queue_is_seen_whole_and_found_by_what_is_typed() {
    for size in SIZES {
        let mut model = before(Role::Support, size);
        insta::assert_snapshot!(format!("denied_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("denied_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        press(&mut model, "/ h a n d Enter", 1_000);
        let seen = picture(&model);
        assert!(seen.contains("a stranger") && !seen.contains("bob.ray"), "{seen}");
    }
}

#[test]
fn a_row_is_reviewed_as_it_was_seen_with_a_word_from_the_list() {
    for size in SIZES {
        let mut model = before(Role::Admin, size);
        press(&mut model, "Down r Down Down", 1_000);
        insta::assert_snapshot!(format!("review_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("review_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        let review = Review { first: Sequence(48_210), last: Sequence(48_270), end: ReviewEnd::Followed };
        assert_eq!(sent(&press(&mut model, "y", 10_000)), Some(Verb::Review(review)));
    }
}

#[test]
fn one_s_own_and_what_is_over_are_not_reviewed_and_enter_opens_the_entry() {
    let mut model = before(Role::Admin, (120, 40));
    press(&mut model, "End r", 1_000);
    assert!(picture(&model).contains("mia.ortiz reviewed it"), "{}", picture(&model));
    press(&mut model, "Up r", 2_000);
    assert!(picture(&model).contains("somebody else reviews it"), "{}", picture(&model));
    press(&mut model, "Home Enter", 3_000);
    assert_eq!(model.screen, Screen::Audit);
    assert!(model.audit.words.text().contains("7F3A-"), "{}", model.audit.words.text());
    for role in [Role::Broker, Role::Supervisor, Role::Customer] {
        assert_ne!(before(role, (120, 40)).screen, Screen::Denied, "{role}");
    }
}
