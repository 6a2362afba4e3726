//! The directory of a demonstration: fresh and removed afterwards, or kept; it must let nobody else read it.

use std::fs;
use std::io::{self, BufRead, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::part::{Part, command, tail};
use super::{AS_SERVER, say};

/// Passphrase and credentials of a kept demonstration: a demonstration's only, which is why they may lie in a file.
const SECRETS_FILE: &str = "demo-credentials.json";
/// Where clients connect while a kept demonstration runs: whoever joins it reads that.
const ADDRESS_FILE: &str = "demo-address";
/// Random bytes of a passphrase.
const PASSPHRASE_BYTES: usize = 24;
/// Longest credentials read.
const CREDENTIALS_BYTES_MAX: u64 = 256 * 1024;

/// Where everything lies.
pub(crate) struct Home {
    dir: PathBuf,
    /// Removes the directory when dropped, unless it is kept.
    fresh: Option<TempDir>,
}

/// What the parts are handed.
pub(crate) struct Secrets {
    pub(crate) passphrase: Zeroizing<String>,
    /// One line of JSON.
    pub(crate) credentials: Zeroizing<String>,
}

impl Home {
    /// `kept`, made if absent, or a fresh directory.
    pub(crate) fn open(kept: Option<&Path>) -> io::Result<Self> {
        let Some(kept) = kept else {
            let fresh = tempfile::Builder::new().prefix("turret-demo-").tempdir()?;
            return Ok(Self { dir: fresh.path().to_path_buf(), fresh: Some(fresh) });
        };
        if !kept.exists() {
            fs::create_dir_all(kept)?;
            owner_only(kept, 0o700)?;
        }
        Ok(Self { dir: kept.canonicalize()?, fresh: None })
    }

    /// That of somebody else's demonstration, which runs.
    pub(crate) fn there(dir: &Path) -> io::Result<Self> {
        let none = |_| io::Error::other(format!("no demonstration is in {}", dir.display()));
        Ok(Self { dir: dir.canonicalize().map_err(none)?, fresh: None })
    }

    /// Where its clients connect.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        let none = || io::Error::other(format!("no demonstration is running in {}", self.dir.display()));
        let text = fs::read_to_string(self.dir.join(ADDRESS_FILE)).map_err(|_| none())?;
        text.trim().parse().map_err(|_| none())
    }

    /// Tells those who join where to connect.
    pub(crate) fn tell_address(&self, address: SocketAddr) -> io::Result<()> {
        self.forget_address();
        write_private(&self.dir.join(ADDRESS_FILE), format!("{address}\n").as_bytes())
    }

    /// Nobody can join any more.
    pub(crate) fn forget_address(&self) {
        // What is not there need not go.
        let _ = fs::remove_file(self.dir.join(ADDRESS_FILE));
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The directory, where it stays.
    pub(crate) fn kept(&self) -> Option<&Path> {
        self.fresh.is_none().then_some(&*self.dir)
    }

    /// A log file of a part.
    pub(crate) fn log(&self, part: &str) -> PathBuf {
        self.dir.join(format!("{part}.log"))
    }

    /// Those of the demonstration that is here, or of a new one made now.
    ///
    /// `unthrottled` makes a new one without limits on orders a minute, for load.
    pub(crate) fn secrets(&self, unthrottled: bool) -> io::Result<Secrets> {
        let path = self.dir.join(SECRETS_FILE);
        if path.exists() {
            return self.read(&path);
        }
        let made = self.make(unthrottled)?;
        let rows: Value =
            serde_json::from_str(&made.credentials).map_err(|_| io::Error::other("no credentials came"))?;
        let text = Zeroizing::new(
            json!({
                "demo": "These are the secrets of a demonstration. Nothing real may be protected by them.",
                "passphrase": made.passphrase.as_str(),
                "credentials": rows,
            })
            .to_string(),
        );
        write_private(&path, text.as_bytes())?;
        Ok(made)
    }

    fn read(&self, path: &Path) -> io::Result<Secrets> {
        let text = Zeroizing::new(fs::read_to_string(path)?);
        let broken = || io::Error::other(format!("{} is not a demonstration's", path.display()));
        let mut value: Value = serde_json::from_str(&text).map_err(|_| broken())?;
        let passphrase = value.get("passphrase").and_then(Value::as_str).ok_or_else(broken)?.to_owned();
        let rows = value.get_mut("credentials").and_then(Value::as_array_mut).ok_or_else(broken)?;
        for row in rows.iter_mut() {
            // The directory may have been moved since.
            let dir = row.get("client_dir").and_then(Value::as_str).map(PathBuf::from);
            let name = dir.as_deref().and_then(Path::file_name).ok_or_else(broken)?.to_owned();
            let here = self.dir.join("clients").join(name);
            row["client_dir"] = Value::String(here.display().to_string());
        }
        let credentials = Zeroizing::new(Value::Array(std::mem::take(rows)).to_string());
        Ok(Secrets { passphrase: Zeroizing::new(passphrase), credentials })
    }

    /// `turretd init --demo`: passphrase in and credentials out, through pipes.
    fn make(&self, unthrottled: bool) -> io::Result<Secrets> {
        say("making keys, certificates and a desk");
        let passphrase = passphrase()?;
        let log = tempfile::NamedTempFile::new()?;
        let mut init = command(AS_SERVER)?;
        init.arg("init").arg("--data").arg(&self.dir);
        init.args(["--demo", "--passphrase-fd", "0", "--credentials-fd", "1"]);
        if unthrottled {
            init.arg("--unthrottled");
        }
        let (mut part, out) = Part::start("init", init, &passphrase, log.path())?;
        let mut credentials = Zeroizing::new(String::with_capacity(16 * 1024));
        out.take(CREDENTIALS_BYTES_MAX).read_line(&mut credentials)?;
        let status = part.wait()?;
        if !status.success() {
            return Err(io::Error::other(format!("no desk could be made{}", tail(log.path()))));
        }
        let credentials = Zeroizing::new(credentials.trim_end().to_owned());
        Ok(Secrets { passphrase, credentials })
    }
}

fn passphrase() -> io::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0_u8; PASSPHRASE_BYTES]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| io::Error::other("no random bytes"))?;
    Ok(Zeroizing::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
}

#[cfg(unix)]
fn owner_only(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn owner_only(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    owner_only(path, 0o600)?;
    file.write_all(bytes)?;
    file.sync_all()
}
