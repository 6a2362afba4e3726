//! A security key in this process: OpenSK's firmware, a real CTAP 2 authenticator, for tests and, labelled as simulated, for the
//! demo. It must never be taken for one a person holds.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use opensk::api::persist::Persist as _;
use opensk::env::Env as _;
use opensk::env::test::TestEnv;
use opensk::{Ctap, Transport};
use turret_client::keys::hid::{Channel, REPORT_BYTES, Reports};
use turret_client::keys::{KeyError, SIMULATED_PIN, Spoken};
use zeroize::Zeroizing;

/// The firmware, report by report.
pub struct Firmware {
    ctap: Ctap<TestEnv>,
    said: VecDeque<[u8; REPORT_BYTES]>,
}

impl Reports for Firmware {
    fn send(&mut self, report: &[u8; REPORT_BYTES]) -> Result<(), KeyError> {
        self.said.extend(self.ctap.process_hid_packet(report, Transport::MainHid));
        Ok(())
    }

    fn receive(&mut self, _: u32) -> Result<[u8; REPORT_BYTES], KeyError> {
        self.said.pop_front().ok_or(KeyError::Gone)
    }
}

impl Firmware {
    /// As it leaves the factory; the same seed makes the same key.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let mut env = TestEnv::default();
        env.seed_rng_from_u64(seed);
        Self { ctap: Ctap::new(env), said: VecDeque::new() }
    }

    /// One that was put away before, with what it held then: its own keys, its PIN, its counters.
    fn again(seed: u64, held: &Held) -> io::Result<Self> {
        let mut env = TestEnv::default();
        env.seed_rng_from_u64(seed);
        for (at, value) in held {
            env.persist().insert(*at, value).map_err(|_| io::Error::other("the simulated key's file does not fit"))?;
        }
        Ok(Self { ctap: Ctap::new(env), said: VecDeque::new() })
    }

    /// What it holds, to be put away.
    fn held(&mut self) -> io::Result<Held> {
        let unread = |_| io::Error::other("the simulated key cannot be read");
        let persist = self.ctap.env().persist();
        let places: Vec<usize> = persist.iter().and_then(Iterator::collect).map_err(unread)?;
        let mut held = Held::new();
        for at in places {
            if let Some(value) = persist.find(at).map_err(unread)? {
                held.insert(at, value);
            }
        }
        Ok(held)
    }
}

/// The store of a key, cell by cell.
type Held = BTreeMap<usize, Vec<u8>>;

/// Where a key is put away between demonstrations: a file of the owner's alone, which protects nothing real.
struct Drawer {
    path: PathBuf,
    last: Held,
}

impl Drawer {
    /// The key that lies there, if one does.
    fn open(path: PathBuf) -> io::Result<Self> {
        let broken = || io::Error::other(format!("{} is no simulated key", path.display()));
        let last = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| broken())?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Held::new(),
            Err(error) => return Err(error),
        };
        Ok(Self { path, last })
    }

    /// Puts it away as it is now, whole or not at all: a counter that went back would be a copied key's.
    fn keep(&mut self, firmware: &mut Firmware) -> io::Result<()> {
        let held = firmware.held()?;
        if held == self.last {
            return Ok(());
        }
        let folder = self.path.parent().ok_or_else(|| io::Error::other("no folder"))?;
        // A temporary file is its owner's alone from the start.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec(&held)?)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        self.last = held;
        Ok(())
    }
}

/// Random bits for one exchange.
///
/// # Errors
/// [`KeyError::NoRandom`].
pub fn drawn() -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let mut bits = Zeroizing::new([0; 32]);
    getrandom::fill(bits.as_mut_slice()).map_err(|_| KeyError::NoRandom)?;
    Ok(bits)
}

/// The same firmware, lent to one conversation.
struct Lent<'a>(&'a mut Firmware);

impl Reports for Lent<'_> {
    fn send(&mut self, report: &[u8; REPORT_BYTES]) -> Result<(), KeyError> {
        self.0.send(report)
    }

    fn receive(&mut self, within_ms: u32) -> Result<[u8; REPORT_BYTES], KeyError> {
        self.0.receive(within_ms)
    }
}

/// Plugs a key with [`SIMULATED_PIN`] in at a socket, for whoever may open that; it stays until this process ends. With `kept`
/// it is the one that lies there, or a new one that is put there, and what it signed is not forgotten.
///
/// # Errors
/// Of the socket or the file, or when there are no random bits.
pub fn plug_in(socket: &Path, kept: Option<PathBuf>) -> io::Result<()> {
    let mut drawer = kept.map(Drawer::open).transpose()?;
    // One that a process before left behind.
    let _ = std::fs::remove_file(socket);
    let listener = UnixListener::bind(socket)?;
    std::fs::set_permissions(socket, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(|_| io::Error::other("no random bits"))?;
    let seed = u64::from_be_bytes(seed);
    let (ready, made) = std::sync::mpsc::channel();
    // The firmware stays where it was made.
    std::thread::Builder::new().name("simulated-key".to_owned()).spawn(move || {
        let firmware = taken_out(seed, drawer.as_ref());
        let mut firmware = match firmware {
            Ok(firmware) => firmware,
            Err(error) => return drop(ready.send(Err(error))),
        };
        let _ = ready.send(Ok(()));
        for stream in listener.incoming().flatten() {
            // Whoever goes away in the middle of a word leaves the key as it was.
            let _ = serve(stream, &mut firmware, drawer.as_mut());
        }
    })?;
    made.recv().unwrap_or_else(|_| Err(io::Error::other("no simulated key came")))
}

/// The key that was put away, or a new one.
fn taken_out(seed: u64, drawer: Option<&Drawer>) -> io::Result<Firmware> {
    if let Some(drawer) = drawer.filter(|drawer| !drawer.last.is_empty()) {
        return Firmware::again(seed, &drawer.last);
    }
    let mut firmware = Firmware::seeded(seed);
    with_pin(&mut firmware).map_err(io::Error::other)?;
    Ok(firmware)
}

fn with_pin(firmware: &mut Firmware) -> Result<(), KeyError> {
    let mut key = Spoken::to(Channel::open(Lent(firmware), [1; 8], || true)?)?;
    key.set_first_pin(SIMULATED_PIN, &drawn()?)
}

/// What it said is heard once what it holds by then is put away: a signature nobody heard of is lost, a counter never.
fn serve(mut stream: UnixStream, firmware: &mut Firmware, mut drawer: Option<&mut Drawer>) -> io::Result<()> {
    let mut report = [0; REPORT_BYTES];
    firmware.said.clear();
    loop {
        stream.read_exact(&mut report)?;
        firmware.send(&report).map_err(io::Error::other)?;
        if let (Some(drawer), false) = (drawer.as_deref_mut(), firmware.said.is_empty()) {
            drawer.keep(firmware)?;
        }
        while let Some(answer) = firmware.said.pop_front() {
            stream.write_all(&answer)?;
        }
    }
}
