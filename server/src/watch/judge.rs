//! Shows each fact to each rule and says what they found, once in a while each; it must do no IO.

use std::collections::BTreeMap;

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::{AlertRaised, AlertRule};
use turret_shared::ids::{DeviceId, UserId};
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
}

impl Judge {
    /// Knowing nothing yet.
    #[must_use]
    pub fn new(thresholds: Thresholds) -> Self {
        Self { thresholds, rules: rules::all(), said: BTreeMap::new() }
    }

    /// What this fact, with those before it, gives reason to say.
    pub fn see(&mut self, head: &Head, event: &Event) -> Vec<AlertRaised> {
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
            raised.push(AlertRaised { rule, user, device, figure, threshold, evidence, answer });
        }
        raised
    }
}
