//! What a security key signs and how that is verified: one construction and one verifier for sign-in, orders, approvals and
//! whoever reads the log later. It must hold no state, read no clock and decide nothing about freshness.
//!
//! The key signs authenticator data || SHA-256(client data) (Web Authentication, 6.3.3 and 7.2). The client data is never
//! carried: both sides build it from what they know, so there is nothing in it to smuggle and nothing to parse.

mod cose;
mod data;
mod fault;
mod intent;
mod registration;
mod verify;

#[cfg(test)]
mod tests;

pub use cose::PublicKey;
pub use data::{AuthData, NewCredential};
pub use fault::AssertionFault;
pub use intent::{Intent, Purpose, channel, client_data, command_digest, relying_party};
pub use registration::{Attested, Registration};
pub use verify::{Assertion, judge_counter, verify};

/// Label of the TLS exporter that names a channel (RFC 9266); its context is empty, and it gives 32 bytes.
pub const EXPORTER_LABEL: &[u8] = b"EXPORTER-Channel-Binding";
/// Longest credential id a key may have, in bytes (Web Authentication allows 1,023; keys that are sold use 16 to 128).
pub const CREDENTIAL_ID_BYTES_MAX: usize = 256;
/// Longest authenticator data taken, in bytes.
pub const AUTH_DATA_BYTES_MAX: usize = 512;
/// Longest signature taken, in bytes: ES256 in DER needs 72 at most.
pub const SIGNATURE_BYTES_MAX: usize = 80;
/// Longest attestation statement taken, in bytes.
pub const STATEMENT_BYTES_MAX: usize = 4 * 1024;
/// Longest name of an attestation format, in bytes.
pub const FORMAT_BYTES_MAX: usize = 32;
/// Longest log origin an intent may name, in bytes.
pub const ORIGIN_BYTES_MAX: usize = 64;
