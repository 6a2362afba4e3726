//! Both factors, checked off the network threads with bounded memory; it must tell nobody but its caller what was wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use turret_engine::AccessView;
use turret_shared::event::session::SignInFault;
use turret_shared::event::setup::CredentialKind;
use turret_shared::ids::{CredentialId, DeviceId, UserId};
use turret_shared::secret::SecretText;
use zeroize::Zeroizing;

use super::stretching::stretched;
use super::totp::matched_step;
use crate::replica::names::Names;
use crate::session::states::{Candidate, FailedSignIn, FirstFactor};
use crate::vault::{Password, PasswordId, PasswordMemory, TOTP_SEED_BYTES, Vault, VaultError};

/// Passwords stretched at once: each takes 64 MiB.
pub const STRETCHING_MAX: usize = 2;
/// Passwords waiting for that; beyond it the answer is an honest Busy.
pub const WAITING_MAX: usize = 512;

/// The same for one device, so that nobody fills the queue alone.
pub const WAITING_PER_DEVICE_MAX: u32 = 8;

/// What became of a password.
#[derive(Debug)]
pub enum Tried {
    /// It was looked at.
    Result(FirstFactor),
    /// No room, or no memory: nothing was tried and nothing counts.
    NoRoom,
}

/// What became of a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewed {
    /// The vault has its verifier in this version; an event must name it before it counts.
    Stored(PasswordId),
    /// The one it should take the place of was wrong.
    WrongOld,
    /// It is the one they have.
    Same,
    /// No room, or no memory, or no password to renew: nothing was stored.
    NoRoom,
}

/// One person's password is being changed for as long as this lives.
#[derive(Debug)]
pub struct Changing(Arc<Mutex<BTreeSet<UserId>>>, UserId);

impl Drop for Changing {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

/// Who waits for a password to be stretched.
#[derive(Debug, Default)]
struct Queue {
    all: usize,
    by_device: BTreeMap<DeviceId, u32>,
}

/// Checks factors against the vault.
pub struct Auth {
    vault: Arc<Vault>,
    stretching: Semaphore,
    queue: Mutex<Queue>,
    changing: Arc<Mutex<BTreeSet<UserId>>>,
}

/// A place in the queue for as long as it lives.
struct Place<'a>(&'a Mutex<Queue>, DeviceId);

impl<'a> Place<'a> {
    fn take(queue: &'a Mutex<Queue>, device: DeviceId) -> Option<Self> {
        let mut waiting = queue.lock().unwrap_or_else(PoisonError::into_inner);
        let of_device = waiting.by_device.get(&device).copied().unwrap_or(0);
        if waiting.all >= WAITING_MAX || of_device >= WAITING_PER_DEVICE_MAX {
            return None;
        }
        waiting.all = waiting.all.saturating_add(1);
        waiting.by_device.insert(device, of_device.saturating_add(1));
        Some(Self(queue, device))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.all = waiting.all.saturating_sub(1);
        let left = waiting.by_device.get(&self.1).copied().unwrap_or(0).saturating_sub(1);
        if left == 0 {
            waiting.by_device.remove(&self.1);
        } else {
            waiting.by_device.insert(self.1, left);
        }
    }
}

impl Auth {
    /// With the vault that holds verifiers and seeds.
    #[must_use]
    pub fn new(vault: Arc<Vault>) -> Self {
        Self { vault, stretching: Semaphore::new(STRETCHING_MAX), queue: Mutex::default(), changing: Arc::default() }
    }

    /// The vault behind it.
    #[must_use]
    pub const fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    /// First factor of a sign-in from `device`. Nobody's password, a wrong one and that of someone locked out cost the same.
    pub async fn password(
        &self,
        view: &AccessView,
        names: &Names,
        device: DeviceId,
        locked: bool,
        login: &str,
        password: SecretText,
    ) -> Tried {
        let whose = whose(view, names, device, locked, login);
        let id = whose.as_ref().ok().map(|known| known.password);
        let Some(_place) = Place::take(&self.queue, device) else { return Tried::NoRoom };
        let Ok(_permit) = self.stretching.acquire().await else { return Tried::NoRoom };
        let vault = Arc::clone(&self.vault);
        let checked = stretched(move || check(&vault, id, &password)).await;
        match (checked, whose) {
            (Some(Ok(true)), Ok(known)) => {
                let Known { user, password, totp } = known;
                Tried::Result(FirstFactor(Ok(Candidate { user, credential: totp, password: password.version })))
            }
            (Some(Ok(_)), Ok(known)) => {
                let failed = FailedSignIn { user: Some(known.user), fault: SignInFault::Password };
                Tried::Result(FirstFactor(Err(failed)))
            }
            (Some(Ok(_)), Err(failed)) => Tried::Result(FirstFactor(Err(failed))),
            (Some(Err(error)), _) => {
                tracing::error!(%error, "a password could not be checked");
                Tried::NoRoom
            }
            (None, _) => Tried::NoRoom,
        }
    }

    /// Puts a new password and a new authenticator into the vault, under the two numbers from `first` on; an event must name
    /// them before they count. False: no room, or the numbers are taken; nothing is kept then.
    pub async fn keep_factors(
        &self,
        first: CredentialId,
        user: UserId,
        password: SecretText,
        seed: Zeroizing<[u8; TOTP_SEED_BYTES]>,
    ) -> bool {
        let Ok(_permit) = self.stretching.acquire().await else { return false };
        let (vault, totp) = (Arc::clone(&self.vault), CredentialId(first.0.saturating_add(1)));
        let kept = stretched(move || {
            let mut memory = PasswordMemory::new()?;
            vault.add_password(first, user, &Password::new(&password)?, &mut memory)?;
            let second = vault.add_totp(totp, user, seed.as_slice());
            if second.is_err() {
                vault.drop_factors(&[first])?;
            }
            second
        });
        match kept.await {
            Some(Ok(())) => true,
            Some(Err(error)) => {
                tracing::error!(%error, "new factors could not be kept");
                false
            }
            None => false,
        }
    }

