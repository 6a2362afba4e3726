//! What was sent or asked and not yet answered, and what comes of the answers; it must never send a command twice.

use turret_shared::command::NewOrder;
use turret_shared::denial::{Denial, Refusal};
use turret_shared::ids::{ApprovalId, ClOrdId, CorrelationId, InstrumentId, OrderId, UserId};
use turret_shared::order::OrdStatus;
use turret_shared::role::Permission;
use turret_shared::time::Timestamp;
use turret_shared::view::OrderView;
use turret_shared::wire::control::Outcome;
use turret_shared::wire::query::{AnswerBody, Ask};

use super::alerts::{About, Kind};
use super::effect::{Effect, Request};
use super::modal::{Denied, Modal, Refused};
use super::ticket::{self, Draft};
use super::{Model, alerts, audit, chart, codes, command, detail, drafts, feed, held, new_key, password, stepup};
use crate::actions::Id;
use crate::format;

/// What is in doubt is asked for again after this, where the question failed, in milliseconds.
const PROBE_AGAIN_MS: u64 = 5_000;

/// A command or proof under way.
#[derive(Debug)]
pub enum Flight {
    /// A new order.
    New {
        /// As sent.
        order: Box<NewOrder>,
        /// As typed.
        draft: Draft,
        /// When.
        sent: Timestamp,
        /// The link was lost before the answer.
        in_doubt: bool,
    },
    /// An amend.
    Amend {
        /// Which order.
        order: OrderId,
        /// It, in one line.
        line: String,
    },
    /// A cancel.
    Cancel {
        /// Which order.
        order: OrderId,
        /// It, in one line.
        line: String,
    },
    /// Cancel all of one's own.
    CancelAll,
    /// An act on a person, a session or a device.
    Manage {
        /// It, in one line.
        line: String,
    },
    /// A code for what waits in the step-up modal.
    Proof,
    /// A new password of one's own.
    Password,
    /// A security key of one's own.
    NewKey,
}

/// A question under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Rows of a table that waits for a second person.
    TableRows(ApprovalId),
    /// Executions of an order.
    Fills(OrderId),
    /// What happened to an order.
    Story(OrderId),
    /// Recent trades of a listing.
    Trades(InstrumentId),
    /// Bars of a listing.
    Bars(InstrumentId),
    /// Depth of a listing, before the next datagram.
    Quote,
    /// A search of the log, by its number.
    Audit(u64),
    /// Its next page, by the number of the search.
    AuditMore(u64),
    /// The proof pack of an order.
    Pack(OrderId),
    /// People.
    People,
    /// One person in full.
    Person(UserId),
    /// Accounts by their codes.
    AccountCodes,
    /// Desks and listings.
    House,
    /// Denied attempts.
    Attempts,
    /// Sessions, keys and devices of one's own.
    Own,
    /// Sources that are out.
    Bans,
    /// Live sessions.
    Sessions,
    /// Devices.
    Devices,
    /// Limits.
    Limits,
    /// What waits for a second person.
    Approvals,
    /// Policy figures.
    Policies,
    /// Limits of the account behind a no.
    Behind(CorrelationId),
    /// Whether the server has an order whose answer was lost.
    Probe(Request),
}

impl Flight {
    /// True for what enters, changes or cancels orders: the rest is no order on its way.
    #[must_use]
    pub const fn is_of_orders(&self) -> bool {
        matches!(self, Self::New { .. } | Self::Amend { .. } | Self::Cancel { .. } | Self::CancelAll)
    }

    /// In one line.
    #[must_use]
    pub fn line(&self, model: &Model) -> String {
        match self {
            Self::New { order, .. } => command::new_order_line(model, order),
            Self::Amend { line, .. } => format!("AMEND {line}"),
            Self::Cancel { line, .. } => format!("CANCEL {line}"),
            Self::Manage { line } => line.clone(),
            Self::CancelAll => "CANCEL ALL my working orders".into(),
            Self::Proof => "code".into(),
            Self::Password => "NEW PASSWORD".into(),
            Self::NewKey => "NEW SECURITY KEY".into(),
        }
    }
}

