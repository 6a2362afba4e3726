//! Orders that take a second person, in the engine: reserved, sent to nobody, judged anew, and void by whatever changes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::{Input, Verdict, views};
use turret_shared::approval::{Ground, Judge};
use turret_shared::command::Verb;
use turret_shared::denial::{DenialCode, RefusalCode, Rule};
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::setup::{LimitScope, LimitSet, Policy, PolicySet, RoleSet};
use turret_shared::ids::{ApprovalId, OrderId, UserId};
use turret_shared::limits::APPROVAL_S_MAX;
use turret_shared::money::Qty;
use turret_shared::order::{OrdStatus, Side};
use turret_shared::role::Role;
use turret_shared::venue::Route;
use turret_tests::floor::Desk;
use turret_tests::floor::desk::operator;
use turret_tests::floor::seed::{ANN, BOB, EVA, KIM, SAM};

/// Broker's orders of more units than this take two.
const MOST: i64 = 200;

fn fact(desk: &mut Desk, event: Event) {
    assert_eq!(desk.input(Input::Setup(operator(), Box::new(event))).fault, None);
}

fn house() -> Desk {
    let mut desk = Desk::new();
    let value = Some(Qty::parse(&MOST.to_string()).unwrap().0);
    fact(&mut desk, Event::PolicySet(PolicySet { policy: Policy::ApprovalQuantity, role: Role::Broker, value }));
    desk
}

/// Ann's order, proved with the code of a step.
fn held(desk: &mut Desk, units: i64, step: u64) -> (OrderId, ApprovalId) {
    let order = desk.limit(Side::Buy, units, 18_950);
    let asked = desk.verb(ANN, Verb::OrderNew(order));
    let Verdict::StepUp { pending, ref reason, .. } = asked else { panic!("asked for a code, not {asked:?}") };
    assert!(reason.contains("second person"), "{reason}");
    match desk.proved(ANN, asked, step) {
        Verdict::Order { order, .. } => (order, ApprovalId(pending.0)),
        other => panic!("an order that waits, not {other:?}"),
    }
}

fn word(desk: &Desk, approval: ApprovalId, approve: bool) -> Judge {
    let rows = views::approvals(&desk.state, KIM).unwrap();
    let row = rows.iter().find(|row| row.approval == approval).expect("known to Kim");
    let ground = if approve { Ground::Checked } else { Ground::Risk };
    let first = row.first.map(|first| first.digest);
    Judge { approval, command: row.command, approve, ground, first }
}

fn said(desk: &mut Desk, who: UserId, word: Judge, step: u64) -> Verdict {
    let asked = desk.verb(who, Verb::Judge(word));
    desk.proved(who, asked, step)
}

fn denied(verdict: &Verdict) -> DenialCode {
    match verdict {
        Verdict::Denied(denial) => denial.code,
        other => panic!("denied, not {other:?}"),
    }
}

fn status(desk: &Desk, order: OrderId) -> OrdStatus {
    desk.row(order).ord_status
}

fn open_buy(desk: &Desk, order: OrderId) -> Qty {
    let row = desk.row(order);
    views::position_row(&desk.state, row.account, row.instrument).unwrap().open_buy
}

fn kept(desk: &Desk) {
    assert_eq!(desk.folded().hash(), desk.state.hash());
    let read = turret_engine::State::from_snapshot(&desk.state.snapshot_bytes()).unwrap();
    assert_eq!((read.hash(), read.outbox()), (desk.state.hash(), desk.state.outbox()));
}

#[test]
fn it_is_reserved_and_goes_nowhere_before_another_person_proves_their_yes() {
    let mut desk = house();
    let plain = desk.limit(Side::Buy, MOST, 18_950);
    let Verdict::Order { order: plain, .. } = desk.verb(ANN, Verb::OrderNew(plain)) else { panic!("nothing asked") };
    desk.ack(plain);
    let before = open_buy(&desk, plain);
    let (order, approval) = held(&mut desk, MOST + 1, 2);
    assert_eq!(status(&desk, order), OrdStatus::PendingApproval);
    assert_eq!(open_buy(&desk, order).0 - before.0, desk.row(order).order_qty.0, "reserved");
    assert_eq!(desk.state.outbox(), [], "and nothing of it for the venue");
    desk.wait_ms(60_000);
    desk.input(Input::Timer);
    assert_eq!(status(&desk, order), OrdStatus::PendingApproval, "it is not in doubt either");
    kept(&desk);

    let yes = word(&desk, approval, true);
    for (who, wrong, code) in [
        (ANN, yes, DenialCode::NotPermitted),
        (BOB, yes, DenialCode::NotPermitted),
        (EVA, yes, DenialCode::NotPermitted),
        (SAM, yes, DenialCode::ApprovalVoid),
        (KIM, Judge { command: Digest([7; 32]), ..yes }, DenialCode::Invalid),
        (KIM, Judge { first: Some(Digest([7; 32])), ..yes }, DenialCode::Invalid),
        (KIM, Judge { first: None, ..yes }, DenialCode::Invalid),
        (KIM, Judge { ground: Ground::Risk, ..yes }, DenialCode::Invalid),
    ] {
        assert_eq!(denied(&desk.verb(who, Verb::Judge(wrong))), code, "{who} {wrong:?}");
    }
    let asked = desk.verb(KIM, Verb::Judge(yes));
    assert!(matches!(asked, Verdict::StepUp { .. }), "a code of her own");
    assert_eq!(status(&desk, order), OrdStatus::PendingApproval);
    let Verdict::StepUp { pending, .. } = asked else { panic!("a code") };
    let (principal, credential) = (desk.principal(KIM), turret_tests::floor::seed::device_of(KIM).1);
    let proof = turret_engine::ProofInput {
        principal,
        correlation: turret_shared::ids::CorrelationId(9),
        pending: vec![pending],
        credential,
        given: Ok(turret_engine::Factor::Step(2)),
    };
    let decision = desk.input(Input::Proof(proof));
    assert_eq!(decision.verdict, Some(Verdict::Proof(vec![Verdict::Managed])));
    assert!(matches!(decision.routes[..], [Route::New(ref new)] if new.id.order == order), "{:?}", decision.routes);
    assert_eq!(status(&desk, order), OrdStatus::PendingNew);
    assert_eq!(desk.state.outbox().len(), 1, "and again after a crash");
    kept(&desk);
    desk.ack(order);
    assert_eq!(status(&desk, order), OrdStatus::New);
    assert_eq!(denied(&desk.verb(KIM, Verb::Judge(yes))), DenialCode::ApprovalVoid, "once");
}

