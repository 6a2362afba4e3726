//! The stores of a data directory, opened with its keys, and the state they hold; it must change nothing in them.

use std::sync::Arc;

use super::init::Failed;
use crate::config::Layout;
use crate::keys::{KeyError, KeyStore, Purpose};
use crate::random;
use crate::replica::folding::Folded;
use crate::store::Store;
use crate::store::snapshots::Snapshots;
use crate::store::sqlcipher::{SqlStore, Tuning};
use crate::vault::{Vault, VaultKeys};

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
        let snapshots = Snapshots::open_with(&layout.snapshots(), keys.versions(Purpose::Snapshot)?)?;
        let vault = Arc::new(open_vault(layout, keys)?);
        Ok(Self { store, snapshots, vault })
    }
}

/// The vault with every key that one of its rows may be under.
pub(super) fn open_vault(layout: &Layout, keys: &dyn KeyStore) -> Result<Vault, Failed> {
    Ok(Vault::open_with(&layout.vault(), &keys.key(Purpose::Vault)?, vault_keys(keys)?, random::system)?)
}

/// What seals within the vault.
pub(super) fn vault_keys(keys: &dyn KeyStore) -> Result<VaultKeys, KeyError> {
    Ok(VaultKeys { rows: keys.versions(Purpose::VaultRows)?, peppers: keys.versions(Purpose::Pepper)? })
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
