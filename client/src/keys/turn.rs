//! One turn with a security key, in a thread of its own: found, its PIN asked for, touched. It must end when whoever asked for it
//! gives it up, and at the latest when its time is over.

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use turret_shared::assertion::{Assertion, Intent, Registration};
use turret_shared::ids::CredentialId;
use turret_shared::secret::SecretText;
use turret_shared::wire::keys::KeyName;
use zeroize::Zeroizing;

use super::hid::{Channel, Reports};
use super::{KeyError, NewWanted, PinToken, Plugged, SignWanted, Spoken};

/// What the key waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Its PIN.
    Pin {
        /// Tries it still takes, the last ones among them.
        tries: u8,
        /// The one just given was wrong.
        wrong: bool,
    },
    /// To be touched.
    Touch,
}

/// What whoever holds it does.
#[derive(Debug)]
pub enum Hand {
    /// Gives the PIN.
    Pin(SecretText),
    /// Touches a simulated key: nobody can touch that one otherwise.
    Touch,
}

/// A turn; dropping the other end of `hands` gives it up.
pub struct Turn {
    /// Which key.
    pub plugged: Plugged,
    /// Hears what the key waits for.
    pub says: Box<dyn Fn(Said) + Send>,
    /// What is done about it.
    pub hands: Receiver<Hand>,
    /// Nobody waits longer.
    pub until: Instant,
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<turn with a security key>")
    }
}

impl Turn {
    /// Signs with the one of these the key has.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn sign<'a>(
        &self,
        origin: &str,
        keys: &'a [KeyName],
        intent: impl Fn(&'a [u8]) -> Intent<'a>,
    ) -> Result<(CredentialId, Assertion), KeyError> {
        if keys.is_empty() {
            return Err(KeyError::Unregistered);
        }
        let mut key = Spoken::to(self.channel()?)?;
        let ids: Vec<&[u8]> = keys.iter().map(|key| key.id.as_slice()).collect();
        let id = key.which(origin, &ids)?;
        let name = keys.iter().find(|key| key.id == id).ok_or(KeyError::NotThisKey)?;
        if name.suspended {
            return Err(KeyError::Suspended);
        }
        let token = self.unlocked(&mut key)?;
        let assertion = key.sign_with(&SignWanted { intent: intent(&name.id) }, &token)?;
        Ok((name.credential, assertion))
    }

    /// Makes a new credential, on a key that has none of these.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn register(&self, intent: Intent<'_>, known: &[KeyName]) -> Result<Registration, KeyError> {
        let mut key = Spoken::to(self.channel()?)?;
        let token = self.unlocked(&mut key)?;
        let known: Vec<&[u8]> = known.iter().map(|key| key.id.as_slice()).collect();
        key.register_with(&NewWanted { intent, known: &known }, &token)
    }

    fn channel(&self) -> Result<Channel<Box<dyn Reports>, impl FnMut() -> bool>, KeyError> {
        let mut nonce = [0; 8];
        getrandom::fill(&mut nonce).map_err(|_| KeyError::NoRandom)?;
        Channel::open(self.plugged.open()?, nonce, || self.goes_on())
    }

    /// Asks for the PIN until the key takes it or no more tries are made, then for the touch.
    fn unlocked<C: super::Carrier>(&self, key: &mut Spoken<C>) -> Result<PinToken, KeyError> {
        let mut wrong = false;
        loop {
            (self.says)(Said::Pin { tries: key.may_try()?, wrong });
            let pin = loop {
                // A touch before its time touches nothing.
                if let Hand::Pin(pin) = self.next()? {
                    break pin;
                }
            };
            let mut random = Zeroizing::new([0_u8; 32]);
            getrandom::fill(random.as_mut_slice()).map_err(|_| KeyError::NoRandom)?;
            match key.pin_token(pin.expose(), &random) {
                Err(KeyError::WrongPin(_) | KeyError::PinUnfit) => wrong = true,
                Err(error) => return Err(error),
                Ok(token) => {
                    (self.says)(Said::Touch);
                    if self.plugged.is_simulated() {
                        while !matches!(self.next()?, Hand::Touch) {}
                    }
                    return Ok(token);
                }
            }
        }
    }

    fn next(&self) -> Result<Hand, KeyError> {
        let left = self.until.saturating_duration_since(crate::clock::instant());
        self.hands.recv_timeout(left.max(Duration::from_millis(1))).map_err(|error| match error {
            RecvTimeoutError::Timeout => KeyError::NotTouched,
            RecvTimeoutError::Disconnected => KeyError::GivenUp,
        })
    }

    fn goes_on(&self) -> bool {
        let wanted = !matches!(self.hands.try_recv(), Err(TryRecvError::Disconnected));
        wanted && crate::clock::instant() < self.until
    }
}
