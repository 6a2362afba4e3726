//! The crash loop: load with a memory of what was told, kills by seed, and one checker for all of it; it must not know how
//! the product keeps its promises, only what they are.

pub mod checker;
pub mod desk;
pub mod dice;
pub mod drive;
pub mod evidence;
pub mod ledger;
pub mod orders;
mod promises;
pub mod run;
pub mod schedule;
mod sums;
