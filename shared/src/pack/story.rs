//! The story of a pack in words, made of its entries alone; it must show no text of a peer unescaped and nobody's name.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::entry::{Actor, Entry};
use crate::event::Event;
use crate::event::order::OrderTerms;
use crate::event::session::PendingCommand;
use crate::ids::{AccountId, InstrumentId, OrderId, Sequence};
use crate::money::{Price, Qty};
use crate::text::escaped;

/// What entries told so far that later ones only name by number.
struct Told<'a> {
    symbols: BTreeMap<InstrumentId, &'a str>,
    accounts: BTreeMap<AccountId, &'a str>,
    executed: BTreeMap<Sequence, Qty>,
}

/// A line an entry, in the order of the log.
pub(super) fn story(order: OrderId, entries: &[Entry]) -> Vec<String> {
    let events: Vec<Option<Event>> = entries.iter().map(|entry| entry.event().ok()).collect();
    let mut told = Told { symbols: BTreeMap::new(), accounts: BTreeMap::new(), executed: BTreeMap::new() };
    let mut lines = Vec::with_capacity(entries.len());
    for (entry, event) in entries.iter().zip(&events) {
        let head = &entry.head;
        let (action, detail) = match event {
            Some(event) => (event.action().to_owned(), told.of(order, entry, event)),
            None => (format!("kind_{}", entry.kind), String::new()),
        };
        let gap = if detail.is_empty() { "" } else { ": " };
        let (time, place, who, outcome) =
            (head.time.rfc3339(), head.sequence.0, who(head.origin.actor), entry.outcome.as_str());
        lines.push(format!("{time}  {place}  {who}  {action} {outcome}{gap}{detail}"));
    }
    lines
}

fn who(actor: Actor) -> String {
    match actor {
        Actor::Engine => "server".to_owned(),
        Actor::Venue => "venue".to_owned(),
        Actor::Operator => "operator".to_owned(),
        Actor::User(user) => format!("user {user}"),
    }
}

impl<'a> Told<'a> {
    fn of(&mut self, order: OrderId, entry: &Entry, event: &'a Event) -> String {
        match event {
            Event::InstrumentListed(e) => {
                let listing = &e.instrument;
                self.symbols.insert(listing.id, &listing.symbol);
                format!("{} {} on {}", escaped(&listing.symbol), escaped(&listing.name), escaped(&listing.mic))
            }
            Event::AccountOpened(e) => {
                self.accounts.insert(e.account.id, &e.account.code);
                format!("{} in {}", escaped(&e.account.code), e.account.currency)
            }
            Event::OrderNew(e) => {
                let waits = if e.approval.is_some() { ", waits for a second person" } else { "" };
                format!("{}{waits}", self.terms(&e.terms))
            }
            Event::OrderDenied(e) => {
                let terms =
                    e.terms.as_ref().map_or_else(|| format!("ClOrdID {}", e.cl_ord_id), |terms| self.terms(terms));
                format!("{}; {terms}", escaped(&e.denial.text))
            }
            Event::Amend(e) => format!("to {}{}, ClOrdID {}", e.qty, prices(e.price, e.stop_px), e.terms.cl_ord_id),
            Event::AmendRefused(e) | Event::CancelRefused(e) => escaped(&e.refusal.text),
            Event::Cancel(e) => e.cl_ord_id.as_ref().map_or_else(String::new, |id| format!("ClOrdID {id}")),
            Event::ProofAsked(e) => match &e.command {
                PendingCommand::New(terms) => format!("a proof is wanted for: {}", self.terms(terms)),
                PendingCommand::Amend(terms) if terms.order == order => "a proof is wanted for the amend".to_owned(),
                PendingCommand::Judge(word) => {
                    format!("a proof is wanted for the word on request {}", word.judge.approval)
                }
                _ => "a proof is wanted".to_owned(),
            },
            Event::ProofGiven(e) => format!("for step-up {} by credential {}", e.pending, e.credential),
            Event::IntentSigned(e) => format!("by credential {} of user {}", e.credential, e.user),
            Event::KeyRegistered(e) => format!("credential {} of user {}", e.credential, e.user),
            Event::SignedIn(e) => {
                format!("user {} on device {}{}", e.user, e.device, if e.script { ", a script" } else { "" })
            }
            Event::ApprovalJudged(e) => {
                let word = if e.judge.approve { "approved" } else { "refused" };
                format!("request {} {word} by user {}: {}", e.judge.approval, e.by, e.judge.ground.sentence())
            }
            other => self.of_venue(entry.head.sequence, other),
        }
    }

    fn of_venue(&mut self, place: Sequence, event: &Event) -> String {
        match event {
            Event::VenueNew(e) => (if e.working { "working" } else { "not working yet" }).to_owned(),
            Event::VenueRejected(e) => escaped(&e.reason.text),
            Event::Trade(e) => {
                self.executed.insert(place, e.qty);
                format!("{} at {}, CumQty {}, venue execution {}", e.qty, e.price, self.cum(), e.exec.0)
            }
            Event::Bust(e) => {
                self.executed.remove(&e.trade.sequence());
                format!("{} busted, CumQty {}, venue execution {}", e.trade, self.cum(), e.exec.0)
            }
            Event::Correct(e) => {
                self.executed.insert(e.trade.sequence(), e.qty);
                format!("{} is {} at {}, CumQty {}, venue execution {}", e.trade, e.qty, e.price, self.cum(), e.exec.0)
            }
            Event::Canceled(e) => {
                let asked = if e.revision.is_some() { "as asked" } else { "by the venue" };
                e.reason.as_ref().map_or_else(|| asked.to_owned(), |why| format!("{asked}: {}", escaped(&why.text)))
            }
            Event::Replaced(e) => format!("now {}{}", e.qty, prices(e.price, e.stop_px)),
            Event::CancelRejected(e) => escaped(&e.reason.text),
            Event::Restated(e) => format!("now {}: {}", e.qty, escaped(&e.reason.text)),
            _ => String::new(),
        }
    }

    fn cum(&self) -> Qty {
        self.executed.values().fold(Qty::ZERO, |sum, qty| Qty(sum.0.saturating_add(qty.0)))
    }

    fn terms(&self, terms: &OrderTerms) -> String {
        let symbol =
            self.symbols.get(&terms.instrument).map_or_else(|| format!("#{}", terms.instrument), |s| escaped(s));
        let account = self.accounts.get(&terms.account).map_or_else(|| format!("#{}", terms.account), |s| escaped(s));
        let mut line = format!(
            "{} {} {symbol} {}{} {} for {account}, ClOrdID {}",
            terms.side,
            terms.qty,
            terms.ord_type,
            prices(terms.price, terms.stop_px),
            terms.tif,
            terms.cl_ord_id,
        );
        if let Some(saw) = &terms.saw {
            let shown = |price: Option<Price>| price.map_or_else(|| "-".to_owned(), |price| price.to_string());
            line.push_str(&format!(", saw {} / {} as of {} ms before", shown(saw.bid), shown(saw.ask), saw.age_ms));
        }
        if let Some(text) = &terms.text {
            line.push_str(&format!(", text committed to as {text}"));
        }
        line
    }
}

/// ` at 189.50`, ` at 189.50 stop 189.00`, ` stop 189.00`, or nothing.
fn prices(limit: Option<Price>, stop: Option<Price>) -> String {
    let mut words = limit.map_or_else(String::new, |limit| format!(" at {limit}"));
    if let Some(stop) = stop {
        words.push_str(&format!(" stop {stop}"));
    }
    words
}