#[test]
fn a_no_ends_it_with_the_reason_and_gives_back_what_it_reserved() {
    let mut desk = house();
    let (order, approval) = held(&mut desk, MOST + 1, 2);
    let no = word(&desk, approval, false);
    assert_eq!(said(&mut desk, KIM, no, 2), Verdict::Managed);
    assert_eq!(status(&desk, order), OrdStatus::Denied);
    assert_eq!(desk.row(order).denial.unwrap().code, DenialCode::ApprovalRefused);
    assert_eq!(open_buy(&desk, order), Qty::ZERO);
    let rows = views::approvals(&desk.state, KIM).unwrap();
    assert_eq!((rows[0].judged_by, rows[0].ground, rows[0].order), (Some(KIM), Some(Ground::Risk), Some(order)));
    kept(&desk);
}

#[test]
fn its_owner_takes_it_back_and_no_amend_is_a_way_past_the_second_person() {
    let mut desk = house();
    let (order, approval) = held(&mut desk, MOST + 1, 2);
    let yes = word(&desk, approval, true);
    let amended = desk.amend(order, Some(MOST - 1), None);
    assert!(matches!(amended, Verdict::Refused(ref no) if no.code == RefusalCode::AwaitsApproval), "{amended:?}");
    assert!(matches!(amended, Verdict::Refused(ref no) if no.text.contains("cancel it")), "it says what can be done");
    assert!(matches!(desk.cancel(order), Verdict::Order { .. }));
    assert_eq!((status(&desk, order), desk.state.outbox()), (OrdStatus::Canceled, vec![]));
    assert_eq!(denied(&desk.verb(KIM, Verb::Judge(yes))), DenialCode::ApprovalVoid);
    let small = desk.order(Side::Buy, MOST, 18_950);
    desk.ack(small);
    let grown = desk.amend(small, Some(MOST + 1), None);
    assert!(matches!(grown, Verdict::Refused(ref no) if no.code == RefusalCode::NeedsApproval), "{grown:?}");
    kept(&desk);
}

#[test]
fn risk_is_judged_again_and_what_is_denied_by_then_is_void() {
    let mut desk = house();
    let (order, approval) = held(&mut desk, MOST + 1, 2);
    let yes = word(&desk, approval, true);
    let scope = LimitScope::Role(Role::Broker);
    let value = Some(Qty::parse("200").unwrap().0);
    fact(&mut desk, Event::LimitSet(LimitSet { scope, rule: Rule::MaxQuantity, value }));
    assert_eq!(denied(&said(&mut desk, KIM, yes, 2)), DenialCode::Risk, "and she is told which rule");
    assert_eq!(status(&desk, order), OrdStatus::Denied);
    assert_eq!((desk.row(order).denial.unwrap().code, desk.state.outbox()), (DenialCode::ApprovalVoid, vec![]));
    kept(&desk);
}

#[test]
fn what_it_holds_itself_does_not_stand_in_its_own_way() {
    let mut desk = house();
    let (order, approval) = held(&mut desk, 1_000, 2);
    let power = |desk: &Desk| views::account_row(&desk.state, ANN, desk.row(order).account).unwrap().buying_power;
    let left = power(&desk);
    let yes = word(&desk, approval, true);
    assert_eq!(said(&mut desk, KIM, yes, 2), Verdict::Managed);
    assert_eq!(power(&desk), left, "reserved once");
}

#[test]
fn time_and_a_lost_right_void_it_without_anybody() {
    let mut desk = house();
    let (late, _) = held(&mut desk, MOST + 1, 2);
    let due = desk.state.next_deadline().expect("due");
    desk.wait_ms(i64::try_from(APPROVAL_S_MAX).unwrap() * 1_000 + 1);
    assert!(due <= desk.time);
    desk.input(Input::Timer);
    assert_eq!(status(&desk, late), OrdStatus::Denied);
    let (order, approval) = held(&mut desk, MOST + 2, 200);
    let yes = word(&desk, approval, true);
    fact(&mut desk, Event::RoleSet(RoleSet { user: ANN, role: Some(Role::Support) }));
    assert!(desk.state.next_deadline().expect("at once") <= desk.time);
    desk.input(Input::Timer);
    assert_eq!(status(&desk, order), OrdStatus::Denied);
    assert_eq!(denied(&desk.verb(KIM, Verb::Judge(yes))), DenialCode::ApprovalVoid);
    kept(&desk);
}
