//! Searching the log over the wire by whatever identifier a caller reads out, and page by page.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use turret_shared::command::{NewOrder, Verb};
use turret_shared::ids::ClOrdId;
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::view::AuditView;
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};
use wire::client::{Control, command};
use wire::house::House;

fn order(name: &str, symbol: &str) -> Vec<u8> {
    let new = NewOrder {
        cl_ord_id: ClOrdId::new(name).unwrap(),
        account: "A1001".into(),
        symbol: symbol.into(),
        side: Side::Buy,
        qty: Qty::whole(1).unwrap(),
        ord_type: OrdType::Limit,
        price: Some(Price::parse("28.00").unwrap()),
        stop_px: None,
        tif: TimeInForce::Day,
        confirmed: true,
        text: String::new(),
        saw: None,
    };
    command(Verb::OrderNew(new)).to_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_caller_reads_out_finds_it_and_pages_leave_nothing_out() {
    let house = House::open().await;
    let step = house.clock.step();
    let (mut ann, _) = Control::entered(&house.person("ann.lee"), house.address, step).await;
    let (support, _) = Control::entered(&house.person("mia.ortiz"), house.address, step).await;
    for (name, symbol) in [("my-first", "PFE"), ("my-second", "MSFT")] {
        let request = ann.command_bytes(order(name, symbol)).await;
        ann.outcome(request).await;
    }
    let name = |text: &str| Some(ClOrdId::new(text).unwrap());
    let by_name = support.found(AuditFilter { cl_ord_id: name("my-first"), ..AuditFilter::default() }).await;
    assert!(!by_name.is_empty());
    let object = by_name[0].object.clone();
    assert!(by_name.iter().all(|row| row.object == object), "{by_name:?}");

    let any = |word: &str| AuditFilter { any: Some(word.into()), ..AuditFilter::default() };
    assert_eq!(support.found(any("my-first")).await, by_name);
    let pfe = support.found(AuditFilter { symbol: Some("PFE".into()), ..AuditFilter::default() }).await;
    assert!(pfe.iter().any(|row| row.object == object) && pfe.iter().any(|row| row.action == "instrument_listed"));
    assert_eq!(support.found(any("PFE")).await, pfe);
    let of = |rows: &[AuditView], object: &str| rows.iter().any(|row| row.object == object);
    assert!(of(&support.found(any("A1001")).await, &object) && of(&support.found(any("ann.lee")).await, &object));
    assert_eq!(support.found(any("nobody")).await, []);
    assert_eq!(support.found(AuditFilter { symbol: Some("NONE".into()), ..AuditFilter::default() }).await, []);

    // The order's own story is for who may see the order, and no look into the log.
    let order = by_name.iter().find_map(|row| row.order_id).expect("an order");
    let story = ann.ask(Ask::Story(order)).await.pop().unwrap().body;
    let AnswerBody::Audit(story) = story else { panic!("{story:?}") };
    assert!(!story.is_empty() && story.iter().all(|row| row.order_id == Some(order)), "{story:?}");
    assert!(story.iter().any(|row| row.cl_ord_id.as_ref().is_some_and(|id| id.as_str() == "my-first")), "{story:?}");
    let (eva, _) = Control::entered(&house.person("eva.koch"), house.address, step).await;
    let foreign = eva.ask(Ask::Story(order)).await.pop().unwrap().body;
    assert!(matches!(foreign, AnswerBody::Denied { .. }), "{foreign:?}");

    // Each look is an entry itself: only what was there before the first page is read.
    let newest = support.found(AuditFilter { limit: Some(1), ..AuditFilter::default() }).await[0].sequence;
    let mut paged = vec![newest.0];
    loop {
        let before = paged.last().map(|last| turret_shared::ids::Sequence(*last));
        let page = support.found(AuditFilter { before, limit: Some(7), ..AuditFilter::default() }).await;
        paged.extend(page.iter().map(|row| row.sequence.0));
        if page.len() < 7 {
            break;
        }
    }
    let all: Vec<u64> = (0..=newest.0).rev().collect();
    assert_eq!(paged, all, "every entry once, newest first");
}
