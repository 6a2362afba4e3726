//! Acts on people, sessions and devices: each asks first, with its reason; it must act on no row but the one it opened for.

use turret_shared::ban::NewBan;
use turret_shared::command::{NewUser, Verb};
use turret_shared::composed::HeldRole;
use turret_shared::ids::{DeskId, UserId};
use turret_shared::limits::MODAL_GUARD_MS;
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::people::{DeviceState, DeviceView, LockCause, PersonView};
use turret_shared::role::Role;
use turret_shared::text::escaped;
use turret_shared::wire::control::CodeMade;

use super::effect::Effect;
use super::enlist::NewPerson;
use super::flight::Flight;
use super::key::{Code, Press};
use super::modal::{CodeShown, Modal, Stack};
use super::moves::round;
use super::{Model, Screen, command, house};
use crate::actions::Id;

/// The window that asks.
#[derive(Debug)]
pub struct Asking {
    /// What would be done.
    pub act: Act,
    /// What goes to the vault with it: login and name of a person to be created, or a ban's source and nothing.
    pub named: Option<(String, String)>,
    /// It, in one line.
    pub line: String,
    /// What follows from it, in a sentence.
    pub follows: String,
    /// The reason chosen.
    pub why: Why,
    /// When it appeared, in monotonic milliseconds.
    pub shown_ms: u64,
    /// About the last key.
    pub message: Option<String>,
}

/// Roles a person may be given: built in, of the house's own, and none.
fn roles(model: &Model) -> Vec<Option<HeldRole>> {
    let own = house::roles(model).map(|role| HeldRole { role: role.base, composed: Some(*role) });
    Role::ALL.into_iter().map(HeldRole::from).chain(own).map(Some).chain([None]).collect()
}

fn role_word(role: Option<HeldRole>) -> String {
    role.map_or_else(|| "no role".into(), |role| role.to_string())
}

fn live(working: u32) -> String {
    match working {
        0 => "They have no working orders.".into(),
        1 => "1 order of theirs stays working.".into(),
        n => format!("{n} orders of theirs stay working."),
    }
}

/// Opens the window an action asks for, about the row at hand.
pub(super) fn open(model: &mut Model, id: Id) {
    if id == Id::UserCreate {
        return super::enlist::open(model);
    }
    let users = &model.users;
    let person = users.chosen_person().filter(|_| model.screen == Screen::Users);
    let session = users.chosen_session().filter(|_| model.screen == Screen::Sessions);
    let device = users.chosen_device().filter(|_| model.screen == Screen::Devices);
    if let Some(why) = nothing_to_do(id, person, device) {
        return model.tell(&why);
    }
    let found = match (id, person, session, device) {
        (Id::SessionEnd, _, Some(row), _) => {
            let line = format!("END SESSION {} of {}", row.session, escaped(&row.login));
            let follows = format!("They are signed out at once. {}", live(row.working));
            Some((Act::EndSession { session: row.session }, line, follows))
        }
        (Id::UserLock, Some(row), ..) => {
            let line = format!("LOCK {}", escaped(&row.login));
            let devices = match row.devices {
                1 => "Their device is not let in".to_owned(),
                n => format!("None of their {n} devices is let in"),
            };
            let follows = format!("{devices} and their sessions end. {}", live(row.working));
            Some((Act::LockUser { user: row.user, locked: true }, line, follows))
        }
        (Id::UserUnlock, Some(row), ..) => {
            let line = format!("UNLOCK {}", escaped(&row.login));
            let follows = format!(
                "Of {} locked devices those are let in again that showed no stolen session token: these one by one.",
                row.devices_locked
            );
            Some((Act::LockUser { user: row.user, locked: false }, line, follows))
        }
        (Id::UserRole, Some(row), ..) => {
            let held = row.held_role();
            let next = role_after(&roles(model), held, held, true);
            let line = role_line(&row.login, held, next);
            let follows = format!(
                "Left and Right choose the role. Their sessions end; to or from admin they lose their accounts. {}",
                live(row.working)
            );
            Some((set_role(row.user, next), line, follows))
        }
        (Id::UserUnlock, .., Some(row)) if row.state == DeviceState::Locked => {
            let line = format!("UNLOCK device {} of {}", row.device, escaped(&row.login));
            let cause = row.locked_for.map_or("", LockCause::word);
            let follows =
                format!("It was locked for: {cause}. It is let in again; their other devices stay as they are.");
            Some((Act::UnlockDevice { device: row.device }, line, follows))
        }
        (Id::UserDesk, Some(row), ..) => {
            let desk = desk_after(model, row.desk, row.desk, true);
            let line = desk_line(model, &row.login, row.desk, desk);
            let follows =
                "Left and Right choose. The old desk's accounts are theirs no more; their sessions end.".into();
            Some((Act::SetDesk { user: row.user, desk }, line, follows))
        }
        (Id::DeviceRevoke, _, _, Some(row)) if row.state != DeviceState::Waiting => {
            let line = format!("TAKE OUT device {} of {}", row.device, escaped(&row.login));
            Some((Act::RevokeDevice { device: row.device }, line, "It is never let in again; its sessions end.".into()))
        }
        (_, person, _, device) => enrolling(id, person, device),
    };
    let Some((act, line, follows)) = found else {
        return model
            .tell_keys("This is done on another list: {users} people, {sessions} sessions, {devices} devices.");
    };
    let open = asking(model, act, line, follows);
    model.modals.push(Modal::Manage(Box::new(open)));
}

