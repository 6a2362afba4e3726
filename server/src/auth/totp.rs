//! Time-based codes (RFC 6238, SHA-1, six digits): which step a code is of; it must not know which were used.

use totp_rs::{Algorithm, Builder, Secret};
use turret_shared::limits::TOTP_STEP_S;

/// Digits of a code.
const DIGITS: u8 = 6;
/// Bytes of a seed: what RFC 4226 recommends, and every authenticator takes.
pub(crate) const SEED_BYTES: usize = 20;

/// The step `code` belongs to: that of `now_s` (seconds since 1970 UTC) or the one before, and no other (no skew ahead).
///
/// Both are always compared, each in constant time.
#[must_use]
pub(crate) fn matched_step(seed: &[u8; SEED_BYTES], code: &str, now_s: u64) -> Option<u64> {
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_step_duration(TOTP_STEP_S)
        .with_skew(0)
        .with_secret(Secret::new_stack(*seed))
        .build_noncompliant();
    let now = totp.check(code, now_s);
    let before = totp.check(code, now_s.saturating_sub(TOTP_STEP_S));
    now.or(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1, the last six digits.
    const SEED: &[u8; 20] = b"12345678901234567890";

    #[test]
    fn codes_of_the_standard_match_their_step() {
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(matched_step(SEED, code, time), Some(time / 30), "{code}");
        }
    }

    #[test]
    fn only_this_step_and_the_one_before_count() {
        let code = "081804";
        let at = 1_111_111_109;
        assert_eq!(matched_step(SEED, code, at + 30), Some(at / 30));
        assert_eq!(matched_step(SEED, code, at + 60), None);
        assert_eq!(matched_step(SEED, code, at - 30), None);
        for wrong in ["", "81804", "0818040", "08180a", "+81804", "０８１８０４", "081805"] {
            assert_eq!(matched_step(SEED, wrong, at), None, "{wrong}");
        }
    }
}
