//! The product's store in a process that dies at a given append, whole or with a planted fault; it must be honest where
//! none is planted.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use turret_server::store::sqlcipher::SqlStore;
use turret_server::store::{AppendError, Batch, Fate, OpenError, ReadError, Reader, Store, Tip};
use turret_shared::entry::Entry;
use turret_shared::event::Event;
use turret_shared::ids::Sequence;

/// Commits between two real syncs of a disk that lies.
const COMMITS_A_SYNC: u32 = 7;

/// What is planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// Nothing.
    Nothing,
    /// It answers first and writes with the next append.
    AnswersFirst,
    /// Its disk forgets what it did not really sync.
    DropsUnsynced,
}

/// When the process dies: where it hurts most, with a new order under way.
#[derive(Debug, Clone, Copy)]
pub struct Death {
    /// Appends that live on at least.
    pub after: u64,
    /// Whether the last one is committed before nobody hears of it.
    pub committed: bool,
}

/// A store that dies.
pub struct MortalStore {
    inner: SqlStore,
    planted: Planted,
    death: Option<Death>,
    held: Option<(u64, Sequence, Batch)>,
    platter: Platter,
    commits: u32,
    exposed: bool,
    is_dead: bool,
}

impl MortalStore {
    /// Wraps the store of the log at `log`; `platter` is a folder for what really is on the disk.
    ///
    /// # Errors
    /// When the platter cannot be written.
    pub fn new(
        inner: SqlStore,
        planted: Planted,
        death: Option<Death>,
        log: &Path,
        platter: &Path,
    ) -> io::Result<Self> {
        let platter = Platter { log: log.to_path_buf(), folder: platter.to_path_buf() };
        platter.sync()?;
        Ok(Self { inner, planted, death, held: None, platter, commits: 0, exposed: false, is_dead: false })
    }

    fn write(&mut self, epoch: u64, expected: Sequence, batch: &Batch) -> Result<(), AppendError> {
        match self.planted {
            Planted::Nothing => self.inner.append(epoch, expected, batch),
            Planted::AnswersFirst => {
                self.flush()?;
                self.held = Some((epoch, expected, batch.clone()));
                Ok(())
            }
            Planted::DropsUnsynced => {
                self.inner.append(epoch, expected, batch)?;
                self.commits = self.commits.wrapping_add(1);
                self.exposed |= takes_an_order(batch);
                if self.commits.is_multiple_of(COMMITS_A_SYNC) {
                    self.platter.sync().map_err(|_| AppendError::Full)?;
                    self.exposed = false;
                }
                Ok(())
            }
        }
    }

    /// Whether dying now leaves a new order behind: answered and not written, or not synced, or written and not routed.
    fn hurts(&self, batch: &Batch) -> bool {
        match (&self.planted, &self.held) {
            (Planted::AnswersFirst, Some((_, _, held))) => takes_an_order(held),
            (Planted::AnswersFirst, None) => false,
            (Planted::DropsUnsynced, _) => self.exposed,
            (Planted::Nothing, _) => takes_an_order(batch),
        }
    }

    fn flush(&mut self) -> Result<(), AppendError> {
        match self.held.take() {
            Some((epoch, expected, batch)) => self.inner.append(epoch, expected, &batch),
            None => Ok(()),
        }
    }
}

fn takes_an_order(batch: &Batch) -> bool {
    batch.entries.iter().any(|row| {
        let event = Entry::from_bytes(batch.entry(row)).ok().and_then(|entry| entry.event().ok());
        matches!(event, Some(Event::OrderNew(_)))
    })
}

impl Drop for MortalStore {
    fn drop(&mut self) {
        if !self.is_dead {
            // In good order nothing is left behind, whatever is planted.
            let _ = self.flush();
            let _ = self.platter.sync();
        }
    }
}

impl Store for MortalStore {
    fn tip(&self) -> &Tip {
        self.inner.tip()
    }

    fn append(&mut self, epoch: u64, expected: Sequence, batch: &Batch) -> Result<(), AppendError> {
        if let Some(death) = self.death {
            if death.after == 0 && self.hurts(batch) {
                self.is_dead = true;
                if death.committed && self.planted == Planted::Nothing {
                    self.write(epoch, expected, batch)?;
                }
                // To the caller it is the end of the process: nothing of it can be told to anyone.
                return Err(AppendError::Superseded { epoch: u64::MAX });
            }
            self.death = Some(Death { after: death.after.saturating_sub(1), ..death });
        }
        self.write(epoch, expected, batch)
    }

    fn fate(&mut self, epoch: u64, expected: Sequence) -> Result<Fate, ReadError> {
        self.inner.fate(epoch, expected)
    }

    fn reader(&self) -> Result<Box<dyn Reader>, OpenError> {
        self.inner.reader()
    }
}

/// What a power loss would leave of the log's files.
#[derive(Debug, Clone)]
pub struct Platter {
    /// The log's database.
    pub log: PathBuf,
    /// Where its true content is kept.
    pub folder: PathBuf,
}

impl Platter {
    fn files(&self) -> [(PathBuf, PathBuf); 2] {
        ["", "-wal"].map(|end| {
            let mut path = self.log.as_os_str().to_owned();
            path.push(end);
            (PathBuf::from(path), self.folder.join(format!("log{end}")))
        })
    }

    fn sync(&self) -> io::Result<()> {
        self.files().iter().try_for_each(|(file, kept)| put(file, kept))
    }

    /// Power is lost: the files are what was really written.
    ///
    /// # Errors
    /// When they cannot be put back.
    pub fn lose_power(&self) -> io::Result<()> {
        let mut index = self.log.as_os_str().to_owned();
        index.push("-shm");
        remove(Path::new(&index))?;
        self.files().iter().try_for_each(|(file, kept)| put(kept, file))
    }
}

/// The second file becomes as the first is, gone included.
fn put(from: &Path, to: &Path) -> io::Result<()> {
    if from.exists() { fs::copy(from, to).map(drop) } else { remove(to) }
}

fn remove(path: &Path) -> io::Result<()> {
    if path.exists() { fs::remove_file(path) } else { Ok(()) }
}
