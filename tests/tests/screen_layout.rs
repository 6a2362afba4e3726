//! The blotter as a person arranges it, columns moved, sorted by, taken back, kept and found again; and that every size draws.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::actions::Id;
use turret_client::app::kept::Kept;
use turret_client::app::layout::{Col, Layout};
use turret_client::app::{Effect, Model, Msg, update};
use turret_shared::order::Side;
use turret_shared::role::Role;
use turret_tests::station::{a_day, at, picture, press};

fn broker() -> Model {
    a_day(Role::Broker, (80, 24), true)
}

fn heads(model: &Model) -> String {
    picture(model).lines().nth(3).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn kept(effects: &[Effect]) -> Vec<String> {
    let line = |effect: &Effect| if let Effect::KeepLayout(line) = effect { Some(line.clone()) } else { None };
    effects.iter().filter_map(line).collect()
}

const USUAL: &str = "Time NY Status Side Qty Symbol Typ TIF Price Filled AvgPx Acct";

#[test]
fn a_column_is_moved_with_its_cells_and_taken_back() {
    let mut model = broker();
    assert_eq!(heads(&model), USUAL);
    // Symbol, two to the left.
    let effects = press(&mut model, "Right Right Right Right < <", 0);
    assert_eq!(heads(&model), "Time NY Status Symbol Side Qty Typ TIF Price Filled AvgPx Acct");
    let row = picture(&model).lines().nth(4).unwrap().to_owned();
    assert!(row.contains("PartFill AAPL   BUY      500 LMT DAY"), "{row}");
    assert_eq!(kept(&effects).len(), 2);
    let effects = press(&mut model, "u u u", 2_000);
    assert_eq!(heads(&model), USUAL);
    let last = kept(&effects).pop().unwrap();
    assert_eq!(last.lines().next(), Some(Layout::<Col>::default().encode().as_str()));
}

#[test]
fn a_list_is_sorted_by_the_column_at_hand_one_way_and_the_other() {
    let mut model = broker();
    press(&mut model, "Right Right Right o", 0);
    assert!(picture(&model).contains("sort Qty desc"));
    let quantities = |model: &Model| {
        let rows: Vec<i64> = picture(model)
            .lines()
            .skip(4)
            .take(10)
            .map(|line| line[26..33].trim().replace(',', "").parse().unwrap())
            .collect();
        rows
    };
    assert!(quantities(&model).is_sorted_by(|a, b| a >= b), "{:?}", quantities(&model));
    press(&mut model, "o", 1_000);
    assert!(picture(&model).contains("sort Qty asc"));
    assert!(quantities(&model).is_sorted());
    press(&mut model, "Right Right o", 2_000);
    assert!(picture(&model).contains("Nothing is sorted by Typ"));
}

#[test]
fn what_was_arranged_comes_back_with_the_next_sign_in() {
    let mut model = broker();
    let line = kept(&press(&mut model, "Right > o", 0)).pop().unwrap();
    let mut next = broker();
    update(&mut next, Msg::Kept(Box::new(Kept { layout: Some(line), ..Kept::default() })), at(0));
    assert_eq!(heads(&next), heads(&model));
    assert!(picture(&next).contains("sort Status desc"));
    for strange in ["", "blotter-9 columns=qty", "\u{1b}[2J"] {
        let mut next = broker();
        update(&mut next, Msg::Kept(Box::new(Kept { layout: Some(strange.into()), ..Kept::default() })), at(0));
        assert_eq!(heads(&next), USUAL, "{strange:?}");
    }
}

#[test]
fn tab_filter_and_colours_come_back_too_and_a_filter_is_not_kept_letter_by_letter() {
    let mut model = broker();
    assert_eq!(kept(&press(&mut model, "] / a a p l Space n e w", 0)).len(), 1, "the tab");
    let lines = kept(&press(&mut model, "Enter", 3_000));
    let view = lines.last().unwrap().lines().find(|line| line.starts_with("view-1")).unwrap();
    assert!(view.contains(" tab=working ") && view.ends_with(" filter aapl new"), "{view:?}");
    assert!(kept(&press(&mut model, "j k", 4_000)).is_empty(), "nothing is arranged by moving about");
    model.now = at(5_000);
    let line = kept(&update(&mut model, Msg::Do(Id::Theme), at(5_000))).pop().unwrap();
    let mut next = broker();
    update(&mut next, Msg::Kept(Box::new(Kept { layout: Some(line.clone()), ..Kept::default() })), at(0));
    let seen = picture(&next);
    assert!(seen.contains("Working  /aapl new"), "{seen}");
    assert_eq!(next.look.word(), "contrast, dark");
    assert!(kept(&press(&mut next, "j", 1_000)).is_empty(), "as it was kept");
    // A line of before has none of this.
    let before = line.lines().next().unwrap();
    update(&mut next, Msg::Kept(Box::new(Kept { layout: Some(before.into()), ..Kept::default() })), at(2_000));
    assert!(picture(&next).contains("Working+Today  sort"));
}

#[test]
fn keys_of_columns_do_nothing_elsewhere_and_say_so() {
    let mut model = broker();
    let effects = press(&mut model, "9 o", 0);
    assert!(kept(&effects).is_empty());
    assert!(picture(&model).contains("This list's columns stand as they are."));
}

#[test]
fn too_small_says_the_size_needed() {
    let model = a_day(Role::Broker, (72, 20), true);
    assert!(picture(&model).starts_with("Turret needs 80x24, this is 72x20."));
}

#[test]
fn every_size_and_look_draws() {
    for ascii in [true, false] {
        for size in [(80, 24), (81, 25), (100, 30), (119, 60), (120, 24), (120, 36), (160, 45), (199, 24), (300, 90)] {
            for keys in [
                "", "2", "2 +", "2 Tab +", "2 v", "2 v v +", "3", "4", "5", "8", "9", "+", "b", "Enter", "c", "? x",
                ": q",
            ] {
                let mut model = a_day(Role::Broker, size, ascii);
                press(&mut model, keys, 0);
                assert!(picture(&model).lines().count() == usize::from(size.1));
            }
        }
    }
    let mut model = a_day(Role::Broker, (80, 24), true);
    press(&mut model, "s", 0);
    assert!(picture(&model).contains(Side::Sell.word()));
}
