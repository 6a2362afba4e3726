//! Inclusion and consistency proofs, made and checked; it must not know where the hashes are kept.

use alloc::vec::Vec;
use core::fmt;

use super::hash::{Hash, node_hash};

/// A proof does not show what it claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProofError;

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the proof does not lead to the root given")
    }
}

impl core::error::Error for ProofError {}

/// The hash over leaves `start..end` where `start` is a multiple of the smallest power of two that covers the range.
///
/// `node(level, index)` gives the hash over leaves `index << level .. (index + 1) << level`.
///
/// # Errors
/// Whatever `node` fails with.
pub fn range_hash<E>(start: u64, end: u64, node: &mut impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Hash, E> {
    let size = end.saturating_sub(start);
    if size == 0 {
        return Ok(super::EMPTY_ROOT);
    }
    if size.is_power_of_two() {
        let level = size.trailing_zeros();
        return node(u8::try_from(level).unwrap_or(63), start.wrapping_shr(level));
    }
    let middle = start.saturating_add(split(size));
    let left = range_hash(start, middle, node)?;
    Ok(node_hash(&left, &range_hash(middle, end, node)?))
}

/// The audit path of leaf `index` in the tree of `size` leaves (RFC 6962, 2.1.1), nearest sibling first.
///
/// # Errors
/// Whatever `node` (see [`range_hash`]) fails with.
pub fn inclusion<E>(index: u64, size: u64, node: &mut impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Vec<Hash>, E> {
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    while end.saturating_sub(start) > 1 {
        let middle = start.saturating_add(split(end.saturating_sub(start)));
        if index < middle {
            path.push(range_hash(middle, end, node)?);
            end = middle;
        } else {
            path.push(range_hash(start, middle, node)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of `old` leaves is a prefix of the tree of `new` leaves (RFC 6962, 2.1.2).
///
/// # Errors
/// Whatever `node` (see [`range_hash`]) fails with.
pub fn consistency<E>(old: u64, new: u64, node: &mut impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Vec<Hash>, E> {
    let mut proof = Vec::new();
    if old == 0 || old >= new {
        return Ok(proof);
    }
    let (mut start, mut end, mut whole) = (0u64, new, true);
    while end != old {
        let middle = start.saturating_add(split(end.saturating_sub(start)));
        if old <= middle {
            proof.push(range_hash(middle, end, node)?);
            end = middle;
        } else {
            proof.push(range_hash(start, middle, node)?);
            start = middle;
            whole = false;
        }
    }
    if !whole {
        proof.push(range_hash(start, end, node)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Checks an audit path (RFC 9162, 2.1.3.2).
///
/// # Errors
/// [`ProofError`] when the path does not lead from `leaf` to `root`.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError);
    }
    let (mut first, mut last, mut hash) = (index, size.saturating_sub(1), *leaf);
    for sibling in path {
        if last == 0 {
            return Err(ProofError);
        }
        if first & 1 == 1 || first == last {
            hash = node_hash(sibling, &hash);
            while first & 1 == 0 && first != 0 {
                (first, last) = (first.wrapping_shr(1), last.wrapping_shr(1));
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (first, last) = (first.wrapping_shr(1), last.wrapping_shr(1));
    }
    if last == 0 && hash == *root { Ok(()) } else { Err(ProofError) }
}

/// Checks that the tree (`old`, `old_root`) is a prefix of (`new`, `new_root`) (RFC 9162, 2.1.4.2).
///
/// # Errors
/// [`ProofError`] when it is not shown to be.
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError);
    }
    if old == new {
        return if proof.is_empty() && old_root == new_root { Ok(()) } else { Err(ProofError) };
    }
    if old == 0 {
        return if proof.is_empty() && *old_root == super::EMPTY_ROOT { Ok(()) } else { Err(ProofError) };
    }
    let (mut first, mut last) = (old.saturating_sub(1), new.saturating_sub(1));
    while first & 1 == 1 {
        (first, last) = (first.wrapping_shr(1), last.wrapping_shr(1));
    }
    let mut rest = proof.iter();
    let seed = if old.is_power_of_two() { *old_root } else { *rest.next().ok_or(ProofError)? };
    let (mut from_old, mut from_new) = (seed, seed);
    for hash in rest {
        if last == 0 {
            return Err(ProofError);
        }
        if first & 1 == 1 || first == last {
            from_old = node_hash(hash, &from_old);
            from_new = node_hash(hash, &from_new);
            while first & 1 == 0 && first != 0 {
                (first, last) = (first.wrapping_shr(1), last.wrapping_shr(1));
            }
        } else {
            from_new = node_hash(&from_new, hash);
        }
        (first, last) = (first.wrapping_shr(1), last.wrapping_shr(1));
    }
    if last == 0 && from_old == *old_root && from_new == *new_root { Ok(()) } else { Err(ProofError) }
}

/// The largest power of two below `size`, which must be at least 2.
const fn split(size: u64) -> u64 {
    match size.saturating_sub(1).checked_ilog2() {
        Some(bit) => 1u64.wrapping_shl(bit),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use core::convert::Infallible;

    use super::super::frontier::perfect_root;
    use super::super::hash::leaf_hash;
    use super::*;

    fn leaves(count: u32) -> Vec<Hash> {
        (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
    }

    fn node_of(leaves: &[Hash]) -> impl FnMut(u8, u64) -> Result<Hash, Infallible> + '_ {
        |level, index| {
            let width = 1usize << level;
            let start = index as usize * width;
            Ok(perfect_root(&leaves[start..start + width]))
        }
    }

    #[test]
    fn every_leaf_of_small_trees_is_proved_and_nothing_else() {
        let all = leaves(70);
        for size in 1..=70u64 {
            let root = range_hash(0, size, &mut node_of(&all)).unwrap();
            for index in 0..size {
                let path = inclusion(index, size, &mut node_of(&all)).unwrap();
                let leaf = all[index as usize];
                assert_eq!(verify_inclusion(&leaf, index, size, &path, &root), Ok(()), "{index} of {size}");
                assert!(verify_inclusion(&leaf_hash(b"other"), index, size, &path, &root).is_err());
                assert!(verify_inclusion(&leaf, index, size + 1, &path, &leaf).is_err());
                assert!(verify_inclusion(&leaf, size, size, &path, &root).is_err());
            }
        }
    }

    #[test]
    fn every_prefix_of_small_trees_is_proved_and_a_changed_one_is_not() {
        let all = leaves(70);
        let mut changed = all.clone();
        changed[0] = leaf_hash(b"changed");
        for new in 1..=70u64 {
            let new_root = range_hash(0, new, &mut node_of(&all)).unwrap();
            for old in 0..=new {
                let old_root = range_hash(0, old, &mut node_of(&all)).unwrap();
                let proof = consistency(old, new, &mut node_of(&all)).unwrap();
                assert_eq!(verify_consistency(old, &old_root, new, &new_root, &proof), Ok(()), "{old} in {new}");
                if old > 0 {
                    let other = range_hash(0, old, &mut node_of(&changed)).unwrap();
                    assert!(verify_consistency(old, &other, new, &new_root, &proof).is_err(), "{old} in {new}");
                }
            }
        }
    }
}
