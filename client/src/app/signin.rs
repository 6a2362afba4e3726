//! Sign-in: user, password, code, and what went wrong in words that tell nobody anything; it must never show a secret.

use turret_shared::command::Environment;
use turret_shared::ids::CorrelationId;
use turret_shared::limits::{LOGIN_BYTES_MAX, PASSWORD_CHARS_MAX};
use turret_shared::secret::SecretText;
use turret_shared::text::escaped;
use turret_shared::time::Timestamp;

use super::Model;
use super::effect::Effect;
use super::field::{Field, SecretField};
use super::key::{Code, Press};
use super::keying;
use super::lock::Locked;
use super::password::{self, PasswordForm};
use super::stepup::CODE_DIGITS;

/// Said to `F9` before the server has said what it is; gone once it has.
pub(super) const NOT_YET: &str = "Still connecting: the demo authenticator comes with the connection.";

/// A server that can be chosen, as the device's profile tells of it.
#[derive(Debug, Clone)]
pub struct Offered {
    /// What its owner calls it.
    pub name: String,
    /// `127.0.0.1:7443`.
    pub address: String,
    /// Where orders go.
    pub environment: Environment,
    /// The device's owner.
    pub login: String,
    /// SHA-256 of the certificate of the one authority believed; empty when it cannot be read.
    pub authority: Vec<u8>,
    /// Name of the device.
    pub device: String,
    /// When its certificate ends; none when it cannot be read.
    pub certificate_ends: Option<Timestamp>,
}

/// Fields of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// User name.
    User,
    /// Password.
    Password,
    /// Code.
    Code,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// The connection is being made.
    Connecting,
    /// It could not be made; in one line.
    Unreachable(String),
    /// Waiting for the person.
    Ready,
    /// Both factors are with the server.
    Asked,
}

/// The form.
#[derive(Debug)]
pub struct SignIn {
    /// User name.
    pub user: Field,
    /// Password.
    pub password: SecretField,
    /// Code.
    pub code: SecretField,
    /// Where keys go.
    pub focus: Focus,
    /// How far it is.
    pub phase: Phase,
    /// The line above the hints.
    pub message: String,
    /// True when the line says that something went wrong.
    pub failed: bool,
    /// To quote.
    pub reference: Option<CorrelationId>,
    /// No attempt before this, in monotonic milliseconds.
    pub not_before_ms: u64,
    /// Help is shown.
    pub help: bool,
    /// The servers are shown, the cursor on this one.
    pub choosing: Option<usize>,
    /// Password of the demo user, filled in.
    pub demo_password: Option<SecretText>,
    /// Both factors were right, and a new password is wanted.
    pub renewal: Option<Box<PasswordForm>>,
    /// The desk is locked: by whom, why, and how much of it goes on.
    pub locked: Option<Locked>,
}

impl SignIn {
    /// A form for the device's owner.
    #[must_use]
    pub fn new(login: &str, demo_password: Option<SecretText>) -> Self {
        let mut password = SecretField::new(PASSWORD_CHARS_MAX);
        if let Some(secret) = &demo_password {
            password.set(secret);
        }
        let focus = match (login.is_empty(), password.count()) {
            (true, _) => Focus::User,
            (false, 0) => Focus::Password,
            (false, _) => Focus::Code,
        };
        Self {
            user: Field::filled(login, LOGIN_BYTES_MAX),
            password,
            code: SecretField::new(CODE_DIGITS),
            focus,
            phase: Phase::Connecting,
            message: String::new(),
            failed: false,
            reference: None,
            not_before_ms: 0,
            help: false,
            choosing: None,
            demo_password,
            renewal: None,
            locked: None,
        }
    }

    fn step(&mut self, by: usize) {
        let all = [Focus::User, Focus::Password, Focus::Code];
        let at = all.iter().position(|one| *one == self.focus).unwrap_or(0);
        self.focus = all.iter().copied().cycle().nth(at.saturating_add(by)).unwrap_or(Focus::User);
        // Who may return is not for choosing.
        if self.locked.is_some() && self.focus == Focus::User {
            self.focus = if by == 1 { Focus::Password } else { Focus::Code };
        }
    }

    /// Says something above the hints.
    pub fn tell(&mut self, text: &str, failed: bool) {
        text.clone_into(&mut self.message);
        self.failed = failed;
    }

    /// After a session: secrets are gone, a demo's password is back.
    pub fn again(&mut self, message: &str) {
        let login = self.user.text().to_owned();
        *self = Self::new(&login, self.demo_password.take());
        message.clone_into(&mut self.message);
    }
}

