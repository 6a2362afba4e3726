//! The order ticket: fields, dry run, review; it must never send by itself.

mod form;
mod keys;
mod preview;
mod review;

pub use form::{Draft, Focus, Kind, Preview, Review, Ticket};
pub(in crate::app) use keys::seed_now;
pub use keys::{key, paste};
pub use preview::{answered, due, market_moved, unanswered};
