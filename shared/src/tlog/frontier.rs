//! The growing edge of the tree: takes leaves, gives finished tiles and the root; it must keep no finished tile.

use alloc::vec::Vec;
use core::fmt;

use super::hash::{EMPTY_ROOT, Hash, node_hash};

/// Hashes in a full tile (C2SP tlog-tiles).
pub const TILE_WIDTH: usize = 256;
/// Binary tree levels one tile level spans.
pub const TILE_BITS: u8 = 8;

/// A full tile: the 256 hashes of `level` starting at `index * 256` (C2SP tlog-tiles; level 0 holds leaf hashes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Tile level: its hashes cover 256^level leaves each.
    pub level: u8,
    /// Position among the tiles of its level.
    pub index: u64,
    /// Exactly [`TILE_WIDTH`] hashes.
    pub hashes: Vec<Hash>,
}

impl Tile {
    /// The hashes one after another, 8,192 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes.iter().flat_map(|hash| hash.0).collect()
    }

    /// Reads what [`Tile::to_bytes`] wrote.
    #[must_use]
    pub fn from_bytes(level: u8, index: u64, bytes: &[u8]) -> Option<Self> {
        let hashes: Vec<Hash> = bytes.chunks_exact(32).filter_map(|chunk| Hash::try_from(chunk).ok()).collect();
        (bytes.len() == TILE_WIDTH.saturating_mul(32)).then_some(Self { level, index, hashes })
    }

    /// The hash over the whole tile, which is one hash of the level above.
    #[must_use]
    pub fn root(&self) -> Hash {
        perfect_root(&self.hashes)
    }
}

/// The hashes given do not fit the size given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrontierError;

impl fmt::Display for FrontierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the hashes given are not the open edge of a tree of that size")
    }
}

impl core::error::Error for FrontierError {}

/// The open edge of a tree: the unfinished tile of each level and the roots of the largest whole subtrees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Roots of the perfect subtrees, largest first: one for each bit set in `size`.
    peaks: Vec<Hash>,
    /// Hashes of each tile level that no full tile holds yet, always fewer than [`TILE_WIDTH`].
    open: Vec<Vec<Hash>>,
}

impl Frontier {
    /// The tree without leaves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From a size and, level by level, the hashes that stand after the last full tile of that level.
    ///
    /// # Errors
    /// [`FrontierError`] when a level has another number of hashes than the size asks for.
    pub fn from_open(size: u64, open: Vec<Vec<Hash>>) -> Result<Self, FrontierError> {
        let levels = open.len();
        let fits = open.iter().enumerate().all(|(level, hashes)| open_length(size, level) == hashes.len());
        if !fits || (0..8).skip(levels).any(|level| open_length(size, level) > 0) {
            return Err(FrontierError);
        }
        let mut peaks = Vec::new();
        for hashes in open.iter().rev() {
            let mut rest = hashes.as_slice();
            while let Some(bit) = rest.len().checked_ilog2() {
                let (perfect, after) = rest.split_at(1usize.wrapping_shl(bit));
                peaks.push(perfect_root(perfect));
                rest = after;
            }
        }
        Ok(Self { size, peaks, open })
    }

    /// Leaves so far.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Hashes of `level` that no full tile holds yet.
    #[must_use]
    pub fn open(&self, level: usize) -> &[Hash] {
        self.open.get(level).map_or(&[], Vec::as_slice)
    }

