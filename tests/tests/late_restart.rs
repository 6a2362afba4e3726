//! A server that comes back long after it was killed: what the venue never answered is sent then, once, and is not given up.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::time::Duration;

use tokio::sync::mpsc;
use turret_client::link::{Link, LinkEvent};
use turret_client::profile::Profile;
use turret_shared::command::{COMMAND_SCHEMA, Command, Environment, NewOrder, Verb};
use turret_shared::event::Event;
use turret_shared::ids::ClOrdId;
use turret_shared::limits::IN_DOUBT_MS;
use turret_shared::money::Qty;
use turret_shared::order::{OrdStatus, OrdType, Side, TimeInForce};
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::venue::ReportKind;
use turret_shared::wire::control::Outcome;
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::crash::desk::Desk;
use turret_tests::load::clock::wall;

/// For an order to come to the venue and back, in milliseconds: generous, for a debug build on a busy machine.
const THERE_AND_BACK_MS: u32 = 60_000;

/// Signs the trader in; the link lives as long as somebody listens to its events.
async fn trader(desk: &Desk) -> (Link, mpsc::Receiver<LinkEvent>) {
    let person = desk.trader().unwrap();
    let profile = Profile::load(&person.client_dir).unwrap().at(&desk.address.to_string());
    let (link, events) = Link::connect(&profile, true).await.unwrap();
    let code = person.authenticator.as_ref().unwrap().code_at(wall());
    link.sign_in(&person.user, person.password.clone(), code).await.unwrap();
    (link, events)
}

/// A bid three hundredths below the reference: taken without a market, filled by none.
async fn resting(link: &Link, now: Timestamp) -> Command {
    let AnswerBody::Instruments(listings) = link.query(Ask::Instruments).await.unwrap().body else {
        panic!("listings")
    };
    let listing = listings.into_iter().find(|one| one.symbol == "PFE").unwrap();
    let mut price = listing.reference;
    price.0 = price.0 / 100 * 97 / listing.tick.0 * listing.tick.0;
    let verb = Verb::OrderNew(NewOrder {
        cl_ord_id: ClOrdId::new("LATE-1").unwrap(),
        account: "A1001".into(),
        symbol: listing.symbol,
        side: Side::Buy,
        qty: Qty(10 * Qty::ONE.0),
        ord_type: OrdType::Limit,
        price: Some(price),
        stop_px: None,
        tif: TimeInForce::Day,
        confirmed: true,
        text: String::new(),
        saw: None,
    });
    Command { schema: COMMAND_SCHEMA, environment: Environment::Sim, expires: now.after_ns(3_600 * NS_PER_S), verb }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_without_an_answer_survives_a_server_that_is_long_away() {
    let mut desk = Desk::make(Path::new(env!("CARGO_BIN_EXE_demo"))).unwrap();
    // The venue keeps its address and is away, so that the order is certain to be without an answer.
    desk.start_venue().unwrap();
    desk.kill_venue().unwrap();
    desk.start_server().unwrap();
    let (link, mut events) = trader(&desk).await;
    let command = resting(&link, wall()).await;
    let reply = link.command(command.to_bytes()).await.unwrap();
    let Outcome::Order(accepted) = reply.outcome else { panic!("{:?}", reply.outcome) };
    let order = accepted.order.order_id;
    desk.kill_server().unwrap();
    desk.start_venue().unwrap();
    tokio::time::sleep(Duration::from_millis(IN_DOUBT_MS * 3 / 2)).await;

    desk.start_server().unwrap();
    let back = async { while !matches!(events.recv().await, Some(LinkEvent::Up { .. })) {} };
    tokio::time::timeout(Duration::from_secs(60), back).await.unwrap();
    let ask = Ask::WaitStatus { order, status: OrdStatus::New, timeout_ms: THERE_AND_BACK_MS };
    let answer = link.query(ask).await.unwrap().body;
    let AnswerBody::Waited { reached, order: row } = answer else { panic!("{answer:?}") };
    assert!(reached, "{row:?}");
    assert_eq!((row.ord_status, row.in_doubt), (OrdStatus::New, false));

    let mut evidence = desk.evidence();
    desk.stop_server();
    desk.stop_venue();
    desk.read(&mut evidence).unwrap();
    let at_venue =
        evidence.reports.iter().filter(|r| matches!(r.kind, ReportKind::New { id, .. } if id.order == order));
    assert_eq!(at_venue.count(), 1, "the venue took it once");
    let doubts =
        evidence.entries.iter().filter(|one| matches!(&one.event, Event::InDoubt(doubt) if doubt.order == order));
    assert_eq!(doubts.count(), 0, "nobody doubted what was never sent");
}
