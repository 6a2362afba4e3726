//! Every fact the log can hold, as one closed enum with numbers that stay; it must hold no personal data and decide nothing.
//!
//! A kind is never renumbered and never changes meaning. Bodies are CBOR arrays: a kind grows by appending optional
//! fields; anything else is a new version. Names, logins, order text and addresses are not here: only ids and commitments.

pub mod alert;
pub mod approval;
pub mod custody;
pub mod grant;
pub mod keys;
mod kinds;
mod meaning;
pub mod ops;
pub mod order;
pub mod own;
pub mod policy;
pub mod session;
pub mod setup;
pub mod venue;

pub use kinds::{Event, EventError, KINDS};
