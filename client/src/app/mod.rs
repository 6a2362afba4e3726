//! The workstation as a value: everything shown, and what each message makes of it; it must know no terminal and no runtime.

pub mod act;
pub mod alerts;
pub mod answer;
pub mod approvals;
mod arrange;
pub mod asked;
pub mod attempts;
pub mod audit;
pub mod bans;
pub mod blotter;
pub mod bulk;
mod cancel;
pub mod chart;
mod codes;
pub mod command;
pub mod compose;
pub mod desk;
pub mod detail;
pub mod drafts;
pub mod effect;
pub mod enlist;
pub mod entrust;
mod feed;
pub mod field;
pub mod fill_order;
pub mod filter;
pub mod flight;
pub mod geometry;
pub mod habits;
mod held;
pub mod help;
mod here;
pub mod holdings;
pub mod house;
pub mod kept;
pub mod key;
pub mod keying;
mod layers;
pub mod layout;
pub mod limits;
pub mod linear;
pub mod list;
pub mod lock;
pub mod look;
pub mod manage;
pub mod market;
pub mod modal;
mod model;
mod moves;
pub mod msg;
pub mod new_key;
pub mod number;
pub mod odd;
pub mod orders;
pub mod own;
pub mod palette;
pub mod password;
pub mod person;
pub mod picker;
pub mod policy;
mod quit;
pub mod quotes;
pub mod rest;
mod screen;
pub mod search;
pub mod session;
pub mod short;
mod sight;
pub mod signin;
pub mod sought;
pub mod spoken;
mod state;
pub mod stepup;
pub mod tabs;
pub mod ticket;
pub mod touched;
mod update;
pub mod users;
pub mod venues;

pub use effect::Effect;
pub use look::{Colours, Look};
pub use model::Beginning;
pub use msg::Msg;
pub use screen::Screen;
pub use state::{DemoPerson, Model};
pub use update::update;

/// How soon a change is to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Dirty {
    /// Nothing changed.
    #[default]
    Clean,
    /// With the next frame.
    Soon,
    /// At once: a person pressed a key.
    Now,
}

/// Which part of the program a person is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nobody is signed in.
    SignIn,
    /// Somebody is.
    Desk,
}
