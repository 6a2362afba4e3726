//! One order in full: averages fill by fill, its venue, every name it went by, and its story from before this sign-in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::effect::Request;
use turret_client::app::{Effect, Model, Msg, update};
use turret_shared::ids::{ClOrdId, CorrelationId, Sequence};
use turret_shared::role::Role;
use turret_shared::view::AuditView;
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::station::{NOON, a_day, at, in_colour, picture, press};

fn entry(sequence: u64, ms: i64, who: &str, action: &str, name: Option<&str>) -> AuditView {
    AuditView {
        sequence: Sequence(sequence),
        time: NOON.after_ns((ms - 280_000_000) * 1_000_000),
        who: who.into(),
        action: action.into(),
        object: String::new(),
        outcome: "ok".into(),
        reason: String::new(),
        detail: format!("{action} said so"),
        correlation: CorrelationId::default(),
        session: None,
        order_id: None,
        leaf: vec![0x5d; 32],
        cl_ord_id: name.map(|name| ClOrdId::new(name).unwrap()),
    }
}

fn asked(effects: &[Effect]) -> Option<Request> {
    effects.iter().find_map(|effect| match effect {
        Effect::Ask { request, ask: Ask::Story(_) } => Some(*request),
        _ => None,
    })
}

/// The order under the cursor opened, its story told.
fn opened(size: (u16, u16)) -> Model {
    let mut model = a_day(Role::Broker, size, true);
    let request = asked(&press(&mut model, "Enter", 0)).expect("opening it asks");
    let rows = vec![
        entry(3_400_100, 9_000, "venue", "replaced", None),
        entry(3_400_050, 5_000, "ann.lee", "amend", Some("T3400000-2")),
        entry(3_400_000, 0, "ann.lee", "order_new", Some("T3400000-1")),
    ];
    update(&mut model, Msg::Answer { request, body: Box::new(AnswerBody::Audit(rows)) }, at(400));
    model
}

#[test]
fn the_story_begins_with_the_first_entry_and_the_chain_names_every_request() {
    for size in [(80, 24), (120, 40), (200, 50)] {
        let mut model = opened(size);
        let seen = picture(&model);
        insta::assert_snapshot!(format!("order_story_{}x{}", size.0, size.1), seen);
        insta::assert_snapshot!(format!("order_story_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        if size.1 == 24 {
            // What there is no room for is one key away.
            press(&mut model, "Down Down", 1_000);
        }
        let seen = picture(&model);
        for words in ["Story of the row from its first entry", "order_new said so", "03-09 ", "T3400000-1  new"] {
            assert!(seen.contains(words), "{size:?} {words}: {seen}");
        }
        assert!(seen.contains("T3400000-2  replace") && seen.contains("XNAS"), "{seen}");
        assert!(seen.find("order_new said").unwrap() < seen.find("amend said").unwrap(), "oldest first: {seen}");
    }
}

#[test]
fn each_execution_says_the_average_after_it() {
    let model = opened((120, 40));
    let seen = picture(&model);
    // 200 at 189.49, then 150 at 189.50.
    assert!(seen.contains("189.4900 good") && seen.contains("189.4943 good"), "{seen}");
}

#[test]
fn another_order_has_another_story_and_a_late_one_is_dropped() {
    let mut model = a_day(Role::Broker, (120, 40), true);
    let request = asked(&press(&mut model, "Enter", 0)).expect("asked");
    assert!(asked(&press(&mut model, "Esc Enter", 500)).is_none(), "once while it is under way");
    press(&mut model, "Esc j", 2_000);
    let rows = vec![entry(3_400_000, 0, "ann.lee", "order_new", Some("T3400000-1"))];
    update(&mut model, Msg::Answer { request, body: Box::new(AnswerBody::Audit(rows)) }, at(3_000));
    assert!(model.detail.story.is_none() && !picture(&model).contains("order_new said so"));
}
