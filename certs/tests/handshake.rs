//! Handshakes in memory between the two configurations and their wrong neighbours; it must open no socket.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, NamedGroup, ServerConfig, ServerConnection};
use turret_certs::tls::{self, Credentials};
use turret_certs::{Authority, AuthorityError, Identity, Issued, Profile};
use turret_shared::ids::DeviceId;

const ALPN: &[u8] = b"turret/1";
const NAME: &str = "turret.test";

struct Pki {
    authority: Authority,
    server: Issued,
    device: Issued,
    now_s: u64,
}

fn pki() -> Pki {
    #[allow(clippy::disallowed_methods, reason = "rustls itself reads the system clock to judge certificates")]
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let authority = Authority::create("test authority", now_s).unwrap();
    let server = authority.issue(&Profile::Server { dns_name: NAME.into() }, now_s).unwrap();
    let device = authority.issue(&Profile::Device(DeviceId(7)), now_s).unwrap();
    Pki { authority, server, device, now_s }
}

fn credentials<'a>(authority: &'a Authority, own: &'a Issued) -> Credentials<'a> {
    Credentials {
        authority_pem: authority.certificate_pem(),
        certificate_pem: &own.certificate_pem,
        key_pem: &own.key_pem,
    }
}

/// Carries bytes until neither side has more to say.
fn shake(client: ClientConfig, server: ServerConfig) -> Result<(ClientConnection, ServerConnection), rustls::Error> {
    let mut client = ClientConnection::new(Arc::new(client), ServerName::try_from(NAME).unwrap())?;
    let mut server = ServerConnection::new(Arc::new(server))?;
    while client.is_handshaking() || server.is_handshaking() || client.wants_write() || server.wants_write() {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).unwrap();
        }
        let mut read = wire.as_slice();
        while !read.is_empty() {
            server.read_tls(&mut read).unwrap();
            server.process_new_packets()?;
        }
        let mut wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        let mut read = wire.as_slice();
        while !read.is_empty() {
            client.read_tls(&mut read).unwrap();
            client.process_new_packets()?;
        }
    }
    Ok((client, server))
}

