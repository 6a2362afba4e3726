//! Rights on one account and limits of one, set by whoever runs users: who may, what follows at once, what stands in the way.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::{Input, Verdict, views};
use turret_shared::account::Rights;
use turret_shared::command::{NewOrder, Verb};
use turret_shared::denial::{DenialCode, Rule};
use turret_shared::event::Event;
use turret_shared::ids::{AccountId, UserId};
use turret_shared::manage::{Act, Entrusted, Manage, Why};
use turret_shared::order::{OrdStatus, Side};
use turret_shared::role::Role;
use turret_shared::time::NS_PER_S;
use turret_tests::floor::Desk;
use turret_tests::floor::seed::{ANN, BOB, EVA, KIM, SAM};

const A1001: AccountId = AccountId(1);

fn ask(desk: &mut Desk, who: UserId, act: Act) -> Verdict {
    desk.verb(who, Verb::Manage(Manage { act, why: Why::Duties }))
}

fn done(desk: &mut Desk, act: Act, step: u64) -> Verdict {
    desk.act(Manage { act, why: Why::Duties }, step)
}

fn rights(user: UserId, to: Entrusted) -> Act {
    Act::SetRights { user, account: A1001, to, until: None }
}

fn denied(verdict: &Verdict) -> DenialCode {
    match verdict {
        Verdict::Denied(denial) => denial.code,
        other => panic!("denied, not {other:?}"),
    }
}

/// What sending a small order in A1001 is answered with.
fn order(desk: &mut Desk, user: UserId, units: i64) -> Verdict {
    let new = NewOrder { account: "A1001".into(), ..desk.limit(Side::Buy, units, 18_900) };
    desk.verb(user, Verb::OrderNew(new))
}

