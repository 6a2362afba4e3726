//! Bytes of any length sealed chunk by chunk (AES-256-GCM); it must let nothing through that is not proved.

use std::io::{self, Read, Write};

use aes_gcm::aead::{Aead, KeyInit, Nonce, Payload};
use aes_gcm::{Aes256Gcm, Key};
use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

/// Plain bytes of every chunk but the last.
const CHUNK_BYTES: usize = 256 * 1024;
/// Authentication tag behind each chunk, in bytes.
const TAG_BYTES: usize = 16;

/// Place and whether it is the last: so a key seals no two chunks under one nonce, and none passes for another.
fn nonce(place: u64, last: bool) -> Nonce<Aes256Gcm> {
    let mut bytes = [0u8; 12];
    for (byte, of) in bytes.iter_mut().skip(3).zip(place.to_be_bytes()) {
        *byte = of;
    }
    if let Some(flag) = bytes.last_mut() {
        *flag = u8::from(last);
    }
    Nonce::<Aes256Gcm>::from(bytes)
}

fn cipher(key: &SecretKey) -> Aes256Gcm {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key.expose()))
}

fn altered() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// Seals what is written to it.
pub struct Sealing<W> {
    out: W,
    cipher: Aes256Gcm,
    bound: [u8; 32],
    place: u64,
    plain: Zeroizing<Vec<u8>>,
}

impl<W: Write> Sealing<W> {
    /// Under a key that seals nothing else, bound to `bound`.
    pub fn new(out: W, key: &SecretKey, bound: [u8; 32]) -> Self {
        let plain = Zeroizing::new(Vec::with_capacity(CHUNK_BYTES));
        Self { out, cipher: cipher(key), bound, place: 0, plain }
    }

    /// Seals the last chunk and gives back what it wrote to.
    ///
    /// # Errors
    /// What the system says.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        Ok(self.out)
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let payload = Payload { msg: &self.plain, aad: &self.bound };
        let sealed = self.cipher.encrypt(&nonce(self.place, last), payload).map_err(|_| altered())?;
        self.out.write_all(&sealed)?;
        self.place = self.place.checked_add(1).ok_or_else(altered)?;
        self.plain.clear();
        Ok(())
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits for the byte after it: only then it is not the last.
        if self.plain.len() == CHUNK_BYTES && !bytes.is_empty() {
            self.seal(false)?;
        }
        let room = CHUNK_BYTES.saturating_sub(self.plain.len()).min(bytes.len());
        let (taken, _) = bytes.split_at(room);
        self.plain.extend_from_slice(taken);
        Ok(room)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Opens what [`Sealing`] wrote: what is read from it was proved, and its end is the end. [`io::ErrorKind::InvalidData`] where
/// a chunk is altered, missing, or of another place.
pub struct Unsealing<R> {
    input: R,
    cipher: Aes256Gcm,
    bound: [u8; 32],
    place: u64,
    /// The chunk after the one that was opened.
    ahead: Vec<u8>,
    plain: Zeroizing<Vec<u8>>,
    read: usize,
}

impl<R: Read> Unsealing<R> {
    /// The counterpart of [`Sealing::new`].
    ///
    /// # Errors
    /// What the system says.
    pub fn new(mut input: R, key: &SecretKey, bound: [u8; 32]) -> io::Result<Self> {
        let ahead = chunk(&mut input)?;
        let plain = Zeroizing::new(Vec::new());
        Ok(Self { input, cipher: cipher(key), bound, place: 0, ahead, plain, read: 0 })
    }

    /// Opens the next chunk; false behind the last.
    fn open(&mut self) -> io::Result<bool> {
        if self.ahead.is_empty() {
            // There is always a last chunk, however short.
            return if self.place == 0 { Err(altered()) } else { Ok(false) };
        }
        let next = chunk(&mut self.input)?;
        let sealed = std::mem::replace(&mut self.ahead, next);
        let payload = Payload { msg: &sealed, aad: &self.bound };
        let last = self.ahead.is_empty();
        let opened = self.cipher.decrypt(&nonce(self.place, last), payload).map_err(|_| altered())?;
        self.plain = Zeroizing::new(opened);
        self.read = 0;
        self.place = self.place.checked_add(1).ok_or_else(altered)?;
        Ok(true)
    }
}

fn chunk(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(CHUNK_BYTES + TAG_BYTES);
    input.take((CHUNK_BYTES + TAG_BYTES) as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl<R: Read> Read for Unsealing<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.read >= self.plain.len() {
            if !self.open()? {
                return Ok(0);
            }
        }
        let rest = self.plain.get(self.read..).unwrap_or_default();
        let count = rest.len().min(out.len());
        for (to, from) in out.iter_mut().zip(rest) {
            *to = *from;
        }
        self.read = self.read.saturating_add(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(plain: &[u8], at_once: usize) -> Vec<u8> {
        let mut sealing = Sealing::new(Vec::new(), &SecretKey::new([1; 32]), [2; 32]);
        plain.chunks(at_once.max(1)).for_each(|part| sealing.write_all(part).unwrap());
        sealing.finish().unwrap()
    }

    fn opened(sealed: &[u8], key: u8, bound: u8) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        Unsealing::new(sealed, &SecretKey::new([key; 32]), [bound; 32])?.read_to_end(&mut plain)?;
        Ok(plain)
    }

    fn refused(sealed: &[u8], what: &str) {
        let kind = opened(sealed, 1, 2).map(|plain| plain.len()).map_err(|error| error.kind());
        assert_eq!(kind, Err(io::ErrorKind::InvalidData), "{what}");
    }

    #[test]
    fn what_is_sealed_opens_whole_or_not_at_all() {
        for length in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES] {
            let plain: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let bytes = sealed(&plain, 7_777);
            assert_eq!(bytes, sealed(&plain, length), "however it is written");
            assert!(opened(&bytes, 1, 2).unwrap() == plain, "{length}");
            assert!(opened(&bytes, 9, 2).is_err() && opened(&bytes, 1, 9).is_err(), "another key, another header");
            refused(&bytes[..bytes.len() - 1], "one byte less");
            refused(&[bytes.as_slice(), &[0]].concat(), "one byte more");
        }
    }

    #[test]
    fn no_chunk_can_be_altered_moved_repeated_or_left_out() {
        let whole = CHUNK_BYTES + TAG_BYTES;
        // Three alike, and a short one.
        let bytes = sealed(&vec![7; 3 * CHUNK_BYTES + 5], CHUNK_BYTES);
        let parts: Vec<&[u8]> = bytes.chunks(whole).collect();
        assert_eq!(parts.len(), 4);
        for order in [&[1, 0, 2, 3][..], &[0, 1, 3], &[0, 1, 2], &[0, 0, 1, 2, 3], &[3], &[0], &[]] {
            let moved: Vec<u8> = order.iter().flat_map(|at| parts[*at]).copied().collect();
            refused(&moved, &format!("{order:?}"));
        }
        let places = [0, 1, whole - 1, whole, 2 * whole + 9, bytes.len() - TAG_BYTES, bytes.len() - 1];
        for at in places {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                refused(&flipped, &format!("bit {bit} of byte {at}"));
            }
        }
    }
}
