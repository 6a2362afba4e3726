//! Threats 24 and 27: ten thousand strangers knock, two hundred people sign in at once; memory is counted, time is not.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use turret_certs::{Authority, Profile, tls};
use turret_shared::ids::DeviceId;
use turret_shared::secret::SecretText;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame};
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};
use turret_tests::initials::{self, most_resident_kib, resident_kib};

use super::orders::{bid, bytes};
use crate::wire::client::{Control, Pem, now_s, server_name};
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

/// Connects, and waits to be turned away.
async fn knock(endpoint: quinn::Endpoint, config: quinn::ClientConfig, address: SocketAddr, name: String) {
    let wait = Duration::from_secs(2);
    let attempt = endpoint.connect_with(config, address, &name).unwrap();
    if let Ok(Ok(connection)) = tokio::time::timeout(wait, attempt).await {
        let _ = tokio::time::timeout(wait, connection.closed()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_24_a_stranger_who_keeps_knocking_is_banned_for_a_while_and_nobody_else_is() {
    let desk = Desk::start();
    let ann = desk.person("ann.lee");
    let pem = Pem::of(&ann);
    // A certificate of the stranger's own making, from an address of the stranger's own.
    let other = Authority::create("a stranger's", now_s()).unwrap();
    let issued = other.issue(&Profile::Device(DeviceId(1)), now_s()).unwrap();
    let credentials = tls::Credentials {
        authority_pem: &pem.authority,
        certificate_pem: &issued.certificate_pem,
        key_pem: &issued.key_pem,
    };
    let config = turret_certs::transport::client(&credentials, turret_shared::wire::ALPN).unwrap();
    let endpoint = quinn::Endpoint::client("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut knocks = 0;
    let line = loop {
        // Side by side: offences count within a minute, however slow the machine.
        let attempts: Vec<_> = (0..20)
            .map(|_| tokio::spawn(knock(endpoint.clone(), config.clone(), desk.address, server_name(&ann))))
            .collect();
        knocks += attempts.len();
        for attempt in attempts {
            attempt.await.unwrap();
        }
        assert!(knocks < 1_000, "never banned");
        let log = desk.log();
        if let Some(line) = log.lines().find(|line| line.contains("source banned")) {
            break line.to_owned();
        }
    };
    // What fail2ban looks for, as SECURITY.md gives it.
    assert!(line.contains("source=127.0.0.2") && line.contains("seconds=600"), "{line}");
    assert!(knocks >= 60, "and not for a few: {knocks}");
    let attempt = endpoint.connect_with(config, desk.address, &server_name(&ann)).unwrap();
    let silence = tokio::time::timeout(Duration::from_secs(2), attempt).await;
    assert!(silence.is_err(), "not a word: {silence:?}");
    let (_, welcome) = Control::hello(&ann, desk.address).await;
    assert!(welcome.demo, "another address is another source");
    // Whoever may read the log sees it while it lasts; a broker does not, and the log has its number and no address.
    let (support, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    let AnswerBody::Bans(rows) = support.ask(Ask::Bans).await.remove(0).body else { panic!("bans") };
    let told: Vec<_> = rows.iter().map(|row| (row.source.as_str(), row.times)).collect();
    assert_eq!(told, [("127.0.0.2", 1)]);
    let found = support.found(AuditFilter { action: Some("ban_set".into()), ..AuditFilter::default() }).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].detail.contains(&format!("ban {}:", rows[0].ban)), "{found:?}");
    assert!(!found[0].detail.contains("127.0"), "{found:?}");
    let (broker, _) = Control::signed_in(&ann, desk.address).await;
    assert!(matches!(broker.ask(Ask::Bans).await.remove(0).body, AnswerBody::Denied { .. }));
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
