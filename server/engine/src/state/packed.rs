//! Records of integers as CBOR, written in one go and read straight from the bytes; it must give the bytes minicbor gives.
//!
//! A snapshot is millions of them: a library call an integer is most of the time a start takes.

use minicbor::encode::Write;
use minicbor::{Decode, Decoder, Encoder, decode, encode};

/// Longest record: more integers than any has, each with its nine bytes.
const BYTES_MAX: usize = 512;
/// Major types (RFC 8949, 3.1).
const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const ARRAY: u8 = 4;
/// `null`, `false` and `true`.
const NULL: u8 = 0xf6;
const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;

/// A record being written.
pub(crate) struct Packer {
    bytes: [u8; BYTES_MAX],
    length: usize,
}

impl Packer {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; BYTES_MAX], length: 0 }
    }

    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        let end = self.length.saturating_add(N);
        if let Some(slot) = self.bytes.get_mut(self.length..end) {
            slot.copy_from_slice(&bytes);
            self.length = end;
        }
    }

    /// The shortest head of its value (RFC 8949, 4.2.1).
    fn head(&mut self, major: u8, value: u64) {
        let major = major.wrapping_shl(5);
        if value < 24 {
            self.put([major | value as u8]);
        } else if let Ok(small) = u8::try_from(value) {
            self.put([major | 24, small]);
        } else if let Ok(small) = u16::try_from(value) {
            let [a, b] = small.to_be_bytes();
            self.put([major | 25, a, b]);
        } else if let Ok(small) = u32::try_from(value) {
            let [a, b, c, d] = small.to_be_bytes();
            self.put([major | 26, a, b, c, d]);
        } else {
            let [a, b, c, d, e, f, g, h] = value.to_be_bytes();
            self.put([major | 27, a, b, c, d, e, f, g, h]);
        }
    }

    /// The head of an array of so many.
    pub(crate) fn array(&mut self, length: u8) -> &mut Self {
        self.head(ARRAY, length.into());
        self
    }

    pub(crate) fn unsigned(&mut self, value: impl Into<u64>) -> &mut Self {
        self.head(UNSIGNED, value.into());
        self
    }

    pub(crate) fn signed(&mut self, value: i64) -> &mut Self {
        if value < 0 {
            self.head(NEGATIVE, (!value).cast_unsigned());
        } else {
            self.head(UNSIGNED, value.unsigned_abs());
        }
        self
    }

    /// As a plain integer where it fits 64 bits, else as sixteen bytes, big end first.
    pub(crate) fn wide(&mut self, value: i128) -> &mut Self {
        if let Ok(small) = i64::try_from(value) {
            return self.signed(small);
        }
        self.head(BYTES, 16);
        self.put(value.to_be_bytes());
        self
    }

    pub(crate) fn flag(&mut self, value: bool) -> &mut Self {
        self.put([if value { TRUE } else { FALSE }]);
        self
    }

    /// `null`, or what `some` writes.
    pub(crate) fn option<T>(&mut self, value: Option<T>, some: impl FnOnce(&mut Self, T)) -> &mut Self {
        match value {
            Some(value) => some(self, value),
            None => self.put([NULL]),
        }
        self
    }

    /// Everything written, into `e`.
    pub(crate) fn write<W: Write>(&self, e: &mut Encoder<W>) -> Result<(), encode::Error<W::Error>> {
        e.writer_mut().write_all(self.bytes.get(..self.length).unwrap_or_default()).map_err(encode::Error::write)
    }
}

/// A record being read; `None` is a record that is none.
pub(crate) struct Unpacker<'b> {
    rest: &'b [u8],
}

