//! Tables of acts over the raw wire and through the client's own reading of files: dry, asked for, seen by the second person, done,
//! and written again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use turret_shared::bulk::{Asked, Bulk, BulkRow, Table};
use turret_shared::command::Verb;
use turret_shared::denial::{DenialCode, Rule};
use turret_shared::ids::AccountId;
use turret_shared::manage::{Act, Why};
use turret_shared::view::LimitView;
use turret_shared::wire::control::Outcome;
use turret_shared::wire::query::{AnswerBody, Ask};
use wire::admin::Admin;
use wire::client::Control;
use wire::house::House;

/// Between looks at what follows a moment behind.
const LOOK: std::time::Duration = std::time::Duration::from_millis(20);

fn limit(account: u32, rule: Rule, value: Option<i64>) -> Act {
    Act::SetLimit { account: AccountId(account), rule, value }
}

fn table(rows: &[Act]) -> Bulk {
    Bulk { rows: rows.to_vec(), why: Why::Duties }
}

async fn rows(control: &Control, asked: Asked) -> Vec<BulkRow> {
    let part = |body| match body {
        AnswerBody::Bulk(rows) => rows,
        other => panic!("rows, not {other:?}"),
    };
    let answers = control.ask(Ask::Bulk(Box::new(asked))).await;
    answers.into_iter().flat_map(|answer| part(answer.body)).collect()
}

async fn own_limits(control: &Control) -> Vec<LimitView> {
    let part = |body| match body {
        AnswerBody::Limits(rows) => rows,
        other => panic!("limits, not {other:?}"),
    };
    let answers = control.ask(Ask::LimitTable).await;
    let rows = answers.into_iter().flat_map(|answer| part(answer.body));
    rows.filter(|row| row.scope.starts_with("account ")).collect()
}

async fn stands(control: &Control, table: Table) -> Vec<Act> {
    let part = |body| match body {
        AnswerBody::BulkNow(acts) => acts,
        other => panic!("how things stand, not {other:?}"),
    };
    let answers = control.ask(Ask::Bulk(Box::new(Asked::Now(table)))).await;
    answers.into_iter().flat_map(|answer| part(answer.body)).collect()
}

/// Waits until as many limits of accounts are known as are wanted.
async fn until(control: &Control, wanted: usize) {
    let there = async {
        while own_limits(control).await.len() != wanted {
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(wire::PATIENCE, there).await.expect("they follow");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_is_judged_dry_waits_where_one_row_takes_two_and_is_done_whole() {
    let house = House::open().await;
    let mut sam = Admin::sign_in(&house).await;
    let known = own_limits(&sam.control).await.len();
    let tight = [limit(1, Rule::OrderRate, Some(50)), limit(2, Rule::OrderRate, Some(60))];
    let said = rows(&sam.control, Asked::Dry(table(&tight))).await;
    assert!(said.iter().all(|row| row.refused.is_none() && !row.two), "{said:?}");
    let done = sam.proved(Verb::Bulk(table(&tight))).await;
    assert!(matches!(done, Outcome::Managed), "one person's word will do: {done:?}");
    until(&sam.control, known + 2).await;
    let said = rows(&sam.control, Asked::Dry(table(&tight))).await;
    assert!(said.iter().all(|row| row.refused == Some(DenialCode::NothingToDo)), "{said:?}");

    let mixed = [limit(1, Rule::OrderRate, Some(70)), limit(2, Rule::MaxQuantity, Some(1_000_000))];
    let Outcome::ApprovalAsked(approval, _) = sam.proved(Verb::Bulk(table(&mixed))).await else {
        panic!("it takes two")
    };
    let request = sam.second.request(approval).await;
    assert_eq!((request.what.as_str(), request.after.as_str()), ("table of limits", "2 rows"));
    let shown = rows(&sam.second.control, Asked::Waiting(approval)).await;
    assert_eq!(shown.iter().map(|row| row.two).collect::<Vec<_>>(), [true, false], "{shown:?}");
    let word = sam.second.word(approval, true).await;
    assert!(matches!(sam.second.proved(word).await, Outcome::Managed));
    until(&sam.control, known + 3).await;

    let now = stands(&sam.control, Table::Limits).await;
    assert!(mixed.iter().all(|row| now.contains(row)), "{now:?}");
    let said = rows(&sam.control, Asked::Dry(table(&now))).await;
    assert!(said.iter().all(|row| row.refused == Some(DenialCode::NothingToDo)), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_bad_row_stops_the_table_and_nobody_else_may_ask() {
    let house = House::open().await;
    let mut sam = Admin::sign_in(&house).await;
    let known = own_limits(&sam.control).await.len();
    let bad = [limit(1, Rule::OrderRate, Some(50)), limit(9_000, Rule::OrderRate, Some(60))];
    let said = rows(&sam.control, Asked::Dry(table(&bad))).await;
    assert_eq!(said.iter().map(|row| row.refused).collect::<Vec<_>>(), [None, Some(DenialCode::UnknownTarget)]);
    let Outcome::Denied(denial) = sam.ask(Verb::Bulk(table(&bad))).await else { panic!("denied") };
    assert_eq!(denial.code, DenialCode::UnknownTarget);
    assert!(denial.text.starts_with("row 2: "), "{denial:?}");
    assert_eq!(own_limits(&sam.control).await.len(), known);
    let Outcome::Denied(denial) = sam.second.ask(Verb::Bulk(table(&bad[..1]))).await else { panic!("denied") };
    assert_eq!(denial.code, DenialCode::NotPermitted);
    let dry = sam.second.control.ask(Ask::Bulk(Box::new(Asked::Dry(table(&bad))))).await.remove(0).body;
    assert!(matches!(dry, AnswerBody::Denied { code: DenialCode::NotPermitted, .. }), "{dry:?}");
}
