//! Lists the feed does not tell: asked for when their screen is shown, and again while it is; it must ask for no other.

use turret_shared::wire::query::Ask;

use super::effect::Effect;
use super::flight::Question;
use super::{Model, Screen, Stage};

/// While such a screen is shown its list is asked for again after this, in milliseconds.
pub const AGAIN_MS: u64 = 5_000;

/// Rows asked for, and why there are none.
#[derive(Debug)]
pub struct Asked<T> {
    /// As last told.
    pub rows: Vec<T>,
    /// An answer came.
    pub known: bool,
    /// Why the last question brought none.
    pub fault: Option<String>,
}

impl<T> Default for Asked<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), known: false, fault: None }
    }
}

impl<T> Asked<T> {
    /// The answer; true when it says something new.
    pub fn told(&mut self, rows: Vec<T>) -> bool
    where
        T: PartialEq,
    {
        self.told_as(rows, <[T]>::eq)
    }

    /// The answer, of rows that `same` takes for the same though time moved their figures.
    pub(super) fn told_as(&mut self, rows: Vec<T>, same: impl FnOnce(&[T], &[T]) -> bool) -> bool {
        let new = !self.known || self.fault.is_some() || !same(&self.rows, &rows);
        *self = Self { rows, known: true, fault: None };
        new
    }

    /// What stands in place of rows.
    #[must_use]
    pub fn emptiness(&self, nothing: &str) -> String {
        match (&self.fault, self.known) {
            (Some(why), _) => format!("The list could not be had: {why}. It is asked for again."),
            (None, true) => nothing.to_owned(),
            (None, false) => "Fetching ...".to_owned(),
        }
    }
}

const fn question(screen: Screen) -> Option<(Question, Ask)> {
    match screen {
        Screen::Users => Some((Question::People, Ask::People)),
        Screen::Sessions => Some((Question::Sessions, Ask::Sessions)),
        Screen::Devices => Some((Question::Devices, Ask::Devices)),
        Screen::House => Some((Question::House, Ask::House)),
        Screen::Limits => Some((Question::Limits, Ask::LimitTable)),
        Screen::Denied => Some((Question::Attempts, Ask::Attempts)),
        Screen::Bans => Some((Question::Bans, Ask::Bans)),
        Screen::Approvals => Some((Question::Approvals, Ask::Approvals)),
        _ => None,
    }
}

/// Asks for what the screen shown needs, unless that is under way.
pub(super) fn ask(model: &mut Model, out: &mut Vec<Effect>) {
    let Some((question, ask)) = question(model.screen) else { return };
    let under_way = model.questions.values().any(|asked| *asked == question);
    if model.can_send().is_ok() && !under_way {
        model.asked_ms = model.now.mono_ms;
        model.ask(question, ask, out);
    }
    super::house::ask(model, out);
    super::person::ask(model, out);
}

/// When the list of the screen shown is asked for again, in monotonic milliseconds; `None` where there is none.
pub(super) fn due_ms(model: &Model) -> Option<u64> {
    // What is under way, or cannot be asked, is looked at again as late.
    let from = if model.can_send().is_ok() { model.asked_ms } else { model.now.mono_ms };
    let list = question(model.screen).filter(|_| model.stage == Stage::Desk).map(|_| from.saturating_add(AGAIN_MS));
    [list, super::approvals::due_ms(model)].into_iter().flatten().min()
}

/// Asks again when what is shown grew old.
pub(super) fn again(model: &mut Model, out: &mut Vec<Effect>) {
    if model.now.mono_ms.saturating_sub(model.asked_ms) >= AGAIN_MS {
        ask(model, out);
    }
    super::approvals::again(model, out);
}
