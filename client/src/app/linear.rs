//! The workstation by lines: what a typed line means, and what to ask for next; it must do nothing a key could not.

use turret_shared::command::Environment;
use turret_shared::ids::OrderId;
use turret_shared::order::{OrdType, TimeInForce};
use turret_shared::text::escaped;

use super::effect::Effect;
use super::key::{Code, Press};
use super::keying;
use super::modal::Modal;
use super::password::{self, PasswordForm};
use super::signin::{self, Phase};
use super::ticket::{Focus, Ticket};
use super::{Model, Msg, Screen, Stage, act, quotes};
use super::{enlist, entrust, new_key, own};
use crate::actions::{self, Id};

/// What a line comes to.
#[derive(Debug)]
pub enum Typed {
    /// These, one after the other.
    Messages(Vec<Msg>),
    /// The rows of the screen.
    List,
    /// What can be typed, narrowed by words.
    Help(String),
    /// It means nothing here; in a sentence.
    Unknown(String),
}

/// What is asked for next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Ends in `> `.
    pub text: String,
    /// What is typed must not be shown.
    pub secret: bool,
}

/// Reads a line.
#[must_use]
pub fn read(model: &Model, line: &str) -> Typed {
    let line = line.trim();
    if let Some(command) = line.strip_prefix(':') {
        return command_of(model, command.trim());
    }
    if let Some((before, field)) = text_wanted(model) {
        let letters = matches!(field, Field::Number) && line.starts_with(|c: char| c.is_ascii_alphabetic());
        if !letters {
            return Typed::Messages(typed_in(model, &field, before, line));
        }
    }
    command_of(model, line)
}

/// Where text goes.
enum Field {
    Text,
    /// Text in which a letter at the start is a command.
    Number,
    /// One of a few words: how many steps forward it is.
    Choice(fn(&Ticket, &str) -> Option<usize>),
}

/// Characters that stand in the field that has the keys.
fn text_wanted(model: &Model) -> Option<(usize, Field)> {
    let chars = |text: &str| text.chars().count();
    if let Some(open) = model.keying_shown() {
        return Some((open.pin.count(), Field::Text));
    }
    if model.stage == Stage::SignIn {
        let form = &model.signin;
        if let Some(renewal) = &form.renewal {
            return Some((renewal.field(renewal.focus).count(), Field::Text));
        }
        let before = match form.focus {
            signin::Focus::User => chars(form.user.text()),
            signin::Focus::Password => form.password.count(),
            signin::Focus::Code => form.code.count(),
        };
        return Some((before, Field::Text));
    }
    match model.modals.last()? {
        Modal::Ticket(ticket) if ticket.review.is_some() => None,
        Modal::Ticket(ticket) => Some(match ticket.focus {
            Focus::Account => (chars(ticket.account.text()), Field::Text),
            Focus::Symbol => (chars(ticket.symbol.text()), Field::Text),
            Focus::Note => (chars(ticket.note.text()), Field::Text),
            Focus::Quantity => (chars(ticket.quantity.text()), Field::Number),
            Focus::Price => (chars(ticket.price.text()), Field::Number),
            Focus::Stop => (chars(ticket.stop.text()), Field::Number),
            Focus::Type => (0, Field::Choice(|ticket, word| steps(OrdType::ALL, ticket.ord_type, |t| t.word(), word))),
            Focus::Tif => (0, Field::Choice(|ticket, word| steps(TimeInForce::ALL, ticket.tif, |t| t.word(), word))),
        }),
        Modal::CancelMarked(open) => Some((chars(open.count.text()), Field::Text)),
        Modal::CancelAll(open) => Some((chars(open.word.text()), Field::Text)),
        Modal::StepUp(open) => Some((open.code.count(), Field::Text)),
        Modal::NewKey(open) if open.focus == new_key::Focus::Code => Some((open.code.count(), Field::Text)),
        Modal::NewKey(open) => Some((open.password.count(), Field::Text)),
        Modal::Password(open) => Some((open.field(open.focus).count(), Field::Text)),
        Modal::NewPerson(open) if open.focus == enlist::Focus::Login => Some((chars(open.login.text()), Field::Text)),
        Modal::Entrust(open) => match (open.focus, &open.what) {
            (entrust::Focus::Account, _) => Some((chars(open.account.text()), Field::Text)),
            (entrust::Focus::Value, entrust::What::Limit { value, .. }) => Some((chars(value.text()), Field::Text)),
            (entrust::Focus::Value, entrust::What::Rights { lasts, .. }) => Some((chars(lasts.text()), Field::Text)),
            _ => None,
        },
        Modal::Own(open) => match &open.doing {
            own::Doing::Naming(_, name) => Some((chars(name.text()), Field::Text)),
            own::Doing::Looking | own::Doing::Sure(..) => None,
        },
        Modal::Ban(open) => {
            let field = if open.on_minutes { &open.minutes } else { &open.source };
            Some((chars(field.text()), Field::Text))
        }
        Modal::Table(open) if open.takes_text() => Some((chars(open.file.text()), Field::Text)),
        Modal::House(open) if !open.on_desk => Some((chars(open.text.text()), Field::Text)),
        Modal::Compose(open) if open.takes_text() => Some((chars(open.code.text()), Field::Text)),
        Modal::Policy(open) => Some((chars(open.value.text()), Field::Text)),
        Modal::NewPerson(open) if open.focus == enlist::Focus::Name => Some((chars(open.name.text()), Field::Text)),
        _ => None,
    }
}

