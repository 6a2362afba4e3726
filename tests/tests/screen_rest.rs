//! A desk at rest: nothing is drawn while nothing changes, nothing that changes is missed, and a key is seen at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::key::Now;
use turret_client::app::rest::REST_MS;
use turret_client::app::{Dirty, Model, Msg, update};
use turret_shared::ids::Sequence;
use turret_shared::role::Role;
use turret_shared::wire::feed::{FeedItem, FeedMessage};
use turret_tests::load::house::Plan;
use turret_tests::load::workstation::{Desk, cursor_steps};
use turret_tests::station::{NOON, a_day, names, picture, press, quote, signed_in};

/// So many milliseconds on by both clocks.
fn later(ms: u64) -> Now {
    Now { mono_ms: ms, wall: NOON.after_ns(i64::try_from(ms).unwrap() * 1_000_000) }
}

/// Whether a message at that moment asks for a frame.
fn draws(model: &mut Model, message: Msg, ms: u64) -> bool {
    model.dirty = Dirty::Clean;
    update(model, message, later(ms));
    model.dirty != Dirty::Clean
}

/// Ticks as often as the model wants them until `end_ms`; gives the moments a frame was asked for.
fn frames(model: &mut Model, mut ms: u64, end_ms: u64) -> Vec<u64> {
    let mut drawn = Vec::new();
    loop {
        ms += model.wakes_in_ms(later(ms));
        if ms > end_ms {
            return drawn;
        }
        if draws(model, Msg::Tick, ms) {
            drawn.push(ms);
        }
    }
}

/// Nothing waits at the venue, nobody is asked anything, no price is known.
fn still() -> Model {
    let mut model = signed_in(Role::Broker, (120, 40), false);
    let mut items = vec![FeedItem::SnapshotBegin];
    items.extend(names());
    items.push(FeedItem::SnapshotEnd);
    update(&mut model, Msg::Feed(Box::new(FeedMessage { through: Sequence(7), items, rights: None })), later(0));
    model
}

#[test]
fn a_desk_at_rest_costs_a_frame_a_minute_and_no_other_look() {
    let mut model = still();
    assert!(picture(&model).contains("14:31:40Z  10:31:40 NY"));
    let drawn = frames(&mut model, 0, 10_000);
    // Second by second, then the one that takes the seconds away.
    assert_eq!(drawn, [1_000, 2_000, 3_000, 4_000, 5_000]);
    let seen = picture(&model);
    assert!(model.is_resting() && seen.contains("14:31Z  10:31 NY") && !seen.contains("14:31:4"), "{seen}");
    // It is 14:31:40: the minutes turn after 20 s, 80 s and 140 s, and nobody wakes in between.
    assert_eq!(frames(&mut model, 10_000, 150_000), [20_000, 80_000, 140_000]);
    assert_eq!(model.wakes_in_ms(later(140_000)), 60_000);
    assert!(picture(&model).contains("14:34Z  10:34 NY"));
}

#[test]
fn what_says_nothing_new_is_not_drawn_and_a_key_brings_the_seconds_back() {
    let mut model = still();
    frames(&mut model, 0, 10_000);
    assert!(!draws(&mut model, Msg::RoundTrip(2_345), 10_100), "the round trip goes with the next frame");
    let clock = Msg::SessionClock { idle_left_s: 800, absolute_left_s: 40_000 };
    assert!(!draws(&mut model, clock, 10_200));
    assert!(!draws(&mut model, Msg::Quotes(Vec::new()), 10_300));
    assert!(model.is_resting());
    model.dirty = Dirty::Clean;
    press(&mut model, "j", 10_400);
    assert!(model.dirty == Dirty::Now && !model.is_resting());
    assert!(picture(&model).contains("14:31:40Z"));
}

#[test]
fn the_end_of_a_session_wakes_a_desk_at_rest_and_is_counted_down() {
    let mut model = still();
    frames(&mut model, 0, 10_000);
    let end_ms = 15 * 60 * 1_000;
    let drawn = frames(&mut model, 10_000, end_ms - 57_500);
    let near: Vec<_> = drawn.iter().filter(|ms| **ms > end_ms - 61_000).collect();
    assert_eq!(near, [&(end_ms - 60_000), &(end_ms - 59_000), &(end_ms - 58_000)]);
    assert!(picture(&model).contains("signs out in 0:58"));
    update(&mut model, Msg::Tick, later(end_ms));
    assert!(model.session.is_none(), "locked without a key");
}

#[test]
fn prices_that_are_repeated_are_not_drawn_and_prices_that_grow_old_are() {
    let mut model = still();
    let told = || Msg::Quotes(vec![quote(1, "189.48", "189.50", "189.49")]);
    assert!(draws(&mut model, told(), 0));
    for second in 1..30 {
        let repeated = draws(&mut model, told(), second * 1_000 + 1);
        assert!(!repeated, "second {second}");
        let ticked = draws(&mut model, Msg::Tick, second * 1_000 + 2);
        assert_eq!(ticked, second * 1_000 <= REST_MS || second == 20, "second {second}");
    }
    // The last one came at 29 s: it is old after five more.
    assert_eq!(frames(&mut model, 29_500, 36_500), [35_000, 36_000], "its age is told from then on");
    assert!(!model.is_resting());
    assert!(draws(&mut model, told(), 36_600), "fresh again");
}

#[test]
fn an_order_the_venue_owes_an_answer_for_keeps_the_seconds() {
    let mut model = a_day(Role::Broker, (120, 40), false);
    update(&mut model, Msg::Tick, later(60_000));
    assert!(!model.is_resting(), "its age is told");
}

#[test]
fn keys_at_a_desk_at_rest_are_seen_though_no_tick_comes() {
    // The next tick comes with the minute; each key is waited for half as long at most.
    let mut desk = Desk::open(env!("CARGO_BIN_EXE_demo").as_ref(), Plan { orders: 20, ..Plan::default() }).unwrap();
    desk.seat.sees(|screen| has_minutes(&screen.contents())).unwrap();
    let drawn = desk.seat.frames();
    assert_eq!(cursor_steps(&mut desk.seat, 6).unwrap().len(), 6);
    assert!(desk.seat.frames() > drawn);
}

/// The clock shows no seconds: `14:31Z`, with nothing but a blank before it.
fn has_minutes(text: &str) -> bool {
    let words = text.lines().next().unwrap_or_default().split_whitespace();
    words.into_iter().any(|word| word.len() == 6 && word.ends_with('Z') && word.as_bytes()[2] == b':')
}

#[test]
fn time_that_is_up_is_up_whatever_comes_first() {
    for message in [Msg::LinkDown, Msg::Quotes(Vec::new()), Msg::LinkUp { resumed: false }] {
        let mut model = still();
        update(&mut model, message, later(16 * 60 * 1_000));
        let locked = model.signin.locked.as_ref().map(|locked| locked.why.clone());
        assert_eq!(locked.as_deref(), Some("Locked after 15 minutes without a key."));
    }
}
