//! Order texts by their commitment, from the vault; it must keep none longer than it takes to show it.

use std::sync::Arc;

use turret_shared::digest::Digest;

use crate::vault::Vault;

/// Asks the vault.
#[derive(Debug, Clone)]
pub struct Texts(Arc<Vault>);

impl Texts {
    /// Of this vault.
    #[must_use]
    pub const fn new(vault: Arc<Vault>) -> Self {
        Self(vault)
    }

    /// The text behind a commitment; empty when it was erased or cannot be read.
    #[must_use]
    pub fn text(&self, commitment: &Digest) -> String {
        match self.0.reveal(commitment) {
            Ok(text) => text.unwrap_or_default(),
            Err(error) => {
                tracing::warn!(%error, "an order's text cannot be shown");
                String::new()
            }
        }
    }
}
