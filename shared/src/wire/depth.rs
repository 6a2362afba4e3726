//! How deep and how long a frame claims to be, judged before decoding; it must allocate nothing and never recurse.

use super::FrameError;
use crate::limits::CBOR_DEPTH_MAX;

/// Walks the item without recursion and refuses what nests too deep, lies about its length, or uses what we never send
/// (tags, floats, indefinite lengths).
pub(super) fn check_depth(body: &[u8]) -> Result<(), FrameError> {
    let mut left: [u64; CBOR_DEPTH_MAX] = [0; CBOR_DEPTH_MAX];
    let mut depth = 0_usize;
    let mut at = 0_usize;
    loop {
        let (major, argument, next) = head(body, at)?;
        at = next;
        let children = match major {
            0 | 1 | 7 => 0,
            2 | 3 => {
                let length = usize::try_from(argument).map_err(|_| FrameError::Malformed)?;
                at = at.checked_add(length).filter(|end| *end <= body.len()).ok_or(FrameError::Malformed)?;
                0
            }
            4 => argument,
            5 => argument.checked_mul(2).ok_or(FrameError::Malformed)?,
            _ => return Err(FrameError::Malformed),
        };
        if children > 0 {
            // Each child takes a byte at least: a lying count is caught before anything trusts it.
            if usize::try_from(children).map_or(true, |n| n > body.len().saturating_sub(at)) {
                return Err(FrameError::Malformed);
            }
            *left.get_mut(depth).ok_or(FrameError::TooDeep)? = children;
            depth = depth.saturating_add(1);
            continue;
        }
        loop {
            let Some(above) = depth.checked_sub(1) else { return Ok(()) };
            let count = left.get_mut(above).ok_or(FrameError::TooDeep)?;
            *count = count.saturating_sub(1);
            if *count > 0 {
                break;
            }
            depth = above;
        }
    }
}

/// Major type, argument and the place behind a CBOR head.
fn head(body: &[u8], at: usize) -> Result<(u8, u64, usize), FrameError> {
    let first = *body.get(at).ok_or(FrameError::Malformed)?;
    let (major, low) = (first >> 5, first & 0x1f);
    let width: usize = match low {
        0..=23 => return Ok((major, u64::from(low), at.saturating_add(1))),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return Err(FrameError::Malformed),
    };
    if major == 7 && width > 1 {
        return Err(FrameError::Malformed);
    }
    let start = at.saturating_add(1);
    let end = start.saturating_add(width);
    let bytes = body.get(start..end).ok_or(FrameError::Malformed)?;
    let argument = bytes.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b));
    Ok((major, argument, end))
}
