//! Executions, positions, accounts and quotes as a person works in them: filtered, sorted, arranged, traded from, kept.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::kept::Kept;
use turret_client::app::key::Mouse;
use turret_client::app::{Effect, Model, Msg, Screen, update};
use turret_shared::ids::{AccountId, InstrumentId};
use turret_shared::money::{Money, Price, Qty};
use turret_shared::order::Side;
use turret_shared::role::Role;
use turret_shared::view::{PositionView, TradingState};
use turret_shared::wire::feed::FeedItem;
use turret_tests::station::{NOON, a_day, at, executed, feed, fill, in_colour, order, picture, press, quote};

fn position(account: u32, instrument: u32, units: i64, realised: i64) -> PositionView {
    PositionView {
        account: AccountId(account),
        instrument: InstrumentId(instrument),
        qty: Qty(units * 1_000_000),
        avg_cost: Price::parse("100.00").ok(),
        realised: Money(realised * 10_000),
        bought: Qty(0),
        sold: Qty(0),
        open_buy: Qty(0),
        open_sell: Qty(0),
    }
}

/// A day with four positions and five executions.
fn desk(size: (u16, u16)) -> Model {
    let mut model = a_day(Role::Broker, size, true);
    let sold = executed(order(3_500_000, 13, Side::Sell, 900, "176.05"), 900, "176.05");
    let mut items = vec![
        FeedItem::Order(Box::new(sold.clone())),
        FeedItem::Fill(Box::new(fill(&sold, 3_500_001, 400, "176.05"))),
        FeedItem::Fill(Box::new(fill(&sold, 3_500_002, 500, "176.06"))),
    ];
    for view in [position(1001, 13, -900, 12), position(1002, 9, 300, -40), position(1002, 1, 50, 0)] {
        items.push(FeedItem::Position(view));
    }
    feed(&mut model, 48_240, items);
    model
}

/// What stands in a column of the rows shown, by the words of its head.
fn column(model: &Model, head: &str, width: usize, right: bool) -> Vec<String> {
    let seen = picture(model);
    let lines: Vec<&str> = seen.lines().collect();
    let at = lines[3].find(head).unwrap_or_else(|| panic!("no {head}: {seen}"));
    let from = if right { at + head.len() - width } else { at };
    let rows = lines[4..].iter().take_while(|line| line.len() > 3 && !line.starts_with('-'));
    rows.filter_map(|line| line.get(from..(from + width).min(line.len()))).map(|cell| cell.trim().to_owned()).collect()
}

fn kept(effects: &[Effect]) -> Vec<String> {
    let line = |effect: &Effect| if let Effect::KeepLayout(line) = effect { Some(line.clone()) } else { None };
    effects.iter().filter_map(line).collect()
}

#[test]
fn short_lists_are_filtered_as_typed_and_escape_shows_all_again() {
    for (screen, words, fits) in [("4", "t s l a", 2), ("3", "t s l a", 1), ("5", "h a r b", 1), ("4", "b u y", 3)] {
        let mut model = desk((80, 24));
        press(&mut model, screen, 0);
        let rows = |model: &Model| picture(model).lines().skip(4).take_while(|line| !line.is_empty()).count();
        let all = rows(&model);
        press(&mut model, &format!("/ {words}"), 1_000);
        let seen = picture(&model);
        assert!(seen.contains(&format!("/{}", words.replace(' ', ""))) && rows(&model) == fits, "{seen}");
        press(&mut model, "Enter Esc", 4_000);
        assert_eq!(rows(&model), all, "{}", picture(&model));
        press(&mut model, "/ x x x x x", 6_000);
        assert!(picture(&model).contains("fits the filter: Esc clears it"), "{}", picture(&model));
    }
}

