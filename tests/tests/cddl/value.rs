//! CBOR items as plain values; it must write the one shortest encoding.

use minicbor::data::Type;
use minicbor::{Decoder, Encoder};

/// One item, as far as our wire uses CBOR.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Uint(u64),
    /// Below zero.
    Negative(i64),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Value>),
    Map(Vec<(u64, Value)>),
    Bool(bool),
    Null,
}

impl Value {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut Encoder::new(&mut bytes));
        bytes
    }

    fn write(&self, e: &mut Encoder<&mut Vec<u8>>) {
        match self {
            Self::Uint(n) => e.u64(*n).map(drop),
            Self::Negative(n) => e.i64(*n).map(drop),
            Self::Bytes(b) => e.bytes(b).map(drop),
            Self::Text(t) => e.str(t).map(drop),
            Self::Bool(b) => e.bool(*b).map(drop),
            Self::Null => e.null().map(drop),
            Self::Array(items) => {
                e.array(items.len() as u64).unwrap();
                items.iter().for_each(|item| item.write(e));
                Ok(())
            }
            Self::Map(pairs) => {
                e.map(pairs.len() as u64).unwrap();
                for (key, item) in pairs {
                    e.u64(*key).unwrap();
                    item.write(e);
                }
                Ok(())
            }
        }
        .unwrap();
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let mut d = Decoder::new(bytes);
        let value = Self::read(&mut d);
        assert_eq!(d.position(), bytes.len(), "one item");
        value
    }

    fn read(d: &mut Decoder<'_>) -> Self {
        match d.datatype().unwrap() {
            Type::U8 | Type::U16 | Type::U32 | Type::U64 => Self::Uint(d.u64().unwrap()),
            Type::I8 | Type::I16 | Type::I32 | Type::I64 => Self::Negative(d.i64().unwrap()),
            Type::Bytes => Self::Bytes(d.bytes().unwrap().to_vec()),
            Type::String => Self::Text(d.str().unwrap().to_owned()),
            Type::Bool => Self::Bool(d.bool().unwrap()),
            Type::Null => {
                d.null().unwrap();
                Self::Null
            }
            Type::Array => {
                let count = d.array().unwrap().unwrap();
                Self::Array((0..count).map(|_| Self::read(d)).collect())
            }
            Type::Map => {
                let count = d.map().unwrap().unwrap();
                Self::Map((0..count).map(|_| (d.u64().unwrap(), Self::read(d))).collect())
            }
            other => panic!("not on our wire: {other:?}"),
        }
    }
}
