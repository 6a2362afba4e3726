//! The form for a role of the house's own: a code, the built-in role it is a part of, and what is left of that; it must send
//! nothing, for the act is asked about afterwards.

use turret_shared::composed::{ComposedRole, NotComposed, Permissions};
use turret_shared::house::{Code as Typed, House, HouseRow};
use turret_shared::limits::CODE_CHARS_MAX;
use turret_shared::manage::Act;
use turret_shared::role::{Permission, Role};

use super::field::Field;
use super::key::{Code, Press};
use super::modal::{Modal, Stack};
use super::moves::round;
use super::{Model, house, manage};

/// Where the keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// What the role is called.
    Code,
    /// What it is a part of.
    Base,
    /// One of that role's permissions.
    Permission(Permission),
}

/// The form.
#[derive(Debug)]
pub struct RoleForm {
    /// What the role is called.
    pub code: Field,
    /// The built-in role it is a part of.
    pub base: Role,
    /// What is left of that.
    pub permissions: Permissions,
    /// The role is there: its code and its base stay.
    pub known: bool,
    /// Where the keys go.
    pub focus: Focus,
    /// About the last key.
    pub message: Option<String>,
}

/// Opens it: about the role under the cursor, else about a new one.
pub(super) fn open(model: &mut Model) {
    let known = match house::chosen(model) {
        Some(house::Row::House(HouseRow::Role { role, .. })) => Some(*role),
        _ => None,
    };
    let base = known.map_or(Role::Broker, |role| role.base);
    let mut code = Field::new(CODE_CHARS_MAX);
    if let Some(role) = known {
        code.set(role.code.as_str());
    }
    let form = RoleForm {
        code,
        base,
        permissions: known.map_or_else(|| Permissions::of(base), |role| role.permissions),
        known: known.is_some(),
        focus: if known.is_some() { first(base) } else { Focus::Code },
        message: None,
    };
    model.modals.push(Modal::Compose(Box::new(form)));
}

/// Asks about a role to be given up at once: there is nothing to type.
pub(super) fn retire(model: &mut Model) {
    let Some(house::Row::House(HouseRow::Role { role, people })) = house::chosen(model) else {
        return model.tell("Put the cursor on a role of the house's own.");
    };
    let (code, people) = (role.code, *people);
    if people > 0 {
        return model.tell(&format!("{people} have the role {code}: give them another first."));
    }
    let follows = "Nobody has it; nobody is given it any more.".to_owned();
    let act = Act::House(House::RetireRole { code });
    let asking = manage::about_account(model, act, format!("RETIRE ROLE {code}"), follows);
    model.modals.push(asking);
}

fn first(base: Role) -> Focus {
    base.permissions().first().map_or(Focus::Base, |permission| Focus::Permission(*permission))
}

/// The permissions of the built-in role, in the order they are shown.
#[must_use]
pub fn choices(form: &RoleForm) -> Vec<Permission> {
    Permissions::of(form.base).iter().collect()
}

impl RoleForm {
    /// True where characters are text.
    #[must_use]
    pub fn takes_text(&self) -> bool {
        self.focus == Focus::Code
    }

    fn step(&mut self, forward: bool) {
        let fixed = [Focus::Code, Focus::Base].into_iter().filter(|_| !self.known);
        let all: Vec<Focus> = fixed.chain(choices(self).into_iter().map(Focus::Permission)).collect();
        self.focus = round(&all, self.focus, forward);
    }

    fn turn(&mut self, permission: Permission) {
        if permission == Permission::OwnManage {
            self.message = Some("Whoever signs in sees and ends what is their own.".into());
        } else if self.permissions.has(permission) {
            self.permissions = self.permissions.without(permission);
        } else {
            self.permissions = self.permissions.with(permission);
        }
    }

    /// The role it describes.
    fn role(&self) -> Result<ComposedRole, String> {
        let code: Typed = self.code.text().trim().parse().map_err(|wanted| format!("a code is {wanted}"))?;
        let role = ComposedRole { code, base: self.base, permissions: self.permissions };
        role.check().map(|()| role).map_err(|why| match why {
            NotComposed::BuiltIn => "a built-in role is called so".into(),
            NotComposed::Whole => format!("that is all a {} may: Space takes something away", self.base),
            NotComposed::Beyond => format!("that is more than a {} may", self.base),
            NotComposed::WithoutOwn => "whoever signs in sees and ends what is their own".into(),
        })
    }
}

/// A key for the form.
pub(super) fn key(mut open: Box<RoleForm>, model: &Model, key: Press) -> Stack {
    open.message = None;
    match (key.code, open.focus) {
        (Code::Esc, _) => return Vec::new(),
        (Code::Enter, _) => match open.role() {
            Ok(role) => return vec![asking(model, role, open.known)],
            Err(why) => open.message = Some(why),
        },
        (Code::Tab | Code::Down, _) => open.step(true),
        (Code::BackTab | Code::Up, _) => open.step(false),
        (Code::Left | Code::Right, Focus::Base) => {
            open.base = round(&Role::ALL, open.base, key.code == Code::Right);
            open.permissions = Permissions::of(open.base);
        }
        (Code::Char(' ') | Code::Left | Code::Right, Focus::Permission(permission)) => open.turn(permission),
        (_, Focus::Code) => {
            open.code.key(key);
        }
        (_, Focus::Base) => open.message = Some("Left and Right choose the role it is a part of".into()),
        (_, Focus::Permission(_)) => open.message = Some("Space takes it away and gives it back".into()),
    }
    vec![Modal::Compose(open)]
}

fn asking(model: &Model, role: ComposedRole, known: bool) -> Modal {
    let ComposedRole { code, base, permissions } = role;
    let follows = if known {
        "Who has it is signed out, and signs in with what it is then."
    } else {
        "Limits, policies and desks count as for the role it is a part of."
    };
    let act = Act::House(House::ComposeRole { code, base, permissions });
    manage::about_account(model, act, format!("ROLE {code}: {}", role.told()), follows.to_owned())
}
