//! Who gets a key: the topmost window, the text being typed, or the screen; it must let no key fall through a window.

use super::effect::Effect;
use super::geometry::fits;
use super::key::{Code, Press};
use super::modal::{Modal, Stack};
use super::{
    Model, Screen, Stage, act, answer, audit, cancel, enlist, entrust, held, help, keying, manage, moves, new_key,
    palette, password, quit, quotes, signin, stepup, ticket,
};
use crate::actions::{Id, Place};

/// A key was pressed.
pub(super) fn key(model: &mut Model, pressed: Press, out: &mut Vec<Effect>) {
    let desk = model.stage == Stage::Desk;
    if !fits(model.size) {
        return unseen(model, pressed, out);
    }
    if desk && everywhere(model, pressed, out) {
        return;
    }
    if desk && held::too_soon(model, pressed) {
        return;
    }
    if desk && model.modals.is_empty() && !is_typing(model) {
        return screen(model, pressed, out);
    }
    let Some(key) = at_the_door(model, pressed) else {
        let moved = format!("{pressed} was moved to another key.");
        return if desk { model.tell(&moved) } else { model.signin.tell(&moved, false) };
    };
    if model.keying_shown().is_some() {
        return keying::key(model, key, out);
    }
    if !desk {
        return signin::key(model, key, out);
    }
    if let Some(modal) = model.modals.pop() {
        let below = model.modals.len();
        let stay = window(modal, model, key, out);
        // What the key opened stands above what stays.
        let at = below.min(model.modals.len());
        model.modals.splice(at..at, stay);
    } else {
        typing(model, key, out);
    }
}

/// Nothing can be read at this size: what would act on something unseen waits until it can be.
fn unseen(model: &mut Model, key: Press, out: &mut Vec<Effect>) {
    let ids: &[Id] = if model.stage == Stage::Desk { &[Id::Lock, Id::Suspend] } else { &[Id::SignInLeave] };
    let here = |id: &&Id| key.typed().is_none() && model.keys.has(**id, key);
    if let Some(id) = ids.iter().find(here) {
        act::run(model, *id, out);
    }
}

/// The key of the table that was meant; none where the person moved that key's action elsewhere.
fn at_the_door(model: &Model, key: Press) -> Option<Press> {
    let text = match model.modals.last() {
        _ if model.stage == Stage::SignIn => true,
        None => true,
        Some(modal) => modal.takes_text(),
    };
    if text && key.typed().is_some() {
        return Some(key);
    }
    let places = match model.modals.last() {
        None if model.stage == Stage::Desk => vec![Place::Text],
        Some(Modal::Help(_) | Modal::Palette(_)) => vec![Place::Text],
        _ => model.places(),
    };
    model.keys.translated(&places, key)
}

/// Keys that no window and no text takes away.
fn everywhere(model: &mut Model, key: Press, out: &mut Vec<Effect>) -> bool {
    let here = |id: &&Id| key.typed().is_none() && model.keys.has(**id, key);
    let Some(id) = [Id::Lock, Id::Suspend, Id::Quit].iter().find(here) else { return false };
    act::run(model, *id, out);
    true
}

fn window(modal: Modal, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    match modal {
        Modal::Ticket(ticket) => ticket::key(ticket, model, key, out),
        Modal::Cancel(open) => cancel::key_one(open, model, key, out),
        Modal::CancelMarked(open) => cancel::key_marked(open, model, key, out),
        Modal::CancelAll(open) => cancel::key_all(open, model, key, out),
        Modal::Denied(denied) => answer::key_denied(denied, model, key, out),
        Modal::Refused(refused) => answer::key_refused(refused, model, key, out),
        Modal::StepUp(open) => stepup::key(open, model, key, out),
        Modal::NewKey(open) => new_key::key(open, model, key, out),
        Modal::Own(open) => super::own::key(open, model, key, out),
        Modal::Help(open) => help::key(open, model, key),
        Modal::Palette(open) => palette::key(open, model, key, out),
        Modal::Quit(open) => quit::key(open, model, key, out),
        Modal::Manage(open) => manage::key(open, model, key, out),
        Modal::Password(open) => password::key(open, model, key, out),
        Modal::NewPerson(open) => enlist::key(open, model, key),
        Modal::Entrust(open) => entrust::key(open, model, key),
        Modal::Review(open) => super::attempts::key(open, model, key, out),
        Modal::Ban(open) => super::bans::key(open, model, key),
        Modal::Table(open) => super::bulk::key(open, model, key, out),
        Modal::House(open) => super::house::key(open, model, key),
        Modal::Compose(open) => super::compose::key(open, model, key),
        Modal::Policy(open) => super::policy::key(open, model, key),
        Modal::Judge(open) => super::approvals::key(open, model, key, out),
        Modal::Handle(open) => super::alerts::handling::key(open, model, key, out),
        Modal::Code(open) => manage::key_code(open, key),
    }
}

/// True while text is typed on the screen itself.
fn is_typing(model: &Model) -> bool {
    match model.screen {
        Screen::Blotter => model.blotter.typing,
        Screen::Quotes => model.quotes.typing,
        Screen::Audit => model.audit.typing,
        other => matches!(model.lists.filter(other), Some((_, true))),
    }
}

