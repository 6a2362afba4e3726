//! What a security key gives when a credential is made on it, and how far its attestation carries; it must trust no maker.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use minicbor::data::Type;
use minicbor::{Decode, Decoder, Encode};

use super::cose::PublicKey;
use super::data::NewCredential;
use super::fault::AssertionFault;
use super::intent::Intent;
use super::verify::signed_bytes;
use super::{AUTH_DATA_BYTES_MAX, FORMAT_BYTES_MAX, STATEMENT_BYTES_MAX};

/// Members of an attestation statement looked at: more are refused.
const MEMBERS_MAX: u64 = 3;

/// The answer to authenticatorMakeCredential (CTAP 2.1, 6.1).
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Registration {
    /// Authenticator data with the new credential.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub auth_data: Vec<u8>,
    /// `packed`, `none`.
    #[n(1)]
    pub format: String,
    /// The statement, as the key wrote it.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub statement: Vec<u8>,
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("format", &self.format).finish_non_exhaustive()
    }
}

/// How far an attestation carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Attested {
    /// Nothing was said.
    #[n(0)]
    Not,
    /// The new key signed for itself: it is there and was made for this.
    #[n(1)]
    Itself,
    /// A maker's certificate came with it: kept, not judged here.
    #[n(2)]
    Maker,
}

impl Registration {
    /// The credential in it.
    ///
    /// # Errors
    /// The first thing wrong with its data.
    pub fn credential(&self, origin: &str) -> Result<NewCredential<'_>, AssertionFault> {
        NewCredential::of_registration(&self.auth_data, origin)
    }

    /// Verifies it against what was asked for, and says how far the attestation carries.
    ///
    /// # Errors
    /// The first thing wrong with it.
    pub fn verify(&self, intent: &Intent<'_>) -> Result<(NewCredential<'_>, Attested), AssertionFault> {
        let fits = self.auth_data.len() <= AUTH_DATA_BYTES_MAX
            && self.format.len() <= FORMAT_BYTES_MAX
            && self.statement.len() <= STATEMENT_BYTES_MAX;
        if !fits {
            return Err(AssertionFault::TooLong);
        }
        let new = self.credential(intent.origin)?;
        let attested = match self.format.as_str() {
            "none" if self.statement == [0xA0] => Attested::Not,
            "packed" => self.packed(&new.key, intent)?,
            _ => return Err(AssertionFault::Attestation),
        };
        Ok((new, attested))
    }

    /// Web Authentication, 8.2.
    fn packed(&self, key: &PublicKey, intent: &Intent<'_>) -> Result<Attested, AssertionFault> {
        let statement = Packed::read(&self.statement).ok_or(AssertionFault::Attestation)?;
        if statement.by_maker {
            return Ok(Attested::Maker);
        }
        if statement.algorithm != key.algorithm() {
            return Err(AssertionFault::Attestation);
        }
        let message = signed_bytes(&self.auth_data, intent);
        key.verify(&message, statement.signature).map_err(|_| AssertionFault::Attestation)?;
        Ok(Attested::Itself)
    }
}

/// A packed statement.
struct Packed<'a> {
    algorithm: i32,
    signature: &'a [u8],
    by_maker: bool,
}

impl<'a> Packed<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut d = Decoder::new(bytes);
        let members = d.map().ok()?.filter(|members| *members <= MEMBERS_MAX)?;
        let (mut algorithm, mut signature, mut by_maker) = (None, None, false);
        for _ in 0..members {
            match d.str().ok()? {
                "alg" => algorithm = Some(d.i32().ok()?),
                "sig" => signature = Some(d.bytes().ok()?),
                "x5c" if d.datatype().ok()? == Type::Array => {
                    d.skip().ok()?;
                    by_maker = true;
                }
                _ => return None,
            }
        }
        let whole = d.position() == bytes.len();
        Some(Self { algorithm: algorithm?, signature: signature?, by_maker }).filter(|_| whole)
    }
}
