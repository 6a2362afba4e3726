//! The single writer: drain, stamp, decide, evolve, commit, release; it must never wait for a client or a venue.

pub mod assembly;
pub mod commit;
mod committer;
pub mod disk;
pub mod inbox;
pub mod limits;
pub mod mailbox;
pub mod pump;
pub mod release;
pub mod reply;
pub mod setup;
pub mod writer;
