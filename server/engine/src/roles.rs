//! The roles people hold, built in and of the house's own; it must know of no account.

use turret_shared::composed::{ComposedRole, HeldRole};
use turret_shared::event::Event;
use turret_shared::house::Code;
use turret_shared::ids::UserId;
use turret_shared::role::{Permission, Role};

use crate::AccessView;

impl AccessView {
    /// The person's role, if they may do anything.
    #[must_use]
    pub fn role(&self, user: UserId) -> Option<Role> {
        self.user(user).and_then(|u| u.role)
    }

    /// The role a person holds, with what they have of it. Of a role that is there no more nothing is left.
    #[must_use]
    pub fn held_role(&self, user: UserId) -> Option<HeldRole> {
        let known = self.user(user)?;
        let role = known.role?;
        match known.composed {
            None => Some(role.into()),
            Some(code) => self.composed_role(code).map(|composed| HeldRole { role, composed: Some(*composed) }),
        }
    }

    /// True when the role a person holds covers `permission` at all.
    #[must_use]
    pub fn holds(&self, user: UserId, permission: Permission) -> bool {
        self.held_role(user).is_some_and(|held| held.may(permission))
    }

    /// A role of the house's own.
    #[must_use]
    pub fn composed_role(&self, code: Code) -> Option<&ComposedRole> {
        self.roles.iter().find(|known| known.code == code)
    }

    /// Every one of them, by code.
    #[must_use]
    pub fn composed_roles(&self) -> &[ComposedRole] {
        &self.roles
    }

    /// Who has it.
    pub fn holders_of(&self, code: Code) -> impl Iterator<Item = UserId> {
        self.users().filter(move |(_, known)| known.composed == Some(code)).map(|(user, _)| user)
    }

    pub(crate) fn evolve_roles(&mut self, event: &Event) {
        match event {
            Event::RoleSet(e) => {
                if let Some(user) = self.user_mut(e.user) {
                    user.role = e.role;
                    user.composed = None;
                }
            }
            Event::ComposedRoleSet(e) => {
                if let Some(user) = self.user_mut(e.user) {
                    user.composed = Some(e.code);
                }
            }
            Event::RoleComposed(e) => {
                self.roles.retain(|known| known.code != e.role.code);
                self.roles.push(e.role);
                self.roles.sort_unstable_by(|one, other| one.code.as_str().cmp(other.code.as_str()));
            }
            Event::RoleRetired(e) => self.roles.retain(|known| known.code != e.code),
            _ => {}
        }
    }
}
