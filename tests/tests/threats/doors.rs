//! Threats 6, 7 and 8: false servers, weaker protocols, bytes ahead of the handshake; it must sign nobody in.

use std::io::Write as _;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use quinn::crypto::rustls::QuicClientConfig;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, NamedGroup};
use turret_certs::{Authority, Issued, Profile, tls, transport};
use turret_shared::ids::DeviceId;
use turret_shared::wire::{ALPN, ALPN_VENUE};

use crate::wire;
use crate::wire::client::{Control, Pem, connect_as, now_s, server_name};
use crate::wire::desk::{Desk, Person};

/// Writes down what a server gives a client to come back with, and which group was agreed.
#[derive(Debug, Default)]
struct Notebook(Mutex<(Vec<NamedGroup>, usize)>);

impl ClientSessionStore for Notebook {
    fn set_kx_hint(&self, _: ServerName<'static>, group: NamedGroup) {
        self.0.lock().unwrap().0.push(group);
    }
    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }
    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {
        self.0.lock().unwrap().1 += 1;
    }
    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }
    fn remove_tls12_session(&self, _: &ServerName<'static>) {}
    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {
        self.0.lock().unwrap().1 += 1;
    }
    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}

fn quic(config: ClientConfig) -> quinn::ClientConfig {
    quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(config).unwrap()))
}

