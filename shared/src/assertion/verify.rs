//! The one verifier of assertions; whether one is fresh, new and wanted it must leave to whoever asks.

use alloc::vec::Vec;
use core::fmt;

use minicbor::{Decode, Encode};

use super::cose::PublicKey;
use super::data::AuthData;
use super::fault::AssertionFault;
use super::intent::Intent;
use super::{AUTH_DATA_BYTES_MAX, CREDENTIAL_ID_BYTES_MAX, ORIGIN_BYTES_MAX, SIGNATURE_BYTES_MAX};

/// What a security key gives when somebody touches it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Assertion {
    /// Authenticator data.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub auth_data: Vec<u8>,
    /// Over that and the client data's hash.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub signature: Vec<u8>,
}

impl fmt::Debug for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assertion").finish_non_exhaustive()
    }
}

/// Verifies that the holder of `key` signed exactly `intent`, and gives the key's counter.
///
/// # Errors
/// The first thing wrong, in the order of Web Authentication, 7.2; the counter is for [`judge_counter`].
pub fn verify(intent: &Intent<'_>, key: &PublicKey, shown: &Assertion) -> Result<u32, AssertionFault> {
    let fits = intent.credential.len() <= CREDENTIAL_ID_BYTES_MAX
        && intent.origin.len() <= ORIGIN_BYTES_MAX
        && shown.auth_data.len() <= AUTH_DATA_BYTES_MAX
        && shown.signature.len() <= SIGNATURE_BYTES_MAX;
    if !fits {
        return Err(AssertionFault::TooLong);
    }
    let data = AuthData::of_assertion(&shown.auth_data, intent.origin)?;
    key.verify(&signed_bytes(&shown.auth_data, intent), &shown.signature)?;
    Ok(data.counter)
}

/// Judges a counter against the last one kept (Web Authentication, 6.1.1): it must have grown. A key that never counts says
/// 0 each time; whether that will do is policy.
///
/// # Errors
/// [`AssertionFault::Counter`].
pub const fn judge_counter(kept: u32, shown: u32, uncounted_will_do: bool) -> Result<(), AssertionFault> {
    if shown > kept || (uncounted_will_do && shown == 0 && kept == 0) { Ok(()) } else { Err(AssertionFault::Counter) }
}

/// Authenticator data || SHA-256(client data).
pub(super) fn signed_bytes(auth_data: &[u8], intent: &Intent<'_>) -> Vec<u8> {
    let hash = intent.client_data_hash();
    let mut message = Vec::with_capacity(auth_data.len().saturating_add(hash.0.len()));
    message.extend_from_slice(auth_data);
    message.extend_from_slice(&hash.0);
    message
}
