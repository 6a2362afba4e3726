//! What keys cannot stand together, and why each rule is there; it must mend nothing.

use std::fmt;

use turret_shared::role::{Permission, Role};

use super::Keymap;
use super::map::owns;
use crate::actions::{ACTIONS, Action, Id, Place};
use crate::app::key::{Code, Press};

/// One rule a keymap breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// Two actions on one key where both are listened to.
    Shared(Press, Id, Id),
    /// Every key of the action is one tmux or zellij takes for itself.
    Multiplexer(Id, Press),
    /// The action moves money or leaves, and the key is one that terminals and fingers give by accident.
    Accident(Id, Press),
    /// With Caps Lock on, the key of the first becomes the key of the second, which moves money or leaves.
    CapsLock(Id, Id, Press),
    /// The key that opens a window would also confirm it.
    OpensAndConfirms(Press, Id),
    /// No terminal sends it, or sends it as another key.
    NeverArrives(Id, Press),
    /// The action works where text is typed, and the key is a character.
    TypedAsText(Id, Press),
    /// The window needs the key for itself.
    Taken(Id, Press),
    /// The program cannot be used without a key for it.
    Keyless(Id),
    /// Esc always leaves what is transient.
    EscMoved,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shared(key, a, b) => write!(f, "{} and {} are both on {key}", a.word(), b.word()),
            Self::Multiplexer(id, key) => {
                write!(f, "{} is only on {key}, which tmux or zellij takes for itself", id.word())
            }
            Self::Accident(id, key) => {
                write!(f, "{} must not be on {key}: it is pressed, or sent for another key, by accident", id.word())
            }
            Self::CapsLock(harmless, dangerous, key) => {
                write!(
                    f,
                    "with Caps Lock {} becomes {}: {} must not be on {key}",
                    harmless.word(),
                    dangerous.word(),
                    dangerous.word()
                )
            }
            Self::OpensAndConfirms(key, id) => {
                write!(f, "confirm must not be on {key}, the key of {}: pressed twice it would act", id.word())
            }
            Self::NeverArrives(id, key) => write!(f, "{}: no terminal sends {key} as a key of its own", id.word()),
            Self::TypedAsText(id, key) => {
                write!(f, "{}: {key} is text where this is needed; take F1 to F12 or Ctrl", id.word())
            }
            Self::Taken(id, key) => write!(f, "{}: {key} has a meaning of its own there", id.word()),
            Self::Keyless(id) => write!(f, "{} must keep a key", id.word()),
            Self::EscMoved => f.write_str("back must keep Esc"),
        }
    }
}

/// Actions without which a person is stuck, or cannot answer what is asked.
const ESSENTIAL: [Id; 8] =
    [Id::Confirm, Id::Back, Id::Help, Id::Palette, Id::Lock, Id::Quit, Id::Open, Id::SignInLeave];

/// Prefixes of tmux, screen and zellij.
const PREFIXES: [char; 6] = ['a', 'b', 'g', 'o', 'p', 't'];
/// End of file, and what terminals send for Backspace, Enter, an old terminal's arrow and a cleared screen.
const ACCIDENTS: [char; 5] = ['d', 'h', 'j', 'k', 'l'];

/// Keys windows and fields need for themselves.
const TAKEN: &[(Place, &[Code])] = &[
    (Place::Ticket, &[Code::Enter, Code::Backspace, Code::Delete, Code::Left, Code::Right, Code::Home, Code::End]),
    (Place::Confirm, &[Code::Enter, Code::Esc, Code::Backspace, Code::Char('h')]),
    (Place::Notice, &[Code::Enter, Code::Esc, Code::Char('1')]),
    (Place::SignIn, &[Code::Enter, Code::Esc, Code::Up, Code::Down, Code::Backspace]),
    (Place::Text, &[Code::Enter, Code::Backspace, Code::Left, Code::Right, Code::Up, Code::Down]),
];

