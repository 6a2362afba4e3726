//! The client's only source of random bits: names for commands and the spread of reconnects; it must make no key.

use turret_shared::ids::ClOrdId;

/// Sixty-four random bits, or zero where the system has none to give (nothing secret depends on them).
#[must_use]
pub fn bits() -> u64 {
    let mut bytes = [0_u8; 8];
    if getrandom::fill(&mut bytes).is_ok() { u64::from_be_bytes(bytes) } else { 0 }
}

/// A fresh ClOrdID: `T` and sixteen hexadecimal digits, so that two windows of one person never meet.
///
/// # Errors
/// [`NoEntropy`] when the system gives no random bits: a guessable or repeated ClOrdID is worse than none.
pub fn cl_ord_id() -> Result<ClOrdId, NoEntropy> {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).map_err(|_| NoEntropy)?;
    ClOrdId::new(&format!("T{:016x}", u64::from_be_bytes(bytes))).map_err(|_| NoEntropy)
}

/// The system gave no random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoEntropy;

impl std::fmt::Display for NoEntropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("this system gives no random bits")
    }
}

impl std::error::Error for NoEntropy {}
