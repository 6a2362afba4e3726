//! The form for a new password, within a session or wanted at a sign-in; it must keep none once it is sent or given up.

use turret_shared::limits::PASSWORD_CHARS_MAX;
use turret_shared::password::{self, PasswordFault};
use turret_shared::secret::SecretText;

use super::Model;
use super::effect::{Effect, Request};
use super::field::SecretField;
use super::flight::Flight;
use super::key::{Code, Press};
use super::modal::{Modal, Stack};
use super::signin::Phase;
use super::stepup::CODE_DIGITS;

/// Where the keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The password there is.
    Old,
    /// The one there will be.
    New,
    /// The same once more.
    Again,
    /// Six digits.
    Code,
}

const WITHIN: [Focus; 4] = [Focus::Old, Focus::New, Focus::Again, Focus::Code];
const AT_SIGN_IN: [Focus; 2] = [Focus::New, Focus::Again];

/// The form.
#[derive(Debug)]
pub struct PasswordForm {
    /// The password there is; at a sign-in it was given before.
    pub old: SecretField,
    /// The one there will be.
    pub new: SecretField,
    /// The same once more.
    pub again: SecretField,
    /// Six digits; at a sign-in they were given before.
    pub code: SecretField,
    /// Where the keys go.
    pub focus: Focus,
    /// What it is made of.
    pub fields: &'static [Focus],
    /// It is with the server.
    pub asked: Option<Request>,
    /// No other code can work before this, in monotonic milliseconds.
    pub not_before_ms: u64,
    /// About the last key or answer.
    pub message: Option<String>,
}

impl PasswordForm {
    fn over(fields: &'static [Focus], message: Option<String>) -> Self {
        let secret = || SecretField::new(PASSWORD_CHARS_MAX);
        Self {
            old: secret(),
            new: secret(),
            again: secret(),
            code: SecretField::new(CODE_DIGITS),
            focus: fields.first().copied().unwrap_or(Focus::New),
            fields,
            asked: None,
            not_before_ms: 0,
            message,
        }
    }

    /// At a sign-in.
    #[must_use]
    pub fn at_sign_in(message: Option<String>) -> Self {
        Self::over(&AT_SIGN_IN, message)
    }

    /// A field, by its place.
    #[must_use]
    pub const fn field(&self, focus: Focus) -> &SecretField {
        match focus {
            Focus::Old => &self.old,
            Focus::New => &self.new,
            Focus::Again => &self.again,
            Focus::Code => &self.code,
        }
    }

    const fn typed(&mut self) -> &mut SecretField {
        match self.focus {
            Focus::Old => &mut self.old,
            Focus::New => &mut self.new,
            Focus::Again => &mut self.again,
            Focus::Code => &mut self.code,
        }
    }

    fn step(&mut self, forward: bool) {
        self.focus = super::moves::round(self.fields, self.focus, forward);
    }

    fn is_last(&self) -> bool {
        self.fields.last() == Some(&self.focus)
    }

    fn at(&mut self, focus: Focus, why: &str) {
        self.focus = focus;
        self.message = Some(why.to_owned());
    }

    /// Text goes where the keys go.
    pub(super) fn insert(&mut self, text: &str) {
        let text = text.trim_end_matches(['\r', '\n']);
        if self.focus == Focus::Code && !text.trim().bytes().all(|b| b.is_ascii_digit()) {
            self.message = Some("The code is six digits.".into());
        } else {
            self.typed().insert(text);
        }
    }

    /// An editing or moving key; true when it asks to be sent.
    fn edited(&mut self, key: Press) -> bool {
        self.message = None;
        match key.code {
            Code::Enter if self.is_last() => return self.asked.is_none(),
            Code::Enter | Code::Tab | Code::Down => self.step(true),
            Code::BackTab | Code::Up => self.step(false),
            _ if self.focus == Focus::Code && key.typed().is_some_and(|c| !c.is_ascii_digit()) => {
                self.message = Some("The code is six digits.".into());
            }
            _ => {
                self.typed().key(key);
            }
        }
        false
    }

    /// What is wrong with it, told where it is; the server judges by the same file.
    fn is_fit(&mut self, old: &SecretText, names: &[&str]) -> bool {
        let (new, again) = (self.new.copy(), self.again.copy());
        let fault = password::judge(new.expose(), names).err();
        let fault = fault.or((old.expose() == new.expose()).then_some(PasswordFault::SameAsBefore));
        if let Some(fault) = fault {
            self.refused(fault.sentence());
        } else if new.expose() != again.expose() {
            self.again.wipe();
            self.at(Focus::Again, "The two are not the same: type it once more.");
        }
        self.message.is_none()
    }

    /// It will not do: another, typed twice.
    fn refused(&mut self, why: &str) {
        self.new.wipe();
        self.again.wipe();
        self.asked = None;
        self.at(Focus::New, why);
    }
}

/// Opens the window within a session.
pub(super) fn open(model: &mut Model) {
    model.modals.push(Modal::Password(Box::new(PasswordForm::over(&WITHIN, None))));
}

