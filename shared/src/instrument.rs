//! A listing: what can be traded, in which steps and at which venue; it must not know prices of the moment.

use alloc::string::String;

use minicbor::{Decode, Encode};

use crate::ids::InstrumentId;
use crate::money::{Currency, Price, Qty};

/// What kind of thing is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum InstrumentKind {
    /// Common share or fund.
    #[n(0)]
    Equity,
    /// Future; `multiplier` currency units a point.
    #[n(1)]
    Future,
}

/// One listing. Symbols are unique within a server.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Instrument {
    /// Ours.
    #[n(0)]
    pub id: InstrumentId,
    /// Ticker, at most 8 of `A-Z 0-9 .`.
    #[n(1)]
    pub symbol: String,
    /// Issuer or contract name.
    #[n(2)]
    pub name: String,
    /// Market identifier code (ISO 10383).
    #[n(3)]
    pub mic: String,
    /// ISO 6166, or empty where none is assigned.
    #[n(4)]
    pub isin: String,
    /// Trading currency.
    #[n(5)]
    pub currency: Currency,
    /// What it is.
    #[n(6)]
    pub kind: InstrumentKind,
    /// Smallest price step.
    #[n(7)]
    pub tick: Price,
    /// Smallest quantity step.
    #[n(8)]
    pub lot: Qty,
    /// Money a point of price and unit of quantity (1 for shares).
    #[n(9)]
    pub multiplier: u32,
    /// Last known price before there is a market; the collar leans on it only until then.
    #[n(10)]
    pub reference: Price,
    /// IANA zone of the venue, for showing times.
    #[n(11)]
    pub zone: String,
}

impl Instrument {
    /// Decimals to show a price with: as many as the tick has, at least two.
    #[must_use]
    pub fn price_decimals(&self) -> usize {
        let mut step = self.tick.0;
        let mut places: usize = 9;
        while places > 2 && step != 0 && step % 10 == 0 {
            step /= 10;
            places = places.saturating_sub(1);
        }
        places
    }
}
