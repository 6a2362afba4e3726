//! Threat 24, the stranger who keeps knocking: banned for a while, through a restart, and told to the machine's own guards.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use regex_automata::meta::Regex;
use turret_certs::{Authority, Profile, tls};
use turret_server::config::CONFIG_FILE;
use turret_shared::ban::BanView;
use turret_shared::ids::DeviceId;
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};

use crate::wire::client::{Control, Pem, now_s, server_name};
use crate::wire::desk::{Desk, Person};

/// Where the stranger comes from: not from where the desk does.
const STRANGER: &str = "127.0.0.2:0";
/// What fail2ban is given, as SECURITY.md has it.
const SECURITY: &str = include_str!("../../../SECURITY.md");
/// What it puts in for `<HOST>`, as far as addresses go.
const HOST: &str = "(?P<host>[0-9A-Fa-f:.]+)";

/// Connects, and waits to be turned away.
async fn knock(endpoint: quinn::Endpoint, config: quinn::ClientConfig, address: SocketAddr, name: String) {
    let wait = Duration::from_secs(2);
    let attempt = endpoint.connect_with(config, address, &name).unwrap();
    if let Ok(Ok(connection)) = tokio::time::timeout(wait, attempt).await {
        let _ = tokio::time::timeout(wait, connection.closed()).await;
    }
}

/// A certificate of the stranger's own making.
fn stranger(desk: &Desk, like: &Person) -> (quinn::Endpoint, quinn::ClientConfig) {
    let pem = Pem::of(like);
    let other = Authority::create("a stranger's", now_s()).unwrap();
    let issued = other.issue(&Profile::Device(DeviceId(1)), now_s()).unwrap();
    let credentials = tls::Credentials {
        authority_pem: &pem.authority,
        certificate_pem: &issued.certificate_pem,
        key_pem: &issued.key_pem,
    };
    let config = turret_certs::transport::client(&credentials, turret_shared::wire::ALPN).unwrap();
    assert!(!desk.people.is_empty());
    (quinn::Endpoint::client(STRANGER.parse().unwrap()).unwrap(), config)
}

/// Knocks until the server has had enough: the line it wrote, and how often it took.
async fn knocked(
    desk: &Desk,
    endpoint: &quinn::Endpoint,
    config: &quinn::ClientConfig,
    like: &Person,
) -> (String, usize) {
    let mut knocks = 0;
    loop {
        // Side by side: offences count within a minute, however slow the machine.
        let attempts: Vec<_> = (0..20)
            .map(|_| tokio::spawn(knock(endpoint.clone(), config.clone(), desk.address, server_name(like))))
            .collect();
        knocks += attempts.len();
        for attempt in attempts {
            attempt.await.unwrap();
        }
        assert!(knocks < 1_000, "never banned");
        let log = desk.log();
        if let Some(line) = log.lines().find(|line| line.contains("source banned")) {
            return (line.to_owned(), knocks);
        }
    }
}

async fn is_out(desk: &Desk, endpoint: &quinn::Endpoint, config: &quinn::ClientConfig, like: &Person) -> bool {
    let attempt = endpoint.connect_with(config.clone(), desk.address, &server_name(like)).unwrap();
    tokio::time::timeout(Duration::from_secs(2), attempt).await.is_err()
}

/// The one ban there is, once it is in the log.
async fn listed(control: &Control) -> BanView {
    loop {
        let AnswerBody::Bans(mut rows) = control.ask(Ask::Bans).await.remove(0).body else { panic!("bans") };
        assert!(rows.len() <= 1, "{rows:?}");
        if let Some(row) = rows.pop() {
            return row;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_24_a_stranger_who_keeps_knocking_is_banned_for_a_while_and_nobody_else_is() {
    let desk = Desk::start();
    let ann = desk.person("ann.lee");
    let (endpoint, config) = stranger(&desk, &ann);
    let (line, knocks) = knocked(&desk, &endpoint, &config, &ann).await;
    assert!(knocks >= 60, "and not for a few: {knocks}");
    let failregex = SECURITY.split("failregex = ").nth(1).unwrap().split('`').next().unwrap();
    let regex = Regex::new(&failregex.replace("<HOST>", HOST)).unwrap();
    let mut found = regex.create_captures();
    regex.captures(&line, &mut found);
    let host = found.get_group_by_name("host").map(|span| &line[span.range()]);
    assert_eq!(host, Some("127.0.0.2"), "fail2ban reads `{line}` by `{failregex}`");
    assert!(line.contains("seconds=600"), "{line}");
    assert!(is_out(&desk, &endpoint, &config, &ann).await, "not a word");
    let (_, welcome) = Control::hello(&ann, desk.address).await;
    assert!(welcome.demo, "another address is another source");
    // Whoever may read the log sees it while it lasts; a broker does not, and the log has its number and no address.
    let (support, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    let row = listed(&support).await;
    assert_eq!((row.source.as_str(), row.times, row.by.as_str()), ("127.0.0.2", 1, ""));
    let found = support.found(AuditFilter { action: Some("ban_set".into()), ..AuditFilter::default() }).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].detail.contains(&format!("ban {}:", row.ban)), "{found:?}");
    assert!(!found[0].detail.contains("127.0"), "{found:?}");
    let (broker, _) = Control::signed_in(&ann, desk.address).await;
    assert!(matches!(broker.ask(Ask::Bans).await.remove(0).body, AnswerBody::Denied { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_24_a_ban_outlives_a_power_cut_and_the_packet_filter_is_told() {
    let mut desk = Desk::start();
    let ann = desk.person("ann.lee");
    let (endpoint, config) = stranger(&desk, &ann);
    knocked(&desk, &endpoint, &config, &ann).await;
    let (support, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    let before = listed(&support).await;
    let (file, settings) = (desk.layout().data().join("banned.nft"), desk.layout().data().join(CONFIG_FILE));
    let text = std::fs::read_to_string(&settings).unwrap();
    let on = format!("[guard]\nnftables_set = \"{}\"\n", file.display());
    std::fs::write(&settings, text.replace("[guard]\n", &on)).unwrap();
    desk.kill_and_restart();
    assert!(is_out(&desk, &endpoint, &config, &ann).await, "still not a word");
    let (supervisor, _) = Control::signed_in(&desk.person("kim.ito"), desk.address).await;
    let after = listed(&supervisor).await;
    assert_eq!((after.ban, &after.source, after.times, after.since), (before.ban, &before.source, 1, before.since));
    assert!(after.until.since(before.until).abs() < 5_000_000_000, "{before:?} {after:?}");
    let told = std::fs::read_to_string(&file).unwrap();
    assert!(told.contains("add element inet turret banned4 { 127.0.0.2 timeout "), "{told}");
    println!("{}", taken_by_nft(&file));
}

/// What came of giving the file to the real tool, in a network of its own so that nothing of this machine's is touched.
fn taken_by_nft(file: &Path) -> String {
    match Command::new("unshare").args(["-rn", "nft", "-c", "-f"]).arg(file).output() {
        Ok(done) if done.status.success() => "nft takes it".into(),
        Ok(done) => {
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            let absent = said.contains("unshare:") || said.contains("not permitted");
            assert!(absent, "nft does not take the file: {said}");
            format!("skipped: no nft here, or no network of one's own: {}", said.trim())
        }
        Err(error) => format!("skipped: no unshare here: {error}"),
    }
}
