//! Security keys in scripts: a sign-in and a step-up answered by a touch, and a key registered; it must show no PIN and try each
//! once.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use turret_shared::command::Command;
use turret_shared::secret::SecretText;
use turret_shared::wire::control::{Outcome, SignedIn};

use super::answer::Answer;
use super::outcome::{Asked, Told, link_error, reply};
use super::people::{Person, Waiting, until_unspent};
use crate::authenticator::Authenticator;
use crate::keys::{Hand, KeyError, Plugged, SIMULATED_PIN, Said, Turn, command_signed};
use crate::link::{KeyTurn, Link, LinkError, Reply, SignInError};

/// For the key to be touched, in seconds.
const TOUCH_S_MAX: u64 = turret_shared::limits::STEP_UP_S_MAX;

impl Person {
    /// Sends a command; what it must be signed with, should it wait, is kept with its bytes.
    pub(super) async fn command(&mut self, bytes: Vec<u8>) -> Result<Reply, LinkError> {
        let reply = self.link.command(bytes.clone()).await;
        if let Ok(Reply { outcome: Outcome::StepUp { pending, sign: Some(asked), .. }, .. }) = &reply {
            self.to_sign.insert(*pending, Waiting { bytes, asked: (**asked).clone() });
        }
        reply
    }
}

/// Whom a script tells the key's PIN: it is given once, and a wrong one is not given again.
struct Fingers {
    hand: Mutex<Option<Sender<Hand>>>,
    wrong: Mutex<Option<u8>>,
}

/// A turn in which the PIN is given and, where nobody can touch the key, it is touched.
async fn turn<T: Send + 'static>(
    plugged: Plugged,
    pin: Option<SecretText>,
    work: impl FnOnce(&Turn) -> Result<T, KeyError> + Send + 'static,
) -> Result<T, KeyError> {
    let pin = match (pin, plugged.is_simulated()) {
        (Some(pin), _) => pin,
        (None, true) => SecretText::new(SIMULATED_PIN.to_owned()),
        (None, false) => return Err(KeyError::PinUnfit),
    };
    let (hand, hands) = std::sync::mpsc::channel();
    for one in [Hand::Pin(pin), Hand::Touch] {
        let _ = hand.send(one);
    }
    let fingers = Arc::new(Fingers { hand: Mutex::new(Some(hand)), wrong: Mutex::new(None) });
    let told = Arc::clone(&fingers);
    let says = Box::new(move |said: Said| {
        if let Said::Pin { tries, wrong: true } = said {
            *told.wrong.lock().unwrap_or_else(PoisonError::into_inner) = Some(tries);
            told.hand.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    });
    let until = crate::clock::instant() + Duration::from_secs(TOUCH_S_MAX);
    let turn = Turn { plugged, says, hands, until };
    let done = tokio::task::spawn_blocking(move || work(&turn)).await.unwrap_or(Err(KeyError::Gone));
    let wrong = *fingers.wrong.lock().unwrap_or_else(PoisonError::into_inner);
    done.map_err(|error| wrong.map_or(error, KeyError::WrongPin))
}

fn plain(answer: Answer) -> Told {
    Told { answer, order: None }
}

fn no_key(error: KeyError) -> Answer {
    Answer::error("security_key", &error.to_string(), None)
}

/// In by a key of this person's that is at hand; `None` where none is, or nobody told its PIN: a code is to do then.
pub(super) async fn sign_in(
    link: &Link,
    plugged: &Plugged,
    (login, password): (&str, SecretText),
) -> Option<Result<SignedIn, SignInError>> {
    if !plugged.is_simulated() {
        return None;
    }
    // What is wrong with the way in, the way by the code says.
    let KeyTurn { asked, ceremony } = link.begin_with_key(login, password).await.ok()?;
    if asked.keys.is_empty() {
        return None;
    }
    let signed = turn(plugged.clone(), None, move |turn| {
        turn.sign(ceremony.origin(), &asked.keys, |id| ceremony.sign_in(asked.nonce, id))
    });
    let (credential, assertion) = signed.await.ok()?;
    Some(link.enter_with_key(credential, assertion).await)
}

/// `proof key=auto`: each step-up that a key may sign, one after the other; the last answer stands.
pub(super) async fn prove(person: &mut Person, pin: Option<SecretText>) -> Told {
    let now = person.server_time();
    person.pending.retain(|(_, expires)| *expires > now);
    let waits: Vec<_> = person.pending.iter().map(|(id, _)| *id).filter(|id| person.to_sign.contains_key(id)).collect();
    if waits.is_empty() {
        return plain(Answer::error("nothing_pending", "no step-up waits for a security key", None));
    }
    let mut last = plain(Answer::ok());
    for pending in waits {
        let Some(waiting) = person.to_sign.remove(&pending) else { continue };
        let command = Command::from_bytes(&waiting.bytes).ok();
        let signs = command.and_then(|command| {
            let digest = command_signed(&command, waiting.asked.text.as_ref())?;
            Some((command.verb, digest))
        });
        let (Some((verb, digest)), Some(ceremony)) = (signs, person.link.ceremony(person.user.user)) else {
            return plain(no_key(KeyError::NotMade));
        };
        let asked = waiting.asked.clone();
        let signed = turn(person.plugged.clone(), pin.clone(), move |turn| {
            turn.sign(ceremony.origin(), &asked.keys, |id| ceremony.command(&verb, asked.nonce, id, digest))
        });
        let (credential, assertion) = match signed.await {
            Ok(signed) => signed,
            Err(error) => {
                person.to_sign.insert(pending, waiting);
                return plain(no_key(error));
            }
        };
        match person.link.signed(pending, credential, assertion).await {
            Ok(answer) => {
                person.pending.retain(|(id, _)| *id != pending);
                last = reply(answer, Asked::Order, person);
            }
            Err(error) => return plain(link_error(error, person.end())),
        }
    }
    last
}

/// `key register`: a new key of whoever the script is, with their password and a fresh code.
pub(super) async fn register(
    person: &mut Person,
    password: SecretText,
    code: Option<SecretText>,
    pin: Option<SecretText>,
) -> Answer {
    let offer = match person.link.offer_key().await {
        Ok(offer) => offer,
        Err(error) => return link_error(error, person.end()),
    };
    let Some(ceremony) = person.link.ceremony(person.user.user) else { return no_key(KeyError::NotMade) };
    let made =
        turn(person.plugged.clone(), pin, move |turn| turn.register(ceremony.register(offer.nonce), &offer.keys));
    let registration = match made.await {
        Ok(registration) => registration,
        Err(error) => return no_key(error),
    };
    let mut waited_s = 0;
    let code = match (code, person.authenticator.clone()) {
        (Some(code), _) => code,
        (None, Some(authenticator)) => {
            waited_s = until_unspent(&person.link, person.spent_step).await;
            let now = person.server_time();
            person.spent_step = Authenticator::step_of(now);
            authenticator.code_at(now)
        }
        (None, None) => {
            return Answer::error(
                "no_authenticator",
                "no authenticator was given: write key register code=123456",
                None,
            );
        }
    };
    match person.link.new_key(password, code, registration).await {
        Ok(answer) => reply(answer, Asked::Other, person).answer.with("waited_s", waited_s),
        Err(error) => link_error(error, person.end()),
    }
}
