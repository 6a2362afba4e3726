//! The follower: folds what was released and answers from it; it must never be waited for by the sequencer.

mod feed;
pub mod folding;
pub mod follower;
mod frames;
pub mod handle;
pub mod names;
mod packing;
mod queries;
mod rows;
mod source;
pub mod texts;
mod waiting;
