//! What locks the desk, what is left behind, and what a person finds on return, with injected time and no terminal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::alerts::Kind;
use turret_client::app::key::Now;
use turret_client::app::lock::{Aside, LeftBehind};
use turret_client::app::{Effect, Model, Msg, Screen, Stage, update};
use turret_shared::ids::SessionId;
use turret_shared::order::{ExecType, OrdStatus, Side};
use turret_shared::role::Role;
use turret_shared::secret::SessionToken;
use turret_shared::wire::control::{SessionEnd, SignedIn};
use turret_shared::wire::feed::FeedItem;
use turret_tests::station::{NOON, a_day, at, feed, in_status, names, order, picture, press, user, welcomed};

fn broker() -> Model {
    a_day(Role::Broker, (80, 24), true)
}

fn left(effects: &[Effect]) -> LeftBehind {
    let left = effects.iter().find_map(|effect| match effect {
        Effect::Leave(left) => Some((**left).clone()),
        _ => None,
    });
    left.expect("something was left behind")
}

/// The session is ended, and the server is told that it was for a lock.
fn signs_out_to_lock(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::SignOut { locked: true }))
}

fn signed() -> SignedIn {
    SignedIn {
        session: SessionId(2),
        token: SessionToken::new([0; 32]),
        user: user(1, "ann.lee", Role::Broker),
        idle_left_s: 900,
        absolute_left_s: 43_200,
        last_end: None,
        cache: None,
        register_key: false,
        composed: None,
    }
}

#[test]
fn the_key_locks_from_anywhere_and_ends_the_session() {
    for keys in ["F12", "b F12", "c F12", "/ a F12", "? F12", ": F12", "X F12", "2 b Up Enter 1 0 0 Enter Enter F12"] {
        let mut model = broker();
        let effects = press(&mut model, keys, 0);
        let left = left(&effects);
        assert!(signs_out_to_lock(&effects), "{keys}");
        assert_eq!(model.stage, Stage::SignIn, "{keys}");
        assert!(model.orders.is_empty() && model.desk.accounts.is_empty() && model.drafts.is_empty(), "{keys}");
        let locked = left.locked.expect("a lock screen follows");
        assert_eq!((locked.login.as_str(), locked.working), ("ann.lee", 7), "{keys}");
        let seen = picture(&model);
        assert!(seen.contains("7 of your orders keep working at the venue while locked."), "{keys}: {seen}");
    }
}

#[test]
fn what_was_typed_is_left_behind_and_comes_back() {
    let mut model = broker();
    press(&mut model, "2 b Up Enter 7 7 Esc", 0);
    let effects = press(&mut model, "b Up Enter 8 8 F12", 5_000);
    let Aside { drafts, alerts, .. } = left(&effects).aside;
    assert_eq!(drafts.iter().map(|draft| draft.quantity.as_str()).collect::<Vec<_>>(), ["88", "77"]);
    welcomed(&mut model);
    update(&mut model, Msg::SignedIn(Box::new(signed())), at(9_000));
    update(
        &mut model,
        Msg::Returned(Box::new(Aside { drafts, unanswered: vec!["BUY 1 AAPL".into()], alerts })),
        at(9_000),
    );
    assert_eq!(model.drafts.len(), 2);
    assert!(picture(&model).contains("Sent and not answered when this locked: BUY 1 AAPL."));
}

#[test]
fn alerts_come_back_from_a_lock_as_they_were_whichever_comes_first_they_or_the_orders() {
    let rejected = || {
        let order = order(3_000_000, 4, Side::Buy, 75, "412.07");
        FeedItem::Order(Box::new(in_status(order, OrdStatus::Rejected, ExecType::Rejected)))
    };
    let snapshot = |model: &mut Model| {
        let mut items = vec![FeedItem::SnapshotBegin];
        items.extend(names());
        items.extend([rejected(), FeedItem::SnapshotEnd]);
        feed(model, 60_000, items);
    };
    for orders_first in [true, false] {
        let mut model = broker();
        update(&mut model, Msg::NotKept("The cache could not be opened.".into()), at(0));
        let put_away = model.alerts.shown().find(|alert| alert.kind == Kind::Rejected).expect("one is").id;
        model.screen = Screen::Alerts;
        model.alerts.picker.at = Some(put_away);
        press(&mut model, "d", 1_000);
        let aside = left(&press(&mut model, "F12", 5_000)).aside;
        assert!(model.alerts.is_empty(), "nothing stays in this process");
        welcomed(&mut model);
        update(&mut model, Msg::SignedIn(Box::new(signed())), at(9_000));
        if orders_first {
            snapshot(&mut model);
        }
        update(&mut model, Msg::Returned(Box::new(aside)), at(9_000));
        if !orders_first {
            snapshot(&mut model);
        }
        let open: Vec<Kind> = model.alerts.shown().map(|alert| alert.kind).collect();
        assert!(open.contains(&Kind::Message) && !open.contains(&Kind::Rejected), "{orders_first}: {open:?}");
        assert_eq!(model.needing(), 0, "put away is put away");
    }
}

