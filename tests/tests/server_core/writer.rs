//! The writer: nothing is told before it is durable, and what cannot be made durable is never told.

use std::sync::Arc;

use tokio::sync::watch;
use turret_engine::Input;
use turret_server::sequencer::mailbox::mailbox;
use turret_server::sequencer::release::{Access, Outlets, SessionControl, Telling};
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
