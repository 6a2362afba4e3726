//! `password change`: another password for whoever the script is, proved by the one it signed in with; it must show neither.

use turret_shared::secret::SecretText;
use turret_shared::wire::control::Outcome;

use super::answer::Answer;
use super::outcome::{Asked, link_error, reply};
use super::people::{Person, until_unspent};
use crate::authenticator::Authenticator;
use crate::link::NewPassword;

/// With `code`, or with one of the authenticator: the next, when the current was used. True when the new one counts.
pub(super) async fn change(
    person: &mut Person,
    old: &SecretText,
    new: &SecretText,
    code: Option<SecretText>,
) -> (Answer, bool) {
    let code_is_made = code.is_none();
    let mut waited_s = 0_u64;
    for last in [false, true] {
        let code = match (&code, &person.authenticator) {
            (Some(code), _) => code.clone(),
            (None, Some(authenticator)) => {
                let authenticator = authenticator.clone();
                waited_s = waited_s.saturating_add(until_unspent(&person.link, person.spent_step).await);
                let now = person.server_time();
                person.spent_step = Authenticator::step_of(now);
                authenticator.code_at(now)
            }
            (None, None) => {
                let text = "no authenticator was given: write password change new=\"...\" code=123456";
                return (Answer::error("no_authenticator", text, None), false);
            }
        };
        match person.link.change_password(NewPassword { old: old.clone(), new: new.clone(), code }).await {
            Ok(answer)
                if matches!(answer.outcome, Outcome::ProofRefused { spent: true, .. }) && !last && code_is_made => {}
            Ok(answer) => {
                let done = matches!(answer.outcome, Outcome::PasswordChanged { .. });
                return (reply(answer, Asked::Other, person).answer.with("waited_s", waited_s), done);
            }
            Err(error) => return (link_error(error, person.end()), false),
        }
    }
    (Answer::error("code_spent", "every code was used elsewhere first", None), false)
}
