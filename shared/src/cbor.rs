//! CBOR written into a vector a byte or a word at a time; it must add nothing to what minicbor writes.

use alloc::vec::Vec;
use core::convert::Infallible;

use minicbor::Encode;
use minicbor::encode::Write;

/// A vector as a writer. What minicbor has for vectors is a call and a copy for each byte; this one can be inlined, and the
/// headers of items then become plain stores.
#[derive(Debug)]
pub struct Out<'a>(pub &'a mut Vec<u8>);

impl Write for Out<'_> {
    type Error = Infallible;

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// Appends the encoding of `item` to `out`.
pub fn put<T: Encode<()>>(item: &T, out: &mut Vec<u8>) {
    // Writing to a vector cannot fail, and none of our types refuses to be encoded.
    let _ = minicbor::encode(item, Out(out));
}

/// Has a wrapper of fixed bytes written as one CBOR byte string; one of another length is refused as no `$what`.
macro_rules! as_byte_string {
    ($wrapper:ident, $what:literal) => {
        impl<C> minicbor::Encode<C> for $wrapper {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $wrapper {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                d.bytes()?.try_into().map(Self).map_err(|_| minicbor::decode::Error::message($what))
            }
        }
    };
}
pub(crate) use as_byte_string;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_writes_what_minicbor_writes() {
        let item = (u64::MAX, -1_i64, "text", Some([7_u8; 40]), None::<u8>);
        let mut out = alloc::vec![9];
        put(&item, &mut out);
        assert_eq!(out.first(), Some(&9));
        assert_eq!(out.get(1..), minicbor::to_vec(item).ok().as_deref());
    }
}
