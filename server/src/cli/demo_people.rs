//! The people of the demonstration: a device, a password and an authenticator each; secrets leave by one descriptor only.

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use turret_certs::{Authority, Profile};
use turret_disk::private;
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::setup::{CredentialActivated, CredentialKind, DeviceRegistered};
use turret_shared::ids::{CredentialId, DeviceId};
use turret_shared::secret::SecretText;
use x509_parser::prelude::{FromDer, X509Certificate};
use zeroize::{Zeroize, Zeroizing};

use super::demo_desk::{PEOPLE, Person, client_names};
use super::init::{Failed, failed};
use super::{files, pki};
use crate::auth::base32;
use crate::config::Layout;
use crate::random;
use crate::vault::{Password, PasswordMemory, TOTP_SEED_BYTES, Vault};

/// Where clients find the server unless they are told otherwise.
const SERVER: &str = "127.0.0.1:7443";
/// Letters of a generated password: none that look alike.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789-";
/// Letters in it: 120 bits.
const PASSWORD_LETTERS: usize = 24;

/// What a demonstration's client needs to sign in as someone.
#[derive(Serialize)]
pub(super) struct Credentials {
    role: &'static str,
    user: &'static str,
    password: String,
    totp_secret_base32: String,
    client_dir: String,
}

impl Drop for Credentials {
    fn drop(&mut self) {
        self.password.zeroize();
        self.totp_secret_base32.zeroize();
    }
}

/// What was made.
pub(super) struct Made {
    pub(super) facts: Vec<Event>,
    pub(super) credentials: Vec<Credentials>,
}

/// As the JSON array the demonstration reads.
pub(super) fn json(credentials: &[Credentials]) -> Zeroizing<Vec<u8>> {
    let mut bytes = serde_json::to_vec(credentials).unwrap_or_default();
    bytes.push(b'\n');
    Zeroizing::new(bytes)
}

/// Puts everyone into the vault and makes their client directories.
pub(super) fn make(layout: &Layout, authority: &Authority, vault: &Vault, now_s: u64) -> Result<Made, Failed> {
    let mut made = Made { facts: Vec::new(), credentials: Vec::new() };
    let mut memory = PasswordMemory::new()?;
    for (account, name) in client_names() {
        vault.name_client(account, name)?;
    }
    for person in &PEOPLE {
        one(&mut made, person, layout, authority, vault, now_s, &mut memory)?;
    }
    Ok(made)
}

fn one(
    made: &mut Made,
    person: &Person,
    layout: &Layout,
    authority: &Authority,
    vault: &Vault,
    now_s: u64,
    memory: &mut PasswordMemory,
) -> Result<(), Failed> {
    let user = person.user;
    vault.add_user(user, person.login, person.name)?;
    // Two credentials a person: odd numbers are passwords, even ones authenticators.
    let even = user.0.saturating_mul(2);
    let (password_id, totp_id) = (CredentialId(even.saturating_sub(1)), CredentialId(even));
    let password = SecretText::new(new_password()?);
    vault.add_password(password_id, user, &Password::new(&password)?, memory)?;
    let seed: Zeroizing<[u8; TOTP_SEED_BYTES]> = Zeroizing::new(random::array(random::system)?);
    vault.add_totp(totp_id, user, seed.as_slice())?;

    let device = DeviceId(user.0);
    let issued = authority.issue(&Profile::Device(device), now_s)?;
    let dir = layout.clients().join(person.login);
    private::make_dir(&dir).map_err(failed(dir.display()))?;
    let profile = format!(
        "server = \"{SERVER}\"\nserver_name = \"{}\"\nenvironment = \"SIM\"\nlogin = \"{}\"\n",
        pki::SERVER_NAME,
        person.login
    );
    let contents: [(&str, &[u8]); 4] = [
        ("profile.toml", profile.as_bytes()),
        ("ca.pem", authority.certificate_pem().as_bytes()),
        ("device.pem", issued.certificate_pem.as_bytes()),
        ("device.key", issued.key_pem.as_bytes()),
    ];
    for (name, bytes) in contents {
        let path = dir.join(name);
        files::write_new(&path, bytes).map_err(failed(path.display()))?;
    }

    let key = key_digest(&issued.certificate_pem)?;
    made.facts.push(Event::DeviceRegistered(DeviceRegistered { device, user, key }));
    for (credential, kind) in [(password_id, CredentialKind::Password), (totp_id, CredentialKind::Totp)] {
        made.facts.push(Event::CredentialActivated(CredentialActivated { credential, user, kind, version: 1 }));
    }
    made.credentials.push(Credentials {
        role: person.role.as_str(),
        user: person.login,
        password: password.expose().to_owned(),
        totp_secret_base32: base32(seed.as_slice()),
        client_dir: dir.display().to_string(),
    });
    Ok(())
}

/// SHA-256 of a certificate's SubjectPublicKeyInfo.
fn key_digest(certificate_pem: &str) -> Result<Digest, Failed> {
    let der = turret_certs::tls::one_certificate(certificate_pem)?;
    let (_, certificate) =
        X509Certificate::from_der(&der).map_err(|_| Failed("a new certificate is none".to_owned()))?;
    Ok(Digest(Sha256::digest(certificate.public_key().raw).into()))
}

fn new_password() -> Result<String, Failed> {
    let bits: Zeroizing<[u8; PASSWORD_LETTERS]> = Zeroizing::new(random::array(random::system)?);
    Ok(bits.iter().map(|bits| letter(LETTERS, bits & 31)).collect())
}

fn letter(of: &[u8; 32], place: u8) -> char {
    of.get(usize::from(place)).copied().map_or('a', char::from)
}
