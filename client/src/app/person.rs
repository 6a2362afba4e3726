//! The person under the cursor in full, asked for while they are looked at; it must show nothing of another than that one.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use turret_shared::account::Rights;
use turret_shared::event::session::SignInFault;
use turret_shared::ids::UserId;
use turret_shared::people::{DeviceState, DeviceView};
use turret_shared::person::{EntrustedView, PersonFacts};
use turret_shared::wire::query::Ask;

use super::effect::Effect;
use super::flight::Question;
use super::{Model, Screen};

/// What is known of the person looked at.
#[derive(Debug, Default)]
pub struct Looked {
    /// As last told.
    facts: Option<Box<PersonFacts>>,
    /// Whom the last question that brought no answer was about, and why it brought none.
    fault: Option<(UserId, String)>,
}

impl Looked {
    /// What is known of them.
    #[must_use]
    pub fn of(&self, user: UserId) -> Option<&PersonFacts> {
        self.facts.as_deref().filter(|facts| facts.user == user)
    }

    /// Why nothing is.
    #[must_use]
    pub fn fault(&self, user: UserId) -> Option<&str> {
        self.fault.as_ref().filter(|(of, _)| *of == user).map(|(_, why)| why.as_str())
    }

    /// The answer; true when it says something new.
    pub(super) fn told(&mut self, facts: Box<PersonFacts>) -> bool {
        let still = |facts: &PersonFacts| PersonFacts { sessions: Vec::new(), ..facts.clone() };
        let same = |before: &PersonFacts| {
            still(before) == still(&facts) && super::users::same_sessions(&before.sessions, &facts.sessions)
        };
        let new = self.fault.is_some() || !self.facts.as_deref().is_some_and(same);
        *self = Self { facts: Some(facts), fault: None };
        new
    }

    pub(super) fn failed(&mut self, user: UserId, why: &str) {
        self.fault = Some((user, why.to_owned()));
    }
}

/// The cursor stands on somebody else: asks about them, one question at a time however fast it runs down the list.
pub(super) fn follow(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(user) = model.users.person.at.filter(|_| model.screen == Screen::Users) else { return };
    if model.users.looked.of(user).is_none() && model.users.looked.fault(user).is_none() {
        ask(model, out);
    }
}

/// Asks about the person at hand, unless a question about somebody is under way: its answer asks on.
pub(super) fn ask(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(user) = model.users.person.at.filter(|_| model.screen == Screen::Users) else { return };
    let under_way = model.questions.values().any(|question| matches!(question, Question::Person(_)));
    if model.can_send().is_ok() && !under_way {
        model.ask(Question::Person(user), Ask::Person(user), out);
    }
}

/// The device that is locked longest: what a person is out for.
#[must_use]
pub fn lock(facts: &PersonFacts) -> Option<&DeviceView> {
    facts.devices.iter().filter(|device| device.state == DeviceState::Locked).min_by_key(|device| device.locked_since)
}

/// What was wrong, for a person.
#[must_use]
pub const fn fault_word(fault: SignInFault) -> &'static str {
    match fault {
        SignInFault::UnknownUser => "unknown name",
        SignInFault::Password => "wrong password",
        SignInFault::Code => "wrong code",
        SignInFault::CodeSpent => "code used before",
        SignInFault::UserDisabled => "no role",
        SignInFault::Device => "device not let in",
        SignInFault::OtherUsersDevice => "another's device",
        SignInFault::Credential => "factor not valid",
        SignInFault::Token => "TOKEN MISUSE",
        SignInFault::Throttled => "too fast",
        SignInFault::PasswordExpired => "new password wanted",
        SignInFault::Key => "security key refused",
        SignInFault::Copied => "older key: a copy",
        SignInFault::Bootstrap => "bootstrap open",
        SignInFault::Alert => "surveillance",
        SignInFault::KeyWanted => "a code, not the key",
    }
}

/// Accounts with the same rights from the same place together: the rights, the codes, and where they come from.
#[must_use]
pub fn accounts_grouped(accounts: &[EntrustedView]) -> Vec<(Rights, Vec<&str>, String)> {
    // The widest rights first.
    let mut groups: BTreeMap<(Reverse<u8>, String), Vec<&str>> = BTreeMap::new();
    for account in accounts {
        let from = if account.by_account { "by account".to_owned() } else { format!("desk {}", account.desk_code) };
        groups.entry((Reverse(account.rights.0), from)).or_default().push(&account.code);
    }
    groups.into_iter().map(|((Reverse(rights), from), codes)| (Rights(rights), codes, from)).collect()
}

#[cfg(test)]
mod tests {
    use turret_shared::ids::AccountId;

    use super::*;

    #[test]
    fn accounts_stand_together_by_rights_and_where_they_come_from() {
        let account = |id: u32, rights: Rights, by_account| EntrustedView {
            account: AccountId(id),
            code: format!("A{id}"),
            desk_code: "EQ1".into(),
            rights,
            by_account,
        };
        let both = Rights::VIEW.with(Rights::TRADE);
        let rows = [account(1, both, false), account(2, Rights::VIEW, true), account(3, both, false)];
        let grouped = accounts_grouped(&rows);
        assert_eq!(
            grouped,
            [(both, vec!["A1", "A3"], "desk EQ1".to_owned()), (Rights::VIEW, vec!["A2"], "by account".to_owned())]
        );
    }
}
