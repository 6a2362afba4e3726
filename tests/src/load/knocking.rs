//! What strangers and crowds at the door cost those who are in: first packets, handshakes, sign-ins; it must take no short way in.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use quinn::Endpoint;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use turret_certs::{Authority, Issued, Profile as Certificate, tls, transport};
use turret_client::credentials::Credentials;
use turret_client::profile::Profile;
use turret_server::vault::{Password, PasswordId, PasswordMemory, Vault};
use turret_shared::ids::{CredentialId, DeviceId, UserId};
use turret_shared::secret::{SecretKey, SecretText};
use turret_shared::wire::ALPN;

use super::ceiling_client::Broken;
use super::clock::{Stopwatch, wall};
use super::crowd::{Answered, Crowd};
use super::desk::Product;
use super::figures::{median, percentile, rounded};
use super::line::Knock;
use super::product::Broker;
use super::resident;
use crate::initials;

/// First packets of strangers a second.
const INITIALS_PER_S: u64 = 10_000;
/// Different ones, sent again and again from other sockets.
const INITIALS: usize = 400;
/// Orders a second while it is looked at what they take.
const ORDERS_PER_S: f64 = 200.0;
/// Pairs of slices, quiet and not, in turn.
const PAIRS: usize = 7;
/// Seconds of a slice.
const SLICE_S: f64 = 2.0;
/// Handshakes of a round, below what one source may begin at once.
const HANDSHAKES: usize = 64;
/// Rounds of each in turn.
const ROUNDS: usize = 3;
/// Handshakes under way at once.
const AT_ONCE: usize = 8;
/// Connections held to weigh one: fewer than a person's devices may have.
const HELD: usize = 120;

/// Everything measured at the door.
///
/// # Errors
/// Whatever broke the run.
pub async fn measure() -> Result<Value, Broken> {
    let mut product = Product::start(None)?;
    let address = product.address()?;
    let people: Vec<Credentials> = product.people().to_vec();
    let ann = people.first().ok_or("nobody")?;
    let server = product.server_id().ok_or("no server")?;
    let mut broker = product.broker().await?;
    broker.burst(8, 2_000).await?;
    let connection = weighed(&people, address, server).await?;
    let flood = flooded(&mut broker, ann, address, server).await?;
    let handshakes = handshakes(ann, address).await?;
    let mut alone = broker.closed_loop(1, SLICE_S).await?;
    let commit_ms = percentile(&mut alone.latencies_us, 0.5) as f64 / 1_000.0;
    let sign_in = sign_ins(people.get(1..).unwrap_or_default(), address, commit_ms).await?;
    let crowd = crowded(&mut broker, &people, address).await?;
    broker.leave().await;
    product.stop();
    Ok(json!({"door": {
        "initials": flood, "sign_ins_at_once": crowd, "handshakes": handshakes, "sign_in": sign_in, "idle_connection": connection,
    }}))
}

fn config(of: &Credentials) -> Result<(quinn::ClientConfig, String), Broken> {
    let profile = Profile::load(&of.client_dir)?;
    let pair = tls::Credentials {
        authority_pem: &profile.authority_pem,
        certificate_pem: &profile.device_pem,
        key_pem: profile.device_key.expose(),
    };
    Ok((transport::client(&pair, ALPN)?, profile.server_name))
}

/// A slice of orders at a steady rate; its p99 in microseconds.
async fn p99(broker: &mut Broker, seconds: f64) -> Result<f64, Broken> {
    let mut slice = broker.open_loop(ORDERS_PER_S, seconds).await?;
    Ok(percentile(&mut slice.latencies_us, 0.99) as f64)
}

