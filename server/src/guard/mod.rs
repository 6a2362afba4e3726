//! Admission: who may try, how often, and what is counted when they may not; it must know nothing of passwords or orders.
//!
//! Everything here is a function of its arguments, time included; the connections share it behind one short lock each.

pub mod attempts;
pub mod bucket;
pub mod counted;
pub mod limits;
pub mod probing;
pub mod sources;

pub use attempts::Attempts;
pub use bucket::Bucket;
pub use counted::{Counted, Counters};
pub use probing::Probing;
pub use sources::Sources;
