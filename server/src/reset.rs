//! What lets a restarted server tell old peers that their connection is gone; it must not be guessable without the key.
//!
//! A QUIC endpoint that knows no such connection answers with a stateless reset (RFC 9000, 10.3), whose token is a hash of
//! the connection id under a key. With the key kept, the process after a crash can still say so, and peers come back at
//! once instead of waiting for silence to count as an end.

use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use quinn::crypto::{CryptoError, HmacKey};
use quinn::{ConnectionId, ConnectionIdGenerator, EndpointConfig};
use sha2::Sha256;
use turret_shared::secret::SecretKey;

use crate::random::{Random, RandomError, array};

/// Bytes of HMAC-SHA-256.
const SIGNATURE_BYTES: usize = 32;
/// Bytes of a connection id.
const ID_BYTES: usize = 8;
/// Between two resets at least, in milliseconds: a whole desk comes back after a crash.
const RESET_MS_MIN: u64 = 1;

/// The endpoint's part of the configuration; its resets are the same in every process that has the key.
///
/// # Errors
/// [`RandomError`] when the system gives no randomness.
pub fn endpoint_config(key: &SecretKey, random: Random) -> Result<EndpointConfig, RandomError> {
    let process: [u8; 16] = array(random)?;
    let key = Arc::new(ResetKey(key.clone()));
    let mut config = EndpointConfig::new(Arc::clone(&key) as Arc<dyn HmacKey>);
    turret_certs::transport::take_large(&mut config);
    config.min_reset_interval(Duration::from_millis(RESET_MS_MIN));
    config.cid_generator(move || Box::new(Ids { key: Arc::clone(&key), process, next: 0 }));
    Ok(config)
}

/// Connection ids that repeat in no process and tell an onlooker nothing. Quinn's own generator answers resets only for
/// ids of its own process.
struct Ids {
    key: Arc<ResetKey>,
    process: [u8; 16],
    next: u64,
}

impl ConnectionIdGenerator for Ids {
    fn generate_cid(&mut self) -> ConnectionId {
        self.next = self.next.wrapping_add(1);
        let hash = self.key.hash(&[b"turret/connection-id/v1", &self.process, &self.next.to_be_bytes()]);
        ConnectionId::new(hash.get(..ID_BYTES).unwrap_or(&[]))
    }

    fn cid_len(&self) -> usize {
        ID_BYTES
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
    }
}

struct ResetKey(SecretKey);

impl ResetKey {
    fn hash(&self, data: &[&[u8]]) -> [u8; SIGNATURE_BYTES] {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose()) else { return [0; SIGNATURE_BYTES] };
        for part in data {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl HmacKey for ResetKey {
    fn sign(&self, data: &[u8], signature_out: &mut [u8]) {
        for (out, byte) in signature_out.iter_mut().zip(self.hash(&[data])) {
            *out = byte;
        }
    }

    fn signature_len(&self) -> usize {
        SIGNATURE_BYTES
    }

    fn verify(&self, data: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose()) else { return Err(CryptoError) };
        mac.update(data);
        mac.verify_slice(signature).map_err(|_| CryptoError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_the_key_s_own() {
        let (one, other) = (ResetKey(SecretKey::new([1; 32])), ResetKey(SecretKey::new([2; 32])));
        let mut token = [0; SIGNATURE_BYTES];
        one.sign(b"id", &mut token);
        assert!(one.verify(b"id", &token).is_ok());
        assert!(one.verify(b"if", &token).is_err());
        assert!(other.verify(b"id", &token).is_err());
    }
}
