//! `turretd backup`: one sealed file with all a desk needs to start again, of a desk that runs or stands still; it must change
//! nothing but for the entry that says so.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use turret_disk::private;
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::custody::BackupMade;
use turret_shared::secret::SecretKey;
use turret_shared::time::NS_PER_S;

use super::custody::{self, Stamp, Unlock};
use super::init::{Failed, failed};
use super::moving;
use super::record::record;
use crate::audit::Evidence;
use crate::backup::{BackupError, Copying, Header, Place, Sealing, Writing, write_header, write_length};
use crate::clock::{Clock, SystemClock};
use crate::config::{CONFIG_FILE, Config, Keys, Layout};
use crate::keys::{KeyStore, Purpose};
use crate::random;
use crate::recovery::RecoverySet;
use crate::store::Reader;
use crate::store::sqlcipher::SqlReader;

/// What keys can leave the store are called within a backup.
pub(super) const RING: &str = "ring";
/// Where a database is copied to, within the data directory, for the time of a backup.
const COPY_FILE: &str = "backup-copy.db";
/// Bytes hashed at once.
const HASH_BYTES: usize = 256 * 1024;

/// Arguments of `turretd backup`.
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// Directory made by `turretd init`.
    #[arg(long)]
    data: PathBuf,
    /// The file to make; it is never overwritten.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// What opens the key store.
    #[command(flatten)]
    unlock: Unlock,
}

/// Runs it.
#[must_use]
pub fn run(args: &BackupArgs) -> ExitCode {
    match backup(args) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(Failed(text)) => super::fail(&text),
    }
}

fn backup(args: &BackupArgs) -> Result<String, Failed> {
    let layout = Layout::new(args.data.clone());
    let config = moving::config(layout.data())?;
    let stamp = Stamp::of(&layout)?;
    let keys = custody::open(&layout, &config.keys, &args.unlock)?;
    if args.to.exists() {
        return Err(BackupError::Exists(args.to.clone()).into());
    }
    let mut partial = args.to.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Partial::make(PathBuf::from(partial))?;
    if !layout.signed().exists() {
        // Of a desk that never served.
        Evidence::open(&layout.checkpoints(), &config.origin, Arc::clone(&keys))?;
    }
    let (made, set) = write(&partial, &layout, &config, keys.as_ref(), &stamp)?;
    stamp.still_holds(&layout)?;
    // Before the file has its name: none leaves without an entry.
    record(&layout, &config, &keys, Event::BackupMade(made.clone()))?;
    partial.become_whole(&args.to)?;
    let opened = match set {
        Some(set) => format!("{} of the {} recovery shares of set {:08X}", set.threshold, set.shares, set.set),
        None => "nothing else: hold a ceremony (turretd keys ceremony) and make another".to_owned(),
    };
    let BackupMade { bytes, digest, entries, .. } = made;
    let path = args.to.display();
    Ok(format!("{path}: {entries} entries, {bytes} bytes\nsha256 {digest}\nopened by the key store, and by {opened}\n"))
}

/// A file that has not its name yet; what is left of it when dropped is taken away.
struct Partial {
    path: PathBuf,
    whole: bool,
}

