//! HTTP over TLS in its plainest form: what strangers may read, and what witnesses are asked; it must know no desk.

mod ask;
mod limits;
mod serve;

pub use ask::{AskError, Asker};
pub use serve::{Answer, Asked, Listen, ListenError, Service};
