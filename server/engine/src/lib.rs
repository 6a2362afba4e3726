//! The pure engine: decides commands and venue facts over a state made of events; no IO, clock, randomness or float.
//!
//! `decide` looks and never changes; `evolve` changes and never refuses. The caller gives place and time, evolves its
//! state with each event of a decision at once, commits them, and only then tells anyone.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::float_arithmetic))]

extern crate alloc;

pub mod access;
pub mod alerts;
pub mod approvals;
pub mod attempts;
pub mod bans;
mod decide;
mod decision;
mod devices;
pub mod enrolment;
mod evolve;
mod exact;
mod held;
mod input;
pub mod keyring;
mod market;
mod outbox;
mod risk;
mod roles;
mod snapshot;
mod state;
mod touched;
pub mod views;

pub use access::AccessView;
pub use decide::{decide, decide_into};
pub use decision::{Decision, SetupFault, Verdict};
pub use input::{
    ClientInput, Factor, Input, KeyInput, NotProven, PasswordInput, Principal, ProofInput, SessionInput, Signed, Stamp,
};
pub use market::{Market, MarketPrice};
pub use snapshot::{STATE_VERSION, SnapshotError};
pub use state::{Deployment, Session, State};
pub use touched::Touched;
