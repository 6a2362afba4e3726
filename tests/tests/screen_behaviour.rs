//! What keys and messages do to the workstation, without a terminal: rows of keys and what must follow.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use turret_client::app::key::Press;
use turret_client::app::modal::Modal;
use turret_client::app::{Effect, Model, Msg, Screen, Stage, update};
use turret_shared::command::{Command, Verb};
use turret_shared::ids::{OrderId, Sequence};
use turret_shared::order::{ExecType, OrdStatus, Side};
use turret_shared::role::Role;
use turret_shared::wire::control::SessionEnd;
use turret_shared::wire::feed::FeedItem;
use turret_shared::wire::query::Ask;
use turret_tests::station::{a_day, at, executed, feed, in_status, nth, order, picture, press, signed_in, with_orders};

fn broker() -> Model {
    a_day(Role::Broker, (80, 24), true)
}

fn sent(effects: &[Effect]) -> Vec<Verb> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send { bytes, .. } => Some(Command::from_bytes(bytes).expect("canonical").verb),
            _ => None,
        })
        .collect()
}

#[test]
fn the_shortest_order_is_b_quantity_enter_enter_y() {
    let mut model = broker();
    // An order of this listing fixed the account: it is filled in from then on.
    press(&mut model, "2 b Up Enter 1 0 0 Enter Enter y", 0);
    let effects = press(&mut model, "b 5 0 0 Enter Enter y", 10_000);
    let verbs = sent(&effects);
    let [Verb::OrderNew(new)] = verbs.as_slice() else { panic!("{verbs:?}") };
    assert_eq!((new.side, new.qty.to_string().as_str(), new.symbol.as_str()), (Side::Buy, "500", "AAPL"));
    assert_eq!(new.price.map(|p| p.to_string()).as_deref(), Some("189.48"));
    assert!(new.saw.is_some());
}

#[test]
fn nothing_is_sent_by_any_key_but_y_after_the_guard() {
    for keys in
        ["2 b Up Enter 1 0 0 Enter Enter", "2 b Up Enter 1 0 0 Enter Enter Enter", "c Enter", "c Esc", "X Enter"]
    {
        let mut model = broker();
        let effects = press(&mut model, keys, 0);
        assert!(sent(&effects).is_empty(), "{keys}");
    }
    let mut model = broker();
    press(&mut model, "j c", 0);
    let y = Press::parse("y").expect("a key");
    let too_soon = update(&mut model, Msg::Key(y), at(400 + 149));
    assert!(sent(&too_soon).is_empty());
    assert!(picture(&model).contains("too soon: y again"));
    let then = update(&mut model, Msg::Key(y), at(400 + 150));
    assert!(matches!(sent(&then).as_slice(), [Verb::OrderCancel(_)]));
}

#[test]
fn a_review_read_slowly_is_sent_with_its_whole_time_before_it() {
    let mut model = broker();
    press(&mut model, "2 b Up Enter 1 0 0 Enter Enter", 0);
    let mut later = at(120_000);
    later.wall = later.wall.after_ns(120_000_000_000);
    let effects = update(&mut model, Msg::Key(Press::parse("y").unwrap()), later);
    let Some(Effect::Send { bytes, .. }) = effects.first() else { panic!("{effects:?}") };
    let command = Command::from_bytes(bytes).unwrap();
    assert!(command.expires.since(model.now.wall) >= 5_000_000_000, "{:?} at {:?}", command.expires, model.now.wall);
}

#[test]
fn numbers_readers_disagree_on_are_refused() {
    for (typed, shown) in [
        ("1 8 9 , 5 0", "a comma parts thousands"),
        ("1 e", "e is no part of a number"),
        ("0", "quantity must be above zero"),
        ("- 5", "quantity must be above zero"),
        (". 5", "quantity must be a multiple of 1"),
    ] {
        let mut model = broker();
        press(&mut model, &format!("2 b Up Enter {typed}"), 0);
        assert!(picture(&model).contains(shown), "{typed}: {}", picture(&model));
    }
}

#[test]
fn a_sale_of_more_than_is_long_points_to_short() {
    let mut model = broker();
    press(&mut model, "2 s Up Enter 5 k", 0);
    assert!(picture(&model).contains("sell 5,000 of 1,200 long: use short"));
}

#[test]
fn marked_orders_go_only_after_their_count() {
    let mut model = broker();
    let marked = press(&mut model, "j Space Space C 3 Enter", 0);
    assert!(sent(&marked).is_empty());
    let mut model = broker();
    let effects = press(&mut model, "g Space j Space C 1 Enter", 0);
    let count = sent(&effects).len();
    assert!(count <= 1);
    let mut model = broker();
    press(&mut model, "C", 0);
    assert!(model.modals.is_empty(), "with nothing marked it does nothing");
}

