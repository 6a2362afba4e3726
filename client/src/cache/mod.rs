//! What one person of one server keeps on this device, under lock: the feed's rows and where they stand, drafts, what was sent.
//!
//! It must never be believed over the server: what does not open, is older than it should be or is damaged is made anew.

mod anchor;
mod error;
mod file;
mod keeper;
mod limits;
mod open;
mod place;
mod read;
mod slots;
mod store;

pub use anchor::{Anchor, Broken};
pub use error::{CacheError, Rebuilt};
pub use keeper::Keeper;
pub use limits::{FINISH_MS_MAX, INBOX_MAX, OUTBOX_WAIT_MS_MAX};
pub use open::{Opened, Prepared, open, prepare, rewrap};
pub use place::Place;
pub use read::Shelf;
pub use slots::Owner;
pub use store::Sent;

/// The blob drafts are kept under.
pub const DRAFTS: &str = "drafts";
/// The blob the newest checkpoint is kept under.
pub const CHECKPOINT: &str = "checkpoint";
/// The blob the blotter's arrangement is kept under.
pub const LAYOUT: &str = "layout";
