//! Desks, accounts and listings as who runs the house works with them, at three sizes, and what is sent; no server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::effect::Request;
use turret_client::app::{Effect, Model, Msg, update};
use turret_shared::account::OrderCapacity;
use turret_shared::command::{Command, Verb};
use turret_shared::house::{House, HouseRow};
use turret_shared::ids::{AccountId, DeskId, InstrumentId};
use turret_shared::key_model::KeyModel;
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::money::{Currency, Money};
use turret_shared::person::AccountCode;
use turret_shared::role::Role;
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::station::{at, in_colour, picture, press, signed_in};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

fn house() -> Vec<HouseRow> {
    let desk =
        |id, code: &str, people, accounts| HouseRow::Desk { desk: DeskId(id), code: code.into(), people, accounts };
    let listing = |id, symbol: &str, name: &str, restricted| HouseRow::Listing {
        instrument: InstrumentId(id),
        symbol: symbol.into(),
        name: name.into(),
        currency: Currency::USD,
        restricted,
    };
    vec![
        desk(1, "EQ1", 3, 2),
        desk(2, "EQ2", 1, 1),
        listing(1, "AAPL", "Apple Inc", false),
        listing(9, "SIRI", "Sirius XM Holdings Inc", true),
    ]
}

fn accounts() -> Vec<AccountCode> {
    let code = |id: u32, code: &str, desk: &str| AccountCode {
        account: AccountId(id),
        code: code.into(),
        desk_code: desk.into(),
        currency: Currency::USD,
    };
    vec![code(1, "A1001", "EQ1"), code(2, "A1002", "EQ1"), code(3, "A2001", "EQ2")]
}

/// An admin before the screen, all of it answered.
fn admin(size: (u16, u16)) -> Model {
    let mut model = signed_in(Role::Admin, size, true);
    // People come first, with the desks they may be moved to.
    let body = Box::new(AnswerBody::House(house()));
    update(&mut model, Msg::Answer { request: Request(2), body }, at(50));
    for effect in press(&mut model, "4", 100) {
        let Effect::Ask { request, ask } = effect else { continue };
        let body = match ask {
            Ask::House => AnswerBody::House(house()),
            Ask::AccountCodes => AnswerBody::AccountCodes(accounts()),
            other => panic!("not asked here: {other:?}"),
        };
        update(&mut model, Msg::Answer { request, body: Box::new(body) }, at(200));
    }
    press(&mut model, "Home", 250);
    model
}

fn sent(effects: &[Effect]) -> Option<(House, Why)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Send { bytes, .. } => match Command::from_bytes(bytes).unwrap().verb {
            Verb::Manage(Manage { act: Act::House(act), why }) => Some((act, why)),
            other => panic!("{other:?}"),
        },
        _ => None,
    })
}

