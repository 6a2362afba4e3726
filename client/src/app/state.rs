//! The fields of the model, and nothing else: what each part of it does stands with that part.

use std::collections::{BTreeMap, VecDeque};

use turret_shared::ids::{AccountId, InstrumentId};

use super::touched::Touched;
use super::{
    Dirty, Look, Screen, Stage, alerts, approvals, asked, audit, blotter, chart, desk, detail, effect, flight, key,
    keying, limits, market, modal, orders, picker, quotes, rest, session, short, signin, ticket, users, venues,
};
use crate::authenticator::Authenticator;
use crate::format::Zone;
use crate::keymap::Keymap;

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
    /// Keys of the person.
    pub keys: Keymap,
    /// How soon the frame lacks something.
    pub dirty: Dirty,
    /// What it lacks.
    pub touched: Touched,
    /// What time alone did to it.
    pub(super) rest: rest::Rest,
    /// Signed in or not.
    pub stage: Stage,
    /// The form.
    pub signin: signin::SignIn,
    /// People of a demo.
    pub demo: Vec<DemoPerson>,
    /// The one chosen.
    pub demo_at: usize,
    /// Servers that can be chosen.
    pub servers: Vec<signin::Offered>,
    /// The one chosen.
    pub server_at: usize,
    /// Newest step of the demo authenticator that was used.
    pub(super) demo_step_used: Option<u64>,
    /// What the server said of itself.
    pub server: session::Server,
    /// The connection.
    pub link: session::Link,
    /// How the desk was away last: what changed meanwhile is marked.
    pub lost: Option<session::Away>,
    /// The person returned to a lock, and what changed meanwhile is not counted yet.
    pub(super) returned: bool,
    /// The link came back, and what changed meanwhile is not counted yet.
    pub(super) recount: bool,
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
    /// What the venues do.
    pub venues: venues::Venues,
    /// What happened since sign-in.
    pub story: session::Story,
    /// In the middle of a snapshot.
    pub in_snapshot: bool,
    /// What is shown was kept on this device, and the server was not heard yet.
    pub kept_shown: bool,
    /// The screen shown.
    pub screen: Screen,
    /// Orders, as shown.
    pub blotter: blotter::Blotter,
    /// The order looked at.
    pub detail: detail::Detail,
    /// The chart beside them.
    pub chart: chart::Chart,
    /// Quotes, as shown.
    pub quotes: quotes::Quotes,
    /// How executions, positions and accounts are shown.
    pub lists: short::Lists,
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
    /// Limits, as asked for.
    pub limits: limits::Limits,
    /// Desks, accounts and listings, as asked for.
    pub house: super::house::Houses,
    /// Policy figures, as asked for.
    pub policies: asked::Asked<turret_shared::policy::PolicyView>,
    /// Denied attempts, as asked for.
    pub attempts: super::attempts::Attempts,
    /// Sources that are out, as asked for.
    pub bans: super::bans::Bans,
    /// What waits for a second person, as asked for.
    pub approvals: approvals::Approvals,
    /// When the list of the screen shown was asked for, in monotonic milliseconds.
    pub(super) asked_ms: u64,
    /// What must be known until it is put away.
    pub alerts: alerts::Alerts,
    /// What stands above the screen, topmost last.
    pub modals: modal::Stack,
    /// A turn with a security key, above them.
    pub keying: Option<Box<keying::Keying>>,
    /// The security key at hand is one that a demonstration simulates.
    pub simulated_key: bool,
    /// Windows of answers that came while another was open, in the order they came.
    pub(super) held: VecDeque<modal::Modal>,
    /// When the last window opened that no key had asked for, in monotonic milliseconds.
    pub(super) answer_shown_ms: Option<u64>,
    /// The line above the hints.
    pub notice: Option<session::Notice>,
    /// A passing word that stands before one that stays, until the next key.
    pub word: Option<String>,
    /// Commands under way.
    pub flights: BTreeMap<effect::Request, flight::Flight>,
    /// When what is in doubt is asked for again, in monotonic milliseconds, once a question failed.
    pub(super) probe_due_ms: Option<u64>,
    /// Questions under way.
    pub questions: BTreeMap<effect::Request, flight::Question>,
    /// Tickets put aside, newest first.
    pub drafts: Vec<ticket::Draft>,
    /// Those handed over to be kept last.
    pub(super) drafts_kept: Vec<ticket::Draft>,
    /// How the desk was arranged when that was kept last.
    pub(super) habits_kept: String,
    /// The account last used for a listing.
    pub last_account: BTreeMap<InstrumentId, AccountId>,
    /// The venue's zone.
    pub venue_zone: Zone,
    /// Times are shown in UTC instead.
    pub utc: bool,
    /// The mouse is ours.
    pub mouse: bool,
    pub(super) requests: u64,
    pub(super) names: u64,
    pub(super) name_bits: u32,
}