/// A key on the form; no letter is a command here.
pub(super) fn key(model: &mut Model, key: Press, out: &mut Vec<Effect>) {
    if password::key_at_sign_in(model, key, out) {
        return;
    }
    if model.signin.choosing.is_some() {
        return choosing(model, key, out);
    }
    let form = &mut model.signin;
    match key.code {
        Code::F(2) => choose(model),
        Code::F(1) => form.help = !form.help,
        Code::F(8) => copy_reference(model, out),
        Code::F(9) => demo_code(model),
        Code::F(4) => by_key(model, out),
        Code::F(3) => next_person(model, out),
        Code::F(10) if form.locked.take().is_some() => form.tell("Signed out. Orders keep working.", false),
        Code::F(10) => out.push(Effect::Quit),
        Code::Char('c') if key.ctrl => out.push(Effect::Quit),
        Code::Char('z') if key.ctrl => out.push(Effect::Suspend),
        Code::Esc => {
            form.help = false;
            form.code.wipe();
            if form.locked.is_some() && form.demo_password.is_none() {
                form.password.wipe();
                form.focus = Focus::Password;
            }
        }
        Code::F(5) if matches!(form.phase, Phase::Unreachable(_)) => {
            form.phase = Phase::Connecting;
            out.push(model.connect());
        }
        Code::Tab | Code::Down => form.step(1),
        Code::BackTab | Code::Up => form.step(2),
        Code::Enter if form.focus == Focus::Code => submit(model, out),
        Code::Enter => form.step(1),
        _ => typed(form, key),
    }
}

fn typed(form: &mut SignIn, key: Press) {
    match form.focus {
        Focus::User => {
            form.user.key(key);
        }
        Focus::Password => {
            form.password.key(key);
        }
        Focus::Code if key.typed().is_some_and(|c| !c.is_ascii_digit()) => form.tell("The code is six digits.", false),
        Focus::Code => {
            form.code.key(key);
        }
    }
}

/// Pasted text goes where the focus is.
pub(super) fn paste(model: &mut Model, text: &str) {
    let form = &mut model.signin;
    if let Some(renewal) = &mut form.renewal {
        return renewal.insert(text);
    }
    let line = text.trim_end_matches(['\r', '\n']);
    match form.focus {
        Focus::User => {
            form.user.insert(line);
        }
        Focus::Password => form.password.insert(line),
        Focus::Code if line.trim().bytes().all(|b| b.is_ascii_digit()) => form.code.insert(line.trim()),
        Focus::Code => form.tell("The code is six digits.", false),
    }
}

/// `F2`: the servers, each with its name and where its orders go.
fn choose(model: &mut Model) {
    if model.signin.locked.is_some() {
        let text = model.keys.say("Locked: {sign-in-leave} signs out first.");
        return model.signin.tell(&text, false);
    }
    if model.servers.len() < 2 {
        return model.signin.tell("This device knows one server: a profile in a directory beside adds another.", false);
    }
    point(model, model.server_at);
}

/// The cursor onto a server; its line is said for who sees no cursor.
fn point(model: &mut Model, at: usize) {
    model.signin.choosing = Some(at);
    let Some(server) = model.servers.get(at) else { return };
    let (name, address) = (escaped(&server.name), escaped(&server.address));
    let text = format!("{name}  {}  {address}. Enter takes it, Esc does not.", server.environment.word());
    model.signin.tell(&text, false);
}

fn choosing(model: &mut Model, key: Press, out: &mut Vec<Effect>) {
    let at = model.signin.choosing.unwrap_or(0);
    let count = model.servers.len().max(1);
    match key.code {
        Code::Down | Code::Tab | Code::F(2) => point(model, at.saturating_add(1).checked_rem(count).unwrap_or(0)),
        Code::Up | Code::BackTab => {
            point(model, at.saturating_add(count).saturating_sub(1).checked_rem(count).unwrap_or(0));
        }
        Code::Enter => take(model, at, out),
        Code::Char('c') if key.ctrl => out.push(Effect::Quit),
        Code::F(10) => out.push(Effect::Quit),
        _ => {
            model.signin.choosing = None;
            model.signin.tell("", false);
        }
    }
}

/// Another server: nothing typed for the one before goes to it.
fn take(model: &mut Model, at: usize, out: &mut Vec<Effect>) {
    model.signin.choosing = None;
    let Some(offered) = model.servers.get(at) else { return };
    model.signin = SignIn::new(&offered.login, None);
    model.server = super::session::Server::offered(offered);
    model.server_at = at;
    out.push(model.connect());
}

