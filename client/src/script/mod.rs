//! The script interface: one action a line, one JSON object a line back; it must offer nothing a key or the palette does not.

mod alerts;
mod answer;
mod approvals;
mod attempts;
mod bans;
mod bulk;
mod console;
mod entrust;
mod figures;
mod fulfil;
mod house;
mod keyed;
mod line;
mod names;
mod orders;
mod outcome;
mod own;
mod password;
mod people;
mod policy;
mod proof;
mod reads;
mod request;
mod roles;
mod rows;
mod run;
mod settle;
mod staff;
mod values;

pub use people::People;
pub use run::{Ending, Lines, run};
