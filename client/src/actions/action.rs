//! What one action is, and when it is offered; it must do none of them.

use turret_shared::composed::HeldRole;
use turret_shared::role::Permission;

use super::{Condition, Id, Situation, Verb};

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
    /// In the list of positions.
    Positions,
    /// In the list of alerts.
    Alerts,
    /// In the log as searched.
    Audit,
    /// In the list of sources that are out.
    Bans,
    /// In the list of denied attempts.
    Denied,
    /// In the lists of people, sessions and devices.
    People,
    /// In the list of desks, accounts and listings.
    House,
    /// In the list of limits.
    Limits,
    /// In the list of what waits for a second person.
    Approvals,
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
    Role(HeldRole),
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
    pub fn disabled(&self, role: Option<HeldRole>, situation: Situation) -> Option<Disabled> {
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
