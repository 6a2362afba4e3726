//! Authenticator data (Web Authentication, 6.1), byte for byte; it must take nothing that was not asked for.

use sha2::{Digest as _, Sha256};

use super::cose::PublicKey;
use super::fault::AssertionFault;
use super::intent::relying_party;
use super::{AUTH_DATA_BYTES_MAX, CREDENTIAL_ID_BYTES_MAX};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const CREDENTIAL_INCLUDED: u8 = 0x40;

/// What every ceremony says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthData {
    /// How many signatures before, as the key counts; 0 for a key that does not.
    pub counter: u32,
}

/// What a registration adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCredential<'a> {
    /// The counter at the start.
    pub counter: u32,
    /// The key's model; zero when it does not say.
    pub aaguid: [u8; 16],
    /// The id the key gave it.
    pub id: &'a [u8],
    /// Its public half.
    pub key: PublicKey,
    /// As it stands in the data.
    pub key_bytes: &'a [u8],
}

impl AuthData {
    /// Reads the data of an assertion: thirty-seven bytes and not one more.
    ///
    /// # Errors
    /// The first thing wrong with it.
    pub fn of_assertion(bytes: &[u8], origin: &str) -> Result<Self, AssertionFault> {
        let (counter, flags, rest) = head(bytes, origin)?;
        if flags & CREDENTIAL_INCLUDED != 0 || !rest.is_empty() {
            return Err(AssertionFault::Extra);
        }
        Ok(Self { counter })
    }
}

impl<'a> NewCredential<'a> {
    /// Reads the data of a registration.
    ///
    /// # Errors
    /// The first thing wrong with it.
    pub fn of_registration(bytes: &'a [u8], origin: &str) -> Result<Self, AssertionFault> {
        let (counter, flags, rest) = head(bytes, origin)?;
        if flags & CREDENTIAL_INCLUDED == 0 {
            return Err(AssertionFault::Malformed);
        }
        let (aaguid, rest) = rest.split_first_chunk::<16>().ok_or(AssertionFault::Malformed)?;
        let (length, rest) = rest.split_first_chunk::<2>().ok_or(AssertionFault::Malformed)?;
        let length = usize::from(u16::from_be_bytes(*length));
        if length > CREDENTIAL_ID_BYTES_MAX {
            return Err(AssertionFault::TooLong);
        }
        let (id, key_bytes) = rest.split_at_checked(length).ok_or(AssertionFault::Malformed)?;
        if id.is_empty() {
            return Err(AssertionFault::Malformed);
        }
        let (key, rest) = PublicKey::read(key_bytes)?;
        if !rest.is_empty() {
            return Err(AssertionFault::Extra);
        }
        Ok(Self { counter, aaguid: *aaguid, id, key, key_bytes })
    }
}

/// Counter, flags and what follows, after what every ceremony must say.
fn head<'a>(bytes: &'a [u8], origin: &str) -> Result<(u32, u8, &'a [u8]), AssertionFault> {
    if bytes.len() > AUTH_DATA_BYTES_MAX {
        return Err(AssertionFault::TooLong);
    }
    let (party, rest) = bytes.split_first_chunk::<32>().ok_or(AssertionFault::Malformed)?;
    let (flags, rest) = rest.split_first().ok_or(AssertionFault::Malformed)?;
    let (counter, rest) = rest.split_first_chunk::<4>().ok_or(AssertionFault::Malformed)?;
    let wanted: [u8; 32] = Sha256::digest(relying_party(origin).as_bytes()).into();
    if *party != wanted {
        return Err(AssertionFault::OtherParty);
    }
    if flags & USER_PRESENT == 0 {
        return Err(AssertionFault::NotPresent);
    }
    if flags & USER_VERIFIED == 0 {
        return Err(AssertionFault::NotVerified);
    }
    if flags & (BACKUP_ELIGIBLE | BACKED_UP) != 0 {
        return Err(AssertionFault::Copyable);
    }
    if flags & !(USER_PRESENT | USER_VERIFIED | CREDENTIAL_INCLUDED) != 0 {
        return Err(AssertionFault::Extra);
    }
    Ok((u32::from_be_bytes(*counter), *flags, rest))
}