/// Acts of enrolment: a code for a person, and the word on a device that waits.
/// Why there is nothing to let in again or in at all.
fn nothing_to_do(id: Id, person: Option<&PersonView>, device: Option<&DeviceView>) -> Option<String> {
    let device = device.map(|row| (row.state, format!("Device {} of {}", row.device, escaped(&row.login))));
    match (id, person, device) {
        (Id::UserUnlock, Some(row), _) if row.devices_locked == 0 && row.devices > 0 => {
            Some(format!("{} is not locked.", escaped(&row.login)))
        }
        (Id::UserUnlock, _, Some((state, which))) if state != DeviceState::Locked => {
            Some(format!("{which} is not locked."))
        }
        (Id::DeviceConfirm, _, Some((state, which))) if state != DeviceState::Waiting => {
            Some(format!("{which} does not wait to be let in."))
        }
        _ => None,
    }
}

fn enrolling(id: Id, person: Option<&PersonView>, device: Option<&DeviceView>) -> Option<(Act, String, String)> {
    let waiting = device.filter(|row| row.state == DeviceState::Waiting);
    match (id, person, waiting) {
        (Id::UserPassword, Some(row), _) => {
            let line = format!("NEW PASSWORD OF {}", escaped(&row.login));
            let follows = "At their next sign-in they give a new one before anything else; sessions go on until then.";
            Some((Act::RequirePassword { user: row.user }, line, follows.into()))
        }
        (Id::UserCode, Some(row), _) => {
            let line = format!("ENROLMENT CODE for {}", escaped(&row.login));
            let follows = "It is shown once and lets one device of theirs ask to be let in, for 15 minutes.".into();
            Some((Act::NewCode { user: row.user }, line, follows))
        }
        (Id::UserRecover, Some(row), _) => {
            let line = format!("RESET EVERY FACTOR of {}", escaped(&row.login));
            let follows = "Password, authenticator and keys count no more, their sessions end, and a code lets them choose \
                new ones; they do nothing sensitive for a day. Be sure it is them.";
            Some((Act::Recover { user: row.user }, line, follows.into()))
        }
        (Id::DeviceConfirm, _, Some(row)) => {
            let line = format!("LET IN device {} of {}: {}", row.device, escaped(&row.login), escaped(&row.key));
            let follows = "Only if its holder reads these very letters to you.".into();
            Some((Act::ConfirmDevice { device: row.device }, line, follows))
        }
        (Id::DeviceRevoke, _, Some(row)) => {
            let line = format!("TURN AWAY device {} of {}", row.device, escaped(&row.login));
            Some((Act::RefuseDevice { device: row.device }, line, "Its code is used up: they need another.".into()))
        }
        _ => None,
    }
}

