//! What must hold still while somebody works: a count that was read, a ladder scrolled away, an account, the end of a list.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::modal::Modal;
use turret_client::app::{Effect, Model, Msg, update};
use turret_shared::ids::{AccountId, EntitlementVersion, InstrumentId, Sequence};
use turret_shared::order::{ExecType, OrdStatus, Side};
use turret_shared::role::Role;
use turret_shared::wire::feed::{FeedItem, FeedMessage};
use turret_tests::station::{NOON, a_day, at, feed, in_status, order, picture, press, quote};

fn broker() -> Model {
    a_day(Role::Broker, (80, 24), true)
}

fn sent(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::Send { .. })).count()
}

#[test]
fn an_order_that_ends_while_the_count_is_typed_is_not_cancelled_and_the_count_is_asked_again() {
    let mut model = broker();
    let open: Vec<_> =
        model.orders.iter().filter(|(_, row)| row.status == OrdStatus::New).map(|(_, row)| row.id).collect();
    model.blotter.marks.extend(open.iter().copied());
    let count = open.len();
    press(&mut model, "C", 0);
    assert!(picture(&model).contains(&format!("Type {count} to cancel {count} orders")), "{}", picture(&model));
    press(&mut model, &count.to_string(), 1_000);
    let gone =
        in_status(order(open[0].sequence().0, 1, Side::Sell, 300, "189.55"), OrdStatus::Canceled, ExecType::Canceled);
    feed(&mut model, 48_300, vec![FeedItem::Order(Box::new(gone))]);
    let effects = press(&mut model, "Enter", 2_000);
    assert_eq!(sent(&effects), 0);
    let seen = picture(&model);
    let left = count - 1;
    assert!(seen.contains(&format!("1 order ended meanwhile: type {left}, then Enter")), "{seen}");
    let effects = press(&mut model, &format!("{left} Enter"), 3_000);
    assert_eq!(sent(&effects), left);
    assert!(model.modals.is_empty());
}

#[test]
fn what_marked_orders_are_worth_is_said_before_they_are_cancelled() {
    let mut model = broker();
    press(&mut model, "g Space C", 0);
    let seen = picture(&model);
    assert!(matches!(model.modals.last(), Some(Modal::CancelMarked(_))), "{seen}");
    assert!(seen.contains(" USD") && seen.contains("leaves BUY"), "{seen}");
}

#[test]
fn a_ladder_scrolled_away_from_the_touch_stays_until_it_is_centred() {
    let mut model = a_day(Role::Broker, (120, 40), true);
    press(&mut model, "2 Tab", 0);
    let before = model.quotes.centre.unwrap().1;
    press(&mut model, "PageDown PageDown PageDown", 1_000);
    let there = model.quotes.centre.unwrap().1;
    assert!(there < before, "it moved");
    let id = model.quotes.centre.unwrap().0;
    let view = quote(id.0, "189.40", "189.60", "189.49");
    update(&mut model, Msg::Quotes(vec![view]), at(2_000));
    assert_eq!(model.quotes.centre.unwrap().1, there, "a new picture leaves it");
    press(&mut model, ".", 3_000);
    let touch = model.quotes.centre.unwrap().1;
    assert!((touch - before).abs() < 100, "{before} {touch}");
    press(&mut model, "PageDown PageDown PageDown Tab j", 4_000);
    assert_ne!(model.quotes.centre.unwrap().0, id, "another listing begins at its touch");
}

#[test]
fn an_account_filled_in_for_the_first_letters_of_a_symbol_gives_way_to_the_one_used_for_the_symbol() {
    let mut model = broker();
    let mut letter = model.desk.instruments[&InstrumentId(1)].clone();
    (letter.id, letter.symbol) = (InstrumentId(77), "A".into());
    feed(&mut model, 48_300, vec![FeedItem::Instrument(Box::new(letter))]);
    let accounts: Vec<AccountId> = model.desk.accounts.keys().copied().collect();
    assert!(accounts.len() > 1, "{accounts:?}");
    model.last_account.insert(InstrumentId(77), accounts[1]);
    press(&mut model, "b Tab Ctrl-u A", 0);
    let filled_in = |model: &Model| {
        let ticket = model.ticket().unwrap();
        (ticket.symbol.text().to_owned(), ticket.account.text().to_owned())
    };
    assert_eq!(filled_in(&model), ("A".into(), model.desk.account_code(accounts[1]).to_owned()));
    press(&mut model, "A P L", 1_000);
    assert_eq!(filled_in(&model), ("AAPL".into(), String::new()), "nobody said which account for this one");
}

#[test]
fn who_comes_back_to_a_link_is_told_how_many_orders_changed() {
    for (changed, want) in [(0, "No order changed meanwhile."), (2, "2 orders changed meanwhile: marked +.")] {
        let mut model = broker();
        update(&mut model, Msg::LinkDown, at(0));
        update(&mut model, Msg::LinkUp { resumed: true }, at(8_000));
        let items = [order(3_380_000, 8, Side::Sell, 400, "418.20"), order(900_000, 1, Side::Sell, 300, "189.55")]
            .into_iter()
            .take(changed)
            .map(|mut view| {
                view.changed = NOON;
                FeedItem::Order(Box::new(view))
            });
        let message =
            FeedMessage { through: Sequence(48_300), items: items.collect(), rights: Some(EntitlementVersion(7)) };
        update(&mut model, Msg::Feed(Box::new(message)), at(8_100));
        let seen = picture(&model);
        assert!(seen.contains("BACK after") && seen.contains(want), "{seen}");
    }
}

#[test]
fn the_last_line_of_help_and_of_the_palette_can_be_read_on_the_smallest_screen() {
    let mut model = broker();
    press(&mut model, "?", 0);
    press(&mut model, &"PageDown ".repeat(20), 1_000);
    assert!(picture(&model).contains("flags"), "{}", picture(&model));
    press(&mut model, "Up", 2_000);
    assert!(picture(&model).contains("step-up"), "one key back is one line back: {}", picture(&model));
    press(&mut model, "Esc :", 3_000);
    press(&mut model, &"Down ".repeat(200), 4_000);
    let Some(Modal::Palette(open)) = model.modals.last() else { panic!("the palette") };
    let last = open.found[open.line].name;
    assert_eq!(open.line, open.found.len() - 1);
    assert!(picture(&model).contains(&format!("> {last}")), "{last}: {}", picture(&model));
}
