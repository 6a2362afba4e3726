//! The listening side of the client protocol: connections, frames, and the streams of each session.
//!
//! It must not decide who may do what, nor what a command does: it hands attested input to the core and carries answers.

pub mod frames;
pub mod limits;
