//! Limits as the server's rules have them: what each leaves, and who may let more through; it must work none out itself.

use std::collections::BTreeSet;

use turret_shared::denial::{Figure, Override, Rule, RuleUse};
use turret_shared::ids::CorrelationId;
use turret_shared::role::{Permission, Role};
use turret_shared::text::escaped;
use turret_shared::view::LimitView;
use turret_shared::wire::query::Ask;

use super::Model;
use super::asked::Asked;
use super::effect::Effect;
use super::flight::Question;
use super::modal::Modal;
use super::picker::Picker;
use crate::format;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Limits {
    /// Rule by rule.
    pub table: Asked<LimitView>,
    /// The row under the cursor, by its place: rule and scope keep theirs.
    pub picker: Picker<usize>,
    /// Those of the account behind the no that was shown last, and which no that was.
    behind: (Option<CorrelationId>, Vec<LimitView>),
}

impl Limits {
    /// The row under the cursor.
    #[must_use]
    pub fn chosen(&self) -> Option<&LimitView> {
        self.table.rows.get(self.picker.at?)
    }

    pub(super) fn told_behind(&mut self, of: CorrelationId, rows: Vec<LimitView>) {
        if self.behind.0 == Some(of) {
            self.behind.1 = rows;
        }
    }

    /// The limit a rule of a no was judged by, once it is known.
    #[must_use]
    pub fn behind(&self, of: CorrelationId, rule: &RuleUse) -> Option<&LimitView> {
        let rows = self.behind.1.iter().filter(|row| self.behind.0 == Some(of) && row.rule == rule.rule);
        let same: Vec<&LimitView> = rows.collect();
        // A band of prices comes of the tightest of the collars.
        let tightest = || same.iter().min_by_key(|row| if let Figure::Count(count) = row.limit { count } else { 0 });
        same.iter().find(|row| row.limit == rule.limit).or_else(tightest).copied()
    }

    /// The answer came: the cursor stays on its rule and scope. True when it says something new.
    pub(super) fn told(&mut self, rows: Vec<LimitView>) -> bool {
        let was = self.chosen().map(|row| (row.rule, row.scope.clone(), row.of));
        let new = self.table.told(rows);
        if let Some((rule, scope, of)) = was {
            let same = |row: &LimitView| row.rule == rule && row.scope == scope && row.of == of;
            self.picker.at = self.table.rows.iter().position(same);
        }
        new
    }
}

/// The figure in its rule's unit.
#[must_use]
pub fn figure(rule: Rule, value: &Figure) -> String {
    match (rule, value) {
        (Rule::PriceCollar, Figure::Count(points)) => format!("{}.{:02} %", points / 100, points % 100),
        (Rule::DuplicateOrder, Figure::Count(ms)) => format!("{} s", seconds(*ms)),
        (Rule::OrderRate, Figure::Count(count)) => format!("{count} / min"),
        (_, value) => format::figure(value, 2),
    }
}

/// Milliseconds in seconds, with every digit there is and one at least behind the point.
pub(super) fn seconds(ms: u64) -> String {
    let digits = format!("{:03}", ms % 1_000);
    let kept = digits.trim_end_matches('0');
    format!("{}.{}", ms / 1_000, if kept.is_empty() { "0" } else { kept })
}

/// Asks, once a no that is shown, for the limits behind it: who set them is part of why.
pub(super) fn follow_denied(model: &mut Model, out: &mut Vec<Effect>) {
    let shown = model.modals.iter().rev().find_map(|modal| match modal {
        Modal::Denied(open) if open.denial.rules.iter().any(|rule| rule.tripped) => Some(open),
        _ => None,
    });
    let Some((of, draft)) = shown.and_then(|open| Some((open.correlation, open.draft.as_ref()?))) else { return };
    // Nothing is asked of an account that is not theirs to ask about.
    let Some(code) = model.desk.account_named(&draft.account).map(|account| account.code.clone()) else { return };
    if model.limits.behind.0 != Some(of) && model.may(Permission::LimitRead) && model.can_send().is_ok() {
        model.limits.behind = (Some(of), Vec::new());
        model.ask(Question::Behind(of), Ask::Limits(code), out);
    }
}

