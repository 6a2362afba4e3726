//! A desk in memory for engine tests and the load program: a state, prices and a clock that moves by hand; no product code.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a surprise must fail the test that met it"
)]

pub mod desk;
pub mod samples;
mod samples_venue;
pub mod seed;

pub use desk::Desk;
