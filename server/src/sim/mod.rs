//! The exchange simulator, run as `turretd venue-sim`; it must import nothing of the server's own order handling.
//!
//! - [`book`]: one instrument's price-time priority book, pure.
//! - [`exchange`]: members' orders, sessions, halts and reports over the books, pure.
//! - [`participants`]: the synthetic crowd that makes a market, repeatable by seed.
//! - [`replay`]: recorded markets with members' orders over them.
//! - [`journal`]: what the exchange must not forget, encrypted and durable before it is told.
//! - [`host`]: the one thread all of this runs on, and the door members come in by.

pub mod book;
pub mod exchange;
pub mod host;
pub mod journal;
pub mod limits;
pub mod participants;
pub mod replay;