/// In how many currencies amounts stand there.
#[must_use]
pub fn currencies(rows: &[LimitView]) -> usize {
    let money = |row: &LimitView| match row.limit {
        Figure::Money(_, currency) => Some(currency),
        _ => None,
    };
    rows.iter().filter_map(money).collect::<BTreeSet<_>>().len()
}

/// Whose orders it counts, where they are one colleague's.
#[must_use]
pub fn whose(model: &Model, row: &LimitView) -> Option<String> {
    let me = model.session.as_ref().map(|session| session.user.user);
    row.of.filter(|of| Some(*of) != me).map(|of| escaped(model.desk.login(of)))
}

/// Who set it; `set-up` where whoever runs the server did, nothing where it is none that is set.
#[must_use]
pub fn set_by(model: &Model, row: &LimitView) -> Option<String> {
    let by = |user| escaped(model.desk.login(user));
    row.since.map(|_| row.set_by.map_or_else(|| "set-up".to_owned(), by))
}

/// How much of it the largest order takes, in percent.
#[must_use]
pub fn largest_percent(row: &LimitView) -> Option<i128> {
    let (most, limit) = match (row.largest.as_ref()?, &row.limit) {
        (Figure::Money(most, currency), Figure::Money(limit, other)) if currency == other => (most.0, limit.0),
        (Figure::Qty(most), Figure::Qty(limit)) => (most.0, limit.0),
        _ => return None,
    };
    i128::from(most).saturating_mul(100).checked_div(limit.into())
}

/// What is left of a limit that counts something that lasts, and how much of it is used in percent.
#[must_use]
pub fn left(row: &LimitView) -> Option<(Figure, i128)> {
    let percent = |used: i128, limit: i128| used.saturating_mul(100).checked_div(limit);
    match (&row.limit, row.used.as_ref()?) {
        (Figure::Money(limit, currency), Figure::Money(used, other)) if currency == other => {
            let left = turret_shared::money::Money(limit.0.saturating_sub(used.0));
            Some((Figure::Money(left, *currency), percent(used.0.into(), limit.0.into())?))
        }
        (Figure::Count(limit), Figure::Count(used)) => {
            Some((Figure::Count(limit.saturating_sub(*used)), percent((*used).into(), (*limit).into())?))
        }
        _ => None,
    }
}

/// Who may let more through, those of one's own desk first.
#[must_use]
pub fn who_may(model: &Model, row: &LimitView) -> String {
    match row.overridable {
        Override::Nobody => "nobody".into(),
        Override::Confirm => "you, by reviewing and sending it again".into(),
        Override::Role(role) => {
            let desk = model.session.as_ref().map(|session| session.user.desk_code.clone()).unwrap_or_default();
            let names: Vec<String> = model.desk.people(role, &desk).iter().map(|user| escaped(&user.login)).collect();
            if names.is_empty() { role.to_string() } else { format!("{role}: {}", names.join(", ")) }
        }
    }
}

/// `Enter`: how the limits came to be, in the log, for those who may read it.
pub(super) fn history(model: &mut Model, out: &mut Vec<Effect>) {
    if !model.may(Permission::AuditRead) {
        let role = Role::Supervisor;
        return model.tell(&format!("Who set it and when is in the log: a {role} or admin reads that."));
    }
    // Of one account's limit, that account's; what binds a role is told with every other.
    let code = model.limits.chosen().and_then(|row| row.scope.strip_prefix("account "));
    let search = code.map_or_else(|| "action=limit_set".to_owned(), |code| format!("action=limit_set account={code}"));
    super::audit::search_for(model, &search, out);
}
