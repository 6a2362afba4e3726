//! One's own sessions, security keys and devices: listed, named, ended or given up; it must show and touch nobody else's.

use turret_shared::command::Verb;
use turret_shared::ids::{CredentialId, DeviceId, SessionId};
use turret_shared::limits::{MODAL_GUARD_MS, NAME_CHARS_MAX};
use turret_shared::own::{Letting, Own, OwnChange, OwnView, Thing};
use turret_shared::people::is_name;
use turret_shared::time::Timestamp;
use turret_shared::wire::query::Ask;

use super::alerts::{About, Kind};
use super::effect::Effect;
use super::field::Field;
use super::flight::{Flight, Question};
use super::key::{Code, Press};
use super::modal::{Modal, Stack};
use super::{Model, command};
use crate::actions::Id;
use crate::format;

/// The window.
#[derive(Debug)]
pub struct OwnWindow {
    /// As last told; `None` before the first answer.
    pub view: Option<Box<OwnView>>,
    /// Why the last question brought none.
    pub fault: Option<String>,
    /// The row under the cursor, by its place.
    pub at: usize,
    /// What the keys of the keyboard go to.
    pub doing: Doing,
    /// About the last key.
    pub message: Option<String>,
}

/// What the keys of the keyboard go to.
#[derive(Debug)]
pub enum Doing {
    /// The list.
    Looking,
    /// Is it really to go? Since when that is asked, in monotonic milliseconds.
    Sure(Letting, u64),
    /// The name of a key or device.
    Naming(Thing, Field),
}

/// Which row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// A live session.
    Session(SessionId),
    /// A security key.
    Key(CredentialId),
    /// A device.
    Device(DeviceId),
}

impl OwnWindow {
    /// Every row: sessions, keys, devices.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let Some(view) = &self.view else { return Vec::new() };
        let sessions = view.sessions.iter().map(|row| Row::Session(row.session));
        let keys = view.keys.iter().map(|row| Row::Key(row.credential));
        let devices = view.devices.iter().map(|row| Row::Device(row.device));
        sessions.chain(keys).chain(devices).collect()
    }

    fn chosen(&self) -> Option<Row> {
        self.rows().get(self.at).copied()
    }

    /// What a key or device is called now.
    fn name(&self, thing: Thing) -> &str {
        let Some(view) = &self.view else { return "" };
        let found = match thing {
            Thing::Key(id) => view.keys.iter().find(|row| row.credential == id).map(|row| row.name.as_str()),
            Thing::Device(id) => view.devices.iter().find(|row| row.device == id).map(|row| row.name.as_str()),
        };
        found.unwrap_or_default()
    }

    /// True while a character typed is part of a name.
    #[must_use]
    pub const fn takes_text(&self) -> bool {
        matches!(self.doing, Doing::Naming(..))
    }
}

/// Opens it, and asks.
pub(super) fn open(model: &mut Model, out: &mut Vec<Effect>) {
    let window = OwnWindow { view: None, fault: None, at: 0, doing: Doing::Looking, message: None };
    model.modals.push(Modal::Own(Box::new(window)));
    ask(model, out);
}

/// Asks anew while the window is open.
pub(super) fn ask(model: &mut Model, out: &mut Vec<Effect>) {
    let open = model.modals.iter().any(|modal| matches!(modal, Modal::Own(_)));
    let under_way = model.questions.values().any(|question| *question == Question::Own);
    if open && !under_way && model.can_send().is_ok() {
        model.ask(Question::Own, Ask::Own, out);
    }
}

fn window(model: &mut Model) -> Option<&mut OwnWindow> {
    model.modals.iter_mut().find_map(|modal| match modal {
        Modal::Own(open) => Some(&mut **open),
        _ => None,
    })
}

/// The answer; the cursor stays on its row where that is still there.
pub(super) fn told(model: &mut Model, view: Box<OwnView>) {
    let Some(open) = window(model) else { return };
    let was = open.chosen();
    (open.view, open.fault) = (Some(view), None);
    let rows = open.rows();
    let same = rows.iter().position(|row| Some(*row) == was);
    open.at = same.unwrap_or_else(|| open.at.min(rows.len().saturating_sub(1)));
}

/// None came.
pub(super) fn failed(model: &mut Model, why: &str) {
    if let Some(open) = window(model) {
        open.fault = Some(why.to_owned());
    }
}

/// Something of one's own changed, by another session or by others: it stays until it is put away.
pub(super) fn changed(model: &mut Model, at: Timestamp, change: OwnChange) {
    let time = format::clock(at, &model.zone());
    let text = format!("{time} {change}. Was it not you? Tell an administrator.");
    model.alert(Kind::Own, &text, About::default(), true);
}

