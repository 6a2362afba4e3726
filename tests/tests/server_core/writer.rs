//! The writer: nothing is told before it is durable, and what cannot be made durable is never told.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use turret_engine::Input;
use turret_server::sequencer::limits::COMMIT_HERE_INPUTS_MAX;
use turret_server::sequencer::mailbox::mailbox;
use turret_server::sequencer::release::{Access, Outlets, SessionControl, Telling};
use turret_server::sequencer::reply::Decided;
use turret_shared::denial::DenialCode;
use turret_shared::entry::Entry;
use turret_shared::event::Event;
use turret_shared::ids::{OrderId, Sequence};
use turret_shared::order::{OrdStatus, Side};
use turret_shared::time::Timestamp;
use turret_shared::tlog::leaf_hash;
use turret_shared::venue::{Report, ReportKind, Route, SimRoute, VenueClOrdId};
use turret_shared::wire::control::{Accepted, Outcome};
use turret_tests::floor::Desk as FloorDesk;

use super::desk::{Desk, START_NS};
use super::doubles::{Fault, ListeningVenue, MemoryStore};

/// More than are committed where they are decided.
const MANY: usize = 2 * COMMIT_HERE_INPUTS_MAX;

/// The venue's session opens, so that orders are taken.
pub(crate) async fn open_market(desk: &Desk) {
    let open = Report { sequence: 1, time: Timestamp(START_NS), kind: ReportKind::Session { open: true } };
    desk.inbox.decided(Input::VenueLink(true)).await.unwrap();
    desk.inbox.decided(Input::Venue(open)).await.unwrap();
}

pub(crate) fn accepted(outcome: Option<Outcome>) -> Accepted {
    match outcome {
        Some(Outcome::Order(accepted)) => *accepted,
        other => panic!("not accepted: {other:?}"),
    }
}

#[tokio::test]
async fn an_order_is_answered_with_the_leaf_of_a_durable_entry_and_routed_behind_it() {
    let mut desk = Desk::open().await;
    open_market(&desk).await;
    let verb = desk.buy(100);
    let decided = desk.send(verb).await.unwrap();
    let accepted = accepted(decided.outcome);
    assert_eq!(accepted.order.ord_status, OrdStatus::PendingNew);
    let kept = desk.store.kept.lock().unwrap().entries[accepted.sequence.0 as usize].0.clone();
    assert_eq!(accepted.leaf, leaf_hash(&kept).0.to_vec());
    let entry = Entry::from_bytes(&kept).unwrap();
    assert_eq!(entry.head.sequence, accepted.sequence);
    desk.end().unwrap();
    let routed = desk.venue.routed.lock().unwrap();
    let durable = routed.iter().find_map(|(route, durable)| match route {
        Route::New(new) if new.id.order == accepted.order.order_id => Some(*durable),
        _ => None,
    });
    assert!(durable.unwrap() > accepted.sequence.0 as usize);
}

#[tokio::test]
async fn the_same_command_again_gets_the_same_receipt_and_no_second_order() {
    let mut desk = Desk::open().await;
    open_market(&desk).await;
    let verb = desk.buy(100);
    let first = accepted(desk.send(verb.clone()).await.unwrap().outcome);
    let size = desk.store.size();
    let again = accepted(desk.send(verb).await.unwrap().outcome);
    assert_eq!(
        (again.order.order_id, again.sequence, &again.leaf),
        (first.order.order_id, first.sequence, &first.leaf)
    );
    assert_eq!(desk.store.size(), size);
    desk.end().unwrap();
}

#[tokio::test]
async fn what_is_not_durable_is_never_answered_nor_routed() {
    let mut desk = Desk::open().await;
    open_market(&desk).await;
    desk.store.fail_next(Fault::Refused);
    let verb = desk.buy(100);
    assert!(desk.send(verb).await.is_none());
    assert!(desk.end().is_err());
    assert!(!desk.venue.routed.lock().unwrap().iter().any(|(route, _)| matches!(route, Route::New(_))));
}

