//! Time-based codes from a seed held here (RFC 6238, SHA-1, six digits): what a script or a demo uses instead of a telephone.
//!
//! It must never show its seed and never read a clock.

use std::fmt;

use totp_rs::{Algorithm, Builder, Secret, Totp};
use turret_shared::limits::TOTP_STEP_S;
use turret_shared::secret::SecretText;
use turret_shared::time::{NS_PER_S, Timestamp};
use zeroize::Zeroizing;

/// Bytes of a seed (RFC 4226, 4: 160 bits recommended).
const SEED_BYTES: usize = 20;

/// A seed was not of its form: 32 letters of RFC 4648 base32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeedError;

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a TOTP seed: 32 letters of base32 are")
    }
}

impl std::error::Error for SeedError {}

/// Makes the codes of one seed.
#[derive(Clone)]
pub struct Authenticator {
    totp: Totp,
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<authenticator>")
    }
}

impl Authenticator {
    /// Takes a seed of 32 base32 letters.
    ///
    /// # Errors
    /// [`SeedError`] for anything else.
    pub fn from_base32(seed: &str) -> Result<Self, SeedError> {
        let bytes = seed_bytes(seed)?;
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(TOTP_STEP_S)
            .with_skew(0)
            .with_secret(Secret::new_stack(*bytes))
            .build()
            .map_err(|_| SeedError)?;
        Ok(Self { totp })
    }

    /// The six digits of the step `time` lies in.
    #[must_use]
    pub fn code_at(&self, time: Timestamp) -> SecretText {
        SecretText::new(self.totp.generate(seconds(time)).to_string())
    }

    /// The step `time` lies in.
    #[must_use]
    pub fn step_of(time: Timestamp) -> u64 {
        seconds(time).checked_div(TOTP_STEP_S).unwrap_or(0)
    }

    /// Whole seconds, rounded up, until the step after the one `time` lies in.
    #[must_use]
    pub fn seconds_left(time: Timestamp) -> u64 {
        let end = Self::step_of(time).saturating_add(1).saturating_mul(TOTP_STEP_S);
        end.saturating_sub(seconds(time))
    }
}

fn seconds(time: Timestamp) -> u64 {
    u64::try_from(time.0.div_euclid(NS_PER_S)).unwrap_or(0)
}

fn seed_bytes(seed: &str) -> Result<Zeroizing<[u8; SEED_BYTES]>, SeedError> {
    let mut bytes = Zeroizing::new([0_u8; SEED_BYTES]);
    let (mut held, mut count, mut at) = (0_u32, 0_u32, 0_usize);
    for letter in seed.trim_end_matches('=').bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return Err(SeedError),
        };
        held = (held << 5 | u32::from(value)) & 0xfff;
        count += 5;
        if count >= 8 {
            count -= 8;
            let byte = u8::try_from(held >> count & 0xff).map_err(|_| SeedError)?;
            *bytes.get_mut(at).ok_or(SeedError)? = byte;
            at += 1;
        }
    }
    if at == SEED_BYTES && count == 0 { Ok(bytes) } else { Err(SeedError) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seed of RFC 6238, appendix B (`12345678901234567890`).
    const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn makes_the_codes_of_rfc_6238() {
        let authenticator = Authenticator::from_base32(SEED).unwrap();
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000_i64, "353130")] {
            // The last is beyond what 64 bits of nanoseconds hold.
            if let Some(ns) = second.checked_mul(NS_PER_S) {
                assert_eq!(authenticator.code_at(Timestamp(ns)).expose(), code);
            }
        }
        assert_eq!(Authenticator::seconds_left(Timestamp(59 * NS_PER_S)), 1);
        assert_eq!(Authenticator::step_of(Timestamp(60 * NS_PER_S)), 2);
    }

    #[test]
    fn refuses_other_seeds_and_shows_none() {
        for seed in ["", "GEZDGNBVGY3TQOJQ", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQA"] {
            assert!(Authenticator::from_base32(seed).is_err(), "{seed}");
        }
        let shown = format!("{:?}", Authenticator::from_base32(SEED).unwrap());
        assert!(!shown.contains("12345"));
    }
}
