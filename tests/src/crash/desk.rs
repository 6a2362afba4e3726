//! The processes of a crash loop: the server and the simulator, started, killed and started again; it must judge nothing.

use std::io::{self, BufRead, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use turret_client::credentials::{self, Credentials};
use turret_server::config::Layout;
use turret_server::keys::file::FileKeys;
use turret_server::keys::{KeyStore, Passphrase, Purpose};
use turret_server::store::snapshots::{SnapshotHead, Snapshots};
use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

use super::evidence::{Broken, Evidence};
use crate::demo::AS_SERVER;
use crate::demo::part::Part;

/// Passphrase of a desk that is gone within minutes.
const PASSPHRASE: &str = "the crash loop's own passphrase";
/// Who trades.
const TRADER: &str = "ann.lee";

/// A desk's directory and its processes.
pub struct Desk {
    program: PathBuf,
    dir: TempDir,
    layout: Layout,
    people: Vec<Credentials>,
    log_key: SecretKey,
    snapshot_key: SecretKey,
    journal_key: Option<SecretKey>,
    venue: Option<Part>,
    venue_address: SocketAddr,
    server: Option<Part>,
    /// Where clients connect, the same after every start.
    pub address: SocketAddr,
}

impl Desk {
    /// A fresh desk by `turretd init`, without limits on orders a minute; nothing runs yet. `program` is the demo, which
    /// is every part.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make(program: &Path) -> Result<Self, Broken> {
        let dir = tempfile::Builder::new().prefix("turret-crash-").tempdir()?;
        let data = dir.path().join("desk");
        let mut init = Command::new(program);
        init.args([AS_SERVER, "init", "--demo", "--unthrottled", "--passphrase-fd", "0", "--credentials-fd", "1"]);
        init.arg("--data").arg(&data);
        let (mut part, mut out) = Part::start("init", init, PASSPHRASE, &dir.path().join("init.log"))?;
        let mut text = Zeroizing::new(String::new());
        out.read_line(&mut text)?;
        if !part.wait()?.success() {
            return Err("turretd init failed".into());
        }
        let layout = Layout::new(data);
        let keys = FileKeys::open(&layout.keys(), &passphrase()?)?;
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        Ok(Self {
            program: program.to_path_buf(),
            people: credentials::parse(Zeroizing::new(text.trim_end().to_owned()))?,
            log_key: keys.key(Purpose::Database)?,
            snapshot_key: keys.key(Purpose::Snapshot)?,
            journal_key: None,
            venue: None,
            venue_address: nowhere,
            server: None,
            address: nowhere,
            layout,
            dir,
        })
    }

    /// The one who trades.
    ///
    /// # Errors
    /// When the desk was made without them.
    pub fn trader(&self) -> Result<&Credentials, Broken> {
        self.people.iter().find(|person| person.user == TRADER).ok_or_else(|| "no trader".into())
    }

    /// Path and key of the log.
    #[must_use]
    pub fn log(&self) -> (PathBuf, SecretKey) {
        (self.layout.log(), self.log_key.clone())
    }

    /// An evidence of this desk with nothing read.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        Evidence::new(self.layout.log(), self.log_key.clone())
    }

    /// Reads on: our log first, so that the venue's journal is never behind it.
    ///
    /// # Errors
    /// When either cannot be read.
    pub fn read(&mut self, evidence: &mut Evidence) -> Result<(), Broken> {
        let folder = self.venue_folder();
        evidence.read_log()?;
        let key = match &self.journal_key {
            Some(key) => key.clone(),
            None => FileKeys::open(&folder.join("venue.keys"), &passphrase()?)?.key(Purpose::Database)?,
        };
        self.journal_key = Some(key.clone());
        evidence.read_journal(&folder.join("venue.db"), &key)
    }

    fn venue_folder(&self) -> PathBuf {
        self.dir.path().join("venue-sim")
    }

    fn log_file(&self, part: &str) -> PathBuf {
        self.dir.path().join(format!("{part}.log"))
    }

    /// Starts the simulator where it was before.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start_venue(&mut self) -> io::Result<()> {
        let pki = self.layout.pki().join("venue");
        let mut venue = Command::new(&self.program);
        venue.args([AS_SERVER, "venue-sim", "--listen", &self.venue_address.to_string()]);
        venue.arg("--data").arg(self.venue_folder());
        for (name, file) in [("--cert", "venue.pem"), ("--key", "venue.key"), ("--ca", "ca.pem")] {
            venue.arg(name).arg(pki.join(file));
        }
        venue.args(["--passphrase-fd", "0", "--until-stdin-closes"]);
        let (part, address) = Part::serve("venue-sim", venue, PASSPHRASE, &self.log_file("venue-sim"))?;
        (self.venue, self.venue_address) = (Some(part), address);
        Ok(())
    }

    /// Starts the server where it was before.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start_server(&mut self) -> io::Result<()> {
        let serve = self.serve();
        let (part, address) = Part::serve("turretd", serve, PASSPHRASE, &self.log_file("turretd"))?;
        (self.server, self.address) = (Some(part), address);
        Ok(())
    }

    /// Starts the server and kills it `after`, most likely before it listens.
    ///
    /// # Errors
    /// When it cannot be started at all.
    pub fn start_and_kill_server(&self, after: Duration) -> io::Result<()> {
        let (mut part, _out) = Part::start("turretd", self.serve(), PASSPHRASE, &self.log_file("turretd"))?;
        std::thread::sleep(after);
        part.kill()
    }

    fn serve(&self) -> Command {
        let mut serve = Command::new(&self.program);
        serve.args([AS_SERVER, "serve", "--listen", &self.address.to_string()]);
        serve.args(["--venue", &self.venue_address.to_string(), "--passphrase-fd", "0", "--until-stdin-closes"]);
        serve.arg("--data").arg(self.layout.data());
        serve
    }

    /// SIGKILL for the server.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub fn kill_server(&mut self) -> io::Result<()> {
        self.server.take().map_or(Ok(()), |mut part| part.kill())
    }

    /// SIGKILL for the simulator.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub fn kill_venue(&mut self) -> io::Result<()> {
        self.venue.take().map_or(Ok(()), |mut part| part.kill())
    }

    /// Has the server stop in good order; false when it did not.
    pub fn stop_server(&mut self) -> bool {
        self.server.take().is_none_or(|mut part| part.stop().is_some_and(|status| status.success()))
    }

    /// Has the simulator stop.
    pub fn stop_venue(&mut self) {
        if let Some(mut part) = self.venue.take() {
            part.stop();
        }
    }

    /// Runs a tool of `turretd` on the directory: its exit code and what it printed.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn tool(&self, words: &[&str]) -> io::Result<(Option<i32>, String)> {
        let mut command = Command::new(&self.program);
        command.arg(AS_SERVER).args(words).args(["--passphrase-fd", "0", "--data"]).arg(self.layout.data());
        let (mut part, mut out) = Part::start("tool", command, PASSPHRASE, &self.log_file("tool"))?;
        let mut text = String::new();
        out.read_to_string(&mut text)?;
        Ok((part.wait()?.code(), text.trim().to_owned()))
    }

    /// The newest snapshot a stopped server left: how far it had come, and the hash of its state.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn newest_snapshot(&self) -> Result<Option<SnapshotHead>, Broken> {
        Ok(Snapshots::open(&self.layout.snapshots(), self.snapshot_key.clone())?.list()?.first().copied())
    }

    /// The last lines of a part's log, for whoever looks into a failure.
    #[must_use]
    pub fn last_words(&self, part: &str) -> String {
        crate::demo::part::tail(&self.log_file(part))
    }
}

fn passphrase() -> Result<Passphrase, Broken> {
    Ok(Passphrase::new(Zeroizing::new(PASSPHRASE.as_bytes().to_vec()))?)
}
