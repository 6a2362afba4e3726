//! Records of one instrument read from a DBN file (order by order, zstd); it must not interpret a book.

use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use dbn::decode::dbn::Decoder;
use dbn::decode::{DbnMetadata, DecodeRecord, DynReader};
use dbn::enums::{Action, Side};
use turret_shared::instrument::Instrument;
use turret_shared::money::{Price, Qty};
use turret_shared::time::Timestamp;

use crate::sim::book::Way;

/// What a record does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// An order joins the book.
    Add,
    /// An order's price or size is now this.
    Modify,
    /// This much of an order leaves the book.
    Cancel,
    /// The book starts anew.
    Clear,
    /// An aggressor traded; the book follows by the records behind it.
    Trade,
    /// Says nothing about the book.
    Nothing,
}

/// One record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// The exchange's clock.
    pub time: Timestamp,
    /// What it does.
    pub deed: Deed,
    /// Of the order, or of the aggressor; `None` where the source gave none.
    pub way: Option<Way>,
    /// The exchange's id of the order.
    pub order: u64,
    /// Price.
    pub price: Price,
    /// Size.
    pub qty: Qty,
    /// Last of what the exchange did at once.
    pub is_last: bool,
    /// Part of a picture of the book, not an event.
    pub is_snapshot: bool,
}

/// Why a recording cannot be played.
#[derive(Debug)]
pub enum RecordingError {
    /// Not a readable DBN file.
    Read(dbn::Error),
    /// It holds no instrument that is listed.
    NotListed,
    /// It holds no trade.
    NoTrade,
    /// The start asked for lies behind its end.
    StartsAfterEnd,
}

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read(_) => "not a readable recording (DBN, order by order, zstd)",
            Self::NotListed => "the recording holds no listed instrument",
            Self::NoTrade => "the recording holds no trade",
            Self::StartsAfterEnd => "the start asked for lies behind the end of the recording",
        })
    }
}

impl std::error::Error for RecordingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(cause) => Some(cause),
            _ => None,
        }
    }
}

impl From<dbn::Error> for RecordingError {
    fn from(cause: dbn::Error) -> Self {
        Self::Read(cause)
    }
}

/// A recording being read. Several zstd frames in a file are one stream.
pub struct Recording {
    decoder: Decoder<DynReader<'static, BufReader<File>>>,
    names: Vec<String>,
    instrument: Option<u32>,
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").field("names", &self.names).finish_non_exhaustive()
    }
}

impl Recording {
    /// Opens a file at its beginning.
    ///
    /// # Errors
    /// [`RecordingError::Read`].
    pub fn open(path: &Path) -> Result<Self, RecordingError> {
        let decoder = Decoder::new(DynReader::from_file(path)?)?;
        let metadata = decoder.metadata();
        let mut names = metadata.symbols.clone();
        for mapping in &metadata.mappings {
            names.push(mapping.raw_symbol.clone());
            names.extend(mapping.intervals.iter().map(|interval| interval.symbol.clone()));
        }
        Ok(Self { decoder, names, instrument: None })
    }

    /// The listing this recording is of, found by symbol.
    ///
    /// # Errors
    /// [`RecordingError::NotListed`].
    pub fn listing<'a>(&self, listings: &'a [Instrument]) -> Result<&'a Instrument, RecordingError> {
        listings.iter().find(|row| self.names.contains(&row.symbol)).ok_or(RecordingError::NotListed)
    }

    /// The next record of the first instrument in the file; `None` at its end.
    ///
    /// # Errors
    /// [`RecordingError::Read`].
    pub fn read(&mut self) -> Result<Option<Record>, RecordingError> {
        while let Some(message) = self.decoder.decode_record::<dbn::MboMsg>()? {
            let whose = *self.instrument.get_or_insert(message.hd.instrument_id);
            if whose == message.hd.instrument_id {
                return Ok(Some(record(message)));
            }
        }
        Ok(None)
    }

    /// Time of the first trade, and of the last record.
    ///
    /// # Errors
    /// [`RecordingError::NoTrade`], [`RecordingError::Read`].
    pub fn bounds(path: &Path) -> Result<(Timestamp, Timestamp), RecordingError> {
        let mut recording = Self::open(path)?;
        let (mut first_trade, mut last) = (None, Timestamp(0));
        while let Some(record) = recording.read()? {
            if record.deed == Deed::Trade && !record.is_snapshot {
                first_trade = first_trade.or(Some(record.time));
            }
            last = last.max(record.time);
        }
        Ok((first_trade.ok_or(RecordingError::NoTrade)?, last))
    }
}

fn record(message: &dbn::MboMsg) -> Record {
    let deed = match message.action() {
        Ok(Action::Add) => Deed::Add,
        Ok(Action::Modify) => Deed::Modify,
        Ok(Action::Cancel) => Deed::Cancel,
        Ok(Action::Clear) => Deed::Clear,
        Ok(Action::Trade) => Deed::Trade,
        // A fill names the resting order of a trade already told; the cancel or modify behind it changes the book.
        Ok(_) | Err(_) => Deed::Nothing,
    };
    let way = match message.side() {
        Ok(Side::Bid) => Some(Way::Buy),
        Ok(Side::Ask) => Some(Way::Sell),
        Ok(_) | Err(_) => None,
    };
    Record {
        time: Timestamp(i64::try_from(message.hd.ts_event).unwrap_or(0)),
        deed,
        way,
        order: message.order_id,
        price: Price(message.price),
        qty: Qty(i64::from(message.size).saturating_mul(Qty::ONE.0)),
        is_last: message.flags.is_last(),
        is_snapshot: message.flags.is_snapshot(),
    }
}
