//! What the house wants done about an alert besides telling it, rule by rule: data of a deployment; it must do none of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use turret_shared::event::alert::{AlertAnswer, AlertRule};

/// The word for no more than telling it.
const ALERT: &str = "alert";

/// `[watch.answers]` of `turretd.toml`: a rule it does not name only tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Answers([Option<AlertAnswer>; AlertRule::ALL.len()]);

impl Answers {
    /// What is done about an alert of this rule.
    #[must_use]
    pub fn of(&self, rule: AlertRule) -> Option<AlertAnswer> {
        self.each().find(|(known, _)| *known == rule).and_then(|(_, answer)| answer)
    }

    /// The same, but for one rule.
    #[must_use]
    pub fn with(mut self, rule: AlertRule, answer: AlertAnswer) -> Self {
        for (known, slot) in AlertRule::ALL.into_iter().zip(&mut self.0) {
            if known == rule {
                *slot = Some(answer);
            }
        }
        self
    }

    fn each(&self) -> impl Iterator<Item = (AlertRule, Option<AlertAnswer>)> {
        AlertRule::ALL.into_iter().zip(self.0)
    }

    /// As the file of a new deployment spells them out.
    pub(super) fn text(&self) -> String {
        let words = [ALERT].into_iter().chain(AlertAnswer::ALL.map(AlertAnswer::as_str)).collect::<Vec<_>>().join(", ");
        let line = |(rule, answer): (AlertRule, Option<AlertAnswer>)| {
            format!("{} = \"{}\"\n", rule.as_str(), answer.map_or(ALERT, AlertAnswer::as_str))
        };
        let lines: String = self.each().filter(|(rule, _)| rule.is_personal()).map(line).collect();
        format!("\n[watch.answers]\n# What is done besides telling it: one of {words}.\n{lines}")
    }
}

impl From<Answers> for BTreeMap<String, String> {
    fn from(answers: Answers) -> Self {
        let named = answers.each().filter_map(|(rule, answer)| answer.map(|answer| (rule, answer)));
        named.map(|(rule, answer)| (rule.as_str().to_owned(), answer.as_str().to_owned())).collect()
    }
}

impl TryFrom<BTreeMap<String, String>> for Answers {
    type Error = String;

    fn try_from(named: BTreeMap<String, String>) -> Result<Self, String> {
        let mut answers = Self::default();
        for (rule, answer) in named {
            let known = AlertRule::ALL.into_iter().find(|known| known.as_str() == rule);
            let known = known.ok_or_else(|| format!("watch.answers: `{rule}` is no rule of surveillance"))?;
            if answer == ALERT {
                continue;
            }
            let wanted = AlertAnswer::ALL.into_iter().find(|wanted| wanted.as_str() == answer);
            let wanted = wanted.ok_or_else(|| format!("watch.answers: {rule} = `{answer}` is no answer"))?;
            if !known.is_personal() {
                return Err(format!("watch.answers: an alert of {rule} is about nobody: it can only be told"));
            }
            answers = answers.with(known, wanted);
        }
        Ok(answers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[(&str, &str)]) -> Result<Answers, String> {
        let named: BTreeMap<_, _> = lines.iter().map(|(rule, answer)| ((*rule).into(), (*answer).into())).collect();
        Answers::try_from(named)
    }

    #[test]
    fn what_is_said_counts_and_what_is_not_known_is_refused_by_name() {
        let answers = read(&[("probing", "kill_session"), ("off_hours", "alert")]).unwrap();
        assert_eq!(answers.of(AlertRule::Probing), Some(AlertAnswer::KillSession));
        assert_eq!(answers.of(AlertRule::OffHours), None);
        assert_eq!(answers.of(AlertRule::BruteForce), None);
        for (rule, answer, says) in [
            ("probbing", "alert", "`probbing` is no rule"),
            ("probing", "shoot", "probing = `shoot` is no answer"),
            ("stuffing", "lock_user", "stuffing is about nobody"),
            ("clock_step", "lock_user", "clock_step is about nobody"),
        ] {
            assert!(read(&[(rule, answer)]).unwrap_err().contains(says));
        }
    }
}
