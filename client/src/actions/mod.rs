//! The one registry of actions: what keys, hints, help, palette and scripts all read; it must do none of them itself.

use turret_shared::role::{Permission, Role};

mod condition;
mod id;
mod keys;
mod table;
mod verbs;

pub use condition::{Condition, Situation};
pub use id::Id;
pub use table::ACTIONS;
pub use verbs::{Argument, Verb};

/// Where an action's keys are listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On every screen after sign-in, outside text fields and modals.
    Everywhere,
    /// In every list.
    Lists,
    /// In the blotter and on the order it stands on.
    Blotter,
    /// In the order detail.
    Detail,
    /// In watchlist and depth.
    Quotes,
    /// In the list of executions.
    Fills,
    /// In the ticket.
    Ticket,
    /// In a modal that asks before it acts.
    Confirm,
    /// In the notice of a denial, rejection or refusal.
    Notice,
    /// On sign-in and lock, where no letter is a command.
    SignIn,
    /// While text is typed.
    Text,
}

/// One action.
#[derive(Debug, Clone, Copy)]
pub struct Action {
    /// Which.
    pub id: Id,
    /// One or two words, for hints and the palette.
    pub name: &'static str,
    /// One sentence, for help.
    pub doc: &'static str,
    /// Keys of the default keymap: `b`, `F12`, `Ctrl-p`, `Space`, `S-Tab`.
    pub keys: &'static [&'static str],
    /// Where those keys work; the palette offers it wherever it is enabled.
    pub places: &'static [Place],
    /// What the role must hold, if anything.
    pub permission: Option<Permission>,
    /// What must be so, besides.
    pub enabled_when: &'static [Condition],
    /// What a script writes for it.
    pub verb: Option<&'static Verb>,
}

/// Why an action is disabled just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disabled {
    /// The role does not hold what it takes.
    Role(Role),
    /// Nobody is signed in.
    SignedOut,
    /// Something is not so.
    Condition(Condition),
}

impl std::fmt::Display for Disabled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Role(role) => write!(f, "not for the role {role}"),
            Self::SignedOut => f.write_str("nobody is signed in"),
            Self::Condition(condition) => f.write_str(condition.why_not()),
        }
    }
}

impl Action {
    /// Stable word of keymap files and the palette: `order-buy`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        self.id.word()
    }

    /// Why it cannot be done just now; `None` when it can. The server decides again.
    #[must_use]
    pub fn disabled(&self, role: Option<Role>, situation: Situation) -> Option<Disabled> {
        if let Some(permission) = self.permission {
            match role {
                None => return Some(Disabled::SignedOut),
                Some(role) if !role.may(permission) => return Some(Disabled::Role(role)),
                Some(_) => {}
            }
        }
        self.enabled_when.iter().find(|c| !situation.has(**c)).map(|c| Disabled::Condition(*c))
    }

    /// True when its keys are listened to in `place`.
    #[must_use]
    pub fn works_in(&self, place: Place) -> bool {
        self.places.contains(&place)
    }
}

/// The action of an id; every id has exactly one row.
#[must_use]
pub fn action(id: Id) -> Option<&'static Action> {
    ACTIONS.iter().find(|action| action.id == id)
}

/// The action of a keymap word.
#[must_use]
pub fn by_word(word: &str) -> Option<&'static Action> {
    ACTIONS.iter().find(|action| action.word() == word)
}

/// The action of a script line's first words, the longest verb first.
#[must_use]
pub fn by_verb(words: &[&str]) -> Option<&'static Action> {
    ACTIONS
        .iter()
        .filter(|action| action.verb.is_some_and(|verb| words.starts_with(verb.words)))
        .max_by_key(|action| action.verb.map_or(0, |verb| verb.words.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_has_one_row_and_every_word_one_meaning() {
        for id in Id::ALL {
            assert_eq!(ACTIONS.iter().filter(|a| a.id == *id).count(), 1, "{id:?}");
            assert_eq!(ACTIONS.iter().filter(|a| a.word() == id.word()).count(), 1, "{id:?}");
        }
        assert_eq!(ACTIONS.len(), Id::ALL.len());
    }

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for (at, a) in ACTIONS.iter().enumerate() {
            for b in &ACTIONS[at + 1..] {
                let together = a.places.iter().any(|p| b.places.contains(p));
                let same = a.keys.iter().find(|k| b.keys.contains(k));
                assert!(!together || same.is_none(), "{:?} and {:?} share {same:?}", a.id, b.id);
            }
        }
    }

    #[test]
    fn no_key_is_one_a_terminal_or_a_multiplexer_takes() {
        let taken = [
            "Ctrl-d",
            "Ctrl-h",
            "Ctrl-j",
            "Ctrl-k",
            "Ctrl-l",
            "Ctrl-Enter",
            "Ctrl-a",
            "Ctrl-b",
            "Ctrl-g",
            "Ctrl-o",
            "Ctrl-t",
        ];
        for action in ACTIONS {
            for key in action.keys {
                assert!(!taken.contains(key), "{:?} on {key}", action.id);
                // Ctrl-p is a prefix of zellij: never the only way.
                assert!(*key != "Ctrl-p" || action.keys.len() > 1, "{:?}", action.id);
            }
            let letters = action.works_in(Place::SignIn) || action.works_in(Place::Text);
            assert!(!letters || action.keys.iter().all(|k| k.chars().count() > 1), "{:?} takes a letter", action.id);
        }
    }

    #[test]
    fn verbs_are_found_by_their_longest_form() {
        let found = |line: &[&str]| by_verb(line).map(|a| a.id);
        assert_eq!(found(&["order", "new"]), Some(Id::OrderNew));
        assert_eq!(found(&["order", "cancel-all"]), Some(Id::OrderCancelAll));
        assert_eq!(found(&["sim", "session", "open"]), Some(Id::SimSessionOpen));
        assert_eq!(found(&["order"]), None);
    }

    #[test]
    fn a_role_without_the_permission_is_told_so() {
        let buy = action(Id::OrderBuy).unwrap();
        let all = Situation::all();
        assert_eq!(buy.disabled(Some(Role::Broker), all), None);
        assert_eq!(buy.disabled(Some(Role::Support), all), Some(Disabled::Role(Role::Support)));
        assert_eq!(
            buy.disabled(Some(Role::Broker), Situation::default()),
            Some(Disabled::Condition(Condition::Connected))
        );
    }
}
