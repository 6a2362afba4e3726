//! Admission: who may try, how often, and what is counted when they may not; it must know nothing of passwords or orders.
//!
//! Everything here is a function of its arguments, time included; the connections share it behind one short lock each.

pub mod attempts;
pub mod bans;
pub mod bucket;
pub mod counted;
pub mod faults;
pub mod filter;
pub mod limits;
pub mod sources;
pub mod tries;

pub use attempts::Attempts;
pub use bans::Bans;
pub use bucket::Bucket;
pub use counted::{Counted, Counters};
pub use faults::{Fault, Faults};
pub use sources::Sources;
pub use tries::Tries;
