//! The files of a move to another key store, made ready beside those they replace and put in their place all or none; it must
//! need no key for that, so that whatever was cut off goes on by itself.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use turret_disk::private;

use crate::audit::bequest_file;
use crate::config::{CONFIG_FILE, Config, ConfigError, Layout};

/// Where they are made ready, within the data directory.
const STAGING: &str = "moving";
/// Stands there once all of them are: from then on the move is done, whoever carries it out.
const READY: &str = "ready";
/// The key file that was replaced.
const BEFORE: &str = "keys.sealed.before";

/// The configuration of a deployment, once a move that was cut off is carried out.
pub(super) fn config(data: &Path) -> Result<Config, ConfigError> {
    settle(data).map_err(ConfigError::Move)?;
    Config::load(data)
}

/// The folder of a move that is being made ready.
pub(super) fn begin(layout: &Layout) -> io::Result<Layout> {
    let staging = staging(layout.data());
    match fs::remove_dir_all(&staging) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let inner = Layout::new(staging);
    for folder in [inner.data().to_owned(), inner.pki(), inner.checkpoints()] {
        private::make_dir(&folder)?;
    }
    Ok(inner)
}

/// The key file as it was before.
pub(super) fn before(layout: &Layout) -> PathBuf {
    layout.data().join(BEFORE)
}

/// Says that all of it is ready, and carries it out.
pub(super) fn commit(layout: &Layout) -> io::Result<()> {
    let staging = Layout::new(staging(layout.data()));
    for folder in [staging.pki(), staging.checkpoints(), staging.data().to_owned()] {
        private::sync_folder(&folder)?;
    }
    private::replace(&staging.data().join(READY), &staging.data().join("ready.draft"), b"")?;
    settle(layout.data())
}

/// Carries out a move that was made ready; without one nothing is touched.
fn settle(data: &Path) -> io::Result<()> {
    let (layout, staged) = (Layout::new(data.to_owned()), Layout::new(staging(data)));
    if !staged.data().join(READY).exists() {
        return Ok(());
    }
    if staged.keys().exists() && layout.keys().exists() {
        fs::rename(layout.keys(), before(&layout))?;
    }
    put(&staged.keys(), &layout.keys())?;
    put(&bequest_file(&staged.checkpoints()), &bequest_file(&layout.checkpoints()))?;
    for item in fs::read_dir(staged.pki())? {
        let item = item?;
        put(&item.path(), &layout.pki().join(item.file_name()))?;
    }
    put(&staged.data().join(CONFIG_FILE), &layout.data().join(CONFIG_FILE))?;
    for folder in [layout.pki(), layout.checkpoints(), layout.data().to_owned()] {
        private::sync_folder(&folder)?;
    }
    fs::remove_file(staged.data().join(READY))?;
    fs::remove_dir_all(staged.data())
}

fn staging(data: &Path) -> PathBuf {
    data.join(STAGING)
}

/// What is in its place already was put there before.
fn put(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && to.exists() => Ok(()),
        done => done,
    }
}