/// A key for the window.
pub(super) fn key(mut open: Box<PasswordForm>, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    match key.code {
        Code::Esc if open.asked.is_none() => {
            model.tell("The password is as it was.");
            return Vec::new();
        }
        Code::Esc => open.message = Some("Asked: the server is answering.".into()),
        // A demonstration's password is nobody's secret.
        Code::F(9) if open.focus == Focus::Old && model.demo.get(model.demo_at).is_some() => {
            if let Some(person) = model.demo.get(model.demo_at) {
                open.old.set(&person.password);
            }
            open.focus = Focus::New;
            open.message = None;
        }
        Code::F(9) => match model.demo_code() {
            Ok(code) => {
                open.code.set(&code);
                open.focus = Focus::Code;
                open.message = None;
            }
            Err(why) => open.message = Some(why),
        },
        _ => {
            if open.edited(key) {
                submit(&mut open, model, out);
            }
        }
    }
    vec![Modal::Password(open)]
}

fn submit(open: &mut PasswordForm, model: &mut Model, out: &mut Vec<Effect>) {
    let Some(user) = model.session.as_ref().map(|session| session.user.clone()) else { return };
    let old = open.old.copy();
    let wait_ms = open.not_before_ms.saturating_sub(model.now.mono_ms);
    if old.expose().is_empty() {
        return open.at(Focus::Old, "The password you have is missing.");
    }
    if !open.is_fit(&old, &[&user.login, &user.name, &model.server.origin]) {
        return;
    }
    if open.code.count() != CODE_DIGITS {
        return open.at(Focus::Code, "The code is six digits.");
    }
    if wait_ms > 0 {
        return open.at(Focus::Code, &format!("Another code can work in {} s.", wait_ms.div_ceil(1_000)));
    }
    if let Err(why) = model.can_send() {
        return open.at(Focus::Code, &why);
    }
    let request = model.next_request();
    model.flights.insert(request, Flight::Password);
    open.asked = Some(request);
    let (new, code) = (open.new.copy(), open.code.take());
    model.code_sent(&code);
    out.push(Effect::ChangePassword { request, login: user.login, user: user.user, old, new, code });
}

fn asked(model: &mut Model, request: Request) -> Option<(usize, &mut PasswordForm)> {
    model.modals.iter_mut().enumerate().find_map(|(at, modal)| match modal {
        Modal::Password(open) if open.asked == Some(request) => Some((at, &mut **open)),
        _ => None,
    })
}

/// It counts from now on.
pub(super) fn changed(model: &mut Model, request: Request) {
    if let Some((at, _)) = asked(model, request) {
        model.modals.remove(at);
    }
    model.tell("Your password is changed. Your other sessions are signed out; it is in the log.");
}

/// The server's no to what was typed.
pub(super) fn unfit(model: &mut Model, request: Request, fault: PasswordFault) {
    if let Some((_, open)) = asked(model, request) {
        open.refused(fault.sentence());
    }
}

/// The code was used, or one of code and old password was wrong: which of them is not said.
pub(super) fn unproved(model: &mut Model, request: Request, spent: bool, next_code_s: u32) {
    let now = model.now.mono_ms;
    let Some((_, open)) = asked(model, request) else { return };
    open.asked = None;
    open.not_before_ms = now.saturating_add(u64::from(next_code_s).saturating_mul(1_000));
    if spent {
        open.at(Focus::Code, "This code was used before: each works once.");
    } else {
        open.old.wipe();
        open.at(Focus::Old, "Not changed: the old password or the code is wrong.");
    }
}

/// No answer came.
pub(super) fn unanswered(model: &mut Model, request: Request, why: &str) {
    if let Some((_, open)) = asked(model, request) {
        open.asked = None;
        open.message = Some(why.to_owned());
    }
}

/// At the sign-in: the server wants one, or says why the one given will not do.
pub(super) fn wanted(model: &mut Model, refused: Option<String>) {
    let form = &mut model.signin;
    form.phase = Phase::Ready;
    form.tell("", false);
    match (&mut form.renewal, refused) {
        (Some(open), Some(why)) => open.refused(&why),
        (open, why) => *open = Some(Box::new(PasswordForm::at_sign_in(why))),
    }
}

/// A key while a sign-in wants a new password; false for one the sign-in itself takes.
pub(super) fn key_at_sign_in(model: &mut Model, key: Press, out: &mut Vec<Effect>) -> bool {
    let leaves = key.ctrl && matches!(key.code, Code::Char('c' | 'z'));
    let own = !leaves && !matches!(key.code, Code::F(_));
    let Some(mut open) = model.signin.renewal.take_if(|_| own) else { return false };
    if key.code == Code::Esc {
        // The server takes both factors again on the same connection.
        let locked = model.signin.locked.take();
        model.signin.again("No new password was given: nobody is signed in.");
        (model.signin.phase, model.signin.locked) = (Phase::Ready, locked);
        return true;
    }
    if open.edited(key) && model.signin.phase == Phase::Ready {
        let (login, old) = (model.signin.user.text().trim().to_owned(), model.signin.password.copy());
        if open.is_fit(&old, &[&login, &model.server.origin]) {
            model.signin.phase = Phase::Asked;
            out.push(Effect::NewPassword { login, old, new: open.new.copy() });
        }
    }
    model.signin.renewal = Some(open);
    true
}
