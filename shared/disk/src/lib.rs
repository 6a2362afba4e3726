//! What both ends put on a disk and how: files for their owner alone, and SQLCipher keyed one way; it must know no table,
//! keep no key and import nothing of server or client.
#![forbid(unsafe_code)]

pub mod cipher;
pub mod private;
