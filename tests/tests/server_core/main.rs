//! The core without a network: writer and replica over a store in memory, with faults made on purpose.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod desk;
mod doubles;
mod replica;
mod writer;
