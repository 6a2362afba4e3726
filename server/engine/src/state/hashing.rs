//! A fast keyed hash for the engine's lookup tables; it must decide no outcome and is no cryptographic hash.
//!
//! The key comes from the genesis, so nobody outside can prepare ids that collide.

/// A key for tables of one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Key(pub(crate) u64);

/// 2^64 divided by the golden ratio, odd.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Key {
    /// Of one number.
    pub(crate) const fn of(self, value: u64) -> u64 {
        fold(value ^ self.0, SPREAD)
    }

    /// Of two numbers.
    pub(crate) const fn of_two(self, first: u64, second: u64) -> u64 {
        fold(self.of(first) ^ second, SPREAD)
    }

    /// Of a number and a text.
    pub(crate) fn of_text(self, number: u64, text: &[u8]) -> u64 {
        let mut state = self.of(number ^ (text.len() as u64).rotate_left(32));
        let (chunks, rest) = text.as_chunks::<8>();
        for chunk in chunks {
            state = fold(state ^ u64::from_le_bytes(*chunk), SPREAD);
        }
        let mut last = [0_u8; 8];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        fold(state ^ u64::from_le_bytes(last), SPREAD)
    }
}

/// The two halves of the product, folded.
const fn fold(a: u64, b: u64) -> u64 {
    let product = (a as u128).wrapping_mul(b as u128);
    (product as u64) ^ (product.wrapping_shr(64) as u64)
}
