//! The stores of a data directory, opened with its keys, and the state they hold; it must change nothing in them.

use std::sync::Arc;

use super::init::Failed;
use crate::config::Layout;
use crate::keys::{KeyStore, Purpose};
use crate::random;
use crate::replica::folding::Folded;
use crate::store::Store;
use crate::store::snapshots::Snapshots;
use crate::store::sqlcipher::{SqlStore, Tuning};
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

/// The state after the last entry, twice: for the writer and for the replica. It is folded once and copied, which takes a
/// fraction of folding it.
pub(super) fn restore(opened: &Opened) -> Result<(Folded, Folded), Failed> {
    let size = opened.store.tip().next().0;
    let mut reader = opened.store.reader()?;
    let mut folded = Folded::newest(&opened.snapshots, reader.as_mut(), size);
    folded.follow(reader.as_mut(), size)?;
    Ok((folded.clone(), folded))
}
