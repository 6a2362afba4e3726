//! Twins of the product's seams that fail on order; they must never be reachable from shipped code.

pub mod faulty_store;