#[test]
fn the_house_is_seen_whole_and_found_by_what_is_typed() {
    for size in SIZES {
        let mut model = admin(size);
        insta::assert_snapshot!(format!("house_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("house_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        press(&mut model, "/ r e s t r i c t e d Enter", 1_000);
        let seen = picture(&model);
        assert!(seen.contains("SIRI") && !seen.contains("AAPL"), "{seen}");
    }
}

#[test]
fn a_desk_and_an_account_on_it_are_asked_about_before_anything_is_sent() {
    for size in SIZES {
        let mut model = admin(size);
        press(&mut model, "o E Q Space 3 Enter", 1_000);
        assert!(picture(&model).contains("a code is"), "{}", picture(&model));
        press(&mut model, "Ctrl-u E Q 3 Enter", 2_000);
        assert!(picture(&model).contains("OPEN DESK EQ3"), "{}", picture(&model));
        let code = "EQ3".parse().unwrap();
        assert_eq!(sent(&press(&mut model, "y", 10_000)), Some((House::OpenDesk { code }, Why::Duties)));

        press(&mut model, "a A 3 0 0 1 Tab Right", 20_000);
        insta::assert_snapshot!(format!("account_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("account_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        press(&mut model, "Enter", 21_000);
        insta::assert_snapshot!(format!("account_asked_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("account_asked_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        let (code, desk) = ("A3001".parse().unwrap(), DeskId(2));
        let act = House::OpenAccount { desk, code, currency: Currency::USD, capacity: OrderCapacity::Agency };
        assert_eq!(sent(&press(&mut model, "y", 30_000)), Some((act, Why::Duties)));
    }
}

#[test]
fn cash_is_the_account_s_under_the_cursor_and_the_list_the_listing_s() {
    let mut model = admin((120, 40));
    press(&mut model, "c", 1_000);
    assert!(picture(&model).contains("put the cursor on one"), "{}", picture(&model));
    press(&mut model, "Down Down c - 2 5 0 . 5 Enter", 2_000);
    assert!(picture(&model).contains("CASH 250.50 USD OUT OF A1001"), "{}", picture(&model));
    let act = House::MoveCash { account: AccountId(1), amount: Money(-2_505_000) };
    assert_eq!(sent(&press(&mut model, "y", 10_000)), Some((act, Why::Duties)));
    press(&mut model, "x", 20_000);
    assert!(picture(&model).contains("put the cursor on one"), "{}", picture(&model));
    press(&mut model, "End x", 21_000);
    assert!(picture(&model).contains("RESTRICT AAPL"), "{}", picture(&model));
    let act = House::Restrict { instrument: InstrumentId(1), restricted: true };
    assert_eq!(sent(&press(&mut model, "Down y", 30_000)), Some((act, Why::LostDevice)));
}

#[test]
fn models_of_keys_are_named_from_the_screen_and_the_last_one_named_no_more_says_what_follows() {
    let text = "ee882879-721c-4913-9775-3dfcce97072a";
    let named: KeyModel = text.parse().unwrap();
    for size in SIZES {
        let mut model = admin(size);
        press(&mut model, "n", 500);
        assert!(picture(&model).contains("Put the cursor on a model"), "{}", picture(&model));
        let typed: String = text.chars().map(|c| format!("{c} ")).collect();
        press(&mut model, "m a b c Enter", 1_000);
        assert!(picture(&model).contains("a model is thirty-two"), "{}", picture(&model));
        press(&mut model, &format!("Ctrl-u {}", typed.trim_end()), 2_000);
        insta::assert_snapshot!(format!("key_model_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("key_model_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        press(&mut model, "Enter", 10_000);
        assert!(picture(&model).contains(&format!("TAKE KEYS OF MODEL {text}")), "{}", picture(&model));
        let act = House::KeyModel { model: named, allowed: true };
        assert_eq!(sent(&press(&mut model, "y", 20_000)), Some((act, Why::Duties)));
        let mut rows = house();
        rows.push(HouseRow::KeyModel { model: named, keys: 1 });
        let body = Box::new(AnswerBody::House(rows));
        let asked = press(&mut model, "4", 30_000);
        let request = asked.iter().find_map(|effect| match effect {
            Effect::Ask { request, ask: Ask::House } => Some(*request),
            _ => None,
        });
        if let Some(request) = request {
            update(&mut model, Msg::Answer { request, body }, at(30_100));
        } else {
            model.house.rows.rows.push(HouseRow::KeyModel { model: named, keys: 1 });
        }
        press(&mut model, "Home Down Down", 31_000);
        insta::assert_snapshot!(format!("key_models_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("key_models_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        press(&mut model, "n", 32_000);
        assert!(picture(&model).contains("keys of every model may be"), "{}", picture(&model));
        let act = House::KeyModel { model: named, allowed: false };
        assert_eq!(sent(&press(&mut model, "y", 40_000)), Some((act, Why::Duties)));
    }
}

#[test]
fn enter_shows_what_the_log_has_of_the_row() {
    for (down, words) in [(0, "action=desk_opened"), (2, "account=A1001"), (6, "symbol=AAPL")] {
        let mut model = admin((120, 40));
        for step in 0..down {
            press(&mut model, "Down", 500 + step);
        }
        press(&mut model, "Enter", 1_000);
        assert!(picture(&model).contains(words), "{}", picture(&model));
    }
}