/// Another person of the demo, on their own device: a connection of its own.
fn next_person(model: &mut Model, out: &mut Vec<Effect>) {
    if model.signin.locked.is_some() {
        let text = model.keys.say("Locked: {sign-in-leave} signs out first.");
        return model.signin.tell(&text, false);
    }
    if model.demo.len() < 2 {
        return model.signin.tell("There is nobody else to be here.", false);
    }
    model.demo_at = model.demo_at.saturating_add(1).checked_rem(model.demo.len()).unwrap_or(0);
    let Some(person) = model.demo.get(model.demo_at) else { return };
    model.signin = SignIn::new(&person.login, Some(person.password.clone()));
    out.push(model.connect());
}

fn copy_reference(model: &mut Model, out: &mut Vec<Effect>) {
    match model.signin.reference {
        Some(reference) => {
            out.push(Effect::Copy(reference.to_string()));
            model.signin.tell(&format!("Copied {reference}."), false);
        }
        None => model.signin.tell("Nothing failed yet: there is no reference to copy.", false),
    }
}

fn demo_code(model: &mut Model) {
    // Whether this is a demo at all is the server's to say.
    if model.signin.phase != Phase::Ready && !model.server.demo {
        return model.signin.tell(NOT_YET, false);
    }
    match model.demo_code() {
        Ok(code) => {
            model.signin.code.set(&code);
            model.signin.focus = Focus::Code;
            model.signin.tell("Typed by the demo authenticator. Enter signs in.", false);
        }
        Err(why) => model.signin.tell(&why, false),
    }
}

/// True when an attempt can be made now; otherwise the line says why not.
fn is_ready(model: &mut Model) -> bool {
    let wait_ms = model.signin.not_before_ms.saturating_sub(model.now.mono_ms);
    let retry = model.keys.say("Not connected. {sign-in-retry} tries again.");
    let form = &mut model.signin;
    match form.phase {
        Phase::Connecting => form.tell("Not connected yet: a moment.", false),
        Phase::Unreachable(_) => form.tell(&retry, true),
        Phase::Asked => form.tell("Asked: the server makes guessing slow on purpose.", false),
        Phase::Ready if wait_ms > 0 => {
            form.tell(&format!("Too many tries: wait {} s.", wait_ms.div_ceil(1_000)), true);
        }
        Phase::Ready if form.user.is_empty() => {
            form.focus = Focus::User;
            form.tell("Who are you?", false);
        }
        Phase::Ready if form.password.count() == 0 => {
            form.focus = Focus::Password;
            form.tell("The password is missing.", false);
        }
        Phase::Ready => return true,
    }
    false
}

fn submit(model: &mut Model, out: &mut Vec<Effect>) {
    if !is_ready(model) {
        return;
    }
    let form = &mut model.signin;
    if form.code.count() != CODE_DIGITS {
        return form.tell("The code is six digits.", false);
    }
    form.phase = Phase::Asked;
    form.tell("Signing in ...", false);
    let login = form.user.text().trim().to_owned();
    let (password, code) = (form.password.copy(), form.code.take());
    model.code_sent(&code);
    out.push(Effect::SignIn { login, password, code });
}

/// A security key in place of the code.
fn by_key(model: &mut Model, out: &mut Vec<Effect>) {
    if !is_ready(model) {
        return;
    }
    let request = model.next_request();
    let form = &mut model.signin;
    form.phase = Phase::Asked;
    form.code.wipe();
    form.tell("Signing in ...", false);
    let (login, password) = (form.user.text().trim().to_owned(), form.password.copy());
    let sentence = format!("Touch your key to sign in to {} as {}.", escaped(&model.server.origin), escaped(&login));
    keying::begin(model, request, keying::For::SignIn, sentence);
    out.push(Effect::SignInByKey { request, login, password });
}

/// The server's no, the same for every cause.
pub(super) fn failed(model: &mut Model, why: &str, reference: Option<CorrelationId>, retry_after_s: u32) {
    let now = model.now.mono_ms;
    let copies = model.keys.say("({sign-in-reference} copies)");
    model.keying = None;
    let form = &mut model.signin;
    form.phase = Phase::Ready;
    form.renewal = None;
    form.reference = reference.or(form.reference);
    form.not_before_ms = now.saturating_add(u64::from(retry_after_s).saturating_mul(1_000));
    form.code.wipe();
    form.focus = Focus::Code;
    if form.demo_password.is_none() {
        form.password.wipe();
        form.focus = Focus::Password;
    }
    let text = reference.map_or_else(
        || format!("Not signed in: {why}."),
        |reference| format!("Not signed in. Check name, password and code. Ref {reference} {copies}."),
    );
    form.tell(&text, true);
}
