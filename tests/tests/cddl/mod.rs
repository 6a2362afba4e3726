//! As much of CDDL (RFC 8610) as docs/protocol.cddl uses: read it, judge values by it, make values from it.
//!
//! It must know nothing of our messages.

pub(crate) mod grammar;
pub(crate) mod sample;
pub(crate) mod value;
