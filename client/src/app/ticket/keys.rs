//! Keys in the ticket's fields; it must treat no letter as a command where text is meant.

use turret_shared::account::Rights;
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, TimeInForce};

use super::{Focus, Kind, Ticket, review};
use crate::app::Model;
use crate::app::effect::Effect;
use crate::app::key::{Code, Press};
use crate::app::modal::{Modal, Stack};
use crate::app::{drafts, number};
use crate::format;

/// Steps of PgUp and PgDn.
const PAGE_STEPS: i64 = 10;

/// A key for the open ticket.
pub fn key(mut ticket: Box<Ticket>, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    if ticket.review.is_some() {
        return review::key(ticket, model, key, out);
    }
    ticket.message = None;
    match key.code {
        Code::Esc => return put_aside(&ticket, model),
        Code::F(2) => review::open(&mut ticket, model),
        Code::Enter => enter(&mut ticket, model),
        Code::Tab => step_focus(&mut ticket, 1),
        Code::BackTab => step_focus(&mut ticket, -1),
        Code::Up => step_value(&mut ticket, model, 1),
        Code::Down => step_value(&mut ticket, model, -1),
        Code::PageUp => step_value(&mut ticket, model, PAGE_STEPS),
        Code::PageDown => step_value(&mut ticket, model, -PAGE_STEPS),
        _ => typed(&mut ticket, model, key),
    }
    vec![Modal::Ticket(ticket)]
}

/// Pasted text, into the field that has the focus.
pub fn paste(ticket: &mut Ticket, model: &Model, text: &str) {
    if ticket.review.is_some() {
        return;
    }
    let refused = ticket.field_mut().map_or(0, |field| field.insert(text.trim()));
    if refused > 0 {
        ticket.message = Some(format!("{refused} characters left out: too long, control or invisible"));
    }
    ticket.edited(model.now.mono_ms);
    seed(ticket, model);
}

fn put_aside(ticket: &Ticket, model: &mut Model) -> Stack {
    match (ticket.aside(model.now.wall), ticket.kind) {
        (Some(draft), _) => {
            drafts::keep(model, draft);
            // Taken up last, it is the one at hand.
            model.blotter.draft = 0;
            model.tell_keys(
                "Kept as a draft: {show-blotter} and {tab-previous} step to Drafts, {open} opens it. Nothing was sent.",
            );
        }
        (None, Kind::Amend(_)) => {
            model.tell("Nothing was sent: the order is as it was, and no draft is kept of an amend.")
        }
        (None, Kind::New(_)) => model.tell("Nothing was typed: no draft is kept."),
    }
    Vec::new()
}

/// Goes to the next field that needs something, and to the review when none does.
fn enter(ticket: &mut Ticket, model: &mut Model) {
    let here = ticket.focus;
    if let Some(fault) = ticket.fault(here, model) {
        ticket.message = Some(fault);
        return;
    }
    let fields = ticket.fields();
    let behind = fields.iter().copied().skip_while(|focus| *focus != here).skip(1);
    // From the quantity the price is looked at even though it is filled in: it is money.
    let wanted =
        |focus: &Focus| ticket.fault(*focus, model).is_some() || (here == Focus::Quantity && *focus == Focus::Price);
    match behind.into_iter().find(wanted).or_else(|| ticket.first_needed(model)) {
        Some(next) => ticket.focus = next,
        None => review::open(ticket, model),
    }
}

fn step_focus(ticket: &mut Ticket, by: isize) {
    let fields = ticket.fields();
    let at = fields.iter().position(|focus| *focus == ticket.focus).unwrap_or(0);
    let next = at.checked_add_signed(by).unwrap_or(fields.len().saturating_sub(1));
    ticket.focus = fields.get(next).or(fields.first()).copied().unwrap_or(Focus::Quantity);
}

fn typed(ticket: &mut Ticket, model: &Model, key: Press) {
    let numeric = ticket.takes_numbers();
    if numeric && key.typed() == Some('t') {
        take_far_touch(ticket, model);
    } else if let Focus::Type | Focus::Tif = ticket.focus {
        choose(ticket, model, key);
    } else {
        let letter = key.typed().is_some_and(char::is_alphabetic);
        let quantity = ticket.focus == Focus::Quantity;
        let suffix = key.typed().is_some_and(|c| matches!(c.to_ascii_lowercase(), 'k' | 'm'));
        if numeric && letter && !(quantity && suffix) {
            ticket.message =
                Some(model.keys.say(&format!("{key} is no part of a number ({{take-touch}} takes the far touch)")));
            return;
        }
        if !ticket.field_mut().is_some_and(|field| field.key(key)) {
            return;
        }
    }
    ticket.edited(model.now.mono_ms);
    seed(ticket, model);
}

fn choose(ticket: &mut Ticket, model: &Model, key: Press) {
    let by = match key.code {
        Code::Left => -1,
        Code::Right | Code::Char(' ') => 1,
        Code::Char(c) => return choose_letter(ticket, c.to_ascii_uppercase()),
        _ => return,
    };
    step_value(ticket, model, by);
}

fn choose_letter(ticket: &mut Ticket, letter: char) {
    if ticket.focus == Focus::Type {
        let mut fitting = OrdType::ALL.iter().copied().filter(|t| t.word().starts_with(letter));
        let first = fitting.clone().next();
        let behind = fitting.find(|t| *t > ticket.ord_type);
        ticket.ord_type = behind.or(first).unwrap_or(ticket.ord_type);
    } else if let Some(tif) = TimeInForce::ALL.iter().copied().find(|t| t.word().starts_with(letter)) {
        ticket.tif = tif;
    }
}

