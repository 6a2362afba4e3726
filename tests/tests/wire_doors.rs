//! The handshake under attack: strangers, weaker groups, other protocols, tickets; it must sign nobody in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use std::sync::{Arc, Mutex};

use quinn::crypto::rustls::QuicClientConfig;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, NamedGroup};
use turret_certs::{Authority, Issued, Profile, tls, transport};
use turret_shared::ids::DeviceId;
use turret_shared::wire::{ALPN, ALPN_VENUE};
use wire::client::{Control, Pem, connect, connect_as, now_s, server_name};
use wire::desk::Desk;

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
async fn the_door_opens_to_our_devices_over_the_hybrid_group_only() {
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
    assert!(connect_with(eager(&pem, vec![X25519], &notebook)).await.is_err());

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
async fn a_false_server_is_refused_by_our_clients() {
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
