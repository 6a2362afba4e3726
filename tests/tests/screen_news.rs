//! What the desk tells by itself: what was missed, what is today's, what stays on the message line until it was read.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::key::Now;
use turret_client::app::{Model, Msg, update};
use turret_shared::ids::{AccountId, EntitlementVersion, OrderId, Sequence};
use turret_shared::money::Money;
use turret_shared::order::{ExecType, OrdStatus, Side};
use turret_shared::role::Role;
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::view::OrderView;
use turret_shared::wire::feed::{FeedItem, FeedMessage};
use turret_tests::station::{NOON, a_day, at, feed, fill, in_status, names, order, picture, press, signed_in};

fn broker() -> Model {
    a_day(Role::Broker, (80, 24), true)
}

fn changed(mut view: OrderView, seconds: i64) -> OrderView {
    view.changed = NOON.after_ns(seconds * NS_PER_S);
    view
}

#[test]
fn what_changed_before_a_loss_was_noticed_is_marked_and_what_was_heard_is_not() {
    let mut model = broker();
    let heard = changed(order(48_240, 3, Side::Buy, 10, "178.00"), -10);
    feed(&mut model, 48_240, vec![FeedItem::Order(Box::new(heard))]);
    update(&mut model, Msg::LinkDown, at(0));
    update(&mut model, Msg::LinkUp { resumed: true }, at(1_000));
    let missed = changed(order(48_241, 2, Side::Buy, 10, "172.00"), -10);
    let items = vec![FeedItem::Order(Box::new(missed))];
    let message = FeedMessage { through: Sequence(48_300), items, rights: Some(EntitlementVersion(7)) };
    update(&mut model, Msg::Feed(Box::new(message)), at(1_100));
    model.size = (120, 60);
    update(&mut model, Msg::Tick, at(1_200));
    let seen = picture(&model);
    assert!(seen.contains("1 order changed meanwhile: marked +."), "{seen}");
    let marked: Vec<&str> = seen.lines().filter(|line| line.get(1..2) == Some("+")).collect();
    assert!(marked.len() == 1 && marked[0].contains(" AMD "), "{seen}");
}

#[test]
fn an_account_told_again_under_its_name_leaves_the_list_as_it_is() {
    let mut model = broker();
    let untouched = Timestamp(1);
    model.blotter.list.filter.day_start = untouched;
    let mut account = model.desk.accounts[&AccountId(1001)].clone();
    account.cash = Money(1);
    feed(&mut model, 48_300, vec![FeedItem::Account(Box::new(account.clone()))]);
    assert_eq!(model.blotter.list.filter.day_start, untouched, "nothing was sorted");
    account.code = "Z9".into();
    feed(&mut model, 48_301, vec![FeedItem::Account(Box::new(account))]);
    assert_ne!(model.blotter.list.filter.day_start, untouched, "another name is another place");
}

#[test]
fn today_begins_where_most_listings_trade_and_ends_at_its_midnight() {
    let over = |hours_before: i64| {
        let view = in_status(order(7, 1, Side::Buy, 10, "1.00"), OrdStatus::Canceled, ExecType::Canceled);
        changed(view, -hours_before * 3_600)
    };
    // 02:31 UTC: past midnight in Tokyo (15:00 UTC the day before), not yet in New York (04:00 UTC).
    for (zone, shown) in [("Asia/Tokyo", 1), ("America/New_York", 0)] {
        let mut model = signed_in(Role::Broker, (80, 24), true);
        let mut items = vec![FeedItem::SnapshotBegin];
        items.extend(names().into_iter().map(|item| match item {
            // The first listing is a stranger's.
            FeedItem::Instrument(mut listing) if listing.id.0 > 1 => {
                listing.zone = zone.into();
                FeedItem::Instrument(listing)
            }
            other => other,
        }));
        items.extend([FeedItem::Order(Box::new(over(12))), FeedItem::SnapshotEnd]);
        feed(&mut model, 9, items);
        assert_eq!(model.blotter.list.len(), shown, "{zone}");
    }
    let mut model = broker();
    let ended = |model: &Model| picture(model).contains("Canceled");
    assert!(ended(&model), "{}", picture(&model));
    update(&mut model, Msg::Tick, Now { mono_ms: 10, wall: NOON.after_ns(14 * 3_600 * NS_PER_S) });
    assert!(!ended(&model), "it is yesterday's now: {}", picture(&model));
}

#[test]
fn a_sentence_that_stays_is_read_to_its_end_with_the_key_that_puts_it_away() {
    let mut model = broker();
    let mut rejected = in_status(order(48_250, 4, Side::Buy, 75, "412.07"), OrdStatus::Rejected, ExecType::Rejected);
    let reject = |model: &mut Model, note: &str, rejected: &mut OrderView| {
        rejected.note = note.into();
        rejected.order_id = OrderId::new(Sequence(rejected.order_id.sequence().0 + 1), 0);
        rejected.correlation = turret_shared::ids::CorrelationId::from_bits(rejected.order_id.sequence().0);
        feed(model, 48_300, vec![FeedItem::Order(Box::new(rejected.clone()))]);
    };
    reject(&mut model, "odd lot not taken in the closing auction of this venue", &mut rejected);
    let one_line = |model: &Model| picture(model).split_whitespace().collect::<Vec<_>>().join(" ");
    let seen = one_line(&model);
    assert!(seen.contains("in the closing auction of this venue (d puts it away)"), "{}", picture(&model));
    // However long, the list keeps its place and the key is said.
    reject(&mut model, &"word ".repeat(80), &mut rejected);
    let seen = one_line(&model);
    assert!(seen.contains("word ... (d puts it away)"), "{}", picture(&model));
    assert_eq!(picture(&model).lines().count(), 24);
    press(&mut model, "G", 1_000);
    assert!(picture(&model).lines().any(|line| line.starts_with('>')), "the cursor in sight: {}", picture(&model));
}

#[test]
fn news_of_a_fill_takes_no_line_from_what_must_be_read() {
    let mut model = broker();
    feed(&mut model, 48_300, vec![FeedItem::VenueLink(false)]);
    let stays = "The server lost its venue.";
    assert!(picture(&model).contains(stays));
    let bought = fill(&order(3_380_000, 8, Side::Sell, 400, "418.20"), 48_301, 100, "418.20");
    feed(&mut model, 48_301, vec![FeedItem::Fill(Box::new(bought.clone()))]);
    assert!(picture(&model).contains(stays) && picture(&model).contains("fills +"), "{}", picture(&model));
    press(&mut model, "d", 1_000);
    let bought =
        turret_shared::view::FillView { exec_id: turret_shared::ids::ExecId::new(Sequence(48_302), 0), ..bought };
    feed(&mut model, 48_302, vec![FeedItem::Fill(Box::new(bought))]);
    assert!(picture(&model).contains("FILL SELL MSFT"), "{}", picture(&model));
    update(&mut model, Msg::LinkDown, at(2_000));
    assert!(picture(&model).contains("Link lost"), "{}", picture(&model));
}
