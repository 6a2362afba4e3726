//! The link to one server: QUIC with mutual TLS, reconnecting and resuming by itself; it must never resend a command.

mod control;
mod dial;
mod enrol;
mod error;
mod event;
mod feed;
mod frames;
mod handle;
mod keys;
pub mod limits;
mod live;
mod memory;
mod pictures;
mod query;
mod renew;
mod supervise;

pub use control::{NewPassword, Reply};
pub use enrol::EnrolLink;
pub use error::{ConnectError, LinkError, SignInError};
pub use event::LinkEvent;
pub use handle::{Answering, Link};
pub use keys::KeyTurn;
pub use memory::Had;
pub use query::Answered;