const fn asking(model: &Model, act: Act, line: String, follows: String) -> Asking {
    Asking { act, named: None, line, follows, why: Why::Asked, shown_ms: model.now.mono_ms, message: None }
}

/// Asks about the person the form describes.
pub(super) fn creation(model: &Model, form: &NewPerson) -> Modal {
    let (login, name) = (form.login.text().to_owned(), form.name.text().trim().to_owned());
    let line = creation_line(model, form);
    let follows = "They can sign in once a device of theirs is enrolled.".to_owned();
    // Who they are by number the server says.
    let act = Act::CreateUser { user: UserId(0), role: form.role, desk: form.desk };
    Modal::Manage(Box::new(Asking {
        named: Some((login, name)),
        why: Why::Duties,
        ..asking(model, act, line, follows)
    }))
}

/// Asks about an account's limit, or somebody's rights on it.
pub(super) fn about_account(model: &Model, act: Act, line: String, follows: String) -> Modal {
    Modal::Manage(Box::new(Asking { why: Why::Duties, ..asking(model, act, line, follows) }))
}

/// Asks about a source to be banned.
pub(super) fn about_source(model: &Model, act: Act, source: String, line: String, follows: String) -> Modal {
    let named = Some((source, String::new()));
    Modal::Manage(Box::new(Asking { named, why: Why::Suspicion, ..asking(model, act, line, follows) }))
}

/// What is asked for, in one line.
pub(super) fn creation_line(model: &Model, form: &NewPerson) -> String {
    let (login, name) = (escaped(form.login.text()), escaped(form.name.text().trim()));
    let desk = form.desk.map_or_else(|| "no desk".to_owned(), |_| format!("desk {}", desk_word(model, form.desk)));
    format!("CREATE {login}, {name}: {}, {desk}", form.role)
}

fn desk_word(model: &Model, desk: Option<DeskId>) -> String {
    let code = |desk| house::desks(model).into_iter().find(|(known, _)| *known == desk).map(|(_, code)| escaped(code));
    desk.map_or_else(|| "no desk".into(), |desk| code(desk).unwrap_or_else(|| desk.to_string()))
}

fn desk_line(model: &Model, login: &str, from: Option<DeskId>, to: Option<DeskId>) -> String {
    format!("DESK OF {}: {} -> {}", escaped(login), desk_word(model, from), desk_word(model, to))
}

/// The next desk round, never the one the person is of.
fn desk_after(model: &Model, current: Option<DeskId>, at: Option<DeskId>, forward: bool) -> Option<DeskId> {
    let mut desks: Vec<Option<DeskId>> = house::desks(model).into_iter().map(|(desk, _)| Some(desk)).collect();
    desks.push(None);
    desks.retain(|desk| *desk != current || *desk == at);
    let next = round(&desks, at, forward);
    if next == current { round(&desks, next, forward) } else { next }
}

fn verb(open: &Asking) -> Verb {
    match (open.act, open.named.clone()) {
        (Act::CreateUser { role, desk, .. }, Some((login, name))) => {
            Verb::CreateUser(NewUser { login, name, role, why: open.why, desk })
        }
        (Act::SetBan { minutes, .. }, Some((source, _))) => Verb::Ban(NewBan { source, minutes, why: open.why }),
        (act, _) => Verb::Manage(Manage { act, why: open.why }),
    }
}

const fn set_role(user: UserId, to: Option<HeldRole>) -> Act {
    match to {
        Some(HeldRole { composed: Some(role), .. }) => Act::SetComposedRole { user, code: role.code },
        Some(HeldRole { role, composed: None }) => Act::SetRole { user, role: Some(role) },
        None => Act::SetRole { user, role: None },
    }
}

fn role_line(login: &str, from: Option<HeldRole>, to: Option<HeldRole>) -> String {
    format!("ROLE OF {}: {} -> {}", escaped(login), role_word(from), role_word(to))
}

/// The next role round, never the one the person has.
fn role_after(
    roles: &[Option<HeldRole>],
    current: Option<HeldRole>,
    at: Option<HeldRole>,
    forward: bool,
) -> Option<HeldRole> {
    let next = round(roles, at, forward);
    if next == current { round(roles, next, forward) } else { next }
}

