//! Commands and venue facts against the log: present, equal, once, whole; it must not add up amounts.

use std::collections::{BTreeMap, BTreeSet};

use turret_engine::{State, views};
use turret_shared::command::{NewOrder, Verb};
use turret_shared::digest::Digest;
use turret_shared::entry::Actor;
use turret_shared::event::Event;
use turret_shared::event::order::OrderNew;
use turret_shared::event::venue::Surprise;
use turret_shared::ids::{ExecId, OrderId};
use turret_shared::order::ExecType;
use turret_shared::venue::{Report, ReportKind, VenueExecId};
use turret_shared::wire::control::{Accepted, Outcome};

use super::checker::{Findings, Promise};
use super::evidence::{Evidence, Logged};
use super::ledger::{Ledger, Sent, Told};

/// Entries by the command that caused them.
pub(super) struct Index<'a> {
    entries: &'a [Logged],
    /// Commands by the digest of their bytes: what was done for them.
    done: BTreeMap<[u8; 32], Vec<&'a Logged>>,
    /// Commands denied or refused.
    declined: BTreeMap<[u8; 32], Vec<&'a Logged>>,
    /// Cancels that a mass cancel made.
    mass: BTreeMap<[u8; 32], u32>,
}

impl<'a> Index<'a> {
    pub(super) fn new(evidence: &'a Evidence) -> Self {
        let mut index = Self {
            entries: &evidence.entries,
            done: BTreeMap::new(),
            declined: BTreeMap::new(),
            mass: BTreeMap::new(),
        };
        for logged in &evidence.entries {
            match &logged.event {
                Event::OrderNew(e) => index.done.entry(e.terms.command.0).or_default().push(logged),
                Event::Amend(e) => index.done.entry(e.terms.command.0).or_default().push(logged),
                Event::CancelAll(e) => index.done.entry(e.command.0).or_default().push(logged),
                Event::Cancel(e) if e.cl_ord_id.is_some() => index.done.entry(e.command.0).or_default().push(logged),
                Event::Cancel(e) => *index.mass.entry(e.command.0).or_default() += 1,
                Event::OrderDenied(e) => {
                    let digest = e.terms.as_ref().map_or(Digest([0; 32]), |terms| terms.command);
                    index.declined.entry(digest.0).or_default().push(logged);
                }
                Event::AmendRefused(e) | Event::CancelRefused(e) => {
                    index.declined.entry(e.command.0).or_default().push(logged);
                }
                _ => {}
            }
        }
        index
    }
}

/// Every command sent, against the log.
pub(super) fn commands(findings: &mut Findings, index: &Index<'_>, state: &State, ledger: &Ledger) {
    for (id, sent) in ledger.iter() {
        let digest = turret_shared::command::Command::digest(&sent.bytes);
        let done = index.done.get(&digest).map_or(&[] as &[&Logged], Vec::as_slice);
        findings.holds(done.len() <= 1, Promise::OneOrder, || format!("{id} was done {} times", done.len()));
        findings.holds(!sent.never_left() || done.is_empty(), Promise::NotSent, || {
            format!("{id} never left the client and is in the log")
        });
        for told in &sent.told {
            if let Told::Answer(outcome) = told {
                answer(findings, id, sent, outcome, done.first().copied(), state, index);
            }
        }
        let mut orders: Vec<OrderId> = sent.accepted().map(|accepted| accepted.order.order_id).collect();
        orders.dedup();
        findings.holds(orders.len() <= 1, Promise::OneOrder, || format!("{id} was answered with {orders:?}"));
    }
}

fn answer(
    findings: &mut Findings,
    id: &str,
    sent: &Sent,
    outcome: &Outcome,
    done: Option<&Logged>,
    state: &State,
    index: &Index<'_>,
) {
    match outcome {
        Outcome::Order(accepted) => {
            let Some(done) = done else {
                findings.holds(false, Promise::Acknowledged, || {
                    format!("{id} was acknowledged as {} and is not in the log", accepted.order.order_id)
                });
                return;
            };
            acknowledged(findings, id, sent, accepted, done, state);
            receipt(findings, id, accepted, done, index);
        }
        Outcome::CancelAll { requested, already } => {
            let same = matches!(done.map(|done| &done.event),
                Some(Event::CancelAll(e)) if e.requested == *requested && e.already == *already);
            findings.holds(same, Promise::Acknowledged, || format!("mass cancel {id} is not as acknowledged"));
        }
        Outcome::Denied(_) | Outcome::Refused(_) => {
            findings
                .holds(done.is_none(), Promise::Acknowledged, || format!("{id} was declined and done all the same"));
        }
        _ => {}
    }
}

