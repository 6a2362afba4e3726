//! Twins of the product's seams that fail on order; they must never be reachable from shipped code.

pub mod bench;
pub mod core;
pub mod exchange;
pub mod faulty_store;
pub mod mortal_store;
pub mod still_clock;
