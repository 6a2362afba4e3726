//! Step-ups over the wire: codes right, wrong and spent, commands and orders that changed meanwhile; it must assert no time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use turret_shared::command::{AmendOrder, Command, NewOrder, Verb};
use turret_shared::denial::{DenialCode, RefusalCode};
use turret_shared::ids::{ClOrdId, OrderId, PendingId};
use turret_shared::money::Qty;
use turret_shared::order::{OrdStatus, OrdType, Side, TimeInForce};
use turret_shared::secret::SecretText;
use turret_shared::venue::{ReportKind, VenueClOrdId, VenueExecId};
use turret_shared::wire::control::{ClientFrame, Outcome};
use turret_shared::wire::query::{AnswerBody, Ask};
use wire::client::{Control, command};
use wire::house::House;

/// A session that sends orders and answers for them.
struct Trader<'a> {
    house: &'a House,
    control: Control,
    step: u64,
    proofs: u64,
}

impl<'a> Trader<'a> {
    async fn sign_in(house: &'a House) -> Self {
        let step = house.clock.step();
        let (control, _) = Control::entered(&house.person("ann.lee"), house.address, step).await;
        Self { house, control, step, proofs: 1_000_000 }
    }

    fn command(&self, verb: Verb) -> Command {
        let mut command = command(verb);
        command.expires = command.expires.after_ns(3_600_000_000_000);
        command
    }

    /// A bid for so many MSFT at its reference: over the threshold from some 300 on.
    async fn bid(&mut self, name: &str, units: i64) -> Outcome {
        let AnswerBody::Instruments(listings) = self.control.ask(Ask::Instruments).await.remove(0).body else {
            panic!("listings")
        };
        let listing = listings.into_iter().find(|one| one.symbol == "MSFT").unwrap();
        let verb = Verb::OrderNew(NewOrder {
            cl_ord_id: ClOrdId::new(name).unwrap(),
            account: "A1001".into(),
            symbol: listing.symbol,
            side: Side::Buy,
            qty: Qty::whole(units).unwrap(),
            ord_type: OrdType::Limit,
            price: Some(listing.reference),
            stop_px: None,
            tif: TimeInForce::Day,
            confirmed: true,
            text: String::new(),
            saw: None,
        });
        self.send(verb).await
    }

    async fn send(&mut self, verb: Verb) -> Outcome {
        let bytes = self.command(verb).to_bytes();
        let request = self.control.command_bytes(bytes).await;
        self.control.outcome(request).await
    }

    /// Answers a step-up with the code of a step.
    async fn prove(&mut self, pending: &[PendingId], step: u64) -> Outcome {
        let code = self.house.person("ann.lee").code_of(step);
        self.prove_with(pending, code).await
    }

    async fn prove_with(&mut self, pending: &[PendingId], code: String) -> Outcome {
        self.proofs += 1;
        let (request, pending, code) = (self.proofs, pending.to_vec(), SecretText::new(code));
        self.control.say(&ClientFrame::Proof { request, pending, code }).await;
        self.control.outcome(request).await
    }

    /// Lets time pass to the next code.
    fn next_step(&mut self) -> u64 {
        self.house.clock.advance_s(30);
        self.step += 1;
        self.step
    }
}

fn pending(outcome: &Outcome) -> PendingId {
    match outcome {
        Outcome::StepUp { pending, .. } => *pending,
        other => panic!("a proof is asked for, not {other:?}"),
    }
}

fn taken(outcome: &Outcome) -> OrderId {
    match outcome {
        Outcome::Order(accepted) => {
            assert_eq!(accepted.order.ord_status, OrdStatus::PendingNew);
            accepted.order.order_id
        }
        other => panic!("taken, not {other:?}"),
    }
}