/// Sends orders while the store is held, so that the first is one batch and all others are the next, which is too large to
/// be committed where it is decided; gives what became of each, in order.
async fn one_and_many(desk: &mut Desk, many: usize) -> Vec<Option<Decided>> {
    desk.store.hold(true);
    let mut asked = Vec::new();
    for _ in 0..=many {
        let verb = desk.buy(1);
        let (inbox, input) = (desk.inbox.clone(), desk.input(verb));
        asked.push(tokio::spawn(async move { inbox.decided(input).await.ok() }));
        // It is in the inbox once it waits.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    desk.store.hold(false);
    let mut decided = Vec::new();
    for one in asked {
        decided.push(one.await.unwrap());
    }
    decided
}

#[tokio::test]
async fn a_large_batch_is_one_commit_and_all_of_it_is_told_with_its_own_leaf() {
    let mut desk = Desk::open().await;
    open_market(&desk).await;
    let commits = desk.store.kept.lock().unwrap().commits;
    let decided = one_and_many(&mut desk, MANY).await;
    desk.end().unwrap();
    let kept = desk.store.kept.lock().unwrap();
    assert_eq!(kept.commits - commits, 2);
    let mut last = Sequence(0);
    for one in decided {
        let accepted = accepted(one.unwrap().outcome);
        assert!(accepted.sequence > last, "in the order they came");
        last = accepted.sequence;
        assert_eq!(accepted.leaf, leaf_hash(&kept.entries[last.0 as usize].0).0.to_vec());
    }
    let routed = desk.venue.routed.lock().unwrap();
    assert_eq!(routed.iter().filter(|(route, _)| matches!(route, Route::New(_))).count(), MANY + 1);
}

#[tokio::test]
async fn nothing_of_a_large_batch_that_is_not_durable_is_told_and_everything_before_it_is() {
    let mut desk = Desk::open().await;
    open_market(&desk).await;
    desk.store.pass_next();
    desk.store.fail_next(Fault::Refused);
    let decided = one_and_many(&mut desk, MANY).await;
    assert_eq!(decided.iter().filter(|one| one.is_some()).count(), 1);
    assert!(decided.first().is_some_and(Option::is_some));
    assert!(desk.end().is_err());
    let routed = desk.venue.routed.lock().unwrap();
    assert_eq!(routed.iter().filter(|(route, _)| matches!(route, Route::New(_))).count(), 1);
}

#[tokio::test]
async fn on_a_full_disk_the_reserve_lets_cancels_through_and_nothing_else() {
    let mut desk = Desk::open().await;
    open_market(&desk).await;
    let verb = desk.buy(100);
    let order = accepted(desk.send(verb).await.unwrap().outcome).order.order_id;
    acknowledge(&desk, order, 2).await;
    // The order that meets the full disk is still recorded: with the reserve given up for it.
    desk.store.fail_next(Fault::Full);
    let verb = desk.buy(50);
    accepted(desk.send(verb).await.unwrap().outcome);
    let size = desk.store.size();
    let verb = desk.buy(10);
    let denied = desk.send(verb).await.unwrap();
    assert!(matches!(denied.outcome, Some(Outcome::Denied(denial)) if denial.code == DenialCode::DiskReserve));
    assert_eq!(desk.store.size(), size);
    let verb = desk.cancel(order);
    assert_eq!(accepted(desk.send(verb).await.unwrap().outcome).order.ord_status, OrdStatus::PendingCancel);
    desk.end().unwrap();
}

#[tokio::test]
async fn the_outbox_is_handed_over_when_the_link_comes_up() {
    let mut desk = Desk::open().await;
    open_market(&desk).await;
    let verb = desk.buy(100);
    let order = accepted(desk.send(verb).await.unwrap().outcome).order.order_id;
    desk.inbox.decided(Input::VenueLink(false)).await.unwrap();
    desk.inbox.decided(Input::VenueLink(true)).await.unwrap();
    desk.end().unwrap();
    let recovered = desk.venue.recovered.lock().unwrap();
    let last = recovered.last().unwrap();
    let names = |route: &Route| match route {
        Route::New(new) => new.id.order == order,
        Route::Status { id } => id.order == order,
        _ => false,
    };
    assert!(last.iter().any(names), "{last:?}");
}

#[test]
fn what_a_batch_decides_while_the_link_comes_up_is_sent_once() {
    let mut floor = FloorDesk::new();
    let order = floor.order(Side::Buy, 100, 19_000);
    let venue = ListeningVenue::new(&MemoryStore::new());
    let (work, _work) = mailbox(8);
    let (access, _access) = Access::new(floor.state.access_copy());
    let (ended, _ended) = SessionControl::new();
    let mut outlets = Outlets::new(work, access, ended, Arc::new(venue.clone()), watch::Sender::new(0));
    let steering = Route::Sim(SimRoute::Session { open: true });
    let mut routes = floor.routes.clone();
    routes.push(steering.clone());
    outlets.let_out(Telling { routes, outbox: Some(floor.state.outbox()), ..Telling::default() });
    let recovered = venue.recovered.lock().unwrap().clone();
    assert!(matches!(&recovered[..], [outbox] if matches!(&outbox[..], [Route::New(new)] if new.id.order == order)));
    let routed: Vec<Route> = venue.routed.lock().unwrap().iter().map(|(route, _)| route.clone()).collect();
    assert_eq!(routed, [steering]);
}

#[tokio::test]
async fn a_life_begins_with_the_fact_that_it_does() {
    let mut desk = Desk::open().await;
    desk.end().unwrap();
    let kept = desk.store.kept.lock().unwrap();
    let events: Vec<Event> =
        kept.entries.iter().map(|(bytes, _)| Entry::from_bytes(bytes).unwrap().event().unwrap()).collect();
    let started = events.iter().position(|event| matches!(event, Event::Started(_))).unwrap();
    let set_up = events.iter().rposition(|event| event.kind() < 100).unwrap();
    assert_eq!(started, set_up + 1, "nothing of this life stands before it");
}

#[tokio::test]
async fn an_order_without_an_answer_comes_into_doubt_when_its_time_is_up() {
    let mut desk = Desk::open().await;
    open_market(&desk).await;
    let verb = desk.buy(100);
    let order = accepted(desk.send(verb).await.unwrap().outcome).order.order_id;
    desk.clock.advance_ms(2_001);
    // Any input makes the writer look at the clock; the tick would too.
    let verb = desk.buy(1);
    desk.send(verb).await.unwrap();
    desk.end().unwrap();
    let asked = Route::Status { id: VenueClOrdId { order, revision: 0 } };
    assert!(desk.venue.routed.lock().unwrap().iter().any(|(route, _)| *route == asked));
}

pub(crate) async fn acknowledge(desk: &Desk, order: OrderId, sequence: u64) {
    let id = VenueClOrdId { order, revision: 0 };
    let kind = ReportKind::New { id, working: true };
    let decided = desk.inbox.decided(Input::Venue(Report { sequence, time: Timestamp(START_NS), kind })).await.unwrap();
    assert!(decided.first > Some(Sequence(0)));
}
