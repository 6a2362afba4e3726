//! The keys of a store, each with version, state and dates, and the bytes they are kept as; it must not seal them.

use hkdf::Hkdf;
use minicbor::{Decoder, Encoder};
use sha2::Sha256;
use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

use crate::random::{Random, array};
use crate::versions::Versions;

use super::{CheckpointPublic, KeyError, KeyRow, KeyState, Purpose};

/// Room for one record in bytes, so that writing never grows and leaves an unwiped copy behind.
const RECORD_BYTES_MAX: usize = 64;
/// What a store that was made without a key for backups derives it for.
const BACKUP: &[u8] = b"turret/keys/backup/v1";
/// What one that was made without a key for the vault's rows derives it for.
const VAULT_ROWS: &[u8] = b"turret/vault/wrap/v1";
/// Most records of a store.
const RECORDS_MAX: u64 = 256;

/// One key, wiped when dropped. Of one that never leaves a token it is the public half.
#[derive(Clone)]
struct Record {
    purpose: Purpose,
    version: u32,
    state: KeyState,
    made_s: u64,
    changed_s: u64,
    key: SecretKey,
}

/// All keys of a store, wiped when dropped.
#[derive(Clone, Default)]
pub(super) struct Ring(Vec<Record>);

impl Ring {
    /// Takes a key up as the first of its purpose.
    pub(super) fn begin(&mut self, purpose: Purpose, key: SecretKey, now_s: u64) {
        self.0.push(Record { purpose, version: 1, state: KeyState::Active, made_s: now_s, changed_s: now_s, key });
    }

    /// Takes a key up as the next of its purpose; the one before is retained. Its version.
    pub(super) fn follow(&mut self, purpose: Purpose, key: SecretKey, now_s: u64) -> u32 {
        let mut last = if purpose == Purpose::Checkpoint { self.newest(Purpose::GoneCheckpoint) } else { 0 };
        for record in self.0.iter_mut().filter(|record| record.purpose == purpose) {
            last = last.max(record.version);
            if record.state == KeyState::Active {
                (record.state, record.changed_s) = (KeyState::Retained, now_s);
            }
        }
        let version = last.saturating_add(1);
        self.0.push(Record { purpose, version, state: KeyState::Active, made_s: now_s, changed_s: now_s, key });
        version
    }

    /// Keeps of every key that signs checkpoints its public half alone.
    pub(super) fn bury(&mut self, now_s: u64, public: impl Fn(&SecretKey) -> [u8; 32]) {
        for record in self.0.iter_mut().filter(|record| record.purpose == Purpose::Checkpoint) {
            record.key = SecretKey::new(public(&record.key));
            (record.purpose, record.state, record.changed_s) = (Purpose::GoneCheckpoint, KeyState::Revoked, now_s);
        }
    }

    /// Ends every key that signs checkpoints, and keeps its public half where the key was.
    pub(super) fn end_signing(&mut self, now_s: u64, public: impl Fn(&SecretKey) -> [u8; 32]) {
        for record in self.0.iter_mut().filter(|record| record.purpose == Purpose::Checkpoint) {
            record.key = SecretKey::new(public(&record.key));
            if record.state != KeyState::Revoked {
                (record.state, record.changed_s) = (KeyState::Revoked, now_s);
            }
        }
    }

    /// Takes up what a store made before it was there lacks: the key that wraps backups' keys, from the database's, and the
    /// one of the vault's rows, from the vault's.
    fn complete(&mut self) {
        for (purpose, from, info) in
            [(Purpose::Backup, Purpose::Database, BACKUP), (Purpose::VaultRows, Purpose::Vault, VAULT_ROWS)]
        {
            let source = self.get(from).ok().cloned();
            if let (0, Some(source)) = (self.newest(purpose), source) {
                let mut key = Zeroizing::new([0; 32]);
                if Hkdf::<Sha256>::new(None, source.expose()).expand(info, key.as_mut()).is_ok() {
                    self.begin(purpose, SecretKey::new(*key), 0);
                }
            }
        }
    }

    /// As [`Ring::follow`], while there is room.
    pub(super) fn take(&mut self, purpose: Purpose, key: SecretKey, now_s: u64) -> Result<u32, KeyError> {
        if self.has_room() { Ok(self.follow(purpose, key, now_s)) } else { Err(KeyError::Full) }
    }

