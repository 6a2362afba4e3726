//! Which orders a list shows: its tab and the words typed behind `/`; it must answer for 100,000 rows within a frame.

use std::collections::HashSet;

use turret_shared::ids::{AccountId, InstrumentId, OrderId, UserId};
use turret_shared::order::{OrdStatus, Side};
use turret_shared::time::Timestamp;

use super::desk::Desk;
use super::orders::{Orders, Row};

/// Views of the blotter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// Every open order of any day and what ended today.
    #[default]
    WorkingToday,
    /// Open orders.
    Working,
    /// Completely executed.
    Filled,
    /// Canceled, expired and otherwise over.
    Ended,
    /// Denied, rejected, in doubt.
    NeedsMe,
    /// Tickets kept and never sent; they are no orders.
    Drafts,
}

impl Tab {
    /// In the order they are stepped through.
    pub const ALL: [Self; 6] =
        [Self::WorkingToday, Self::Working, Self::Filled, Self::Ended, Self::NeedsMe, Self::Drafts];

    /// Name in the group line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::WorkingToday => "Working+Today",
            Self::Working => "Working",
            Self::Filled => "Filled",
            Self::Ended => "Ended",
            Self::NeedsMe => "Needs me",
            Self::Drafts => "Drafts",
        }
    }

    /// The word it is kept under; it stays.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::WorkingToday => "today",
            Self::Working => "working",
            Self::Filled => "filled",
            Self::Ended => "ended",
            Self::NeedsMe => "needs-me",
            Self::Drafts => "drafts",
        }
    }

    /// The next one round.
    #[must_use]
    pub fn next(self) -> Self {
        let mut cycle = Self::ALL.into_iter().cycle().skip_while(|tab| *tab != self);
        cycle.nth(1).unwrap_or(self)
    }

    /// True when it lists the row, whatever words are typed.
    pub(super) const fn shows(self, row: &Row, day_start: Timestamp) -> bool {
        match self {
            Self::WorkingToday => row.is_open() || row.changed.0 >= day_start.0,
            Self::Working => row.is_open(),
            Self::Filled => matches!(row.status, OrdStatus::Filled),
            Self::Ended => matches!(
                row.status,
                OrdStatus::Canceled | OrdStatus::Expired | OrdStatus::DoneForDay | OrdStatus::Calculated
            ),
            // What waits for a second person is somebody's to judge, and its author's to know of.
            Self::NeedsMe => row.needs_person() || matches!(row.status, OrdStatus::PendingApproval),
            Self::Drafts => false,
        }
    }
}

/// One typed word, resolved against the names once so that a row costs a few comparisons.
#[derive(Debug, Default)]
struct Term {
    instruments: HashSet<InstrumentId>,
    accounts: HashSet<AccountId>,
    owners: HashSet<UserId>,
    statuses: Vec<(OrdStatus, bool)>,
    sides: Vec<Side>,
    doubt: bool,
    /// Start of an OrderID, `O48`.
    order_id: Option<String>,
    /// Part of a ClOrdID, in lower case.
    cl_ord_id: Option<String>,
}

/// A tab and the words typed.
#[derive(Debug, Default)]
pub struct Filter {
    /// Which view.
    pub tab: Tab,
    /// Start of today at the venue.
    pub day_start: Timestamp,
    terms: Vec<Term>,
}

impl Filter {
    /// Resolves `words` (all must match, each against symbol, account, trader, status, side, OrderID or ClOrdID).
    #[must_use]
    pub fn new(tab: Tab, day_start: Timestamp, words: &str, desk: &Desk) -> Self {
        let terms = words.split_whitespace().map(|word| Term::new(&word.to_ascii_lowercase(), desk)).collect();
        Self { tab, day_start, terms }
    }

    /// True when the row is shown.
    #[must_use]
    pub fn shows(&self, row: &Row, orders: &Orders) -> bool {
        self.tab.shows(row, self.day_start) && self.terms.iter().all(|term| term.matches(row, orders))
    }
}

/// A row of another list, by what words are looked for in.
#[derive(Debug, Default, Clone, Copy)]
pub struct Named<'a> {
    /// Its listing.
    pub instrument: Option<InstrumentId>,
    /// Its account.
    pub account: Option<AccountId>,
    /// Who entered it.
    pub owner: Option<UserId>,
    /// Its side.
    pub side: Option<Side>,
    /// Its order.
    pub order: Option<OrderId>,
    /// Whatever else it is found by: a part will do.
    pub texts: &'a [&'a str],
}

/// Words typed over a list that is not of orders: all must match.
#[derive(Debug)]
pub struct Words(Vec<(String, Term)>);

impl Words {
    /// Resolves them.
    #[must_use]
    pub fn new(words: &str, desk: &Desk) -> Self {
        let words = words.split_whitespace().map(str::to_ascii_lowercase);
        Self(words.map(|word| (word.clone(), Term::new(&word, desk))).collect())
    }

    /// True when there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True when the row is shown.
    #[must_use]
    pub fn fit(&self, row: &Named<'_>) -> bool {
        self.0.iter().all(|(word, term)| {
            row.instrument.is_some_and(|id| term.instruments.contains(&id))
                || row.account.is_some_and(|id| term.accounts.contains(&id))
                || row.owner.is_some_and(|id| term.owners.contains(&id))
                || row.side.is_some_and(|side| term.sides.contains(&side))
                || row.order.is_some_and(|id| term.is_order(id))
                || row.texts.iter().any(|text| contains_lower(text, word))
        })
    }
}

impl Term {
    fn is_order(&self, id: OrderId) -> bool {
        self.order_id.as_ref().is_some_and(|start| id.to_string().starts_with(start.as_str()))
    }

    fn new(word: &str, desk: &Desk) -> Self {
        let starts = |name: &str| name.to_ascii_lowercase().starts_with(word);
        let both = [true, false];
        Self {
            instruments: desk.instruments.values().filter(|i| starts(&i.symbol)).map(|i| i.id).collect(),
            accounts: desk.accounts.values().filter(|a| starts(&a.code)).map(|a| a.account).collect(),
            owners: desk.users.values().filter(|u| starts(&u.login)).map(|u| u.user).collect(),
            statuses: OrdStatus::ALL
                .iter()
                .flat_map(|status| both.map(|working| (*status, working)))
                .filter(|(status, working)| starts(status.word(*working)) || starts(status.as_str()))
                .collect(),
            sides: Side::ALL.iter().copied().filter(|side| starts(side.word()) || side.as_str() == word).collect(),
            doubt: word.len() > 1 && ("in doubt".starts_with(word) || "doubt".starts_with(word)),
            order_id: word
                .strip_prefix('o')
                .filter(|n| n.starts_with(|c: char| c.is_ascii_digit()))
                .map(|n| format!("O{n}")),
            cl_ord_id: (word.len() >= 3).then(|| word.to_owned()),
        }
    }

    fn matches(&self, row: &Row, orders: &Orders) -> bool {
        self.instruments.contains(&row.instrument)
            || self.accounts.contains(&row.account)
            || self.owners.contains(&row.owner)
            || self.statuses.contains(&(row.status, row.working))
            || self.sides.contains(&row.side)
            || (self.doubt && row.in_doubt)
            || self.is_order(row.id)
            || self.cl_ord_id.as_ref().is_some_and(|part| contains_lower(orders.cl_ord_id(row), part))
    }
}

/// True when `text` holds `part` (in lower case), capitals of ASCII aside.
fn contains_lower(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    text.windows(part.len().max(1)).any(|window| window.eq_ignore_ascii_case(part))
}
