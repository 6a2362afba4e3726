//! The next key of a name, and what an older one sealed sealed anew behind it while people trade; it must end no key that
//! anything still needs, and leave nothing unfinished that a kill interrupted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use turret_engine::Input;
use turret_shared::entry::{Actor, Origin};
use turret_shared::event::Event;
use turret_shared::event::custody::{KeyRetired, KeyRevoked, KeyRotated};
use turret_shared::ids::CorrelationId;
use turret_shared::time::NS_PER_S;

use super::core::Sealed;
use super::init::Failed;
use super::key_names::KeyName;
use super::opened::vault_keys;
use super::pki;
use crate::audit::Turner;
use crate::clock::{Clock, SystemClock};
use crate::config::Layout;
use crate::keys::{Fresh, KeyState, KeyStore, Purpose};
use crate::random;
use crate::recovery::RecoverySet;
use crate::sequencer::inbox::Inbox;
use crate::vault::Rows;

/// Between two turns at the vault, in milliseconds: others have it meanwhile.
const PAUSE_MS: u64 = 2;

/// How far a rotation is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    /// Rows sealed anew, of so many.
    Under(u64, u64),
    /// The versions up to this one have ended.
    Ended(u32),
    /// It stopped: why. What gave way is retained, and the next start goes on.
    Stopped(String),
}

/// What it works on.
pub(super) struct Parts {
    pub(super) layout: Layout,
    pub(super) keys: Arc<dyn KeyStore>,
    pub(super) sealed: Sealed,
    pub(super) turner: Turner,
    pub(super) inbox: Inbox,
}

/// Changes the keys of a running server.
pub(super) struct Rotator {
    parts: Parts,
    standing: Mutex<BTreeMap<Purpose, Standing>>,
    stopped: AtomicBool,
}

impl Rotator {
    pub(super) fn new(parts: Parts) -> Arc<Self> {
        Arc::new(Self { parts, standing: Mutex::default(), stopped: AtomicBool::new(false) })
    }

    /// Goes on with what the process before did not finish.
    pub(super) fn resume(self: &Arc<Self>) {
        for name in KeyName::ALL.into_iter().filter(|name| name.ends_by_itself() && self.retained(*name).is_some()) {
            tracing::info!(key = name.name(), "a rotation goes on");
            self.mark(name, Standing::Under(0, 0));
            tokio::spawn(Arc::clone(self).finish(name));
        }
    }