    /// A fresh key of a purpose in place of the one there is; its version.
    pub(super) fn next(&mut self, purpose: Purpose, random: Random, now_s: u64) -> Result<u32, KeyError> {
        if matches!(purpose, Purpose::Checkpoint | Purpose::Wrapping) {
            return Err(KeyError::NotExported(purpose));
        }
        self.take(purpose, SecretKey::new(array(random)?), now_s)
    }

    /// Notes that the store is sealed under the next key of its own; its version. `retain` says whether the one before opens
    /// anything still.
    pub(super) fn take_wrapping(&mut self, retain: bool, now_s: u64) -> Result<u32, KeyError> {
        if !self.has_room() {
            return Err(KeyError::Full);
        }
        let none = SecretKey::new([0; 32]);
        if self.newest(Purpose::Wrapping) == 0 {
            // The first was made with the store, and nobody wrote it down.
            let dates = self.0.iter().map(|record| record.made_s);
            let made_s = dates.filter(|made_s| *made_s > 0).min().unwrap_or(0);
            self.begin(Purpose::Wrapping, none.clone(), made_s);
        }
        let version = self.follow(Purpose::Wrapping, none, now_s);
        if !retain {
            self.revoke_retained(Purpose::Wrapping, now_s);
        }
        Ok(version)
    }

    /// Notes the first key of the store's own, made with it.
    pub(super) fn begin_wrapping(&mut self, now_s: u64) {
        self.begin(Purpose::Wrapping, SecretKey::new([0; 32]), now_s);
    }

    /// Ends what gave way, and wipes it; of a key that signed checkpoints what it signed is verified still. The versions.
    pub(super) fn revoke_retained(&mut self, purpose: Purpose, now_s: u64) -> Vec<u32> {
        let mut ended = Vec::new();
        for record in &mut self.0 {
            if record.purpose == purpose && record.state == KeyState::Retained {
                (record.state, record.changed_s) = (KeyState::Revoked, now_s);
                if purpose != Purpose::Checkpoint {
                    record.key = SecretKey::new([0; 32]);
                }
                ended.push(record.version);
            }
        }
        ended
    }

    /// Drops every record of a purpose.
    pub(super) fn forget(&mut self, purpose: Purpose) {
        self.0.retain(|record| record.purpose != purpose);
    }

    /// True while another key can be taken up.
    fn has_room(&self) -> bool {
        // The first of the store's own key is noted with its second.
        (self.0.len() as u64).saturating_add(2) <= RECORDS_MAX
    }

    /// Every version of a purpose that is good for something.
    pub(super) fn versions(&self, purpose: Purpose) -> Result<Versions, KeyError> {
        if purpose == Purpose::Checkpoint {
            return Err(KeyError::NotExported(purpose));
        }
        let of = |state| {
            let wanted = move |record: &&Record| record.purpose == purpose && record.state == state;
            self.0.iter().filter(wanted).map(|record| (record.version, record.key.clone()))
        };
        let active = of(KeyState::Active).next().ok_or(KeyError::Missing(purpose))?;
        Ok(Versions::new(active, of(KeyState::Retained).collect()))
    }

    /// The newest version of a purpose, 0 without any.
    pub(super) fn newest(&self, purpose: Purpose) -> u32 {
        self.0.iter().filter(|record| record.purpose == purpose).map(|record| record.version).max().unwrap_or(0)
    }

    /// A version of a purpose that is good for something.
    pub(super) fn version(&self, purpose: Purpose, version: u32) -> Result<&SecretKey, KeyError> {
        let wanted = |record: &&Record| {
            record.purpose == purpose && record.version == version && record.state != KeyState::Revoked
        };
        self.0.iter().find(wanted).map(|record| &record.key).ok_or(KeyError::Missing(purpose))
    }