fn steps<T: Copy + PartialEq>(all: &[T], now: T, word: impl Fn(T) -> &'static str, wanted: &str) -> Option<usize> {
    let at = all.iter().position(|one| *one == now)?;
    let to = all.iter().position(|one| word(*one).eq_ignore_ascii_case(wanted))?;
    to.checked_add(all.len())?.checked_sub(at)?.checked_rem(all.len())
}

fn typed_in(model: &Model, field: &Field, before: usize, line: &str) -> Vec<Msg> {
    let key = |code| Msg::Key(Press::plain(code));
    let mut out = Vec::new();
    if let (Field::Choice(steps), Some(ticket), false) = (field, model.ticket(), line.is_empty()) {
        match steps(ticket, line) {
            Some(count) => out.extend((0..count).map(|_| key(Code::Right))),
            // The field itself says what it takes.
            None => return line.chars().map(|c| key(Code::Char(c))).collect(),
        }
    } else if !line.is_empty() {
        // What stands there is replaced: nobody sees where a cursor would be.
        out.push(key(Code::End));
        out.extend((0..before).map(|_| key(Code::Backspace)));
        out.extend(line.chars().map(|c| key(Code::Char(c))));
    }
    out.push(key(Code::Enter));
    out
}

fn command_of(model: &Model, line: &str) -> Typed {
    let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
    let (lower, rest) = (first.to_ascii_lowercase(), rest.trim());
    let desk = model.stage == Stage::Desk && model.modals.is_empty();
    match (lower.as_str(), rest) {
        ("", _) if desk => return Typed::Messages(Vec::new()),
        ("", _) => return keys(&[Press::plain(Code::Enter)]),
        ("list" | "show", "") => return Typed::List,
        ("help", words) if model.stage == Stage::Desk => return Typed::Help(words.to_owned()),
        ("buy" | "sell", symbol) if desk && !symbol.is_empty() => {
            let side = if lower == "buy" { Id::OrderBuy } else { Id::OrderSell };
            return Typed::Messages(vec![Msg::Go(symbol.to_owned()), Msg::Do(side)]);
        }
        ("go", to) if desk && !to.is_empty() => return Typed::Messages(vec![Msg::Go(to.to_owned())]),
        ("filter", words) if desk => return filter(model, words),
        _ => {}
    }
    if let Some(words) = line.strip_prefix('/').filter(|_| desk) {
        return filter(model, words.trim());
    }
    if desk && line.parse::<OrderId>().is_ok() {
        return Typed::Messages(vec![Msg::Go(line.to_owned())]);
    }
    if let Some(press) = named_key(line) {
        return keys(&[press]);
    }
    named_action(model, line)
        .unwrap_or_else(|| Typed::Unknown(format!("{} means nothing here. Type help for what does.", escaped(line))))
}

fn keys(presses: &[Press]) -> Typed {
    Typed::Messages(presses.iter().copied().map(Msg::Key).collect())
}

