//! Security keys on this machine, spoken to in CTAP 2 with no system library; it must keep no PIN, try none by itself, and stop
//! before the key locks itself.

mod cbor;
pub mod ctap;
mod error;
pub mod hid;
#[cfg(target_os = "linux")]
pub mod hidraw;
mod pin;
mod plugged;
mod signing;
mod turn;

pub use ctap::{NewWanted, PinToken, SignWanted, Spoken};
pub use error::KeyError;
pub use plugged::Plugged;
pub use signing::{KeyCeremony, command_signed};
pub use turn::{Hand, Said, Turn};

/// Tries of a PIN that are left alone: with the last wrong one a key locks itself for ever.
pub const PIN_TRIES_KEPT: u8 = 2;
/// Shortest PIN, in characters (CTAP 2.1, 6.5.1).
pub const PIN_CHARS_MIN: usize = 4;
/// Longest PIN, in bytes.
pub const PIN_BYTES_MAX: usize = 63;
/// PIN of the key a demonstration simulates: shown to everybody, and of no other key.
pub const SIMULATED_PIN: &str = "2468";
/// Longest message to or from a key, in bytes (CTAP 2.1, 11.2.4).
pub const MESSAGE_BYTES_MAX: usize = 7_609;

/// Carries CTAP messages to one key and back: a command with its parameters in, a status and what follows it out.
pub trait Carrier {
    /// One exchange; it lasts as long as somebody needs to touch the key.
    ///
    /// # Errors
    /// [`KeyError`], of the way there and back only.
    fn exchange(&mut self, message: &[u8]) -> Result<Vec<u8>, KeyError>;
}
