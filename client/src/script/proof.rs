//! `proof`: answers every pending step-up of the session with one fresh code, or each with the key; it must never guess a code.

use turret_shared::secret::SecretText;
use turret_shared::wire::control::Outcome;

use super::answer::Answer;
use super::keyed;
use super::outcome::{Asked, Told, link_error, reply};
use super::people::{Person, until_unspent};
use crate::authenticator::Authenticator;

/// With `code`; else with the security key, for whoever came in by it, or with a code of the authenticator: the next, when the
/// current was used.
pub(super) async fn prove(person: &mut Person, code: Option<SecretText>) -> Told {
    let now = person.server_time();
    person.pending.retain(|(_, expires)| *expires > now);
    if person.pending.is_empty() {
        return plain(Answer::error("nothing_pending", "no step-up waits for a proof", None));
    }
    match code {
        Some(code) => answer(person, code).await,
        None if person.by_key && person.pending.iter().all(|(id, _)| person.to_sign.contains_key(id)) => {
            keyed::prove(person, None).await
        }
        None => auto(person).await,
    }
}

fn plain(answer: Answer) -> Told {
    Told { answer, order: None }
}

async fn answer(person: &mut Person, code: SecretText) -> Told {
    let pending = person.pending.iter().map(|(id, _)| *id).collect();
    match person.link.proof(pending, code).await {
        Ok(answer) => {
            if !matches!(answer.outcome, Outcome::ProofRefused { .. }) {
                person.pending.clear();
            }
            reply(answer, Asked::Order, person)
        }
        Err(error) => plain(link_error(error, person.end())),
    }
}

/// Waits for an unused code if need be; if another window used it meanwhile, waits for the next and tries once more.
async fn auto(person: &mut Person) -> Told {
    let Some(authenticator) = person.authenticator.clone() else {
        return plain(Answer::error("no_authenticator", "no authenticator was given: write proof code=123456", None));
    };
    let mut waited_s = 0_u64;
    for last in [false, true] {
        waited_s = waited_s.saturating_add(until_unspent(&person.link, person.spent_step).await);
        let now = person.server_time();
        person.spent_step = Authenticator::step_of(now);
        let pending = person.pending.iter().map(|(id, _)| *id).collect();
        match person.link.proof(pending, authenticator.code_at(now)).await {
            Ok(answer) if matches!(answer.outcome, Outcome::ProofRefused { spent: true, .. }) && !last => {}
            Ok(answer) => {
                if !matches!(answer.outcome, Outcome::ProofRefused { .. }) {
                    person.pending.clear();
                }
                let told = reply(answer, Asked::Order, person);
                return Told { answer: told.answer.with("waited_s", waited_s), order: told.order };
            }
            Err(error) => return plain(link_error(error, person.end())),
        }
    }
    plain(Answer::error("code_spent", "every code was used elsewhere first", None))
}
