//! What the link tells without being asked; it must carry no secret.

use std::time::Duration;

use turret_shared::ids::CorrelationId;
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::control::{LogHead, SessionEnd};
use turret_shared::wire::feed::FeedMessage;

/// One thing that happened on the link.
#[derive(Debug, Clone)]
pub enum LinkEvent {
    /// A message of the feed, in order and without a gap.
    Feed(FeedMessage),
    /// Market pictures wait to be taken; not told again before they are.
    Pictures,
    /// The newest checkpoint of the log, as asked for.
    Head(Box<LogHead>),
    /// How long the session may still idle and last.
    SessionClock {
        /// Seconds.
        idle_left_s: u32,
        /// Seconds.
        absolute_left_s: u32,
    },
    /// The session is over; signing in again is needed, the connection may still stand.
    SessionEnded(SessionEnd),
    /// The server could not serve a frame that had no number.
    Fault(CorrelationId),
    /// The connection is lost; it is being made again. Commands unanswered are in doubt.
    Down {
        /// The server closed it and said why; else it was lost on the way.
        closed: Option<CloseCode>,
    },
    /// It is back.
    Up {
        /// How long it was away.
        after: Duration,
        /// The session goes on; else signing in again is needed.
        resumed: bool,
    },
}
