//! Witnesses as this log asks them: what they cosigned is published, and nothing else; it must never sit on the commit path.

mod ask;
mod policy;
mod publisher;

pub use ask::{AskedWitness, Refused, Said, Silence};
pub use policy::{PolicyError, WitnessPolicy, Witnessed};
pub use publisher::{Alarm, Newest, Parts, Published, PublishedError, Publisher};
