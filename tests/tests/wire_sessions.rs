//! How a session ends by time, over the wire and under a clock moved by hand: quiet and old; no waiting.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use turret_shared::command::{CancelAll, Verb};
use turret_shared::ids::{ClOrdId, OrderId, Sequence};
use turret_shared::limits::{SESSION_ABSOLUTE_S_MAX, SESSION_IDLE_S_MAX};
use turret_shared::order::OrdStatus;
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame, SessionEnd};
use turret_shared::wire::put_frame;
use turret_shared::wire::query::{Ask, Query};
use wire::client::{Control, command};
use wire::house::House;

const MINUTE_S: u32 = 60;
const IDLE_S: u32 = SESSION_IDLE_S_MAX as u32;
const ABSOLUTE_S: u32 = SESSION_ABSOLUTE_S_MAX as u32;

/// Reports activity and hears how long the session has: idle, absolute.
async fn active(control: &mut Control) -> (u32, u32) {
    control.say(&ClientFrame::Activity).await;
    clock(control).await
}

async fn clock(control: &mut Control) -> (u32, u32) {
    match control.hear().await {
        ServerFrame::SessionClock { idle_left_s, absolute_left_s } => (idle_left_s, absolute_left_s),
        other => panic!("{other:?}"),
    }
}

async fn ended(control: &mut Control) -> SessionEnd {
    let reason = match control.hear_news().await {
        ServerFrame::SessionEnded { reason } => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(control.closed().await, CloseCode::Done);
    reason
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifteen_quiet_minutes_end_a_session_and_only_a_persons_input_puts_it_off() {
    let house = House::open().await;
    let ann = house.person("ann.lee");
    let (mut control, signed_in) = Control::entered(&ann, house.address, house.clock.step()).await;
    assert_eq!((signed_in.idle_left_s, signed_in.absolute_left_s), (IDLE_S, ABSOLUTE_S));
    // An answer says that the session has begun there too; told by itself as time passes, what is left is what is left.
    active(&mut control).await;
    house.clock.advance_s(MINUTE_S);
    assert_eq!(clock(&mut control).await, (IDLE_S - MINUTE_S, ABSOLUTE_S - MINUTE_S));
    house.clock.advance_s(13 * MINUTE_S);
    assert_eq!(clock(&mut control).await.0, MINUTE_S);
    assert_eq!(active(&mut control).await, (IDLE_S, ABSOLUTE_S - 14 * MINUTE_S));
    // A command, a question and a feed are no person's input, nor is coming back.
    house.clock.advance_s(14 * MINUTE_S);
    let all = Verb::CancelAll(CancelAll { cl_ord_id: ClOrdId::new("s1").unwrap(), account: None });
    let mut bytes = command(all);
    bytes.expires = bytes.expires.after_ns(3_600_000_000_000);
    let request = control.command_bytes(bytes.to_bytes()).await;
    assert!(matches!(control.outcome(request).await, Outcome::CancelAll { .. }));
    assert!(!control.ask(Ask::Accounts).await.is_empty());
    let (mut back, answer) = Control::resume(&ann, house.address, signed_in.token.clone()).await;
    assert!(matches!(answer, ServerFrame::SignedIn(same) if same.idle_left_s == MINUTE_S));
    house.clock.advance_s(MINUTE_S - 1);
    assert!(!back.ask(Ask::Accounts).await.is_empty(), "a second is left");
    house.clock.advance_s(1);
    assert_eq!(ended(&mut back).await, SessionEnd::Idle);
    // What has ended does not go on, and the next one is told how the last one ended.
    let (_, answer) = Control::resume(&ann, house.address, signed_in.token).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
    house.clock.advance_s(MINUTE_S);
    let (_, again) = Control::entered(&ann, house.address, house.clock.step()).await;
    assert_eq!(again.last_end, Some(SessionEnd::Idle));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_is_as_busy_as_what_it_asks_and_not_while_it_waits() {
    let house = House::open().await;
    let (mut control, _) = Control::entered_as(&house.person("ann.lee"), house.address, house.clock.step(), true).await;
    // Each question counts as somebody's doing, for a script has no keys.
    for _ in 0..3 {
        house.clock.advance_s(14 * MINUTE_S);
        assert!(!control.ask(Ask::Accounts).await.is_empty());
    }
    // What was told by itself just before a question may still be on its way.
    while active(&mut control).await.0 != IDLE_S {}
    // Waiting is one question: what goes by meanwhile is nobody's doing.
    let connection = control.connection.clone();
    let waiting = tokio::spawn(async move {
        let (mut send, mut recv) = connection.open_bi().await.unwrap();
        let mut bytes = Vec::new();
        let ask = Ask::WaitStatus { order: OrderId(1), status: OrdStatus::Filled, timeout_ms: 600_000 };
        put_frame(&Query { after: Some(Sequence(u64::MAX >> 8)), ask }, &mut bytes).unwrap();
        send.write_all(&bytes).await.unwrap();
        send.finish().unwrap();
        let _ = recv.read_to_end(1 << 16).await;
    });
    house.clock.advance_s(IDLE_S);
    assert_eq!(ended(&mut control).await, SessionEnd::Idle);
    let _ = waiting.await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twelve_hours_end_the_busiest_session() {
    let house = House::open().await;
    let ann = house.person("ann.lee");
    let (mut control, signed_in) = Control::entered(&ann, house.address, house.clock.step()).await;
    let mut left_s = ABSOLUTE_S;
    while left_s > 10 * MINUTE_S {
        house.clock.advance_s(10 * MINUTE_S);
        left_s -= 10 * MINUTE_S;
        // The clock may have been told by itself just before.
        control.say(&ClientFrame::Activity).await;
        while clock(&mut control).await != (IDLE_S.min(left_s), left_s) {}
    }
    house.clock.advance_s(10 * MINUTE_S);
    assert_eq!(ended(&mut control).await, SessionEnd::Absolute);
    let (_, answer) = Control::resume(&ann, house.address, signed_in.token).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_ends_the_session_and_the_log_says_that_it_was_one() {
    let house = House::open().await;
    let ann = house.person("ann.lee");
    let (mut control, _) = Control::entered(&ann, house.address, house.clock.step()).await;
    control.say(&ClientFrame::SignOut { locked: true }).await;
    let ended = control.hear_news().await;
    assert!(matches!(ended, ServerFrame::SessionEnded { reason: SessionEnd::Locked }), "{ended:?}");
    assert_eq!(control.closed().await, CloseCode::Done);
    house.clock.advance_s(60);
    let (_again, signed_in) = Control::entered(&ann, house.address, house.clock.step()).await;
    assert_eq!(signed_in.last_end, Some(SessionEnd::Locked));
}
