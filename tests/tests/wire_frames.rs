//! Frames and commands that no client of ours sends: each is refused in type and counted; it must not crash the server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use std::sync::Arc;

use turret_certs::transport;
use turret_shared::command::{CancelAll, CancelOrder, Command, Verb};
use turret_shared::denial::DenialCode;
use turret_shared::ids::{ClOrdId, OrderId};
use turret_shared::limits::FRAME_BYTES_MAX;
use turret_shared::wire::ALPN;
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::control::{ClientFrame, Hello, Outcome, ServerFrame};
use turret_shared::wire::put_frame;
use turret_shared::wire::query::AuditFilter;
use wire::client::{Control, Pem, command, connect, connect_as, hello, server_name};
use wire::desk::Desk;

fn framed(body: &[u8]) -> Vec<u8> {
    let mut bytes = (body.len() as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(body);
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_of_another_age_is_told_so() {
    let desk = Desk::start();
    let ann = desk.person("ann.lee");
    let of = |version_min, version_max, client_version: &str| {
        ClientFrame::Hello(Hello { version_min, version_max, client_version: client_version.into(), script: false })
    };
    for frame in [of(2, 9, "9.0.0"), of(0, 0, "0.1.0"), of(1, 1, "0.0.9"), of(1, 1, "new")] {
        let mut control = Control::open(&ann, desk.address).await;
        control.say(&frame).await;
        assert!(matches!(control.hear().await, ServerFrame::Welcome(_)));
        assert_eq!(control.closed().await, CloseCode::Version);
    }
}

fn cancel(n: u64) -> Command {
    let cl_ord_id = ClOrdId::new(&format!("w{n}")).unwrap();
    command(Verb::OrderCancel(CancelOrder { cl_ord_id, order: OrderId(256 * 1_000_000) }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn within_a_session_bad_commands_are_denied_and_bad_frames_end_it() {
    let mut desk = Desk::start();
    let ann = desk.person("ann.lee");
    let (mut control, signed_in) = Control::signed_in(&ann, desk.address).await;

    let good = cancel(1).to_bytes();
    let mut trailing = good.clone();
    trailing.push(0);
    let mut long_schema = good.clone();
    // The schema's 1 written in two bytes: the same value, not the one encoding.
    assert_eq!(long_schema.get(1), Some(&1));
    long_schema.splice(1..2, [0x18, 0x01]);
    let mut unknown_schema = good.clone();
    unknown_schema[1] = 9;
    let cut = good[..good.len() - 1].to_vec();
    let mut deep = vec![0x81; 5_000];
    deep.push(0);
    for bytes in [trailing, long_schema, unknown_schema, cut, deep, Vec::new(), vec![0; 40_000]] {
        let request = control.command_bytes(bytes).await;
        match control.outcome(request).await {
            Outcome::Denied(denial) => assert_eq!(denial.code, DenialCode::Invalid),
            other => panic!("{other:?}"),
        }
    }
    // The session is whole, and a good command is answered by the engine.
    let request = control.command_bytes(good).await;
    assert!(matches!(control.outcome(request).await, Outcome::Refused(_)));

    // A frame longer than any, though a session may send long ones.
    control.say_bytes(&(FRAME_BYTES_MAX as u32 + 1).to_be_bytes()).await;
    assert_eq!(control.closed().await, CloseCode::BadFrame);

    // The session outlives its connection, and ends one that will not stop.
    let (mut again, answer) = Control::resume(&ann, desk.address, signed_in.token.clone()).await;
    assert!(matches!(answer, ServerFrame::SignedIn(same) if same.session == signed_in.session));
    for _ in 0..100 {
        again.command_bytes(vec![0xff]).await;
    }
    assert_eq!(again.closed().await, CloseCode::BadFrame);

    // A query stream is no better place.
    let (third, answer) = Control::resume(&ann, desk.address, signed_in.token).await;
    assert!(matches!(answer, ServerFrame::SignedIn(_)));
    let (mut send, _recv) = third.connection.open_bi().await.unwrap();
    send.write_all(&framed(&[0xff; 8])).await.unwrap();
    let reason = tokio::time::timeout(wire::PATIENCE, third.connection.closed()).await.expect("a close");
    assert_eq!(wire::client::close_code(&reason), CloseCode::BadFrame);
    assert!(desk.lives());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_frames_in_one_write_and_one_frame_in_many_writes_are_the_same() {
    let desk = Desk::start();
    let bob = desk.person("bob.ray");
    let (mut control, _) = Control::signed_in(&bob, desk.address).await;
    let all = |n: u64| {
        let cl_ord_id = ClOrdId::new(&format!("a{n}")).unwrap();
        command(Verb::CancelAll(CancelAll { cl_ord_id, account: None })).to_bytes()
    };
    let mut bytes = Vec::new();
    for request in 1..=200 {
        put_frame(&ClientFrame::Command { request, bytes: all(request) }, &mut bytes).unwrap();
    }
    control.say_bytes(&bytes).await;
    let mut heard = Vec::new();
    while heard.len() < 200 {
        if let ServerFrame::Reply { request, .. } = control.hear_news().await {
            heard.push(request);
        }
    }
    heard.sort_unstable();
    assert_eq!(heard, (1..=200).collect::<Vec<_>>());
    let mut bytes = Vec::new();
    put_frame(&ClientFrame::Command { request: 201, bytes: all(201) }, &mut bytes).unwrap();
    for byte in bytes {
        control.say_bytes(&[byte]).await;
    }
    assert!(matches!(control.outcome(201).await, Outcome::CancelAll { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_datagram_of_a_client_even_an_empty_one_ends_its_connection_and_is_in_the_log() {
    let mut desk = Desk::start();
    let (ann, sam) = (desk.person("ann.lee"), desk.person("sam.wood"));
    let (_first, signed_in) = Control::signed_in(&ann, desk.address).await;
    for in_session in [false, true] {
        // Our own client could not send one.
        let mut config = transport::client(&Pem::of(&ann).credentials(), ALPN).unwrap();
        config.transport_config(Arc::new(quinn::TransportConfig::default()));
        let connection = connect_as(config, &server_name(&ann), desk.address).await.unwrap();
        let mut control = Control::over(connection.clone()).await;
        control.say(&hello()).await;
        assert!(matches!(control.hear().await, ServerFrame::Welcome(_)));
        if in_session {
            control.say(&ClientFrame::Resume { token: signed_in.token.clone() }).await;
            assert!(matches!(control.hear().await, ServerFrame::SignedIn(_)));
        }
        connection.send_datagram(Vec::new().into()).unwrap();
        let reason = tokio::time::timeout(wire::PATIENCE, connection.closed()).await.expect("a close");
        assert!(matches!(reason, quinn::ConnectionError::ConnectionClosed(_)), "{reason:?}");
    }
    // The session stands, and the support desk finds what happened: one row for all of a kind.
    let (_again, answer) = Control::resume(&ann, desk.address, signed_in.token).await;
    assert!(matches!(answer, ServerFrame::SignedIn(_)), "{answer:?}");
    let (support, _) = Control::signed_in(&sam, desk.address).await;
    let filter = AuditFilter { action: Some("bad_input".into()), ..AuditFilter::default() };
    let rows = support.found(filter).await.into_iter();
    let details: Vec<String> = rows.map(|row| row.detail).collect();
    assert!(details.iter().any(|detail| detail.contains("transport")), "{details:?}");
    assert!(desk.lives());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_a_session_there_is_one_stream() {
    let desk = Desk::start();
    let ann = desk.person("ann.lee");
    let connection = connect(&ann, desk.address).await.unwrap();
    let _control = connection.open_bi().await.unwrap();
    let second = tokio::time::timeout(std::time::Duration::from_millis(500), connection.open_bi());
    assert!(second.await.is_err(), "no second stream is granted");
    let unidirectional = tokio::time::timeout(std::time::Duration::from_millis(500), connection.open_uni());
    assert!(unidirectional.await.is_err());
    assert!(connection.max_datagram_size().is_none_or(|bytes| bytes == 0), "clients send no datagrams");
}
