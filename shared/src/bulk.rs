//! A table of acts of one kind, done as one or not at all, and its rows as those who look at them see them; it must decide nothing.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sha2::{Digest as _, Sha256};

use crate::cbor;
use crate::denial::DenialCode;
use crate::digest::Digest;
use crate::house::House;
use crate::ids::{ApprovalId, UserId};
use crate::limits::{BULK_PEOPLE_MAX, BULK_ROWS_MAX};
use crate::manage::{Act, Why};

/// What the rows of a table are about: one kind to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Table {
    /// Limits of accounts.
    #[n(0)]
    Limits,
    /// What people may do with accounts.
    #[n(1)]
    Rights,
    /// Listings that may not be traded.
    #[n(2)]
    Restricted,
    /// Roles of people.
    #[n(3)]
    Roles,
    /// Desks of people.
    #[n(4)]
    Desks,
}

impl Table {
    /// A word of scripts and of the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Limits => "limits",
            Self::Rights => "rights",
            Self::Restricted => "restricted",
            Self::Roles => "roles",
            Self::Desks => "desks",
        }
    }

    /// Every one, in the order they are offered.
    pub const ALL: [Self; 5] = [Self::Limits, Self::Rights, Self::Restricted, Self::Roles, Self::Desks];

    /// As many rows as one may have: what is done to people touches each of their rights.
    #[must_use]
    pub const fn rows_max(self) -> usize {
        match self {
            Self::Limits | Self::Rights | Self::Restricted => BULK_ROWS_MAX,
            Self::Roles | Self::Desks => BULK_PEOPLE_MAX,
        }
    }

    /// The table an act may stand in.
    #[must_use]
    pub const fn of(act: &Act) -> Option<Self> {
        match act {
            Act::SetLimit { .. } => Some(Self::Limits),
            Act::SetRights { .. } => Some(Self::Rights),
            Act::House(House::Restrict { .. }) => Some(Self::Restricted),
            Act::SetRole { .. } | Act::SetComposedRole { .. } => Some(Self::Roles),
            Act::SetDesk { .. } => Some(Self::Desks),
            _ => None,
        }
    }
}

/// Acts of one kind with one reason.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Bulk {
    /// One to [`BULK_ROWS_MAX`].
    #[n(0)]
    pub rows: Vec<Act>,
    /// Why.
    #[n(1)]
    pub why: Why,
}

/// What rows are of, if all are of one kind and not too many.
#[must_use]
pub fn table(rows: &[Act]) -> Option<Table> {
    let table = Table::of(rows.first()?)?;
    (rows.len() <= table.rows_max() && rows.iter().all(|row| Table::of(row) == Some(table))).then_some(table)
}

/// SHA-256 of the rows: which table it is, where there is no room for the rows.
#[must_use]
pub fn digest(rows: &[Act]) -> Digest {
    let mut bytes = Vec::new();
    rows.iter().for_each(|row| cbor::put(row, &mut bytes));
    Digest(Sha256::digest(&bytes).into())
}

/// The table of which a person asks what it would do.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Asked {
    /// One that nobody asked for yet.
    #[n(0)]
    Dry(#[n(0)] Bulk),
    /// One that waits for a second person.
    #[n(1)]
    Waiting(#[n(0)] ApprovalId),
    /// How things stand, as the table that would say so.
    #[n(2)]
    Now(#[n(0)] Table),
}

/// What one row would do, as the server's own rules have it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BulkRow {
    /// The person it concerns, where it is one.
    #[n(0)]
    pub whom: Option<UserId>,
    /// Their login.
    #[n(1)]
    pub login: String,
    /// What it changes: `limit max_notional of A1001`.
    #[n(2)]
    pub what: String,
    /// As it is.
    #[n(3)]
    pub before: String,
    /// As it would be.
    #[n(4)]
    pub after: String,
    /// Why not, if it cannot be.
    #[n(5)]
    pub refused: Option<DenialCode>,
    /// The same in a sentence.
    #[n(6)]
    pub why: String,
    /// It takes a second person.
    #[n(7)]
    pub two: bool,
}
