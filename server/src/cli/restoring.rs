//! What `restore` and `keys recover` share: a backup unpacked beside where it belongs, and moved there only when all of it is
//! good; it must leave nothing half done.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use turret_disk::private;
use turret_shared::secret::SecretKey;

use super::backup::RING;
use super::files;
use super::init::{Failed, failed};
use crate::backup::{BackupError, Header, Pieces, Unsealing, is_plain_path, read_header};
use crate::config::{CONFIG_FILE, Config, Keys, Layout};
use crate::keys::Exported;

/// Where it is unpacked, within the directory that it is restored into.
const STAGING: &str = "restoring";
/// Most bytes of the keys in a backup.
const RING_BYTES_MAX: u64 = 64 * 1024;
/// What a start cannot do without.
const NEEDED: [&str; 4] = [CONFIG_FILE, "log.db", "vault.db", "checkpoints/signed.db"];

/// A backup whose beginning was read.
pub(super) struct Source {
    path: PathBuf,
    input: BufReader<File>,
    pub(super) header: Header,
    bound: [u8; 32],
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self, Failed> {
        let file = File::open(path).map_err(failed(path.display()))?;
        let length = file.metadata().map_err(failed(path.display()))?.len();
        let mut input = BufReader::new(file);
        let (header, bound) = read_header(path, &mut input, length)?;
        Ok(Self { path: path.to_owned(), input, header, bound })
    }

    /// Where the keys were when it was made.
    pub(super) fn keys(&self) -> Keys {
        match &self.header.token {
            None => Keys::File,
            Some(place) => Keys::Pkcs11 { module: place.module.clone().into(), token: place.token.clone() },
        }
    }

    /// Unpacks all of it: what is in it, proved to the last byte, and the keys it carries.
    pub(super) fn unpack(self, data: &SecretKey, staging: &Staging) -> Result<(Header, Exported), Failed> {
        let Self { path, input, header, bound } = self;
        let opened = Unsealing::new(input, data, bound).map_err(failed(path.display()))?;
        let mut pieces = Pieces::new(&path, opened);
        let (mut exported, mut seen) = (None, BTreeSet::new());
        while let Some((name, length)) = pieces.advance()? {
            if !seen.insert(name.clone()) {
                return Err(BackupError::Content("a file twice").into());
            }
            if name == RING {
                if length > RING_BYTES_MAX {
                    return Err(BackupError::Content("more keys than there are").into());
                }
                // Room for all of it, so that growing leaves no unwiped copy behind.
                let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or(0)));
                pieces.copy(&mut *bytes)?;
                exported = Some(Exported::from_bytes(&bytes)?);
                continue;
            }
            let mut file = staging.file(&name)?;
            pieces.copy(&mut file)?;
            file.sync_all().map_err(failed(&name))?;
        }
        let exported = exported.ok_or(BackupError::Content("no keys"))?;
        if NEEDED.into_iter().any(|name| !seen.contains(name)) {
            return Err(BackupError::Content("less than a desk needs").into());
        }
        Ok((header, exported))
    }
}

/// A folder in a directory that was empty; what is in it when dropped is taken away.
pub(super) struct Staging {
    data: PathBuf,
    folder: PathBuf,
    /// The directory was not there before.
    made: bool,
    whole: bool,
}

impl Staging {
    pub(super) fn make(data: &Path) -> Result<Self, Failed> {
        if !files::is_vacant(data).map_err(failed(data.display()))? {
            return Err(Failed(format!(
                "{} is not empty: a backup is restored into an empty directory",
                data.display()
            )));
        }
        let made = !data.exists();
        let staging = Self { data: data.to_owned(), folder: data.join(STAGING), made, whole: false };
        private::make_dir(&staging.folder).map_err(failed(data.display()))?;
        Ok(staging)
    }

    /// As a data directory.
    pub(super) fn layout(&self) -> Layout {
        Layout::new(self.folder.clone())
    }

    /// A new file, where its name allows.
    fn file(&self, name: &str) -> Result<File, Failed> {
        let known = NEEDED.contains(&name) || name.starts_with("pki/") || self.layout().recovery().ends_with(name);
        if !known || !is_plain_path(name) {
            return Err(BackupError::Content("a file that no desk has").into());
        }
        let path = self.folder.join(name);
        if let Some(folder) = path.parent() {
            private::make_dir(folder).map_err(failed(name))?;
        }
        private::open(OpenOptions::new().write(true).create_new(true), &path).map_err(failed(name))
    }

    /// The configuration in it, which must be of the deployment the backup says.
    pub(super) fn config(&self, origin: &str) -> Result<Config, Failed> {
        let config = Config::load(&self.folder)?;
        if config.origin == origin { Ok(config) } else { Err(BackupError::Content("another desk's files").into()) }
    }

    /// Puts everything in its place, last what a start asks for first.
    pub(super) fn promote(mut self) -> Result<(), Failed> {
        let said = |path: &Path| failed(path.display().to_string());
        let mut names = Vec::new();
        for item in fs::read_dir(&self.folder).map_err(said(&self.folder))? {
            names.push(item.map_err(said(&self.folder))?.file_name());
        }
        names.sort_by_key(|name| name == CONFIG_FILE);
        for name in names {
            fs::rename(self.folder.join(&name), self.data.join(&name)).map_err(said(&self.data))?;
        }
        private::sync_folder(&self.data).map_err(said(&self.data))?;
        self.whole = true;
        fs::remove_dir(&self.folder).map_err(said(&self.folder))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.whole {
            return;
        }
        // What cannot be removed stands in a folder of its own, without which nothing starts.
        let _ = fs::remove_dir_all(&self.folder);
        if self.made {
            let _ = fs::remove_dir(&self.data);
        }
    }
}