    /// Begins a change of a person's password: one at a time, for the vault must hold what the event will name.
    #[must_use]
    pub fn changing(&self, user: UserId) -> Option<Changing> {
        let first = self.changing.lock().unwrap_or_else(PoisonError::into_inner).insert(user);
        first.then(|| Changing(Arc::clone(&self.changing), user))
    }

    /// Stores a new password that was judged already. Within a session the old one proves it; at a sign-in that was done, and
    /// the new one must be another.
    pub async fn renewed(
        &self,
        view: &AccessView,
        (user, device): (UserId, DeviceId),
        old: Option<SecretText>,
        new: SecretText,
    ) -> Renewed {
        let Some((credential, known)) = view.credential_of(user, CredentialKind::Password) else {
            return Renewed::NoRoom;
        };
        let now = PasswordId { credential, version: known.version };
        let Some(_place) = Place::take(&self.queue, device) else { return Renewed::NoRoom };
        let Ok(_permit) = self.stretching.acquire().await else { return Renewed::NoRoom };
        let vault = Arc::clone(&self.vault);
        let stored = stretched(move || renew(&vault, user, now, old.as_ref(), &new)).await;
        match stored {
            Some(Ok(renewed)) => renewed,
            Some(Err(error)) => {
                tracing::error!(%error, "a password could not be changed");
                Renewed::NoRoom
            }
            None => Renewed::NoRoom,
        }
    }

    /// What counts from now on is durable: the others are forgotten.
    pub async fn settled(&self, id: PasswordId) {
        let vault = Arc::clone(&self.vault);
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || vault.forget_passwords_but(id)).await {
            // It matches nothing an event names; the next change forgets it.
            tracing::error!(%error, "an old password could not be forgotten");
        }
    }

    /// The step a code belongs to, at `now_s` (seconds since 1970 UTC); nobody's code is checked against a decoy.
    pub async fn code_step(&self, credential: Option<CredentialId>, code: &SecretText, now_s: u64) -> Option<u64> {
        let (vault, code) = (Arc::clone(&self.vault), code.clone());
        let found = tokio::task::spawn_blocking(move || {
            let seed = vault.totp_seed(credential)?;
            let bytes = seed.expose().try_into().map_err(|_| VaultError::NotGenuine)?;
            Ok::<_, VaultError>(matched_step(bytes, code.expose(), now_s).filter(|_| seed.is_real()))
        });
        match found.await {
            Ok(Ok(step)) => step,
            Ok(Err(error)) => {
                tracing::error!(%error, "a code could not be checked");
                None
            }
            Err(_) => None,
        }
    }
}

/// Someone whose password may be tried.
struct Known {
    user: UserId,
    password: PasswordId,
    totp: CredentialId,
}

/// Whom a login names, if they may sign in from this device at all.
fn whose(view: &AccessView, names: &Names, device: DeviceId, locked: bool, login: &str) -> Result<Known, FailedSignIn> {
    let user = names.user(login).ok_or(FailedSignIn { user: None, fault: SignInFault::UnknownUser })?;
    let fails = |fault| FailedSignIn { user: Some(user), fault };
    let row = view.device(device).ok_or(fails(SignInFault::Device))?;
    if row.user != user {
        return Err(fails(SignInFault::OtherUsersDevice));
    }
    if locked || !row.is_live() {
        return Err(fails(SignInFault::Device));
    }
    if view.role(user).is_none() {
        return Err(fails(SignInFault::UserDisabled));
    }
    let of = |kind| view.credential_of(user, kind).ok_or(fails(SignInFault::Credential));
    let ((credential, password), (totp, _)) = (of(CredentialKind::Password)?, of(CredentialKind::Totp)?);
    Ok(Known { user, password: PasswordId { credential, version: password.version }, totp })
}

/// One stretching, whoever it is for. The memory goes back to the system afterwards.
fn check(vault: &Vault, id: Option<PasswordId>, password: &SecretText) -> Result<bool, VaultError> {
    let verifier = vault.verifier(id)?;
    let mut memory = PasswordMemory::new()?;
    verifier.check(password, &mut memory)
}

/// Two stretchings: of what is compared, and of what is stored.
fn renew(
    vault: &Vault,
    user: UserId,
    now: PasswordId,
    old: Option<&SecretText>,
    new: &SecretText,
) -> Result<Renewed, VaultError> {
    let mut memory = PasswordMemory::new()?;
    let fits = vault.verifier(Some(now))?.check(old.unwrap_or(new), &mut memory)?;
    match (old, fits) {
        (Some(_), false) => return Ok(Renewed::WrongOld),
        (None, true) => return Ok(Renewed::Same),
        (Some(_), true) | (None, false) => {}
    }
    let next = PasswordId { version: now.version.saturating_add(1), ..now };
    vault.renew_password(next, user, &Password::new(new)?, &mut memory)?;
    Ok(Renewed::Stored(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_device_cannot_fill_the_queue() {
        let queue = Mutex::default();
        let held: Vec<_> = (0..20).map_while(|_| Place::take(&queue, DeviceId(1))).collect();
        assert_eq!(held.len(), 8);
        assert!(Place::take(&queue, DeviceId(2)).is_some());
        drop(held);
        assert!(Place::take(&queue, DeviceId(1)).is_some());
        let all: Vec<_> = (0..2_000).map_while(|n| Place::take(&queue, DeviceId(n))).collect();
        assert_eq!(all.len(), WAITING_MAX);
    }
}
