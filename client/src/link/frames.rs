//! Frames off a stream: whole ones only, the length looked at before a byte is kept; it must know no message.

use quinn::RecvStream;
use turret_shared::limits::FRAME_BYTES_MAX;
use turret_shared::wire::{FrameError, decode_frame, frame_length};
use zeroize::Zeroize as _;

use super::limits::READ_BYTES_MAX;

/// Room for a server's frames up to the one that says who is in, with what may come right behind it.
const SIGN_IN_BYTES: usize = 4 * 1024;

/// Why no frame came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadError {
    /// The stream or the connection is gone.
    Gone,
    /// What came is no frame.
    Frame(FrameError),
}

impl From<FrameError> for ReadError {
    fn from(error: FrameError) -> Self {
        Self::Frame(error)
    }
}

/// One stream and what was read of it beyond the last whole frame.
pub(super) struct FrameReader {
    stream: RecvStream,
    held: Vec<u8>,
    at: usize,
}

impl FrameReader {
    pub(super) const fn new(stream: RecvStream) -> Self {
        Self { stream, held: Vec::new(), at: 0 }
    }

    /// With room for what comes until a session begins: growing would leave copies behind that nobody wipes.
    pub(super) fn for_secrets(stream: RecvStream) -> Self {
        Self { stream, held: Vec::with_capacity(SIGN_IN_BYTES), at: 0 }
    }

    /// The next frame; `None` once the peer finished cleanly between two frames. Losing the future loses no byte.
    ///
    /// # Errors
    /// [`ReadError`]; the stream is of no use afterwards.
    pub(super) async fn next<T>(&mut self) -> Result<Option<T>, ReadError>
    where
        T: for<'b> minicbor::Decode<'b, ()>,
    {
        loop {
            if let Some(message) = self.held_frame()? {
                return Ok(Some(message));
            }
            match self.stream.read_chunk(READ_BYTES_MAX, true).await {
                Ok(Some(chunk)) => self.held.extend_from_slice(&chunk.bytes),
                Ok(None) if self.held.is_empty() => return Ok(None),
                Ok(None) | Err(_) => return Err(ReadError::Gone),
            }
        }
    }

    /// A frame that is already here, if a whole one is.
    pub(super) fn held_frame<T>(&mut self) -> Result<Option<T>, ReadError>
    where
        T: for<'b> minicbor::Decode<'b, ()>,
    {
        let rest = self.held.get(self.at..).unwrap_or_default();
        let Some((prefix, behind)) = rest.split_first_chunk::<4>() else {
            self.compact();
            return Ok(None);
        };
        let length = frame_length(*prefix, FRAME_BYTES_MAX)?;
        let Some(body) = behind.get(..length) else {
            self.compact();
            return Ok(None);
        };
        let message = decode_frame(body)?;
        self.at = self.at.saturating_add(4).saturating_add(length);
        Ok(Some(message))
    }

    /// Overwrites the frames that were taken: one of them held a secret.
    pub(super) fn wipe_taken(&mut self) {
        self.held.get_mut(..self.at).unwrap_or_default().zeroize();
    }

    fn compact(&mut self) {
        self.held.drain(..self.at.min(self.held.len()));
        self.at = 0;
    }
}
