//! A server of a few lines that speaks the client protocol as far as a link needs it; it must decide nothing.

mod mini_server;

pub(crate) use mini_server::{MiniServer, Plan};
