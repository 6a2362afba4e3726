//! One file with all a desk needs to start again, encrypted and authenticated chunk by chunk; it must choose no key.
//!
//! Magic, length of the file, length of the header, header, chunks. The header says whose it is and holds the data key twice:
//! under the key store's key for backups, and under the recovery key where there is one. Every chunk is bound to the header,
//! to its place and to whether it is the last (the STREAM construction, Hoang, Reyhanitabar, Rogaway and Vizár 2015).

mod copy;
mod error;
mod header;
mod pieces;
mod stream;

pub use copy::Copying;
pub use error::BackupError;
pub use header::{Header, Place, read_header, write_header, write_length};
pub use pieces::{Pieces, Writing, is_plain_path};
pub use stream::{Sealing, Unsealing};
