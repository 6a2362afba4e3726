//! Sessions: who is on a connection, since when and for how long; sans IO, time and randomness are arguments.
//!
//! It must not check a factor (that is `auth`), read a frame (that is `net`) or decide a right (that is the engine).

pub mod deadlines;
pub mod states;
pub mod table;
pub mod token;

pub use deadlines::Deadlines;
pub use states::{Authenticated, CodeAwaited, Proven, Unauthenticated};
pub use table::{Live, SessionTable};
pub use token::TokenHash;