    /// Every key that signs checkpoints, newest first; `public` makes the public half of what is kept.
    pub(super) fn checkpoint_keys(
        &self,
        public: impl Fn(&SecretKey) -> [u8; 32],
    ) -> Result<Vec<CheckpointPublic>, KeyError> {
        let signs = |record: &&Record| matches!(record.purpose, Purpose::Checkpoint | Purpose::GoneCheckpoint);
        let told = |record: &Record| {
            let gone = record.purpose == Purpose::GoneCheckpoint;
            CheckpointPublic {
                version: record.version,
                public: if gone { *record.key.expose() } else { public(&record.key) },
                state: record.state,
                changed_s: record.changed_s,
                gone,
            }
        };
        let mut keys: Vec<_> = self.0.iter().filter(signs).map(told).collect();
        keys.sort_by_key(|key| std::cmp::Reverse(key.version));
        match keys.first() {
            Some(newest) if newest.state == KeyState::Active => Ok(keys),
            _ => Err(KeyError::Missing(Purpose::Checkpoint)),
        }
    }

    /// The active key of a purpose.
    pub(super) fn get(&self, purpose: Purpose) -> Result<&SecretKey, KeyError> {
        let active = |record: &&Record| record.purpose == purpose && record.state == KeyState::Active;
        self.0.iter().find(active).map(|record| &record.key).ok_or(KeyError::Missing(purpose))
    }

    /// Every key, without the keys; in a token are those `in_token` says.
    pub(super) fn rows(&self, in_token: impl Fn(Purpose) -> bool) -> Vec<KeyRow> {
        let row = |record: &Record| {
            let Record { purpose, version, state, made_s, changed_s, .. } = *record;
            KeyRow { name: purpose.name(), in_token: in_token(purpose), version, state, made_s, changed_s }
        };
        let mut rows: Vec<_> = self.0.iter().map(row).collect();
        if self.newest(Purpose::Wrapping) == 0 && !rows.is_empty() {
            // Made with the store, and noted when it gives way.
            let made_s = rows.iter().map(|row| row.made_s).filter(|made_s| *made_s > 0).min().unwrap_or(0);
            let (purpose, state) = (Purpose::Wrapping, KeyState::Active);
            let in_token = in_token(purpose);
            rows.push(KeyRow { name: purpose.name(), in_token, version: 1, state, made_s, changed_s: made_s });
        }
        rows
    }

