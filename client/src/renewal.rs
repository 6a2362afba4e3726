//! A profile's next device key on disk, from its making to its taking the old one's place; it must never leave a profile without
//! a key and a certificate that belong together.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use turret_certs::identity::{key_digest, seen};
use turret_certs::profile::DEVICE_S;
use turret_certs::tls::one_certificate;
use turret_certs::{AuthorityError, DeviceKey};
use turret_disk::private;
use turret_shared::digest::Digest;
use turret_shared::limits::DEVICE_RENEW_S_MIN;
use turret_shared::time::{NS_PER_S, Timestamp};
use zeroize::Zeroizing;

use crate::profile::{DEVICE_FILE, KEY_FILE};

/// The next key, from when it is made until it is the key.
const NEXT_KEY_FILE: &str = "device.next.key";
/// Its certificate, from when it came until it is the certificate.
const NEXT_DEVICE_FILE: &str = "device.next.pem";
/// Held by the one program that renews.
const LOCK_FILE: &str = "device.lock";

/// A renewal under way: the next key lies on disk, and no other program of the profile has one.
pub struct Renewal {
    dir: PathBuf,
    digest: Digest,
    _lock: File,
}

impl std::fmt::Debug for Renewal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renewal").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl Renewal {
    /// Makes the next key if the certificate in the folder is old enough at `now`, with what shows that we hold it (PKCS#10,
    /// DER). `None`: not due, or another program does it.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn begin(dir: &Path, now: Timestamp) -> io::Result<Option<(Self, Vec<u8>)>> {
        if !is_due(dir, now)? {
            return Ok(None);
        }
        let lock = private::open(OpenOptions::new().create(true).append(true), &dir.join(LOCK_FILE))?;
        // Another program may have done it between the two looks.
        if lock.try_lock().is_err() || !is_due(dir, now)? {
            return Ok(None);
        }
        let key = DeviceKey::generate().map_err(other)?;
        let request = key.request().map_err(other)?;
        let path = dir.join(NEXT_KEY_FILE);
        private::replace(&path, &dir.join("device.next.key.new"), key.pem().as_bytes())?;
        Ok(Some((Self { dir: dir.to_path_buf(), digest: key.digest(), _lock: lock }, request)))
    }

    /// Puts the next key and this certificate of it (PEM) in the place of those there were.
    ///
    /// # Errors
    /// When the certificate is of another key, or a file cannot be written.
    pub fn keep(self, certificate_pem: &str) -> io::Result<()> {
        if digest_of(certificate_pem) != Some(self.digest) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let path = self.dir.join(NEXT_DEVICE_FILE);
        private::replace(&path, &self.dir.join("device.next.pem.new"), certificate_pem.as_bytes())?;
        settle(&self.dir)
    }
}

/// Brings a renewal to its end that has its certificate: the key moves first, then the certificate, and wherever that was
/// interrupted it goes on.
///
/// # Errors
/// When a file cannot be read or moved.
pub fn settle(dir: &Path) -> io::Result<()> {
    let next = dir.join(NEXT_DEVICE_FILE);
    let certificate = match fs::read_to_string(&next) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        read => digest_of(&read?),
    };
    let key = dir.join(NEXT_KEY_FILE);
    if certificate.is_some() && certificate == key_of(&key) {
        moved(&key, &dir.join(KEY_FILE))?;
    }
    if certificate.is_some() && certificate == key_of(&dir.join(KEY_FILE)) {
        moved(&next, &dir.join(DEVICE_FILE))?;
        return private::sync_folder(dir);
    }
    // Of a key that is nowhere: of no use.
    match fs::remove_file(&next) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Another program may have moved it a moment before.
fn moved(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn is_due(dir: &Path, now: Timestamp) -> io::Result<bool> {
    let ends = seen(&fs::read_to_string(dir.join(DEVICE_FILE))?).map(|(_, s)| s).ok_or(io::ErrorKind::InvalidData)?;
    let lasts = i64::try_from(DEVICE_S.saturating_sub(DEVICE_RENEW_S_MIN)).unwrap_or(i64::MAX);
    Ok(ends < (now.0 / NS_PER_S).saturating_add(lasts))
}

fn digest_of(certificate_pem: &str) -> Option<Digest> {
    one_certificate(certificate_pem).ok().and_then(|der| key_digest(&der))
}

/// Of the key in a file; `None` where there is none.
fn key_of(path: &Path) -> Option<Digest> {
    let pem = Zeroizing::new(fs::read_to_string(path).ok()?);
    DeviceKey::load(&pem).ok().map(|key| key.digest())
}

fn other(error: AuthorityError) -> io::Error {
    io::Error::other(error)
}
