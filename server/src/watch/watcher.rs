//! Surveillance as the replica runs it: every durable fact goes past it, and what it finds is recorded; it must wait for nobody.

use std::net::SocketAddr;

use turret_engine::{Input, State};
use turret_shared::entry::{Actor, Head, Origin};
use turret_shared::event::Event;
use turret_shared::event::ops::Connected;
use turret_shared::ids::CorrelationId;

use super::judge::Judge;
use super::thresholds::Thresholds;
use crate::random::Random;
use crate::replica::texts::Texts;
use crate::sequencer::inbox::Inbox;

/// The rules, and the way into the log.
pub struct Watcher {
    judge: Judge,
    inbox: Inbox,
    random: Random,
    addresses: Option<Texts>,
}

impl Watcher {
    /// Knowing nothing of what was before.
    #[must_use]
    pub fn new(thresholds: Thresholds, inbox: Inbox, random: Random) -> Self {
        Self { judge: Judge::new(thresholds), inbox, random, addresses: None }
    }

    /// The same, told by the vault where connections come from; it asks only where the house named places.
    #[must_use]
    pub fn asking(self, addresses: Texts) -> Self {
        Self { addresses: Some(addresses), ..self }
    }

    /// The same, told how the house is before the first fact it sees.
    #[must_use]
    pub fn knowing(mut self, state: &State) -> Self {
        self.judge.begin(state);
        self
    }

    fn place(&mut self, connected: &Connected) {
        let Some(addresses) = self.addresses.as_ref().filter(|_| self.judge.minds_places()) else { return };
        if let Ok(address) = addresses.text(&connected.address).parse::<SocketAddr>() {
            self.judge.comes_from(connected.connection, address.ip());
        }
    }

    /// One more durable fact, in order. A full inbox is told to the operator, who has worse to look at.
    pub(crate) fn see(&mut self, head: &Head, event: &Event) {
        if let Event::Connected(connected) = event {
            self.place(connected);
        }
        for alert in self.judge.see(head, event) {
            let mut bits = [0; 8];
            // Without randomness the id is still one to quote.
            let _ = (self.random)(&mut bits);
            let origin = Origin::of(Actor::Engine, CorrelationId::from_bits(u64::from_le_bytes(bits)));
            if self.inbox.note(Input::Note(origin, Box::new(Event::AlertRaised(alert)))).is_err() {
                tracing::warn!("no room to record an alert");
            }
        }
    }
}