/// Orders with and without strangers knocking, in turn.
async fn flooded(broker: &mut Broker, ann: &Credentials, server: SocketAddr, id: u32) -> Result<Value, Broken> {
    let (config, name) = config(ann)?;
    let packets = Arc::new(initials::captured(&config, &name, INITIALS).await?);
    let before = resident::of(id).unwrap_or_default();
    let (mut quiet, mut loud, mut ratios, mut sent) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for pair in 0..PAIRS {
        let (calm, stormy);
        if pair % 2 == 0 {
            calm = p99(broker, SLICE_S).await?;
            stormy = stormed(broker, &packets, server, &mut sent).await?;
        } else {
            stormy = stormed(broker, &packets, server, &mut sent).await?;
            calm = p99(broker, SLICE_S).await?;
        }
        quiet.push(calm);
        loud.push(stormy);
        ratios.push(stormy / calm.max(1.0));
    }
    let after = resident::of(id).unwrap_or_default();
    Ok(json!({
        "per_s": rounded(sent as f64 / (SLICE_S * PAIRS as f64)),
        "order_us_p99": {"quiet": rounded(median(&quiet)), "loud": rounded(median(&loud))},
        "p99_to_quiet": rounded(median(&ratios)),
        "memory_grown_mib": rounded(after.peak_kib.saturating_sub(before.now_kib) as f64 / 1_024.0),
    }))
}

async fn stormed(
    broker: &mut Broker,
    packets: &Arc<Vec<Vec<u8>>>,
    server: SocketAddr,
    sent: &mut u64,
) -> Result<f64, Broken> {
    let flood = Flood::begin(Arc::clone(packets), server);
    let taken = p99(broker, SLICE_S).await;
    *sent += flood.end();
    taken
}

/// Strangers' packets from many sockets, on a thread of its own.
struct Flood {
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    thread: std::thread::JoinHandle<()>,
}

