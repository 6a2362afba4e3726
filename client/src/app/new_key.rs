//! The form for a security key of one's own: both factors, then the key; it must keep neither once they are sent or given up.

use turret_shared::denial::Denial;
use turret_shared::limits::PASSWORD_CHARS_MAX;
use turret_shared::text::escaped;
use turret_shared::wire::control::Outcome;

use super::Model;
use super::effect::{Effect, Request};
use super::field::SecretField;
use super::flight::Flight;
use super::key::{Code, Press};
use super::keying::{self, For};
use super::modal::{Modal, Stack};
use super::stepup::CODE_DIGITS;

/// Where the keys of the keyboard go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The password.
    Password,
    /// Six digits.
    Code,
}

/// The form.
#[derive(Debug)]
pub struct KeyForm {
    /// The password there is.
    pub password: SecretField,
    /// Six digits.
    pub code: SecretField,
    /// Where the keys of the keyboard go.
    pub focus: Focus,
    /// It is with the key or the server.
    pub asked: Option<Request>,
    /// No other code can work before this, in monotonic milliseconds.
    pub not_before_ms: u64,
    /// About the last key or answer.
    pub message: Option<String>,
}

/// Opens it.
pub(super) fn open(model: &mut Model) {
    model.modals.push(Modal::NewKey(Box::new(KeyForm {
        password: SecretField::new(PASSWORD_CHARS_MAX),
        code: SecretField::new(CODE_DIGITS),
        focus: Focus::Password,
        asked: None,
        not_before_ms: 0,
        message: None,
    })));
}

/// A key of the keyboard.
pub(super) fn key(mut open: Box<KeyForm>, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    open.message = None;
    match (key.code, open.focus) {
        (Code::Esc, _) if open.asked.is_some() => open.message = Some("Asked: the server is answering.".into()),
        (Code::Esc, _) => {
            model.tell("No key was registered.");
            return Vec::new();
        }
        (Code::F(9), _) => match model.demo_code() {
            Ok(code) => {
                open.code.set(&code);
                // A demonstration's password is nobody's secret.
                if let Some(person) = model.demo.get(model.demo_at) {
                    open.password.set(&person.password);
                }
                open.focus = Focus::Code;
            }
            Err(why) => open.message = Some(why),
        },
        (Code::Enter, Focus::Code) => submit(&mut open, model, out),
        (Code::Enter | Code::Tab | Code::Down | Code::BackTab | Code::Up, focus) => {
            open.focus = if focus == Focus::Password { Focus::Code } else { Focus::Password };
        }
        (_, Focus::Code) if key.typed().is_some_and(|c| !c.is_ascii_digit()) => {
            open.message = Some("The code is six digits.".into());
        }
        (_, Focus::Code) => {
            open.code.key(key);
        }
        (_, Focus::Password) => {
            open.password.key(key);
        }
    }
    vec![Modal::NewKey(open)]
}

/// Pasted text.
pub(super) fn paste(open: &mut KeyForm, text: &str) {
    let text = text.trim_end_matches(['\r', '\n']);
    match open.focus {
        Focus::Password => open.password.insert(text),
        Focus::Code if text.trim().bytes().all(|b| b.is_ascii_digit()) => open.code.insert(text.trim()),
        Focus::Code => open.message = Some("The code is six digits.".into()),
    }
}

fn submit(open: &mut KeyForm, model: &mut Model, out: &mut Vec<Effect>) {
    let wait_ms = open.not_before_ms.saturating_sub(model.now.mono_ms);
    open.message = if open.asked.is_some() {
        Some("Asked: the server is answering.".into())
    } else if open.password.count() == 0 {
        open.focus = Focus::Password;
        Some("Your password is missing.".into())
    } else if open.code.count() != CODE_DIGITS {
        Some("The code is six digits.".into())
    } else if wait_ms > 0 {
        Some(format!("Another code can work in {} s.", wait_ms.div_ceil(1_000)))
    } else {
        model.can_send().err()
    };
    if open.message.is_some() {
        return;
    }
    let request = model.next_request();
    open.asked = Some(request);
    let (password, code) = (open.password.copy(), open.code.take());
    model.code_sent(&code);
    model.flights.insert(request, Flight::NewKey);
    let login = model.session.as_ref().map(|session| escaped(&session.user.login)).unwrap_or_default();
    let sentence = format!("Touch the new key to register it for {login} at {}.", escaped(&model.server.origin));
    keying::begin(model, request, For::NewKey, sentence);
    out.push(Effect::RegisterKey { request, password, code });
}

fn asked(model: &mut Model, request: Request) -> Option<(usize, &mut KeyForm)> {
    model.modals.iter_mut().enumerate().find_map(|(at, modal)| match modal {
        Modal::NewKey(open) if open.asked == Some(request) => Some((at, &mut **open)),
        _ => None,
    })
}

/// The server's answer.
pub(super) fn answered(model: &mut Model, request: Request, outcome: Outcome) {
    match outcome {
        Outcome::KeyRegistered { credential } => {
            if let Some((at, _)) = asked(model, request) {
                model.modals.remove(at);
            }
            let key = model.keys.first(crate::actions::Id::SignInKey);
            let text =
                format!("Your key is registered as number {credential}: {key} takes it where a code is asked for.");
            model.tell(&text);
        }
        Outcome::ProofRefused { spent, next_code_s } => refused(model, request, spent, next_code_s),
        Outcome::Denied(denial) => denied(model, request, &denial),
        _ => unanswered(model, request, "The server is busy: nothing was registered. Try again."),
    }
}

fn denied(model: &mut Model, request: Request, denial: &Denial) {
    unanswered(model, request, &format!("Not registered: {}.", escaped(&denial.text)));
}

/// Which of password and code was wrong is not said.
fn refused(model: &mut Model, request: Request, spent: bool, next_code_s: u32) {
    let now = model.now.mono_ms;
    let Some((_, open)) = asked(model, request) else { return };
    open.asked = None;
    open.not_before_ms = now.saturating_add(u64::from(next_code_s).saturating_mul(1_000));
    if spent {
        open.focus = Focus::Code;
        open.message = Some("This code was used before: each works once.".into());
    } else {
        open.password.wipe();
        open.focus = Focus::Password;
        open.message = Some("Not registered: the password or the code is wrong.".into());
    }
}

/// No answer came, or the key gave nothing.
pub(super) fn unanswered(model: &mut Model, request: Request, why: &str) {
    if let Some((_, open)) = asked(model, request) {
        open.asked = None;
        open.message = Some(why.to_owned());
    }
}
