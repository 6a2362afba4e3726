//! What must not go wrong where money moves: orders out of sight, windows about orders that are gone, figures cut short.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::effect::Request;
use turret_client::app::modal::Modal;
use turret_client::app::{Effect, Model, Msg, Screen, update};
use turret_shared::command::{Command, Verb};
use turret_shared::ids::{AccountId, CorrelationId, InstrumentId, OrderId, PendingId, Sequence, UserId};
use turret_shared::money::{Currency, Money, Price, Qty};
use turret_shared::order::{ExecType, OrdStatus, Side};
use turret_shared::role::Role;
use turret_shared::view::PositionView;
use turret_shared::wire::control::Outcome;
use turret_shared::wire::feed::FeedItem;
use turret_tests::station::{
    NOON, a_day, at, executed, feed, fill, in_status, names, order, picture, press, signed_in,
};

fn broker() -> Model {
    a_day(Role::Broker, (80, 24), true)
}

fn id(sequence: u64) -> OrderId {
    OrderId::new(Sequence(sequence), 0)
}

fn cancelled(effects: &[Effect]) -> Vec<OrderId> {
    let verb = |effect: &Effect| match effect {
        Effect::Send { bytes, .. } => Some(Command::from_bytes(bytes).expect("canonical").verb),
        _ => None,
    };
    let order = |verb| if let Verb::OrderCancel(cancel) = verb { Some(cancel.order) } else { None };
    effects.iter().filter_map(verb).filter_map(order).collect()
}

#[test]
fn a_filter_takes_the_cursor_along_and_space_marks_only_what_is_shown() {
    let mut model = broker();
    press(&mut model, "j", 0);
    assert_eq!(model.order_here(), Some(id(3_380_000)), "MSFT");
    press(&mut model, "/ a a p l Enter", 1_000);
    assert_eq!(model.order_here(), Some(id(3_400_000)), "the first row of what is shown");
    let effects = press(&mut model, "Space Space Space C 2 Enter", 4_000);
    assert_eq!(cancelled(&effects), [id(900_000), id(3_400_000)], "{}", picture(&model));
}

#[test]
fn an_order_that_left_the_view_is_neither_marked_nor_traded_from_nor_shown_beside_the_list() {
    let mut model = a_day(Role::Broker, (120, 40), true);
    press(&mut model, "]", 0);
    let gone = model.order_here().expect("the first of the working ones");
    let filled = executed(order(gone.sequence().0, 1, Side::Buy, 500, "189.46"), 500, "189.47");
    feed(&mut model, 48_300, vec![FeedItem::Order(Box::new(filled))]);
    assert_eq!(model.order_here(), None, "nobody chose another");
    press(&mut model, "Space v Down", 1_000);
    assert!(model.blotter.marks.is_empty() && model.blotter.range_from.is_none(), "{:?}", model.blotter.marks);
    assert!(model.order_here().is_some(), "a cursor key takes up where it stood");

    let mut model = a_day(Role::Broker, (120, 40), true);
    press(&mut model, "]", 0);
    feed(
        &mut model,
        48_300,
        vec![FeedItem::Order(Box::new(executed(order(gone.sequence().0, 1, Side::Buy, 500, "189.46"), 500, "189.47")))],
    );
    assert!(picture(&model).contains("No order under the cursor."), "{}", picture(&model));
    press(&mut model, "b", 1_000);
    assert!(model.ticket().expect("a ticket").symbol.is_empty(), "{}", picture(&model));
}

#[test]
fn a_window_about_an_order_that_is_no_longer_shown_closes() {
    let mut model = broker();
    press(&mut model, "c", 0);
    assert!(matches!(model.modals.last(), Some(Modal::Cancel(_))));
    feed(&mut model, 48_300, vec![FeedItem::Purge(AccountId(1001))]);
    assert!(model.modals.is_empty(), "{}", picture(&model));
    assert!(cancelled(&press(&mut model, "y", 1_000)).is_empty());
}

#[test]
fn while_the_orders_are_fetched_afresh_no_window_about_one_sends_and_one_that_ended_closes() {
    for keys in ["c", "a Up Enter Enter"] {
        let mut model = broker();
        press(&mut model, &format!("j {keys}"), 0);
        let side = |model: &Model| model.ticket().map(turret_client::app::ticket::Ticket::side);
        let before = side(&model);
        let mut items = vec![FeedItem::SnapshotBegin];
        items.extend(names());
        feed(&mut model, 48_300, items);
        let effects = press(&mut model, "y", 3_000);
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Send { .. })), "{keys}");
        assert!(picture(&model).contains("fetched afresh"), "{keys}: {}", picture(&model));
        assert_eq!(side(&model), before, "a sale stays one");
        let ended = in_status(order(3_380_000, 8, Side::Sell, 400, "418.20"), OrdStatus::Expired, ExecType::Expired);
        feed(&mut model, 48_301, vec![FeedItem::Order(Box::new(ended)), FeedItem::SnapshotEnd]);
        assert!(model.modals.is_empty(), "{keys}: {}", picture(&model));
        assert!(picture(&model).contains("O3380000 is Expired now"), "{keys}: {}", picture(&model));
    }
}

#[test]
fn marks_and_cursor_outlive_a_tab_changed_while_the_orders_are_fetched_afresh() {
    let mut model = broker();
    press(&mut model, "Space", 0);
    let (marks, cursor) = (model.blotter.marks.clone(), model.blotter.cursor);
    feed(&mut model, 48_300, vec![FeedItem::SnapshotBegin]);
    press(&mut model, "] [", 1_000);
    assert_eq!((&model.blotter.marks, model.blotter.cursor), (&marks, cursor));
}

