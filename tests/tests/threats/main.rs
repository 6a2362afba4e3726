//! The thirty threats of the design, each by its number: an attacker outside the process, where there is a way to be one.
//!
//! What is missing, and why, stands in docs/threats.md.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../wire/mod.rs"]
mod wire;

mod bans;
mod bytes;
mod clock;
mod disk;
mod doors;
mod evidence;
mod floods;
mod guesses;
mod hsm;
mod names;
mod objects;
mod orders;
mod second_words;
mod strangers;
mod terminal;
mod tokens;
