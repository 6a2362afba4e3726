//! The workstation as a value: everything shown, and what each message makes of it; it must know no terminal and no runtime.

use std::collections::BTreeMap;

use turret_shared::ids::{AccountId, InstrumentId};

pub mod act;
pub mod answer;
pub mod audit;
pub mod blotter;
mod cancel;
pub mod command;
pub mod desk;
pub mod detail;
pub mod effect;
mod feed;
pub mod field;
pub mod filter;
pub mod flight;
pub mod geometry;
pub mod help;
pub mod key;
mod layers;
pub mod list;
pub mod market;
pub mod modal;
mod model;
mod moves;
pub mod msg;
pub mod number;
pub mod orders;
pub mod palette;
pub mod picker;
mod quit;
pub mod quotes;
pub mod session;
pub mod signin;
pub mod stepup;
pub mod ticket;
mod update;
pub mod users;

pub use effect::Effect;
pub use model::Beginning;
pub use moves::position_keys;
pub use msg::Msg;
pub use update::update;

use crate::authenticator::Authenticator;
use crate::format::Zone;

/// Screens; their digits are the same for every role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Screen {
    /// Orders.
    Blotter,
    /// Watchlist, depth, trades.
    Quotes,
    /// Positions.
    Positions,
    /// Executions.
    Fills,
    /// Accounts and buying power.
    Accounts,
    /// The log.
    Audit,
    /// People.
    Users,
}

/// How much colour the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colours {
    /// None: words and marks only.
    None,
    /// The sixteen of old.
    #[default]
    Sixteen,
    /// 256.
    Many,
    /// 24 bits.
    True,
}

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Seven-bit characters only.
    pub ascii: bool,
    /// Colour.
    pub colours: Colours,
    /// Dark text on a light ground.
    pub light: bool,
}

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

/// Someone of the demo.
#[derive(Debug, Clone)]
pub struct DemoPerson {
    /// What they type.
    pub login: String,
    /// Their role, as a word.
    pub role: &'static str,
    /// Their password.
    pub password: turret_shared::secret::SecretText,
    /// Makes their codes.
    pub authenticator: Option<Authenticator>,
}

/// Everything the workstation knows and shows.
#[derive(Debug)]
pub struct Model {
    /// When the last message came.
    pub now: key::Now,
    /// Columns and lines of the terminal.
    pub size: (u16, u16),
    /// What it can show.
    pub look: Look,
    /// What the frame lacks.
    pub dirty: Dirty,
    /// Signed in or not.
    pub stage: Stage,
    /// The form.
    pub signin: signin::SignIn,
    /// People of a demo.
    pub demo: Vec<DemoPerson>,
    /// The one chosen.
    pub demo_at: usize,
    /// Newest step of the demo authenticator that was used.
    demo_step_used: Option<u64>,
    /// What the server said of itself.
    pub server: session::Server,
    /// The connection.
    pub link: session::Link,
    /// From when to when it was lost last: what changed in between is marked.
    pub lost: Option<(turret_shared::time::Timestamp, turret_shared::time::Timestamp)>,
    /// Its round trip in microseconds.
    pub round_trip_us: Option<u64>,
    /// The person signed in.
    pub session: Option<session::Session>,
    /// Names, positions, fills.
    pub desk: desk::Desk,
    /// Orders.
    pub orders: orders::Orders,
    /// Prices.
    pub market: market::Market,
    /// What happened since sign-in.
    pub story: session::Story,
    /// In the middle of a snapshot.
    pub in_snapshot: bool,
    /// The screen shown.
    pub screen: Screen,
    /// Orders, as shown.
    pub blotter: blotter::Blotter,
    /// The order looked at.
    pub detail: detail::Detail,
    /// Quotes, as shown.
    pub quotes: quotes::Quotes,
    /// The execution under the cursor.
    pub fills: picker::Picker<turret_shared::ids::ExecId>,
    /// The position under the cursor.
    pub positions: picker::Picker<(AccountId, InstrumentId)>,
    /// The account under the cursor.
    pub accounts: picker::Picker<AccountId>,
    /// The log, as searched.
    pub audit: audit::Audit,
    /// People, as asked for.
    pub users: users::Users,
    /// What stands above the screen, topmost last.
    pub modals: modal::Stack,
    /// The line above the hints.
    pub notice: Option<session::Notice>,
    /// Commands under way.
    pub flights: BTreeMap<effect::Request, flight::Flight>,
    /// Questions under way.
    pub questions: BTreeMap<effect::Request, flight::Question>,
    /// Tickets put aside, newest first.
    pub drafts: Vec<ticket::Draft>,
    /// The account last used for a listing.
    pub last_account: BTreeMap<InstrumentId, AccountId>,
    /// The venue's zone.
    pub venue_zone: Zone,
    /// Times are shown in UTC instead.
    pub utc: bool,
    /// The mouse is ours.
    pub mouse: bool,
    requests: u64,
    names: u64,
    name_bits: u32,
}
