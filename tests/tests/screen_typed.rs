//! What is typed and pasted: it stays in sight, goes where text is taken, and is not lost by a question or a refusal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::modal::Modal;
use turret_client::app::{Effect, Model, Msg, update};
use turret_shared::denial::{Denial, DenialCode};
use turret_shared::ids::CorrelationId;
use turret_shared::order::Side;
use turret_shared::role::Role;
use turret_shared::time::NS_PER_S;
use turret_shared::wire::control::Outcome;
use turret_shared::wire::feed::FeedItem;
use turret_tests::station::{NOON, a_day, at, executed, feed, fill, order, picture, press};

fn broker() -> Model {
    a_day(Role::Broker, (80, 24), true)
}

fn paste(model: &mut Model, text: &str) {
    update(model, Msg::Paste(text.into()), at(900));
}

#[test]
fn pasted_text_lands_where_text_is_typed_and_is_said_to_be_dropped_elsewhere() {
    let mut model = broker();
    press(&mut model, "2 /", 0);
    paste(&mut model, "AM");
    assert_eq!(model.quotes.filter.text(), "AM");
    press(&mut model, "Esc w", 1_000);
    paste(&mut model, "TSLA");
    press(&mut model, "Enter", 2_000);
    assert!(model.quotes.own.contains("TSLA"), "{:?}", model.quotes.own);
    press(&mut model, ":", 3_000);
    paste(&mut model, "blotter");
    assert!(picture(&model).contains("> blotter"), "{}", picture(&model));
    press(&mut model, "Enter ?", 4_000);
    paste(&mut model, "collar");
    assert!(picture(&model).contains("price_collar"), "{}", picture(&model));
    press(&mut model, "Esc X", 6_000);
    paste(&mut model, "cancel");
    assert!(picture(&model).contains("Pasted text was dropped"), "{}", picture(&model));
    assert!(!press(&mut model, "Enter", 8_000).iter().any(|effect| matches!(effect, Effect::Send { .. })));
}

#[test]
fn a_person_typed_in_is_there_again_until_the_server_created_them() {
    let mut model = a_day(Role::Admin, (80, 24), true);
    let form = |model: &Model| match model.modals.last() {
        Some(Modal::NewPerson(open)) => (open.login.text().to_owned(), open.name.text().to_owned()),
        other => panic!("{other:?}"),
    };
    let typed = ("jo.doe".to_owned(), "Jo".to_owned());
    press(&mut model, "c j o . d o e Enter J o Enter Enter Enter", 0);
    assert!(matches!(model.modals.last(), Some(Modal::Manage(_))), "{}", picture(&model));
    press(&mut model, "Esc c", 4_000);
    assert_eq!(form(&model), typed, "the question was answered with no");
    let ask = |model: &mut Model, ms| {
        let effects = press(model, "Tab Tab Tab Enter y", ms);
        effects.iter().find_map(|e| if let Effect::Send { request, .. } = e { Some(*request) } else { None }).unwrap()
    };
    press(&mut model, "Esc", 5_000);
    press(&mut model, "c j o . d o e Enter J o Enter Enter Enter Esc c", 6_000);
    press(&mut model, "S-Tab S-Tab S-Tab", 9_500);
    let request = ask(&mut model, 10_000);
    let denial =
        Denial { code: DenialCode::NotPermitted, rules: Vec::new(), text: "not now".into(), passed: 0, until: None };
    let reply = |model: &mut Model, request, outcome| {
        let correlation = CorrelationId::default();
        update(model, Msg::Reply { request, correlation, outcome: Box::new(outcome) }, at(12_000));
    };
    reply(&mut model, request, Outcome::Denied(Box::new(denial)));
    press(&mut model, "c", 13_000);
    assert_eq!(form(&model), typed, "the server refused");
    press(&mut model, "S-Tab S-Tab S-Tab", 13_500);
    let request = ask(&mut model, 14_500);
    reply(&mut model, request, Outcome::Managed);
    press(&mut model, "c", 20_000);
    assert_eq!(form(&model), (String::new(), String::new()), "done with");
}

#[test]
fn the_cursor_stands_in_what_is_shown_of_a_long_text() {
    let mut model = broker();
    let long = "abcdefghij".repeat(4);
    press(&mut model, "/", 0);
    paste(&mut model, &long);
    let line = |model: &Model| picture(model).lines().nth(2).unwrap().to_owned();
    assert!(line(&model).contains(&format!("/{long}")), "{}", line(&model));

    let mut model = a_day(Role::Supervisor, (80, 24), true);
    press(&mut model, "6 /", 0);
    press(&mut model, "Ctrl-u", 300);
    let long: String = (0..8).map(|n| format!("word{n}--- ")).collect();
    paste(&mut model, long.trim());
    assert!(line(&model).contains("word7---]"), "{}", line(&model));
    press(&mut model, "Home", 1_000);
    assert!(line(&model).contains("[word0---") && line(&model).contains(">]"), "{}", line(&model));

    let mut model = broker();
    press(&mut model, "2 b Tab Tab Tab Tab Tab", 0);
    let note: String = (0..10).map(|n| format!("note{n} ")).collect();
    press(&mut model, "Tab", 500);
    paste(&mut model, note.trim());
    assert!(picture(&model).contains("note9 "), "{}", picture(&model));
    press(&mut model, "Home", 1_000);
    assert!(picture(&model).contains("[note0"), "{}", picture(&model));
}

#[test]
fn a_time_of_another_day_says_which() {
    let mut model = a_day(Role::Broker, (80, 24), true);
    let (week, year) = (7 * 86_400 * NS_PER_S, 400 * 86_400 * NS_PER_S);
    for (sequence, before, shown) in [(100, week, "03-05"), (101, year, "2025-02")] {
        let mut view = order(sequence, 13, Side::Sell, 900, "176.05");
        view.entered = NOON.after_ns(-before);
        view.changed = view.entered;
        let view = executed(view, 400, "176.05");
        feed(
            &mut model,
            48_300,
            vec![
                FeedItem::Order(Box::new(view.clone())),
                FeedItem::Fill(Box::new(fill(&view, sequence + 10, 400, "176.05"))),
            ],
        );
        update(&mut model, Msg::Go(view.order_id.to_string()), at(0));
        let row = picture(&model).lines().find(|line| line.starts_with('>')).unwrap().to_owned();
        assert!(row.contains(&format!(" {shown} ")), "{row}");
        press(&mut model, "Enter", 500);
        let seen = picture(&model);
        let dated = if before == week { "03-05 09:31:40.000" } else { "2025-02-05 09:31" };
        assert!(seen.matches(dated).count() >= 2, "Entered and Changed: {seen}");
        let listed = if before == week { "03-05 09:31 " } else { "2025-02-05 " };
        assert!(seen.lines().any(|line| line.contains(listed) && line.contains("400")), "the execution: {seen}");
        press(&mut model, "Esc", 1_000);
    }
    press(&mut model, "4 G", 2_000);
    let seen = picture(&model);
    assert!(seen.contains("03-05 09:31 ") && seen.contains("2025-02-05 "), "{seen}");
}
