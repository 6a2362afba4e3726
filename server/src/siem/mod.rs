//! The log as a live stream for a SIEM: syslog over TLS (RFC 5424, 5425), in order, each entry at least once; the log itself is
//! the spool. It must never sit on the commit path.

mod mark;
mod policy;
mod shipper;

pub use mark::{Mark, MarkError};
pub use policy::{Destination, PolicyError, SiemPolicy};
pub use shipper::{Parts, Shipper};
