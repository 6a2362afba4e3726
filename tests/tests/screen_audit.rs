//! The log as support searches it: days told apart, any identifier, more than a page, clocks that were set back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::effect::Request;
use turret_client::app::{Effect, Model, Msg, update};
use turret_shared::ids::{CorrelationId, OrderId, Sequence};
use turret_shared::role::Role;
use turret_shared::time::NS_PER_S;
use turret_shared::view::AuditView;
use turret_shared::wire::feed::FeedItem;
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};
use turret_tests::station::{NOON, at, feed, in_colour, names, picture, press, signed_in};

const DAY_NS: i64 = 24 * 3_600 * NS_PER_S;

fn support(size: (u16, u16)) -> Model {
    let mut model = signed_in(Role::Support, size, true);
    let mut items = vec![FeedItem::SnapshotBegin];
    items.extend(names());
    items.push(FeedItem::SnapshotEnd);
    feed(&mut model, 9, items);
    model
}

fn row(sequence: u64, ns: i64) -> AuditView {
    AuditView {
        sequence: Sequence(sequence),
        time: NOON.after_ns(ns),
        who: "ann.lee".into(),
        action: "order_new".into(),
        object: "O48201".into(),
        outcome: "ok".into(),
        reason: String::new(),
        detail: "BUY 500 AAPL".into(),
        correlation: CorrelationId::from_bits(sequence),
        session: None,
        order_id: None,
        leaf: vec![0x5d; 32],
        cl_ord_id: None,
    }
}

fn asked(effects: &[Effect]) -> Option<(Request, AuditFilter)> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::Ask { request, ask: Ask::Audit(filter) } => Some((*request, (**filter).clone())),
        _ => None,
    })
}

fn told(model: &mut Model, request: Request, rows: Vec<AuditView>) {
    update(model, Msg::Answer { request, body: Box::new(AnswerBody::Audit(rows)) }, at(0));
}

/// Types a search and gives what the server is asked.
fn searched(model: &mut Model, words: &str) -> (Request, AuditFilter) {
    press(model, "Esc Esc /", 0);
    update(model, Msg::Paste(words.into()), at(100));
    asked(&press(model, "Enter", 200)).expect("a search")
}

/// As many newest-first rows as a page holds, the newest being `newest`.
fn page(newest: u64) -> Vec<AuditView> {
    (0..500).map(|n| row(newest - n, -i64::try_from(n).unwrap() * NS_PER_S)).collect()
}

#[test]
fn entries_of_other_days_say_which() {
    for (size, day) in
        [((80, 24), "03-10 14:31:40 "), ((120, 40), "03-10 14:31:40 "), ((200, 50), "03-10 14:31:40.000")]
    {
        let mut model = support(size);
        let (request, _) = searched(&mut model, "");
        let mut old = row(7, 0);
        old.time = NOON.after_ns(-400 * DAY_NS);
        told(&mut model, request, vec![row(9, 0), row(8, -2 * DAY_NS), old]);
        let seen = picture(&model);
        assert!(seen.contains(day) && seen.contains("03-12 14:31:40") && seen.contains("2025-02-05"), "{seen}");
        let (request, _) = searched(&mut model, "O48201");
        told(&mut model, request, vec![row(8, -2 * DAY_NS), row(9, 0)]);
        let seen = picture(&model);
        assert!(seen.contains("03-10 14:31:40.000 ") && seen.contains("+48:00:00 "), "{seen}");
        insta::assert_snapshot!(format!("support_days_{}x{}", size.0, size.1), seen);
        insta::assert_snapshot!(format!("support_days_{}x{}_colour", size.0, size.1), in_colour(&mut model));
    }
    let mut model = support((80, 24));
    let (request, _) = searched(&mut model, "");
    told(&mut model, request, vec![row(9, 0), row(8, -NS_PER_S)]);
    assert!(picture(&model).contains(" 14:31:39.000 "), "today needs no date: {}", picture(&model));
}