#[test]
fn the_two_configurations_agree_on_the_hybrid_group_and_tell_the_device() {
    let pki = pki();
    let server = tls::server(&credentials(&pki.authority, &pki.server), ALPN).unwrap();
    let client = tls::client(&credentials(&pki.authority, &pki.device), ALPN).unwrap();
    let (client, server) = shake(client, server).unwrap();
    assert_eq!(client.negotiated_key_exchange_group().unwrap().name(), NamedGroup::X25519MLKEM768);
    assert_eq!(server.negotiated_key_exchange_group().unwrap().name(), NamedGroup::X25519MLKEM768);
    assert_eq!(server.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
    let der = server.peer_certificates().unwrap().first().unwrap();
    assert_eq!(Identity::of(der), Some(Identity::Device(DeviceId(7))));
    assert_eq!(client.tls13_tickets_received(), 0);
}

#[test]
fn a_second_handshake_is_as_full_as_the_first() {
    let pki = pki();
    let server = tls::server(&credentials(&pki.authority, &pki.server), ALPN).unwrap();
    let mut client = tls::client(&credentials(&pki.authority, &pki.device), ALPN).unwrap();
    // Even a client that would like to resume gets nothing to resume by.
    client.resumption = rustls::client::Resumption::in_memory_sessions(8);
    for _ in 0..2 {
        let (client, server) = shake(client.clone(), server.clone()).unwrap();
        assert_eq!(client.tls13_tickets_received(), 0);
        assert_eq!(server.handshake_kind(), Some(rustls::HandshakeKind::Full));
    }
}

#[test]
fn a_client_without_the_hybrid_group_is_refused() {
    let pki = pki();
    let server = tls::server(&credentials(&pki.authority, &pki.server), ALPN).unwrap();
    let mut weak = tls::provider().as_ref().clone();
    weak.kx_groups = vec![rustls::crypto::aws_lc_rs::kx_group::X25519];
    let mut roots = rustls::RootCertStore::empty();
    roots.add(tls::one_certificate(pki.authority.certificate_pem()).unwrap()).unwrap();
    let mut client = ClientConfig::builder_with_provider(Arc::new(weak))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.alpn_protocols = vec![ALPN.to_vec()];
    assert!(shake(client, server).is_err());
}

#[test]
fn strangers_are_refused_at_either_end() {
    let pki = pki();
    let other = self::pki();
    let server = || tls::server(&credentials(&pki.authority, &pki.server), ALPN).unwrap();
    let client = |authority, own| tls::client(&credentials(authority, own), ALPN).unwrap();

    // A device of another authority, though it trusts the right one.
    assert!(shake(client(&pki.authority, &other.device), server()).is_err());
    // A server of another authority.
    assert!(shake(client(&other.authority, &pki.device), server()).is_err());
    // A server's certificate shown by a client, and a device's shown by a server.
    assert!(shake(client(&pki.authority, &pki.server), server()).is_err());
    let posing = tls::server(&credentials(&pki.authority, &pki.device), ALPN).unwrap();
    assert!(shake(client(&pki.authority, &pki.device), posing).is_err());
    // Another protocol.
    let foreign = tls::client(&credentials(&pki.authority, &pki.device), b"h3").unwrap();
    assert!(shake(foreign, server()).is_err());
    // A device past its thirty days.
    let long_ago = pki.now_s - turret_certs::profile::DEVICE_S - 60;
    let stale = pki.authority.issue(&Profile::Device(DeviceId(7)), long_ago).unwrap();
    assert!(shake(client(&pki.authority, &stale), server()).is_err());
    // No certificate at all.
    let mut roots = rustls::RootCertStore::empty();
    roots.add(tls::one_certificate(pki.authority.certificate_pem()).unwrap()).unwrap();
    let mut bare = ClientConfig::builder_with_provider(tls::provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    bare.alpn_protocols = vec![ALPN.to_vec()];
    assert!(shake(bare, server()).is_err());
}

#[test]
fn an_authority_is_taken_up_with_its_own_key_only() {
    let (mine, other) = (pki(), pki());
    let again = Authority::load(mine.authority.certificate_pem(), &mine.authority.key_pem().unwrap()).unwrap();
    let device = again.issue(&Profile::Device(DeviceId(9)), mine.now_s).unwrap();
    let server = tls::server(&credentials(&mine.authority, &mine.server), ALPN).unwrap();
    let client = tls::client(&credentials(&again, &device), ALPN).unwrap();
    assert!(shake(client, server).is_ok());
    let swapped = Authority::load(mine.authority.certificate_pem(), &other.authority.key_pem().unwrap());
    assert_eq!(swapped.err(), Some(AuthorityError::Certificate));
    // Two pinned authorities are one too many.
    let both = format!("{}{}", mine.authority.certificate_pem(), other.authority.certificate_pem());
    assert!(tls::one_certificate(&both).is_err());
}

#[test]
fn identities_have_one_spelling() {
    let pki = pki();
    let of = |profile: &Profile| {
        let issued = pki.authority.issue(profile, pki.now_s).unwrap();
        Identity::of(&tls::one_certificate(&issued.certificate_pem).unwrap())
    };
    assert_eq!(of(&Profile::Device(DeviceId(u32::MAX))), Some(Identity::Device(DeviceId(u32::MAX))));
    assert_eq!(of(&Profile::VenueClient), Some(Identity::VenueClient));
    assert_eq!(of(&Profile::Server { dns_name: NAME.into() }), None);
    assert_eq!(Identity::of(b"not a certificate"), None);
    assert!(!format!("{:?}", pki.device).contains("PRIVATE"));
}

#[test]
fn a_row_and_its_certificate_agree_on_the_key() {
    let pki = pki();
    let again = pki.authority.issue(&Profile::Device(DeviceId(7)), pki.now_s).unwrap();
    let of = |issued: &Issued| {
        turret_certs::identity::key_digest(&tls::one_certificate(&issued.certificate_pem).unwrap()).unwrap()
    };
    assert_eq!(of(&pki.device), pki.device.key_digest);
    assert_ne!(of(&again), pki.device.key_digest, "a second key for the same device is another key");
}
