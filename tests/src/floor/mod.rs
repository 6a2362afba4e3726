//! A desk in memory for engine tests and the load program: a state, prices and a clock that moves by hand; no product code.

pub mod desk;
pub mod seed;

pub use desk::Desk;