    /// CBOR array of [purpose, version, state, key, made, changed].
    pub(super) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Encoder::new(Vec::with_capacity(RECORD_BYTES_MAX.saturating_mul(self.0.len().saturating_add(1))));
        let mut write = || -> Result<(), minicbor::encode::Error<core::convert::Infallible>> {
            out.array(self.0.len() as u64)?;
            for record in &self.0 {
                out.array(6)?.u8(record.purpose as u8)?.u32(record.version)?.u8(record.state as u8)?;
                out.bytes(record.key.expose())?.u64(record.made_s)?.u64(record.changed_s)?;
            }
            Ok(())
        };
        // Writing to a Vec cannot fail.
        let _ = write();
        Zeroizing::new(out.into_writer())
    }

    /// What [`Ring::encode`] wrote; records without dates are of the first files.
    pub(super) fn decode(plain: &[u8]) -> Option<Self> {
        let mut input = Decoder::new(plain);
        let count = input.array().ok()?.filter(|count| *count <= RECORDS_MAX)?;
        let mut ring = Self::default();
        for _ in 0..count {
            let fields = input.array().ok()?.filter(|fields| matches!(fields, 4 | 6))?;
            let number = input.u8().ok()?;
            let (version, state) = (input.u32().ok()?, KeyState::of(input.u8().ok()?)?);
            let key = SecretKey::new(input.bytes().ok()?.try_into().ok()?);
            let dated = fields == 6;
            let made_s = if dated { input.u64().ok()? } else { 0 };
            let changed_s = if dated { input.u64().ok()? } else { 0 };
            if !Purpose::GIVEN_UP.contains(&number) {
                ring.0.push(Record { purpose: Purpose::of(number)?, version, state, made_s, changed_s, key });
            }
        }
        ring.complete();
        (input.position() == plain.len()).then_some(ring)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_the_first_files_too() {
        let mut ring = Ring::default();
        ring.begin(Purpose::Vault, SecretKey::new([7; 32]), 1_700_000_000);
        ring.begin(Purpose::Pepper, SecretKey::new([8; 32]), 1_700_000_001);
        ring.begin(Purpose::VaultRows, SecretKey::new([6; 32]), 1_700_000_002);
        let bytes = ring.encode();
        assert!(bytes.capacity() >= bytes.len() && bytes.len() <= RECORD_BYTES_MAX * 4);
        let read = Ring::decode(&bytes).unwrap();
        assert_eq!(read.rows(|_| false), ring.rows(|_| false));
        assert_eq!(read.rows(|_| true)[1].made_s, 1_700_000_001);
        assert_eq!(read.get(Purpose::Pepper).unwrap().expose(), &[8; 32]);
        assert!(matches!(read.get(Purpose::Database), Err(KeyError::Missing(Purpose::Database))));
        assert!(Ring::decode(&bytes[..bytes.len() - 1]).is_none());

        // [[2, 1, 1, key]]: without dates.
        let first = [&[0x81, 0x84, 0x02, 0x01, 0x01, 0x58, 0x20][..], &[7; 32]].concat();
        let read = Ring::decode(&first).unwrap();
        assert_eq!(read.get(Purpose::Vault).unwrap().expose(), &[7; 32]);
        assert_eq!(read.rows(|_| false)[0].made_s, 0);
        // [[7, 1, 1, key], [2, 1, 1, key]]: with one that nothing uses any more.
        let of = |purpose: u8| [&[0x84, purpose, 0x01, 0x01, 0x58, 0x20][..], &[7; 32]].concat();
        let given_up = Ring::decode(&[vec![0x82], of(7), of(2)].concat()).unwrap();
        assert_eq!(given_up.rows(|_| false), read.rows(|_| false));
        assert!(Ring::decode(&[vec![0x82], of(99), of(2)].concat()).is_none());
        // Its vault's rows are under the key they always were under.
        let mut rows = [0; 32];
        Hkdf::<Sha256>::new(None, &[7; 32]).expand(b"turret/vault/wrap/v1", &mut rows).unwrap();
        assert_eq!(read.get(Purpose::VaultRows).unwrap().expose(), &rows);
        // One with a database and no key for backups has the same one each time it is read.
        let mut early = Ring::default();
        early.begin(Purpose::Database, SecretKey::new([9; 32]), 1);
        let keys = [(); 2].map(|()| *Ring::decode(&early.encode()).unwrap().get(Purpose::Backup).unwrap().expose());
        assert!(keys[0] == keys[1] && keys[0] != [9; 32]);
    }

    #[test]
    fn what_gave_way_is_wiped_when_it_ends_and_a_full_store_takes_no_more() {
        let mut ring = Ring::default();
        ring.begin(Purpose::Pepper, SecretKey::new([8; 32]), 1);
        assert_eq!(ring.take(Purpose::Pepper, SecretKey::new([9; 32]), 2).unwrap(), 2);
        let versions = ring.versions(Purpose::Pepper).unwrap();
        assert_eq!((versions.active().0, versions.of(1).unwrap().expose()), (2, &[8; 32]));
        assert_eq!(ring.revoke_retained(Purpose::Pepper, 3), [1]);
        assert_eq!(ring.revoke_retained(Purpose::Pepper, 4), [0; 0]);
        assert!(ring.versions(Purpose::Pepper).unwrap().of(1).is_none());
        assert!(!ring.encode().windows(32).any(|bytes| bytes == [8; 32]));
        let row = |row: &KeyRow| (row.name, row.version, row.state, row.made_s, row.changed_s);
        assert_eq!(row(&ring.rows(|_| false)[0]), ("pepper", 1, KeyState::Revoked, 1, 3));
        // The store's own key is noted with its dates, and without a key.
        assert_eq!(ring.take_wrapping(true, 5).unwrap(), 2);
        let rows = ring.rows(|_| false);
        assert_eq!(row(&rows[2]), ("wrapping", 1, KeyState::Retained, 1, 5));
        assert_eq!(row(&rows[3]), ("wrapping", 2, KeyState::Active, 5, 5));
        while ring.has_room() {
            ring.take(Purpose::Pepper, SecretKey::new([9; 32]), 6).unwrap();
        }
        assert!(matches!(ring.take(Purpose::Pepper, SecretKey::new([9; 32]), 6), Err(KeyError::Full)));
        assert!(matches!(ring.take_wrapping(false, 6), Err(KeyError::Full)));
        assert_eq!(Ring::decode(&ring.encode()).unwrap().rows(|_| false), ring.rows(|_| false));
    }
}
