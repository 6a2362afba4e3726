//! The house over the raw wire: from a desk nobody is of to an account that trades, and a listing out of reach and back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use turret_shared::account::OrderCapacity;
use turret_shared::approval::{Standing, VoidCause};
use turret_shared::command::{NewOrder, Verb};
use turret_shared::denial::{DenialCode, Rule};
use turret_shared::house::{House as Act, HouseRow};
use turret_shared::ids::{AccountId, ApprovalId, ClOrdId, DeskId, InstrumentId, UserId};
use turret_shared::manage::{Act as Manages, Manage, Why};
use turret_shared::money::{Currency, Money, Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::wire::control::Outcome;
use turret_shared::wire::query::{AnswerBody, Ask};
use wire::admin::Seat;
use wire::client::{Control, command};
use wire::house::House;

/// Between looks at what follows a moment behind.
const LOOK: std::time::Duration = std::time::Duration::from_millis(20);

fn manage(act: Manages) -> Verb {
    Verb::Manage(Manage { act, why: Why::Duties })
}

fn house(act: Act) -> Verb {
    manage(Manages::House(act))
}

fn denied(outcome: &Outcome) -> DenialCode {
    match outcome {
        Outcome::Denied(denial) => denial.code,
        other => panic!("denied, not {other:?}"),
    }
}

async fn waits(seat: &mut Seat<'_>, verb: Verb) -> ApprovalId {
    match seat.proved(verb).await {
        Outcome::ApprovalAsked(approval, _) => approval,
        other => panic!("it waits for a second person, not {other:?}"),
    }
}

/// Asked for by one, approved by the other.
async fn by_two(sam: &mut Seat<'_>, kim: &mut Seat<'_>, verb: Verb) {
    let approval = waits(sam, verb).await;
    let word = kim.word(approval, true).await;
    let done = kim.proved(word).await;
    assert!(matches!(done, Outcome::Managed), "{done:?}");
}

async fn rows(control: &Control) -> Vec<HouseRow> {
    match control.ask(Ask::House).await.remove(0).body {
        AnswerBody::House(rows) => rows,
        other => panic!("the house, not {other:?}"),
    }
}

/// A desk's number, once it has so many people and accounts: what is asked follows a moment behind.
async fn desk(control: &Control, code: &str, wanted: (u32, u32)) -> DeskId {
    let there = async {
        loop {
            for row in rows(control).await {
                match row {
                    HouseRow::Desk { desk, code: own, people, accounts }
                        if own == code && (people, accounts) == wanted =>
                    {
                        return desk;
                    }
                    _ => {}
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(wire::PATIENCE, there).await.expect("a desk with so many")
}

/// A listing's number, once it is on the restricted list or off it.
async fn listing(control: &Control, symbol: &str, wanted: bool) -> InstrumentId {
    let there = async {
        loop {
            for row in rows(control).await {
                match row {
                    HouseRow::Listing { instrument, symbol: own, restricted, .. }
                        if own == symbol && restricted == wanted =>
                    {
                        return instrument;
                    }
                    _ => {}
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(wire::PATIENCE, there).await.expect("listed so")
}

async fn account(control: &Control, code: &str) -> AccountId {
    let AnswerBody::AccountCodes(rows) = control.ask(Ask::AccountCodes).await.remove(0).body else { panic!("codes") };
    rows.iter().find(|row| row.code == code).expect("opened").account
}

async fn user(control: &Control, login: &str) -> UserId {
    let AnswerBody::Users(rows) = control.ask(Ask::Users).await.remove(0).body else { panic!("people") };
    rows.iter().find(|row| row.login == login).expect("seeded").user
}

async fn bid(control: &mut Control, on: &str, name: &str, units: i64) -> Outcome {
    let order = NewOrder {
        cl_ord_id: ClOrdId::new(name).unwrap(),
        account: on.into(),
        symbol: "AAPL".into(),
        side: Side::Buy,
        qty: Qty(units * 1_000_000),
        ord_type: OrdType::Limit,
        price: Some(Price(188_000_000_000)),
        stop_px: None,
        tif: TimeInForce::Day,
        confirmed: false,
        text: String::new(),
        saw: None,
    };
    let mut command = command(Verb::OrderNew(order));
    // The house's clock went on by half a minute with every code.
    command.expires = command.expires.after_ns(3_600_000_000_000);
    let request = control.command_bytes(command.to_bytes()).await;
    control.outcome(request).await
}

fn rules(outcome: &Outcome) -> Vec<Rule> {
    match outcome {
        Outcome::Denied(denial) => denial.rules.iter().map(|used| used.rule).collect(),
        other => panic!("denied, not {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_an_account_and_cash_are_made_by_two_and_its_broker_trades() {
    let place = House::open().await;
    let (mut sam, mut kim) = (Seat::sign_in(&place, "sam.wood").await, Seat::sign_in(&place, "kim.ito").await);
    let open = house(Act::OpenDesk { code: "EQ3".parse().unwrap() });
    assert!(matches!(sam.proved(open.clone()).await, Outcome::Managed), "one person's to do");
    assert_eq!(denied(&sam.ask(open).await), DenialCode::CodeTaken);
    let id = desk(&sam.control, "EQ3", (0, 0)).await;

    let code = "A3001".parse().unwrap();
    let (currency, capacity) = (Currency::USD, OrderCapacity::Agency);
    let nowhere = house(Act::OpenAccount { desk: DeskId(900), code, currency, capacity });
    assert_eq!(denied(&sam.ask(nowhere).await), DenialCode::UnknownTarget);
    let open = house(Act::OpenAccount { desk: id, code, currency, capacity });
    // Two ask for the same: what is approved first leaves the other void.
    let late = waits(&mut sam, open.clone()).await;
    by_two(&mut sam, &mut kim, open.clone()).await;
    let row = sam.settled(late).await;
    assert_eq!(row.standing, Standing::Void(VoidCause::Changed));
    assert_eq!(denied(&sam.ask(open).await), DenialCode::CodeTaken);
    assert_eq!(desk(&sam.control, "EQ3", (0, 1)).await, id);

    let account = account(&sam.control, "A3001").await;
    let cash = |units: i64| house(Act::MoveCash { account, amount: Money(units * 10_000) });
    by_two(&mut sam, &mut kim, cash(1_000)).await;
    assert_eq!(denied(&sam.ask(cash(-1_001)).await), DenialCode::NotCovered);
    assert_eq!(denied(&sam.ask(cash(0)).await), DenialCode::NothingToDo);

    let bob = user(&sam.control, "bob.ray").await;
    by_two(&mut sam, &mut kim, manage(Manages::SetDesk { user: bob, desk: Some(id) })).await;
    assert_eq!(desk(&sam.control, "EQ3", (1, 1)).await, id);
    place.clock.advance_s(30);
    let (mut bob, _) = Control::entered(&place.person("bob.ray"), place.address, place.clock.step()).await;
    assert_eq!(rules(&bid(&mut bob, "A3001", "much", 6).await), [Rule::BuyingPower]);
    let taken = bid(&mut bob, "A3001", "some", 5).await;
    assert!(matches!(taken, Outcome::Order(_)), "{taken:?}");
    // What an open order holds does not go out; the rest does, again by two.
    assert_eq!(denied(&sam.ask(cash(-100)).await), DenialCode::NotCovered);
    by_two(&mut sam, &mut kim, cash(-60)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_is_restricted_at_once_and_released_by_two() {
    let place = House::open().await;
    let (mut sam, mut kim) = (Seat::sign_in(&place, "sam.wood").await, Seat::sign_in(&place, "kim.ito").await);
    let instrument = listing(&sam.control, "AAPL", false).await;
    let set = |restricted| house(Act::Restrict { instrument, restricted });
    assert_eq!(denied(&sam.ask(set(false)).await), DenialCode::NothingToDo);
    assert!(matches!(sam.proved(set(true)).await, Outcome::Managed));
    assert_eq!(listing(&sam.control, "AAPL", true).await, instrument);
    let (mut ann, _) = Control::entered(&place.person("ann.lee"), place.address, place.clock.step()).await;
    assert_eq!(rules(&bid(&mut ann, "A1001", "no", 1).await), [Rule::RestrictedList]);
    by_two(&mut sam, &mut kim, set(false)).await;
    let taken = bid(&mut ann, "A1001", "yes", 1).await;
    assert!(matches!(taken, Outcome::Order(_)), "{taken:?}");
    // An admin alone puts none back in reach, and nobody else touches the list at all.
    assert_eq!(denied(&kim.ask(set(true)).await), DenialCode::NotPermitted);
}
