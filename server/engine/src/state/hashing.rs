//! A fast keyed hash for the engine's lookup tables; it must decide no outcome and is no cryptographic hash.
//!
//! The key comes from the genesis, so nobody outside can prepare ids that collide.

use hashbrown::HashTable;

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

/// Places of records by a hash of what they are found by: eight bytes a place, and it grows without a look at a record.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index(HashTable<Slot>);

#[derive(Debug, Clone, Copy)]
struct Slot {
    /// Half of the hash: nearly always tells one record from another.
    print: u32,
    place: u32,
}

impl Slot {
    const fn of(hash: u64, place: u32) -> Self {
        Self { print: hash.wrapping_shr(32) as u32, place }
    }

    /// Where it lies in the table; from the half that is kept, so that the table can grow.
    const fn spread(&self) -> u64 {
        (self.print as u64).wrapping_mul(SPREAD)
    }
}

impl Index {
    /// The place of this hash that is the one.
    pub(crate) fn find(&self, hash: u64, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        let wanted = Slot::of(hash, 0);
        self.0.find(wanted.spread(), |slot| slot.print == wanted.print && is(slot.place)).map(|slot| slot.place)
    }

    /// A place more.
    pub(crate) fn insert(&mut self, hash: u64, place: u32) {
        let slot = Slot::of(hash, place);
        self.0.insert_unique(slot.spread(), slot, Slot::spread);
    }

    /// Room for so many more.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.0.reserve(more, Slot::spread);
    }
}
