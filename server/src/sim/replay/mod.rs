//! Real markets from recordings: the recorded book, members' orders laid over it, and the pace; the recording is never
//! altered.
//!
//! - [`recording`]: reads order-by-order records from a DBN file.
//! - [`recorded`]: the book those records build.
//! - [`overlay`]: members' orders against that book.
//! - [`player`]: which records are due.

pub mod overlay;
pub mod player;
pub mod recorded;
pub mod recording;
#[cfg(test)]
mod tests;

pub use overlay::Overlay;
pub use player::Player;
pub use recording::{Recording, RecordingError};