/// A command or proof was answered.
pub fn replied(
    model: &mut Model,
    request: Request,
    correlation: CorrelationId,
    outcome: Outcome,
    out: &mut Vec<Effect>,
) {
    let Some(flight) = model.flights.remove(&request) else { return };
    match (flight, outcome) {
        (Flight::Proof, Outcome::Proof(outcomes)) => {
            for (flight, outcome) in stepup::proved(model, request).into_iter().zip(outcomes) {
                settle(model, flight, correlation, outcome, out);
            }
        }
        (Flight::Proof, Outcome::ProofRefused { spent, next_code_s }) => {
            stepup::refused(model, request, spent, next_code_s);
        }
        (Flight::Proof, Outcome::Busy) => {
            stepup::unanswered(model, request, "The server is busy: nothing was done. Give another code.");
        }
        (Flight::Proof, other) => {
            // One pending command is answered as itself; of several, what befell the proof befell each.
            for flight in stepup::proved(model, request) {
                settle(model, flight, correlation, other.clone(), out);
            }
        }
        (Flight::Password, outcome) => password_answered(model, request, outcome),
        (Flight::NewKey, outcome) => new_key::answered(model, request, outcome),
        (flight, outcome) => settle(model, flight, correlation, outcome, out),
    }
}

fn password_answered(model: &mut Model, request: Request, outcome: Outcome) {
    match outcome {
        Outcome::PasswordChanged { .. } => password::changed(model, request),
        Outcome::PasswordRefused(fault) => password::unfit(model, request, fault),
        Outcome::ProofRefused { spent, next_code_s } => password::unproved(model, request, spent, next_code_s),
        Outcome::Denied(denial) => password::unanswered(model, request, &turret_shared::text::escaped(&denial.text)),
        _ => password::unanswered(model, request, "The server is busy: nothing was changed. Try again."),
    }
}

fn settle(model: &mut Model, flight: Flight, correlation: CorrelationId, outcome: Outcome, out: &mut Vec<Effect>) {
    match outcome {
        Outcome::Order(accepted) => {
            let line = flight.line(model);
            let known = model.orders.get(accepted.order.order_id).map(|row| row.sequence);
            if known.is_none_or(|known| known <= accepted.order.sequence) {
                feed::order(model, &accepted.order);
            }
            let (id, receipt) = (accepted.order.order_id, accepted.sequence);
            model.tell(&match flight {
                Flight::Amend { .. } | Flight::Cancel { .. } => {
                    format!("{line}  ({id}) is asked for. Receipt {receipt}.")
                }
                _ if accepted.order.ord_status == OrdStatus::PendingApproval => {
                    format!("{line}  is {id}: it waits for a second person and goes nowhere before. Receipt {receipt}.")
                }
                _ => format!("{line}  is {id}. Receipt {receipt}."),
            });
        }
        // One that only time stands behind has a window that counts it down.
        Outcome::Denied(denial) if matches!(flight, Flight::Manage { .. }) && denial.until.is_none() => {
            let why = turret_shared::text::escaped(&denial.text);
            model.insist(&format!("{}: not done: {why}.", flight.line(model)), Some(correlation));
        }
        Outcome::Denied(denial) => denied(model, &flight, correlation, *denial),
        Outcome::Refused(refusal) => refused(model, &flight, correlation, *refusal),
        Outcome::StepUp { pending, expires, reason, sign } => {
            stepup::asked(model, (pending, sign.is_some()), expires, reason, flight);
        }
        Outcome::CancelAll { requested, already } => {
            let also = if already > 0 { format!(", {already} were being cancelled already") } else { String::new() };
            model.tell(&format!(
                "Cancel asked for {}{also}. Each may still fill before the venue answers.",
                format::counted(usize::try_from(requested).unwrap_or(usize::MAX), "order")
            ));
        }
        Outcome::Busy => {
            let line = flight.line(model);
            keep(model, flight);
            model.insist(&format!("The server is busy: nothing happened. {line}"), Some(correlation));
        }
        Outcome::Sim => model.tell("The simulator was told."),
        Outcome::CodeMade(made) => {
            super::manage::code_made(model, *made);
            super::asked::ask(model, out);
        }
        Outcome::ApprovalAsked(approval, _) => {
            let line = flight.line(model);
            super::enlist::done(model, &line);
            let key = model.keys.first(Id::Approvals);
            model.tell(&format!("{line}: waits for a supervisor's word as request {approval} ({key} shows it)."));
            super::approvals::ask(model, out);
        }
        Outcome::Managed => {
            let line = flight.line(model);
            super::enlist::done(model, &line);
            model.tell(&format!("{line}: done. It is in the log."));
            super::asked::ask(model, out);
            super::own::ask(model, out);
            super::approvals::ask(model, out);
        }
        Outcome::Proof(_)
        | Outcome::ProofRefused { .. }
        | Outcome::PasswordChanged { .. }
        | Outcome::DeviceRenewed(_)
        | Outcome::PasswordRefused(_)
        | Outcome::KeyOffer(_)
        | Outcome::KeyRegistered { .. } => {}
    }
}

