//! What follows the log for searches, off the commit path and rebuildable; it must never be asked before it caught up.

pub mod audit;
