//! The little CBOR that CTAP speaks: numbered members, looked up one at a time; it must take nothing that does not read whole.

use minicbor::{Decoder, Encoder};

use super::KeyError;

/// Most members of an answer that are looked at.
const MEMBERS_MAX: u64 = 64;

/// Builds a message: a command and its parameters.
pub(super) fn message(
    command: u8,
    members: u64,
    put: impl FnOnce(&mut Encoder<&mut Vec<u8>>) -> Result<(), minicbor::encode::Error<std::convert::Infallible>>,
) -> Vec<u8> {
    let mut out = vec![command];
    let mut e = Encoder::new(&mut out);
    // Writing to a vector cannot fail.
    let _ = e.map(members).map(|_| ());
    let _ = put(&mut e);
    out
}

/// The raw bytes of a numbered member of a map; `None` when it is not there.
pub(super) fn member(map: &[u8], wanted: u8) -> Result<Option<&[u8]>, KeyError> {
    find(map, |d| Ok(d.u8()? == wanted))
}

/// The same of a named one.
pub(super) fn named<'a>(map: &'a [u8], wanted: &str) -> Result<Option<&'a [u8]>, KeyError> {
    find(map, |d| Ok(d.str()? == wanted))
}

/// A byte string that must be there.
pub(super) fn bytes(map: &[u8], wanted: u8) -> Result<Vec<u8>, KeyError> {
    let raw = member(map, wanted)?.ok_or(KeyError::Malformed)?;
    Decoder::new(raw).bytes().map(<[u8]>::to_vec).map_err(|_| KeyError::Malformed)
}

fn find<'a>(
    map: &'a [u8],
    is: impl Fn(&mut Decoder<'a>) -> Result<bool, minicbor::decode::Error>,
) -> Result<Option<&'a [u8]>, KeyError> {
    let mut d = Decoder::new(map);
    let mut walk = || {
        let members = d.map()?.filter(|members| *members <= MEMBERS_MAX);
        let members = members.ok_or_else(|| minicbor::decode::Error::message("members"))?;
        for _ in 0..members {
            let found = is(&mut d)?;
            let from = d.position();
            d.skip()?;
            if found {
                return Ok(map.get(from..d.position()));
            }
        }
        Ok::<_, minicbor::decode::Error>(None)
    };
    walk().map_err(|_| KeyError::Malformed)
}
