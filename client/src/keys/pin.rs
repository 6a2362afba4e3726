//! PIN protocol one (CTAP 2.1, 6.5.6): a PIN never leaves this machine in clear; it must be forgotten with the exchange.

use aes_gcm::KeyInit as _;
use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::{Array, BlockCipherDecrypt as _, BlockCipherEncrypt as _};
use hmac::{Hmac, Mac as _};
use p256::elliptic_curve::sec1::ToSec1Point as _;
use p256::{PublicKey, SecretKey};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use super::{KeyError, PIN_BYTES_MAX, PIN_CHARS_MIN};

/// {1: 2, 3: -25, -1: 1, -2: x, -3: y}, with x and y after each.
const HEAD: [u8; 11] = [0xA5, 0x01, 0x02, 0x03, 0x38, 0x18, 0x20, 0x01, 0x21, 0x58, 0x20];
const MIDDLE: [u8; 3] = [0x22, 0x58, 0x20];
const BLOCK_BYTES: usize = 16;
/// A new PIN is padded to this, in bytes.
const PADDED_BYTES: usize = 64;

/// What the key and this machine agreed on for one exchange.
pub(super) struct Agreed {
    shared: Zeroizing<[u8; 32]>,
    /// Our public half, as CTAP writes it.
    pub(super) ours: Vec<u8>,
}

impl Agreed {
    /// Agrees with a key that gave `theirs`; `random` is drawn for this.
    pub(super) fn with(theirs: &[u8], random: &Zeroizing<[u8; 32]>) -> Result<Self, KeyError> {
        let point = point(theirs).ok_or(KeyError::Malformed)?;
        let theirs = PublicKey::from_sec1_bytes(&point).map_err(|_| KeyError::Malformed)?;
        let secret = SecretKey::from_slice(random.as_slice()).map_err(|_| KeyError::Malformed)?;
        let agreed = p256::ecdh::diffie_hellman(secret.to_nonzero_scalar(), theirs.as_affine());
        let shared = Zeroizing::new(Sha256::digest(agreed.raw_secret_bytes()).into());
        let public = secret.public_key().to_sec1_point(false);
        let (Some(x), Some(y)) = (public.x(), public.y()) else { return Err(KeyError::Malformed) };
        let ours = [&HEAD[..], x, &MIDDLE, y].concat();
        Ok(Self { shared, ours })
    }

    /// The first half of the PIN's hash, encrypted.
    pub(super) fn hidden(&self, pin: &str) -> Vec<u8> {
        let hash = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(pin.as_bytes())));
        let (half, _) = hash.split_at(BLOCK_BYTES);
        self.encrypt(half)
    }

    /// A new PIN, padded and encrypted, and what proves it.
    pub(super) fn new_pin(&self, pin: &str) -> Result<(Vec<u8>, Vec<u8>), KeyError> {
        fits(pin)?;
        let mut padded = Zeroizing::new([0_u8; PADDED_BYTES]);
        padded.iter_mut().zip(pin.bytes()).for_each(|(to, byte)| *to = byte);
        let hidden = self.encrypt(padded.as_slice());
        let proof = proof(self.shared.as_slice(), &hidden);
        Ok((hidden, proof))
    }

    /// The token the key gave, in clear.
    pub(super) fn token(&self, hidden: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        if hidden.is_empty() || hidden.len() > PADDED_BYTES || !hidden.len().is_multiple_of(BLOCK_BYTES) {
            return Err(KeyError::Malformed);
        }
        let mut clear = Zeroizing::new(Vec::with_capacity(hidden.len()));
        let cipher = self.cipher();
        let mut before = [0_u8; BLOCK_BYTES];
        for chunk in hidden.as_chunks::<BLOCK_BYTES>().0 {
            let mut block = Array::from(*chunk);
            cipher.decrypt_block(&mut block);
            clear.extend(block.iter().zip(before).map(|(byte, other)| byte ^ other));
            block.zeroize();
            before = *chunk;
        }
        Ok(clear)
    }

    /// AES-256-CBC with a zero vector, as the protocol has it.
    fn encrypt(&self, clear: &[u8]) -> Vec<u8> {
        let cipher = self.cipher();
        let mut before = [0_u8; BLOCK_BYTES];
        let mut hidden = Vec::with_capacity(clear.len());
        for chunk in clear.as_chunks::<BLOCK_BYTES>().0 {
            let mut block = Array::from(*chunk);
            block.iter_mut().zip(before).for_each(|(byte, other)| *byte ^= other);
            cipher.encrypt_block(&mut block);
            before = block.into();
            hidden.extend_from_slice(&before);
        }
        hidden
    }

    fn cipher(&self) -> Aes256 {
        Aes256::new(&Array::from(*self.shared))
    }
}

/// The first half of HMAC-SHA-256(key, message).
pub(super) fn proof(key: &[u8], message: &[u8]) -> Vec<u8> {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    let whole = mac.chain_update(message).finalize().into_bytes();
    whole.iter().copied().take(BLOCK_BYTES).collect()
}

/// Whether it can be a PIN at all.
pub(super) fn fits(pin: &str) -> Result<(), KeyError> {
    let fits = pin.chars().count() >= PIN_CHARS_MIN && pin.len() <= PIN_BYTES_MAX && !pin.contains('\0');
    if fits { Ok(()) } else { Err(KeyError::PinUnfit) }
}

/// SEC 1, 2.3.3: uncompressed.
fn point(cose: &[u8]) -> Option<Vec<u8>> {
    let (x, rest) = cose.strip_prefix(&HEAD)?.split_first_chunk::<32>()?;
    let (y, rest) = rest.strip_prefix(&MIDDLE)?.split_first_chunk::<32>()?;
    rest.is_empty().then(|| [&[4_u8][..], x, y].concat())
}
