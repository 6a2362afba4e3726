//! What a client sent and what it was told of it, by ClOrdID: its outbox; it must keep every answer, not the last alone.

use std::collections::BTreeMap;

use turret_shared::command::{Command, Verb};
use turret_shared::ids::ClOrdId;
use turret_shared::wire::control::{Accepted, Outcome};

/// What the sender was told of a command, once for each time it was sent.
#[derive(Debug, Clone)]
pub enum Told {
    /// Answered.
    Answer(Outcome),
    /// Sent, and the link was lost before an answer.
    InDoubt,
    /// Never left the client.
    NotSent,
}

/// One command with everything told of it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The bytes, the same each time.
    pub bytes: Vec<u8>,
    /// What they say.
    pub command: Command,
    /// In order.
    pub told: Vec<Told>,
}

impl Sent {
    /// The acceptances among what was told.
    pub fn accepted(&self) -> impl Iterator<Item = &Accepted> {
        self.told.iter().filter_map(|told| match told {
            Told::Answer(Outcome::Order(accepted)) => Some(accepted.as_ref()),
            _ => None,
        })
    }

    /// Whether nothing of it may be in the log.
    #[must_use]
    pub fn never_left(&self) -> bool {
        self.told.iter().all(|told| matches!(told, Told::NotSent))
    }

    /// Whether a sender would ask again: sent, with no answer to its name.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let answered = |told: &Told| matches!(told, Told::Answer(outcome) if !matches!(outcome, Outcome::Busy));
        !self.told.iter().any(answered)
    }
}

/// Everything sent.
#[derive(Debug, Default)]
pub struct Ledger {
    sent: BTreeMap<String, Sent>,
    open: Vec<String>,
    acknowledged: Vec<String>,
}

impl Ledger {
    /// Writes a command down before it is sent; a repeat keeps what was told before.
    pub fn send(&mut self, command: &Command) -> Option<String> {
        let id = name(&command.verb)?.as_str().to_owned();
        self.sent.entry(id.clone()).or_insert_with(|| Sent {
            bytes: command.to_bytes(),
            command: command.clone(),
            told: Vec::new(),
        });
        Some(id)
    }

    /// Writes down what was told.
    pub fn hear(&mut self, id: &str, told: Told) {
        let Some(sent) = self.sent.get_mut(id) else { return };
        if matches!(told, Told::Answer(Outcome::Order(_))) && sent.accepted().next().is_none() {
            self.acknowledged.push(id.to_owned());
        }
        sent.told.push(told);
        if sent.is_open() {
            self.open.push(id.to_owned());
        }
    }

    /// Takes out what was sent and not answered, for asking again with the same bytes.
    pub fn take_open(&mut self) -> Vec<(String, Vec<u8>)> {
        let mut open = std::mem::take(&mut self.open);
        open.sort_unstable();
        open.dedup();
        let still = open.into_iter().filter_map(|id| {
            let sent = self.sent.get(&id).filter(|sent| sent.is_open())?;
            Some((id, sent.bytes.clone()))
        });
        still.collect()
    }

    /// Acknowledged commands with their bytes, oldest first.
    #[must_use]
    pub fn acknowledged(&self) -> &[String] {
        &self.acknowledged
    }

    /// The bytes of a command.
    #[must_use]
    pub fn bytes(&self, id: &str) -> Option<Vec<u8>> {
        self.sent.get(id).map(|sent| sent.bytes.clone())
    }

    /// All of it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Sent)> {
        self.sent.iter().map(|(id, sent)| (id.as_str(), sent))
    }
}

/// The owner's id of a command; steering the simulator has none.
#[must_use]
pub const fn name(verb: &Verb) -> Option<&ClOrdId> {
    match verb {
        Verb::OrderNew(order) => Some(&order.cl_ord_id),
        Verb::OrderAmend(amend) => Some(&amend.cl_ord_id),
        Verb::OrderCancel(cancel) => Some(&cancel.cl_ord_id),
        Verb::CancelAll(all) => Some(&all.cl_ord_id),
        Verb::Sim(_)
        | Verb::Manage(_)
        | Verb::CreateUser(_)
        | Verb::Judge(_)
        | Verb::Request(_)
        | Verb::Alert(_)
        | Verb::Own(_)
        | Verb::Ban(_)
        | Verb::Bulk(_)
        | Verb::Review(_) => None,
    }
}
