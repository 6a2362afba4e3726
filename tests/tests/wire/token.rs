//! A security key in this process: OpenSK's firmware behind the product's own CTAP over HID; it must be touched by nobody.

use std::collections::VecDeque;

use opensk::env::test::TestEnv;
use opensk::{Ctap, Transport};
use turret_client::keys::hid::{Channel, REPORT_BYTES, Reports};
use turret_client::keys::{KeyError, Spoken};
use zeroize::Zeroizing;

/// Its PIN.
pub(crate) const PIN: &str = "a pin for tests";

/// The firmware, report by report.
pub(crate) struct Firmware {
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

/// A key and how to speak to it.
pub(crate) type Token = Spoken<Channel<Firmware, fn() -> bool>>;

/// A key as it is sold: no PIN, no credential.
pub(crate) fn fresh(seed: u64) -> Token {
    let mut env = TestEnv::default();
    env.seed_rng_from_u64(seed);
    let firmware = Firmware { ctap: Ctap::new(env), said: VecDeque::new() };
    Spoken::to(Channel::open(firmware, [7; 8], (|| true) as fn() -> bool).unwrap()).unwrap()
}

/// A key with a PIN.
pub(crate) fn with_pin(seed: u64) -> Token {
    let mut token = fresh(seed);
    token.set_first_pin(PIN, &drawn()).unwrap();
    token
}

/// Random bits for one exchange.
pub(crate) fn drawn() -> Zeroizing<[u8; 32]> {
    let mut bits = Zeroizing::new([0; 32]);
    getrandom::fill(bits.as_mut_slice()).unwrap();
    bits
}
