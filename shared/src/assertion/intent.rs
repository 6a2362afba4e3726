//! What is signed: a challenge bound to purpose, log, person, credential, nonce, channel and command; it must leave none out.

use alloc::format;
use alloc::string::String;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minicbor::{Decode, Encode};
use sha2::{Digest as _, Sha256};

use crate::digest::Digest;
use crate::ids::UserId;

/// What an assertion is good for; one made for one is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Purpose {
    /// The second factor of a sign-in.
    #[n(0)]
    SignIn,
    /// One's own command.
    #[n(1)]
    Command,
    /// Somebody else's command.
    #[n(2)]
    Approval,
    /// A new security key.
    #[n(3)]
    Register,
}

impl Purpose {
    /// As it is hashed, and as the audit says it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Command => "command",
            Self::Approval => "approval",
            Self::Register => "register",
        }
    }

    /// `type` of the client data (Web Authentication, 5.8.1).
    const fn ceremony(self) -> &'static str {
        match self {
            Self::Register => "webauthn.create",
            Self::SignIn | Self::Command | Self::Approval => "webauthn.get",
        }
    }
}

/// Everything one assertion says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intent<'a> {
    /// What for.
    pub purpose: Purpose,
    /// Name of the log, which is the deployment's.
    pub origin: &'a str,
    /// Who.
    pub user: UserId,
    /// By which credential, by the id the key gave it; empty for one that is being made.
    pub credential: &'a [u8],
    /// The server's, drawn for this.
    pub nonce: [u8; 32],
    /// On which TLS channel: [`channel`].
    pub channel: Digest,
    /// Which command: [`command_digest`]; of no bytes where there is none.
    pub command: Digest,
}

impl Intent<'_> {
    /// SHA-256("turret/txn-v1\0" || each field behind its length as four bytes, highest first).
    #[must_use]
    pub fn challenge(&self) -> Digest {
        let mut sha = Sha256::new();
        sha.update(b"turret/txn-v1\0");
        let user = self.user.0.to_be_bytes();
        let fields: [&[u8]; 7] = [
            self.purpose.as_str().as_bytes(),
            self.origin.as_bytes(),
            &user,
            self.credential,
            &self.nonce,
            &self.channel.0,
            &self.command.0,
        ];
        for field in fields {
            // Every field is far shorter than four bytes can say; one that is not hashes as no other does.
            sha.update(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
            sha.update(field);
        }
        Digest(sha.finalize().into())
    }

    /// SHA-256 of the client data: what the key is given to sign.
    #[must_use]
    pub fn client_data_hash(&self) -> Digest {
        Digest(Sha256::digest(client_data(self).as_bytes()).into())
    }
}

/// The client data as Web Authentication serialises it (5.8.1.1), with the deployment as the web origin.
#[must_use]
pub fn client_data(intent: &Intent<'_>) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(intent.challenge().0);
    let (ceremony, party) = (intent.purpose.ceremony(), relying_party(intent.origin));
    format!(r#"{{"type":"{ceremony}","challenge":"{challenge}","origin":"https://{party}","crossOrigin":false}}"#)
}

/// The deployment's name as a relying party id: `turret.example/desk` is `desk.turret.example`. Origins hold only a-z, digits,
/// dot, dash and slash, so nothing in it needs escaping.
#[must_use]
pub fn relying_party(origin: &str) -> String {
    let mut party = String::with_capacity(origin.len());
    for part in origin.rsplit('/').filter(|part| !part.is_empty()) {
        if !party.is_empty() {
            party.push('.');
        }
        party.push_str(part);
    }
    party
}

/// SHA-256("turret/cb\0" || exporter): which channel, without the exporter itself (RFC 9266).
#[must_use]
pub fn channel(exporter: &[u8; 32]) -> Digest {
    Digest(Sha256::new().chain_update(b"turret/cb\0").chain_update(exporter).finalize().into())
}

/// SHA-256 of the command's bytes; where they hold text that may not be in the log, of the bytes of the same command without
/// it, followed by the commitment to it.
#[must_use]
pub fn command_digest(bytes: &[u8], text: Option<&Digest>) -> Digest {
    let mut sha = Sha256::new();
    sha.update(bytes);
    if let Some(commitment) = text {
        sha.update(commitment.0);
    }
    Digest(sha.finalize().into())
}
