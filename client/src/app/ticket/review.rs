//! From fields to the review line and from there to the link; it must send exactly what was reviewed, after `y` alone.

use turret_shared::command::{Command, Verb};
use turret_shared::limits::MODAL_GUARD_MS;

use super::{Kind, Review, Ticket};
use crate::app::cancel::FETCHED;
use crate::app::effect::Effect;
use crate::app::flight::Flight;
use crate::app::key::{Code, Press};
use crate::app::modal::{Modal, Stack};
use crate::app::{Model, command};

/// Locks the fields and makes the command, if nothing is missing.
pub(super) fn open(ticket: &mut Ticket, model: &mut Model) {
    if let Some(needed) = ticket.first_needed(model) {
        ticket.focus = needed;
        ticket.message = ticket.fault(needed, model);
        return;
    }
    let Some(verb) = ticket.verb(model) else {
        ticket.message = Some("nothing would change".into());
        return;
    };
    let may_step_up = ticket.preview.view.as_ref().is_none_or(|view| view.step_up);
    match Command::from_bytes(&command::bytes(model, verb, may_step_up)) {
        Ok(command) => {
            ticket.message = None;
            ticket.review = Some(Review { command, may_step_up, shown_ms: model.now.mono_ms });
        }
        Err(error) => ticket.message = Some(error.to_string()),
    }
}

/// A key while the fields are locked.
pub(super) fn key(mut ticket: Box<Ticket>, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    match key.code {
        Code::Char('y') if !key.ctrl && !key.alt => return confirm(ticket, model, out),
        Code::Enter | Code::Esc => {
            ticket.review = None;
            ticket.message = None;
            // The next review asks about the market as it is then.
            ticket.preview.due_ms = Some(model.now.mono_ms);
        }
        _ => ticket.message = Some(model.keys.say("{confirm} sends, Enter or Esc goes back to the fields")),
    }
    vec![Modal::Ticket(ticket)]
}

fn confirm(mut ticket: Box<Ticket>, model: &mut Model, out: &mut Vec<Effect>) -> Stack {
    let Some(review) = ticket.review.take() else { return vec![Modal::Ticket(ticket)] };
    if model.now.mono_ms.saturating_sub(review.shown_ms) < MODAL_GUARD_MS {
        ticket.review = Some(review);
        ticket.message = Some(model.keys.say("too soon: {confirm} again"));
        return vec![Modal::Ticket(ticket)];
    }
    if let Kind::Amend(order) = ticket.kind
        && model.orders.get(order).is_none()
    {
        ticket.review = Some(review);
        ticket.message = Some(FETCHED.into());
        return vec![Modal::Ticket(ticket)];
    }
    if let Err(why) = model.can_send() {
        ticket.message = Some(why);
        return vec![Modal::Ticket(ticket)];
    }
    // What was reviewed, with the time it has from now on: reading takes as long as it takes.
    let bytes = command::bytes(model, review.command.verb.clone(), review.may_step_up);
    let side = ticket.side();
    let draft = ticket.draft(side, model.now.wall);
    let flight = match (ticket.kind, review.command.verb) {
        (Kind::New(_), Verb::OrderNew(order)) => {
            let names = (model.desk.instrument_named(&order.symbol), model.desk.account_named(&order.account));
            if let (Some(instrument), Some(account)) = names {
                model.last_account.insert(instrument.id, account.account);
            }
            Flight::New { order: Box::new(order), draft, sent: model.now.wall, in_doubt: false }
        }
        (Kind::Amend(order), _) => Flight::Amend { order, line: command::order_line(model, order) },
        (Kind::New(_), _) => return vec![Modal::Ticket(ticket)],
    };
    model.send(flight, bytes, out);
    Vec::new()
}