#[test]
fn a_proof_pack_is_asked_for_of_an_order_alone_and_its_file_is_told() {
    let mut model = support((80, 24));
    let (request, _) = searched(&mut model, "");
    let about = AuditView { order_id: Some(OrderId(39_168)), ..row(9, 0) };
    told(&mut model, request, vec![about, row(8, 0)]);
    let effects = press(&mut model, "p", 300);
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Ask { request, ask: Ask::Pack(order) } => Some((*request, *order)),
        _ => None,
    });
    let (request, order) = asked.expect("the pack is asked for");
    assert_eq!(order, OrderId(39_168));
    let body = Box::new(AnswerBody::Pack(b"a pack".to_vec()));
    let effects = update(&mut model, Msg::Answer { request, body }, at(400));
    let kept =
        |effect: &Effect| matches!(effect, Effect::KeepPack { order: OrderId(39_168), bytes } if bytes == b"a pack");
    assert!(effects.iter().any(kept), "{effects:?}");
    update(&mut model, Msg::PackKept("Proof pack of O153: O153.turret-pack, 6 bytes.".into()), at(500));
    assert!(picture(&model).contains("O153.turret-pack, 6 bytes"), "{}", picture(&model));
    let effects = press(&mut model, "d Down p", 600);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Ask { ask: Ask::Pack(_), .. })), "{effects:?}");
    assert!(picture(&model).contains("is about no order"), "{}", picture(&model));
}

#[test]
fn a_clock_that_was_set_back_shows_as_a_negative_gap() {
    let mut model = support((80, 24));
    let (request, _) = searched(&mut model, "O48201");
    told(&mut model, request, vec![row(8, 0), row(9, -5_000_000), row(10, -4_000_000)]);
    let seen = picture(&model);
    assert!(seen.contains(" -0.005 ") && seen.contains(" +0.001 "), "{seen}");
}

#[test]
fn the_one_box_takes_any_identifier() {
    let mut model = support((120, 40));
    let taken = |model: &Model| model.audit.taken_for.clone();
    let (_, filter) = searched(&mut model, "E48217");
    assert_eq!(filter.exec.map(|exec| exec.to_string()).as_deref(), Some("E48217"));
    assert!(model.audit.timeline && filter.account.is_none());
    let (_, filter) = searched(&mut model, "T00005eed-12");
    assert_eq!(filter.cl_ord_id.map(|id| id.to_string()).as_deref(), Some("T00005eed-12"));
    let (_, filter) = searched(&mut model, "brk.b");
    assert_eq!((filter.symbol.as_deref(), taken(&model).as_str()), (Some("BRK.B"), "symbol BRK.B"));
    let (_, filter) = searched(&mut model, "f");
    assert_eq!(filter.symbol.as_deref(), Some("F"));
    let (_, filter) = searched(&mut model, "a1001 kim.ito trade");
    assert_eq!((filter.account.as_deref(), filter.user.as_deref()), (Some("A1001"), Some("kim.ito")));
    assert_eq!(filter.action.as_deref(), Some("trade"));
    let (_, filter) = searched(&mut model, "house-account");
    assert_eq!(filter.any.as_deref(), Some("house-account"));
    let (_, filter) = searched(&mut model, "10:31 NY AAPL");
    assert_eq!(filter.since.map(|at| at.since(NOON)), Some(-40 * NS_PER_S));
    assert_eq!(filter.until.map(|at| at.since(NOON)), Some(20 * NS_PER_S));
    assert_eq!(filter.symbol.as_deref(), Some("AAPL"));
    searched(&mut model, "since=2026-03-11 until=14:00");
    assert_eq!(taken(&model), "since 2026-03-11 00:00:00 UTC, before 2026-03-12 14:01:00 UTC");
    assert!(picture(&model).contains("Taken for since 2026-03-11 00:00:00 UTC"), "{}", picture(&model));
    press(&mut model, "/", 5_000);
    update(&mut model, Msg::Paste("since=soon".into()), at(5_100));
    assert!(asked(&press(&mut model, "Enter", 5_200)).is_none());
    assert!(picture(&model).contains("is no time"), "{}", picture(&model));
}

