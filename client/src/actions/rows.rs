//! Makers of rows for the table; it must hold no row.

use turret_shared::role::Permission;

use super::{Action, Condition, Id, Place, Verb};

/// An action with keys in some places and nothing asked of anybody.
pub(super) const fn plain(
    id: Id,
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    places: &'static [Place],
) -> Action {
    Action { id, name, doc, keys, places, permission: None, enabled_when: &[], verb: None }
}

/// An action of scripts and the palette, without keys of its own.
pub(super) const fn worded(
    id: Id,
    name: &'static str,
    doc: &'static str,
    permission: Option<Permission>,
    verb: &'static Verb,
) -> Action {
    Action {
        id,
        name,
        doc,
        keys: &[],
        places: &[],
        permission,
        enabled_when: &[Condition::Connected],
        verb: Some(verb),
    }
}

impl Action {
    /// The same, for those who hold `permission`.
    pub(super) const fn needs(mut self, permission: Permission) -> Self {
        self.permission = Some(permission);
        self
    }

    /// The same, when all these are so.
    pub(super) const fn when(mut self, conditions: &'static [Condition]) -> Self {
        self.enabled_when = conditions;
        self
    }

    /// The same, written so in scripts.
    pub(super) const fn scripted(mut self, verb: &'static Verb) -> Self {
        self.verb = Some(verb);
        self
    }
}
