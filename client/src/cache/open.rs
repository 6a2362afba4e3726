//! From a password and the server's grant to an open cache, or to a fresh one; it must show nothing it cannot vouch for.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use turret_shared::secret::{SecretKey, SecretText};
use turret_shared::wire::control::CacheGrant;
use turret_shared::wire::feed::FeedItem;
use zeroize::Zeroizing;

use super::anchor::Anchor;
use super::error::{CacheError, Rebuilt};
use super::keeper::Keeper;
use super::limits::SLOTS_BYTES_MAX;
use super::place::Place;
use super::read::{Rows, Shelf};
use super::slots::{Owner, Slots, Stretched};
use super::store::{Sent, Store};
use super::{CHECKPOINT, DRAFTS, LAYOUT};
use crate::link::Had;

/// What can be done before the server has said anything.
#[derive(Debug)]
pub struct Prepared {
    place: Place,
    password: SecretText,
    stretched: Stretched,
}

impl Prepared {
    /// Stretched anew, if the slots that lie there now have another salt: another window has made them since. To be called
    /// once nobody else can.
    fn again(&self) -> Result<Option<Stretched>, CacheError> {
        let salt = read_slots(&self.place.slots())?.and_then(|slots| slots.salt());
        let other = salt.filter(|salt| !self.stretched.is_with(salt));
        other.map(|salt| Stretched::of(&self.password, Some(salt)).map_err(|_| CacheError::Key)).transpose()
    }
}

/// An open cache, and what was in it.
#[derive(Debug)]
pub struct Opened<S = Vec<FeedItem>> {
    /// Takes what is to be kept from now on.
    pub keeper: Keeper,
    /// The generation that is durable now: to be told to the server.
    pub generation: u64,
    /// Where the feed goes on.
    pub had: Had,
    /// Every row, put on the shelf while it was read; as good as new when there is nothing to go on from.
    pub rows: S,
    /// Drafts as they were handed over.
    pub drafts: Option<Zeroizing<Vec<u8>>>,
    /// The newest checkpoint this device saw.
    pub anchor: Option<Anchor>,
    /// The blotter as it was arranged, for whoever knows its form.
    pub layout: Option<Zeroizing<Vec<u8>>>,
    /// What was sent and not known to be answered, oldest first.
    pub outbox: Vec<Sent>,
    /// Why nothing of what was kept is shown, where there was something.
    pub rebuilt: Option<Rebuilt>,
}

/// Stretches the password with the salt that lies there; some 30 ms of one core.
///
/// # Errors
/// [`CacheError::Key`].
pub fn prepare(place: Place, password: &SecretText) -> Result<Prepared, CacheError> {
    // What cannot be read now is looked at again once it is held.
    let salt = read_slots(&place.slots()).ok().flatten().and_then(|slots| slots.salt());
    let stretched = Stretched::of(password, salt).map_err(|_| CacheError::Key)?;
    Ok(Prepared { place, password: password.clone(), stretched })
}

/// Opens the cache. What cannot be vouched for is thrown away and made anew, and `rebuilt` says why.
///
/// # Errors
/// [`CacheError`]: the session runs without one, and what was kept stays as it is.
pub fn open<S: Shelf>(
    prepared: &Prepared,
    grant: &CacheGrant,
    owner: &Owner,
    shelf: S,
    fault: impl FnOnce(CacheError) + Send + 'static,
) -> Result<Opened<S>, CacheError> {
    let place = &prepared.place;
    let held = place.hold()?;
    let again = prepared.again()?;
    let stretched = again.as_ref().unwrap_or(&prepared.stretched);
    let (found, rebuilt) = match existing(place, stretched, grant, owner, shelf) {
        Ok(found) => (found, None),
        Err(Unusable::Because(why)) => (made(place, stretched, grant, owner)?, Some(why)),
        Err(Unusable::Now(error)) => return Err(error),
        Err(Unusable::NotThere) => (made(place, stretched, grant, owner)?, None),
    };
    let rebuilt = rebuilt.or(found.rebuilt);
    let generation = found.generation.max(grant.generation).saturating_add(1);
    found.store.set_generation(generation)?;
    let Found { store, had, rows, drafts, layout, anchor, outbox, .. } = found;
    let keeper = Keeper::start(store, held, generation, fault)?;
    Ok(Opened { keeper, generation, had, rows, drafts, layout, anchor, outbox, rebuilt })
}

