//! Policy figures and the form that sets one; it must send nothing: the act is asked about afterwards.

use turret_shared::event::setup::{Policy, PolicyKind};
use turret_shared::manage::Act;
use turret_shared::policy::{PolicyView, typed};
use turret_shared::role::Permission;
use turret_shared::wire::query::Ask;

use super::effect::Effect;
use super::field::Field;
use super::flight::Question;
use super::key::{Code, Press};
use super::modal::{Modal, Stack};
use super::{Model, manage, number};
use crate::format;

/// Longest figure typed, in characters.
const VALUE_CHARS_MAX: usize = 20;

/// The form.
#[derive(Debug)]
pub struct PolicyForm {
    /// Which figure is at hand.
    pub at: usize,
    /// As typed; empty lifts it.
    pub value: Field,
    /// About the last key.
    pub message: Option<String>,
}

/// A figure as it is shown.
#[must_use]
pub fn word(row: &PolicyView) -> String {
    let none = if row.policy.kind() == PolicyKind::Wanted { "not wanted" } else { "never asks" };
    row.figure().unwrap_or_else(|| none.into())
}

/// What is typed for a figure, beside its field.
#[must_use]
pub const fn typed_as(row: &PolicyView) -> &'static str {
    match row.policy.kind() {
        PolicyKind::Wanted => "  wanted, or empty: a code will do",
        PolicyKind::Money | PolicyKind::Quantity => "  empty: it never asks",
    }
}

/// When it counts, in a sentence.
const fn follows(policy: Policy) -> &'static str {
    match policy.kind() {
        PolicyKind::Wanted => {
            "It counts at once: a session opened with a code registers a key and does nothing else. See that they have keys."
        }
        PolicyKind::Money | PolicyKind::Quantity => {
            "It counts for the next order; what waits for a code already goes on waiting."
        }
    }
}

/// Opens the form, and asks for the figures anew.
pub(super) fn open(model: &mut Model, out: &mut Vec<Effect>) {
    if !model.questions.values().any(|question| *question == Question::Policies) {
        model.ask(Question::Policies, Ask::Policies, out);
    }
    let mut open = PolicyForm { at: 0, value: Field::new(VALUE_CHARS_MAX), message: None };
    offer(&mut open, model);
    model.modals.push(Modal::Policy(Box::new(open)));
}

/// The figures came: an open form that was not typed in shows the one at hand.
pub(super) fn told(model: &mut Model, rows: Vec<PolicyView>) {
    let first = !model.policies.known;
    model.policies.told(rows);
    let Some(place) = model.modals.iter().position(|modal| matches!(modal, Modal::Policy(_))).filter(|_| first) else {
        return;
    };
    if let Modal::Policy(mut open) = model.modals.remove(place) {
        offer(&mut open, model);
        model.modals.insert(place, Modal::Policy(open));
    }
}

/// What it is now stands there to be typed over.
fn offer(open: &mut PolicyForm, model: &Model) {
    let shown = model.policies.rows.get(open.at).and_then(PolicyView::figure);
    open.value = Field::new(VALUE_CHARS_MAX);
    open.value.offer(&shown.unwrap_or_default());
}

/// A key for the form.
pub(super) fn key(mut open: Box<PolicyForm>, model: &Model, key: Press) -> Stack {
    let count = model.policies.rows.len();
    open.message = None;
    match key.code {
        Code::Esc => return Vec::new(),
        Code::Up | Code::BackTab if count > 0 => {
            open.at = open.at.checked_sub(1).unwrap_or(count.saturating_sub(1));
            offer(&mut open, model);
        }
        Code::Down | Code::Tab if count > 0 => {
            open.at = open.at.saturating_add(1).checked_rem(count).unwrap_or(0);
            offer(&mut open, model);
        }
        Code::Enter => match act(&open, model) {
            Ok((policy, act, line)) => {
                let follows = follows(policy).to_owned();
                return vec![manage::about_account(model, act, line, follows)];
            }
            Err(why) => open.message = Some(why),
        },
        _ => {
            open.value.key(key);
        }
    }
    vec![Modal::Policy(open)]
}

fn act(open: &PolicyForm, model: &Model) -> Result<(Policy, Act, String), String> {
    if !model.may(Permission::UserManage) {
        return Err("an admin asks for it, and you give your word on it then".into());
    }
    let row = model.policies.rows.get(open.at).ok_or("the figures are being fetched")?;
    let value = match open.value.text().trim() {
        "" => None,
        text => {
            let plain = number::figure(text).map_err(|why| why.to_string())?;
            Some(typed(row.policy, &plain).ok_or_else(|| format!("`{text}` is no figure of this kind"))?)
        }
    };
    let after = PolicyView { value, ..*row };
    let line = format!("POLICY {} FOR {}: {} -> {}", row.policy.as_str(), row.role, word(row), word(&after));
    let line = format::figures_grouped(&line);
    Ok((row.policy, Act::SetPolicy { policy: row.policy, role: row.role, value }, line))
}
