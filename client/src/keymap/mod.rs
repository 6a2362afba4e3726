//! Which key means which action for one person: the table's own keys, a preset's, a file's; it must do no action itself.
//!
//! Windows are written against the table's own keys. A key that was moved is turned into the table's at the door, and one that
//! was taken away from an action is dropped there, so that nothing behind the door knows of keymaps.

mod file;
mod map;
mod preset;
mod report;

pub use file::{FileError, FileFault, parse};
pub use map::Keymap;
pub use preset::{PRESETS, preset};
pub use report::Conflict;
