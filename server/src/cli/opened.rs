//! The stores of a data directory, opened with its keys, and the state they hold; it must change nothing in them.

use std::sync::Arc;

use super::init::Failed;
use crate::config::Layout;
use crate::keys::{KeyStore, Purpose};
use crate::random;
use crate::replica::folding::{FoldError, Folded};
use crate::store::snapshots::Snapshots;
use crate::store::sqlcipher::{SqlStore, Tuning};
use crate::store::{Reader, Store};
use crate::vault::Vault;

/// Every store of a data directory.
pub(super) struct Opened {
    pub(super) store: SqlStore,
    pub(super) snapshots: Snapshots,
    pub(super) vault: Arc<Vault>,
}

impl Opened {
    /// Opens them; the log is fenced against any other writer.
    pub(super) fn open(layout: &Layout, keys: &dyn KeyStore) -> Result<Self, Failed> {
        let store = SqlStore::open(&layout.log(), &keys.key(Purpose::Database)?, Tuning::default())?;
        let snapshots = Snapshots::open(&layout.snapshots(), keys.key(Purpose::Snapshot)?)?;
        let (key, pepper) = (keys.key(Purpose::Vault)?, keys.key(Purpose::Pepper)?);
        let vault = Arc::new(Vault::open(&layout.vault(), &key, &pepper, random::system)?);
        Ok(Self { store, snapshots, vault })
    }
}

/// The state after the last entry, twice: for the writer and for the replica, each folded on a thread of its own.
pub(super) fn restore(opened: &Opened) -> Result<(Folded, Folded), Failed> {
    let size = opened.store.tip().next().0;
    let (mut first, mut second) = (opened.store.reader()?, opened.store.reader()?);
    let snapshots = &opened.snapshots;
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(move || fold(snapshots, second.as_mut(), size));
        (fold(snapshots, first.as_mut(), size), other.join())
    });
    let other = other.map_err(|_| Failed("folding the log panicked".to_owned()))?;
    Ok((one?, other?))
}

fn fold(snapshots: &Snapshots, reader: &mut dyn Reader, size: u64) -> Result<Folded, FoldError> {
    let mut folded = Folded::newest(snapshots, reader, size);
    folded.follow(reader, size)?;
    Ok(folded)
}
