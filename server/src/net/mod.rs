//! The listening side of the client protocol: connections, frames, and the streams of each session.
//!
//! It must not decide who may do what, nor what a command does: it hands attested input to the core and carries answers.

mod active;
mod admission;
mod banning;
mod carriers;
mod connection;
mod contain;
mod conversation;
mod correlations;
mod edge;
mod enrol;
mod feed;
mod frames;
mod kept;
mod keys;
mod limits;
mod passwords;
mod personal;
mod proofs;
mod queries;
mod quotes;
mod renewal;
mod shared;
mod signin;
mod turnstile;
mod version;

pub use conversation::CLIENT_VERSION_MIN;
pub use edge::{Edge, EdgeError};
pub use enrol::Enrolment;
pub use shared::{Deployment, Handles};