#[test]
fn all_mine_wants_the_word() {
    let mut model = broker();
    assert!(sent(&press(&mut model, "X c a n Enter", 0)).is_empty());
    let effects = press(&mut model, "c e l Enter", 5_000);
    assert!(matches!(sent(&effects).as_slice(), [Verb::CancelAll(_)]));
}

#[test]
fn a_window_about_an_order_closes_when_it_ends() {
    let mut model = broker();
    press(&mut model, "c", 0);
    let Some(Modal::Cancel(open)) = model.modals.last() else { panic!("a window") };
    let ended =
        in_status(order(open.order.sequence().0, 1, Side::Buy, 500, "189.46"), OrdStatus::Canceled, ExecType::Canceled);
    feed(&mut model, 9, vec![FeedItem::Order(Box::new(ended))]);
    assert!(model.modals.is_empty());
    assert!(picture(&model).contains("the window about it closed"));
}

#[test]
fn roles_see_the_screens_their_permissions_allow() {
    use Screen::{
        Accounts, Alerts, Approvals, Audit, Blotter, Devices, Fills, House, Limits, Positions, Quotes, Sessions, Users,
    };
    for (role, want) in [
        (Role::Broker, vec![Blotter, Quotes, Positions, Fills, Accounts, Limits, Alerts]),
        (Role::Customer, vec![Blotter, Quotes, Positions, Fills, Accounts, Limits, Alerts]),
        (Role::Supervisor, vec![Blotter, Quotes, Positions, Fills, Accounts, Audit, Limits, Alerts, Approvals]),
        (Role::Admin, vec![Users, Sessions, Devices, House, Audit, Limits, Alerts, Approvals]),
        (Role::Support, vec![Blotter, Fills, Audit, Alerts]),
    ] {
        let mut model = signed_in(role, (80, 24), true);
        assert_eq!(model.screens(), want, "{role}");
        press(&mut model, "b", 0);
        assert!(model.modals.is_empty(), "{role} has no account to trade yet");
    }
}

#[test]
fn a_disabled_action_says_why() {
    for (role, keys, why) in [
        (Role::Supervisor, "b", "not for the role supervisor"),
        (Role::Support, "b", "not for the role support"),
        (Role::Broker, "C", "nothing is marked"),
        (Role::Broker, "F8", "does nothing here"),
    ] {
        let mut model = a_day(role, (120, 40), true);
        press(&mut model, "1", 0);
        press(&mut model, keys, 300);
        assert!(picture(&model).contains(why), "{role} {keys}");
    }
}

#[test]
fn the_end_of_a_session_leaves_nothing_of_the_desk() {
    let mut model = broker();
    update(&mut model, Msg::SessionEnded(SessionEnd::Idle), at(0));
    assert_eq!(model.stage, Stage::SignIn);
    assert!(model.orders.is_empty() && model.desk.accounts.is_empty() && model.session.is_none());
    let seen = picture(&model);
    assert!(seen.contains("LOCKED") && seen.contains("15 minutes without a key"), "{seen}");
    for of_the_desk in ["AAPL", "A1001", "Northgate"] {
        assert!(!seen.contains(of_the_desk), "{of_the_desk}: {seen}");
    }
}

#[test]
fn input_is_reported_at_most_twice_a_minute() {
    let mut model = broker();
    let keys = "j ".repeat(600);
    let effects = press(&mut model, &keys, 0);
    let reports = effects.iter().filter(|effect| matches!(effect, Effect::Activity)).count();
    assert!((3..=5).contains(&reports), "{reports} in two minutes");
}

#[test]
fn an_order_in_doubt_is_asked_about_and_never_sent_again() {
    let mut model = broker();
    let first = press(&mut model, "2 b Up Enter 1 0 0 Enter Enter y 1", 0);
    let request = first
        .iter()
        .find_map(|effect| match effect {
            Effect::Send { request, .. } => Some(*request),
            _ => None,
        })
        .expect("sent");
    update(&mut model, Msg::NoReply { request, why: "lost".into(), in_doubt: true }, at(9_000));
    update(&mut model, Msg::LinkDown, at(9_000));
    assert!(picture(&model).contains("IN DOUBT"));
    let back = update(&mut model, Msg::LinkUp { resumed: true }, at(10_000));
    assert!(sent(&back).is_empty());
    let Verb::OrderNew(new) = &sent(&first)[0] else { panic!("an order") };
    let named = back.iter().any(|effect| match effect {
        Effect::Ask { ask: Ask::Orders { status: None, account: None, cl_ord_id }, .. } => {
            cl_ord_id.as_ref() == Some(&new.cl_ord_id)
        }
        _ => false,
    });
    assert!(named, "asked for by its name, so that no number of newer orders hides it");
}

