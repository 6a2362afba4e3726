//! What whole-system tests, the demo and the load program share; it must hold no product code.

pub mod crash;
pub mod demo;
pub mod doubles;
pub mod floor;
pub mod initials;
pub mod load;
pub mod simulated_key;
pub mod station;
pub mod svg;
pub mod terminal;
