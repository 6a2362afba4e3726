//! Shows each fact to each rule and says what they found, once in a while each; it must do no IO.

use std::collections::BTreeMap;
use std::net::IpAddr;

use turret_engine::State;
use turret_shared::digest::Digest;
use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::{AlertAnswer, AlertRaised, AlertRule};
use turret_shared::ids::{ConnectionId, DeviceId, UserId};
use turret_shared::time::{NS_PER_S, Timestamp};

use super::rules::{self, Finding, Rule};
use super::tally::KEYS_MAX;
use super::thresholds::Thresholds;

/// The same alert about the same person and device is not raised again for so long, in seconds.
const QUIET_S: i64 = 300;

/// All rules, and what they said of late.
pub struct Judge {
    thresholds: Thresholds,
    rules: Vec<Box<dyn Rule>>,
    said: BTreeMap<(AlertRule, Option<UserId>, Option<DeviceId>), Timestamp>,
    /// What stands for the address of each connection.
    from: BTreeMap<ConnectionId, Digest>,
}

impl Judge {
    /// Knowing nothing yet.
    #[must_use]
    pub fn new(thresholds: Thresholds) -> Self {
        Self { thresholds, rules: rules::all(), said: BTreeMap::new(), from: BTreeMap::new() }
    }

    /// The house as it is before the first fact that is seen.
    pub fn begin(&mut self, state: &State) {
        self.rules.iter_mut().for_each(|rule| rule.begin(state));
    }

    /// A connection is from this address: what is kept of it is the place it is of.
    pub fn comes_from(&mut self, connection: ConnectionId, address: IpAddr) {
        if let Some(place) = self.thresholds.places.of(address) {
            self.rules.iter_mut().for_each(|rule| rule.comes_from(connection, place));
        }
    }

    /// True where the house named places, so that addresses matter.
    #[must_use]
    pub const fn minds_places(&self) -> bool {
        !self.thresholds.places.is_empty()
    }

    /// What this fact, with those before it, gives reason to say.
    pub fn see(&mut self, head: &Head, event: &Event) -> Vec<AlertRaised> {
        if let Event::Connected(connected) = event {
            if self.from.len() >= KEYS_MAX {
                self.from.pop_first();
            }
            self.from.insert(connected.connection, connected.address);
        }
        let mut raised = Vec::new();
        for rule in &mut self.rules {
            let Some(Finding { rule, user, device, figure, threshold }) = rule.see(head, event, &self.thresholds)
            else {
                continue;
            };
            let key = (rule, user, device);
            let quiet = |at: &Timestamp| head.time.since(*at) < QUIET_S.saturating_mul(NS_PER_S);
            if self.said.get(&key).is_some_and(quiet) {
                continue;
            }
            if self.said.len() >= KEYS_MAX {
                self.said.retain(|_, at| quiet(at));
            }
            self.said.insert(key, head.time);
            let (evidence, answer) = (head.sequence, self.thresholds.answers.of(rule));
            let source = head.origin.source.filter(|_| answer == Some(AlertAnswer::Ban));
            let address = source.and_then(|source| self.from.get(&source).copied());
            let delay_s = (answer == Some(AlertAnswer::Delay)).then_some(self.thresholds.delay_s);
            raised.push(AlertRaised { rule, user, device, figure, threshold, evidence, answer, address, delay_s });
        }
        raised
    }
}
