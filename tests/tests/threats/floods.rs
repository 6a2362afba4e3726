//! Threats 24 and 27: ten thousand strangers knock, two hundred people sign in at once; memory is counted, time is not.

use std::net::UdpSocket;
use std::time::Duration;

use turret_shared::secret::SecretText;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame};
use turret_tests::initials::{self, most_resident_kib, resident_kib};

use super::orders::{bid, bytes};
use crate::wire::client::{Control, Pem, server_name};
use crate::wire::desk::Desk;

/// First packets of strangers.
const INITIALS: usize = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_24_ten_thousand_initials_take_no_memory_and_orders_go_on() {
    let mut desk = Desk::start();
    let ann = desk.person("ann.lee");
    let (mut control, _) = Control::signed_in(&ann, desk.address).await;
    let credentials = Pem::of(&ann);
    let config = turret_certs::transport::client(&credentials.credentials(), turret_shared::wire::ALPN).unwrap();
    let packets = initials::captured(&config, &server_name(&ann), 500).await.unwrap();
    let before = resident_kib(desk.id());
    let address = desk.address;
    let flood = tokio::task::spawn_blocking(move || {
        let sockets: Vec<UdpSocket> = (0..16).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
        let mut answers = 0_usize;
        for (at, packet) in packets.iter().cycle().take(INITIALS).enumerate() {
            let socket = &sockets[at % sockets.len()];
            socket.send_to(packet, address).unwrap();
            if at % 100 == 99 {
                // A server that is given no rest at all loses packets in the kernel, which would prove nothing.
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        for socket in &sockets {
            socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
            let mut packet = [0; 2_048];
            while let Ok(length) = socket.recv(&mut packet) {
                assert!(length < 300, "an answer to a stranger is smaller than the question: {length}");
                answers += 1;
            }
        }
        answers
    });
    let mut answered = 0;
    while !flood.is_finished() {
        let request = control.command_bytes(bytes(bid(&format!("f{answered}"), "A1001", ""))).await;
        assert!(!matches!(control.outcome(request).await, Outcome::Busy));
        answered += 1;
    }
    let answers = flood.await.unwrap();
    assert!(answered > 0 && answers > 0, "{answered} orders, {answers} asked to prove their address");
    let grown = resident_kib(desk.id()).saturating_sub(before);
    assert!(grown < 64 * 1024, "{grown} KiB more than before");
    let (_, welcome) = Control::hello(&desk.person("bob.ray"), desk.address).await;
    assert!(welcome.demo && desk.lives());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_27_two_hundred_sign_ins_at_once_are_all_answered_in_bounded_memory() {
    let desk = Desk::start();
    let logins = ["ann.lee", "bob.ray", "kim.ito", "sam.wood", "mia.ortiz", "eva.koch"];
    let before = resident_kib(desk.id());
    // They introduce themselves one by one: each has five seconds for it, and so many ends on one machine need longer.
    let mut waiting = Vec::new();
    for n in 0..186_usize {
        let person = desk.person(logins[n % logins.len()]);
        let (control, _) = Control::hello(&person, desk.address).await;
        waiting.push((n, person, control));
    }
    let mut tries = Vec::new();
    for (n, person, mut control) in waiting {
        tries.push(tokio::spawn(async move {
            let password = SecretText::new(format!("wrong password {n}"));
            control.say(&ClientFrame::Password { login: person.login.clone(), password }).await;
            let answer = control.hear().await;
            (matches!(answer, ServerFrame::CodeWanted), matches!(answer, ServerFrame::Busy { .. }))
        }));
    }
    let mut counts = [0, 0];
    for one in tries {
        let (looked_at, busy) = one.await.unwrap();
        assert!(looked_at || busy, "answered");
        counts[usize::from(busy)] += 1;
    }
    assert!(counts[0] >= 40, "looked at and busy: {counts:?}");
    // Two passwords are stretched at once, each in 64 MiB.
    let most = most_resident_kib(desk.id()).saturating_sub(before);
    assert!(most < (2 * 64 + 96) * 1024, "{most} KiB more than before");
    // Passwords that were never followed by a code are no failures: their owners get in.
    let (_, signed_in) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    assert_eq!(signed_in.user.login, "mia.ortiz");
}
