//! A security key in this process: OpenSK's firmware, a real CTAP 2 authenticator, for tests and, labelled as simulated, for the
//! demo. It must never be taken for one a person holds.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

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

/// Plugs a key with [`SIMULATED_PIN`] in at a socket, for whoever may open that; it stays until this process ends.
///
/// # Errors
/// Of the socket, or when there are no random bits.
pub fn plug_in(socket: &Path) -> io::Result<()> {
    // One that a process before left behind.
    let _ = std::fs::remove_file(socket);
    let listener = UnixListener::bind(socket)?;
    std::fs::set_permissions(socket, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(|_| io::Error::other("no random bits"))?;
    std::thread::Builder::new().name("simulated-key".to_owned()).spawn(move || {
        let mut firmware = Firmware::seeded(u64::from_be_bytes(seed));
        if with_pin(&mut firmware).is_err() {
            return;
        }
        for stream in listener.incoming().flatten() {
            // Whoever goes away in the middle of a word leaves the key as it was.
            let _ = serve(stream, &mut firmware);
        }
    })?;
    Ok(())
}

fn with_pin(firmware: &mut Firmware) -> Result<(), KeyError> {
    let mut key = Spoken::to(Channel::open(Lent(firmware), [1; 8], || true)?)?;
    key.set_first_pin(SIMULATED_PIN, &drawn()?)
}

fn serve(mut stream: UnixStream, firmware: &mut Firmware) -> io::Result<()> {
    let mut report = [0; REPORT_BYTES];
    firmware.said.clear();
    loop {
        stream.read_exact(&mut report)?;
        firmware.send(&report).map_err(io::Error::other)?;
        while let Some(answer) = firmware.said.pop_front() {
            stream.write_all(&answer)?;
        }
    }
}
