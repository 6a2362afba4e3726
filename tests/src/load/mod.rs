//! The load program: what the product does under load beside what the same machine could do at best, in one run.
#![allow(
    clippy::float_arithmetic,
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates and percentiles of a report, never amounts of money"
)]

pub mod ceiling_client;
pub mod ceiling_server;
pub mod child;
pub mod clock;
pub mod cost;
mod crowd;
pub mod desk;
pub mod disk;
pub mod engine;
pub mod figures;
pub mod filtering;
pub mod flushes;
pub mod frames;
pub mod house;
pub mod idle;
pub mod keys;
pub mod knocking;
pub mod line;
pub mod listings;
pub mod pgbench;
pub mod pipeline;
pub mod product;
pub mod resident;
pub mod row_bytes;
pub mod run;
pub mod seat;
pub mod second_sign_in;
pub mod sizes;
pub mod starting;
pub mod storage;
pub mod stream;
pub mod throughput;
pub mod usage;
pub mod workstation;
pub mod yardstick;
