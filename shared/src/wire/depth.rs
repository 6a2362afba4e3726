//! How deep and how long a frame claims to be, judged before decoding; it must allocate nothing and never recurse.

use super::FrameError;
use crate::limits::CBOR_DEPTH_MAX;

/// Walks the item without recursion and refuses what nests too deep, lies about its length, or uses what we never send
/// (tags, floats, indefinite lengths).
pub(super) fn check_depth(body: &[u8]) -> Result<(), FrameError> {
    // What is left of each array and map around the one at hand.
    let mut around: [u64; CBOR_DEPTH_MAX] = [0; CBOR_DEPTH_MAX];
    let mut depth = 0_usize;
    let mut left = 1_u64;
    let mut rest = body;
    loop {
        while left == 0 {
            let Some(above) = depth.checked_sub(1) else { return Ok(()) };
            left = *around.get(above).ok_or(FrameError::TooDeep)?;
            depth = above;
        }
        left = left.saturating_sub(1);
        let (major, argument, behind) = head(rest)?;
        rest = behind;
        let children = match major {
            0 | 1 | 7 => continue,
            2 | 3 => {
                let length = usize::try_from(argument).map_err(|_| FrameError::Malformed)?;
                rest = rest.get(length..).ok_or(FrameError::Malformed)?;
                continue;
            }
            4 => argument,
            5 => argument.checked_mul(2).ok_or(FrameError::Malformed)?,
            _ => return Err(FrameError::Malformed),
        };
        // Each child takes a byte at least: a lying count is caught before anything trusts it.
        if usize::try_from(children).map_or(true, |n| n > rest.len()) {
            return Err(FrameError::Malformed);
        }
        if children > 0 {
            *around.get_mut(depth).ok_or(FrameError::TooDeep)? = left;
            depth = depth.saturating_add(1);
            left = children;
        }
    }
}

/// Major type and argument of a CBOR head, and what is behind it.
fn head(bytes: &[u8]) -> Result<(u8, u64, &[u8]), FrameError> {
    let (first, rest) = bytes.split_first().ok_or(FrameError::Malformed)?;
    let (major, low) = (*first >> 5, *first & 0x1f);
    if low < 24 {
        return Ok((major, u64::from(low), rest));
    }
    let (argument, behind) = match low {
        24 => rest.split_first_chunk::<1>().map(|(bytes, behind)| (u64::from(u8::from_be_bytes(*bytes)), behind)),
        25 => rest.split_first_chunk::<2>().map(|(bytes, behind)| (u64::from(u16::from_be_bytes(*bytes)), behind)),
        26 => rest.split_first_chunk::<4>().map(|(bytes, behind)| (u64::from(u32::from_be_bytes(*bytes)), behind)),
        27 => rest.split_first_chunk::<8>().map(|(bytes, behind)| (u64::from_be_bytes(*bytes), behind)),
        _ => None,
    }
    .ok_or(FrameError::Malformed)?;
    if major == 7 && low > 24 { Err(FrameError::Malformed) } else { Ok((major, argument, behind)) }
}
