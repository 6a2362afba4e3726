//! A witness of other people's logs (C2SP tlog-witness): cosigns what continues what it saw; it must hold no log of its own and
//! forget nothing it cosigned.

mod judge;
mod kept;
mod service;

pub use judge::{Logs, Refusal, Seen};
pub use kept::{Kept, KeptError};
pub use service::{PUBLIC_PATH, Witness};
