//! What a second sign-in takes beyond the derivation of keys: a kept desk opened, read, taken in and drawn; it must use the real cache.

use std::path::Path;

use serde_json::{Value, json};
use turret_client::app::kept::{Kept, Rows};
use turret_client::app::{Msg, update};
use turret_client::cache::{self, CacheError, Keeper, Opened, Owner, Place};
use turret_server::random;
use turret_server::vault::{Password, PasswordId, PasswordMemory, Vault};
use turret_shared::ids::{CredentialId, DeviceId, EntitlementVersion, Sequence, UserId};
use turret_shared::role::Role;
use turret_shared::secret::{SecretKey, SecretText};
use turret_shared::wire::control::CacheGrant;
use turret_shared::wire::feed::{FeedItem, FeedMessage};

use super::ceiling_client::Broken;
use super::clock::Stopwatch;
use super::figures::{median, rounded};
use crate::station::{at, names, nth, picture, signed_in, user};

/// Orders of the desk.
const ORDERS: u32 = 50_000;
/// Orders in one message of the feed, about what a frame of the wire holds.
const ROWS_IN_A_MESSAGE: u32 = 250;
/// Sign-ins measured.
const ROUNDS: usize = 9;
const PASSWORD: &str = "a password for measuring only";
const RIGHTS: EntitlementVersion = EntitlementVersion(1);

/// One device and what a server would grant it.
struct Device<'a> {
    folder: &'a Path,
    owner: Owner,
    grant: CacheGrant,
}

impl<'a> Device<'a> {
    fn new(folder: &'a Path) -> Self {
        let owner = Owner { origin: "load".into(), user: UserId(1), device: DeviceId(1) };
        let share = SecretKey::new([7; 32]);
        Self { folder, owner, grant: CacheGrant { share, generation: 0, device: DeviceId(1), rights: RIGHTS } }
    }

    /// Milliseconds the client stretches, and the cache with the milliseconds it took to open.
    fn open(&self) -> Result<(f64, f64, Opened<Rows>), CacheError> {
        let place = Place::of(self.folder, &self.owner.origin, "ann.lee");
        let watch = Stopwatch::start();
        let prepared = cache::prepare(place, &password())?;
        let stretched = watch.seconds() * 1_000.0;
        let watch = Stopwatch::start();
        // A disk that fails shows in what comes back at the next opening.
        let opened =
            cache::open(&prepared, &self.grant, &self.owner, Rows::of(&user(1, "ann.lee", Role::Broker)), drop)?;
        Ok((stretched, watch.seconds() * 1_000.0, opened))
    }
}

fn password() -> SecretText {
    SecretText::new(PASSWORD.to_owned())
}

/// Everything measured, and the whole over what both ends derive at the same time.
///
/// # Errors
/// When the cache or the vault cannot be made.
pub async fn measure() -> Result<Value, Broken> {
    let folder = tempfile::tempdir()?;
    let derivation = median(&server_derivations(folder.path())?);
    let mut device = Device::new(folder.path());
    let (_, _, opened) = device.open()?;
    fill(&opened.keeper);
    device.grant.generation = opened.keeper.finish().await.ok_or("the cache was not closed in time")?;
    let (mut stretched, mut opening, mut showing) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (stretch_ms, open_ms, opened) = device.open()?;
        let Opened { keeper, rows, had, .. } = opened;
        let mut model = signed_in(Role::Broker, (200, 50), false);
        let watch = Stopwatch::start();
        update(&mut model, Msg::Kept(Box::new(Kept { rows, through: had.have, ..Kept::default() })), at(1));
        let drawn = picture(&model);
        showing.push(watch.seconds() * 1_000.0);
        if model.orders.len() != ORDERS as usize || drawn.is_empty() {
            return Err("the blotter is not full".into());
        }
        stretched.push(stretch_ms);
        opening.push(open_ms);
        device.grant.generation = keeper.finish().await.ok_or("the cache was not closed in time")?;
    }
    // Both ends stretch at the same time.
    let derived = derivation.max(median(&stretched));
    let rest = median(&opening) + median(&showing);
    Ok(json!({"second_sign_in": {
        "orders": ORDERS,
        "key_derivation_ms": rounded(derived),
        "client_derivation_ms": rounded(median(&stretched)),
        "open_ms": rounded(median(&opening)),
        "show_ms": rounded(median(&showing)),
        "over_key_derivation": rounded((derived + rest) / derived),
    }}))
}

/// What the server takes to check a password, in milliseconds.
fn server_derivations(folder: &Path) -> Result<Vec<f64>, Broken> {
    let vault =
        Vault::open(&folder.join("vault.db"), &SecretKey::new([1; 32]), &SecretKey::new([2; 32]), random::system)?;
    let credential = CredentialId(1);
    vault.add_password(credential, UserId(1), &Password::new(&password())?, &mut PasswordMemory::new()?)?;
    let verifier = vault.verifier(Some(PasswordId { credential, version: 1 }))?;
    let mut taken = Vec::new();
    for _ in 0..ROUNDS {
        let watch = Stopwatch::start();
        // As the server does it: the memory is taken for each check.
        let right = verifier.check(&password(), &mut PasswordMemory::new()?)?;
        taken.push(watch.seconds() * 1_000.0);
        if !right {
            return Err("the password is not the one".into());
        }
    }
    Ok(taken)
}

/// A desk's first sign-in, as its feed tells it.
fn fill(keeper: &Keeper) {
    let message = |items, rights| FeedMessage { through: Sequence(u64::from(ORDERS)), items, rights };
    let mut items = vec![FeedItem::SnapshotBegin];
    items.extend(names());
    keeper.feed(&message(items, None));
    for first in (1..=ORDERS).step_by(ROWS_IN_A_MESSAGE as usize) {
        let last = first.saturating_add(ROWS_IN_A_MESSAGE).min(ORDERS.saturating_add(1));
        let items = (first..last).map(|n| FeedItem::Order(Box::new(nth(n)))).collect();
        keeper.feed(&message(items, None));
    }
    keeper.feed(&message(vec![FeedItem::SnapshotEnd], Some(RIGHTS)));
}
