//! Files and folders for their owner alone, whatever the process's umask says; it must know nothing of what is in them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// Makes a folder only its owner may enter, with those of its parents that are missing; one that is there is closed to
/// others.
///
/// # Errors
/// What the system says.
pub fn make_dir(path: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = path.ancestors().take_while(|one| !one.as_os_str().is_empty() && !one.exists()).collect();
    for one in missing.into_iter().rev() {
        match fs::create_dir(one) {
            // Somebody else was a moment faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made?,
        }
        restrict(one, 0o700)?;
    }
    restrict(path, 0o700)
}

/// Opens a file as `options` say; made or found, only its owner may read and write it from then on.
///
/// # Errors
/// What the system says.
pub fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    only_owner_opens(options);
    let file = options.open(path)?;
    restrict(path, 0o600)?;
    Ok(file)
}

/// Makes an empty file if there is none, so that whoever opens it next by other means keeps its mode.
///
/// # Errors
/// What the system says.
pub fn make_file(path: &Path) -> io::Result<()> {
    open(OpenOptions::new().create(true).append(true), path).map(drop)
}

/// Puts `bytes` in the place of what `path` holds, so that it is the old or the new whatever happens; `draft` is a name
/// beside it for the time of writing.
///
/// # Errors
/// What the system says; `path` holds what it held before, or all of the new.
pub fn replace(path: &Path, draft: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = open(OpenOptions::new().create(true).write(true).truncate(true), draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(draft, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Makes what was moved within a folder durable.
///
/// # Errors
/// What the system says.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(unix)]
fn only_owner_opens(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if fs::metadata(path)?.permissions().mode() & 0o777 == mode {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// What was moved within a folder is durable by itself there.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn only_owner_opens(_: &mut OpenOptions) {}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