/// True for what moves money, changes somebody else's day, or leaves.
fn dangerous(action: &Action) -> bool {
    // A list that only some may see is looked at like any other.
    if matches!(action.id, Id::Approvals | Id::Denied) {
        return false;
    }
    let changes = match action.permission {
        Some(
            Permission::OrderPreview
            | Permission::OrderRead
            | Permission::FillRead
            | Permission::PositionRead
            | Permission::AccountRead
            | Permission::LimitRead
            | Permission::QuoteRead
            | Permission::InstrumentRead
            | Permission::AuditRead
            | Permission::UserRead,
        )
        | None => false,
        Some(_) => true,
    };
    changes || matches!(action.id, Id::Confirm | Id::Quit | Id::SignOut | Id::SignInLeave)
}

/// True for what opens a window that `confirm` answers, at once or at the end.
fn asks(action: &Action) -> bool {
    (dangerous(action) && action.id != Id::Confirm) || action.id == Id::ModalSecond
}

/// True when keys of both places are listened to at once.
fn together(a: Place, b: Place) -> bool {
    let alone = |place| matches!(place, Place::Ticket | Place::Confirm | Place::Notice | Place::SignIn | Place::Text);
    let common = |place| matches!(place, Place::Lists | Place::Everywhere);
    let blotter = |place| matches!(place, Place::Blotter | Place::Detail);
    a == b || (!alone(a) && !alone(b) && (common(a) || common(b) || (blotter(a) && blotter(b))))
}

/// True when somebody could mean either by one key.
fn meet(a: &Action, b: &Action) -> bool {
    let may = |action: &Action, role: Role| action.permission.is_none_or(|permission| role.may(permission));
    let here = a.places.iter().any(|one| b.places.iter().any(|other| together(*one, *other)));
    here && Role::ALL.into_iter().any(|role| may(a, role) && may(b, role))
}

const fn control(key: Press) -> Option<char> {
    match key.code {
        Code::Char(c) if key.ctrl && !key.alt => Some(c),
        _ => None,
    }
}

const fn never_arrives(key: Press) -> bool {
    // Ctrl-i and Ctrl-m are sent as Tab and Enter.
    key.ctrl && !matches!(key.code, Code::Char('a'..='h' | 'j'..='l' | 'n'..='z' | ' '))
}

fn other_case(key: Press) -> Option<Press> {
    let Code::Char(c) = key.code else { return None };
    let mut other = if c.is_lowercase() { c.to_uppercase().collect::<Vec<_>>() } else { c.to_lowercase().collect() };
    match (other.pop(), other.is_empty()) {
        (Some(other), true) if other != c => Some(Press { code: Code::Char(other), ..key }),
        _ => None,
    }
}

impl Keymap {
    /// Everything that cannot stand as it is, in the order of the table.
    #[must_use]
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut found = Vec::new();
        for (at, action) in ACTIONS.iter().enumerate() {
            self.of_one(action, &mut found);
            for other in ACTIONS.iter().skip(at.saturating_add(1)) {
                self.of_two(action, other, &mut found);
            }
        }
        if !self.has(Id::Back, Press::plain(Code::Esc)) {
            found.push(Conflict::EscMoved);
        }
        found
    }

    fn of_one(&self, action: &Action, found: &mut Vec<Conflict>) {
        let (id, keys) = (action.id, self.keys(action.id));
        if ESSENTIAL.contains(&id) && keys.is_empty() {
            found.push(Conflict::Keyless(id));
        }
        let prefix = |key: &Press| control(*key).is_some_and(|c| PREFIXES.contains(&c));
        if let Some(first) = keys.first().filter(|_| keys.iter().all(prefix)) {
            found.push(Conflict::Multiplexer(id, *first));
        }
        for key in keys {
            if never_arrives(*key) {
                found.push(Conflict::NeverArrives(id, *key));
            } else if dangerous(action) && control(*key).is_some_and(|c| ACCIDENTS.contains(&c)) {
                found.push(Conflict::Accident(id, *key));
            }
            let typed = action.works_in(Place::SignIn) || action.works_in(Place::Text);
            if typed && key.typed().is_some() {
                found.push(Conflict::TypedAsText(id, *key));
            } else if taken(action, *key) {
                found.push(Conflict::Taken(id, *key));
            }
        }
    }

    fn of_two(&self, a: &Action, b: &Action, found: &mut Vec<Conflict>) {
        for key in self.keys(a.id) {
            // Where the table itself has both, the nearer place comes first on purpose.
            let meant_so = owns(a, *key) && owns(b, *key);
            if self.has(b.id, *key) && meet(a, b) && !meant_so {
                found.push(Conflict::Shared(*key, a.id, b.id));
            }
            let opener = if a.id == Id::Confirm { b } else { a };
            if (a.id == Id::Confirm || b.id == Id::Confirm) && asks(opener) && self.has(b.id, *key) {
                found.push(Conflict::OpensAndConfirms(*key, opener.id));
            }
        }
        for (harmless, danger) in [(a, b), (b, a)] {
            if dangerous(harmless) || !dangerous(danger) || !meet(a, b) {
                continue;
            }
            let keys = self.keys(danger.id).iter();
            let slips = keys.filter(|key| other_case(**key).is_some_and(|other| self.has(harmless.id, other)));
            found.extend(slips.map(|key| Conflict::CapsLock(harmless.id, danger.id, *key)));
        }
    }
}