    /// Adds a leaf; tiles it completes, lowest level first, are pushed to `tiles`.
    pub fn append(&mut self, leaf: Hash, tiles: &mut Vec<Tile>) {
        let mut hash = leaf;
        let mut below = self.size;
        let mut bits = 0u32;
        self.size = self.size.saturating_add(1);
        self.open_tile(0, hash, tiles);
        while below & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            below = below.wrapping_shr(1);
            bits = bits.saturating_add(1);
            if bits.is_multiple_of(u32::from(TILE_BITS)) {
                self.open_tile(bits.wrapping_div(u32::from(TILE_BITS)), hash, tiles);
            }
        }
        self.peaks.push(hash);
    }

    /// The root over all leaves so far (RFC 6962, 2.1).
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return EMPTY_ROOT };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }

    fn open_tile(&mut self, level: u32, hash: Hash, tiles: &mut Vec<Tile>) {
        let place = level as usize;
        if self.open.len() <= place {
            self.open.resize_with(place.saturating_add(1), || Vec::with_capacity(TILE_WIDTH));
        }
        let Some(open) = self.open.get_mut(place) else { return };
        open.push(hash);
        if open.len() == TILE_WIDTH {
            let width_bits = u32::from(TILE_BITS).saturating_mul(level.saturating_add(1));
            let index = self.size.wrapping_shr(width_bits).saturating_sub(1);
            let hashes = core::mem::replace(open, Vec::with_capacity(TILE_WIDTH));
            tiles.push(Tile { level: u8::try_from(level).unwrap_or(u8::MAX), index, hashes });
        }
    }
}

/// How many hashes of a tile level stand after its last full tile in a tree of `size` leaves.
fn open_length(size: u64, level: usize) -> usize {
    let shift = u32::from(TILE_BITS).saturating_mul(u32::try_from(level).unwrap_or(u32::MAX));
    size.checked_shr(shift).map_or(0, |whole| (whole & 0xff) as usize)
}

/// The root over a power of two of hashes.
#[must_use]
pub fn perfect_root(hashes: &[Hash]) -> Hash {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row.chunks(2).filter_map(|pair| Some(node_hash(pair.first()?, pair.get(1)?))).collect();
    }
    row.first().copied().unwrap_or(EMPTY_ROOT)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec;

    use super::super::hash::leaf_hash;
    use super::super::hash::tests::classic_leaves;
    use super::*;

    /// The root by the recursive definition, to compare with.
    fn root_by_definition(leaves: &[Hash]) -> Hash {
        match leaves.len() {
            0 => EMPTY_ROOT,
            1 => leaves[0],
            n => {
                let split = n.next_power_of_two() / 2;
                node_hash(&root_by_definition(&leaves[..split]), &root_by_definition(&leaves[split..]))
            }
        }
    }

    #[test]
    fn classic_leaves_have_the_known_root() {
        let mut frontier = Frontier::new();
        for leaf in classic_leaves() {
            frontier.append(leaf_hash(&leaf), &mut Vec::new());
        }
        let want = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
        assert_eq!(frontier.root().to_string(), want);
    }

    #[test]
    fn roots_tiles_and_reopening_agree_with_the_definition() {
        let leaves: Vec<Hash> = (0u32..66_000).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut frontier = Frontier::new();
        let mut tiles = vec![];
        for (n, leaf) in leaves.iter().enumerate() {
            if n < 600 || n % 9_973 == 0 {
                assert_eq!(frontier.root(), root_by_definition(&leaves[..n]), "size {n}");
                let open = (0..3).map(|level| frontier.open(level).to_vec()).collect();
                let again = Frontier::from_open(frontier.size(), open).unwrap();
                assert_eq!(again.root(), frontier.root(), "size {n}");
            }
            frontier.append(*leaf, &mut tiles);
        }
        let low: Vec<&Tile> = tiles.iter().filter(|tile| tile.level == 0).collect();
        assert_eq!(low.len(), 257);
        for (n, tile) in low.iter().enumerate() {
            assert_eq!((tile.index, tile.hashes.as_slice()), (n as u64, &leaves[n * 256..n * 256 + 256]));
            assert_eq!(Tile::from_bytes(0, n as u64, &tile.to_bytes()).as_ref(), Some(*tile));
        }
        let high: Vec<&Tile> = tiles.iter().filter(|tile| tile.level == 1).collect();
        assert_eq!(high.len(), 1);
        assert_eq!(high[0].root(), root_by_definition(&leaves[..65_536]));
    }

    #[test]
    fn an_edge_of_the_wrong_length_is_refused() {
        assert_eq!(Frontier::from_open(3, vec![vec![EMPTY_ROOT; 2]]), Err(FrontierError));
        assert_eq!(Frontier::from_open(256, vec![vec![]]), Err(FrontierError));
        assert_eq!(Frontier::from_open(0, vec![]), Ok(Frontier::new()));
    }
}