/// The order as acknowledged is the order as sent and as recorded.
fn acknowledged(findings: &mut Findings, id: &str, sent: &Sent, accepted: &Accepted, done: &Logged, state: &State) {
    let order = accepted.order.order_id;
    let equal = match (&sent.command.verb, &done.event) {
        (Verb::OrderNew(asked), Event::OrderNew(new)) => {
            OrderId::new(done.head.sequence, 0) == order && is_as_sent(asked, new, accepted, state)
        }
        (Verb::OrderAmend(asked), Event::Amend(amend)) => {
            amend.terms.order == asked.order && order == asked.order && amend.terms.qty == asked.qty
        }
        (Verb::OrderCancel(asked), Event::Cancel(cancel)) => cancel.order == asked.order && order == asked.order,
        _ => false,
    };
    findings.holds(equal, Promise::Acknowledged, || format!("{id} ({order}) is not in the log as acknowledged"));
    findings.holds(views::order_row(state, order).is_some(), Promise::Acknowledged, || {
        format!("{order} ({id}) was acknowledged and is no order")
    });
}

fn is_as_sent(asked: &NewOrder, new: &OrderNew, accepted: &Accepted, state: &State) -> bool {
    let (terms, row) = (&new.terms, &accepted.order);
    terms.cl_ord_id == asked.cl_ord_id
        && state.account_by_code(&asked.account) == Some(terms.account)
        && state.instrument_by_symbol(&asked.symbol) == Some(terms.instrument)
        && (terms.side, terms.qty, terms.ord_type, terms.price, terms.stop_px, terms.tif)
            == (asked.side, asked.qty, asked.ord_type, asked.price, asked.stop_px, asked.tif)
        && (terms.account, terms.instrument, terms.side) == (row.account, row.instrument, row.side)
}

/// The receipt of a first answer names the entry that records it, by place and leaf.
fn receipt(findings: &mut Findings, id: &str, accepted: &Accepted, done: &Logged, index: &Index<'_>) {
    let entry = usize::try_from(accepted.sequence.0).ok().and_then(|at| index.entries.get(at));
    let first = accepted.order.exec_type != ExecType::OrderStatus;
    let same = entry.is_some_and(|entry| entry.leaf.0.as_slice() == accepted.leaf)
        && (!first || accepted.sequence == done.head.sequence);
    findings.holds(same, Promise::Acknowledged, || {
        format!("the receipt of {id} names entry {}, which is another", accepted.sequence)
    });
}

/// What the log must keep by itself, whoever sent it.
pub(super) fn log_alone(findings: &mut Findings, index: &Index<'_>) {
    let mut names = BTreeSet::new();
    for (digest, done) in &index.done {
        for logged in done {
            let (name, whole) = match &logged.event {
                Event::OrderNew(e) => (Some(&e.terms.cl_ord_id), true),
                Event::Amend(e) => (Some(&e.terms.cl_ord_id), true),
                Event::CancelAll(e) => {
                    (Some(&e.cl_ord_id), index.mass.get(digest).copied().unwrap_or(0) == e.requested)
                }
                Event::Cancel(e) => (e.cl_ord_id.as_ref(), true),
                _ => (None, true),
            };
            let at = logged.head.sequence;
            findings.holds(whole, Promise::AllOrNothing, || format!("the mass cancel of entry {at} is not whole"));
            if let (Some(name), Actor::User(user)) = (name, logged.head.origin.actor) {
                let fresh = names.insert((user, name.as_str()));
                findings
                    .holds(fresh, Promise::OneOrder, || format!("{name:?} stands for a second command at entry {at}"));
            }
        }
        let both = index.declined.contains_key(digest) && done.iter().any(|l| matches!(l.event, Event::OrderNew(_)));
        findings.holds(!both, Promise::OneOrder, || "an order was taken and denied".to_owned());
    }
}

