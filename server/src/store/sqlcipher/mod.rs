//! The log in one SQLCipher file: a single writer and any number of readers; it must not know what entries mean.

mod append;
mod backfill;
mod migrate;
mod read;
mod writer;

pub use read::SqlReader;
pub use writer::{SqlStore, Tuning};

#[cfg(test)]
mod tests;
