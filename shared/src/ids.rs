//! Identifiers: what each names, how it is written and read; it must hold no lookup table.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use minicbor::{Decode, Encode};

/// An identifier was not of its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdError;

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an identifier of this kind")
    }
}

impl core::error::Error for IdError {}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number_id!(/// A person known to the server; the log names people only so.
    UserId, u32);
number_id!(/// A device of one person; stands in its certificate.
    DeviceId, u32);
number_id!(/// A client account.
    AccountId, u32);
number_id!(/// A listing.
    InstrumentId, u32);
number_id!(/// A desk.
    DeskId, u16);
number_id!(/// A credential and never its secret.
    CredentialId, u32);
number_id!(/// A live or ended session: the log sequence of its start.
    SessionId, u64);
number_id!(/// One authenticated transport connection since the server was made.
    ConnectionId, u64);
number_id!(/// A command waiting for its step-up: the log sequence of the request.
    PendingId, u64);
number_id!(/// An enrolment code and never its secret: the step-up it was made with.
    CodeId, u64);
number_id!(/// Something that waits for a second person: the step-up the first one answered for it.
    ApprovalId, u64);
number_id!(/// A ban of one source, numbered by the edge since the server was made.
    BanId, u64);
number_id!(/// Position in the one log; the first entry is 0.
    Sequence, u64);
number_id!(/// A name for everything one person may see and do: the same for as long as that is.
    EntitlementVersion, u64);

/// Entries, and so orders or executions, one log entry may bring forth.
pub const INDEX_BITS: u32 = 8;

macro_rules! sequence_id {
    ($(#[$doc:meta])* $name:ident, $letter:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] pub u64);

        impl $name {
            /// From the log sequence of its first entry and its place within it.
            #[must_use]
            pub const fn new(sequence: Sequence, index: u8) -> Self {
                Self(sequence.0.wrapping_shl(INDEX_BITS) | index as u64)
            }

            /// The log sequence of its first entry.
            #[must_use]
            pub const fn sequence(self) -> Sequence {
                Sequence(self.0.wrapping_shr(INDEX_BITS))
            }

            /// Its place within that entry.
            #[must_use]
            pub const fn index(self) -> u8 {
                (self.0 & 0xff) as u8
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}"), self.sequence())?;
                if self.index() > 0 { write!(f, "-{}", self.index()) } else { Ok(()) }
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let rest = text.strip_prefix($letter).ok_or(IdError)?;
                let (sequence, index) = rest.split_once('-').unwrap_or((rest, "0"));
                let id = Self::new(Sequence(plain_number(sequence)?), u8::try_from(plain_number(index)?).map_err(|_| IdError)?);
                if id.to_string() == text { Ok(id) } else { Err(IdError) }
            }
        }
    };
}

sequence_id!(/// An order, however often replaced (FIX 37): `O<sequence>[-<index>]`.
    OrderId, "O");
sequence_id!(/// An execution as we booked it (FIX 17): `E<sequence>[-<index>]`.
    ExecId, "E");

fn plain_number(text: &str) -> Result<u64, IdError> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(IdError);
    }
    text.parse().map_err(|_| IdError)
}

/// What a person quotes when something went wrong; resolves in the audit: `7F3A-19C2-0B1D`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct CorrelationId(#[n(0)] pub u64);

impl CorrelationId {
    /// Keeps the low 48 bits.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits & 0xffff_ffff_ffff)
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |shift: u32| self.0.wrapping_shr(shift) & 0xffff;
        write!(f, "{:04X}-{:04X}-{:04X}", part(32), part(16), part(0))
    }
}

impl FromStr for CorrelationId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        let id = Self(u64::from_str_radix(&digits, 16).map_err(|_| IdError)?);
        if id.to_string().eq_ignore_ascii_case(text) { Ok(id) } else { Err(IdError) }
    }
}

/// The owner's name for one command (FIX 11), 1 to 36 of `A-Z a-z 0-9 . _ : -`.
///
/// It lies in place: every command, event and row has one, and none of them should cost an allocation for it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClOrdId {
    /// Zero behind the text, so that comparing all compares the text.
    letters: [u8; Self::LENGTH_MAX],
    length: u8,
}

impl ClOrdId {
    /// Longest accepted, in bytes.
    pub const LENGTH_MAX: usize = 36;

    /// Checks the form.
    ///
    /// # Errors
    /// [`IdError`] when empty, too long or holding any other character.
    pub fn new(text: &str) -> Result<Self, IdError> {
        let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-');
        let mut letters = [0; Self::LENGTH_MAX];
        let slot = letters.get_mut(..text.len()).filter(|slot| !slot.is_empty()).ok_or(IdError)?;
        slot.copy_from_slice(text.as_bytes());
        if !slot.iter().all(plain) {
            return Err(IdError);
        }
        Ok(Self { letters, length: u8::try_from(text.len()).map_err(|_| IdError)? })
    }

    /// As typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // ASCII, as `new` saw.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The letters as typed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.letters.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl fmt::Debug for ClOrdId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClOrdId").field(&self.as_str()).finish()
    }
}

impl fmt::Display for ClOrdId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<C> Encode<C> for ClOrdId {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(self.as_str())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for ClOrdId {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Self::new(d.str()?).map_err(|_| minicbor::decode::Error::message("ClOrdID"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_ids_read_back_exactly() {
        for (sequence, index, text) in [(48_201, 0, "O48201"), (7, 3, "O7-3"), (0, 0, "O0")] {
            let id = OrderId::new(Sequence(sequence), index);
            assert_eq!(id.to_string(), text);
            assert_eq!(text.parse(), Ok(id));
        }
        for text in ["48201", "O", "O-1", "O7-0", "O07", "O7-256", "E7", "O7-1-1", "O+7"] {
            assert_eq!(text.parse::<OrderId>(), Err(IdError), "{text}");
        }
    }

    #[test]
    fn correlation_ids_read_back() {
        let id = CorrelationId::from_bits(0x7F3A_19C2_0B1D);
        assert_eq!(id.to_string(), "7F3A-19C2-0B1D");
        assert_eq!("7f3a-19c2-0b1d".parse(), Ok(id));
        assert_eq!("7F3A19C20B1D".parse::<CorrelationId>(), Err(IdError));
    }

    #[test]
    fn cl_ord_ids_are_plain() {
        assert!(ClOrdId::new("T48201-1").is_ok());
        for text in ["", "a b", "a\u{1b}", "é", &"x".repeat(37)] {
            assert_eq!(ClOrdId::new(text), Err(IdError), "{text}");
        }
    }
}
