//! What whoever runs the house may do to desks, accounts and the restricted list; it must decide nothing.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use minicbor::{Decode, Encode};

use crate::account::OrderCapacity;
use crate::composed::{ComposedRole, Permissions};
use crate::ids::{AccountId, DeskId, InstrumentId};
use crate::key_model::KeyModel;
use crate::limits::CODE_CHARS_MAX;
use crate::money::{Currency, Money};
use crate::role::Role;

/// What people type for a desk or an account: one to [`CODE_CHARS_MAX`] letters, digits, dots, dashes and underscores.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code {
    len: u8,
    bytes: [u8; CODE_CHARS_MAX],
}

/// Why a text is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotACode;

impl fmt::Display for NotACode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one to {CODE_CHARS_MAX} letters, digits, dots, dashes and underscores")
    }
}

impl core::error::Error for NotACode {}

impl FromStr for Code {
    type Err = NotACode;

    fn from_str(text: &str) -> Result<Self, NotACode> {
        if !is_code(text) {
            return Err(NotACode);
        }
        let mut bytes = [0; CODE_CHARS_MAX];
        for (to, from) in bytes.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        Ok(Self { len: u8::try_from(text.len()).map_err(|_| NotACode)?, bytes })
    }
}

impl Code {
    /// As typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let typed = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        core::str::from_utf8(typed).unwrap_or_default()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<C> Encode<C> for Code {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(self.as_str())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Code {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.str()?.parse().map_err(|_| minicbor::decode::Error::message("no code"))
    }
}

/// True for what [`Code`] holds.
#[must_use]
pub fn is_code(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    !text.is_empty() && text.len() <= CODE_CHARS_MAX && text.bytes().all(plain)
}

/// One act on what the house has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum House {
    /// A desk is there from now on; nobody is of it yet.
    #[n(0)]
    OpenDesk {
        /// `EQ1`; no other desk has it.
        #[n(0)]
        code: Code,
    },
    /// An account is there from now on, with nothing in it; the desk's people may do with it what they may with the others.
    #[n(1)]
    OpenAccount {
        /// The desk it belongs to.
        #[n(0)]
        desk: DeskId,
        /// `A1001`; no other account has it.
        #[n(1)]
        code: Code,
        /// Its one currency.
        #[n(2)]
        currency: Currency,
        /// How the firm acts for it.
        #[n(3)]
        capacity: OrderCapacity,
    },
    /// Cash comes in (above zero) or goes out, no more of it than buying power is left.
    #[n(2)]
    MoveCash {
        /// Whose.
        #[n(0)]
        account: AccountId,
        /// In the account's currency.
        #[n(1)]
        amount: Money,
    },
    /// Put a listing on the restricted list, or take it off; orders that work already stay.
    #[n(3)]
    Restrict {
        /// Which.
        #[n(0)]
        instrument: InstrumentId,
        /// True to put it on.
        #[n(1)]
        restricted: bool,
    },
    /// Name a model of security keys that may be registered, or name it no more; while none is named, every one may.
    #[n(4)]
    KeyModel {
        /// Which.
        #[n(0)]
        model: KeyModel,
        /// True to name it.
        #[n(1)]
        allowed: bool,
    },
    /// A role of the house's own is there from now on, or is made of other permissions; who has it signs in again.
    #[n(5)]
    ComposeRole {
        /// `JUNIOR`; what it is made of is changed under the same code.
        #[n(0)]
        code: Code,
        /// The built-in role it is a part of, for good.
        #[n(1)]
        base: Role,
        /// What is left of that.
        #[n(2)]
        permissions: Permissions,
    },
    /// A role of the house's own is there no more; nobody has it.
    #[n(6)]
    RetireRole {
        /// Which.
        #[n(0)]
        code: Code,
    },
}

/// Something the house has, for who runs it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum HouseRow {
    /// A desk.
    #[n(0)]
    Desk {
        /// Ours.
        #[n(0)]
        desk: DeskId,
        /// `EQ1`.
        #[n(1)]
        code: String,
        /// Who is of it.
        #[n(2)]
        people: u32,
        /// What belongs to it.
        #[n(3)]
        accounts: u32,
    },
    /// A listing.
    #[n(1)]
    Listing {
        /// Ours.
        #[n(0)]
        instrument: InstrumentId,
        /// `AAPL`.
        #[n(1)]
        symbol: String,
        /// Issuer or contract.
        #[n(2)]
        name: String,
        /// Trading currency.
        #[n(3)]
        currency: Currency,
        /// On the restricted list.
        #[n(4)]
        restricted: bool,
    },
    /// A model of security keys that is named: with one of them there, no other may be registered.
    #[n(2)]
    KeyModel {
        /// Which.
        #[n(0)]
        model: KeyModel,
        /// Keys of it that count.
        #[n(1)]
        keys: u32,
    },
    /// A role of the house's own.
    #[n(3)]
    Role {
        /// What it is made of.
        #[n(0)]
        role: ComposedRole,
        /// Who has it.
        #[n(1)]
        people: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_what_was_typed_and_nothing_else_is_one() {
        for typed in ["A1001", "EQ-1", "x.y_z", "0123456789abcdef"] {
            let code: Code = typed.parse().unwrap();
            assert_eq!(code.as_str(), typed);
            let bytes = minicbor::to_vec(code).unwrap();
            assert_eq!(minicbor::decode::<Code>(&bytes).unwrap(), code);
        }
        for typed in ["", "A 1", "0123456789abcdefg", "é", "a\u{1b}"] {
            assert!(typed.parse::<Code>().is_err(), "{typed}");
            assert!(minicbor::decode::<Code>(&minicbor::to_vec(typed).unwrap()).is_err(), "{typed}");
        }
    }
}