#[test]
fn an_execution_is_shown_in_its_orders_life_under_the_cursor() {
    let mut model = support((80, 24));
    let (request, _) = searched(&mut model, "E9");
    told(&mut model, request, vec![row(10, 1), row(9, 0), row(8, -1)]);
    assert_eq!(model.audit.chosen().map(|row| row.sequence), Some(Sequence(9)));
}

#[test]
fn more_than_a_page_is_fetched_where_the_cursor_would_leave_the_rows() {
    let mut model = support((80, 24));
    let (request, first) = searched(&mut model, "ann.lee");
    told(&mut model, request, page(9_000));
    assert!(picture(&model).contains("500 rows, PgDn at the end for more"), "{}", picture(&model));
    let effects = press(&mut model, "G", 1_000);
    assert!(asked(&effects).is_none(), "the last row is reached first");
    let (request, filter) = asked(&press(&mut model, "PgDn", 2_000)).expect("the next page");
    assert_eq!((filter.before, filter.user), (Some(Sequence(8_501)), first.user));
    assert!(asked(&press(&mut model, "PgDn j", 3_000)).is_none(), "once");
    told(&mut model, request, page(8_500));
    assert_eq!((model.audit.rows.len(), model.audit.chosen().unwrap().sequence), (1_000, Sequence(8_500)));
    let (request, _) = asked(&press(&mut model, "G G", 4_000)).expect("and the next");
    told(&mut model, request, page(8_000).into_iter().take(3).collect());
    assert_eq!(model.audit.rows.len(), 1_003);
    assert!(asked(&press(&mut model, "G G", 5_000)).is_none(), "there is no more");
    assert!(!picture(&model).contains("for more"));
}

#[test]
fn a_page_of_another_search_is_dropped_and_a_long_life_goes_back_from_its_top() {
    let mut model = support((80, 24));
    let (request, _) = searched(&mut model, "ann.lee");
    told(&mut model, request, page(9_000));
    let (stale, _) = asked(&press(&mut model, "G G", 1_000)).expect("the next page");
    let (request, _) = searched(&mut model, "O48201");
    told(&mut model, stale, page(8_500));
    assert_eq!(model.audit.rows.len(), 500, "the rows shown stay until the new ones come");
    told(&mut model, request, page(7_000));
    assert_eq!(model.audit.rows.first().unwrap().sequence, Sequence(6_501), "oldest first");
    assert!(asked(&press(&mut model, "G j", 2_000)).is_none(), "nothing is newer");
    let (request, filter) = asked(&press(&mut model, "g k", 3_000)).expect("what was before");
    assert_eq!(filter.before, Some(Sequence(6_501)));
    told(&mut model, request, page(6_500).into_iter().take(2).collect());
    assert_eq!((model.audit.rows.len(), model.audit.chosen().unwrap().sequence), (502, Sequence(6_500)));
}

#[test]
fn an_answer_that_comes_while_the_next_search_is_typed_takes_no_keys_away() {
    let mut model = support((120, 40));
    let (first, _) = searched(&mut model, "kim.ito");
    press(&mut model, "Ctrl-u a n n", 250);
    told(&mut model, first, page(900));
    press(&mut model, ". l e e", 300);
    assert!(picture(&model).contains("[ann.lee"), "{}", picture(&model));
    let (second, filter) = asked(&press(&mut model, "Enter", 400)).expect("asked");
    assert_eq!(filter.user.as_deref(), Some("ann.lee"));
    // Its own answer gives the keys back to the list; one of the search before it changes nothing any more.
    told(&mut model, second, page(800));
    assert!(!model.audit.typing);
    told(&mut model, first, page(900));
    assert!(model.audit.rows.iter().all(|row| row.sequence.0 <= 800), "{:?}", model.audit.rows.len());
}
