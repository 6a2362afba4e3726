//! What keys are for, how each stands and what may be said of it; it must hold no key.

/// What a key is for; the numbers stand in key files and are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Purpose {
    /// Encrypts the log's database and its checkpoints.
    Database = 1,
    /// Encrypts the vault and wraps the subjects' keys in it.
    Vault = 2,
    /// Encrypts password verifiers.
    Pepper = 3,
    /// Seals snapshots.
    Snapshot = 4,
    /// Encrypts the projections' database.
    Projections = 5,
    /// Seals the private key of the certificate authority and other PEM files in custody.
    Authority = 6,
    /// Keys QUIC stateless resets.
    StatelessReset = 8,
    /// Signs checkpoints (ed25519 seed); never handed out.
    Checkpoint = 10,
    /// Wraps the keys of backups, and seals what is known of the recovery shares.
    Backup = 11,
    /// The public half of a key that signed checkpoints and is gone with its token: what it signed is verified by it.
    GoneCheckpoint = 12,
    /// Wraps the subjects' keys in the vault, and seals its seeds and shares.
    VaultRows = 13,
    /// What the key file itself is sealed under: of it the store keeps version, state and dates, and no key.
    Wrapping = 14,
}

impl Purpose {
    /// Every purpose a key file must hold.
    pub const ALL: [Self; 10] = [
        Self::Database,
        Self::Vault,
        Self::Pepper,
        Self::Snapshot,
        Self::Projections,
        Self::Authority,
        Self::StatelessReset,
        Self::Checkpoint,
        Self::Backup,
        Self::VaultRows,
    ];

    /// What people call its keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Vault => "vault",
            Self::Pepper => "pepper",
            Self::Snapshot => "snapshot",
            Self::Projections => "projections",
            Self::Authority => "authority",
            Self::StatelessReset => "stateless-reset",
            Self::Checkpoint | Self::GoneCheckpoint => "checkpoint",
            Self::Backup => "backup",
            Self::VaultRows => "vault-rows",
            Self::Wrapping => "wrapping",
        }
    }

    /// Numbers of keys that older files hold and nothing uses any more.
    pub(super) const GIVEN_UP: [u8; 2] = [7, 9];

    /// The purpose of a number in a key file.
    pub(super) fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().chain([Self::GoneCheckpoint, Self::Wrapping]).find(|purpose| *purpose as u8 == number)
    }
}

/// How a key stands; the numbers stand in key files and are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum KeyState {
    /// What is made is made with it.
    Active = 1,
    /// What was made with it is read with it.
    Retained = 2,
    /// Good for nothing any more.
    Revoked = 3,
}

impl KeyState {
    /// A word of ours.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retained => "retained",
            Self::Revoked => "revoked",
        }
    }

    pub(super) fn of(number: u8) -> Option<Self> {
        [Self::Active, Self::Retained, Self::Revoked].into_iter().find(|state| *state as u8 == number)
    }
}

/// The public half of a key that signs checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointPublic {
    /// The how many-th, from 1.
    pub version: u32,
    /// The key.
    pub public: [u8; 32],
    /// How it stands.
    pub state: KeyState,
    /// Since when, in seconds since 1970 UTC.
    pub changed_s: u64,
    /// True of one that was lost with its token: it signed under the origins before, and under no later one.
    pub gone: bool,
}

/// What may be said of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRow {
    /// What people call it.
    pub name: &'static str,
    /// Where it is: true of one that never leaves a token.
    pub in_token: bool,
    /// The how many-th of its name, from 1.
    pub version: u32,
    /// How it stands.
    pub state: KeyState,
    /// Made then, in seconds since 1970 UTC; 0 where nobody wrote it down.
    pub made_s: u64,
    /// In this state since then.
    pub changed_s: u64,
}