#[test]
fn a_customer_is_given_an_account_to_see_then_to_trade_and_their_session_goes_on() {
    let mut desk = Desk::new();
    assert_eq!(denied(&order(&mut desk, EVA, 10)), DenialCode::UnknownAccount);
    let before = desk.state.access().entitlement_version(EVA);
    assert_eq!(done(&mut desk, rights(EVA, Entrusted::View), 2), Verdict::Managed);
    assert_ne!(desk.state.access().entitlement_version(EVA), before, "her feed begins to tell of it");
    assert!(views::accounts(&desk.state, EVA).unwrap().iter().any(|row| row.code == "A1001"));
    assert_eq!(denied(&order(&mut desk, EVA, 10)), DenialCode::NotPermitted);
    assert_eq!(done(&mut desk, rights(EVA, Entrusted::Trade), 3), Verdict::Managed);
    assert!(matches!(order(&mut desk, EVA, 10), Verdict::Order { .. }), "in the session she had");
    assert_eq!(done(&mut desk, rights(EVA, Entrusted::AsDesk), 4), Verdict::Managed);
    assert_eq!(desk.state.access().entitlement_version(EVA), before, "as if nothing had been said");
    let told: Vec<_> = desk.events.iter().rev().take(2).map(Event::action).collect();
    assert_eq!(told, ["entitlement_set", "managed"], "with its reason in the log");
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn what_the_desk_gives_is_taken_on_one_account_and_given_back_and_orders_stay() {
    let mut desk = Desk::new();
    let working = desk.order(Side::Buy, 100, 18_900);
    desk.ack(working);
    let held = desk.state.access().rights(ANN, A1001);
    assert_eq!(done(&mut desk, rights(ANN, Entrusted::View), 2), Verdict::Managed);
    assert_eq!(desk.state.access().rights(ANN, A1001), Rights::VIEW);
    assert_eq!(denied(&order(&mut desk, ANN, 10)), DenialCode::NotPermitted);
    assert_eq!(desk.row(working).ord_status, OrdStatus::New);
    assert_eq!(done(&mut desk, rights(ANN, Entrusted::Nothing), 3), Verdict::Managed);
    assert_eq!(denied(&order(&mut desk, ANN, 10)), DenialCode::UnknownAccount);
    assert!(!desk.state.access().sees(ANN, A1001) && desk.state.access().sees(ANN, AccountId(2)));
    assert_eq!(done(&mut desk, rights(ANN, Entrusted::AsDesk), 4), Verdict::Managed);
    assert_eq!(desk.state.access().rights(ANN, A1001), held);
    let cover = views::person(&desk.state, SAM, ANN).unwrap().cover;
    assert!(cover.contains(&KIM), "{cover:?}");
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn rights_go_to_nobody_who_runs_users_and_are_given_by_nobody_else() {
    let mut desk = Desk::new();
    assert_eq!(denied(&ask(&mut desk, SAM, rights(SAM, Entrusted::View))), DenialCode::NotYourself);
    assert_eq!(denied(&ask(&mut desk, SAM, rights(UserId(900), Entrusted::View))), DenialCode::UnknownTarget);
    let unknown = Act::SetRights { user: EVA, account: AccountId(9_000), to: Entrusted::View, until: None };
    assert_eq!(denied(&ask(&mut desk, SAM, unknown)), DenialCode::UnknownTarget);
    assert_eq!(denied(&ask(&mut desk, SAM, rights(ANN, Entrusted::AsDesk))), DenialCode::NothingToDo);
    for other in [ANN, KIM, EVA] {
        assert_eq!(denied(&ask(&mut desk, other, rights(BOB, Entrusted::Trade))), DenialCode::NotPermitted);
        let limit = Act::SetLimit { account: A1001, rule: Rule::OrderRate, value: Some(1) };
        assert_eq!(denied(&ask(&mut desk, other, limit)), DenialCode::NotPermitted);
    }
    assert_eq!(done(&mut desk, Act::SetRole { user: BOB, role: Some(Role::Admin) }, 2), Verdict::Managed);
    assert_eq!(denied(&ask(&mut desk, SAM, rights(BOB, Entrusted::View))), DenialCode::RunsUsers);
    // Held for the code while the person was no admin: judged again when it comes.
    let held = ask(&mut desk, SAM, rights(ANN, Entrusted::Nothing));
    assert_eq!(done(&mut desk, Act::SetRole { user: ANN, role: Some(Role::Admin) }, 3), Verdict::Managed);
    assert_eq!(denied(&desk.proved(SAM, held, 4)), DenialCode::RunsUsers);
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn a_limit_of_an_account_binds_the_next_order_and_says_who_set_it() {
    let mut desk = Desk::new();
    let limit = |value| Act::SetLimit { account: A1001, rule: Rule::MaxQuantity, value };
    assert_eq!(done(&mut desk, limit(Some(50_000_000)), 2), Verdict::Managed);
    let told = order(&mut desk, ANN, 51);
    let Verdict::Denied(denial) = &told else { panic!("denied, not {told:?}") };
    assert_eq!(denial.rules.iter().find(|rule| rule.tripped).map(|rule| rule.rule), Some(Rule::MaxQuantity));
    let rows = views::limits(&desk.state, ANN, "A1001").unwrap();
    let row = rows.iter().find(|row| row.scope == "account A1001" && row.rule == Rule::MaxQuantity).expect("set");
    assert_eq!((row.set_by, row.since.is_some()), (Some(SAM), true));
    assert_eq!(denied(&ask(&mut desk, SAM, limit(Some(50_000_000)))), DenialCode::NothingToDo);
    assert_eq!(done(&mut desk, limit(None), 3), Verdict::Managed);
    assert!(matches!(order(&mut desk, ANN, 51), Verdict::Order { .. }));

    for (rule, value) in [(Rule::BuyingPower, Some(1)), (Rule::LongSell, None), (Rule::OrderRate, Some(-1))] {
        let act = Act::SetLimit { account: A1001, rule, value };
        assert_eq!(denied(&ask(&mut desk, SAM, act)), DenialCode::Invalid, "{rule}");
    }
    let unknown = Act::SetLimit { account: AccountId(9_000), rule: Rule::OrderRate, value: Some(1) };
    assert_eq!(denied(&ask(&mut desk, SAM, unknown)), DenialCode::UnknownTarget);
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

/// Until so many seconds from now.
fn for_a_time(desk: &Desk, to: Entrusted, seconds: i64) -> Act {
    Act::SetRights { user: EVA, account: A1001, to, until: Some(desk.time.after_ns(seconds * NS_PER_S)) }
}

#[test]
fn rights_for_a_time_end_by_themselves_and_leave_what_was_before() {
    let mut desk = Desk::new();
    assert_eq!(done(&mut desk, rights(EVA, Entrusted::View), 2), Verdict::Managed);
    let act = for_a_time(&desk, Entrusted::Trade, 3_600);
    assert_eq!(done(&mut desk, act, 3), Verdict::Managed);
    assert!(matches!(order(&mut desk, EVA, 10), Verdict::Order { .. }));
    let due = desk.state.next_deadline().expect("they end by themselves");
    let facts = views::person(&desk.state, SAM, EVA).unwrap();
    assert!(facts.grants.iter().any(|grant| grant.until.is_some() && grant.allow.has(Rights::TRADE)), "{facts:?}");
    desk.wait_ms(3_599_000);
    desk.input(Input::Timer);
    assert!(matches!(order(&mut desk, EVA, 11), Verdict::Order { .. }), "not before");
    desk.wait_ms(60_000);
    assert!(due <= desk.time);
    desk.input(Input::Timer);
    assert!(
        matches!(desk.events.first(), Some(Event::EntitlementSet(set)) if set.allow == Rights::VIEW),
        "{:?}",
        desk.events
    );
    assert_eq!(denied(&order(&mut desk, EVA, 12)), DenialCode::NotPermitted, "seen as before, and no more");
    desk.input(Input::Timer);
    assert!(!desk.events.iter().any(|event| matches!(event, Event::EntitlementSet(_))), "once");
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn what_is_said_meanwhile_is_said_for_good_and_what_was_there_already_ends() {
    let mut desk = Desk::new();
    let act = for_a_time(&desk, Entrusted::Trade, 3_600);
    assert_eq!(done(&mut desk, act, 2), Verdict::Managed);
    assert_eq!(done(&mut desk, rights(EVA, Entrusted::View), 3), Verdict::Managed);
    desk.wait_ms(4_000_000);
    desk.input(Input::Timer);
    assert!(desk.events.is_empty(), "{:?}", desk.events);
    let act = for_a_time(&desk, Entrusted::View, 3_600);
    assert_eq!(done(&mut desk, act, 200), Verdict::Managed, "the same, but for a time");
    desk.wait_ms(4_000_000);
    desk.input(Input::Timer);
    assert_eq!(denied(&order(&mut desk, EVA, 10)), DenialCode::UnknownAccount, "nothing is left of it");
}

#[test]
fn no_time_is_past_nor_beyond_a_quarter_nor_given_to_nothing_said() {
    let mut desk = Desk::new();
    for (to, seconds) in
        [(Entrusted::Trade, 0), (Entrusted::Trade, -5), (Entrusted::Trade, 93 * 86_400), (Entrusted::AsDesk, 3_600)]
    {
        let act = for_a_time(&desk, to, seconds);
        assert_eq!(denied(&ask(&mut desk, SAM, act)), DenialCode::Invalid, "{to:?} {seconds}");
    }
}
