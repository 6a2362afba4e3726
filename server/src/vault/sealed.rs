//! Personal values the log only commits to, sealed under a key of their subject; it must let that key be destroyed.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use turret_shared::digest::Digest;
use turret_shared::ids::{AccountId, DeviceId, UserId};
use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

use super::{Vault, VaultError};
use crate::cipher::{seal, unseal};
use crate::random::array;

/// Version of a subject's first key; rotation brings later ones.
const KEY_VERSION: u32 = 1;
/// Sealed values are padded to a multiple of this, so that their length says little, in bytes.
const PAD_BYTES: usize = 64;
/// Longest value kept, in bytes.
const VALUE_BYTES_MAX: usize = 4 * 1024;

/// Whom a value is about: erasing them destroys their key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A person who signs in.
    User(UserId),
    /// The client behind an account.
    Account(AccountId),
    /// The holder of a device.
    Device(DeviceId),
    /// Strangers of one day, by its number since 1970: what is kept of them is erased together.
    Strangers(u32),
}

impl Subject {
    const fn columns(self) -> (u8, u32) {
        match self {
            Self::User(id) => (1, id.0),
            Self::Account(id) => (2, id.0),
            Self::Device(id) => (3, id.0),
            Self::Strangers(day) => (4, day),
        }
    }
}

/// What kind of value it is; the numbers stand in the vault and are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum PersonalKind {
    /// Free text of an order (FIX 58).
    OrderText = 1,
    /// Where a connection came from.
    Address = 2,
    /// What somebody calls a key or device of theirs.
    Label = 3,
}

/// HMAC-SHA-256(r, value): what the log may say about a value.
#[must_use]
pub fn commitment(r: &[u8; 32], value: &str) -> Digest {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(r) else { return Digest::default() };
    Digest(mac.chain_update(value.as_bytes()).finalize().into_bytes().into())
}

/// A key of its own for what the vault seals inside itself.
pub(super) fn wrapping_key(vault: &SecretKey) -> Result<SecretKey, VaultError> {
    let mut key = Zeroizing::new([0u8; 32]);
    Hkdf::<Sha256>::new(None, vault.expose())
        .expand(b"turret/vault/wrap/v1", key.as_mut())
        .map_err(|_| VaultError::NotGenuine)?;
    Ok(SecretKey::new(*key))
}

/// r of a value with a name, from the key of its subject.
fn derived_r(key: &SecretKey, kind: PersonalKind, name: &str) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let mut r = Zeroizing::new([0u8; 32]);
    Hkdf::<Sha256>::new(None, key.expose())
        .expand_multi_info(&[b"turret/vault/r/v1", &[kind as u8], name.as_bytes()], r.as_mut())
        .map_err(|_| VaultError::NotGenuine)?;
    Ok(r)
}

impl Vault {
    /// Seals a value durably and gives the commitment the log may carry. Call it before the event is decided:
    /// a row nobody's event names does no harm, a commitment without its row would.
    ///
    /// # Errors
    /// [`VaultError::Unfit`] for a value too long.
    pub fn keep(&self, kind: PersonalKind, subject: Subject, value: &str) -> Result<Digest, VaultError> {
        self.keep_under(kind, subject, value, |_| Ok(Zeroizing::new(array(self.random)?)))
    }

    /// As [`Vault::keep`], but the same value under the same name gives the same commitment, so that a command sent again
    /// is the same command: r is derived from the subject's key and the name, and is gone when that key is. It comes along,
    /// for whoever gave the value to make the commitment themselves.
    ///
    /// # Errors
    /// [`VaultError::Unfit`] for a value too long.
    pub fn keep_named(
        &self,
        kind: PersonalKind,
        subject: Subject,
        name: &str,
        value: &str,
    ) -> Result<(Digest, SecretKey), VaultError> {
        let mut opens = SecretKey::new([0; 32]);
        let commitment = self.keep_under(kind, subject, value, |key| {
            let r = derived_r(key, kind, name)?;
            opens = SecretKey::new(*r);
            Ok(r)
        })?;
        Ok((commitment, opens))
    }

