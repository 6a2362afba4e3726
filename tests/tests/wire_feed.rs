//! Feed, quotes and load on one connection: who does not read harms nobody else; it must assert order and never speed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use std::collections::BTreeSet;

use turret_shared::command::{NewOrder, Verb};
use turret_shared::ids::{ClOrdId, Sequence};
use turret_shared::instrument::Instrument;
use turret_shared::money::Qty;
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame};
use turret_shared::wire::feed::FeedItem;
use turret_shared::wire::put_frame;
use turret_shared::wire::query::{AnswerBody, Ask};
use wire::client::{Control, command};
use wire::desk::Desk;
use wire::feed;

/// More changed rows than a session's feed gathers before it is cut, besides what the transport's windows hold.
const ORDERS: u64 = 40_000;
/// Commands in flight.
const IN_FLIGHT: u64 = 256;

async fn listing(control: &Control, symbol: &str) -> Instrument {
    let answers = control.ask(Ask::Instruments).await;
    let all = answers.into_iter().flat_map(|answer| match answer.body {
        AnswerBody::Instruments(rows) => rows,
        other => panic!("{other:?}"),
    });
    all.into_iter().find(|row| row.symbol == symbol).expect("a listing")
}

fn order(n: u64, listing: &Instrument) -> Vec<u8> {
    let account = ["A1001", "A1002", "A1003"][(n % 3) as usize];
    let new = NewOrder {
        cl_ord_id: ClOrdId::new(&format!("f{n}")).unwrap(),
        account: account.into(),
        symbol: listing.symbol.clone(),
        side: Side::Buy,
        qty: Qty::whole(1).unwrap(),
        ord_type: OrdType::Limit,
        price: Some(listing.reference),
        stop_px: None,
        tif: TimeInForce::Day,
        confirmed: true,
        text: String::new(),
        saw: None,
    };
    command(Verb::OrderNew(new)).to_bytes()
}

/// Sends that many orders with a window in flight; tells how many were taken.
async fn trade(control: &mut Control, listing: &Instrument) -> u64 {
    let (mut sent, mut heard, mut taken) = (0, 0, 0);
    while heard < ORDERS {
        let mut bytes = Vec::new();
        while sent < ORDERS && sent - heard < IN_FLIGHT {
            sent += 1;
            put_frame(&ClientFrame::Command { request: sent, bytes: order(sent, listing) }, &mut bytes).unwrap();
        }
        control.say_bytes(&bytes).await;
        match control.hear_news().await {
            ServerFrame::Reply { outcome, .. } => {
                heard += 1;
                taken += u64::from(matches!(outcome, Outcome::Order(_)));
            }
            other => panic!("{other:?}"),
        }
    }
    taken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_the_feed_is_cut_to_a_snapshot_and_nobody_waits() {
    let desk = Desk::start();
    let (ann, kim) = (desk.person("ann.lee"), desk.person("kim.ito"));
    let (mut slow, _) = Control::signed_in(&kim, desk.address).await;
    let (mut fast, _) = Control::signed_in(&ann, desk.address).await;
    let mut unread = feed::start(&mut slow, None).await;
    let cheap = listing(&fast, "PFE").await;
    // All are answered while the other session's feed stands still.
    let taken = trade(&mut fast, &cheap).await;
    // Its control stream and its questions go on as well.
    slow.say(&ClientFrame::Activity).await;
    assert!(matches!(slow.hear().await, ServerFrame::SessionClock { .. }));
    assert!(!slow.ask(Ask::Accounts).await.is_empty());

    // Now it reads: a first snapshot, some changes, then the gap and a second snapshot that has everything.
    let (mut gaps, mut snapshots, mut orders, mut through) = (0, 0, BTreeSet::new(), Sequence(0));
    while snapshots < 2 || (orders.len() as u64) < taken {
        let message = feed::next(&mut unread).await;
        assert!(message.through >= through || message.through == Sequence(0), "the feed goes forward");
        through = message.through.max(through);
        for item in message.items {
            match item {
                FeedItem::Gap => gaps += 1,
                FeedItem::SnapshotBegin => orders.clear(),
                FeedItem::SnapshotEnd => snapshots += 1,
                FeedItem::Order(order) => drop(orders.insert(order.order_id)),
                _ => {}
            }
        }
    }
    // How often it is cut depends on how fast the machine projects; what holds always is that a snapshot mends each cut.
    assert!(gaps >= 1, "cut at least once");
    assert_eq!(snapshots, gaps + 1, "each cut is mended by a snapshot");
    assert!(taken > 8_192, "enough was changed to be cut: {taken}");
    // A feed taken up from what one has brings no snapshot.
    let mut resumed = feed::start(&mut slow, Some(through)).await;
    let cl_ord_id = ClOrdId::new("last").unwrap();
    let mut last = order(1, &cheap);
    let mut decoded = turret_shared::command::Command::from_bytes(&last).unwrap();
    if let Verb::OrderNew(new) = &mut decoded.verb {
        new.cl_ord_id = cl_ord_id;
        last = decoded.to_bytes();
    }
    let request = fast.command_bytes(last).await;
    fast.outcome(request).await;
    let items = feed::next(&mut resumed).await.items;
    assert!(!items.iter().any(|item| matches!(item, FeedItem::SnapshotBegin | FeedItem::Gap)), "{items:?}");
}
