//! Frames out of a stream of bytes: lengths are judged before anything is held for them; it must not decode a message.

use turret_shared::wire::{FrameError, frame_length};
use zeroize::{Zeroize as _, Zeroizing};

const PREFIX_BYTES: usize = 4;

/// Bytes received and not yet taken as frames. Holds at most one frame's limit and one read. Passwords pass through here:
/// what it outgrows is wiped.
#[derive(Default)]
pub(super) struct FrameBuffer {
    bytes: Zeroizing<Vec<u8>>,
    taken: usize,
    waiting_since_ns: Option<u64>,
}

impl FrameBuffer {
    /// Adds what was read.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.taken > 0 {
            self.bytes.drain(..self.taken);
            self.taken = 0;
        }
        let length = self.bytes.len().saturating_add(bytes.len());
        if length > self.bytes.capacity() {
            let mut roomier = Zeroizing::new(Vec::with_capacity(length.next_power_of_two()));
            roomier.extend_from_slice(&self.bytes);
            self.bytes = roomier;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Overwrites the frames that were taken: one of them held a secret.
    pub(super) fn wipe_taken(&mut self) {
        self.bytes.get_mut(..self.taken).unwrap_or_default().zeroize();
    }

    /// The next whole frame's body, if it is there; lengths beyond `bytes_max` are refused from their prefix alone.
    ///
    /// # Errors
    /// [`FrameError::TooLong`].
    pub(super) fn next(&mut self, bytes_max: usize) -> Result<Option<&[u8]>, FrameError> {
        let waiting = self.bytes.get(self.taken..).unwrap_or_default();
        let Some((prefix, rest)) = waiting.split_first_chunk::<PREFIX_BYTES>() else { return Ok(None) };
        let length = frame_length(*prefix, bytes_max)?;
        let Some(body) = rest.get(..length) else { return Ok(None) };
        self.taken = self.taken.saturating_add(PREFIX_BYTES).saturating_add(length);
        Ok(Some(body))
    }

    /// Notes how long a part of a frame has been lying here; true when that is longer than `ns_max`.
    ///
    /// Called after every read and every tick: whole frames taken in between start the time anew.
    pub(super) fn is_overdue(&mut self, now_ns: u64, ns_max: u64, took_some: bool) -> bool {
        if self.taken >= self.bytes.len() {
            self.waiting_since_ns = None;
            return false;
        }
        if took_some {
            self.waiting_since_ns = None;
        }
        let since = *self.waiting_since_ns.get_or_insert(now_ns);
        now_ns.saturating_sub(since) > ns_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_whole_however_the_bytes_arrive() {
        let wire = [0, 0, 0, 2, 7, 8, 0, 0, 0, 0, 0, 0, 0, 1, 9];
        for step in 1..wire.len() {
            let mut buffer = FrameBuffer::default();
            let mut seen: Vec<Vec<u8>> = Vec::new();
            for part in wire.chunks(step) {
                buffer.push(part);
                while let Some(body) = buffer.next(16).unwrap() {
                    seen.push(body.to_vec());
                }
            }
            assert_eq!(seen, [vec![7, 8], vec![], vec![9]], "step {step}");
            assert!(!buffer.is_overdue(u64::MAX, 0, false));
        }
    }

    #[test]
    fn a_lying_length_is_refused_before_its_bytes_come() {
        let mut buffer = FrameBuffer::default();
        buffer.push(&[0xff, 0xff, 0xff, 0xff]);
        assert_eq!(buffer.next(65_536), Err(FrameError::TooLong));
        let mut buffer = FrameBuffer::default();
        buffer.push(&[0, 0, 8, 1]);
        assert_eq!(buffer.next(2_048), Err(FrameError::TooLong));
        assert_eq!(buffer.next(65_536), Ok(None));
    }

    #[test]
    fn a_frame_that_was_taken_can_be_wiped_and_what_follows_it_stays() {
        let mut buffer = FrameBuffer::default();
        buffer.push(&[0, 0, 0, 3, 7, 7, 7, 0, 0, 0, 1, 9]);
        assert_eq!(buffer.next(16).unwrap(), Some(&[7, 7, 7][..]));
        buffer.wipe_taken();
        assert!(!buffer.bytes.contains(&7));
        assert_eq!(buffer.next(16).unwrap(), Some(&[9][..]));
    }

    #[test]
    fn half_a_frame_is_overdue_in_the_end() {
        let mut buffer = FrameBuffer::default();
        buffer.push(&[0, 0]);
        assert!(!buffer.is_overdue(10, 5, false));
        // A byte at a time does not help.
        buffer.push(&[0]);
        assert!(!buffer.is_overdue(15, 5, false));
        assert!(buffer.is_overdue(16, 5, false));
        // A whole frame in between does.
        assert!(!buffer.is_overdue(16, 5, true));
    }
}
