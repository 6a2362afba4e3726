//! The core without a network: writer and replica over a store in memory, with faults made on purpose.

mod desk;
mod doubles;
mod replica;
mod writer;
