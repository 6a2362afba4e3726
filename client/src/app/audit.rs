//! The log as searched: what was asked, what was found, page by page, and the cursor in it; it must hide nothing found.

use std::collections::{BTreeMap, BTreeSet};

use turret_shared::ids::Sequence;
use turret_shared::limits::QUERY_ROWS_MAX;
use turret_shared::view::AuditView;
use turret_shared::wire::query::{Ask, AuditFilter};

use super::effect::Effect;
use super::field::Field;
use super::flight::Question;
use super::picker::Picker;
use super::search::{self, Known};
use super::{Model, Screen, odd};

/// Rows kept of one search: who has read so many narrows it.
const ROWS_KEPT_MAX: usize = 20 * QUERY_ROWS_MAX as usize;

/// State of the screen.
#[derive(Debug)]
pub struct Audit {
    /// Typed search.
    pub words: Field,
    /// Keys go to the search.
    pub typing: bool,
    /// What is typed was sent, and nothing typed since: its answer gives the keys back to the list.
    pub(super) sent: bool,
    /// What was found, in the order shown.
    pub rows: Vec<AuditView>,
    /// Why entries look odd, of those that do.
    pub odd: BTreeMap<Sequence, Vec<String>>,
    /// Rows that bear the mark: trouble, or what looks odd.
    pub marked: BTreeSet<Sequence>,
    /// The row under the cursor.
    pub picker: Picker<Sequence>,
    /// What the search was taken for.
    pub taken_for: String,
    /// The answer is awaited.
    pub asked: bool,
    /// Why there is none.
    pub fault: Option<String>,
    /// About one order: shown oldest first with the gaps between.
    pub timeline: bool,
    /// Further back there may be more than was told.
    pub more: bool,
    /// It is awaited.
    pub asked_more: bool,
    /// What the server was asked last.
    filter: AuditFilter,
    /// The entry the search named by its own identifier.
    named: Option<Sequence>,
    /// Searches so far: a page of another one is dropped.
    searches: u64,
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            words: Field::new(80),
            typing: false,
            sent: false,
            rows: Vec::new(),
            odd: BTreeMap::new(),
            marked: BTreeSet::new(),
            picker: Picker::default(),
            taken_for: String::new(),
            asked: false,
            fault: None,
            timeline: false,
            more: false,
            asked_more: false,
            filter: AuditFilter::default(),
            named: None,
            searches: 0,
        }
    }
}

/// Searches that are one key away, each after the one before it.
const VIEWS: [&str; 5] = ["", "action=access_denied", "outcome=denied", "outcome=flagged", "outcome=failed"];

/// `]` and `[`: the next of them, with the denied attempts first.
pub(super) fn view(model: &mut Model, forward: bool, out: &mut Vec<Effect>) {
    let at = VIEWS.iter().position(|words| *words == model.audit.words.text()).unwrap_or(0);
    let step = if forward { 1 } else { VIEWS.len().saturating_sub(1) };
    let words = VIEWS.get(at.saturating_add(step) % VIEWS.len()).copied().unwrap_or_default();
    model.audit.words.set(words);
    search(model, out);
}

/// A no, or what did not come about.
#[must_use]
pub fn is_trouble(row: &AuditView) -> bool {
    matches!(row.outcome.as_str(), "denied" | "refused" | "failed" | "flagged")
}

/// `n`: the next entry with the mark.
pub(super) fn next_marked(model: &mut Model) {
    let keys = model.audit.keys();
    let audit = &mut model.audit;
    let marked = |line: &usize| keys.get(*line).is_some_and(|key| audit.marked.contains(key));
    let from = audit.picker.line(&keys).map_or(0, |line| line.saturating_add(1));
    let next = (from..keys.len()).find(marked).or_else(|| (0..keys.len()).find(marked));
    match next {
        Some(line) => audit.picker.put(line, &keys),
        None => model.tell("Nothing here was refused or looks odd."),
    }
}

/// Shows the log with these words searched for.
pub(super) fn search_for(model: &mut Model, words: &str, out: &mut Vec<Effect>) {
    model.audit.words.set(words);
    // Showing it must not ask for anything else first.
    model.audit.asked = true;
    super::act::show(model, Screen::Audit, out);
    search(model, out);
}

/// Asks for what is typed.
pub(super) fn search(model: &mut Model, out: &mut Vec<Effect>) {
    let zone = model.zone();
    let known = Known { desk: &model.desk, zone: &zone, now: model.now.wall };
    let read = search::read(model.audit.words.text(), known);
    let audit = &mut model.audit;
    match read {
        Err(why) => audit.fault = Some(why),
        Ok(search) => {
            audit.timeline = search.timeline;
            audit.taken_for = search.taken_for;
            audit.named = search.at;
            audit.filter = search.filter.clone();
            audit.searches = audit.searches.saturating_add(1);
            let searches = audit.searches;
            (audit.fault, audit.asked, audit.asked_more, audit.more) = (None, true, false, false);
            model.ask(Question::Audit(searches), Ask::Audit(Box::new(search.filter)), out);
        }
    }
}

