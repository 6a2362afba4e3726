//! A desk of real processes and a client of bare frames, for attacks on the wire; it must not use the
//! product's client, but for what speaks to a security key.
#![allow(dead_code, reason = "each test program uses its own part of this")]

pub(crate) mod admin;
pub(crate) mod client;
pub(crate) mod custodians;
pub(crate) mod desk;
pub(crate) mod enrol;
pub(crate) mod feed;
pub(crate) mod house;
pub(crate) mod hsm;
pub(crate) mod intents;
pub(crate) mod keyed;
pub(crate) mod token;
pub(crate) mod trader;

/// Well beyond anything a working server needs on a busy machine: waits end by events, this only ends a hang.
pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(90);
