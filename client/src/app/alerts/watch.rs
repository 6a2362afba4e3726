//! What the server's surveillance found and how it stands, as an alert of this screen; it must tell each once.

use std::collections::BTreeMap;

use turret_shared::alert::{AlertStanding, AlertStep, AlertView};
use turret_shared::ids::Sequence;
use turret_shared::limits;
use turret_shared::text::escaped;

use super::{About, Alert, Alerts, Kind, drop_read};
use crate::app::Model;

/// Those of surveillance, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Watched(BTreeMap<Sequence, AlertView>);

/// Which rows the screen shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shown {
    /// Not put away.
    #[default]
    Open,
    /// What surveillance found and nobody resolved.
    Watch,
    /// Of that, what is this person's to look into.
    Mine,
    /// What surveillance found and somebody resolved.
    Over,
    /// All of this session.
    All,
}

impl Shown {
    const ALL: [Self; 5] = [Self::Open, Self::Watch, Self::Mine, Self::Over, Self::All];

    /// The next, or the one before; where nothing of surveillance is known there are two.
    #[must_use]
    pub fn step(self, forward: bool, watched: bool) -> Self {
        let all: &[Self] = if watched { &Self::ALL } else { &[Self::Open, Self::All] };
        let at = all.iter().position(|one| *one == self).unwrap_or(0);
        let by = if forward { 1 } else { all.len().saturating_sub(1) };
        all.get(at.saturating_add(by).checked_rem(all.len()).unwrap_or(0)).copied().unwrap_or_default()
    }

    /// For the head of the list.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Open => "open only",
            Self::Watch => "of surveillance, not resolved",
            Self::Mine => "of surveillance, for you to look into",
            Self::Over => "of surveillance, resolved",
            Self::All => "all of this session",
        }
    }
}

impl Alerts {
    /// What the server tells of one of its own.
    #[must_use]
    pub fn watched(&self, alert: &Alert) -> Option<&AlertView> {
        let own = alert.kind == Kind::Watch && alert.reference.is_some();
        self.watched.0.values().rev().find(|view| own && Some(view.correlation) == alert.reference)
    }

    /// True when surveillance tells this person anything.
    #[must_use]
    pub fn is_watching(&self) -> bool {
        !self.watched.0.is_empty()
    }

    /// Whether the list shows it.
    pub(super) fn shows(&self, alert: &Alert) -> bool {
        let watched = || self.watched(alert);
        match self.shown {
            Shown::Open => !alert.dismissed,
            Shown::All => true,
            Shown::Watch => watched().is_some_and(|view| !view.standing.is_over()),
            Shown::Mine => watched()
                .is_some_and(|view| !view.standing.is_over() && view.assigned.is_some_and(|w| self.me == Some(w))),
            Shown::Over => watched().is_some_and(|view| view.standing.is_over()),
        }
    }
}

/// How an alert stands, in a few words.
#[must_use]
pub fn stands(view: &AlertView) -> String {
    let last = view.steps.last();
    let by = last.map(|step| escaped(&step.login)).unwrap_or_default();
    match (view.standing, last.map(|step| step.step)) {
        (AlertStanding::Resolved(end), _) => format!("resolved by {by}: {}", end.sentence()),
        (_, Some(AlertStep::Assign { .. })) => {
            format!("{by} gave it to {}", last.map(|step| escaped(&step.to_login)).unwrap_or_default())
        }
        (AlertStanding::Acknowledged, _) => format!("{by} looks into it"),
        (AlertStanding::Open, _) => "nobody looked into it yet".into(),
    }
}

/// An alert in a few words: `PROBING bob.ray`.
#[must_use]
pub fn line(view: &AlertView) -> String {
    let rule = view.rule.as_str().replace('_', " ").to_uppercase();
    if view.login.is_empty() { rule } else { format!("{rule} {}", escaped(&view.login)) }
}

/// Says an alert, where it stands and on the message line; one that is over is put away for everybody.
pub(in crate::app) fn raised(model: &mut Model, alert: &AlertView) {
    model.alerts.me = model.session.as_ref().map(|session| session.user.user);
    let who = match (alert.login.as_str(), alert.device) {
        ("", None) => String::new(),
        ("", Some(device)) => format!(" device {device}:"),
        (login, None) => format!(" {}:", escaped(login)),
        (login, Some(device)) => format!(" {} on device {device}:", escaped(login)),
    };
    let rule = alert.rule.as_str().replace('_', " ").to_uppercase();
    let figures = format!("{} of {}", alert.figure, alert.threshold);
    let text = format!("{rule}:{who} {} ({figures}, entry {})", alert.rule.says(), alert.alert);
    let spoken = !model.in_snapshot && alert.standing == AlertStanding::Open && alert.steps.is_empty();
    model.alert(Kind::Watch, &text, About::reference(Some(alert.correlation)), spoken);
    let watched = &mut model.alerts.watched.0;
    let known = watched.insert(alert.alert, alert.clone());
    if watched.len() > limits::ALERTS_MAX {
        watched.pop_first();
    }
    // Of one rule the newest word counts for each alert of it.
    let of_rule = |view: &&AlertView| view.rule == alert.rule;
    let newest = watched.values().filter(of_rule).map(|view| view.tally).max_by_key(|tally| tally.resolved);
    for view in watched.values_mut().filter(|view| view.rule == alert.rule) {
        view.tally = newest.unwrap_or(view.tally);
    }
    // One of before the sign-in is of when it was.
    let same = |told: &&mut Alert| told.kind == Kind::Watch && told.reference == Some(alert.correlation);
    if let Some(told) = model.alerts.list.iter_mut().find(same) {
        told.time = alert.time;
        told.dismissed |= alert.standing.is_over();
    }
    drop_read(model);
    let given = alert.assigned.is_some() && alert.assigned == model.alerts.me;
    let new = known.is_some_and(|known| known.assigned != alert.assigned);
    let own = alert
        .steps
        .last()
        .is_some_and(|step| model.session.as_ref().is_some_and(|session| session.user.login == step.login));
    if given && new && !own && !model.in_snapshot {
        let text = format!("For you to look into: {}; {}.", line(alert), stands(alert));
        model.tell(&text);
    }
}
