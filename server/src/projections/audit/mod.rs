//! The audit search, a projection of the log: what it is made of; it must never slow the log.

mod detail;
mod history;
mod packing;
mod project;
mod projection;
mod schema;
mod search;

pub use projection::{AuditError, AuditProjection, AuditSearch};