impl Flood {
    fn begin(packets: Arc<Vec<Vec<u8>>>, server: SocketAddr) -> Self {
        let (stop, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (ends, counts) = (Arc::clone(&stop), Arc::clone(&sent));
        let thread = std::thread::spawn(move || {
            let sockets: Vec<UdpSocket> = (0..16).filter_map(|_| UdpSocket::bind("127.0.0.1:0").ok()).collect();
            let watch = Stopwatch::start();
            let turns = packets.iter().cycle().zip(sockets.iter().cycle());
            for (count, (packet, socket)) in (0_u64..).zip(turns) {
                if ends.load(Ordering::Relaxed) {
                    return;
                }
                let early_us = (count * 1_000_000 / INITIALS_PER_S).saturating_sub(watch.us());
                if early_us > 1_000 {
                    std::thread::sleep(Duration::from_micros(early_us));
                }
                if socket.send_to(packet, server).is_ok() {
                    counts.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        Self { stop, sent, thread }
    }

    /// How many were sent.
    fn end(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        // A thread that fell has sent what it counted.
        let _ = self.thread.join();
        self.sent.load(Ordering::Relaxed)
    }
}

/// Orders with and without a crowd that gives passwords at once.
async fn crowded(broker: &mut Broker, people: &[Credentials], server: SocketAddr) -> Result<Value, Broken> {
    let mut quiet = Vec::new();
    for _ in 0..3 {
        quiet.push(p99(broker, SLICE_S).await?);
    }
    // The broker's own device has its session; everybody else's is at the door.
    let crowd = Crowd::gather(people.get(1..).unwrap_or_default(), server)?;
    let count = crowd.count;
    let loud = p99(broker, 3.0 * SLICE_S).await?;
    let Answered { looked_at, busy } = crowd.end()?;
    let calm = median(&quiet);
    Ok(json!({
        "count": count, "looked_at": looked_at, "busy": busy,
        "order_us_p99": {"quiet": rounded(calm), "loud": rounded(loud)},
        "p99_to_quiet": rounded(loud / calm.max(1.0)),
    }))
}

/// Handshakes a second of the product, and of quinn alone with certificates of the same kind.
async fn handshakes(ann: &Credentials, server: SocketAddr) -> Result<Value, Broken> {
    let (ours_config, name) = config(ann)?;
    let (bare, bare_config) = bare()?;
    let bare_at = bare.local_addr()?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(round(&ours_config, &name, server).await?);
        theirs.push(round(&bare_config, "localhost", bare_at).await?);
    }
    bare.close(0_u32.into(), b"");
    let (ours, theirs) = (median(&ours), median(&theirs));
    Ok(json!({"per_s": rounded(ours), "bare_quinn_per_s": rounded(theirs), "to_bare": rounded(ours / theirs.max(1.0))}))
}

fn pair<'a>(authority: &'a Authority, issued: &'a Issued) -> tls::Credentials<'a> {
    let (certificate_pem, key_pem) = (issued.certificate_pem.as_str(), issued.key_pem.as_str());
    tls::Credentials { authority_pem: authority.certificate_pem(), certificate_pem, key_pem }
}

/// quinn with our TLS and nothing behind it, and a client it lets in.
fn bare() -> Result<(Endpoint, quinn::ClientConfig), Broken> {
    let now_s = u64::try_from(wall().0 / 1_000_000_000)?;
    let authority = Authority::create("bare", now_s)?;
    let server = authority.issue(&Certificate::Server { dns_name: "localhost".to_owned() }, now_s)?;
    let device = authority.issue(&Certificate::Device(DeviceId(1)), now_s)?;
    let endpoint = Endpoint::server(transport::server(&pair(&authority, &server), ALPN)?, ([127, 0, 0, 1], 0).into())?;
    let accepting = endpoint.clone();
    tokio::spawn(async move {
        while let Some(incoming) = accepting.accept().await {
            tokio::spawn(async move {
                if let Ok(connection) = incoming.await {
                    connection.closed().await;
                }
            });
        }
    });
    Ok((endpoint, transport::client(&pair(&authority, &device), ALPN)?))
}

async fn round(config: &quinn::ClientConfig, name: &str, server: SocketAddr) -> Result<f64, Broken> {
    let endpoint = Endpoint::client(([127, 0, 0, 1], 0).into())?;
    let watch = Stopwatch::start();
    let mut under_way = JoinSet::new();
    for _ in 0..HANDSHAKES {
        if under_way.len() >= AT_ONCE
            && let Some(done) = under_way.join_next().await
        {
            done??;
        }
        let connecting = endpoint.connect_with(config.clone(), server, name)?;
        under_way.spawn(async move {
            let connection = connecting.await?;
            connection.close(0_u32.into(), b"");
            Ok::<(), quinn::ConnectionError>(())
        });
    }
    while let Some(done) = under_way.join_next().await {
        done??;
    }
    let taken = watch.seconds();
    endpoint.wait_idle().await;
    Ok(HANDSHAKES as f64 / taken)
}

/// From the password's bytes to the session, one person after another, beside Argon2 alone and one commit.
async fn sign_ins(people: &[Credentials], server: SocketAddr, commit_ms: f64) -> Result<Value, Broken> {
    let folder = tempfile::tempdir()?;
    let random = turret_server::random::system;
    let vault =
        Vault::open(&folder.path().join("vault.db"), &SecretKey::new([1; 32]), &SecretKey::new([2; 32]), random)?;
    let (credential, password) = (CredentialId(1), SecretText::new("a password for measuring only".to_owned()));
    vault.add_password(credential, UserId(1), &Password::new(&password)?, &mut PasswordMemory::new()?)?;
    let verifier = vault.verifier(Some(PasswordId { credential, version: 1 }))?;
    let (mut alone, mut whole) = (Vec::new(), Vec::new());
    for who in people {
        let watch = Stopwatch::start();
        verifier.check(&password, &mut PasswordMemory::new()?)?;
        alone.push(watch.seconds() * 1_000.0);
        let mut knock = Knock::at(who, server).await?;
        let watch = Stopwatch::start();
        if !knock.password(&who.user, who.password.clone()).await? {
            return Err("busy".into());
        }
        knock.code(who).await?;
        whole.push(watch.seconds() * 1_000.0);
    }
    let (alone, whole) = (median(&alone), median(&whole));
    Ok(json!({
        "ms": rounded(whole), "argon2_ms": rounded(alone), "commit_ms": rounded(commit_ms),
        "to_argon2_and_commit": rounded(whole / (alone + commit_ms)),
    }))
}

/// Memory of a connection that has said hello and nothing more.
async fn weighed(people: &[Credentials], server: SocketAddr, id: u32) -> Result<Value, Broken> {
    let mut held = Vec::new();
    // What the first ones bring is there once, however many follow.
    for who in people {
        held.push(Knock::at(who, server).await?);
    }
    let before = resident::of(id).unwrap_or_default();
    for who in people.iter().cycle().take(HELD) {
        held.push(Knock::at(who, server).await?);
    }
    let after = resident::of(id).unwrap_or_default();
    drop(held);
    Ok(json!({"held": HELD, "kib": rounded(after.now_kib.saturating_sub(before.now_kib) as f64 / HELD as f64)}))
}