fn taken(action: &Action, key: Press) -> bool {
    let bare = !key.ctrl && !key.alt;
    let number = matches!(key.code, Code::Char('0'..='9' | '.' | ',' | 'k' | 'm' | 'K' | 'M' | ' '));
    let typed = bare && number && action.works_in(Place::Ticket);
    let window = TAKEN.iter().any(|(place, codes)| bare && action.works_in(*place) && codes.contains(&key.code));
    (typed || window) && !owns(action, key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keymap::parse;

    fn said(keys: &str) -> String {
        parse(&format!("[keys]\n{keys}")).unwrap_err().to_string()
    }

    #[test]
    fn the_table_itself_breaks_no_rule() {
        assert_eq!(Keymap::default().conflicts(), []);
    }

    #[test]
    fn each_rule_is_held() {
        for (keys, want) in [
            ("order-buy = \"s\"", "order-buy and order-sell are both on s"),
            ("help = \"b\"", "order-buy and help are both on b"),
            ("recentre = \"j\"", "down and recentre are both on j"),
            ("help = \"Ctrl-b\"", "help is only on Ctrl-b, which tmux or zellij takes for itself"),
            ("order-cancel = [\"c\", \"Ctrl-d\"]", "order-cancel must not be on Ctrl-d"),
            ("quit = \"Ctrl-k\"", "quit must not be on Ctrl-k"),
            ("copy = \"x\"", "with Caps Lock copy becomes order-cancel-all-mine"),
            ("order-cancel-marked = \"J\"", "with Caps Lock down becomes order-cancel-marked"),
            ("confirm = \"c\"", "confirm must not be on c, the key of order-cancel"),
            ("confirm = \"b\"", "confirm must not be on b, the key of order-buy"),
            ("confirm = \"q\"", "confirm must not be on q, the key of quit"),
            ("confirm = \"Enter\"", "confirm: Enter has a meaning of its own there"),
            ("confirm = []", "confirm must keep a key"),
            ("back = \"F11\"", "back must keep Esc"),
            ("help = \"Ctrl-i\"", "no terminal sends Ctrl-i"),
            ("help = \"Ctrl-Enter\"", "no terminal sends Ctrl-Enter"),
            ("sign-in-code = \"9\"", "sign-in-code: 9 is text where this is needed"),
            ("take-touch = \"5\"", "take-touch: 5 has a meaning of its own there"),
            ("dismiss = \"1\"", "dismiss: 1 has a meaning of its own there"),
        ] {
            let sentence = said(keys);
            assert!(sentence.contains(want), "{keys}: {sentence}");
        }
    }

    #[test]
    fn what_is_far_apart_may_share_a_key() {
        for keys in [
            "recentre = \"r\"\nmark = [\"Space\", \"r\"]",
            "help = [\"?\", \"Ctrl-b\"]",
            "confirm = \"F11\"\ntake-touch = \"b\"",
            "down = [\"Down\", \"j\", \"Ctrl-j\"]",
        ] {
            assert!(parse(&format!("[keys]\n{keys}")).is_ok(), "{keys}: {}", said(keys));
        }
    }
}