/// The role an act would give.
fn chosen_role(model: &Model, act: Act) -> Option<HeldRole> {
    match act {
        Act::SetRole { role, .. } => role.map(HeldRole::from),
        Act::SetComposedRole { code, .. } => {
            let role = house::roles(model).find(|role| role.code == code)?;
            Some(HeldRole { role: role.base, composed: Some(*role) })
        }
        _ => None,
    }
}

/// A key for a code that is shown: nothing but `Esc` puts it away, for it is not shown again.
pub(super) fn key_code(open: Box<CodeShown>, key: Press) -> Stack {
    if key.code == Code::Esc { Vec::new() } else { vec![Modal::Code(open)] }
}

/// A code is made: it is shown, once.
pub(super) fn code_made(model: &mut Model, made: CodeMade) {
    let login = model.users.people.rows.iter().find(|person| person.user == made.user);
    let login = login.map_or_else(|| format!("user {}", made.user), |person| person.login.clone());
    let Some(text) = made.text else {
        return model.insist("The code could not be kept: nobody can use it. Make another.", None);
    };
    let shown = CodeShown { login, text, expires: made.expires, port: made.port };
    super::held::stand(model, Modal::Code(Box::new(shown)));
}

/// A key for the open window.
pub(super) fn key(mut open: Box<Asking>, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    match key.code {
        Code::Esc | Code::Enter => return Vec::new(),
        Code::Down | Code::Tab => open.why = round(&Why::ALL, open.why, true),
        Code::Up | Code::BackTab => open.why = round(&Why::ALL, open.why, false),
        Code::Left | Code::Right => {
            if let Act::SetRole { user, .. } | Act::SetComposedRole { user, .. } = open.act {
                let person = model.users.people.rows.iter().find(|person| person.user == user);
                let (login, current) = person.map(|p| (p.login.clone(), p.held_role())).unwrap_or_default();
                let next = role_after(&roles(model), current, chosen_role(model, open.act), key.code == Code::Right);
                open.act = set_role(user, next);
                open.line = role_line(&login, current, next);
            }
            if let Act::SetDesk { user, desk } = open.act {
                let person = model.users.people.rows.iter().find(|person| person.user == user);
                let (login, current) = person.map(|p| (p.login.clone(), p.desk)).unwrap_or_default();
                let next = desk_after(model, current, desk, key.code == Code::Right);
                open.act = Act::SetDesk { user, desk: next };
                open.line = desk_line(model, &login, current, next);
            }
        }
        Code::Char('y') if !key.ctrl && !key.alt => {
            if model.now.mono_ms.saturating_sub(open.shown_ms) < MODAL_GUARD_MS {
                open.message = Some(model.keys.say("too soon: {confirm} again"));
            } else if let Err(why) = model.can_send() {
                open.message = Some(why);
            } else {
                let bytes = command::bytes(model, verb(&open), true);
                model.send(Flight::Manage { line: open.line }, bytes, out);
                return Vec::new();
            }
        }
        _ => open.message = Some(model.keys.say("{confirm} does it after a fresh code, Enter or Esc goes back")),
    }
    vec![Modal::Manage(open)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_but_the_present_one_comes_round_both_ways() {
        for forward in [true, false] {
            let all: Vec<_> = Role::ALL.into_iter().map(HeldRole::from).map(Some).chain([None]).collect();
            let held = Some(Role::Broker.into());
            let mut at = held;
            let mut seen = Vec::new();
            for _ in 0..5 {
                at = role_after(&all, held, at, forward);
                seen.push(at);
            }
            assert!(!seen.contains(&held) && seen.contains(&None), "{seen:?}");
            seen.dedup();
            assert_eq!(seen.len(), 5, "{seen:?}");
        }
    }

    #[test]
    fn reasons_come_round_both_ways() {
        let all = |forward| (0..Why::ALL.len()).fold(Why::Asked, |why, _| round(&Why::ALL, why, forward));
        assert_eq!((all(true), all(false)), (Why::Asked, Why::Asked));
        assert_eq!(round(&Why::ALL, Why::Asked, false), Why::Mistake);
    }
}