    fn keep_under(
        &self,
        kind: PersonalKind,
        subject: Subject,
        value: &str,
        r: impl FnOnce(&SecretKey) -> Result<Zeroizing<[u8; 32]>, VaultError>,
    ) -> Result<Digest, VaultError> {
        if value.len() > VALUE_BYTES_MAX {
            return Err(VaultError::Unfit("a personal value too long"));
        }
        let mut db = self.db();
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let key = self.subject_key(&change, subject)?;
        let r = r(&key)?;
        let commitment = commitment(&r, value);
        let sealed = seal(&key, &cell_name(kind, subject, &commitment), &padded(&r, value), self.random)
            .map_err(|_| VaultError::NotGenuine)?;
        let (subject_kind, subject_id) = subject.columns();
        // The same value under the same name is there already, and means the same.
        let sql = "INSERT INTO personal (commitment, kind, subject_kind, subject_id, key_version, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (commitment) DO NOTHING";
        let row = (commitment.0.as_slice(), kind as u8, subject_kind, subject_id, KEY_VERSION, sealed);
        change.prepare_cached(sql)?.execute(row)?;
        change.commit()?;
        Ok(commitment)
    }

    /// The value behind a commitment, checked against it; `None` when it is not there, or its subject was erased.
    ///
    /// # Errors
    /// [`VaultError::NotGenuine`] when the row was altered, moved, or does not match the commitment.
    pub fn reveal(&self, wanted: &Digest) -> Result<Option<String>, VaultError> {
        let db = self.db();
        let sql = "SELECT kind, subject_kind, subject_id, key_version, sealed FROM personal WHERE commitment = ?1";
        let row = db
            .prepare_cached(sql)?
            .query_row([wanted.0.as_slice()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get::<_, Vec<u8>>(4)?))
            })
            .optional()?;
        let Some((kind, subject_kind, subject_id, version, sealed)) = row else { return Ok(None) };
        let (kind, subject) = names(kind, subject_kind, subject_id).ok_or(VaultError::NotGenuine)?;
        let Some(key) = self.stored_key(&db, subject, version)? else { return Ok(None) };
        let plain = unseal(&key, &cell_name(kind, subject, wanted), &sealed).map_err(|_| VaultError::NotGenuine)?;
        let (r, value) = unpadded(&plain).ok_or(VaultError::NotGenuine)?;
        if bool::from(commitment(r, value).0.ct_eq(&wanted.0)) {
            Ok(Some(value.to_owned()))
        } else {
            Err(VaultError::NotGenuine)
        }
    }

    fn subject_key(&self, change: &Connection, subject: Subject) -> Result<SecretKey, VaultError> {
        if let Some(key) = self.stored_key(change, subject, KEY_VERSION)? {
            return Ok(key);
        }
        let key = SecretKey::new(array(self.random)?);
        let keys = self.keys();
        let (sealer, wrap) = keys.rows.active();
        let wrapped = seal(wrap, &key_name(subject, KEY_VERSION), key.expose(), self.random)
            .map_err(|_| VaultError::NotGenuine)?;
        let (kind, id) = subject.columns();
        change
            .prepare_cached("INSERT INTO subjects (kind, id, version, wrapped, sealer) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute((kind, id, KEY_VERSION, wrapped, sealer))?;
        Ok(key)
    }

    fn stored_key(&self, db: &Connection, subject: Subject, version: u32) -> Result<Option<SecretKey>, VaultError> {
        let (kind, id) = subject.columns();
        let wrapped: Option<(Vec<u8>, u32)> = db
            .prepare_cached("SELECT wrapped, sealer FROM subjects WHERE kind = ?1 AND id = ?2 AND version = ?3")?
            .query_row((kind, id, version), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((wrapped, sealer)) = wrapped else { return Ok(None) };
        let keys = self.keys();
        let wrap = keys.rows.of(sealer).ok_or(VaultError::NotGenuine)?;
        let key = unseal(wrap, &key_name(subject, version), &wrapped).map_err(|_| VaultError::NotGenuine)?;
        Ok(Some(SecretKey::new(key.as_slice().try_into().map_err(|_| VaultError::NotGenuine)?)))
    }
}

fn names(kind: u8, subject_kind: u8, subject_id: u32) -> Option<(PersonalKind, Subject)> {
    let kind = [PersonalKind::OrderText, PersonalKind::Address, PersonalKind::Label]
        .into_iter()
        .find(|known| *known as u8 == kind)?;
    Some((kind, subject(subject_kind, subject_id)?))
}

fn subject(kind: u8, id: u32) -> Option<Subject> {
    Some(match kind {
        1 => Subject::User(UserId(id)),
        2 => Subject::Account(AccountId(id)),
        3 => Subject::Device(DeviceId(id)),
        4 => Subject::Strangers(id),
        _ => return None,
    })
}

/// The cell of a row of subjects.
pub(super) fn stored_key_name(row: &Row<'_>) -> rusqlite::Result<Vec<u8>> {
    let subject = subject(row.get("kind")?, row.get("id")?);
    Ok(key_name(subject.ok_or(rusqlite::Error::InvalidQuery)?, row.get("version")?))
}

/// Table, column, row and key version, so that a sealed cell opens nowhere else.
fn cell_name(kind: PersonalKind, subject: Subject, commitment: &Digest) -> Vec<u8> {
    let mut name = b"turret/vault/personal/sealed\0".to_vec();
    name.push(kind as u8);
    name.extend_from_slice(&key_name(subject, KEY_VERSION));
    name.extend_from_slice(&commitment.0);
    name
}

fn key_name(subject: Subject, version: u32) -> Vec<u8> {
    let (kind, id) = subject.columns();
    let mut name = b"turret/vault/subjects/wrapped\0".to_vec();
    name.push(kind);
    name.extend_from_slice(&id.to_be_bytes());
    name.extend_from_slice(&version.to_be_bytes());
    name
}

/// r, the value's length, the value, zeros.
fn padded(r: &[u8; 32], value: &str) -> Zeroizing<Vec<u8>> {
    let length = value.len().saturating_add(34).next_multiple_of(PAD_BYTES);
    let mut plain = Zeroizing::new(Vec::with_capacity(length));
    plain.extend_from_slice(r);
    plain.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
    plain.extend_from_slice(value.as_bytes());
    plain.resize(length, 0);
    plain
}

fn unpadded(plain: &[u8]) -> Option<(&[u8; 32], &str)> {
    let (r, rest) = plain.split_first_chunk::<32>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let value = rest.get(..usize::from(u16::from_be_bytes(*length)))?;
    Some((r, std::str::from_utf8(value).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(folder: &std::path::Path) -> Vault {
        let key = SecretKey::new([7; 32]);
        Vault::open(&folder.join("vault.db"), &key, &SecretKey::new([8; 32]), crate::random::system).unwrap()
    }

    #[test]
    fn the_same_text_under_the_same_name_is_the_same_commitment_for_one_person() {
        let folder = std::env::temp_dir().join(format!("turret-vault-named-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let vault = vault(&folder);
        let keep = |user, name, text| {
            vault.keep_named(PersonalKind::OrderText, Subject::User(UserId(user)), name, text).unwrap().0
        };
        let first = keep(1, "c1", "for the Müller estate");
        assert_eq!(keep(1, "c1", "for the Müller estate"), first);
        for other in
            [keep(1, "c2", "for the Müller estate"), keep(2, "c1", "for the Müller estate"), keep(1, "c1", "x")]
        {
            assert_ne!(other, first);
        }
        assert_eq!(vault.reveal(&first).unwrap().as_deref(), Some("for the Müller estate"));
        drop(vault);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
