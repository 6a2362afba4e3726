//! Frames read off a QUIC stream, many a read; it must not allocate for a length it has not checked.

use std::fmt;

use turret_shared::limits::FRAME_BYTES_MAX;
use turret_shared::wire::{FrameError, decode_frame, frame_length};

/// Why no more frames can be read.
#[derive(Debug)]
pub enum StreamFault {
    /// The connection or stream is gone.
    Lost(quinn::ReadError),
    /// The peer sent what is no frame.
    Frame(FrameError),
    /// The stream ended, perhaps in the middle of a frame.
    Ended,
}

impl fmt::Display for StreamFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(_) => f.write_str("stream lost"),
            Self::Frame(fault) => fault.fmt(f),
            Self::Ended => f.write_str("stream ended"),
        }
    }
}

impl std::error::Error for StreamFault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Lost(cause) => Some(cause),
            Self::Frame(cause) => Some(cause),
            Self::Ended => None,
        }
    }
}

/// A stream and the bytes read ahead of the next frame.
#[derive(Debug)]
pub struct FrameReader {
    stream: quinn::RecvStream,
    ahead: Vec<u8>,
    at: usize,
}

impl FrameReader {
    /// Nothing read yet.
    #[must_use]
    pub fn new(stream: quinn::RecvStream) -> Self {
        Self { stream, ahead: Vec::new(), at: 0 }
    }

    /// The next frame, waiting for it. Safe to drop while waiting: nothing read is lost.
    ///
    /// # Errors
    /// [`StreamFault`]; nothing more can be read then.
    pub async fn next<T: for<'b> minicbor::Decode<'b, ()>>(&mut self) -> Result<T, StreamFault> {
        loop {
            if let Some(frame) = self.ready()? {
                return Ok(frame);
            }
            self.fill().await?;
        }
    }

    /// The next frame if it was read already.
    ///
    /// # Errors
    /// [`StreamFault::Frame`].
    pub fn ready<T: for<'b> minicbor::Decode<'b, ()>>(&mut self) -> Result<Option<T>, StreamFault> {
        let rest = self.ahead.get(self.at..).unwrap_or(&[]);
        let Some((prefix, body)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        let length = frame_length(*prefix, FRAME_BYTES_MAX).map_err(StreamFault::Frame)?;
        let Some(body) = body.get(..length) else { return Ok(None) };
        let frame = decode_frame(body).map_err(StreamFault::Frame)?;
        self.at = self.at.saturating_add(4).saturating_add(length);
        Ok(Some(frame))
    }

    async fn fill(&mut self) -> Result<(), StreamFault> {
        if self.at > 0 {
            self.ahead.drain(..self.at);
            self.at = 0;
        }
        let chunk = self.stream.read_chunk(FRAME_BYTES_MAX, true).await.map_err(StreamFault::Lost)?;
        self.ahead.extend_from_slice(&chunk.ok_or(StreamFault::Ended)?.bytes);
        Ok(())
    }
}
