//! Keys in the windows that explain a no: edit, take what would pass, copy, put away; it must send nothing.

use turret_shared::ids::{CorrelationId, OrderId};
use turret_shared::money::Qty;
use turret_shared::role::Permission;
use turret_shared::text::escaped;

use super::effect::Effect;
use super::key::{Code, Press};
use super::modal::{Denied, Modal, Refused, Stack};
use super::ticket::{Draft, Focus, Ticket};
use super::{Model, alerts, drafts};
use crate::format;

/// Lines a page of reasons is moved by.
const PAGE_LINES: isize = 8;

impl Denied {
    /// The largest quantity every tripped rule would let pass, if each names one.
    #[must_use]
    pub fn would_pass(&self) -> Option<Qty> {
        let tripped: Vec<_> = self.denial.rules.iter().filter(|rule| rule.tripped).collect();
        let least = tripped.iter().map(|rule| rule.would_pass).collect::<Option<Vec<_>>>()?.into_iter().min();
        least.filter(|qty| qty.is_positive())
    }

    /// What `y` copies: everything, in plain lines.
    #[must_use]
    pub fn plain_text(&self) -> String {
        let mut text = format!("DENIED {}\ncode {}\n", self.line, self.denial.code);
        for rule in self.denial.rules.iter().filter(|rule| rule.tripped) {
            text.push_str(&format!(
                "{} limit {} used {} headroom {}\n",
                rule.rule, rule.limit, rule.used, rule.headroom
            ));
        }
        text.push_str(&format!("{}\nref {}\n", escaped(&self.denial.text), self.correlation));
        text
    }
}

/// A key for the window about a denied order.
pub(super) fn key_denied(mut denied: Box<Denied>, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    match key.code {
        Code::Char('e' | '1') if !model.may(Permission::OrderEnter) => model.tell("Your role enters no orders."),
        Code::Char('e') => match edit(&denied, model, None) {
            Some(ticket) => {
                dealt_with(&denied, model);
                return vec![ticket];
            }
            None => model.tell("There is no ticket behind this one to edit."),
        },
        Code::Char('1') => match denied.would_pass() {
            Some(qty) => {
                if let Some(ticket) = edit(&denied, model, Some(qty)) {
                    dealt_with(&denied, model);
                    return vec![ticket];
                }
            }
            None => model.tell("No quantity alone would pass."),
        },
        Code::Char('y') => copy(model, denied.plain_text(), denied.correlation, out),
        Code::Up | Code::Down | Code::PageUp | Code::PageDown => {
            let by = match key.code {
                Code::Up => -1,
                Code::Down => 1,
                Code::PageUp => -PAGE_LINES,
                _ => PAGE_LINES,
            };
            let last = crate::view::denied_beyond(model, &denied);
            denied.top = denied.top.min(last).saturating_add_signed(by).min(last);
        }
        Code::Char('d') | Code::Esc => {
            dealt_with(&denied, model);
            if let Some(draft) = denied.only_copy(model) {
                drafts::rescue(model, draft);
                model.tell_keys("Put away. The ticket is kept: {show-blotter} and {tab-previous} step to Drafts.");
            }
            return Vec::new();
        }
        _ => {}
    }
    vec![Modal::Denied(denied)]
}

/// Its row on the blotter, where what was typed stands too.
fn row_of(denied: &Denied, model: &Model) -> Option<OrderId> {
    model.orders.iter().find(|(_, row)| row.correlation == denied.correlation).map(|(_, row)| row.id)
}

impl Denied {
    /// The ticket, where nothing else holds what was typed.
    pub(super) fn only_copy(&self, model: &Model) -> Option<Draft> {
        self.draft.clone().filter(|_| self.order.is_none() && row_of(self, model).is_none())
    }
}

/// The blotter tells of it too; what was read here is not asked for again there.
fn dealt_with(denied: &Denied, model: &mut Model) {
    let here = row_of(denied, model);
    if let Some(order) = denied.order.or(here) {
        model.dismiss(order);
    }
    alerts::dealt_with(model, None, Some(denied.correlation));
}

/// A key for the window about a refused amend or cancel.
pub(super) fn key_refused(refused: Box<Refused>, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    match key.code {
        Code::Char('d') | Code::Esc => {
            alerts::dealt_with(model, None, Some(refused.correlation));
            return Vec::new();
        }
        Code::Enter => {
            alerts::dealt_with(model, None, Some(refused.correlation));
            if let Some(order) = refused.order {
                model.look_at(order, out);
            }
            return Vec::new();
        }
        Code::Char('y') => {
            let text = format!(
                "{} REFUSED {}\ncode {}\n{}\nref {}\n",
                refused.what,
                refused.line,
                refused.refusal.code,
                escaped(&refused.refusal.text),
                refused.correlation
            );
            copy(model, text, refused.correlation, out);
        }
        _ => {}
    }
    vec![Modal::Refused(refused)]
}

fn copy(model: &mut Model, text: String, reference: CorrelationId, out: &mut Vec<Effect>) {
    out.push(Effect::Copy(text));
    model.tell(&format!("Copied, with the reference {reference}."));
}

fn edit(denied: &Denied, model: &mut Model, qty: Option<Qty>) -> Option<Modal> {
    let draft = denied.draft.as_ref()?;
    let mut ticket = Ticket::from_draft(draft, model.next_cl_ord_id()?);
    if let Some(qty) = qty {
        ticket.quantity.offer(&format::qty(qty));
    }
    ticket.focus = Focus::Quantity;
    ticket.edited_now(model);
    Some(Modal::Ticket(Box::new(ticket)))
}
