//! The form for a person to be created: login, name, role, desk; it must send nothing, for the act is asked about afterwards.

use turret_shared::ids::DeskId;
use turret_shared::limits::{LOGIN_BYTES_MAX, NAME_CHARS_MAX};
use turret_shared::people::{is_login, is_name};
use turret_shared::role::Role;

use super::field::Field;
use super::key::{Code, Press};
use super::manage;
use super::modal::{Modal, Stack};
use super::{Model, house};

/// Where the keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// What they will type at sign-in.
    Login,
    /// What others see.
    Name,
    /// What they may do.
    Role,
    /// Where.
    Desk,
}

const ORDER: [Focus; 4] = [Focus::Login, Focus::Name, Focus::Role, Focus::Desk];

/// The form.
#[derive(Debug)]
pub struct NewPerson {
    /// What they will type at sign-in.
    pub login: Field,
    /// What others see.
    pub name: Field,
    /// What they may do.
    pub role: Role,
    /// Where, if anywhere.
    pub desk: Option<DeskId>,
    /// Where the keys go.
    pub focus: Focus,
    /// About the last key.
    pub message: Option<String>,
}

/// Opens it: as it was left where it was asked about and nobody was created, else empty.
pub(super) fn open(model: &mut Model) {
    if let Some(unsent) = model.users.unsent.take() {
        model.modals.push(Modal::NewPerson(unsent));
        return;
    }
    let desk = house::desks(model).first().map(|(desk, _)| *desk);
    model.modals.push(Modal::NewPerson(Box::new(NewPerson {
        login: Field::new(LOGIN_BYTES_MAX),
        name: Field::new(NAME_CHARS_MAX),
        role: Role::Broker,
        desk,
        focus: Focus::Login,
        message: None,
    })));
}

/// An act was done: if it created the person of the form, that is done with.
pub(super) fn done(model: &mut Model, line: &str) {
    let created = model.users.unsent.as_ref().is_some_and(|form| manage::creation_line(model, form) == line);
    if created {
        model.users.unsent = None;
    }
}

impl NewPerson {
    /// True where characters are text.
    #[must_use]
    pub const fn takes_text(&self) -> bool {
        matches!(self.focus, Focus::Login | Focus::Name)
    }

    /// The field typed into.
    pub(super) const fn typed(&mut self) -> Option<&mut Field> {
        match self.focus {
            Focus::Login => Some(&mut self.login),
            Focus::Name => Some(&mut self.name),
            Focus::Role | Focus::Desk => None,
        }
    }

    fn step(&mut self, forward: bool) {
        self.focus = super::moves::round(&ORDER, self.focus, forward);
    }

    fn choose(&mut self, model: &Model, forward: bool) {
        match self.focus {
            Focus::Role => self.role = super::moves::round(&Role::ALL, self.role, forward),
            Focus::Desk => {
                let mut desks: Vec<Option<DeskId>> =
                    house::desks(model).into_iter().map(|(desk, _)| Some(desk)).collect();
                desks.push(None);
                self.desk = super::moves::round(&desks, self.desk, forward);
            }
            Focus::Login | Focus::Name => {}
        }
    }

    /// What is wrong with it, and where.
    fn fault(&self, model: &Model) -> Option<(Focus, &'static str)> {
        if !is_login(self.login.text()) {
            return Some((Focus::Login, "a login is made of a-z 0-9 . - _"));
        }
        if model.users.people.rows.iter().any(|person| person.login == self.login.text()) {
            return Some((Focus::Login, "somebody has that login"));
        }
        (!is_name(self.name.text())).then_some((Focus::Name, "a name is needed"))
    }
}

/// A key for the form.
pub(super) fn key(mut open: Box<NewPerson>, model: &mut Model, key: Press) -> Stack {
    open.message = None;
    match key.code {
        Code::Esc => return Vec::new(),
        Code::Enter if open.focus == Focus::Desk => match open.fault(model) {
            None => {
                // Only once the server did it is what was typed of no use any more.
                let asking = manage::creation(model, &open);
                model.users.unsent = Some(open);
                return vec![asking];
            }
            Some((focus, why)) => {
                open.focus = focus;
                open.message = Some(why.into());
            }
        },
        Code::Enter | Code::Tab | Code::Down => open.step(true),
        Code::BackTab | Code::Up => open.step(false),
        Code::Left | Code::Right if !open.takes_text() => open.choose(model, key.code == Code::Right),
        _ => {
            let taken = open.typed().is_some_and(|field| field.key(key));
            if !taken {
                open.message = Some("Left and Right choose, Enter goes on".into());
            }
        }
    }
    vec![Modal::NewPerson(open)]
}
