//! Who signed what, verified again from entries of the log alone, years later and by anybody; it must ask no server.

use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest as _, Sha256};

use crate::approval::FirstProof;
use crate::assertion::{AssertionFault, Intent, PublicKey, Purpose, command_digest, verify};
use crate::digest::Digest;
use crate::event::Event;
use crate::event::keys::{IntentSigned, KeyRegistered};
use crate::event::session::ProofAsked;
use crate::ids::PendingId;

/// Why entries do not show that the key's holder signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceFault {
    /// The registration is of another key or person.
    OtherKey,
    /// The registration says otherwise than what the key gave then.
    Registration(AssertionFault),
    /// The command's entry is missing, is another one, or holds no bytes.
    Command,
    /// The signature does not hold.
    Assertion(AssertionFault),
}

impl fmt::Display for EvidenceFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherKey => f.write_str("the registration is of another security key or person"),
            Self::Registration(fault) => write!(f, "the registration does not hold: {fault}"),
            Self::Command => f.write_str("the command that was signed is not among the entries"),
            Self::Assertion(fault) => write!(f, "the signature does not hold: {fault}"),
        }
    }
}

impl core::error::Error for EvidenceFault {}

/// Verifies that the holder of a registered key signed, and gives the digest of the command; of no bytes for a sign-in.
/// `asked` is the entry the command waited under with its sequence. Which log it is, `origin` says.
///
/// # Errors
/// [`EvidenceFault`]. What it does not show: over which channel it came, for that is a digest, and when: that is the log's word.
pub fn verify_signed(
    origin: &str,
    registered: &KeyRegistered,
    asked: Option<(PendingId, &ProofAsked)>,
    signed: &IntentSigned,
) -> Result<Digest, EvidenceFault> {
    if (registered.credential, registered.user) != (signed.credential, signed.user) {
        return Err(EvidenceFault::OtherKey);
    }
    let public = verify_registered(origin, registered)?;
    let command = match (signed.purpose, signed.pending, asked) {
        (Purpose::SignIn, None, _) => command_digest(&[], None),
        // A second person's word is signed as one, and nothing else is: neither passes for the other.
        (purpose, Some(pending), Some((of, asked))) if pending == of && purpose == asked.command.purpose() => {
            asked.bytes.as_ref().ok_or(EvidenceFault::Command)?.digest()
        }
        _ => return Err(EvidenceFault::Command),
    };
    let intent = Intent {
        purpose: signed.purpose,
        origin,
        user: signed.user,
        credential: &registered.id,
        nonce: signed.nonce.0,
        channel: signed.channel,
        command,
    };
    let counter = verify(&intent, &public, &signed.assertion).map_err(EvidenceFault::Assertion)?;
    if counter == signed.counter { Ok(command) } else { Err(EvidenceFault::Assertion(AssertionFault::Counter)) }
}

impl FirstProof {
    /// What makes a proof this one and no other: SHA-256("turret/proof-v1\0" || kind as two bytes, highest first || body of
    /// the event), of a signature or of a code that was given; `None` for any other event.
    #[must_use]
    pub fn of(event: &Event) -> Option<Self> {
        let signed = match event {
            Event::IntentSigned(_) => true,
            Event::ProofGiven(_) => false,
            _ => return None,
        };
        let mut body = Vec::new();
        event.encode_body(&mut body);
        let sha = Sha256::new().chain_update(b"turret/proof-v1\0").chain_update(event.kind().to_be_bytes());
        Some(Self { digest: Digest(sha.chain_update(body).finalize().into()), signed })
    }
}

/// Verifies that a registration says what the key gave, and gives the key. How far its attestation carries stands in it.
///
/// # Errors
/// [`EvidenceFault::Registration`].
pub fn verify_registered(origin: &str, registered: &KeyRegistered) -> Result<PublicKey, EvidenceFault> {
    let intent = Intent {
        purpose: Purpose::Register,
        origin,
        user: registered.user,
        credential: &[],
        nonce: registered.nonce.0,
        channel: registered.channel,
        command: command_digest(&[], None),
    };
    let (new, attested) = registered.registration.verify(&intent).map_err(EvidenceFault::Registration)?;
    let same = new.id == registered.id
        && new.key_bytes == registered.public
        && (new.aaguid, new.counter, attested) == (registered.aaguid, registered.counter, registered.attested);
    if same { Ok(new.key) } else { Err(EvidenceFault::Registration(AssertionFault::Malformed)) }
}
