//! Sessions over a lost connection and a killed server; it must assert no time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use turret_shared::command::{CancelAll, Verb};
use turret_shared::ids::ClOrdId;
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame, SessionEnd};
use wire::client::{Control, command};
use wire::desk::Desk;

async fn still_trades(control: &mut Control, name: &str) {
    let cl_ord_id = ClOrdId::new(name).unwrap();
    let bytes = command(Verb::CancelAll(CancelAll { cl_ord_id, account: None })).to_bytes();
    let request = control.command_bytes(bytes).await;
    let outcome = control.outcome(request).await;
    assert!(matches!(outcome, Outcome::CancelAll { .. }), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_goes_on_after_a_lost_connection_and_a_killed_server() {
    let mut desk = Desk::start();
    let ann = desk.person("ann.lee");
    let (mut first, signed_in) = Control::signed_in(&ann, desk.address).await;
    still_trades(&mut first, "r1").await;
    // A second connection takes over while the first still stands.
    let (mut second, answer) = Control::resume(&ann, desk.address, signed_in.token.clone()).await;
    assert!(matches!(answer, ServerFrame::SignedIn(same) if same.session == signed_in.session));
    assert_eq!(first.closed().await, CloseCode::Resumed);
    still_trades(&mut second, "r2").await;
    desk.kill_and_restart();
    let (mut third, answer) = Control::resume(&ann, desk.address, signed_in.token.clone()).await;
    match answer {
        ServerFrame::SignedIn(same) => {
            assert_eq!(same.session, signed_in.session);
            assert!(same.idle_left_s <= signed_in.idle_left_s, "a restart gives no time");
            assert!(same.absolute_left_s <= signed_in.absolute_left_s);
        }
        other => panic!("{other:?}"),
    }
    still_trades(&mut third, "r3").await;
    // Signing out ends it for good, across restarts too.
    third.say(&ClientFrame::SignOut { locked: false }).await;
    let ended = third.hear_news().await;
    assert!(matches!(ended, ServerFrame::SessionEnded { reason: SessionEnd::SignedOut }), "{ended:?}");
    assert_eq!(third.closed().await, CloseCode::Done);
    desk.kill_and_restart();
    let (_fourth, answer) = Control::resume(&ann, desk.address, signed_in.token).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
}