#[test]
fn a_supervisor_hears_of_colleagues_orders_after_a_snapshot() {
    let mut model = signed_in(Role::Supervisor, (120, 40), true);
    let mut rejected = in_status(order(5, 4, Side::Buy, 75, "412.07"), OrdStatus::Rejected, ExecType::Rejected);
    rejected.owner = UserId(7);
    let mut items = vec![FeedItem::SnapshotBegin];
    items.extend(names());
    items.extend([FeedItem::Order(Box::new(rejected)), FeedItem::SnapshotEnd]);
    feed(&mut model, 9, items);
    assert_eq!((model.needing(), model.alerts.open()), (1, 1));
    press(&mut model, "] ] ] ]", 0);
    let seen = picture(&model);
    assert!(seen.contains("Needs me") && seen.contains(">! "), "{seen}");
}

#[test]
fn a_code_typed_for_one_order_never_proves_another_that_joined() {
    let mut model = broker();
    let request = |effects: &[Effect]| {
        effects.iter().find_map(|e| if let Effect::Send { request, .. } = e { Some(*request) } else { None }).unwrap()
    };
    let first = request(&press(&mut model, "2 b Up Enter 1 0 0 Enter Enter y", 0));
    let second = request(&press(&mut model, "b 5 0 0 Enter Enter y", 10_000));
    let ask = |model: &mut Model, request: Request, pending: u64, ms: u64| {
        let expires = NOON.after_ns(60_000_000_000);
        let outcome = Outcome::StepUp { pending: PendingId(pending), expires, reason: "notional".into(), sign: None };
        let correlation = CorrelationId::from_bits(pending);
        update(model, Msg::Reply { request, correlation, outcome: Box::new(outcome) }, at(ms));
    };
    ask(&mut model, first, 1, 20_000);
    press(&mut model, "1 2 3 4 5 6", 20_000);
    ask(&mut model, second, 2, 21_300);
    let proves = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::Prove { .. }));
    assert!(picture(&model).contains("Another request joined"), "{}", picture(&model));
    assert!(!proves(&press(&mut model, "Enter", 21_300)), "{}", picture(&model));
    assert!(proves(&press(&mut model, "6 5 4 3 2 1 Enter", 22_000)));
}

#[test]
fn an_average_above_a_thousand_is_a_figure() {
    for (average, short, long) in [
        ("1012.345678901", " 1,012.35 ", "1012.3457"),
        ("12012.345678901", " 12012.35 ", "12,012.35"),
        ("189.494285714", " 189.4943 ", "189.4943"),
    ] {
        let mut model = a_day(Role::Broker, (120, 40), true);
        let view = executed(order(3_500_000, 13, Side::Buy, 900, "9.00"), 900, average);
        let fill = fill(&view, 3_500_001, 900, "9.00");
        let fill = turret_shared::view::FillView { last_px: Price::parse(average).unwrap(), ..fill };
        feed(&mut model, 48_300, vec![FeedItem::Order(Box::new(view)), FeedItem::Fill(Box::new(fill))]);
        press(&mut model, "g", 0);
        let seen = picture(&model);
        let row = seen.lines().find(|line| line.starts_with('>')).unwrap();
        assert!(row.contains(short), "{row}");
        let below = seen.lines().skip_while(|line| !line.contains("Fills of the row")).nth(2).unwrap();
        assert!(below.contains(long), "{below}");
    }
}

#[test]
fn a_sum_is_told_whole_or_not_at_all() {
    let mut model = broker();
    let mut foreign = model.desk.instruments[&InstrumentId(13)].clone();
    (foreign.id, foreign.symbol, foreign.currency) = (InstrumentId(99), "7203".into(), Currency::parse("JPY").unwrap());
    let position = |instrument, realised| PositionView {
        account: AccountId(1001),
        instrument: InstrumentId(instrument),
        qty: Qty(900_000_000),
        avg_cost: None,
        realised: Money(realised),
        bought: Qty(0),
        sold: Qty(0),
        open_buy: Qty(0),
        open_sell: Qty(0),
    };
    let items = vec![FeedItem::Instrument(Box::new(foreign)), FeedItem::Position(position(99, -118_400_000))];
    feed(&mut model, 48_300, items);
    model.screen = Screen::Positions;
    press(&mut model, "/ a 1 0 0 1 Enter Right o", 0);
    let told = |model: &Model| picture(model).lines().nth(2).unwrap().to_owned();
    model.size = (200, 24);
    let whole = told(&model);
    assert!(whole.contains("realised -11,840.00 JPY") && whole.contains("1 without a mark, left out"), "{whole}");
    for width in 80..200 {
        model.size = (width, 24);
        let line = told(&model);
        let figures = line.split_whitespace().filter(|word| word.starts_with(['+', '-']));
        figures.for_each(|figure| assert!(whole.split_whitespace().any(|word| word == figure), "{line}"));
        let currencies = line.matches(" USD").count() + line.matches(" JPY").count();
        assert_eq!(currencies, line.matches("real").count(), "each with its currency: {line}");
        assert!(currencies == whole.matches("realised").count() || line.contains(" more"), "{line}");
        assert!(line.contains("1 unmarked") || line.contains("1 without a mark, left out"), "{line}");
    }
}