/// A key by its name, in whatever case where it is a word.
fn named_key(text: &str) -> Option<Press> {
    const WORDS: [&str; 12] =
        ["Enter", "Esc", "Tab", "S-Tab", "Delete", "Up", "Down", "Left", "Right", "PgUp", "PgDn", "Space"];
    let word = WORDS.iter().find(|word| word.eq_ignore_ascii_case(text));
    Press::parse(word.unwrap_or(&text)).or_else(|| Press::parse(&text.to_ascii_uppercase()))
}

fn named_action(model: &Model, line: &str) -> Option<Typed> {
    let lower = line.to_ascii_lowercase();
    let named = actions::ACTIONS.iter().find(|action| action.word() == lower || action.name == lower);
    let action = act::two_letters(&lower).or(named)?;
    if model.modals.is_empty() && model.stage == Stage::Desk {
        if act::offered(action.id) {
            return Some(Typed::Messages(vec![Msg::Do(action.id)]));
        }
        return Some(Typed::Unknown(format!("{} is done in scripts: turret run", action.word())));
    }
    // A window has its own reading of its keys.
    model.keys.keys(action.id).first().map(|press| keys(&[*press]))
}

fn filter(model: &Model, words: &str) -> Typed {
    let before = match model.screen {
        Screen::Blotter => model.blotter.filter.text().chars().count(),
        Screen::Quotes => model.quotes.filter.text().chars().count(),
        Screen::Audit => model.audit.words.text().chars().count(),
        other => model.lists.filter(other).map_or(0, |(filter, _)| filter.text().chars().count()),
    };
    let mut messages = vec![Msg::Do(Id::Filter)];
    messages.extend((0..before).map(|_| Msg::Key(Press::plain(Code::Backspace))));
    messages.extend(words.chars().map(|c| Msg::Key(Press::plain(Code::Char(c)))));
    messages.push(Msg::Key(Press::plain(Code::Enter)));
    Typed::Messages(messages)
}

/// Puts the cursor on an order or a listing.
pub(super) fn go(model: &mut Model, to: &str, out: &mut Vec<Effect>) {
    if let Ok(order) = to.parse::<OrderId>() {
        return match model.orders.get(order) {
            Some(_) => model.look_at(order, out),
            None => model.tell("No such order, or none of yours."),
        };
    }
    let symbol = to.to_ascii_uppercase();
    match model.desk.instrument_named(&symbol).map(|instrument| instrument.id) {
        Some(id) => {
            model.quotes.filter.clear();
            model.quotes.pane = quotes::Pane::List;
            model.quotes.picker.at = Some(id);
            act::show(model, Screen::Quotes, out);
        }
        None => model.tell(&format!("No listing is called {}.", escaped(&symbol))),
    }
}

/// What to ask for now.
#[must_use]
pub fn prompt(model: &Model) -> Prompt {
    let shown = |text: String| Prompt { text: format!("{text}> "), secret: false };
    if let Some(open) = model.keying_shown() {
        let pin = matches!(open.wait, keying::Wait::Pin { .. });
        let text = if pin { "PIN of the key, or :esc to give up" } else { ":esc gives up" };
        return Prompt { text: format!("{text}> "), secret: pin };
    }
    if model.stage == Stage::SignIn {
        return sign_in(model);
    }
    let environment = match model.server.environment {
        Environment::Sim => "SIM",
        Environment::Live => "LIVE",
    };
    match model.modals.last() {
        Some(Modal::Ticket(ticket)) if ticket.review.is_none() => shown(field(ticket)),
        Some(Modal::CancelMarked(_)) => shown("Count, or nothing to go back".into()),
        Some(Modal::CancelAll(_)) => shown("Word, or nothing to go back".into()),
        Some(Modal::StepUp(_)) => shown("Code, :f4 for a security key, or :esc to give up".into()),
        Some(Modal::Denied(_) | Modal::Refused(_)) => shown(model.keys.say("{dismiss} puts it away")),
        Some(Modal::Help(_) | Modal::Palette(_)) => shown("Esc".into()),
        Some(Modal::NewPerson(open)) => shown(person(open)),
        Some(Modal::Entrust(open)) => shown(about_account(open)),
        Some(Modal::Ban(open)) => shown(if open.on_minutes { "Minutes" } else { "Source, an address" }.into()),
        Some(Modal::Table(open)) if open.takes_text() => shown("File, or nothing to go back".into()),
        Some(Modal::House(_)) => shown("What is asked for, or nothing to go back".into()),
        Some(Modal::Compose(open)) if open.takes_text() => shown("Code of the role, or nothing to go back".into()),
        Some(Modal::Compose(_)) => shown(":down, :space takes it away or gives it back, nothing asks".into()),
        Some(Modal::Policy(_)) => shown("Figure, or nothing for none".into()),
        Some(Modal::Own(open)) if open.takes_text() => shown("Name, or nothing for none".into()),
        Some(Modal::Own(_)) => shown(":down, x ends or gives up, n names, :esc goes back".into()),
        Some(Modal::Code(_)) => shown(":esc puts it away for good".into()),
        Some(Modal::Password(open)) => new_password(open),
        Some(Modal::NewKey(open)) if open.focus == new_key::Focus::Code => shown("Code, or :esc to give up".into()),
        Some(Modal::NewKey(_)) => Prompt { text: "Password, or :esc to give up> ".into(), secret: true },
        Some(_) => shown(model.keys.say("{confirm}, or nothing to go back")),
        None => shown(format!("{environment} {}", format!("{:?}", model.screen).to_lowercase())),
    }
}

