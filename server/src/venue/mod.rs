//! Where orders go: the seam to a venue and what comes back; it must not know the engine, the store or the keys.

mod frames;
pub mod limits;
mod link;
pub mod transport;

pub use frames::{FrameReader, StreamFault};
pub use link::{LinkConfig, LinkConfigError, SimLink};

use turret_shared::venue::{Report, Route};
use turret_shared::view::{QuoteView, TradeView};

/// What a venue tells. Reports come in the venue's sequence, each once in the life of the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VenueEvent {
    /// Facts about our orders and answers (sequence 0), as many as came together.
    Reports(Vec<Report>),
    /// The link is there, with every report since the last recorded one delivered; or it is gone.
    Link(bool),
    /// Picture of one market, the newest only.
    Quote(QuoteView),
    /// One public trade.
    Trade(TradeView),
    /// Where prices come from: `SIM`, `REPLAY 2023-12-25 x1`.
    DataSource(String),
}

/// A venue as the sequencer sees it.
///
/// After `Link(true)` the caller hands the whole outbox to [`Venue::recover`]; until then routes are dropped, for their
/// events are committed and so they stand in that outbox. Repeats are harmless by their venue id.
pub trait Venue: Send + Sync {
    /// Sends what one commit made durable, in order. Never blocks: a full queue counts as a lost link, and the outbox brings
    /// the routes again.
    fn route(&self, routes: Vec<Route>);

    /// Sends everything still unanswered, in the order of its events, and lets later routes through. Never blocks.
    fn recover(&self, outbox: Vec<Route>);
}