/// The one outcome of a proof for one command.
fn only(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Proof(mut outcomes) if outcomes.len() == 1 => outcomes.remove(0),
        other => panic!("one outcome, not {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spent_code_says_how_long_until_the_next_a_wrong_one_waits_and_the_right_one_lets_it_through() {
    let house = House::open().await;
    let mut trader = Trader::sign_in(&house).await;
    let asked = trader.bid("big", 700).await;
    let waits = pending(&asked);
    // The code of the sign-in is spent; clocks stand at the start of its step.
    match trader.prove(&[waits], trader.step).await {
        Outcome::ProofRefused { spent: true, next_code_s } => assert_eq!(next_code_s, 30),
        other => panic!("{other:?}"),
    }
    house.clock.advance_s(10);
    match trader.prove(&[waits], trader.step).await {
        Outcome::ProofRefused { spent: true, next_code_s } => assert_eq!(next_code_s, 20),
        other => panic!("{other:?}"),
    }
    // A wrong one counts as a wrong code at sign-in does: the next is looked at after a pause.
    let wrong = trader.prove_with(&[waits], "not a code".into()).await;
    assert!(matches!(wrong, Outcome::ProofRefused { spent: false, .. }), "{wrong:?}");
    let paused = trader.prove(&[waits], trader.step).await;
    assert!(matches!(paused, Outcome::ProofRefused { spent: false, next_code_s: 1 }), "{paused:?}");
    // The same command again is asked the same again, and nothing was sent meanwhile.
    assert_eq!(pending(&trader.bid("big", 700).await), waits);
    let step = trader.next_step();
    let order = taken(&only(trader.prove(&[waits], step).await));
    // What was let through is let through once.
    let step = trader.next_step();
    let again = only(trader.prove(&[waits], step).await);
    assert!(matches!(again, Outcome::Denied(denial) if denial.code == DenialCode::ProofFailed));
    let AnswerBody::Orders(rows) =
        trader.control.ask(Ask::Orders { status: None, account: None, cl_ord_id: None }).await.remove(0).body
    else {
        panic!("orders")
    };
    assert_eq!(rows.iter().map(|row| row.order_id).collect::<Vec<_>>(), [order]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_code_covers_several_and_none_that_came_too_late() {
    let house = House::open().await;
    let mut trader = Trader::sign_in(&house).await;
    let late = pending(&trader.bid("late", 650).await);
    house.clock.advance_s(40);
    let (first, second) = (pending(&trader.bid("one", 600).await), pending(&trader.bid("two", 601).await));
    house.clock.advance_s(21);
    let step = house.clock.step();
    match trader.prove(&[late, first, second], step).await {
        Outcome::Proof(outcomes) => {
            let codes: Vec<bool> = outcomes.iter().map(|one| matches!(one, Outcome::Order(_))).collect();
            assert_eq!(codes, [false, true, true], "{outcomes:?}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changes_after_the_question_is_not_covered_by_the_answer() {
    let house = House::open().await;
    let mut trader = Trader::sign_in(&house).await;
    // Other content under the waiting name is refused; what was asked about stays what it was.
    let waits = pending(&trader.bid("same", 700).await);
    let changed = trader.bid("same", 800).await;
    assert!(matches!(changed, Outcome::Denied(denial) if denial.code == DenialCode::ClOrdIdReused));
    let step = trader.next_step();
    match only(trader.prove(&[waits], step).await) {
        Outcome::Order(accepted) => assert_eq!(accepted.order.order_qty, Qty::whole(700).unwrap()),
        other => panic!("{other:?}"),
    }
    // An amend is about its order as it was: an execution in between voids the proof.
    let order = taken(&trader.bid("small", 10).await);
    let id = VenueClOrdId { order, revision: 0 };
    house.venue(ReportKind::New { id, working: true }).await;
    let amend = AmendOrder {
        cl_ord_id: ClOrdId::new("more").unwrap(),
        order,
        qty: Some(Qty::whole(600).unwrap()),
        price: None,
        confirmed: true,
        stop_px: None,
    };
    let waits = pending(&trader.send(Verb::OrderAmend(amend)).await);
    let AnswerBody::Waited { order: row, .. } =
        trader.control.ask(Ask::WaitStatus { order, status: OrdStatus::New, timeout_ms: 10_000 }).await.remove(0).body
    else {
        panic!("the order")
    };
    let (qty, price) = (Qty::whole(1).unwrap(), row.price.unwrap());
    house.venue(ReportKind::Trade { id, exec: VenueExecId(1), qty, price, removed: true, cum_qty: qty }).await;
    let step = trader.next_step();
    let void = only(trader.prove(&[waits], step).await);
    assert!(matches!(void, Outcome::Refused(refusal) if refusal.code == RefusalCode::TooLate));
}