#[test]
fn a_ticket_escaped_is_kept_and_opens_again() {
    let mut model = broker();
    press(&mut model, "2 b Up Enter 7 7 Esc 1 ] ] ] ] ] Enter", 0);
    let ticket = model.ticket().expect("the draft is open again");
    assert_eq!(ticket.quantity.text(), "77");
}

#[test]
fn only_what_is_in_sight_is_drawn_whatever_the_number_of_rows() {
    let few = with_orders(100, (80, 24));
    let many = with_orders(20_000, (80, 24));
    assert_eq!(many.orders.len(), 20_000);
    assert_eq!(picture(&few).lines().count(), picture(&many).lines().count());
    let mut many = many;
    press(&mut many, "G", 0);
    assert!(many.blotter.top > 10_000);
    press(&mut many, "/ o 1 9 9 9", 0);
    assert!(!many.blotter.list.is_empty() && many.blotter.list.len() < 20);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever arrives, cursor and marks name the orders they named, and the cursor's row stays where it was on screen.
    #[test]
    fn cursor_and_marks_never_move_to_another_order(
        down in 0_usize..40,
        arrivals in proptest::collection::vec((1_u64..400, 0_u32..4), 1..60),
    ) {
        let mut model = with_orders(200, (80, 24));
        press(&mut model, &"j ".repeat(down), 0);
        press(&mut model, "Space k", 60_000);
        let cursor = model.blotter.cursor;
        let marks = model.blotter.marks.clone();
        let scrolled = model.blotter.top > 0;
        let line = |model: &Model| {
            picture(model).lines().position(|text| text.starts_with('>'))
        };
        let before = line(&model);
        for (sequence, change) in arrivals {
            let view = if sequence <= 200 { nth(u32::try_from(sequence).unwrap_or(1)) } else { order(sequence, 1, Side::Buy, 10, "100.00") };
            let view = match change {
                0 => view,
                1 => executed(view, 5, "100.00"),
                2 => in_status(view, OrdStatus::Canceled, ExecType::Canceled),
                _ => in_status(view, OrdStatus::PendingCancel, ExecType::PendingCancel),
            };
            feed(&mut model, sequence, vec![FeedItem::Order(Box::new(view))]);
            prop_assert_eq!(model.blotter.cursor, cursor);
            prop_assert_eq!(&model.blotter.marks, &marks);
        }
        if scrolled {
            prop_assert_eq!(line(&model), before);
        }
    }

    /// The list kept row by row is the list made anew, for every sort.
    #[test]
    fn the_list_kept_up_is_the_list_made_anew(
        sort in 0_usize..10,
        changes in proptest::collection::vec((1_u64..80, 0_u32..4, 1_i64..900), 1..80),
    ) {
        let mut model = with_orders(40, (80, 24));
        press(&mut model, &"Right o o ".repeat(sort), 0);
        for (sequence, change, units) in changes {
            let view = order(sequence, 1 + u32::try_from(sequence % 13).unwrap_or(0), Side::Buy, units, "100.00");
            let view = match change {
                0 => view,
                1 => executed(view, units, "99.00"),
                2 => in_status(view, OrdStatus::Rejected, ExecType::Rejected),
                _ => in_status(view, OrdStatus::PendingReplace, ExecType::PendingReplace),
            };
            feed(&mut model, sequence, vec![FeedItem::Order(Box::new(view))]);
        }
        let ids = |model: &Model| -> Vec<OrderId> {
            model.blotter.list.window(0, 1_000).filter_map(|place| model.orders.at(place)).map(|row| row.id).collect()
        };
        let (kept, totals) = (ids(&model), model.blotter.list.totals.clone());
        model.refilter();
        prop_assert_eq!(kept, ids(&model));
        let positive = |t: &turret_client::app::list::Totals| (t.working, t.leaves_buy, t.leaves_sell);
        prop_assert_eq!(positive(&totals), positive(&model.blotter.list.totals));
    }
}

#[test]
fn sequences_of_the_feed_are_remembered() {
    let mut model = broker();
    feed(&mut model, 77, vec![]);
    assert_eq!(model.session.as_ref().and_then(|session| session.through), Some(Sequence(77)));
}