impl<'b> Unpacker<'b> {
    /// Reads one record where `d` stands, and leaves `d` behind it.
    pub(crate) fn read<T>(
        d: &mut Decoder<'b>,
        record: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Result<T, decode::Error> {
        let input = d.input();
        let mut unpacker = Self { rest: input.get(d.position()..).unwrap_or_default() };
        let value = record(&mut unpacker).ok_or_else(|| decode::Error::message("record"))?;
        d.set_position(input.len().saturating_sub(unpacker.rest.len()));
        Ok(value)
    }

    /// Major type and value.
    fn head(&mut self) -> Option<(u8, u64)> {
        let (first, rest) = self.rest.split_first()?;
        let (value, rest) = match first & 31 {
            small @ 0..=23 => (small.into(), rest),
            24 => rest.split_first().map(|(byte, rest)| ((*byte).into(), rest))?,
            25 => rest.split_first_chunk().map(|(bytes, rest)| (u16::from_be_bytes(*bytes).into(), rest))?,
            26 => rest.split_first_chunk().map(|(bytes, rest)| (u32::from_be_bytes(*bytes).into(), rest))?,
            27 => rest.split_first_chunk().map(|(bytes, rest)| (u64::from_be_bytes(*bytes), rest))?,
            _ => return None,
        };
        self.rest = rest;
        Some((first.wrapping_shr(5), value))
    }

    fn of_major(&mut self, major: u8) -> Option<u64> {
        self.head().filter(|(own, _)| *own == major).map(|(_, value)| value)
    }

    /// The head of an array of exactly so many.
    pub(crate) fn array(&mut self, length: u8) -> Option<()> {
        self.of_major(ARRAY).filter(|own| *own == u64::from(length)).map(|_| ())
    }

    /// The head of an array of so many, or of one more; true for one more.
    pub(crate) fn array_or_longer(&mut self, length: u8) -> Option<bool> {
        let more = self.of_major(ARRAY)?.checked_sub(length.into())?;
        (more <= 1).then_some(more == 1)
    }

    pub(crate) fn unsigned<T: TryFrom<u64>>(&mut self) -> Option<T> {
        self.of_major(UNSIGNED).and_then(|value| value.try_into().ok())
    }

    pub(crate) fn signed(&mut self) -> Option<i64> {
        let (major, value) = self.head()?;
        let value = i64::try_from(value).ok()?;
        match major {
            UNSIGNED => Some(value),
            NEGATIVE => Some(!value),
            _ => None,
        }
    }

    pub(crate) fn wide(&mut self) -> Option<i128> {
        if self.rest.first().is_none_or(|first| first.wrapping_shr(5) != BYTES) {
            return self.signed().map(i128::from);
        }
        self.of_major(BYTES).filter(|length| *length == 16)?;
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(i128::from_be_bytes(*bytes))
    }

    pub(crate) fn flag(&mut self) -> Option<bool> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        match *first {
            TRUE => Some(true),
            FALSE => Some(false),
            _ => None,
        }
    }

    /// `None` inside for `null`.
    pub(crate) fn option<T>(&mut self, some: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.rest.split_first()? {
            (&NULL, rest) => {
                self.rest = rest;
                Some(None)
            }
            _ => some(self).map(Some),
        }
    }

    /// One of the words of an enum that is written as its number, below 24.
    pub(crate) fn word<T: Decode<'b, ()>>(&mut self) -> Option<T> {
        let (one, rest) = self.rest.split_at_checked(1)?;
        self.rest = rest;
        decode(one).ok()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn the_bytes_are_those_of_minicbor_and_read_back() {
        let edges = [0, 1, 23, 24, 255, 256, 65_535, 65_536, u32::MAX as i64, u32::MAX as i64 + 1, i64::MAX];
        for value in edges.into_iter().flat_map(|edge| [edge, -edge, !edge]) {
            let mut packer = Packer::new();
            let wide = i128::from(value) * i128::from(i64::MAX);
            packer.array(5).signed(value).unsigned(value.unsigned_abs()).wide(wide).flag(value > 5);
            packer.option(Some(value).filter(|value| *value > 7), |packer, value| {
                packer.signed(value);
            });
            let mut packed = Vec::new();
            packer.write(&mut Encoder::new(&mut packed)).unwrap();

            let mut plain = Vec::new();
            let mut e = Encoder::new(&mut plain);
            e.array(5).unwrap().i64(value).unwrap().u64(value.unsigned_abs()).unwrap();
            e.encode(crate::exact::Exact(wide)).unwrap().bool(value > 5).unwrap();
            e.encode(Some(value).filter(|value| *value > 7)).unwrap();
            assert_eq!(packed, plain, "{value}");

            let mut d = Decoder::new(&packed);
            let read = Unpacker::read(&mut d, |u| {
                u.array(5)?;
                Some((u.signed()?, u.unsigned::<u64>()?, u.wide()?, u.flag()?, u.option(Unpacker::signed)?))
            });
            let over = Some(value).filter(|value| *value > 7);
            assert_eq!(read.unwrap(), (value, value.unsigned_abs(), wide, value > 5, over));
            assert_eq!(d.position(), packed.len());
        }
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for bytes in [&[][..], &[0x18], &[0x1f], &[0xff], &[0x60], &[0x3b, 0xff, 0, 0, 0, 0, 0, 0, 0]] {
            assert!(Unpacker::read(&mut Decoder::new(bytes), Unpacker::signed).is_err(), "{bytes:?}");
        }
    }
}