#[test]
fn short_lists_are_sorted_and_arranged_like_the_blotter_and_the_cursor_keeps_its_row() {
    let mut model = desk((80, 24));
    press(&mut model, "4", 0);
    let chosen = model.fills.at;
    press(&mut model, "Right Right o", 500);
    assert!(picture(&model).contains("5 of 5 kept here   sort LastQty desc"), "{}", picture(&model));
    assert_eq!(column(&model, "LastQty", 7, true), ["1,000", "500", "400", "200", "150"]);
    press(&mut model, "o", 2_000);
    assert_eq!(column(&model, "LastQty", 7, true), ["150", "200", "400", "500", "1,000"]);
    assert_eq!(model.fills.at, chosen);
    press(&mut model, "< <", 3_000);
    assert!(picture(&model).lines().nth(3).unwrap().trim().starts_with("LastQty Time NY"), "{}", picture(&model));
    press(&mut model, "u u u u", 4_000);
    assert!(picture(&model).contains("newest first"), "{}", picture(&model));
    press(&mut model, "3 Right o o", 5_000);
    assert_eq!(column(&model, "Pos", 9, true), ["-900", "+50", "+300", "+1,200"]);
    // In the order of the columns: account, client, currency, cash, power, reserved, use, desk, what one may.
    let mut wide = desk((120, 40));
    press(&mut wide, "5 Right Right Right Right Right Right Right Right o", 7_000);
    assert!(picture(&wide).contains("Nothing is sorted by You may"), "{}", picture(&wide));
    for size in [(80, 24), (120, 40), (200, 50)] {
        let mut model = desk(size);
        press(&mut model, "4 Right Right o", 0);
        insta::assert_snapshot!(format!("fills_sorted_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("fills_sorted_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        press(&mut model, "3 / a 1 0 0 2", 2_000);
        insta::assert_snapshot!(format!("positions_filtered_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("positions_filtered_{}x{}_colour", size.0, size.1), in_colour(&mut model));
    }
}

#[test]
fn buying_and_selling_begin_from_a_position_or_an_alert_with_its_account_and_never_a_size() {
    let mut model = desk((80, 24));
    press(&mut model, "3 / t s l a Enter s", 0);
    let ticket = model.ticket().expect("a ticket");
    assert_eq!((ticket.account.text(), ticket.symbol.text(), ticket.quantity.text()), ("A1001", "TSLA", ""));

    let mut model = desk((80, 24));
    let mut canceled = turret_tests::station::in_status(
        order(3_380_000, 8, Side::Sell, 400, "418.20"),
        turret_shared::order::OrdStatus::Canceled,
        turret_shared::order::ExecType::Canceled,
    );
    canceled.note = "market maker protection".into();
    feed(&mut model, 48_241, vec![FeedItem::Order(Box::new(canceled))]);
    press(&mut model, "9", 0);
    while model.order_here() != Some(turret_shared::ids::OrderId::new(turret_shared::ids::Sequence(3_380_000), 0)) {
        let before = model.alerts.chosen().map(|alert| alert.id);
        press(&mut model, "j", 1_000);
        assert_ne!(model.alerts.chosen().map(|alert| alert.id), before, "{}", picture(&model));
    }
    press(&mut model, "b", 3_000);
    let ticket = model.ticket().expect("a ticket");
    assert_eq!((ticket.account.text(), ticket.symbol.text(), ticket.quantity.text()), ("A1001", "MSFT", ""));
}

#[test]
fn a_watchlist_of_ones_own_is_made_taken_from_and_kept() {
    let mut model = desk((80, 24));
    let symbols = |model: &Model| column(model, "Symbol", 6, false);
    press(&mut model, "2", 0);
    assert!(symbols(&model).len() >= 13 && picture(&model).contains("Watchlist"), "{}", picture(&model));
    let effects = press(&mut model, "w n v d Enter w f o r d Enter w a Down Enter", 500);
    assert!(picture(&model).contains("Your list"), "{}", picture(&model));
    assert_eq!(symbols(&model)[..3], ["AMD", "F", "NVDA"], "{}", picture(&model));
    let watched = effects.iter().rev().find_map(|e| if let Effect::Watch(ids) = e { Some(ids.clone()) } else { None });
    assert_eq!(watched.expect("watched")[..3], [InstrumentId(2), InstrumentId(6), InstrumentId(9)], "own ones first");
    let line = kept(&effects).pop().expect("kept");
    let gone = press(&mut model, "g Delete", 6_000);
    assert_eq!(symbols(&model)[..2], ["F", "NVDA"]);
    assert!(!kept(&gone).is_empty());
    press(&mut model, "]", 7_000);
    assert!(picture(&model).contains("All listings") && symbols(&model).len() >= 13);
    press(&mut model, "w Esc ]", 8_000);
    assert_eq!(symbols(&model)[..2], ["F", "NVDA"]);

    let mut next = desk((80, 24));
    update(&mut next, Msg::Kept(Box::new(Kept { layout: Some(line), ..Kept::default() })), at(0));
    press(&mut next, "2", 0);
    assert_eq!(symbols(&next)[..3], ["AMD", "F", "NVDA"]);
    for size in [(80, 24), (120, 40), (200, 50)] {
        let mut model = desk(size);
        press(&mut model, "2 w n v d Enter w a a p l Enter", 0);
        insta::assert_snapshot!(format!("quotes_own_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("quotes_own_{}x{}_colour", size.0, size.1), in_colour(&mut model));
    }
    // From every listing one taken off leaves the others.
    let mut model = desk((80, 24));
    press(&mut model, "2 g Delete", 0);
    assert_eq!((model.quotes.own.len(), symbols(&model)[0].as_str()), (12, "AMD"));
}

#[test]
fn tab_filter_zone_and_zoom_come_back_with_the_next_sign_in() {
    let mut model = desk((120, 40));
    let effects = press(&mut model, "] z + / a a p l Enter 3 Right o", 0);
    let line = kept(&effects).pop().expect("kept");
    assert!(!kept(&press(&mut model, "j k", 4_000)).iter().any(|_| true), "moving about keeps nothing");
    let mut next = desk((120, 40));
    assert!(!next.utc && !next.blotter.zoomed);
    update(&mut next, Msg::Kept(Box::new(Kept { layout: Some(line), ..Kept::default() })), at(0));
    let seen = picture(&next);
    assert!(seen.contains("Working  /aapl") && seen.contains("Time UTC") && next.blotter.zoomed, "{seen}");
    assert!(kept(&press(&mut next, "j", 0)).is_empty(), "it lies there already");
    press(&mut next, "3", 1_000);
    assert!(picture(&next).contains("sort Pos desc"), "{}", picture(&next));
}

#[test]
fn sums_say_what_they_leave_out() {
    let mut model = desk((200, 50));
    press(&mut model, "3", 0);
    let seen = picture(&model);
    assert!(seen.contains("unrealised ") && seen.contains("realised +90.40 USD"), "{seen}");
    assert!(!seen.contains("left out") && !seen.contains("stale mark"), "{seen}");
    // A listing nobody quoted, and every other mark old.
    feed(&mut model, 48_250, vec![FeedItem::Position(position(1001, 99, 10, 0))]);
    let later = turret_client::app::key::Now { mono_ms: 60_000, wall: NOON.after_ns(60_000_000_000) };
    let mut halted = quote(9, "128.93", "128.95", "128.94");
    (halted.state, halted.sequence) = (TradingState::Halted, 2);
    update(&mut model, Msg::Quotes(vec![halted]), later);
    update(&mut model, Msg::Tick, later);
    let seen = picture(&model);
    assert!(seen.contains("1 without a mark, left out   3 at a stale mark"), "{seen}");
    assert!(seen.contains("H NVDA") && seen.contains("~ TSLA"), "{seen}");
}

#[test]
fn a_click_on_a_head_sorts_and_on_a_tab_shows_it() {
    let mut model = desk((80, 24));
    let click = |model: &mut Model, x: usize, y: u16| {
        let x = u16::try_from(x).unwrap();
        update(model, Msg::Mouse(Mouse::Click { x, y }), at(0))
    };
    let tabs = picture(&model).lines().nth(1).unwrap().to_owned();
    click(&mut model, tabs.find("4 Fills").unwrap() + 3, 1);
    assert_eq!(model.screen, Screen::Fills);
    let heads = picture(&model).lines().nth(3).unwrap().to_owned();
    click(&mut model, heads.find("Symbol").unwrap(), 3);
    assert!(picture(&model).contains("sort Symbol desc"), "{}", picture(&model));
    click(&mut model, heads.find("Symbol").unwrap() + 5, 3);
    assert!(picture(&model).contains("sort Symbol asc"));
    let tabs = picture(&model).lines().nth(1).unwrap().to_owned();
    click(&mut model, tabs.find("1 Blot").unwrap(), 1);
    let heads = picture(&model).lines().nth(3).unwrap().to_owned();
    let effects = click(&mut model, heads.find("Qty").unwrap() + 1, 3);
    assert!(picture(&model).contains("sort Qty desc") && !kept(&effects).is_empty(), "{}", picture(&model));
    click(&mut model, 2, 2);
    assert!(picture(&model).lines().nth(2).unwrap().starts_with("Working  "), "{}", picture(&model));
    click(&mut model, heads.find("Typ").unwrap(), 3);
    assert!(picture(&model).contains("Nothing is sorted by Typ"));
}

#[test]
fn names_sums_and_what_is_not_known_stand_where_a_person_looks_for_them() {
    let mut model = desk((120, 40));
    let pattern = model.desk.accounts[&AccountId(1001)].clone();
    let account = |id: u32, name: &str, currency: &str, power: i64| {
        let mut account = pattern.clone();
        (account.account, account.code, account.name) = (AccountId(id), format!("A{id}"), name.into());
        account.currency = turret_shared::money::Currency::parse(currency).unwrap();
        account.buying_power = Money(power * 10_000);
        FeedItem::Account(Box::new(account))
    };
    let items = vec![
        account(1000, "Northgate Trust", "USD", 2_000_000),
        account(1004, "cedar Holdings", "JPY", 1_500_000),
        account(1005, "Anchor", "USD", 1_000_000),
        FeedItem::Position(position(1001, 99, 10, 0)),
    ];
    feed(&mut model, 48_260, items);
    press(&mut model, "5 Right o o", 0);
    let clients = ["Anchor", "Cedar Family", "cedar Holdings", "Harbour Trust", "Northgate Pension", "Northgate Trust"];
    assert_eq!(column(&model, "Client", 18, false)[..6], clients, "{}", picture(&model));
    press(&mut model, "Right Right Right o", 2_000);
    assert!(picture(&model).contains("sort Buying power"), "{}", picture(&model));
    assert_eq!(column(&model, "CCY", 3, false)[..6], ["USD", "USD", "USD", "USD", "USD", "JPY"]);
    press(&mut model, "o", 4_000);
    assert_eq!(column(&model, "CCY", 3, false)[..2], ["JPY", "USD"]);
    press(&mut model, "3 Right Right Right Right o", 5_000);
    for way in ["desc", "asc"] {
        let seen = picture(&model);
        assert!(seen.contains(&format!("sort Unreal {way}")), "{seen}");
        assert_eq!(column(&model, "Unreal", 11, true)[4], "?", "{seen}");
        press(&mut model, "o", 7_000);
    }
}

#[test]
fn names_that_begin_alike_are_told_apart() {
    use turret_client::app::list::SortKey;
    let mut model = desk((80, 24));
    let people = [(11, "robert.smith"), (12, "Robert.jones")];
    let user = |(id, login)| FeedItem::User(Box::new(turret_tests::station::user(id, login, Role::Broker)));
    let mut items: Vec<FeedItem> = people.into_iter().map(user).collect();
    for (sequence, owner) in [(10, 11), (11, 12)] {
        let mut view = order(sequence, 1, Side::Buy, 1, "1.00");
        view.owner = turret_shared::ids::UserId(owner);
        items.push(FeedItem::Order(Box::new(view)));
    }
    feed(&mut model, 48_260, items);
    (model.blotter.list.sort, model.blotter.list.ascending) = (SortKey::Trader, true);
    model.refilter();
    let last = model.blotter.list.len() - 1;
    let trader = |line: usize| {
        let row = model.orders.at(model.blotter.list.place_at(line).unwrap()).unwrap();
        model.desk.login(row.owner)
    };
    assert_eq!((trader(last - 1), trader(last)), ("Robert.jones", "robert.smith"));
}

#[test]
fn executions_stand_where_a_list_made_anew_would_have_them_as_they_come() {
    let booked = |n: u64| {
        let view = order(n, u32::try_from(n % 13).unwrap() + 1, Side::Buy, 1_000, "10.00");
        fill(&view, n, i64::try_from(n * 7_919 % 900).unwrap() + 1, "10.00")
    };
    let tell = |model: &mut Model, fill| feed(model, 50_000, vec![FeedItem::Fill(Box::new(fill))]);
    for keys in ["4", "4 Right Right o", "4 Right Right o o", "4 Right Right Right o", "4 / b u y Enter o"] {
        let mut model = desk((80, 24));
        press(&mut model, keys, 0);
        for n in [4_000_001, 4_000_009, 4_000_005, 4_000_003, 4_000_013] {
            tell(&mut model, booked(n));
        }
        let mut busted = booked(4_000_005);
        (busted.state, busted.last_qty) = (turret_shared::view::FillState::Busted, Qty(0));
        tell(&mut model, busted);
        let kept = model.lists.booked.keys().to_vec();
        model.desk.renamed();
        press(&mut model, "Down", 4_000);
        assert_eq!(kept, model.lists.booked.keys(), "{keys}");
        assert!(kept.len() >= 8, "{keys}");
    }
}
