//! Searching the log: one box that takes any identifier whole and says what it took it for; it must hide nothing found.

use std::collections::BTreeMap;

use turret_shared::ids::{CorrelationId, OrderId, Sequence};
use turret_shared::limits::QUERY_ROWS_MAX;
use turret_shared::view::AuditView;
use turret_shared::wire::query::{Ask, AuditFilter};

use super::effect::Effect;
use super::field::Field;
use super::flight::Question;
use super::picker::Picker;
use super::{Model, Screen, odd};

/// State of the screen.
#[derive(Debug)]
pub struct Audit {
    /// Typed search.
    pub words: Field,
    /// Keys go to the search.
    pub typing: bool,
    /// What was found, in the order shown.
    pub rows: Vec<AuditView>,
    /// Why entries look odd, of those that do.
    pub odd: BTreeMap<Sequence, Vec<String>>,
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
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            words: Field::new(80),
            typing: false,
            rows: Vec::new(),
            odd: BTreeMap::new(),
            picker: Picker::default(),
            taken_for: String::new(),
            asked: false,
            fault: None,
            timeline: false,
        }
    }
}

const OUTCOMES: &[&str] = &["ok", "denied", "refused", "failed", "flagged"];

/// Reads the search: what each word was taken for, and the filter; `Err` names the word that is nothing.
///
/// # Errors
/// The word, in a sentence.
pub fn read(words: &str) -> Result<(AuditFilter, String), String> {
    let mut filter = AuditFilter { limit: Some(QUERY_ROWS_MAX), ..AuditFilter::default() };
    let mut taken = Vec::new();
    for word in words.split_whitespace() {
        let (name, value) = word.split_once('=').unwrap_or((guess(word), word));
        match name {
            "order" => filter.order = Some(value.parse::<OrderId>().map_err(|_| format!("{value} is no OrderID"))?),
            "corr" => {
                filter.correlation =
                    Some(value.parse::<CorrelationId>().map_err(|_| format!("{value} is no reference"))?);
            }
            "account" => filter.account = Some(value.to_owned()),
            "user" => filter.user = Some(value.to_owned()),
            "outcome" => filter.outcome = Some(value.to_owned()),
            "action" => filter.action = Some(value.to_owned()),
            "limit" => {
                let limit = value.parse().ok().filter(|n| (1..=QUERY_ROWS_MAX).contains(n));
                filter.limit = Some(limit.ok_or_else(|| format!("limit is 1 to {QUERY_ROWS_MAX}"))?);
            }
            other => {
                return Err(format!("{other}= is nothing to search by: order user account action outcome corr limit"));
            }
        }
        taken.push(format!("{name} {value}"));
    }
    let taken = if taken.is_empty() { "the newest of everything".into() } else { taken.join(", ") };
    Ok((filter, taken))
}

fn guess(word: &str) -> &'static str {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if word.parse::<OrderId>().is_ok() {
        "order"
    } else if word.parse::<CorrelationId>().is_ok() {
        "corr"
    } else if OUTCOMES.contains(&word) {
        "outcome"
    } else if word.get(1..).is_some_and(digits) && word.starts_with(|c: char| c.is_ascii_uppercase()) {
        "account"
    } else if word.contains('.') {
        "user"
    } else {
        "action"
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

/// `n`: the next entry that looks odd.
pub(super) fn next_odd(model: &mut Model) {
    let keys = model.audit.keys();
    let audit = &mut model.audit;
    let odd = |line: &usize| keys.get(*line).is_some_and(|key| audit.odd.contains_key(key));
    let from = audit.picker.line(&keys).map_or(0, |line| line.saturating_add(1));
    let next = (from..keys.len()).find(odd).or_else(|| (0..keys.len()).find(odd));
    match next {
        Some(line) => audit.picker.put(line, &keys),
        None => model.tell("Nothing here looks odd."),
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
    match read(model.audit.words.text()) {
        Err(why) => model.audit.fault = Some(why),
        Ok((filter, taken_for)) => {
            model.audit.timeline = filter.order.is_some();
            model.audit.taken_for = taken_for;
            model.audit.fault = None;
            model.audit.asked = true;
            model.ask(Question::Audit, Ask::Audit(filter), out);
        }
    }
}

/// The answer came.
pub(super) fn found(model: &mut Model, mut rows: Vec<AuditView>) {
    rows.sort_by_key(|row| row.sequence);
    if !model.audit.timeline {
        rows.reverse();
    }
    model.audit.picker = Picker::default();
    model.audit.picker.at = rows.first().map(|row| row.sequence);
    let why = |(at, row): (usize, &AuditView)| (row.sequence, odd::why(&rows, at, model.audit.timeline));
    model.audit.odd = rows.iter().enumerate().map(why).filter(|(_, why)| !why.is_empty()).collect();
    model.audit.rows = rows;
    model.audit.asked = false;
    model.audit.typing = false;
}

/// None came.
pub(super) fn failed(model: &mut Model, why: &str) {
    model.audit.asked = false;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_taken_for_what_it_is() {
        for (word, want) in [
            ("O48201", "order O48201"),
            ("7F3A-19C2-0B1D", "corr 7F3A-19C2-0B1D"),
            ("A1001", "account A1001"),
            ("ann.lee", "user ann.lee"),
            ("denied", "outcome denied"),
            ("order_new", "action order_new"),
            ("user=ann.lee outcome=ok", "user ann.lee, outcome ok"),
            ("", "the newest of everything"),
        ] {
            assert_eq!(read(word).map(|(_, taken)| taken).as_deref(), Ok(want), "{word}");
        }
        assert!(read("colour=red").is_err());
        assert!(read("order=12").is_err());
    }
}
