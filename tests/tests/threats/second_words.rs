//! Threat 23, of two people: an order that takes a second person, and every way to be rid of them.

use turret_shared::approval::{Ground, Judge, Standing};
use turret_shared::command::{CancelOrder, NewOrder, Verb};
use turret_shared::denial::DenialCode;
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::setup::{Policy, PolicySet};
use turret_shared::ids::{ApprovalId, ClOrdId, OrderId, PendingId};
use turret_shared::money::Qty;
use turret_shared::order::{OrdStatus, OrdType, Side, TimeInForce};
use turret_shared::role::Role;
use turret_shared::wire::control::Outcome;
use turret_shared::wire::query::{AnswerBody, Ask};

use crate::wire::admin::Seat;
use crate::wire::house::House;

/// A house in which a broker's order of more than a hundred units takes two.
async fn house() -> House {
    let house = House::open().await;
    let value = Some(Qty::whole(100).expect("a quantity").0);
    house.fact(Event::PolicySet(PolicySet { policy: Policy::ApprovalQuantity, role: Role::Broker, value })).await;
    house
}

async fn bid(seat: &mut Seat<'_>, name: &str) -> Outcome {
    let AnswerBody::Instruments(listings) = seat.control.ask(Ask::Instruments).await.remove(0).body else {
        panic!("listings")
    };
    let listing = listings.into_iter().find(|one| one.symbol == "MSFT").expect("listed");
    let order = NewOrder {
        cl_ord_id: ClOrdId::new(name).expect("a name"),
        account: "A1001".into(),
        symbol: listing.symbol,
        side: Side::Buy,
        qty: Qty::whole(101).expect("a quantity"),
        ord_type: OrdType::Limit,
        price: Some(listing.reference),
        stop_px: None,
        tif: TimeInForce::Day,
        confirmed: true,
        text: String::new(),
        saw: None,
    };
    seat.ask(Verb::OrderNew(order)).await
}

/// Entered and proved by Ann: it waits.
async fn held(ann: &mut Seat<'_>, name: &str) -> (OrderId, ApprovalId) {
    let asked = bid(ann, name).await;
    let Outcome::StepUp { pending, .. } = asked else { panic!("a code is asked for, not {asked:?}") };
    match ann.prove(pending).await {
        Outcome::Order(taken) => {
            assert_eq!(taken.order.ord_status, OrdStatus::PendingApproval);
            (taken.order.order_id, ApprovalId(pending.0))
        }
        other => panic!("an order that waits, not {other:?}"),
    }
}

fn denied(outcome: &Outcome) -> DenialCode {
    match outcome {
        Outcome::Denied(denial) => denial.code,
        other => panic!("denied, not {other:?}"),
    }
}

async fn step_up(seat: &mut Seat<'_>, verb: Verb) -> PendingId {
    match seat.ask(verb).await {
        Outcome::StepUp { pending, .. } => pending,
        other => panic!("a proof is asked for, not {other:?}"),
    }
}

async fn status(seat: &Seat<'_>, order: OrderId) -> OrdStatus {
    match seat.control.ask(Ask::Order(order)).await.remove(0).body {
        AnswerBody::Orders(rows) => rows[0].ord_status,
        other => panic!("a row, not {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_23_an_order_is_not_approved_by_its_author_nor_by_a_proof_made_for_something_else() {
    let house = house().await;
    let (mut ann, mut kim) = (Seat::sign_in(&house, "ann.lee").await, Seat::sign_in(&house, "kim.ito").await);
    let (order, approval) = held(&mut ann, "W1").await;
    let row = kim.request(approval).await;
    assert_eq!((row.order, row.by_login.as_str(), row.judge), (Some(order), "ann.lee", true));
    let first = row.first.expect("her proof");
    assert!(!first.signed, "a code: the server's word alone");
    let yes =
        Judge { approval, command: row.command, approve: true, ground: Ground::Checked, first: Some(first.digest) };
    // By hand, past her own screen.
    assert_eq!(denied(&ann.ask(Verb::Judge(yes)).await), DenialCode::NotPermitted, "self-approval");
    // A word on another command than she proved.
    let bent = Judge { command: Digest([1; 32]), ..yes };
    assert_eq!(denied(&kim.ask(Verb::Judge(bent)).await), DenialCode::Invalid);
    // And on another proof than she gave for it.
    let bent = Judge { first: Some(Digest([1; 32])), ..yes };
    assert_eq!(denied(&kim.ask(Verb::Judge(bent)).await), DenialCode::Invalid);
    // The code that entered it is no word on it, and nobody else's code finishes Kim's.
    assert_eq!(denied(&ann.prove(PendingId(approval.0)).await), DenialCode::ProofFailed);
    let pending = step_up(&mut kim, Verb::Judge(yes)).await;
    assert_eq!(denied(&ann.prove(pending).await), DenialCode::ProofFailed);
    assert_eq!(status(&kim, order).await, OrdStatus::PendingApproval);
    let done = kim.prove(pending).await;
    assert!(matches!(done, Outcome::Managed), "{done:?}");
    assert_eq!(denied(&kim.prove(pending).await), DenialCode::ProofFailed, "played again");
    let told = house.log();
    let entered = told.iter().position(|(_, event)| matches!(event, Event::OrderNew(_))).expect("entered");
    let judged = told.iter().position(|(_, event)| matches!(event, Event::ApprovalJudged(e) if e.order == Some(order)));
    assert!(judged.is_some_and(|judged| judged > entered), "both words are in the log");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_23_an_order_taken_back_before_the_second_proof_is_approved_by_none() {
    let house = house().await;
    let (mut ann, mut kim) = (Seat::sign_in(&house, "ann.lee").await, Seat::sign_in(&house, "kim.ito").await);
    let (order, approval) = held(&mut ann, "W1").await;
    let word = kim.word(approval, true).await;
    let pending = step_up(&mut kim, word).await;
    let cancel = CancelOrder { cl_ord_id: ClOrdId::new("C1").expect("a name"), order };
    let gone = ann.ask(Verb::OrderCancel(cancel)).await;
    assert!(matches!(gone, Outcome::Order(ref row) if row.order.ord_status == OrdStatus::Canceled), "{gone:?}");
    assert_eq!(denied(&kim.prove(pending).await), DenialCode::ApprovalVoid);
    let row = loop {
        let row = kim.request(approval).await;
        if row.standing != Standing::Waiting {
            break row;
        }
    };
    assert!(matches!(row.standing, Standing::Void(_)), "{row:?}");
}