fn person(open: &enlist::NewPerson) -> String {
    match open.focus {
        enlist::Focus::Login => "Login".into(),
        enlist::Focus::Name => "Name".into(),
        enlist::Focus::Role => format!("Role {}, :right for the next, nothing goes on", open.role),
        enlist::Focus::Desk => "Desk, :right for the next, nothing goes on".into(),
    }
}

fn about_account(open: &entrust::Form) -> String {
    match (open.focus, &open.what) {
        (entrust::Focus::Account, _) => "Account".into(),
        (entrust::Focus::Value, entrust::What::Rights { .. }) => "For how long, 8h or 5d; nothing for good".into(),
        (_, entrust::What::Rights { to, .. }) => format!("May {}, :right for the next, nothing goes on", to.words()),
        (entrust::Focus::Choice, entrust::What::Limit { rule, .. }) => {
            format!("Rule {rule}, :right for the next, nothing goes on")
        }
        (_, entrust::What::Limit { rule, .. }) => format!("Figure, {}; nothing lifts it", entrust::unit(*rule)),
    }
}

fn new_password(open: &PasswordForm) -> Prompt {
    let text = match open.focus {
        password::Focus::Old => "Old password, or :esc to give up",
        password::Focus::New => "New password, 12 characters or more",
        password::Focus::Again => "New password again",
        password::Focus::Code => "Code",
    };
    Prompt { text: format!("{text}> "), secret: open.focus != password::Focus::Code }
}

fn sign_in(model: &Model) -> Prompt {
    let form = &model.signin;
    if let (Some(renewal), Phase::Ready) = (&form.renewal, &form.phase) {
        return new_password(renewal);
    }
    let ready = !matches!(form.phase, Phase::Asked);
    let (text, secret) = match form.focus {
        _ if !ready => (String::new(), false),
        signin::Focus::User => (format!("User [{}]", escaped(form.user.text())), false),
        signin::Focus::Password if form.password.count() > 0 => ("Password [filled in]".into(), true),
        signin::Focus::Password => ("Password".into(), true),
        signin::Focus::Code if form.code.count() > 0 => ("Code [filled in]".into(), false),
        signin::Focus::Code => ("Code".into(), false),
    };
    Prompt { text: format!("{text}> "), secret }
}

fn field(ticket: &Ticket) -> String {
    let (name, value) = match ticket.focus {
        Focus::Account => ("Account", ticket.account.text()),
        Focus::Symbol => ("Symbol", ticket.symbol.text()),
        Focus::Quantity => ("Quantity", ticket.quantity.text()),
        Focus::Type => ("Type", ticket.ord_type.word()),
        Focus::Price => ("Price", ticket.price.text()),
        Focus::Stop => ("Stop price", ticket.stop.text()),
        Focus::Tif => ("Time in force", ticket.tif.word()),
        Focus::Note => ("Note", ticket.note.text()),
    };
    if value.is_empty() { name.to_owned() } else { format!("{name} [{}]", escaped(value)) }
}