/// The cursor was to go beyond the oldest row: asks for those before it.
pub(super) fn more(model: &mut Model, out: &mut Vec<Effect>) {
    let audit = &mut model.audit;
    if !audit.more || audit.asked || audit.asked_more {
        return;
    }
    if audit.rows.len() >= ROWS_KEPT_MAX {
        audit.fault = Some(format!("{ROWS_KEPT_MAX} rows are kept: until= goes on from here"));
        return;
    }
    let oldest = audit.rows.iter().map(|row| row.sequence).min();
    let filter = AuditFilter { before: oldest, ..audit.filter.clone() };
    audit.asked_more = true;
    let page = Question::AuditMore(audit.searches);
    model.ask(page, Ask::Audit(Box::new(filter)), out);
}

/// True when moving so from where the cursor stands would leave the end where older rows follow.
#[must_use]
pub(super) fn beyond(model: &Model, by: isize) -> bool {
    let audit = &model.audit;
    let older = if audit.timeline { by < 0 } else { by > 0 };
    let end = if audit.timeline { audit.rows.first() } else { audit.rows.last() };
    older && end.map(|row| row.sequence) == audit.picker.at
}

/// The answer came.
pub(super) fn found(model: &mut Model, of: u64, rows: Vec<AuditView>) {
    let audit = &mut model.audit;
    // Of a search before the one whose words stand there.
    if of != audit.searches {
        return;
    }
    audit.rows.clear();
    audit.picker = Picker::default();
    audit.asked = false;
    // Whoever has begun to type the next goes on typing.
    if std::mem::take(&mut audit.sent) {
        audit.typing = false;
    }
    take(audit, rows);
    let named = audit.named.filter(|named| audit.rows.iter().any(|row| row.sequence == *named));
    audit.picker.at = named.or_else(|| audit.rows.first().map(|row| row.sequence));
}

/// The rows before those came; of another search they are dropped.
pub(super) fn found_more(model: &mut Model, of: u64, rows: Vec<AuditView>) {
    let audit = &mut model.audit;
    if of != audit.searches {
        return;
    }
    audit.asked_more = false;
    let keys = audit.keys();
    let line = audit.picker.line(&keys);
    take(audit, rows);
    // The row under the cursor stays where it stands, and the cursor goes on to the first that is new.
    let keys = audit.keys();
    if let Some((before, now)) = line.zip(audit.picker.line(&keys)) {
        audit.picker.top = audit.picker.top.saturating_add(now).saturating_sub(before);
    }
    audit.picker.step(if audit.timeline { -1 } else { 1 }, &keys);
}

/// Puts rows among those there are.
fn take(audit: &mut Audit, rows: Vec<AuditView>) {
    let page = usize::try_from(audit.filter.limit.unwrap_or(QUERY_ROWS_MAX)).unwrap_or(usize::MAX);
    audit.more = rows.len() >= page;
    audit.rows.extend(rows);
    audit.rows.sort_by_key(|row| row.sequence);
    if !audit.timeline {
        audit.rows.reverse();
    }
    let (rows, timeline) = (&audit.rows, audit.timeline);
    let why = |(at, row): (usize, &AuditView)| (row.sequence, odd::why(rows, at, timeline));
    audit.odd = rows.iter().enumerate().map(why).filter(|(_, why)| !why.is_empty()).collect();
    let troubles = rows.iter().filter(|row| is_trouble(row)).map(|row| row.sequence);
    audit.marked = troubles.chain(audit.odd.keys().copied()).collect();
}

/// `p`: asks for the proof pack of the order the entry under the cursor is about.
pub(super) fn pack(model: &mut Model, out: &mut Vec<Effect>) {
    match model.audit.chosen().and_then(|row| row.order_id) {
        Some(order) => {
            model.tell(&format!("Proof pack of {order}: it comes once a checkpoint covers it."));
            model.ask(Question::Pack(order), Ask::Pack(order), out);
        }
        None => model.tell("Proof pack: the entry under the cursor is about no order."),
    }
}

/// None came.
pub(super) fn failed(model: &mut Model, why: &str) {
    (model.audit.asked, model.audit.asked_more) = (false, false);
    model.audit.fault = Some(why.to_owned());
}

impl Audit {
    /// Keys of the rows, in the order shown.
    #[must_use]
    pub fn keys(&self) -> Vec<Sequence> {
        self.rows.iter().map(|row| row.sequence).collect()
    }

    /// The row under the cursor.
    #[must_use]
    pub fn chosen(&self) -> Option<&AuditView> {
        self.rows.iter().find(|row| Some(row.sequence) == self.picker.at)
    }
}
