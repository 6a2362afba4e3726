//! Log entries as lines for other people's tools: an entry's bytes in, one line out; it must read no name and no vault.
//!
//! One file a form, and in it one row a kind. Every line carries the entry's place, its leaf hash and its bytes, so
//! that whoever has the line has the record and can find it under a checkpoint again. The log holds no personal data,
//! so no line does: people are numbers.

mod cef;
mod csv;
mod ecs;
mod fact;
mod json;
mod ocsf;
mod syslog;

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::entry::EntryError;

use fact::Fact;

/// The forms there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON Lines after the Open Cybersecurity Schema Framework, 1.3.0.
    Ocsf,
    /// JSON Lines after the Elastic Common Schema, 8.11.
    Ecs,
    /// ArcSight's Common Event Format, version 0.
    Cef,
    /// Comma-separated values (RFC 4180) with a heading.
    Csv,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ocsf, Self::Ecs, Self::Cef, Self::Csv];

    /// `ocsf`, `ecs`, `cef`, `csv`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ocsf => "ocsf",
            Self::Ecs => "ecs",
            Self::Cef => "cef",
            Self::Csv => "csv",
        }
    }

    /// The line that stands above all others, where the form has one.
    #[must_use]
    pub const fn heading(self) -> Option<&'static str> {
        match self {
            Self::Csv => Some(csv::HEADING),
            Self::Ocsf | Self::Ecs | Self::Cef => None,
        }
    }

    /// True when the form has a row of its own for this kind of event.
    #[must_use]
    pub fn maps(self, action: &str) -> bool {
        match self {
            Self::Ocsf => ocsf::row(action).is_some(),
            Self::Ecs => ecs::row(action).is_some(),
            Self::Cef => cef::row(action).is_some(),
            // Columns are the same for every kind.
            Self::Csv => true,
        }
    }

    /// The entry as one line of this form, without the newline behind it. A kind this code does not know keeps what
    /// its head says.
    ///
    /// # Errors
    /// [`EntryError`] for bytes that are no entry.
    pub fn line(self, log: &str, entry: &[u8]) -> Result<String, EntryError> {
        Ok(self.says(&Fact::of(log, entry)?))
    }

    /// The same line as one message of syslog over TLS, in its frame.
    ///
    /// # Errors
    /// [`EntryError`] for bytes that are no entry.
    pub fn message(self, log: &str, entry: &[u8]) -> Result<String, EntryError> {
        let fact = Fact::of(log, entry)?;
        Ok(syslog::frame(&fact, &self.says(&fact)))
    }

    fn says(self, fact: &Fact<'_>) -> String {
        match self {
            Self::Ocsf => ocsf::line(fact),
            Self::Ecs => ecs::line(fact),
            Self::Cef => cef::line(fact),
            Self::Csv => csv::line(fact),
        }
    }
}

/// Not the name of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoForm;

impl fmt::Display for NoForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ocsf, ecs, cef or csv")
    }
}

impl core::error::Error for NoForm {}

impl FromStr for Form {
    type Err = NoForm;

    fn from_str(text: &str) -> Result<Self, NoForm> {
        Self::ALL.into_iter().find(|form| form.as_str() == text).ok_or(NoForm)
    }
}