impl Partial {
    fn make(path: PathBuf) -> Result<Self, Failed> {
        let made = private::open(OpenOptions::new().write(true).create_new(true), &path);
        made.map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Failed(format!("{} is there: another backup runs, or one was cut off; remove it", path.display()))
            }
            _ => failed(path.display())(error),
        })?;
        Ok(Self { path, whole: false })
    }

    fn become_whole(mut self, to: &Path) -> Result<(), Failed> {
        // A second name overwrites nothing; where a file system knows none, it is looked at before.
        match fs::hard_link(&self.path, to) {
            Ok(()) => drop(fs::remove_file(&self.path)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists || to.exists() => {
                return Err(BackupError::Exists(to.to_owned()).into());
            }
            Err(_) => fs::rename(&self.path, to).map_err(failed(to.display()))?,
        }
        self.whole = true;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        private::sync_folder(folder).map_err(failed(folder.display()))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.whole {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Every database as it stands at one moment.
struct Moment {
    signed: Copying,
    log: Copying,
    vault: Copying,
}

impl Moment {
    fn now(layout: &Layout, keys: &dyn KeyStore) -> Result<Self, Failed> {
        let database = keys.key(Purpose::Database)?;
        // In this order: no checkpoint is of entries that the log's copy lacks, and nothing the log speaks of lacks its row.
        let signed = Copying::begin(&layout.signed(), &database)?;
        let log = Copying::begin(&layout.log(), &database)?;
        let vault = Copying::begin(&layout.vault(), &keys.key(Purpose::Vault)?)?;
        Ok(Self { signed, log, vault })
    }
}

fn write(
    partial: &Partial,
    layout: &Layout,
    config: &Config,
    keys: &dyn KeyStore,
    stamp: &Stamp,
) -> Result<(BackupMade, Option<RecoverySet>), Failed> {
    let moment = Moment::now(layout, keys)?;
    let copy = layout.data().join(COPY_FILE);
    // Left by one that was cut off.
    let _ = fs::remove_file(&copy);
    let log = moment.log.write(&copy)?;
    let entries = SqlReader::open(log.path(), &keys.key(Purpose::Database)?)?.size()?;

    let data = SecretKey::new(random::array(random::system)?);
    let set = RecoverySet::read(&layout.recovery(), keys)?;
    let header = header(config, keys, stamp, &data, set.clone(), entries)?;
    let said = failed(partial.path.display());
    let wrong = |error: std::io::Error| Failed(format!("{}: {error}", partial.path.display()));
    let file = OpenOptions::new().read(true).write(true).open(&partial.path).map_err(said)?;
    let mut out = BufWriter::new(file);
    let bound = write_header(&mut out, &header).map_err(wrong)?;

    let mut pieces = Writing::new(Sealing::new(out, &data, bound));
    pieces.bytes(RING, &keys.exported().to_bytes()).map_err(wrong)?;
    for name in files(layout)? {
        pieces.file(&name, &layout.data().join(&name)).map_err(failed(&name))?;
    }
    pieces.file("log.db", log.path()).map_err(wrong)?;
    drop(log);
    for (name, database) in [("vault.db", moment.vault), ("checkpoints/signed.db", moment.signed)] {
        let copied = database.write(&copy)?;
        pieces.file(name, copied.path()).map_err(wrong)?;
    }
    let out = pieces.finish().and_then(Sealing::finish).map_err(wrong)?;
    let mut file = out.into_inner().map_err(|error| wrong(error.into_error()))?;
    let (bytes, digest) = seal_length(&mut file).map_err(wrong)?;
    Ok((BackupMade { backup: header.backup, bytes, digest, entries, set: set.as_ref().map(|set| set.set) }, set))
}

fn header(
    config: &Config,
    keys: &dyn KeyStore,
    stamp: &Stamp,
    data: &SecretKey,
    set: Option<RecoverySet>,
    entries: u64,
) -> Result<Header, Failed> {
    let token = match &config.keys {
        Keys::File => None,
        Keys::Pkcs11 { module, token } => Some(Place { module: module.display().to_string(), token: token.clone() }),
    };
    let mut header = Header {
        backup: random::array(random::system)?,
        origin: config.origin.clone(),
        made_s: u64::try_from(SystemClock::new().wall().0 / NS_PER_S).unwrap_or(0),
        entries,
        token,
        keys: stamp.bytes().to_vec(),
        wrapped: Vec::new(),
        recovery: None,
    };
    header.wrap(data, keys, set, random::system)?;
    Ok(header)
}

/// The small files a start needs, by their names within the data directory.
fn files(layout: &Layout) -> Result<Vec<String>, Failed> {
    let mut names = vec![CONFIG_FILE.to_owned()];
    if layout.recovery().exists() {
        names.extend(layout.recovery().file_name().and_then(|name| name.to_str()).map(str::to_owned));
    }
    below(layout.data(), "pki", &mut names)?;
    Ok(names)
}

fn below(data: &Path, folder: &str, names: &mut Vec<String>) -> Result<(), Failed> {
    let path = data.join(folder);
    let mut found = Vec::new();
    for item in fs::read_dir(&path).map_err(failed(path.display()))? {
        let item = item.map_err(failed(path.display()))?;
        let name = item.file_name().into_string().map_err(|_| Failed(format!("{folder} holds an odd name")))?;
        found.push((format!("{folder}/{name}"), item.file_type().map_err(failed(path.display()))?));
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    for (name, kind) in found {
        if kind.is_dir() {
            below(data, &name, names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

/// Says in the file how long it is, makes it durable, and gives its length and SHA-256.
fn seal_length(file: &mut File) -> std::io::Result<(u64, Digest)> {
    let length = file.seek(SeekFrom::End(0))?;
    write_length(file, length)?;
    file.flush()?;
    file.sync_all()?;
    file.seek(SeekFrom::Start(0))?;
    let (mut hash, mut bytes) = (Sha256::new(), vec![0; HASH_BYTES]);
    loop {
        let count = file.read(&mut bytes)?;
        match bytes.get(..count) {
            Some(part) if count > 0 => hash.update(part),
            _ => break,
        }
    }
    Ok((length, Digest(hash.finalize().into())))
}
