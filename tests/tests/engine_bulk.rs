//! Tables of acts in the engine: all of a table or none, told row by row beforehand by the rules it is decided by, and by two
//! people where one row takes two.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::{Verdict, views};
use turret_shared::bulk::{Asked, Bulk, BulkRow, Table};
use turret_shared::command::Verb;
use turret_shared::denial::{DenialCode, Rule};
use turret_shared::event::Event;
use turret_shared::house::House;
use turret_shared::ids::{AccountId, ApprovalId, InstrumentId, UserId};
use turret_shared::limits::{BULK_PEOPLE_MAX, BULK_ROWS_MAX};
use turret_shared::manage::{Act, Entrusted, Manage, Why};
use turret_shared::role::Role;
use turret_tests::floor::Desk;
use turret_tests::floor::seed::{ANN, BOB, EVA, KIM, SAM};

const A1001: AccountId = AccountId(1);
const A1002: AccountId = AccountId(2);

fn limit(account: AccountId, rule: Rule, value: Option<i64>) -> Act {
    Act::SetLimit { account, rule, value }
}

fn rights(user: UserId, account: AccountId, to: Entrusted) -> Act {
    Act::SetRights { user, account, to, until: None }
}

fn restrict(instrument: u32, restricted: bool) -> Act {
    Act::House(House::Restrict { instrument: InstrumentId(instrument), restricted })
}

fn bulk(rows: &[Act]) -> Bulk {
    Bulk { rows: rows.to_vec(), why: Why::Duties }
}

fn ask(desk: &mut Desk, who: UserId, rows: &[Act]) -> Verdict {
    desk.verb(who, Verb::Bulk(bulk(rows)))
}

fn dry(desk: &Desk, rows: &[Act]) -> Vec<BulkRow> {
    views::bulk(&desk.state, SAM, &Asked::Dry(bulk(rows)), desk.time).expect("a dry run")
}

fn denied(verdict: &Verdict) -> DenialCode {
    match verdict {
        Verdict::Denied(denial) => denial.code,
        other => panic!("denied, not {other:?}"),
    }
}

fn waits(verdict: &Verdict) -> ApprovalId {
    match verdict {
        Verdict::ApprovalAsked { approval, .. } => *approval,
        other => panic!("it waits for a second person, not {other:?}"),
    }
}

/// Words of the last events.
fn told(desk: &Desk, count: usize) -> Vec<&'static str> {
    let last = desk.events.len() - count;
    desk.events[last..].iter().map(Event::action).collect()
}

fn own_limit(desk: &Desk, account: &str, rule: Rule) -> bool {
    let rows = views::limits(&desk.state, SAM, account).or_else(|_| views::limits(&desk.state, ANN, account)).unwrap();
    rows.iter().any(|row| row.rule == rule && row.scope == format!("account {account}"))
}

