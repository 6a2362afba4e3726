//! The model of a security key as it says it itself (AAGUID); it must vouch for none.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::cbor::as_byte_string;

/// Sixteen bytes a maker gives all keys of a model; zero where a key does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct KeyModel(pub [u8; 16]);

/// Where the dashes stand, in digits before them.
const DASHES: [usize; 4] = [8, 12, 16, 20];
/// Digits of one.
const DIGITS: usize = 32;

/// Why a text names no model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAModel;

impl fmt::Display for NotAModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("thirty-two hexadecimal digits, with or without their dashes")
    }
}

impl core::error::Error for NotAModel {}

impl fmt::Display for KeyModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if DASHES.contains(&at.saturating_mul(2)) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl FromStr for KeyModel {
    type Err = NotAModel;

    fn from_str(text: &str) -> Result<Self, NotAModel> {
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        if digits.len() != DIGITS || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NotAModel);
        }
        let number = u128::from_str_radix(&digits, 16).map_err(|_| NotAModel)?;
        let model = Self(number.to_be_bytes());
        // A dash anywhere else is a mistake of whoever typed it.
        let spelt = alloc::format!("{model}");
        let fits = !text.contains('-') || text.eq_ignore_ascii_case(&spelt);
        if fits { Ok(model) } else { Err(NotAModel) }
    }
}

as_byte_string!(KeyModel, "key model");

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn a_model_is_read_as_it_is_written_and_nothing_else_is_one() {
        let text = "ee882879-721c-4913-9775-3dfcce97072a";
        let model: KeyModel = text.parse().unwrap();
        assert_eq!(model.to_string(), text);
        assert_eq!("EE882879721C491397753DFCCE97072A".parse(), Ok(model));
        assert_eq!(minicbor::decode::<KeyModel>(&minicbor::to_vec(model).unwrap()).unwrap(), model);
        for bad in [
            "",
            "ee88",
            "ee882879-721c-4913-9775-3dfcce97072",
            "ee8828-79721c-4913-9775-3dfcce97072a",
            "+e882879721c491397753dfcce97072a",
            "\u{e9}e882879721c491397753dfcce97072a",
        ] {
            assert!(bad.parse::<KeyModel>().is_err(), "{bad}");
        }
    }
}
