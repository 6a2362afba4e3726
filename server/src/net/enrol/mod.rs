//! Enrolment at the edge: an endpoint that listens only while a code is outstanding; it must let nothing else through.

pub(super) mod claim;
mod codes;
mod door;
mod judged;
mod limits;
mod talk;

pub use door::Enrolment;
pub(super) use door::{Door, Enrolling};
