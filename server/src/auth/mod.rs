//! Factors: passwords and time-based codes against the vault; it must start no session and decide no right.

pub mod totp;