/// Our no opens its window, with the ticket for another try.
fn denied(model: &mut Model, flight: &Flight, correlation: CorrelationId, denial: Denial) {
    let (draft, order) = match flight {
        Flight::New { draft, .. } => (Some(draft.clone()), None),
        Flight::Amend { order, .. } | Flight::Cancel { order, .. } => (None, Some(*order)),
        Flight::Manage { .. } | Flight::CancelAll | Flight::Proof | Flight::Password | Flight::NewKey => (None, None),
    };
    let line = flight.line(model);
    let time = model.now.wall;
    let saw = match flight {
        Flight::New { order, .. } => order.saw.clone(),
        _ => None,
    };
    alerts::denied(model, flight, &line, &denial, correlation);
    held::stand(model, Modal::Denied(Box::new(Denied { line, draft, order, denial, correlation, time, top: 0, saw })));
}

/// A no to an amend or cancel opens its window; the order is as it was.
fn refused(model: &mut Model, flight: &Flight, correlation: CorrelationId, refusal: Refusal) {
    let (what, order) = match flight {
        Flight::Amend { order, .. } => ("AMEND", Some(*order)),
        Flight::Cancel { order, .. } => ("CANCEL", Some(*order)),
        Flight::New { .. }
        | Flight::Manage { .. }
        | Flight::CancelAll
        | Flight::Proof
        | Flight::Password
        | Flight::NewKey => ("REQUEST", None),
    };
    let line = flight.line(model);
    let text = format!("{what} REFUSED: {line}: {}", turret_shared::text::escaped(&refusal.text));
    let account = order.and_then(|id| model.orders.get(id)).map(|row| row.account);
    model.alert(Kind::Refused, &text, About { order, account, reference: Some(correlation) }, false);
    held::stand(model, Modal::Refused(Box::new(Refused { what, order, line, refusal, correlation })));
}

fn keep(model: &mut Model, flight: Flight) {
    if let Flight::New { draft, .. } = flight {
        drafts::keep(model, draft);
    }
}

/// A command or proof brought no answer.
pub fn lost(model: &mut Model, request: Request, why: &str, doubt: bool) {
    match model.flights.get_mut(&request) {
        Some(Flight::New { in_doubt, .. }) if doubt => {
            *in_doubt = true;
            let text = "IN DOUBT: the link was lost before the answer. The server is asked; nothing is sent again.";
            model.alert(Kind::InDoubt, text, About::default(), true);
        }
        Some(Flight::Password) => {
            model.flights.remove(&request);
            let text = if doubt {
                "The link was lost before the answer: at the next sign-in take the new password, and if it fails the old."
            } else {
                why
            };
            password::unanswered(model, request, text);
        }
        Some(Flight::NewKey) => {
            model.flights.remove(&request);
            let text = "The link was lost before the answer: the key may be registered. Sign in with it to see.";
            new_key::unanswered(model, request, if doubt { text } else { why });
        }
        Some(Flight::Proof) => {
            model.flights.remove(&request);
            if doubt {
                stepup::in_doubt(model, request, why);
            } else {
                stepup::unanswered(model, request, why);
            }
        }
        Some(_) => {
            let Some(flight) = model.flights.remove(&request) else { return };
            let line = flight.line(model);
            keep(model, flight);
            let doubt = if doubt { "IN DOUBT, look at the order" } else { "Not sent" };
            model.insist(&format!("{doubt}: {line}: {why}"), None);
        }
        None => {}
    }
}