/// The venue's facts against ours, one by one.
pub(super) fn venue(findings: &mut Findings, evidence: &Evidence) {
    let mut ours: BTreeMap<u64, &Logged> = BTreeMap::new();
    let mut execs: BTreeMap<ExecId, VenueExecId> = BTreeMap::new();
    let mut booked = BTreeSet::new();
    for logged in &evidence.entries {
        let at = logged.head.sequence;
        if let Event::Unmatched(fact) = &logged.event {
            let cause = fact.cause;
            findings.holds(false, Promise::Venue, || {
                format!("entry {at}: a fact that matches nothing ({})", cause.as_str())
            });
        }
        if let Some(exec) = exec_of(&logged.event) {
            findings.holds(booked.insert(exec), Promise::Execution, || format!("execution {} is booked twice", exec.0));
            execs.insert(ExecId::new(at, 0), exec);
        }
        let Some(mark) = logged.event.mark() else { continue };
        for (surprise, word) in
            [(Surprise::GAP, "gap"), (Surprise::CUM_QTY_DIFFERS, "cum_qty_differs"), (Surprise::OVERFILL, "overfill")]
        {
            findings.holds(!mark.surprise.has(surprise), Promise::Venue, || format!("entry {at} is flagged {word}"));
        }
        if mark.sequence != 0 && ours.insert(mark.sequence, logged).is_some() {
            findings
                .holds(false, Promise::Execution, || format!("the venue's fact {} is recorded twice", mark.sequence));
        }
    }
    let recorded = ours.keys().next_back().copied().unwrap_or(0);
    for (place, report) in (1..).zip(&evidence.reports) {
        findings.holds(report.sequence == place, Promise::Venue, || format!("the venue's own fact {place} is missing"));
        if report.sequence > recorded {
            continue;
        }
        let same = ours.get(&report.sequence).is_some_and(|logged| is_same(report, &logged.event, &execs));
        findings
            .holds(same, Promise::Venue, || format!("the venue's fact {} is not recorded as it was", report.sequence));
    }
    let tip = evidence.reports.last().map_or(0, |report| report.sequence);
    findings.holds(recorded <= tip, Promise::Venue, || format!("{recorded} facts are recorded, the venue knows {tip}"));
}

const fn exec_of(event: &Event) -> Option<VenueExecId> {
    match event {
        Event::Trade(e) => Some(e.exec),
        Event::Bust(e) => Some(e.exec),
        Event::Correct(e) => Some(e.exec),
        _ => None,
    }
}

fn is_same(report: &Report, event: &Event, execs: &BTreeMap<ExecId, VenueExecId>) -> bool {
    // A chain of corrections names its latest report; ours names the execution it began with.
    let known = |trade: &ExecId| execs.contains_key(trade);
    match (&report.kind, event) {
        (ReportKind::New { id, .. }, Event::VenueNew(e)) => id.order == e.order,
        (ReportKind::Rejected { id, .. }, Event::VenueRejected(e)) => id.order == e.order,
        (ReportKind::Trade { id, exec, qty, price, .. }, Event::Trade(e)) => {
            (id.order, id.revision, *exec, *qty, *price) == (e.order, e.revision, e.exec, e.qty, e.price)
        }
        (ReportKind::Bust { order, exec, .. }, Event::Bust(e)) => {
            (*order, *exec) == (e.order, e.exec) && known(&e.trade)
        }
        (ReportKind::Correct { order, exec, qty, price, .. }, Event::Correct(e)) => {
            (*order, *exec, *qty, *price) == (e.order, e.exec, e.qty, e.price) && known(&e.trade)
        }
        (ReportKind::Canceled { order, .. }, Event::Canceled(e)) => *order == e.order,
        (ReportKind::Replaced { id, qty, price, .. }, Event::Replaced(e)) => {
            (id.order, id.revision, *qty, *price) == (e.order, e.revision, e.qty, e.price)
        }
        (ReportKind::CancelRejected { id, .. }, Event::CancelRejected(e)) => {
            (id.order, id.revision) == (e.order, e.revision)
        }
        (ReportKind::Expired { order, .. }, Event::Expired(e))
        | (ReportKind::DoneForDay { order }, Event::DoneForDay(e))
        | (ReportKind::Suspended { order }, Event::Suspended(e))
        | (ReportKind::Triggered { order }, Event::Triggered(e)) => *order == e.order,
        (ReportKind::Restated { order, qty, .. }, Event::Restated(e)) => (*order, *qty) == (e.order, e.qty),
        (ReportKind::Session { open }, Event::VenueSession(e)) => *open == e.open,
        (ReportKind::Halt { instrument, halted }, Event::Halt(e)) => (*instrument, *halted) == (e.instrument, e.halted),
        (ReportKind::SimRefused { .. }, Event::SimRefused(_)) => true,
        _ => false,
    }
}