/// The symbol became known (or another): the price is filled in once, at the near touch, and stays still from then on.
fn seed(ticket: &mut Ticket, model: &Model) {
    let Some(instrument) = ticket.instrument(model).filter(|i| ticket.seeded != Some(i.id)) else { return };
    let before = ticket.seeded.replace(instrument.id);
    let decimals = instrument.price_decimals();
    let quote = model.market.quote(instrument.id);
    let side = ticket.side();
    ticket.opened =
        (quote.and_then(|q| q.bid()).map(|level| level.price), quote.and_then(|q| q.ask()).map(|level| level.price));
    let near = quote.and_then(|q| q.near(side)).map(|level| level.price);
    let shown = near.or_else(|| quote.and_then(|q| q.view.last).map(|level| level.price));
    if ticket.price.is_empty() || ticket.focus == Focus::Symbol {
        ticket.price.offer(&shown.map(|p| format!("{p:.decimals$}")).unwrap_or_default());
    }
    // The account of a listing whose symbol only begins as the one meant is not the person's choice.
    let of_before = before.and_then(|id| model.usual_account(id)).is_some_and(|code| code == ticket.account.text());
    let offered = ticket.focus == Focus::Symbol && ticket.account.is_offered() && of_before;
    if ticket.account.is_empty() || offered {
        ticket.account.offer(&model.usual_account(instrument.id).unwrap_or_default());
    }
}

fn take_far_touch(ticket: &mut Ticket, model: &Model) {
    let Some(instrument) = ticket.instrument(model) else { return };
    let side = ticket.side();
    let far = model.market.quote(instrument.id).and_then(|q| q.far(side));
    match far {
        Some(level) if ticket.ord_type.has_price() => {
            let decimals = instrument.price_decimals();
            ticket.price.offer(&format!("{:.decimals$}", level.price));
        }
        Some(_) => ticket.message = Some(format!("{} has no price", ticket.ord_type.word())),
        None => ticket.message = Some("no price on the other side".into()),
    }
}

fn step_value(ticket: &mut Ticket, model: &Model, by: i64) {
    match ticket.focus {
        Focus::Quantity => step_quantity(ticket, model, by),
        Focus::Price | Focus::Stop => step_price(ticket, model, by),
        Focus::Type => ticket.ord_type = stepped(OrdType::ALL, ticket.ord_type, by),
        Focus::Tif => ticket.tif = stepped(TimeInForce::ALL, ticket.tif, by),
        Focus::Account => step_account(ticket, model, by),
        Focus::Symbol | Focus::Note => return,
    }
    ticket.edited(model.now.mono_ms);
}

fn stepped<T: Copy + PartialEq>(all: &[T], now: T, by: i64) -> T {
    let at = all.iter().position(|one| *one == now).unwrap_or(0);
    let next = if by > 0 { at.saturating_add(1) } else { at.checked_sub(1).unwrap_or(all.len().saturating_sub(1)) };
    all.get(next).or(all.first()).copied().unwrap_or(now)
}

fn step_quantity(ticket: &mut Ticket, model: &Model, by: i64) {
    let lot = ticket.instrument(model).map_or(Qty::ONE, |i| i.lot);
    let from = ticket.qty().unwrap_or(Qty::ZERO);
    let to = Qty(from.0.saturating_add(lot.0.saturating_mul(by)));
    if !to.is_negative() {
        ticket.quantity.offer(&format::qty(to));
    }
}

fn step_price(ticket: &mut Ticket, model: &Model, by: i64) {
    let Some(instrument) = ticket.instrument(model) else { return };
    let decimals = instrument.price_decimals();
    let field = if ticket.focus == Focus::Stop { &mut ticket.stop } else { &mut ticket.price };
    let seed = model.market.quote(instrument.id).and_then(|q| q.view.last).map_or(instrument.reference, |l| l.price);
    let from = number::price(field.text()).unwrap_or(seed);
    let to = Price(from.0.saturating_add(instrument.tick.0.saturating_mul(by)));
    if to.is_positive() {
        field.offer(&format!("{to:.decimals$}"));
    }
}

fn step_account(ticket: &mut Ticket, model: &Model, by: i64) {
    let codes: Vec<&str> = model
        .desk
        .accounts
        .values()
        .filter(|account| account.rights.has(Rights::TRADE))
        .map(|account| account.code.as_str())
        .collect();
    let now = codes.iter().position(|code| code.eq_ignore_ascii_case(ticket.account.text()));
    let next = match now {
        None => codes.first(),
        Some(at) if by > 0 => codes.get(at.saturating_add(1)).or(codes.first()),
        Some(at) => at.checked_sub(1).and_then(|at| codes.get(at)).or(codes.last()),
    };
    if let Some(code) = next {
        ticket.account.offer(code);
    }
}

/// Fills in what the listing gives: account and price.
pub(in crate::app) fn seed_now(ticket: &mut Ticket, model: &Model) {
    seed(ticket, model);
    ticket.edited(model.now.mono_ms);
}

impl Ticket {
    /// True where a letter is no text, so that it may be an action.
    pub(in crate::app) const fn takes_numbers(&self) -> bool {
        matches!(self.focus, Focus::Quantity | Focus::Price | Focus::Stop)
    }

    /// A ticket taken up again: the dry run is due, the market is looked at as it is now.
    pub(in crate::app) fn edited_now(&mut self, model: &Model) {
        seed_now(self, model);
    }
}
