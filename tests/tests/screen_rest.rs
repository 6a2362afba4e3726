//! A desk at rest and a quiet one: nothing is drawn while nothing changes, nothing that changes is missed, nothing shown becomes
//! untrue, and a key is seen at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::flight::Question;
use turret_client::app::key::Now;
use turret_client::app::rest::{QUIET_MS, REST_MS, UNSAID_MS};
use turret_client::app::{Dirty, Model, Msg, update};
use turret_shared::ids::Sequence;
use turret_shared::people::SessionView;
use turret_shared::role::Role;
use turret_shared::wire::feed::{FeedItem, FeedMessage};
use turret_shared::wire::query::AnswerBody;
use turret_tests::load::house::Plan;
use turret_tests::load::workstation::{Desk, cursor_steps};
use turret_tests::station::{NOON, a_day, at_sign_in, names, picture, press, quote, signed_in};

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
fn a_desk_at_rest_costs_a_frame_a_minute_and_a_quiet_one_none() {
    let mut model = still();
    assert!(picture(&model).contains("14:31:40Z  10:31:40 NY"));
    let drawn = frames(&mut model, 0, 10_000);
    // Second by second, then the one that takes the seconds away.
    assert_eq!(drawn, [1_000, 2_000, 3_000, 4_000, 5_000]);
    let seen = picture(&model);
    assert!(model.is_resting() && seen.contains("14:31Z  10:31 NY") && !seen.contains("14:31:4"), "{seen}");
    // It is 14:31:40: the minutes turn after 20 s and 80 s, and nobody wakes in between.
    assert_eq!(frames(&mut model, 10_000, 100_000), [20_000, 80_000]);
    assert!(picture(&model).contains("14:33Z  10:33 NY"));
    assert_eq!(frames(&mut model, 100_000, 13 * 60 * 1_000), [QUIET_MS], "the one that says since when");
    let seen = picture(&model);
    assert!(seen.contains("quiet since Thu 12 Mar 14:31Z  10:31 NY") && !seen.contains("14:33"), "{seen}");
    // Nobody wakes before the countdown of the session.
    assert_eq!(model.wakes_in_ms(later(QUIET_MS)), 14 * 60 * 1_000 - QUIET_MS);
}

/// A desk on which nothing happened for so long that it is quiet.
fn quiet(mut model: Model) -> Model {
    frames(&mut model, 0, QUIET_MS + 1_000);
    assert!(model.quiet_since().is_some(), "{}", picture(&model));
    model
}

#[test]
fn a_quiet_desk_says_since_when_in_the_zone_shown_on_the_smallest_screen() {
    let narrow = |keys: &str| {
        let mut model = still();
        update(&mut model, Msg::Resized(80, 24), later(0));
        press(&mut model, keys, 0);
        quiet(model)
    };
    assert!(picture(&narrow("")).contains("quiet since 10:31 NY"));
    assert!(picture(&narrow("z")).contains("quiet since 14:31 UTC"));
    insta::assert_snapshot!("quiet_desk_80x24", picture(&narrow("")));
    // By lines the list begins with it.
    assert_eq!(turret_client::view::linear::clocks(&narrow("")), "quiet since 10:31 NY");
}

#[test]
fn a_key_the_mouse_the_link_and_news_wake_a_quiet_desk() {
    let wakes = [
        Msg::Key(turret_client::app::key::Press::parse("j").unwrap()),
        Msg::Mouse(turret_client::app::key::Mouse::Down),
        Msg::LinkDown,
        Msg::Feed(Box::new(FeedMessage { through: Sequence(8), items: Vec::new(), rights: None })),
        Msg::Quotes(vec![quote(1, "189.48", "189.50", "189.49")]),
    ];
    for message in wakes {
        let mut model = quiet(still());
        let name = format!("{message:?}");
        assert!(draws(&mut model, message, QUIET_MS + 5_000), "{name}");
        assert!(model.quiet_since().is_none() && !picture(&model).contains("quiet"), "{name}");
        assert!(picture(&model).contains("14:33:45Z"), "{name}");
        assert_eq!(
            model.touched,
            turret_client::app::touched::Touched::All,
            "{name}: what was told as a moment runs again"
        );
    }
}

#[test]
fn a_quiet_desk_looks_again_at_midnight_for_its_times_are_yesterdays_then() {
    let mut model = quiet(still());
    // No session ends it here: what the day alone does is looked at.
    model.session = None;
    let midnight_ms = (13 * 3_600 + 28 * 60 + 20) * 1_000;
    assert_eq!(frames(&mut model, QUIET_MS + 1_000, midnight_ms + 3_600_000), [midnight_ms + 1]);
    update(&mut model, Msg::Resized(80, 24), later(midnight_ms + 2));
    assert!(!picture(&model).contains("quiet"));
}

#[test]
fn nothing_runs_on_a_quiet_desk() {
    // Orders the venue owes an answer for, prices that stopped, a list held still.
    let mut model = a_day(Role::Broker, (200, 50), false);
    press(&mut model, "f", 0);
    let drawn = frames(&mut model, 0, QUIET_MS - 1_000);
    assert!(drawn.len() > 100, "its ages run until then");
    // Prices grew old five seconds after they came: that was the last that happened.
    let until_ms = QUIET_MS + 10_000;
    frames(&mut model, QUIET_MS - 1_000, until_ms);
    assert!(model.quiet_since().is_some());
    let seen = picture(&model);
    assert!(seen.contains("FROZEN since 10:31:40"), "{seen}");
    assert!(frames(&mut model, until_ms, until_ms + 300_000).is_empty());
    update(&mut model, Msg::Tick, later(until_ms + 300_000));
    assert_eq!(picture(&model), seen, "and drawn again it would be the same");
}

