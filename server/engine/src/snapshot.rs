//! The state as bytes and back: the same state gives the same bytes, and their SHA-256 is the state's hash.
//!
//! It must keep facts only: tables, lists of open orders and queues are found again from them.

use alloc::vec::Vec;

use minicbor::{Decoder, Encode, Encoder};
use sha2::{Digest as _, Sha256};
use turret_shared::digest::Digest;

use crate::State;
use crate::evolve::key_of;
use crate::state::Deployment;
use crate::state::books::Books;
use crate::state::fills::Fills;
use crate::state::hashing::Key;
use crate::state::names::Names;
use crate::state::orders::Orders;

/// Version of the snapshot format: another one is not read, the log is folded instead.
pub const STATE_VERSION: u16 = 26;
/// Fields of the array.
const FIELDS: u64 = 25;

/// About what an order takes with its name, and a fill.
const ORDER_BYTES: usize = 192;
/// See [`ORDER_BYTES`].
const FILL_BYTES: usize = 80;

/// Why bytes are not a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotError {
    /// Of another version: fold the log.
    OtherVersion,
    /// Not a snapshot.
    Malformed,
}

impl core::fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::OtherVersion => "snapshot of another version",
            Self::Malformed => "malformed snapshot",
        })
    }
}

impl core::error::Error for SnapshotError {}

type Written<W> = Result<(), minicbor::encode::Error<<W as minicbor::encode::Write>::Error>>;

impl State {
    /// The state as bytes.
    #[must_use]
    pub fn snapshot_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_snapshot(&mut out);
        out
    }

    /// Appends the state as bytes.
    pub fn write_snapshot(&self, out: &mut Vec<u8>) {
        let records = self.orders.len().saturating_mul(ORDER_BYTES);
        out.reserve(records.saturating_add(self.fills.list().len().saturating_mul(FILL_BYTES)));
        // Writing to a Vec cannot fail.
        let _ = self.write(&mut Encoder::new(out));
    }

    /// The hash of a state of which these are the bytes.
    #[must_use]
    pub fn hash_of(snapshot: &[u8]) -> Digest {
        Digest(Sha256::digest(snapshot).into())
    }

    /// SHA-256 of [`State::snapshot_bytes`], without keeping them.
    #[must_use]
    pub fn hash(&self) -> Digest {
        let mut sha = Hashing(Sha256::new());
        // Hashing cannot fail.
        let _ = self.write(&mut Encoder::new(&mut sha));
        Digest(sha.0.finalize().into())
    }

    fn write<W: minicbor::encode::Write>(&self, e: &mut Encoder<W>) -> Written<W> {
        e.array(FIELDS)?.u16(STATE_VERSION)?;
        e.encode(self.deployment.as_ref())?.encode(self.through)?.encode(self.now)?.encode(&self.access)?;
        list(e, &self.books.desks)?;
        list(e, &self.books.accounts)?;
        list(e, &self.books.listings)?;
        list(e, &self.books.positions)?;
        e.encode(self.orders.list())?;
        self.orders.names.write(e)?;
        e.encode(self.fills.list())?;
        list(e, self.fills.later())?;
        e.encode(&self.sessions)?.encode(&self.seen)?.encode(self.limits)?.encode(&self.rates)?.encode(self.venue)?;
        e.encode(&self.denials)?.encode(&self.notes)?.encode(&self.alerts)?.encode(&self.held)?;
        e.encode(&self.attempts)?;
        e.bytes(b"end")?.ok()
    }

    /// The state of [`State::snapshot_bytes`].
    ///
    /// # Errors
    /// [`SnapshotError`]; nothing of the bytes is used.
    pub fn from_snapshot(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let mut d = Decoder::new(bytes);
        let fields = d.array().map_err(|_| SnapshotError::Malformed)?;
        if d.u16().map_err(|_| SnapshotError::Malformed)? != STATE_VERSION {
            return Err(SnapshotError::OtherVersion);
        }
        if fields != Some(FIELDS) {
            return Err(SnapshotError::Malformed);
        }
        let state = read(&mut d).map_err(|_| SnapshotError::Malformed)?;
        if d.position() == bytes.len() { Ok(state) } else { Err(SnapshotError::Malformed) }
    }
}

fn read(d: &mut Decoder<'_>) -> Result<State, minicbor::decode::Error> {
    let deployment: Option<Deployment> = d.decode()?;
    let key = deployment.as_ref().map_or(Key::default(), |deployment| key_of(&deployment.seed));
    let (through, now, access) = (d.decode()?, d.decode()?, d.decode()?);
    let books = Books::from_kept(key, (d.decode()?, d.decode()?, d.decode()?, d.decode()?));
    let list = d.decode()?;
    let orders = Orders::from_kept(list, Names::read(key, d)?);
    let fills = Fills::from_kept(key, d.decode()?, d.decode()?);
    let (sessions, seen) = (d.decode()?, d.decode()?);
    let (limits, rates, venue) = (d.decode()?, d.decode()?, d.decode()?);
    let (denials, notes, alerts, held) = (d.decode()?, d.decode()?, d.decode()?, d.decode()?);
    let attempts = d.decode()?;
    if d.bytes()? != b"end" {
        return Err(minicbor::decode::Error::message("end"));
    }
    Ok(State {
        deployment,
        through,
        now,
        access,
        books,
        orders,
        fills,
        sessions,
        seen,
        limits,
        rates,
        venue,
        denials,
        notes,
        alerts,
        held,
        attempts,
    })
}

/// A list without a copy of it.
fn list<W: minicbor::encode::Write, T: Encode<()>>(e: &mut Encoder<W>, items: &[T]) -> Written<W> {
    e.array(u64::try_from(items.len()).unwrap_or(u64::MAX))?;
    items.iter().try_for_each(|item| e.encode(item).map(|_| ()))
}

/// A writer that only hashes.
struct Hashing(Sha256);

impl minicbor::encode::Write for Hashing {
    type Error = core::convert::Infallible;

    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Self::Error> {
        self.0.update(bytes);
        Ok(())
    }
}
