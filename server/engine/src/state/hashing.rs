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

/// Numbers that lie side by side in an [`Index`].
const NEIGHBOURS_BITS: u32 = 6;

impl Key {
    /// Of one number, for an [`Index`]: up to 64 that follow one another lie side by side.
    pub(crate) const fn near(self, value: u64) -> Print {
        let group = value.wrapping_shr(NEIGHBOURS_BITS);
        let last = value ^ group.wrapping_shl(NEIGHBOURS_BITS);
        Print::of(self.of(group), last as u32)
    }

    /// Of a number and a text, for an [`Index`]: texts that differ in their last letter only lie side by side.
    pub(crate) fn near_text(self, number: u64, text: &[u8]) -> Print {
        match text.split_last() {
            Some((last, rest)) => Print::of(self.of_text(number, rest), (*last).into()),
            None => Print::of(self.of_text(number, text), 0),
        }
    }
}

/// What an [`Index`] keeps of a hash: nearly always enough to tell one record from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Print(u32);

impl Print {
    const fn of(hash: u64, last: u32) -> Self {
        Self((hash.wrapping_shr(32) as u32).wrapping_add(last))
    }
}

/// Places of records by a hash of what they are found by: eight bytes a place, and it grows without a look at a record.
///
/// Ids come from counters, a person's and the venue's alike: as neighbours lie side by side, the next one is looked for and
/// put where the one before it was, in memory that is at hand. At most 64 numbers, or as many names as a last letter can
/// tell apart, make a group; where each group lies the keyed hash says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index(HashTable<Slot>);

#[derive(Debug, Clone, Copy)]
struct Slot {
    print: Print,
    place: u32,
}

impl Slot {
    /// Where it lies in the table (the low bits) and what tells it from those around it (the high ones).
    const fn spread(&self) -> u64 {
        let print = self.print.0 as u64;
        print | (print.wrapping_mul(SPREAD) & HIGH)
    }
}

/// The upper half.
const HIGH: u64 = 0xffff_ffff_0000_0000;

impl Index {
    /// The place of this print that is the one.
    pub(crate) fn find(&self, print: Print, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        let wanted = Slot { print, place: 0 };
        self.0.find(wanted.spread(), |slot| slot.print == print && is(slot.place)).map(|slot| slot.place)
    }

    /// A place more.
    pub(crate) fn insert(&mut self, print: Print, place: u32) {
        let slot = Slot { print, place };
        self.0.insert_unique(slot.spread(), slot, Slot::spread);
    }

    /// Room for so many more.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.0.reserve(more, Slot::spread);
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn an_index_finds_every_place_and_no_other_however_its_ids_follow_one_another() {
        let key = Key(0x5eed);
        for step in [1_u64, 3, 64, 1 << 20, 1 << 58] {
            let ids: Vec<u64> = (0..20_000).map(|n: u64| n.wrapping_mul(step)).collect();
            let mut index = Index::default();
            for (place, id) in (0_u32..).zip(&ids) {
                index.insert(key.near(*id), place);
            }
            let find = |id: u64| index.find(key.near(id), |place| ids[place as usize] == id);
            for (place, id) in (0_u32..).zip(&ids) {
                assert_eq!(ids[find(*id).unwrap() as usize], ids[place as usize], "{step}");
            }
            assert_eq!(find(u64::MAX - 1), None);
        }
    }

    #[test]
    fn texts_that_differ_are_told_apart() {
        let key = Key(7);
        let prints =
            [&b""[..], b"a", b"b", b"ab", b"ba", b"a0", b"abcdefgh1", b"abcdefgh2"].map(|t| key.near_text(1, t));
        for (at, print) in prints.iter().enumerate() {
            assert!(!prints[..at].contains(print));
        }
        assert_ne!(key.near_text(1, b"a"), key.near_text(2, b"a"));
    }
}
