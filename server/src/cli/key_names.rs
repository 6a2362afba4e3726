//! What operators call the keys that can be changed, and what revoking one would cost; it must hold no key.

use crate::keys::Purpose;

/// A key that can be rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum KeyName {
    /// What signs checkpoints: the old key names the new one, and signs beside it for 30 days.
    Checkpoint,
    /// What the key file is sealed under: the passphrase with a new salt (or a new passphrase), or the next key of the token.
    Wrapping,
    /// What password verifiers are encrypted with.
    Pepper,
    /// What wraps the subjects' keys in the vault and seals its seeds and shares.
    VaultRows,
    /// What wraps the keys of backups.
    Backup,
    /// What snapshots of the state are sealed under.
    Snapshot,
    /// What the private keys in `pki/` are sealed under.
    Authority,
    /// What connections are reset with; from the next start on.
    StatelessReset,
}

impl KeyName {
    /// All of them.
    pub(super) const ALL: [Self; 8] = [
        Self::Checkpoint,
        Self::Wrapping,
        Self::Pepper,
        Self::VaultRows,
        Self::Backup,
        Self::Snapshot,
        Self::Authority,
        Self::StatelessReset,
    ];

    /// What its keys are for.
    pub(super) const fn purpose(self) -> Purpose {
        match self {
            Self::Checkpoint => Purpose::Checkpoint,
            Self::Wrapping => Purpose::Wrapping,
            Self::Pepper => Purpose::Pepper,
            Self::VaultRows => Purpose::VaultRows,
            Self::Backup => Purpose::Backup,
            Self::Snapshot => Purpose::Snapshot,
            Self::Authority => Purpose::Authority,
            Self::StatelessReset => Purpose::StatelessReset,
        }
    }

    /// A word of ours.
    pub(super) const fn name(self) -> &'static str {
        self.purpose().name()
    }

    /// Whose name this is.
    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// True where a version that gave way ends by itself, as soon as what it sealed is sealed anew.
    pub(super) const fn ends_by_itself(self) -> bool {
        !matches!(self, Self::Checkpoint | Self::Wrapping)
    }

    /// What revoking costs; `None` where there is nothing to revoke by hand.
    pub(super) const fn price(self) -> Option<&'static str> {
        match self {
            Self::Checkpoint => Some(
                "From now on the newest key signs alone: whoever verifies new checkpoints or tiles by an older one, as a witness may, is refused until they have the new one. What is signed stays good.",
            ),
            Self::Wrapping => Some(
                "The older keys are destroyed in the token: a backup that was made under one opens by recovery shares alone, and one that has none opens no more.",
            ),
            _ => None,
        }
    }
}