/// The link is back and the orders are known again: asks for every new order whose answer was lost.
pub fn probe(model: &mut Model, out: &mut Vec<Effect>) {
    let doubtful: Vec<(Request, ClOrdId)> = model
        .flights
        .iter()
        .filter_map(|(request, flight)| match flight {
            Flight::New { in_doubt: true, order, .. } => Some((*request, order.cl_ord_id.clone())),
            _ => None,
        })
        .collect();
    for (of, name) in doubtful {
        let ask = Ask::Orders { status: None, account: None, cl_ord_id: Some(name) };
        model.ask(Question::Probe(of), ask, out);
    }
}

/// The server could not be asked: said once, and asked again in a while.
fn unprobed(model: &mut Model, why: &str) {
    if model.probe_due_ms.replace(model.now.mono_ms.saturating_add(PROBE_AGAIN_MS)).is_none() {
        let every = PROBE_AGAIN_MS / 1_000;
        let text = format!("IN DOUBT: the server could not be asked ({why}). It is asked again every {every} s.");
        model.insist(&text, None);
    }
}

/// Asks again for what is in doubt, once that is due and there is a link to ask over.
pub(super) fn probe_again(model: &mut Model, out: &mut Vec<Effect>) {
    let asking = model.questions.values().any(|question| matches!(question, Question::Probe(_)));
    let due = model.probe_due_ms.is_some_and(|due| due <= model.now.mono_ms);
    if due && !asking && model.can_send().is_ok() {
        let doubtful = model.flights.values().any(|flight| matches!(flight, Flight::New { in_doubt: true, .. }));
        if !doubtful {
            model.probe_due_ms = None;
        }
        probe(model, out);
    }
}

fn probed(model: &mut Model, of: Request, orders: &[OrderView]) {
    model.probe_due_ms = None;
    let Some(Flight::New { order, draft, .. }) = model.flights.remove(&of) else { return };
    let line = command::new_order_line(model, &order);
    // It was asked for by name; an amend since then gave it another.
    if let Some(found) = orders.first() {
        model.insist(&format!("{line}: the server has it as {}.", found.order_id), None);
        if model.orders.get(found.order_id).is_none() {
            feed::order(model, found);
        }
    } else {
        drafts::keep(model, draft);
        model.insist(
            &format!(
                "{line}: the server never got it. It is in Drafts ({} steps there): {} edits it.",
                model.keys.first(Id::TabNext),
                model.keys.first(Id::Open)
            ),
            None,
        );
    }
}