#[test]
fn fifteen_minutes_without_a_key_lock_and_a_key_puts_them_off() {
    let mut model = broker();
    assert!(update(&mut model, Msg::Tick, at(899_999)).iter().all(|effect| !matches!(effect, Effect::Leave(_))));
    let effects = update(&mut model, Msg::Tick, at(900_000));
    assert_eq!(left(&effects).locked.expect("locked").why, "Locked after 15 minutes without a key.");
    assert!(signs_out_to_lock(&effects));
    let mut model = broker();
    press(&mut model, "j", 600_000);
    assert!(update(&mut model, Msg::Tick, at(1_499_000)).iter().all(|effect| !matches!(effect, Effect::Leave(_))));
    left(&update(&mut model, Msg::Tick, at(1_501_000)));
}

#[test]
fn a_jump_of_the_clock_locks_and_suspending_locks_first() {
    let mut model = broker();
    let effects = update(&mut model, Msg::ClockJumped, at(1_000));
    assert!(left(&effects).locked.expect("locked").why.contains("clock jumped"));
    let mut model = broker();
    let effects = press(&mut model, "Ctrl-z", 0);
    let left = left(&effects);
    assert!(left.suspend && left.locked.is_some());
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Suspend)), "the fresh process stops itself");
}

#[test]
fn signing_out_and_being_ended_leave_no_lock_screen() {
    for reason in [
        SessionEnd::Killed,
        SessionEnd::Absolute,
        SessionEnd::DeviceRevoked,
        SessionEnd::Replaced,
        SessionEnd::DeviceLocked,
    ] {
        let mut model = broker();
        let effects = update(&mut model, Msg::SessionEnded(reason), at(0));
        assert_eq!(left(&effects).locked, None, "{reason:?}");
        assert!(!picture(&model).contains("LOCKED"));
    }
    let mut model = broker();
    press(&mut model, "F12 F10", 0);
    let seen = picture(&model);
    assert!(seen.contains("Signed out. Orders keep working.") && !seen.contains("LOCKED"), "{seen}");
}

#[test]
fn who_returns_sees_what_changed_meanwhile() {
    let mut model = broker();
    press(&mut model, "F12", 0);
    welcomed(&mut model);
    let back = Now { mono_ms: 300_000, wall: NOON.after_ns(300_000_000_000) };
    update(&mut model, Msg::SignedIn(Box::new(signed())), back);
    let mut items = vec![FeedItem::SnapshotBegin];
    items.extend(names());
    let mut changed = in_status(order(900_000, 1, Side::Sell, 300, "189.55"), OrdStatus::Canceled, ExecType::Canceled);
    changed.changed = NOON.after_ns(60_000_000_000);
    items.push(FeedItem::Order(Box::new(changed)));
    items.push(FeedItem::Order(Box::new(order(800_000, 1, Side::Sell, 300, "189.55"))));
    items.push(FeedItem::SnapshotEnd);
    let message =
        turret_shared::wire::feed::FeedMessage { through: turret_shared::ids::Sequence(50_000), items, rights: None };
    update(&mut model, Msg::Feed(Box::new(message)), back);
    let seen = picture(&model);
    assert!(seen.contains("Back after 5 m 00 s. 1 order changed meanwhile: marked +."), "{seen}");
    assert!(seen.lines().any(|line| line.starts_with(">+") || line.starts_with(" +")), "{seen}");
    // Another person of the device's server is told nothing of it.
    let mut model = broker();
    press(&mut model, "F12", 0);
    let mut other = signed();
    other.user = user(9, "bob.ray", Role::Broker);
    update(&mut model, Msg::SignedIn(Box::new(other)), back);
    feed(&mut model, 1, vec![FeedItem::SnapshotBegin, FeedItem::SnapshotEnd]);
    assert!(!picture(&model).contains("Back after"));
}

#[test]
fn no_letter_is_a_command_while_locked_and_nobody_else_can_be_chosen() {
    let mut model = broker();
    press(&mut model, "F12", 0);
    press(&mut model, "q S-Tab S-Tab Tab Tab Tab", 1_000);
    assert_eq!(model.stage, Stage::SignIn);
    assert_eq!(model.signin.user.text(), "ann.lee");
    assert_eq!(model.signin.password.count(), 1);
    let effects = press(&mut model, "F3", 3_000);
    assert!(effects.is_empty() && picture(&model).contains("Locked: F10 signs out first."));
    assert!(press(&mut model, "F12", 4_000).iter().all(|effect| !matches!(effect, Effect::Leave(_))));
}