    /// Ends soon; the next start goes on.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
    }

    /// Makes the next key of a name: its version. What the one before sealed is sealed anew behind the answer.
    pub(super) async fn rotate(self: &Arc<Self>, name: KeyName, fresh: Option<Fresh>) -> Result<u32, Failed> {
        if name == KeyName::Checkpoint {
            let turner = self.parts.turner.clone();
            return blocking(move || turner.turn().map_err(Failed::from)).await;
        }
        if matches!(self.held().get(&name.purpose()), Some(Standing::Under(..))) {
            return Err(Failed(format!("a rotation of {} is under way", name.name())));
        }
        if name == KeyName::Wrapping && fresh.is_none() && !self.parts.keys.can_go() {
            return Err(Failed("nothing was said to seal the key file under".to_owned()));
        }
        self.mark(name, Standing::Under(0, 0));
        let made = self.make(name, fresh).await;
        match &made {
            Ok(_) if name.ends_by_itself() && name != KeyName::StatelessReset => {
                tokio::spawn(Arc::clone(self).finish(name));
            }
            // Nothing is left to do now.
            _ => drop(self.held().remove(&name.purpose())),
        }
        made
    }

    /// The entry first: no key is in use that the log does not know of.
    async fn make(self: &Arc<Self>, name: KeyName, fresh: Option<Fresh>) -> Result<u32, Failed> {
        let version = self.newest(name).saturating_add(1);
        self.record(Event::KeyRotated(KeyRotated { name: name.name().to_owned(), version })).await?;
        let this = Arc::clone(self);
        blocking(move || {
            let keys = &this.parts.keys;
            let version = match name {
                KeyName::Wrapping => keys.rewrap(fresh, random::system, now_s())?,
                _ => keys.next_key(name.purpose(), random::system, now_s())?,
            };
            this.take_up(name)?;
            Ok(version)
        })
        .await
    }

    /// Gives whoever seals by a key of this name every version that is good for something.
    fn take_up(&self, name: KeyName) -> Result<(), Failed> {
        let Parts { keys, sealed, .. } = &self.parts;
        match name {
            KeyName::Pepper | KeyName::VaultRows => sealed.vault.take_up(vault_keys(keys.as_ref())?),
            KeyName::Snapshot => sealed.snapshots.take_up(keys.versions(Purpose::Snapshot)?),
            // The others ask the store each time.
            _ => {}
        }
        Ok(())
    }

    async fn finish(self: Arc<Self>, name: KeyName) {
        if let Err(Failed(why)) = self.end(name).await {
            tracing::error!(key = name.name(), why, "a rotation is not finished: the next start goes on");
            self.mark(name, Standing::Stopped(why));
        }
    }

    /// Seals anew what is under an older version, and then ends that.
    async fn end(self: &Arc<Self>, name: KeyName) -> Result<(), Failed> {
        let Some(version) = self.retained(name) else {
            self.held().remove(&name.purpose());
            return Ok(());
        };
        let this = Arc::clone(self);
        blocking(move || this.reseal(name)).await?;
        self.record(Event::KeyRetired(KeyRetired { name: name.name().to_owned(), version })).await?;
        let this = Arc::clone(self);
        blocking(move || {
            this.parts.keys.revoke_retained(name.purpose(), random::system, now_s())?;
            this.take_up(name)
        })
        .await?;
        tracing::info!(key = name.name(), version, "nothing needs it any more: it has ended");
        self.mark(name, Standing::Ended(version));
        Ok(())
    }

    fn reseal(&self, name: KeyName) -> Result<(), Failed> {
        let Parts { layout, keys, sealed, .. } = &self.parts;
        match name {
            KeyName::Pepper => self.reseal_rows(name, Rows::Passwords),
            KeyName::VaultRows => self.reseal_rows(name, Rows::Sealed),
            KeyName::Snapshot => Ok(sealed.snapshots.reseal(random::system)?),
            KeyName::Authority => pki::reseal(layout, keys.as_ref()),
            // Each backup carries the keys it was made with.
            KeyName::Backup => match RecoverySet::read(&layout.recovery(), keys.as_ref())? {
                Some(set) => Ok(set.write(&layout.recovery(), keys.as_ref(), random::system)?),
                None => Ok(()),
            },
            // What it made did not outlive the process that made it.
            KeyName::StatelessReset => Ok(()),
            KeyName::Checkpoint | KeyName::Wrapping => Err(Failed("it does not end by itself".to_owned())),
        }
    }

    fn reseal_rows(&self, name: KeyName, rows: Rows) -> Result<(), Failed> {
        let vault = &self.parts.sealed.vault;
        let total = vault.left(rows)?;
        let mut done = 0_u64;
        loop {
            if self.stopped.load(Ordering::Acquire) {
                return Err(Failed("the server stops".to_owned()));
            }
            let count = vault.reseal(rows)?;
            if count == 0 {
                break;
            }
            done = done.saturating_add(count);
            self.mark(name, Standing::Under(done, total));
            std::thread::sleep(Duration::from_millis(PAUSE_MS));
        }
        match vault.left(rows)? {
            0 => Ok(()),
            left => Err(Failed(format!("{left} rows are under an older version"))),
        }
    }

    /// How far a rotation is, for whoever asked for it.
    pub(super) fn progress(&self, name: KeyName) -> String {
        match self.held().get(&name.purpose()) {
            None => "ok: nothing to do".to_owned(),
            Some(Standing::Under(done, total)) => format!("ok: under way {done} of {total}"),
            Some(Standing::Ended(version)) => format!("ok: ended {version}"),
            Some(Standing::Stopped(why)) => format!("no: {why}"),
        }
    }

    /// Ends what gave way, whatever is lost by it: the newest of them.
    pub(super) async fn revoke(self: &Arc<Self>, name: KeyName) -> Result<u32, Failed> {
        let Some(version) = self.retained(name) else { return Err(nothing_gave_way(name)) };
        if name.price().is_none() {
            return Err(Failed(format!(
                "{} version {version} ends by itself, as soon as what it sealed is sealed anew: without it that would be lost",
                name.name()
            )));
        }
        self.record(Event::KeyRevoked(KeyRevoked { name: name.name().to_owned(), version })).await?;
        let this = Arc::clone(self);
        blocking(move || {
            match name {
                KeyName::Checkpoint => drop(this.parts.turner.revoke()?),
                _ => drop(this.parts.keys.revoke_retained(name.purpose(), random::system, now_s())?),
            }
            Ok(version)
        })
        .await
    }

    /// Has the log say it; nothing changes that it does not say.
    pub(super) async fn record(&self, event: Event) -> Result<(), Failed> {
        // Without randomness the id is still one to quote.
        let bits = random::array(random::system).map_or(0, u64::from_le_bytes);
        let origin = Origin::of(Actor::Operator, CorrelationId::from_bits(bits));
        match self.parts.inbox.decided(Input::Note(origin, Box::new(event))).await {
            Ok(decided) if decided.fault.is_none() => Ok(()),
            _ => Err(Failed("it could not be recorded".to_owned())),
        }
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<Purpose, Standing>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mark(&self, name: KeyName, standing: Standing) {
        self.held().insert(name.purpose(), standing);
    }

    /// The newest version of a name, whatever became of it.
    fn newest(&self, name: KeyName) -> u32 {
        let rows = self.parts.keys.rows().into_iter();
        rows.filter(|row| row.name == name.name()).map(|row| row.version).max().unwrap_or(0)
    }

    /// The newest version of a name that gave way and is good for something still.
    fn retained(&self, name: KeyName) -> Option<u32> {
        let gave_way = |state| state == KeyState::Retained;
        let rows = self.parts.keys.rows().into_iter();
        rows.filter(|row| row.name == name.name() && gave_way(row.state)).map(|row| row.version).max()
    }
}

/// Why a name is not revoked.
fn nothing_gave_way(name: KeyName) -> Failed {
    let name = name.name();
    Failed(format!(
        "no version of {name} gave way and is kept: the active one is never revoked, for what it made would be lost with it; rotate {name} first"
    ))
}

fn now_s() -> u64 {
    u64::try_from(SystemClock::new().wall().0 / NS_PER_S).unwrap_or(0)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failed> + Send + 'static) -> Result<T, Failed> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(Failed("it failed".to_owned())))
}