/// A question was answered; true when the answer says something new.
pub fn answered(model: &mut Model, request: Request, body: AnswerBody, out: &mut Vec<Effect>) -> bool {
    if ticket::answered(model, request, &body) {
        return true;
    }
    let Some(question) = model.questions.remove(&request) else { return false };
    match (question, body) {
        (Question::Fills(order), AnswerBody::Fills(fills)) => detail::fills_known(model, order, fills),
        (Question::Story(order), AnswerBody::Audit(rows)) => detail::story_known(model, order, rows),
        (Question::Trades(instrument), AnswerBody::Trades(trades)) => model.market.set_trades(instrument, trades),
        (Question::Bars(instrument), AnswerBody::Bars(bars)) => chart::told(model, instrument, bars),
        (Question::Quote, AnswerBody::Quote(quote)) => {
            model.market.put(*quote, model.now.wall);
        }
        (Question::Audit(of), AnswerBody::Audit(rows)) => audit::found(model, of, rows),
        (Question::AuditMore(of), AnswerBody::Audit(rows)) => audit::found_more(model, of, rows),
        // Whoever has it in a file says where.
        (Question::Pack(order), AnswerBody::Pack(bytes)) => out.push(Effect::KeepPack { order, bytes }),
        (Question::People, AnswerBody::People(rows)) => return model.users.people_told(rows),
        (Question::Person(_), AnswerBody::Person(facts)) => return model.users.looked.told(facts),
        (Question::Policies, AnswerBody::Policies(rows)) => super::policy::told(model, rows),
        (Question::Approvals, AnswerBody::Approvals(rows)) => return super::approvals::told(model, rows),
        (Question::AccountCodes, AnswerBody::AccountCodes(rows)) => return codes::told(model, rows),
        (Question::Own, AnswerBody::Own(view)) => super::own::told(model, view),
        (Question::Attempts, AnswerBody::Attempts(rows)) => return model.attempts.rows.told(rows),
        (Question::TableRows(of), AnswerBody::Bulk(rows)) => super::approvals::table_told(model, of, rows),
        (Question::House, AnswerBody::House(rows)) => return model.house.rows.told(rows),
        (Question::Bans, AnswerBody::Bans(rows)) => return model.bans.told(rows),
        (Question::Sessions, AnswerBody::Sessions(rows)) => return model.users.sessions_told(rows),
        (Question::Devices, AnswerBody::Devices(rows)) => return model.users.devices_told(rows),
        (Question::Limits, AnswerBody::Limits(rows)) => return model.limits.told(rows),
        (Question::Behind(of), AnswerBody::Limits(rows)) => model.limits.told_behind(of, rows),
        (Question::Probe(of), AnswerBody::Orders(orders)) => probed(model, of, &orders),
        _ => model.tell("An answer out of place was dropped."),
    }
    true
}

/// A question brought no answer.
pub fn unanswered(model: &mut Model, request: Request, why: &str) {
    if ticket::unanswered(model, request, why) {
        return;
    }
    match model.questions.remove(&request) {
        Some(Question::Audit(_) | Question::AuditMore(_)) => audit::failed(model, why),
        Some(Question::Pack(order)) => model.insist(&format!("No proof pack of {order}: {why}"), None),
        Some(Question::People) => model.users.people.fault = Some(why.to_owned()),
        Some(Question::Person(user)) => model.users.looked.failed(user, why),
        Some(Question::AccountCodes) => model.users.codes.fault = Some(why.to_owned()),
        Some(Question::Own) => super::own::failed(model, why),
        Some(Question::House) => model.house.rows.fault = Some(why.to_owned()),
        Some(Question::Attempts) => model.attempts.rows.fault = Some(why.to_owned()),
        Some(Question::Bans) => model.bans.rows.fault = Some(why.to_owned()),
        Some(Question::Sessions) => model.users.sessions.fault = Some(why.to_owned()),
        Some(Question::Devices) => model.users.devices.fault = Some(why.to_owned()),
        Some(Question::Policies) => model.policies.fault = Some(why.to_owned()),
        Some(Question::Approvals) => model.approvals.list.fault = Some(why.to_owned()),
        Some(Question::Limits) => model.limits.table.fault = Some(why.to_owned()),
        Some(Question::Bars(instrument)) => chart::failed(model, instrument, why),
        Some(Question::Probe(_)) => unprobed(model, why),
        Some(question @ (Question::Fills(_) | Question::Story(_))) => detail::failed(model, &question, why),
        Some(Question::TableRows(_)) => model.tell(&format!("The rows of the table did not come: {why}")),
        Some(Question::Trades(_) | Question::Quote | Question::Behind(_)) | None => {}
    }
}

/// What the role may ask for when an order is looked at; true when it is asked.
pub fn ask_fills(model: &mut Model, order: OrderId, out: &mut Vec<Effect>) -> bool {
    let asked = model.questions.values().any(|question| *question == Question::Fills(order));
    let may = model.may(Permission::FillRead);
    if may && !asked {
        model.ask(Question::Fills(order), Ask::Fills(Some(order)), out);
    }
    may
}
