//! A token of SoftHSM in a folder of its own, for the real PKCS#11 path; pulling it is taking its files away.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use tempfile::TempDir;

use super::desk::PASSPHRASE;

/// Where distributions put the module.
const MODULES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
];
/// What Turret asks of a token.
const MECHANISMS: [&str; 6] =
    ["CKM_AES_KEY_GEN", "CKM_AES_GCM", "CKM_EC_KEY_PAIR_GEN", "CKM_ECDSA", "CKM_EC_EDWARDS_KEY_PAIR_GEN", "CKM_EDDSA"];
/// What the token is called.
pub(crate) const TOKEN: &str = "turret tests";

/// One token.
pub(crate) struct Hsm {
    dir: TempDir,
    pub(crate) module: PathBuf,
    /// Mechanisms it lacks, if any.
    lacks: Mutex<Option<String>>,
    /// What was pulled.
    first: Mutex<Vec<OsString>>,
}

impl Hsm {
    /// A new token, or `None` where there is no module; then it says so.
    pub(crate) fn new() -> Option<Self> {
        let module = MODULES.iter().map(PathBuf::from).find(|path| path.exists());
        let Some(module) = module else {
            eprintln!("skipped: no PKCS#11 module is installed; `apt-get install softhsm2` brings one");
            return None;
        };
        let dir = tempfile::Builder::new().prefix("turret-hsm-").tempdir().unwrap();
        fs::create_dir(dir.path().join("tokens")).unwrap();
        let hsm = Self { dir, module, lacks: Mutex::new(None), first: Mutex::default() };
        hsm.make();
        Some(hsm)
    }

    /// Makes a token of that name, with the passphrase of all tests as its PIN.
    pub(crate) fn make(&self) {
        let mut command = Command::new("softhsm2-util");
        command.args(["--init-token", "--free", "--label", TOKEN, "--so-pin", "12345678", "--pin", PASSPHRASE]);
        self.on(&mut command);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Lets a process see this token alone.
    pub(crate) fn on(&self, command: &mut Command) {
        command.env("SOFTHSM2_CONF", self.conf());
    }

    /// Breaks it for good.
    pub(crate) fn destroy(&self) {
        fs::remove_dir_all(self.tokens()).unwrap();
        fs::create_dir(self.tokens()).unwrap();
    }

    /// The module's configuration, by which it sees this token alone.
    pub(crate) fn conf(&self) -> PathBuf {
        let lacks = self.lacks.lock().unwrap();
        // What it has is named, for this release takes nothing away that is named with a minus.
        let mechanisms = lacks.as_ref().map_or_else(String::new, |lacks| {
            let has: Vec<_> = MECHANISMS.into_iter().filter(|name| name != lacks).collect();
            format!("slots.mechanisms = {}\n", has.join(","))
        });
        let text = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n{mechanisms}",
            self.tokens().display()
        );
        let path = self.dir.path().join("softhsm2.conf");
        fs::write(&path, text).unwrap();
        path
    }

    /// From the next process on it cannot do this.
    pub(crate) fn lacks(&self, mechanism: Option<&str>) {
        *self.lacks.lock().unwrap() = mechanism.map(str::to_owned);
    }

    fn tokens(&self) -> PathBuf {
        self.dir.path().join("tokens")
    }

    fn away(&self) -> PathBuf {
        self.dir.path().join("away")
    }

    /// Does away with every token that was made after the first was pulled.
    pub(crate) fn unmake_others(&self) {
        let first = self.first.lock().unwrap();
        for item in fs::read_dir(self.tokens()).unwrap().map(Result::unwrap) {
            if !first.contains(&item.file_name()) {
                fs::remove_dir_all(item.path()).unwrap();
            }
        }
    }

    /// Takes the token away, whatever is using it.
    pub(crate) fn pull(&self) {
        fs::create_dir(self.away()).unwrap();
        *self.first.lock().unwrap() = carry(&self.tokens(), &self.away());
    }

    /// Puts it back.
    pub(crate) fn put_back(&self) {
        carry(&self.away(), &self.tokens());
        fs::remove_dir(self.away()).unwrap();
    }
}

/// The names of what was carried.
fn carry(from: &Path, to: &Path) -> Vec<OsString> {
    let names: Vec<_> = fs::read_dir(from).unwrap().map(|item| item.unwrap().file_name()).collect();
    for name in &names {
        fs::rename(from.join(name), to.join(name)).unwrap();
    }
    names
}
