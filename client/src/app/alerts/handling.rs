//! What a person does with an alert of surveillance: seen, theirs, another's, over; it must handle none but the one shown.

use turret_shared::alert::{AlertEnd, AlertStep, AlertView, HandleAlert};
use turret_shared::command::Verb;
use turret_shared::ids::UserId;
use turret_shared::limits::MODAL_GUARD_MS;
use turret_shared::role::{Permission, Role};

use super::watch::{line, stands};
use crate::actions::Id;
use crate::app::effect::Effect;
use crate::app::flight::Flight;
use crate::app::key::{Code, Press};
use crate::app::modal::{Modal, Stack};
use crate::app::moves::round;
use crate::app::{Model, command};

/// The window that asks what it was, or whose it is from now on.
#[derive(Debug)]
pub struct Handling {
    /// Which.
    pub row: AlertView,
    /// What is chosen.
    pub choice: Choice,
    /// When it appeared, in monotonic milliseconds.
    pub shown_ms: u64,
    /// About the last key.
    pub message: Option<String>,
}

/// What the window offers.
#[derive(Debug)]
pub enum Choice {
    /// What it was.
    Resolve(AlertEnd),
    /// To whom it may be given, by login, and who is chosen.
    Assign(Vec<(UserId, String)>, UserId),
}

impl Choice {
    fn step(&self) -> AlertStep {
        match self {
            Self::Resolve(end) => AlertStep::Resolve { end: *end },
            Self::Assign(_, to) => AlertStep::Assign { to: *to },
        }
    }

    fn go(&mut self, forward: bool) {
        match self {
            Self::Resolve(end) => *end = round(&AlertEnd::ALL, *end, forward),
            Self::Assign(people, to) => {
                let ids: Vec<UserId> = people.iter().map(|(user, _)| *user).collect();
                *to = round(&ids, *to, forward);
            }
        }
    }

    /// Every line of it, and whether it is the one chosen.
    #[must_use]
    pub fn lines(&self) -> Vec<(&str, bool)> {
        match self {
            Self::Resolve(end) => AlertEnd::ALL.iter().map(|one| (one.sentence(), one == end)).collect(),
            Self::Assign(people, to) => people.iter().map(|(user, login)| (login.as_str(), user == to)).collect(),
        }
    }
}

/// A key on the alert under the cursor.
pub(in crate::app) fn open(model: &mut Model, id: Id, out: &mut Vec<Effect>) {
    let Some(row) = model.alerts.chosen().and_then(|alert| model.alerts.watched(alert)).cloned() else {
        return model.tell_keys("Not of surveillance: {dismiss} puts it away on this screen.");
    };
    if row.standing.is_over() {
        return model.tell(&format!("It is over: {}.", stands(&row)));
    }
    if !row.handle {
        return model.tell("It is about you: somebody else looks into it.");
    }
    let me = model.session.as_ref().map(|session| session.user.user);
    let shown_ms = model.now.mono_ms;
    let choice = match (id, me) {
        (Id::AlertAcknowledge, _) => return send(model, &row, AlertStep::Acknowledge, out),
        (Id::AlertTake, Some(to)) => return send(model, &row, AlertStep::Assign { to }, out),
        (Id::AlertResolve, _) => Choice::Resolve(AlertEnd::Handled),
        _ => {
            let people = handlers(model, &row);
            let Some(first) = people.first().map(|(user, _)| *user) else {
                return model.tell("There is nobody else to give it to.");
            };
            Choice::Assign(people, first)
        }
    };
    model.modals.push(Modal::Handle(Box::new(Handling { row, choice, shown_ms, message: None })));
}

/// Who may look into it: not whom it is about, nor whose it is.
fn handlers(model: &Model, row: &AlertView) -> Vec<(UserId, String)> {
    let may = |role: &Role| role.may(Permission::AlertHandle);
    let people = Role::ALL.into_iter().filter(may).flat_map(|role| model.desk.people(role, ""));
    let others = people.filter(|user| user.login != row.login && Some(user.user) != row.assigned);
    others.map(|user| (user.user, user.login.clone())).collect()
}

fn send(model: &mut Model, row: &AlertView, step: AlertStep, out: &mut Vec<Effect>) {
    match model.can_send() {
        Ok(()) => {
            let word = match step {
                AlertStep::Acknowledge => "ACKNOWLEDGE",
                AlertStep::Assign { .. } => "ASSIGN",
                AlertStep::Resolve { .. } => "RESOLVE",
            };
            let handle = HandleAlert { alert: row.alert, step };
            let bytes = command::bytes(model, Verb::Alert(handle), true);
            model.send(Flight::Manage { line: format!("{word} {}", line(row)) }, bytes, out);
        }
        Err(why) => model.tell(&why),
    }
}

/// A key for the open window.
pub(in crate::app) fn key(mut open: Box<Handling>, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    match key.code {
        Code::Esc | Code::Enter => return Vec::new(),
        Code::Down | Code::Tab => open.choice.go(true),
        Code::Up | Code::BackTab => open.choice.go(false),
        Code::Char('y') if !key.ctrl && !key.alt => {
            if model.now.mono_ms.saturating_sub(open.shown_ms) < MODAL_GUARD_MS {
                open.message = Some(model.keys.say("too soon: {confirm} again"));
            } else if let Err(why) = model.can_send() {
                open.message = Some(why);
            } else {
                send(model, &open.row, open.choice.step(), out);
                return Vec::new();
            }
        }
        _ => open.message = Some(model.keys.say("{confirm} says so, Enter or Esc goes back")),
    }
    vec![Modal::Handle(open)]
}