/// Text typed on the screen itself: filter and search.
fn typing(model: &mut Model, key: Press, out: &mut Vec<Effect>) {
    match model.screen {
        Screen::Blotter if model.blotter.typing => {
            match key.code {
                Code::Enter | Code::Down | Code::Tab => model.blotter.typing = false,
                Code::Esc => {
                    model.blotter.typing = false;
                    model.blotter.filter.clear();
                }
                _ => {
                    model.blotter.filter.key(key);
                }
            }
            model.blotter.top = 0;
            model.refilter();
            if !model.blotter.typing {
                moves::enter_view(model);
            }
        }
        Screen::Quotes if model.quotes.adding => quotes::watching_key(model, key, out),
        Screen::Quotes if model.quotes.typing => match key.code {
            Code::Enter | Code::Down | Code::Tab => model.quotes.typing = false,
            Code::Esc => {
                model.quotes.typing = false;
                model.quotes.filter.clear();
            }
            _ => {
                model.quotes.filter.key(key);
            }
        },
        Screen::Audit if model.audit.typing => match key.code {
            Code::Enter => {
                audit::search(model, out);
                model.audit.sent = model.audit.asked;
            }
            Code::Esc | Code::Tab | Code::Down => model.audit.typing = false,
            _ => {
                model.audit.sent = false;
                model.audit.words.key(key);
            }
        },
        other => {
            if let Some((filter, typing)) = model.lists.filter_mut(other) {
                match key.code {
                    Code::Enter | Code::Down | Code::Tab => *typing = false,
                    Code::Esc => {
                        *typing = false;
                        filter.clear();
                    }
                    _ => {
                        filter.key(key);
                    }
                }
            }
        }
    }
    moves::settle_cursors(model, out);
}

fn screen(model: &mut Model, key: Press, out: &mut Vec<Effect>) {
    if model.keys.has(Id::Back, key) {
        return leave(model, out);
    }
    let role = model.session.as_ref().map(super::session::Session::held_role);
    match model.keys.meant(&model.places(), key, role, act::offered) {
        Some(action) => act::run(model, action.id, out),
        None => {
            let help = model.keys.first(Id::Help);
            model.tell(&format!("{key} does nothing here ({help} lists what does)"));
        }
    }
}

/// `Esc` leaves every transient state, the nearest first.
fn leave(model: &mut Model, out: &mut Vec<Effect>) {
    let blotter = model.screen == Screen::Blotter;
    if model.detail.open && blotter {
        model.detail.open = false;
    } else if blotter && (model.blotter.range_from.take().is_some() || model.blotter.frozen.take().is_some()) {
        model.tell("");
    } else if !model.blotter.filter.is_empty() && model.screen == Screen::Blotter {
        model.blotter.filter.clear();
        model.refilter();
        moves::enter_view(model);
        moves::settle_cursors(model, out);
    } else if !model.quotes.filter.is_empty() && model.screen == Screen::Quotes {
        model.quotes.filter.clear();
    } else if let Some((filter, _)) = model.lists.filter_mut(model.screen).filter(|(filter, _)| !filter.is_empty()) {
        filter.clear();
    } else if !model.audit.words.is_empty() && model.screen == Screen::Audit {
        model.audit.words.clear();
        audit::search(model, out);
    } else if !model.blotter.marks.is_empty() && model.screen == Screen::Blotter {
        model.blotter.marks.clear();
    } else {
        model.blotter.zoomed = false;
        model.quotes.zoomed = false;
    }
}

/// Text was pasted: into a text field, or nowhere.
pub(super) fn paste(model: &mut Model, text: &str) {
    if !fits(model.size) {
        return;
    }
    if let Some(open) = &mut model.keying {
        return keying::paste(open, text);
    }
    if model.stage == Stage::SignIn {
        return signin::paste(model, text);
    }
    if let Some(modal) = model.modals.pop() {
        let mut taken = true;
        let modal = match modal {
            Modal::Ticket(mut open) => {
                ticket::paste(&mut open, model, text);
                Modal::Ticket(open)
            }
            Modal::StepUp(mut open) if text.trim().bytes().all(|b| b.is_ascii_digit()) => {
                open.code.insert(text.trim());
                Modal::StepUp(open)
            }
            Modal::NewKey(mut open) => {
                new_key::paste(&mut open, text);
                Modal::NewKey(open)
            }
            Modal::NewPerson(mut open) => {
                open.typed().map(|field| field.insert(text.trim()));
                Modal::NewPerson(open)
            }
            Modal::Entrust(mut open) => {
                open.typed().map(|field| field.insert(text.trim()));
                Modal::Entrust(open)
            }
            Modal::Password(mut open) => {
                open.insert(text);
                Modal::Password(open)
            }
            Modal::Palette(mut open) => {
                open.paste(text.trim());
                Modal::Palette(open)
            }
            Modal::Help(mut open) => {
                open.words.insert(text.trim());
                open.top = 0;
                Modal::Help(open)
            }
            other => {
                taken = false;
                other
            }
        };
        model.modals.push(modal);
        if !taken {
            // What confirms is typed by a person.
            model.tell("Pasted text was dropped: this window wants keys.");
        }
    } else if model.screen == Screen::Quotes && model.quotes.typing {
        quotes::paste(model, text.trim());
    } else if model.screen == Screen::Audit && model.audit.typing {
        model.audit.words.insert(text.trim());
    } else if model.screen == Screen::Blotter && model.blotter.typing {
        model.blotter.filter.insert(text.trim());
        model.refilter();
    } else if let Some((filter, _)) = model.lists.filter_mut(model.screen).filter(|(_, typing)| **typing) {
        filter.insert(text.trim());
    } else {
        model.tell("Pasted text is taken in text fields only: it was dropped.");
    }
}
