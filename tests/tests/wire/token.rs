//! A security key in this process behind the product's own CTAP over HID; it must be touched by nobody.

use turret_client::keys::Spoken;
use turret_client::keys::hid::Channel;
use turret_tests::simulated_key::{self, Firmware};
use zeroize::Zeroizing;

/// Its PIN.
pub(crate) const PIN: &str = "a pin for tests";

/// A key and how to speak to it.
pub(crate) type Token = Spoken<Channel<Firmware, fn() -> bool>>;

/// A key as it is sold: no PIN, no credential.
pub(crate) fn fresh(seed: u64) -> Token {
    let firmware = Firmware::seeded(seed);
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
    simulated_key::drawn().unwrap()
}