#[test]
fn every_screen_of_a_quiet_desk_is_the_same_five_minutes_on() {
    for role in [Role::Broker, Role::Supervisor, Role::Admin, Role::Support, Role::Customer] {
        for script in ["", "2", "2 v", "3", "4", "5", "6", "7", "8", "9", "Enter", "+", "b"] {
            for size in [(80, 24), (200, 50)] {
                let mut model = a_day(role, size, false);
                press(&mut model, script, 0);
                frames(&mut model, 0, QUIET_MS + 10_000);
                let name = format!("{role} {script} {size:?}");
                assert!(model.quiet_since().is_some(), "{name}");
                let seen = picture(&model);
                update(&mut model, Msg::Tick, later(QUIET_MS + 310_000));
                assert_eq!(picture(&model), seen, "{name}");
            }
        }
    }
}

#[test]
fn a_lock_nobody_comes_back_to_tells_no_time_and_is_not_drawn() {
    let mut model = still();
    press(&mut model, "F12", 0);
    let figure = "####";
    assert!(picture(&model).contains(figure), "the venue's time, large");
    frames(&mut model, 0, QUIET_MS + 1_000);
    let seen = picture(&model);
    assert!(seen.contains("quiet since") && seen.contains("Since 10:31:40 NY") && !seen.contains(figure), "{seen}");
    assert!(frames(&mut model, QUIET_MS + 1_000, 8 * 3_600_000).is_empty(), "a night");
}

#[test]
fn a_quiet_form_tells_of_its_link_only_when_that_stays_away() {
    let mut model = at_sign_in((80, 24), false);
    // No demo: its codes would be counted down.
    model.demo.clear();
    frames(&mut model, 0, QUIET_MS + 1_000);
    let seen = picture(&model);
    assert!(seen.contains("quiet since") && seen.contains("pinned, OK"), "{seen}");
    // Every five minutes the server ends a connection on which nobody signs in.
    for round in 1..20 {
        let at_ms = QUIET_MS + round * 300_000;
        assert!(!draws(&mut model, Msg::LinkDown, at_ms));
        assert!(!draws(&mut model, Msg::Tick, at_ms + 300));
        assert!(!draws(&mut model, Msg::LinkUp { resumed: false }, at_ms + 400));
        assert!(frames(&mut model, at_ms + 400, at_ms + 200_000).is_empty());
        assert_eq!(picture(&model), seen);
    }
    let gone_ms = QUIET_MS + 20 * 300_000;
    assert!(!draws(&mut model, Msg::LinkDown, gone_ms));
    assert_eq!(model.wakes_in_ms(later(gone_ms)), UNSAID_MS);
    assert_eq!(frames(&mut model, gone_ms, gone_ms + UNSAID_MS), [gone_ms + UNSAID_MS]);
    assert!(!picture(&model).contains("quiet") && !picture(&model).contains("pinned, OK"), "{}", picture(&model));
    // It is told for as long as it lasts, and its coming back is news.
    frames(&mut model, gone_ms + UNSAID_MS, gone_ms + 400_000);
    assert!(model.quiet_since().is_some());
    assert!(draws(&mut model, Msg::LinkUp { resumed: false }, gone_ms + 400_001));
}

#[test]
fn a_list_asked_for_again_that_says_the_same_is_no_news() {
    let mut model = a_day(Role::Admin, (120, 40), false);
    press(&mut model, "2", 0);
    let session = |idle_s: u32, round_trip_us: u32| SessionView {
        session: turret_shared::ids::SessionId(7),
        user: turret_shared::ids::UserId(3),
        login: "ann.lee".into(),
        role: Some(Role::Broker),
        device: turret_shared::ids::DeviceId(2),
        script: false,
        since: NOON,
        idle_s: Some(idle_s),
        place: "10.4.1.22".into(),
        working: 3,
        round_trip_us: Some(round_trip_us),
        version: "1".into(),
        composed: None,
    };
    let mut tell = |rows: Vec<SessionView>, ms: u64| {
        model.dirty = Dirty::Clean;
        // Due again by then: the question is under way, and this is its answer.
        update(&mut model, Msg::Tick, later(ms - 1));
        let request = *model.questions.iter().find(|(_, asked)| **asked == Question::Sessions).unwrap().0;
        model.dirty = Dirty::Clean;
        let answer = Msg::Answer { request, body: Box::new(AnswerBody::Sessions(rows)) };
        update(&mut model, answer, later(ms));
        model.dirty != Dirty::Clean
    };
    assert!(tell(vec![session(10, 900)], 6_000), "new");
    assert!(!tell(vec![session(15, 1_100)], 12_000), "time passed, and that is all");
    assert!(tell(vec![session(2, 1_100)], 18_000), "somebody typed");
    assert!(tell(vec![], 24_000), "somebody left");
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
