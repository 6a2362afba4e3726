//! Turns with a security key: each in a thread of its own, what it signs sent off by the link; it must let no turn outlive the
//! person's patience, and none hold up a frame.

use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use turret_shared::command::Command;
use turret_shared::ids::{PendingId, UserId};
use turret_shared::limits::PENDING_STEP_UPS_MAX;
use turret_shared::secret::SecretText;
use turret_shared::wire::control::SignedIn;
use turret_shared::wire::keys::SignAsked;

use super::doing::Brought;
use crate::app::Msg;
use crate::app::effect::Request;
use crate::app::keying::TURN_S_MAX;
use crate::keys::{Hand, KeyError, Plugged, Said, Turn, command_signed};
use crate::link::{Link, LinkError, Reply, SignInError};

/// A command that waits for a signature: exactly what was sent, and what the server drew for it.
#[derive(Clone)]
struct Waiting {
    bytes: Vec<u8>,
    asked: SignAsked,
}

/// Commands that wait, by their numbers.
#[derive(Clone, Default)]
pub(super) struct ToSign(Arc<Mutex<BTreeMap<PendingId, Waiting>>>);

impl ToSign {
    /// One more; the oldest is forgotten by the server too.
    pub(super) fn waits(&self, pending: PendingId, bytes: Vec<u8>, asked: SignAsked) {
        // A holder cannot panic half-way: every use is one map operation.
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= PENDING_STEP_UPS_MAX {
            waiting.pop_first();
        }
        waiting.insert(pending, Waiting { bytes, asked });
    }

    fn of(&self, pending: PendingId) -> Option<Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&pending).cloned()
    }
}

/// The key, and the turn that is under way with it.
#[derive(Default)]
pub(super) struct Keyring {
    plugged: Plugged,
    turn: Option<(Request, Sender<Hand>)>,
    pub(super) to_sign: ToSign,
}

impl Keyring {
    pub(super) fn new(plugged: Plugged) -> Self {
        Self { plugged, ..Self::default() }
    }

    /// Begins a turn; the one before is given up.
    pub(super) fn turn(&mut self, request: Request, inbox: mpsc::Sender<Brought>) -> Turning {
        let (hand, hands) = std::sync::mpsc::channel();
        self.turn = Some((request, hand));
        let told = inbox.clone();
        let says = Box::new(move |said: Said| {
            // Whoever left hears nothing more.
            let _ = told.blocking_send(Brought::Message(Msg::KeySaid { request, said }));
        });
        let until = crate::clock::instant() + Duration::from_secs(TURN_S_MAX);
        Turning { request, inbox, turn: Turn { plugged: self.plugged.clone(), says, hands, until } }
    }

    /// What the person does about a turn; with nothing, it is given up.
    pub(super) fn hand(&mut self, request: Request, hand: Option<Hand>) {
        let Some((of, sender)) = &self.turn else { return };
        if *of != request {
            return;
        }
        match hand {
            // A turn that ended by itself has said so.
            Some(hand) => drop(sender.send(hand)),
            None => self.turn = None,
        }
    }
}

/// A turn and who hears of it.
pub(super) struct Turning {
    request: Request,
    inbox: mpsc::Sender<Brought>,
    turn: Turn,
}

impl Turning {
    /// Lets the key work where nobody draws, and tells what came of it.
    async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&Turn) -> Result<T, KeyError> + Send + 'static,
    ) -> Result<T, KeyError> {
        let Self { request, inbox, turn } = self;
        let done = tokio::task::spawn_blocking(move || work(&turn)).await.unwrap_or(Err(KeyError::Gone));
        let message = match &done {
            Ok(_) => Msg::KeySigned(request),
            Err(error) => Msg::KeyFailed { request, error: *error },
        };
        let _ = inbox.send(Brought::Message(message)).await;
        done
    }

    async fn fails(self, error: KeyError) {
        let _ = self.run(move |_| Err::<(), _>(error)).await;
    }

    /// Both factors, the second by the key.
    pub(super) async fn sign_in(self, link: &Link, login: &str, password: SecretText) -> Result<SignedIn, SignInError> {
        let asked = link.begin_with_key(login, password).await?;
        let signed = self.run(move |turn| {
            let ceremony = &asked.ceremony;
            turn.sign(ceremony.origin(), &asked.asked.keys, |id| ceremony.sign_in(asked.asked.nonce, id))
        });
        let (credential, assertion) = signed.await.map_err(SignInError::Key)?;
        link.enter_with_key(credential, assertion).await
    }

    /// A signature under what waits; `None` when the key gave none, which is told already.
    pub(super) async fn prove(
        self,
        link: &Link,
        user: UserId,
        pending: PendingId,
        to_sign: &ToSign,
    ) -> Option<Result<Reply, LinkError>> {
        let digest = |waiting: &Waiting| {
            let command = Command::from_bytes(&waiting.bytes).ok()?;
            let digest = command_signed(&command, waiting.asked.text.as_ref())?;
            Some((command.verb, digest))
        };
        let Some(waiting) = to_sign.of(pending) else {
            self.fails(KeyError::NotMade).await;
            return None;
        };
        let (Some((verb, digest)), Some(ceremony)) = (digest(&waiting), link.ceremony(user)) else {
            self.fails(KeyError::NotMade).await;
            return None;
        };
        let signed = self.run(move |turn| {
            let Waiting { asked, .. } = &waiting;
            turn.sign(ceremony.origin(), &asked.keys, |id| ceremony.command(&verb, asked.nonce, id, digest))
        });
        let (credential, assertion) = signed.await.ok()?;
        Some(link.signed(pending, credential, assertion).await)
    }

    /// A new key, registered; `None` when it gave nothing, which is told already.
    pub(super) async fn register(
        self,
        link: &Link,
        user: UserId,
        (password, code): (SecretText, SecretText),
    ) -> Option<Result<Reply, LinkError>> {
        let offer = match link.offer_key().await {
            Ok(offer) => offer,
            Err(error) => {
                let _ = self.inbox.send(Brought::Message(Msg::KeySigned(self.request))).await;
                return Some(Err(error));
            }
        };
        let Some(ceremony) = link.ceremony(user) else {
            self.fails(KeyError::NotMade).await;
            return None;
        };
        let made = self.run(move |turn| turn.register(ceremony.register(offer.nonce), &offer.keys));
        let registration = made.await.ok()?;
        Some(link.new_key(password, code, registration).await)
    }
}
