//! What a key is given to sign, from what this client itself shows, sends and is connected by; it must take no digest of the
//! server's.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use turret_shared::assertion::{EXPORTER_LABEL, Intent, Purpose, channel, command_digest};
use turret_shared::command::{Command, Verb};
use turret_shared::digest::Digest;
use turret_shared::ids::UserId;
use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

/// Where and by whom something is signed.
#[derive(Debug, Clone)]
pub struct KeyCeremony {
    origin: String,
    user: UserId,
    channel: Digest,
}

impl KeyCeremony {
    /// On this connection; `None` once it is no more.
    #[must_use]
    pub fn on(connection: &quinn::Connection, origin: &str, user: UserId) -> Option<Self> {
        let mut exporter = Zeroizing::new([0_u8; 32]);
        connection.export_keying_material(exporter.as_mut_slice(), EXPORTER_LABEL, &[]).ok()?;
        Some(Self { origin: origin.to_owned(), user, channel: channel(&exporter) })
    }

    /// The log's name, which the key knows the deployment by.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// A sign-in.
    #[must_use]
    pub fn sign_in<'a>(&'a self, nonce: Digest, credential: &'a [u8]) -> Intent<'a> {
        self.intent(Purpose::SignIn, nonce, credential, command_digest(&[], None))
    }

    /// A new key.
    #[must_use]
    pub fn register(&self, nonce: Digest) -> Intent<'_> {
        self.intent(Purpose::Register, nonce, &[], command_digest(&[], None))
    }

    /// A command that was sent, by [`command_signed`]: one's own, or one's word on somebody else's.
    #[must_use]
    pub fn command<'a>(&'a self, verb: &Verb, nonce: Digest, credential: &'a [u8], command: Digest) -> Intent<'a> {
        self.intent(verb.purpose(), nonce, credential, command)
    }

    fn intent<'a>(&'a self, purpose: Purpose, nonce: Digest, credential: &'a [u8], command: Digest) -> Intent<'a> {
        let Self { origin, user, channel } = self;
        Intent { purpose, origin, user: *user, credential, nonce: nonce.0, channel: *channel, command }
    }
}

/// The digest that is signed for a command, from the command that was sent. An order's text goes in by its commitment, made
/// here of the text and the server's r; `None` when there is a text and no r.
#[must_use]
pub fn command_signed(command: &Command, r: Option<&SecretKey>) -> Option<Digest> {
    let bare = command.bytes_without_text();
    let Some(text) = command.text() else { return Some(command_digest(&bare, None)) };
    let mac = Hmac::<Sha256>::new_from_slice(r?.expose()).ok()?;
    let commitment = Digest(mac.chain_update(text.as_bytes()).finalize().into_bytes().into());
    Some(command_digest(&bare, Some(&commitment)))
}
