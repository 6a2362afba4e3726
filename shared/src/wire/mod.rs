//! Frames of the wire: lengths, versions and the messages of each stream; it must do no input or output.
//!
//! A frame is a big-endian `u32` length (at most [`crate::limits::FRAME_BYTES_MAX`]) and one CBOR item.
//! - control: the first bidirectional stream, opened by the client; [`control`].
//! - query: one bidirectional stream each, one question and its answers, then both ends finish; [`query`].
//! - feed: one stream from the server, after [`control::ClientFrame::FeedStart`]; [`feed`].
//! - venue link: its own connection; [`venue`].
//! - enrolment: its own endpoint; [`enrol`].
//! - quotes: datagrams from the server, one [`crate::view::QuoteView`] each, bare CBOR without length.

use alloc::vec::Vec;
use core::fmt;

use crate::cbor;

pub mod close;
pub mod control;
mod depth;
pub mod enrol;
pub mod feed;
mod kept;
pub mod keys;
pub mod query;
mod session_end;
pub mod venue;

/// ALPN of the client protocol.
pub const ALPN: &[u8] = b"turret/1";
/// ALPN of the venue link.
pub const ALPN_VENUE: &[u8] = b"turret-venue/1";
/// ALPN of enrolment.
pub const ALPN_ENROL: &[u8] = b"turret-enrol/1";
/// Newest protocol version this code speaks.
pub const PROTOCOL_VERSION: u16 = 1;
/// Oldest protocol version this code still speaks.
pub const PROTOCOL_VERSION_MIN: u16 = 1;

/// Why bytes are not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameError {
    /// The length prefix is beyond the limit in force; nothing was allocated.
    TooLong,
    /// Nested deeper than `CBOR_DEPTH_MAX`.
    TooDeep,
    /// Not one CBOR item of the expected shape, or something behind it.
    Malformed,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "frame too long",
            Self::TooDeep => "frame nested too deep",
            Self::Malformed => "malformed frame",
        })
    }
}

impl core::error::Error for FrameError {}

/// Appends length and body to `out`.
///
/// # Errors
/// [`FrameError::TooLong`] when the body is longer than a frame may be; `out` is as before.
pub fn put_frame<T: minicbor::Encode<()>>(message: &T, out: &mut Vec<u8>) -> Result<(), FrameError> {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    cbor::put(message, out);
    let body = out.len().saturating_sub(start).saturating_sub(4);
    let length = u32::try_from(body).ok().filter(|_| body <= crate::limits::FRAME_BYTES_MAX);
    let (Some(length), Some(prefix)) = (length, out.get_mut(start..start.saturating_add(4))) else {
        out.truncate(start);
        return Err(FrameError::TooLong);
    };
    prefix.copy_from_slice(&length.to_be_bytes());
    Ok(())
}

/// Checks a length prefix before anything is allocated for it.
///
/// # Errors
/// [`FrameError::TooLong`] beyond `bytes_max`.
pub fn frame_length(prefix: [u8; 4], bytes_max: usize) -> Result<usize, FrameError> {
    usize::try_from(u32::from_be_bytes(prefix)).ok().filter(|n| *n <= bytes_max).ok_or(FrameError::TooLong)
}

/// Decodes one whole frame body.
///
/// # Errors
/// [`FrameError`]; depth is checked before decoding.
pub fn decode_frame<'b, T: minicbor::Decode<'b, ()>>(body: &'b [u8]) -> Result<T, FrameError> {
    depth::check_depth(body)?;
    let mut decoder = minicbor::Decoder::new(body);
    let message = decoder.decode().map_err(|_| FrameError::Malformed)?;
    if decoder.position() == body.len() { Ok(message) } else { Err(FrameError::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::control::ClientFrame;

    #[test]
    fn a_lying_or_deep_frame_is_refused_before_it_is_decoded() {
        assert_eq!(frame_length([0xff; 4], 65_536), Err(FrameError::TooLong));
        let deep = [0x81; 64];
        assert_eq!(decode_frame::<ClientFrame>(&deep).err(), Some(FrameError::TooDeep));
        let lying = [0x9b, 0, 0, 0, 1, 0, 0, 0, 0];
        assert_eq!(decode_frame::<ClientFrame>(&lying).err(), Some(FrameError::Malformed));
        let text = [0x7a, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(decode_frame::<ClientFrame>(&text).err(), Some(FrameError::Malformed));
    }

    #[test]
    fn frames_read_back_and_nothing_may_follow() {
        let mut out = Vec::new();
        assert_eq!(put_frame(&ClientFrame::SignOut { locked: true }, &mut out), Ok(()));
        let body = &out[4..];
        assert!(matches!(decode_frame::<ClientFrame>(body), Ok(ClientFrame::SignOut { locked: true })));
        let mut more = body.to_vec();
        more.push(0);
        assert!(decode_frame::<ClientFrame>(&more).is_err());
    }
}