#[test]
fn a_table_that_one_may_do_is_done_by_one_proof_and_each_row_is_in_the_log_with_its_reason() {
    let mut desk = Desk::new();
    let rows = [restrict(1, true), restrict(3, true)];
    let said = dry(&desk, &rows);
    let shown: Vec<_> =
        said.iter().map(|row| (row.before.as_str(), row.after.as_str(), row.refused, row.two)).collect();
    assert_eq!(shown, [("not on it", "on it", None, false), ("not on it", "on it", None, false)]);
    let asked = ask(&mut desk, SAM, &rows);
    assert!(matches!(asked, Verdict::StepUp { .. }), "{asked:?}");
    assert_eq!(desk.proved(SAM, asked, 2), Verdict::Managed);
    assert_eq!(told(&desk, 4), ["managed", "restricted_set", "managed", "restricted_set"]);
    let again = dry(&desk, &rows);
    assert!(again.iter().all(|row| row.refused == Some(DenialCode::NothingToDo)), "{again:?}");
    assert_eq!(views::bulk_now(&desk.state, SAM, Table::Restricted), Ok(vec![rows[0], restrict(2, true), rows[1]]));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn one_row_in_the_way_and_nothing_of_the_table_is_done() {
    let mut desk = Desk::new();
    let before = desk.state.hash();
    let rows = [
        rights(EVA, A1001, Entrusted::View),
        rights(SAM, A1001, Entrusted::View),
        rights(EVA, A1001, Entrusted::Trade),
    ];
    let codes: Vec<_> = dry(&desk, &rows).iter().map(|row| row.refused).collect();
    assert_eq!(codes, [None, Some(DenialCode::NotYourself), Some(DenialCode::TwiceInTable)]);
    assert_eq!(desk.state.hash(), before, "a dry run changes nothing");
    let verdict = ask(&mut desk, SAM, &rows);
    assert_eq!(denied(&verdict), DenialCode::NotYourself);
    let Verdict::Denied(denial) = verdict else { panic!("denied") };
    assert!(denial.text.starts_with("row 2: ") && denial.text.ends_with("nothing of the table is done"), "{denial:?}");
    assert_eq!(told(&desk, 1), ["manage_denied"]);
    assert!(!desk.state.access().sees(EVA, A1001));
    assert_eq!(denied(&ask(&mut desk, SAM, &[rows[0], rows[2]])), DenialCode::TwiceInTable);
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn what_became_impossible_before_the_proof_came_stops_the_whole_table() {
    let mut desk = Desk::new();
    let held = ask(&mut desk, SAM, &[restrict(1, true), restrict(3, true)]);
    let one = Manage { act: restrict(3, true), why: Why::Duties };
    assert_eq!(desk.act(one, 2), Verdict::Managed);
    assert_eq!(denied(&desk.proved(SAM, held, 3)), DenialCode::NothingToDo);
    assert_eq!(views::bulk_now(&desk.state, SAM, Table::Restricted), Ok(vec![restrict(2, true), restrict(3, true)]));
}

#[test]
fn a_row_that_takes_two_makes_the_table_wait_for_a_second_person_who_sees_every_row() {
    let mut desk = Desk::new();
    let tight = Manage { act: limit(A1001, Rule::OrderRate, Some(7)), why: Why::Duties };
    assert_eq!(desk.act(tight, 2), Verdict::Managed);
    let rows = [limit(A1002, Rule::MaxNotional, Some(90_000_000)), limit(A1001, Rule::OrderRate, Some(9))];
    let two: Vec<bool> = dry(&desk, &rows).iter().map(|row| row.two).collect();
    assert_eq!(two, [false, true]);
    let asked = ask(&mut desk, SAM, &rows);
    let approval = waits(&desk.proved(SAM, asked, 3));
    assert!(!own_limit(&desk, "A1002", Rule::MaxNotional), "nothing is done before the word");
    let shown = views::bulk(&desk.state, KIM, &Asked::Waiting(approval), desk.time).unwrap();
    assert_eq!(shown.len(), 2);
    assert_eq!(views::bulk(&desk.state, KIM, &Asked::Waiting(ApprovalId(1)), desk.time), Err(DenialCode::ApprovalVoid));
    let word = desk.word(approval, true);
    assert_eq!(denied(&desk.verb(SAM, Verb::Judge(word))), DenialCode::OwnRequest);
    assert_eq!(desk.approved(approval, 4), Verdict::Managed);
    assert_eq!(told(&desk, 5), ["approval_judged", "managed", "limit_set", "managed", "limit_set"]);
    assert!(own_limit(&desk, "A1002", Rule::MaxNotional));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn a_change_of_what_one_row_is_about_voids_the_waiting_table() {
    let mut desk = Desk::new();
    let asked = ask(&mut desk, SAM, &[rights(EVA, A1001, Entrusted::View), rights(BOB, A1001, Entrusted::View)]);
    let approval = waits(&desk.proved(SAM, asked, 2));
    let one = Manage { act: rights(BOB, A1001, Entrusted::Trade), why: Why::Duties };
    assert_eq!(desk.act(one, 3), Verdict::Managed);
    let word = desk.word(approval, true);
    assert_eq!(denied(&desk.verb(KIM, Verb::Judge(word))), DenialCode::ApprovalVoid);
    assert!(!desk.state.access().sees(EVA, A1001));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn nobody_gives_a_word_on_a_table_that_names_themselves() {
    let mut desk = Desk::new();
    let asked = ask(&mut desk, SAM, &[rights(EVA, A1001, Entrusted::View), rights(KIM, A1001, Entrusted::Trade)]);
    let approval = waits(&desk.proved(SAM, asked, 2));
    let word = desk.word(approval, true);
    assert_eq!(denied(&desk.verb(KIM, Verb::Judge(word))), DenialCode::NotYourself);
}

#[test]
fn roles_and_desks_come_in_tables_and_end_the_sessions_of_those_they_name() {
    let mut desk = Desk::new();
    let roles = [Act::SetRole { user: ANN, role: Some(Role::Support) }, Act::SetRole { user: BOB, role: None }];
    let asked = ask(&mut desk, SAM, &roles);
    let approval = waits(&desk.proved(SAM, asked, 2));
    assert_eq!(desk.approved(approval, 3), Verdict::Managed);
    assert_eq!((desk.state.access().role(ANN), desk.state.access().role(BOB)), (Some(Role::Support), None));
    let ended = desk.events.iter().filter(|event| event.action() == "session_ended").count();
    assert_eq!(ended, 2);
    let now = views::bulk_now(&desk.state, SAM, Table::Roles).unwrap();
    assert!(roles.iter().all(|row| now.contains(row)), "{now:?}");
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn what_is_no_table_is_none_and_nobody_else_asks_for_one() {
    let mut desk = Desk::new();
    let mixed = [restrict(1, true), rights(EVA, A1001, Entrusted::View)];
    let long: Vec<Act> = (0..=BULK_ROWS_MAX).map(|at| restrict(at as u32, true)).collect();
    let people: Vec<Act> =
        (0..=BULK_PEOPLE_MAX).map(|at| Act::SetRole { user: UserId(at as u32), role: None }).collect();
    let other = [Act::LockUser { user: ANN, locked: true }];
    for rows in [&[][..], &mixed, &long, &people, &other] {
        assert_eq!(denied(&ask(&mut desk, SAM, rows)), DenialCode::Invalid);
        let dry = views::bulk(&desk.state, SAM, &Asked::Dry(bulk(rows)), desk.time);
        assert_eq!(dry, Err(DenialCode::Invalid));
    }
    for who in [ANN, KIM, EVA] {
        assert_eq!(denied(&ask(&mut desk, who, &[restrict(1, true)])), DenialCode::NotPermitted);
        let dry = views::bulk(&desk.state, who, &Asked::Dry(bulk(&[restrict(1, true)])), desk.time);
        assert_eq!(dry, Err(DenialCode::NotPermitted));
        assert_eq!(views::bulk_now(&desk.state, who, Table::Limits), Err(DenialCode::NotPermitted));
    }
    let bare = Act::Bulk { table: Table::Limits, rows: 1, digest: turret_shared::bulk::digest(&mixed) };
    assert_eq!(denied(&desk.verb(SAM, Verb::Manage(Manage { act: bare, why: Why::Duties }))), DenialCode::Invalid);
}

#[test]
fn how_things_stand_reads_back_as_nothing_to_do() {
    let mut desk = Desk::new();
    for (at, act) in
        [rights(EVA, A1001, Entrusted::View), rights(ANN, A1001, Entrusted::Nothing)].into_iter().enumerate()
    {
        assert_eq!(desk.act(Manage { act, why: Why::Duties }, at as u64 + 2), Verdict::Managed);
    }
    let now = views::bulk_now(&desk.state, SAM, Table::Rights).unwrap();
    assert!(
        now.contains(&rights(EVA, A1001, Entrusted::View)) && now.contains(&rights(ANN, A1001, Entrusted::Nothing))
    );
    for table in Table::ALL {
        let rows = views::bulk_now(&desk.state, SAM, table).unwrap();
        for row in
            rows.iter().filter(|row| !matches!(row, Act::SetRole { user: SAM, .. } | Act::SetDesk { user: SAM, .. }))
        {
            let said = dry(&desk, &[*row]);
            assert_eq!(said[0].refused, Some(DenialCode::NothingToDo), "{row:?}");
        }
    }
}
