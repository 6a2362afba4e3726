//! What an operator did, recorded: by the server that runs, or in the log itself where none does; it must record nothing else.

use std::io;
use std::sync::Arc;

use turret_shared::event::Event;
use turret_shared::time::NS_PER_S;

use super::init::Failed;
use super::opened::{Opened, restore};
use crate::audit::Evidence;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Layout};
use crate::keys::KeyStore;
use crate::sequencer::commit::Commits;
use crate::sequencer::disk::DiskReserve;
use crate::sequencer::setup;
use crate::store::Store;

/// Has the log say it.
pub(super) fn record(layout: &Layout, config: &Config, keys: &Arc<dyn KeyStore>, event: Event) -> Result<(), Failed> {
    #[cfg(unix)]
    match super::control::ask(layout, keys.as_ref(), &super::control::to_record(&event)) {
        Ok(answer) if answer.starts_with("ok: ") => return Ok(()),
        Ok(answer) => {
            let why = answer.strip_prefix("no: ").unwrap_or("it gave no answer");
            return Err(Failed(format!("the server that runs did not record it: {why}")));
        }
        // Nobody is there to ask.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {}
        Err(error) => return Err(Failed(format!("the server that runs was not asked: {error}"))),
    }
    let evidence = Evidence::open(&layout.checkpoints(), &config.origin, Arc::clone(keys))?;
    let opened = Opened::open(layout, keys.as_ref())?;
    evidence.refuse_rollback(opened.store.reader()?.as_mut())?;
    append(layout, config, opened, vec![event])?.sign(&evidence)
}

/// A log that was written to and is closed again.
pub(super) struct Appended {
    size: u64,
    reader: Box<dyn crate::store::Reader>,
}

impl Appended {
    /// Signs it as it stands.
    pub(super) fn sign(mut self, evidence: &Evidence) -> Result<(), Failed> {
        let root = self.reader.frontier_at(self.size)?.root();
        let now_s = u64::try_from(SystemClock::new().wall().0 / NS_PER_S).unwrap_or(0);
        evidence.sign(self.size, root, now_s)?;
        Ok(())
    }
}

/// Appends facts to a log that no server writes to.
pub(super) fn append(layout: &Layout, config: &Config, opened: Opened, facts: Vec<Event>) -> Result<Appended, Failed> {
    let (folded, _) = restore(&opened)?;
    let mut state = folded.state;
    let now = SystemClock::new().wall();
    let (reader, after) = (opened.store.reader()?, opened.store.reader()?);
    let mut commits = Commits::new(Box::new(opened.store), reader);
    let mut reserve = DiskReserve::lay(layout.reserve(), config.limits.disk_reserve_mib);
    setup::record(&mut state, &mut commits, &mut reserve, now, facts)?;
    Ok(Appended { size: commits.assembly.next().0, reader: after })
}
