//! The single writer: drain, stamp, decide, evolve, commit, release; it must never wait for a client or a venue.

pub mod limits;
pub mod mailbox;
pub mod reply;
