//! Roles of the house's own as who runs the house composes them, gives them and retires them, at three sizes; no server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::effect::Request;
use turret_client::app::{Effect, Model, Msg, update};
use turret_shared::command::{Command, Verb};
use turret_shared::composed::Permissions;
use turret_shared::house::{House, HouseRow};
use turret_shared::ids::DeskId;
use turret_shared::manage::{Act, Manage};
use turret_shared::people::PersonView;
use turret_shared::role::{Permission, Role};
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::floor::seed::junior;
use turret_tests::station::{at, in_colour, person, picture, press, signed_in};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

fn house(people: u32) -> Vec<HouseRow> {
    vec![
        HouseRow::Desk { desk: DeskId(1), code: "EQ1".into(), people: 3, accounts: 2 },
        HouseRow::Role { role: junior(), people },
    ]
}

fn joe() -> PersonView {
    person(7, "joe.doe", Some(Role::Broker))
}

/// An admin whose questions are answered as they come.
fn admin(size: (u16, u16), people: u32) -> Model {
    let mut model = signed_in(Role::Admin, size, true);
    for (request, body) in [(1, AnswerBody::People(vec![joe()])), (2, AnswerBody::House(house(people)))] {
        update(&mut model, Msg::Answer { request: Request(request), body: Box::new(body) }, at(50));
    }
    model
}

fn looks_at(model: &mut Model, screen: &str, people: u32, ms: u64) {
    for effect in press(model, screen, ms) {
        let Effect::Ask { request, ask } = effect else { continue };
        let body = match ask {
            Ask::House => AnswerBody::House(house(people)),
            Ask::AccountCodes => AnswerBody::AccountCodes(Vec::new()),
            _ => continue,
        };
        update(model, Msg::Answer { request, body: Box::new(body) }, at(ms + 10));
    }
}

fn sent(effects: &[Effect]) -> Option<Act> {
    effects.iter().find_map(|effect| match effect {
        Effect::Send { bytes, .. } => match Command::from_bytes(bytes).unwrap().verb {
            Verb::Manage(Manage { act, .. }) => Some(act),
            other => panic!("{other:?}"),
        },
        _ => None,
    })
}

fn pictured(name: &str, size: (u16, u16), model: &mut Model) {
    insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), picture(model));
    insta::assert_snapshot!(format!("{name}_{}x{}_colour", size.0, size.1), in_colour(model));
}

#[test]
fn a_role_is_composed_by_taking_away_from_a_built_in_one() {
    for size in SIZES {
        let mut model = admin(size, 0);
        looks_at(&mut model, "4", 0, 100);
        press(&mut model, "Home e", 1_000);
        press(&mut model, "S E N I O R Enter", 1_100);
        assert!(picture(&model).contains("that is all a broker may"), "{}", picture(&model));
        press(&mut model, "Tab Right", 1_200);
        assert!(picture(&model).contains("supervisor"), "{}", picture(&model));
        press(&mut model, "Left Down Space Down Space", 1_300);
        pictured("compose", size, &mut model);
        press(&mut model, "Up Space BackTab BackTab BackTab", 1_400);
        press(&mut model, "Space", 1_450);
        assert!(picture(&model).contains("what is their own"), "{}", picture(&model));
        press(&mut model, "Enter", 1_500);
        pictured("compose_sure", size, &mut model);
        let permissions = Permissions::of(Role::Broker).without(Permission::OrderAmend);
        let code = "SENIOR".parse().unwrap();
        let act = Act::House(House::ComposeRole { code, base: Role::Broker, permissions });
        assert_eq!(sent(&press(&mut model, "y", 10_000)), Some(act));
    }
}

#[test]
fn a_role_there_is_is_changed_under_its_code_and_retired_once_nobody_has_it() {
    for size in SIZES {
        let mut model = admin(size, 2);
        looks_at(&mut model, "4", 2, 100);
        press(&mut model, "Home Down", 500);
        pictured("roles", size, &mut model);
        press(&mut model, "t", 1_000);
        assert!(picture(&model).contains("2 have the role JUNIOR"), "{}", picture(&model));
        press(&mut model, "e", 1_100);
        pictured("compose_known", size, &mut model);
        press(&mut model, "Space Enter", 1_200);
        let permissions = junior().permissions.with(Permission::OrderEnter);
        let act = Act::House(House::ComposeRole { code: junior().code, base: Role::Broker, permissions });
        assert_eq!(sent(&press(&mut model, "y", 10_000)), Some(act));
        let mut model = admin(size, 0);
        looks_at(&mut model, "4", 0, 100);
        press(&mut model, "Home Down t", 1_000);
        let act = Act::House(House::RetireRole { code: junior().code });
        assert_eq!(sent(&press(&mut model, "y", 10_000)), Some(act));
    }
}

#[test]
fn a_person_is_given_one_like_any_other_role() {
    let mut model = admin((80, 24), 0);
    looks_at(&mut model, "4", 0, 100);
    looks_at(&mut model, "1", 0, 200);
    press(&mut model, "Home r Left Left", 1_000);
    assert!(picture(&model).contains("broker -> JUNIOR"), "{}", picture(&model));
    let act = Act::SetComposedRole { user: joe().user, code: junior().code };
    assert_eq!(sent(&press(&mut model, "y", 10_000)), Some(act));
}