/// A key for the window.
pub(super) fn key(mut open: Box<OwnWindow>, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    open.message = None;
    match std::mem::replace(&mut open.doing, Doing::Looking) {
        Doing::Looking => {
            if key.code == Code::Esc {
                return Vec::new();
            }
            looking(&mut open, model, key);
        }
        Doing::Sure(letting, shown_ms) => {
            if key.code == Code::Char('y') && !key.ctrl && !key.alt {
                return let_go(open, model, (letting, shown_ms), out);
            }
        }
        Doing::Naming(thing, field) => naming(&mut open, model, (thing, field), key, out),
    }
    vec![Modal::Own(open)]
}

fn looking(open: &mut OwnWindow, model: &Model, key: Press) {
    let last = open.rows().len().saturating_sub(1);
    match (key.code, open.chosen()) {
        (Code::Up | Code::BackTab | Code::Char('k'), _) => open.at = open.at.saturating_sub(1),
        (Code::Down | Code::Tab | Code::Char('j'), _) => open.at = open.at.saturating_add(1).min(last),
        (Code::Char('x'), Some(row)) => {
            let letting = match row {
                Row::Session(session) => Letting::Session(session),
                Row::Key(key) => Letting::Key(key),
                Row::Device(device) => Letting::Device(device),
            };
            open.doing = Doing::Sure(letting, model.now.mono_ms);
        }
        (Code::Char('n'), Some(Row::Key(key))) => name(open, Thing::Key(key)),
        (Code::Char('n'), Some(Row::Device(device))) => name(open, Thing::Device(device)),
        (Code::Char('n'), Some(Row::Session(_))) => {
            open.message = Some("A session has no name: its device has.".into())
        }
        (_, None) if open.view.is_none() => open.message = Some("It is being fetched.".into()),
        _ => open.message = Some("x ends or gives up, n names, Esc goes back.".into()),
    }
}

fn name(open: &mut OwnWindow, thing: Thing) {
    let mut field = Field::new(NAME_CHARS_MAX);
    field.offer(open.name(thing));
    open.doing = Doing::Naming(thing, field);
}

fn naming(
    open: &mut OwnWindow,
    model: &mut Model,
    (thing, mut field): (Thing, Field),
    key: Press,
    out: &mut Vec<Effect>,
) {
    match key.code {
        Code::Esc => return,
        Code::Enter => {
            let text = field.text().trim().to_owned();
            let unfit = !text.is_empty() && !is_name(&text);
            match model.can_send() {
                Ok(()) if !unfit => {
                    let line = match thing {
                        Thing::Key(key) => format!("NAME of your key {key}"),
                        Thing::Device(device) => format!("NAME of your device {device}"),
                    };
                    let bytes = command::bytes(model, Verb::Own(Own::Name(thing, text)), false);
                    model.send(Flight::Manage { line }, bytes, out);
                    return;
                }
                Ok(()) => open.message = Some("A name is visible characters of one alphabet.".into()),
                Err(why) => open.message = Some(why),
            }
        }
        _ => {
            field.key(key);
        }
    }
    open.doing = Doing::Naming(thing, field);
}

/// What is given up with a fresh code has its own window next; this one makes room for it.
fn let_go(
    mut open: Box<OwnWindow>,
    model: &mut Model,
    (letting, shown_ms): (Letting, u64),
    out: &mut Vec<Effect>,
) -> Stack {
    if model.now.mono_ms.saturating_sub(shown_ms) < MODAL_GUARD_MS {
        open.message = Some(model.keys.say("too soon: {confirm} again"));
        open.doing = Doing::Sure(letting, shown_ms);
        return vec![Modal::Own(open)];
    }
    if let Err(why) = model.can_send() {
        open.message = Some(why);
        return vec![Modal::Own(open)];
    }
    let (line, asks) = match letting {
        Letting::Session(session) => (format!("END YOUR SESSION {session}"), false),
        Letting::Key(key) => (format!("GIVE UP your security key {key}"), true),
        Letting::Device(device) => (format!("RETIRE your device {device}"), true),
    };
    let bytes = command::bytes(model, Verb::Own(Own::Let(letting)), asks);
    model.send(Flight::Manage { line }, bytes, out);
    if asks { Vec::new() } else { vec![Modal::Own(open)] }
}

/// What follows from giving it up, in a sentence.
#[must_use]
pub const fn follows(letting: Letting) -> &'static str {
    match letting {
        Letting::Session(_) => "It ends at once; orders stay working.",
        Letting::Key(_) => {
            "It signs nothing any more; sessions opened with it elsewhere end. A fresh code is asked for."
        }
        Letting::Device(_) => "It is never let in again; its sessions end. A fresh code is asked for.",
    }
}

/// The key that registers a security key, for the foot of the window.
#[must_use]
pub fn register_hint(model: &Model) -> String {
    let palette = model.keys.first(Id::Palette);
    format!("{palette} and `register key` adds a security key")
}
