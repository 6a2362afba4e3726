//! Help: what this screen can do, each line with its key and, where it is disabled, why; typed words narrow it.

use super::Model;
use super::key::{Code, Press};
use super::modal::{Help, Modal, Stack};
use crate::actions::{ACTIONS, Action, Place};

/// One line of help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Keys.
    pub keys: String,
    /// Name.
    pub name: &'static str,
    /// What it does, or what the word means.
    pub doc: String,
    /// Why it cannot be done now.
    pub disabled: Option<String>,
}

/// Words of the program that are easily mixed up; help finds them.
const WORDS: &[(&str, &str)] = &[
    ("Denied", "our no to an order: a rule or right stood in the way; nothing reached the venue"),
    ("Rejected", "the venue's no to an order"),
    ("Refused", "a no, ours or the venue's, to an amend or cancel; the order is as it was"),
    ("IN DOUBT", "no answer in time: the venue or server is asked; nothing is ever sent twice"),
    ("PendNew", "durable at the server, not yet acknowledged by the venue"),
    ("Sending", "left this client, not yet acknowledged by the server"),
    ("New(stp)", "a stop that waits for its price"),
    ("max_quantity", "rule: largest quantity of one order"),
    ("max_notional", "rule: largest price x quantity of one order"),
    ("price_collar", "rule: how far from the market a price may be"),
    ("buying_power", "rule: cash less what open orders reserve must cover the cost"),
    ("long_sell", "rule: a sale of more than is long and not yet offered; sell short is a side of its own"),
    ("restricted_list", "rule: the listing may not be traded"),
    ("duplicate_order", "rule (soft): an equal order just before; reviewing and sending it confirms it"),
    ("order_rate", "rule: orders a minute"),
    ("collar", "the band of prices an order may have, around the live market"),
    ("step-up", "a sensitive order asks for a fresh code; each code works once"),
    ("flags", "> cursor   ! needs you   * marked   H halted   ~ stale quote"),
];

/// What a word of the program means.
#[must_use]
pub fn meaning(word: &str) -> Option<&'static str> {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
}

/// Lines for the screen, narrowed by the words typed.
#[must_use]
pub fn lines(model: &Model, words: &str) -> Vec<Line> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let fits = |text: &str| {
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let places = model.places();
    let here = |action: &&Action| action.places.iter().any(|place| places.contains(place));
    let actions = ACTIONS.iter().filter(here).map(|action| line(model, action));
    let meanings = WORDS.iter().map(|(word, meaning)| Line {
        keys: String::new(),
        name: word,
        doc: (*meaning).to_owned(),
        disabled: None,
    });
    actions.chain(meanings).filter(|l| fits(&format!("{} {} {}", l.keys, l.name, l.doc))).collect()
}

fn line(model: &Model, action: &Action) -> Line {
    Line {
        keys: model.keys.all(action.id),
        name: action.name,
        doc: action.doc.to_owned(),
        disabled: model.disabled(action),
    }
}

/// A key for the open help.
pub(super) fn key(mut help: Help, model: &Model, key: Press) -> Stack {
    match key.code {
        Code::Esc | Code::Enter => return Vec::new(),
        Code::Down => help.top = help.top.saturating_add(1),
        Code::Up => help.top = help.top.saturating_sub(1),
        Code::PageDown => help.top = help.top.saturating_add(10),
        Code::PageUp => help.top = help.top.saturating_sub(10),
        _ => {
            help.words.key(key);
            help.top = 0;
        }
    }
    // The last line can be scrolled to the top, however many lines those before it are folded to.
    help.top = help.top.min(lines(model, help.words.text()).len().saturating_sub(1));
    vec![Modal::Help(help)]
}

/// Places whose keys work on a screen.
pub(super) const fn places_of(screen: super::Screen) -> &'static [Place] {
    use super::Screen;
    match screen {
        Screen::Blotter => &[Place::Blotter, Place::Detail, Place::Lists, Place::Everywhere],
        Screen::Quotes => &[Place::Quotes, Place::Lists, Place::Everywhere],
        Screen::Fills => &[Place::Fills, Place::Lists, Place::Everywhere],
        Screen::Users | Screen::Sessions | Screen::Devices => &[Place::People, Place::Lists, Place::Everywhere],
        Screen::Denied => &[Place::Denied, Place::Lists, Place::Everywhere],
        Screen::Bans => &[Place::Bans, Place::Lists, Place::Everywhere],
        Screen::House => &[Place::House, Place::Lists, Place::Everywhere],
        Screen::Positions => &[Place::Positions, Place::Lists, Place::Everywhere],
        Screen::Alerts => &[Place::Alerts, Place::Lists, Place::Everywhere],
        Screen::Approvals => &[Place::Approvals, Place::Lists, Place::Everywhere],
        Screen::Limits => &[Place::Limits, Place::Lists, Place::Everywhere],
        Screen::Audit => &[Place::Audit, Place::Lists, Place::Everywhere],
        Screen::Accounts => &[Place::Lists, Place::Everywhere],
    }
}
