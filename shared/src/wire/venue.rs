//! Frames of the venue link: routes one way, facts and prices the other; it must not know which venue is behind.
//!
//! The server opens one bidirectional stream for orders and says [`VenueClientFrame::Hello`]; the venue answers
//! [`VenueFrame::Welcome`], then every report after the last one recorded, then live. Prices come on one unidirectional
//! stream from the venue, [`MarketFrame`] each.

use alloc::string::String;

use minicbor::{Decode, Encode};

use crate::venue::{Report, Route};
use crate::view::{QuoteView, TradeView};

/// What the server sends to a venue.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum VenueClientFrame {
    /// First frame: the last report sequence recorded here, 0 for none.
    #[n(0)]
    Hello {
        /// Protocol version.
        #[n(0)]
        version: u16,
        /// Last report recorded.
        #[n(1)]
        recorded: u64,
    },
    /// A request.
    #[n(1)]
    Route(#[n(0)] Route),
}

/// What a venue sends on the order stream.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum VenueFrame {
    /// First frame: the newest report the venue has; those between follow.
    #[n(0)]
    Welcome {
        /// Newest report sequence, 0 for none.
        #[n(0)]
        tip: u64,
    },
    /// A fact or an answer.
    #[n(1)]
    Report(#[n(0)] Report),
}

/// What a venue sends on the price stream.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum MarketFrame {
    /// Where prices come from.
    #[n(0)]
    DataSource(#[n(0)] String),
    /// Picture of one market; the latest wins.
    #[n(1)]
    Quote(#[n(0)] QuoteView),
    /// One public trade.
    #[n(2)]
    Trade(#[n(0)] TradeView),
}