/// As our clients, but with the groups given and every offer to come back taken.
fn eager(
    pem: &Pem,
    groups: Vec<&'static dyn rustls::crypto::SupportedKxGroup>,
    notebook: &Arc<Notebook>,
) -> ClientConfig {
    let mut provider = tls::provider().as_ref().clone();
    provider.kx_groups = groups;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(tls::one_certificate(&pem.authority).unwrap()).unwrap();
    let key = rustls::pki_types::pem::PemObject::from_pem_slice(pem.key.as_bytes()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![tls::one_certificate(&pem.certificate).unwrap()], key)
        .unwrap();
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.enable_early_data = true;
    config.resumption = rustls::client::Resumption::store(Arc::clone(notebook) as Arc<dyn ClientSessionStore>);
    config
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_07_the_door_opens_to_our_devices_over_the_hybrid_group_and_our_protocol_only() {
    use rustls::crypto::aws_lc_rs::kx_group::{X25519, X25519MLKEM768};
    let desk = Desk::start();
    let ann = desk.person("ann.lee");
    let (pem, name) = (Pem::of(&ann), server_name(&ann));
    let connect_with = |config| connect_as(quic(config), &name, desk.address);

    // A client that would rather speak the classical group first is led to the hybrid one, and given nothing to resume by.
    let notebook = Arc::new(Notebook::default());
    let config = eager(&pem, vec![X25519, X25519MLKEM768], &notebook);
    for _ in 0..2 {
        let connection = connect_with(config.clone()).await.unwrap();
        connection.close(0_u32.into(), b"");
    }
    let (groups, tickets) = notebook.0.lock().unwrap().clone();
    assert_eq!(groups, [NamedGroup::X25519MLKEM768; 2]);
    assert_eq!(tickets, 0, "nothing to come back with, so no early data either");
    // One that knows the classical group alone is refused.
    let closed = connect_with(eager(&pem, vec![X25519], &notebook)).await.unwrap_err();
    let quinn::ConnectionError::ConnectionClosed(close) = closed else { panic!("{closed:?}") };
    assert!(close.reason.is_empty(), "threat 21: a number says enough: {close:?}");

    // Strangers: another authority's device, a device of nobody, no certificate, a server's own certificate is not at hand.
    let stranger = Authority::create("another authority", now_s()).unwrap();
    let device = |profile: &Profile| stranger.issue(profile, now_s()).unwrap();
    for issued in [device(&Profile::Device(DeviceId(1))), device(&Profile::VenueClient)] {
        assert!(refused(&pem, &issued, &name, desk.address).await);
    }
    let mut roots = rustls::RootCertStore::empty();
    roots.add(tls::one_certificate(&pem.authority).unwrap()).unwrap();
    let mut bare = ClientConfig::builder_with_provider(tls::provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    bare.alpn_protocols = vec![ALPN.to_vec()];
    assert!(fails(connect_as(quic(bare), &name, desk.address).await).await);

    // Other protocols, and another server's name.
    for alpn in [b"h3".as_slice(), ALPN_VENUE, b"turret/0"] {
        let config = transport::client(&pem.credentials(), alpn).unwrap();
        assert!(connect_as(config, &name, desk.address).await.is_err(), "{alpn:?}");
    }
    let config = transport::client(&pem.credentials(), ALPN).unwrap();
    assert!(connect_as(config, "bank.example", desk.address).await.is_err());

    // And after all that the door still opens.
    let (_, welcome) = Control::hello(&ann, desk.address).await;
    assert!(welcome.demo);
}

/// A certificate the server's authority did not sign.
async fn refused(pem: &Pem, issued: &Issued, name: &str, address: std::net::SocketAddr) -> bool {
    let credentials = tls::Credentials {
        authority_pem: &pem.authority,
        certificate_pem: &issued.certificate_pem,
        key_pem: &issued.key_pem,
    };
    fails(connect_as(transport::client(&credentials, ALPN).unwrap(), name, address).await).await
}

/// In TLS 1.3 a client is done before the server has judged its certificate: the refusal comes as a close.
async fn fails(connected: Result<quinn::Connection, quinn::ConnectionError>) -> bool {
    let Ok(connection) = connected else { return true };
    let closed = tokio::time::timeout(wire::PATIENCE, connection.closed()).await.expect("a refusal");
    matches!(closed, quinn::ConnectionError::ConnectionClosed(_))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_06_a_false_server_is_refused_by_our_clients_and_no_way_past_is_offered() {
    let now = now_s();
    let (desk, fake) = (Authority::create("desk", now).unwrap(), Authority::create("fake", now).unwrap());
    let server = fake.issue(&Profile::Server { dns_name: "turret.local".into() }, now).unwrap();
    let device = desk.issue(&Profile::Device(DeviceId(1)), now).unwrap();
    let credentials = tls::Credentials {
        // It lets our device in, as a thief's server would.
        authority_pem: desk.certificate_pem(),
        certificate_pem: &server.certificate_pem,
        key_pem: &server.key_pem,
    };
    let config = transport::server(&credentials, ALPN).unwrap();
    let listening = quinn::Endpoint::server(config, "127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listening.local_addr().unwrap();
    tokio::spawn(async move {
        while let Some(incoming) = listening.accept().await {
            drop(incoming.await)
        }
    });
    let mine = tls::Credentials {
        authority_pem: desk.certificate_pem(),
        certificate_pem: &device.certificate_pem,
        key_pem: &device.key_pem,
    };
    let connected = connect_as(transport::client(&mine, ALPN).unwrap(), "turret.local", address).await;
    assert!(connected.is_err(), "the pinned authority did not sign this server");
    // The program a person runs says so, sends no password, and knows no word that would let it go on.
    let dir = tempfile::tempdir().unwrap();
    let ann = wire::desk::init(dir.path()).into_iter().find(|person| person.login == "ann.lee").unwrap();
    let said = tokio::task::spawn_blocking(move || signs_in_at(&ann, address));
    let said = tokio::time::timeout(wire::PATIENCE, said).await.expect("an end").unwrap();
    for word in ["anyway", "insecure", "trust", "ignore", "continue", "--no-"] {
        assert!(!said.contains(word), "{said}");
    }
}

/// Has the client's script runner sign in at another address than the profile's; what it says, in small letters.
fn signs_in_at(person: &Person, address: std::net::SocketAddr) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_demo"));
    command.args([turret_tests::demo::AS_CLIENT, "run", "--script", "/dev/null", "--credentials-fd", "0", "--server"]);
    command.arg(address.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let row = serde_json::json!({
        "role": "broker", "user": person.login, "password": person.password, "client_dir": person.dir,
    });
    writeln!(child.stdin.take().unwrap(), "{row}").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap().to_lowercase();
    assert!(!output.status.success() && !said.is_empty(), "{said}");
    said
}

/// A server that gives tickets and takes early data, with a certificate of `authority`.
fn generous(authority: &Authority, name: &str) -> quinn::Endpoint {
    let issued = authority.issue(&Profile::Server { dns_name: name.into() }, now_s()).unwrap();
    let key = rustls::pki_types::pem::PemObject::from_pem_slice(issued.key_pem.as_bytes()).unwrap();
    let mut config = rustls::ServerConfig::builder_with_provider(tls::provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![tls::one_certificate(&issued.certificate_pem).unwrap()], key)
        .unwrap();
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.max_early_data_size = u32::MAX;
    let crypto = quinn::crypto::rustls::QuicServerConfig::try_from(config).unwrap();
    let config = quinn::ServerConfig::with_crypto(Arc::new(crypto));
    let endpoint = quinn::Endpoint::server(config, "127.0.0.1:0".parse().unwrap()).unwrap();
    let accepting = endpoint.clone();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Some(incoming) = accepting.accept().await {
            held.push(incoming.await);
        }
    });
    endpoint
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_08_bytes_ahead_of_the_handshake_are_never_read() {
    let desk = Desk::start();
    let ann = desk.person("ann.lee");
    let (pem, name) = (Pem::of(&ann), server_name(&ann));
    // The attacker's client believes its own server as well, and takes a ticket for early data from there.
    let mine = Authority::create("the attacker's", now_s()).unwrap();
    let server = generous(&mine, &name);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(tls::one_certificate(&pem.authority).unwrap()).unwrap();
    roots.add(tls::one_certificate(mine.certificate_pem()).unwrap()).unwrap();
    let key = rustls::pki_types::pem::PemObject::from_pem_slice(pem.key.as_bytes()).unwrap();
    let mut config = ClientConfig::builder_with_provider(tls::provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![tls::one_certificate(&pem.certificate).unwrap()], key)
        .unwrap();
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.enable_early_data = true;
    let config = quic(config);
    let endpoint = wire::client::endpoint();
    let first = endpoint.connect_with(config.clone(), server.local_addr().unwrap(), &name).unwrap().await.unwrap();
    // The ticket comes behind the handshake; that it works shows that the attack is one.
    let mut early = None;
    for _ in 0..200 {
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        if let Ok(taken) =
            endpoint.connect_with(config.clone(), server.local_addr().unwrap(), &name).unwrap().into_0rtt()
        {
            early = Some(taken);
            break;
        }
    }
    let (_connection, accepted) = early.expect("the attacker's own server gave a ticket");
    assert!(accepted.await, "and takes early data");
    drop(first);

    let attempt = endpoint.connect_with(config, desk.address, &name).unwrap().into_0rtt();
    let Ok((connection, accepted)) = attempt else { panic!("early data is sent") };
    let mut bytes = Vec::new();
    turret_shared::wire::put_frame(&wire::client::hello(), &mut bytes).unwrap();
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    send.write_all(&bytes).await.unwrap();
    assert!(!accepted.await, "the desk takes none");
    // What was said early was never heard: there is no answer to it, and the stream is gone with the early data.
    let mut answer = [0; 4];
    let heard = tokio::time::timeout(wire::PATIENCE, recv.read_exact(&mut answer)).await.expect("an end");
    assert!(heard.is_err(), "{answer:?}");
    let (_, welcome) = Control::hello(&ann, desk.address).await;
    assert!(welcome.demo);
}
