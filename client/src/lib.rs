//! Turret's client: the link to a server, the one action registry, the script interface and the workstation; it must import
//! nothing of the server.
#![forbid(unsafe_code)]

pub mod actions;
pub mod app;
pub mod authenticator;
pub mod bulk;
pub mod cache;
pub mod cli;
pub mod clock;
pub mod credentials;
pub mod entropy;
pub mod format;
pub mod keymap;
pub mod keys;
pub mod link;
pub mod moment;
pub mod opening;
mod pack_file;
pub mod profile;
pub mod renewal;
pub mod runtime;
pub mod script;
pub mod seal;
pub mod view;

pub use cli::run;
