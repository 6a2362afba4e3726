//! Ids to quote, one a command: far apart and never asked of the system one by one; it must not be used for secrets.

use turret_shared::ids::CorrelationId;

/// Steps through 48-bit ids from a random start (SplitMix64).
#[derive(Debug, Clone, Copy)]
pub(super) struct Correlations(u64);

impl Correlations {
    /// From a random start.
    pub(super) const fn new(start: CorrelationId) -> Self {
        Self(start.0)
    }

    /// The next one.
    pub(super) const fn next(&mut self) -> CorrelationId {
        // Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z.wrapping_shr(30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z.wrapping_shr(27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        CorrelationId::from_bits(z ^ z.wrapping_shr(31))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_do_not_repeat_soon() {
        let mut ids = Correlations::new(CorrelationId(1));
        let seen: std::collections::BTreeSet<u64> = (0..100_000).map(|_| ids.next().0).collect();
        assert!(seen.len() >= 99_999);
    }
}
