//! Accounts, desks and what a person may do with an account; it must hold no name of a client.

use alloc::string::String;

use minicbor::{Decode, Encode};

use crate::ids::{AccountId, DeskId};
use crate::money::Currency;

/// How the firm acts for the account (FIX 528).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum OrderCapacity {
    /// For the client.
    #[n(0)]
    Agency,
    /// For the firm's own book.
    #[n(1)]
    Principal,
    /// Matched at no risk to the firm.
    #[n(2)]
    RisklessPrincipal,
}

/// What the log and the engine know of an account; names live in the vault.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Account {
    /// Ours.
    #[n(0)]
    pub id: AccountId,
    /// What people type: `A1001`.
    #[n(1)]
    pub code: String,
    /// The desk it belongs to.
    #[n(2)]
    pub desk: DeskId,
    /// Its one currency.
    #[n(3)]
    pub currency: Currency,
    /// How the firm acts for it.
    #[n(4)]
    pub capacity: OrderCapacity,
}

/// Rights on one account; a set in one byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Rights(#[n(0)] pub u8);

impl Rights {
    /// See orders, fills, positions and limits.
    pub const VIEW: Self = Self(1);
    /// Enter, amend, cancel.
    pub const TRADE: Self = Self(2);
    /// Allocate fills.
    pub const ALLOCATE: Self = Self(4);
    /// Approve others' orders.
    pub const APPROVE: Self = Self(8);

    /// True when every right of `other` is held.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// `view trade`, or `nothing`.
impl core::fmt::Display for Rights {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let all =
            [(Self::VIEW, "view"), (Self::TRADE, "trade"), (Self::ALLOCATE, "allocate"), (Self::APPROVE, "approve")];
        let mut held = all.into_iter().filter(|(right, _)| self.has(*right)).map(|(_, word)| word);
        f.write_str(held.next().unwrap_or("nothing"))?;
        held.try_for_each(|word| write!(f, " {word}"))
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn rights_are_told_in_words() {
        for (rights, words) in [
            (Rights::default(), "nothing"),
            (Rights::TRADE, "trade"),
            (Rights::VIEW.with(Rights::TRADE), "view trade"),
            (Rights(15), "view trade allocate approve"),
        ] {
            assert_eq!(rights.to_string(), words);
        }
    }
}