/// Locks what is kept with another password: the key stays what it is and is wrapped anew, whole or not at all. What cannot be
/// unlocked with the old one is left alone; the next sign-in makes it anew.
///
/// # Errors
/// [`CacheError::Key`], and when the slots cannot be written.
pub fn rewrap(prepared: &Prepared, new: &SecretText, grant: &CacheGrant, owner: &Owner) -> Result<(), CacheError> {
    let place = &prepared.place;
    let slots = read_slots(&place.slots())?.ok_or(CacheError::Key)?;
    let again = prepared.again()?;
    let old = again.as_ref().unwrap_or(&prepared.stretched);
    let key = slots.unwrap(old, &grant.share, owner).map_err(|_| CacheError::Key)?;
    let stretched = Stretched::of(new, None).map_err(|_| CacheError::Key)?;
    let slots = Slots::wrap(&key, &stretched, &grant.share, owner).map_err(|_| CacheError::Key)?;
    Ok(place.write_slots(&slots.to_bytes())?)
}

/// A store with what was read from it.
struct Found<S> {
    store: Store,
    generation: u64,
    had: Had,
    rows: S,
    drafts: Option<Zeroizing<Vec<u8>>>,
    anchor: Option<Anchor>,
    layout: Option<Zeroizing<Vec<u8>>>,
    outbox: Vec<Sent>,
    rebuilt: Option<Rebuilt>,
}

enum Unusable {
    NotThere,
    Because(Rebuilt),
    /// It may be good: it cannot be got at.
    Now(CacheError),
}

impl From<CacheError> for Unusable {
    fn from(error: CacheError) -> Self {
        if error.is_damage() { Self::Because(Rebuilt::Damaged) } else { Self::Now(error) }
    }
}

/// `None` for what is not there or is none.
fn read_slots(path: &Path) -> io::Result<Option<Slots>> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(SLOTS_BYTES_MAX.saturating_add(1)).read_to_end(&mut bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Slots::from_bytes(&bytes))
}

fn existing<S: Shelf>(
    place: &Place,
    stretched: &Stretched,
    grant: &CacheGrant,
    owner: &Owner,
    shelf: S,
) -> Result<Found<S>, Unusable> {
    let damaged = Unusable::Because(Rebuilt::Damaged);
    let (slots, database) = (place.slots(), place.database());
    let is_there = |path: &Path| path.try_exists().map_err(CacheError::from);
    match (is_there(&slots)?, is_there(&database)?) {
        (false, false) => return Err(Unusable::NotThere),
        (true, true) => {}
        _ => return Err(damaged),
    }
    let Some(slots) = read_slots(&slots).map_err(CacheError::from)? else { return Err(damaged) };
    let key = slots.unwrap(stretched, &grant.share, owner).map_err(|_| Unusable::Because(Rebuilt::Foreign))?;
    let mut store = Store::open(&database, &key)?;
    let Some(standing) = store.standing()? else { return Err(damaged) };
    if standing.generation < grant.generation {
        return Err(Unusable::Because(Rebuilt::RolledBack));
    }
    let Some(outbox) = store.outbox()? else { return Err(damaged) };
    let drafts = store.blob(DRAFTS)?;
    let anchor = store.blob(CHECKPOINT)?.and_then(|bytes| Anchor::from_bytes(&bytes));
    let layout = store.blob(LAYOUT)?;
    let generation = standing.generation;
    let mut found = Found {
        store,
        generation,
        had: Had::default(),
        rows: S::default(),
        drafts,
        layout,
        anchor,
        outbox,
        rebuilt: None,
    };
    let Some(have) = standing.have else {
        // Half a snapshot.
        found.store.purge()?;
        return Ok(found);
    };
    if standing.rights != Some(grant.rights) {
        found.store.purge()?;
        found.rebuilt = Some(Rebuilt::RightsChanged);
        return Ok(found);
    }
    let rows = if standing.of_this_program { found.store.rows(shelf)? } else { Rows::TooMany };
    match rows {
        Rows::Whole(rows) => {
            found.rows = rows;
            found.had = Had { have: Some(have), rights: standing.rights };
        }
        Rows::TooMany => found.store.purge()?,
        Rows::Strange => return Err(damaged),
    }
    Ok(found)
}

/// An empty cache under a fresh key.
fn made<S: Shelf>(
    place: &Place,
    stretched: &Stretched,
    grant: &CacheGrant,
    owner: &Owner,
) -> Result<Found<S>, CacheError> {
    place.clear()?;
    let mut bits = Zeroizing::new([0; 32]);
    getrandom::fill(bits.as_mut()).map_err(|_| CacheError::Key)?;
    let key = SecretKey::new(*bits);
    let store = Store::create(&place.make_database()?, &key, grant.generation)?;
    // Last: a database without its slots is damage, slots without their database too.
    let slots = Slots::wrap(&key, stretched, &grant.share, owner).map_err(|_| CacheError::Key)?;
    place.write_slots(&slots.to_bytes())?;
    Ok(Found {
        store,
        generation: grant.generation,
        had: Had::default(),
        rows: S::default(),
        drafts: None,
        anchor: None,
        layout: None,
        outbox: Vec::new(),
        rebuilt: None,
    })
}
