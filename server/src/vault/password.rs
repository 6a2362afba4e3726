//! Checking a password, a pure function given its memory; it must not look anything up.

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;
use turret_shared::limits::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};
use turret_shared::secret::SecretText;
use zeroize::{Zeroize, Zeroizing};

use super::VaultError;

/// What stretching costs now: 64 MiB, three passes, one lane.
pub(super) const COST: Cost = Cost { memory_kib: 64 * 1024, passes: 3 };
/// Bytes of a verifier's salt.
pub(super) const SALT_BYTES: usize = 16;

/// What stretching a password costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
}

/// A new password of acceptable length.
pub struct Password<'a>(&'a SecretText);

impl<'a> Password<'a> {
    /// Checks the length.
    ///
    /// # Errors
    /// [`VaultError::Unfit`] when it is shorter or longer than the limits.
    pub fn new(text: &'a SecretText) -> Result<Self, VaultError> {
        match text.expose().chars().count() {
            PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX => Ok(Self(text)),
            _ => Err(VaultError::Unfit("a password has 12 to 128 characters")),
        }
    }

    pub(super) const fn text(&self) -> &SecretText {
        self.0
    }
}

/// The memory one check works in; keep as few of these as checks may run at once. Wiped when dropped.
pub struct PasswordMemory(Vec<Block>);

impl PasswordMemory {
    /// Takes 64 MiB.
    ///
    /// # Errors
    /// [`VaultError::Memory`] when there is not that much.
    pub fn new() -> Result<Self, VaultError> {
        let mut blocks = Vec::new();
        let count = params(COST)?.block_count();
        blocks.try_reserve_exact(count).map_err(|_| VaultError::Memory)?;
        blocks.resize(count, Block::default());
        Ok(Self(blocks))
    }
}

impl Drop for PasswordMemory {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(Zeroize::zeroize);
    }
}

impl fmt::Debug for PasswordMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<password memory>")
    }
}

/// What a password is compared with: of a real credential, or of none and at the same cost.
pub struct Verifier {
    pub(super) cost: Cost,
    pub(super) salt: [u8; SALT_BYTES],
    pub(super) expected: Zeroizing<[u8; 32]>,
    /// False for the decoy, which nothing matches.
    pub(super) real: bool,
}

impl Verifier {
    /// Whether the password is the one; takes the same time whoever asks and whatever is wrong.
    ///
    /// # Errors
    /// [`VaultError::Memory`] when the cost recorded exceeds the memory given.
    pub fn check(&self, password: &SecretText, memory: &mut PasswordMemory) -> Result<bool, VaultError> {
        let found = stretch(password, self.cost, &self.salt, memory)?;
        let equal = found.as_slice().ct_eq(self.expected.as_slice());
        Ok(bool::from(equal & subtle::Choice::from(u8::from(self.real))))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<verifier>")
    }
}

pub(super) fn stretch(
    password: &SecretText,
    cost: Cost,
    salt: &[u8; SALT_BYTES],
    memory: &mut PasswordMemory,
) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let mut out = Zeroizing::new([0u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params(cost)?)
        .hash_password_into_with_memory(password.expose().as_bytes(), salt, out.as_mut(), memory.0.as_mut_slice())
        .map_err(|_| VaultError::Memory)?;
    Ok(out)
}

fn params(cost: Cost) -> Result<Params, VaultError> {
    Params::new(cost.memory_kib, cost.passes, 1, Some(32)).map_err(|_| VaultError::NotGenuine)
}
