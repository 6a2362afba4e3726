//! A file of acts as an admin has it before them, at three sizes and every stage, and what is sent; no server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::effect::Request;
use turret_client::app::{Effect, Model, Msg, update};
use turret_client::bulk::{BadLine, Line};
use turret_shared::bulk::{BulkRow, Table};
use turret_shared::command::{Command, Verb};
use turret_shared::denial::DenialCode;
use turret_shared::house::House;
use turret_shared::ids::InstrumentId;
use turret_shared::manage::Act;
use turret_shared::role::Role;
use turret_tests::station::{at, in_colour, picture, press, signed_in};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

/// The window over the house, a file typed in.
fn typed(size: (u16, u16)) -> Model {
    let mut model = signed_in(Role::Admin, size, true);
    press(&mut model, "4", 100);
    press(&mut model, "B", 200);
    for key in "restricted.csv".chars() {
        press(&mut model, &key.to_string(), 210);
    }
    model
}

/// Asks for the file, and is answered.
fn read(model: &mut Model, told: Result<Vec<Line>, Vec<BadLine>>) {
    let asked = press(model, "Enter", 300).into_iter().find_map(|effect| match effect {
        Effect::ReadTable { request, table, file } => Some((request, table, file)),
        _ => None,
    });
    let (request, table, file): (Request, _, _) = asked.expect("it is read");
    assert_eq!((table, file.to_str()), (Table::Restricted, Some("restricted.csv")));
    update(model, Msg::TableRead { request, told: Ok(told) }, at(400));
}

fn line(number: usize, instrument: u32, symbol: &str, restricted: bool, refused: Option<DenialCode>) -> Line {
    let word = |on| if on { "on it" } else { "not on it" };
    Line {
        line: number,
        act: Act::House(House::Restrict { instrument: InstrumentId(instrument), restricted }),
        row: BulkRow {
            whom: None,
            login: String::new(),
            what: format!("restricted list: {symbol}"),
            before: word(!restricted).to_owned(),
            after: word(restricted).to_owned(),
            refused,
            why: refused.map_or_else(String::new, |_| "it is so already".to_owned()),
            two: !restricted && refused.is_none(),
        },
    }
}

#[test]
fn the_window_is_seen_whole_at_every_stage() {
    for size in SIZES {
        let mut model = typed(size);
        let shot = |name: &str, model: &mut Model| {
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), picture(model));
            insta::assert_snapshot!(format!("{name}_{}x{}_colour", size.0, size.1), in_colour(model));
        };
        shot("bulk", &mut model);
        let bad = |line, why: &str| BadLine { line, why: why.to_owned() };
        read(&mut model, Err(vec![bad(2, "no listing NOSUCH"), bad(5, "restricted is yes or no")]));
        shot("bulk_bad", &mut model);
        let mut model = typed(size);
        read(
            &mut model,
            Ok(vec![
                line(2, 1, "AAPL", true, None),
                line(3, 2, "MSFT", false, Some(DenialCode::NothingToDo)),
                line(4, 9, "SIRI", false, None),
            ]),
        );
        shot("bulk_judged", &mut model);
    }
}

#[test]
fn a_row_that_changes_nothing_is_not_sent_and_a_first_look_is_not_a_yes() {
    let mut model = typed((120, 40));
    read(
        &mut model,
        Ok(vec![line(2, 1, "AAPL", true, None), line(3, 2, "MSFT", false, Some(DenialCode::NothingToDo))]),
    );
    let sent = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::Send { .. }));
    assert!(!sent(&press(&mut model, "y", 300)), "it had just appeared");
    let effects = press(&mut model, "y", 2_000);
    let bytes = effects.iter().find_map(|effect| match effect {
        Effect::Send { bytes, .. } => Some(bytes),
        _ => None,
    });
    let Verb::Bulk(bulk) = Command::from_bytes(bytes.expect("sent")).unwrap().verb else { panic!("{effects:?}") };
    assert_eq!(bulk.rows, [Act::House(House::Restrict { instrument: InstrumentId(1), restricted: true })]);
}

#[test]
fn a_row_that_stands_in_the_way_stops_the_whole_file() {
    let mut model = typed((80, 24));
    let refused = line(3, 2, "MSFT", true, Some(DenialCode::UnknownSymbol));
    read(&mut model, Ok(vec![line(2, 1, "AAPL", true, None), refused]));
    let effects = press(&mut model, "y", 2_000);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Send { .. })));
    assert!(picture(&model).contains("a row stands in the way"));
}
