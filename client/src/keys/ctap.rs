//! CTAP 2.1 to one security key: what it is, its PIN, a new credential, a signature; it must sign nothing but what it is given.

use minicbor::Decoder;
use turret_shared::assertion::{Assertion, Intent, Registration, relying_party};
use turret_shared::ids::UserId;
use zeroize::Zeroizing;

use super::pin::{Agreed, fits, proof};
use super::{Carrier, KeyError, PIN_TRIES_KEPT, cbor};

const MAKE_CREDENTIAL: u8 = 0x01;
const GET_ASSERTION: u8 = 0x02;
const GET_INFO: u8 = 0x04;
const CLIENT_PIN: u8 = 0x06;
/// Sub-commands of the PIN.
const GET_RETRIES: u8 = 0x01;
const GET_KEY_AGREEMENT: u8 = 0x02;
const SET_PIN: u8 = 0x03;
const GET_PIN_TOKEN: u8 = 0x05;
/// The only PIN protocol every key speaks.
const PIN_PROTOCOL: u8 = 1;
const WRONG_PIN: u8 = 0x31;
const ES256: i32 = -7;
const EDDSA: i32 = -8;

/// A new credential that is wanted.
#[derive(Debug, Clone, Copy)]
pub struct NewWanted<'a> {
    /// What it is made for.
    pub intent: Intent<'a>,
    /// Ids of those the key must not have yet.
    pub known: &'a [&'a [u8]],
}

/// A signature that is wanted.
#[derive(Debug, Clone, Copy)]
pub struct SignWanted<'a> {
    /// What is signed; its credential is the one of the key at hand.
    pub intent: Intent<'a>,
}

/// What the key gave for its PIN: good for one act.
pub struct PinToken(Zeroizing<Vec<u8>>);

/// A key that was spoken to.
pub struct Spoken<C> {
    carrier: C,
    has_pin: bool,
}

impl<C: Carrier> Spoken<C> {
    /// Asks a key what it is.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn to(mut carrier: C) -> Result<Self, KeyError> {
        let info = ask(&mut carrier, &[GET_INFO])?;
        let options = cbor::member(&info, 4)?;
        let has_pin = match options.map(|options| cbor::named(options, "clientPin")).transpose()?.flatten() {
            Some(raw) => Decoder::new(raw).bool().map_err(|_| KeyError::Malformed)?,
            None => false,
        };
        Ok(Self { carrier, has_pin })
    }

    /// Whether it has a PIN; without one it verifies nobody.
    #[must_use]
    pub const fn has_pin(&self) -> bool {
        self.has_pin
    }

    /// Tries of the PIN that are left.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn tries_left(&mut self) -> Result<u8, KeyError> {
        let answer = self.pin_command(GET_RETRIES, 2, |_| Ok(()))?;
        let raw = cbor::member(&answer, 3)?.ok_or(KeyError::Malformed)?;
        Decoder::new(raw).u8().map_err(|_| KeyError::Malformed)
    }

    /// Gives a key that has none its first PIN.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn set_first_pin(&mut self, pin: &str, random: &Zeroizing<[u8; 32]>) -> Result<(), KeyError> {
        let agreed = self.agree(random)?;
        let (hidden, proof) = agreed.new_pin(pin)?;
        self.pin_command(SET_PIN, 5, |e| {
            e.u8(3)?;
            e.writer_mut().extend_from_slice(&agreed.ours);
            e.u8(4)?.bytes(&proof)?.u8(5)?.bytes(&hidden)?.ok()
        })?;
        self.has_pin = true;
        Ok(())
    }

    /// Makes a credential: the PIN, then a touch.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn register(
        &mut self,
        wanted: &NewWanted<'_>,
        pin: &str,
        random: &Zeroizing<[u8; 32]>,
    ) -> Result<Registration, KeyError> {
        let token = self.pin_token(pin, random)?;
        self.register_with(wanted, &token)
    }

    /// The same, the PIN having been given.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn register_with(&mut self, wanted: &NewWanted<'_>, token: &PinToken) -> Result<Registration, KeyError> {
        let hash = wanted.intent.client_data_hash().0;
        let (party, UserId(user)) = (relying_party(wanted.intent.origin), wanted.intent.user);
        // A name is asked for by the protocol, and people's names stay off their keys.
        let name = format!("user {user}");
        let members = if wanted.known.is_empty() { 6 } else { 7 };
        let message = cbor::message(MAKE_CREDENTIAL, members, |e| {
            e.u8(1)?.bytes(&hash)?;
            e.u8(2)?.map(2)?.str("id")?.str(&party)?.str("name")?.str(wanted.intent.origin)?;
            e.u8(3)?.map(2)?.str("id")?.bytes(&user.to_be_bytes())?.str("name")?.str(&name)?;
            e.u8(4)?.array(2)?;
            for algorithm in [ES256, EDDSA] {
                e.map(2)?.str("alg")?.i32(algorithm)?.str("type")?.str("public-key")?;
            }
            if !wanted.known.is_empty() {
                e.u8(5)?;
                ids(e, wanted.known)?;
            }
            e.u8(8)?.bytes(&proof(&token.0, &hash))?.u8(9)?.u8(PIN_PROTOCOL)?.ok()
        });
        let answer = ask(&mut self.carrier, &message)?;
        let format = cbor::member(&answer, 1)?.ok_or(KeyError::Malformed)?;
        let format = Decoder::new(format).str().map_err(|_| KeyError::Malformed)?.to_owned();
        let statement = cbor::member(&answer, 3)?.ok_or(KeyError::Malformed)?.to_vec();
        Ok(Registration { auth_data: cbor::bytes(&answer, 2)?, format, statement })
    }

    /// Signs: the PIN, then a touch.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn sign(
        &mut self,
        wanted: &SignWanted<'_>,
        pin: &str,
        random: &Zeroizing<[u8; 32]>,
    ) -> Result<Assertion, KeyError> {
        let token = self.pin_token(pin, random)?;
        self.sign_with(wanted, &token)
    }

    /// The same, the PIN having been given.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn sign_with(&mut self, wanted: &SignWanted<'_>, token: &PinToken) -> Result<Assertion, KeyError> {
        let hash = wanted.intent.client_data_hash().0;
        let party = relying_party(wanted.intent.origin);
        let message = cbor::message(GET_ASSERTION, 5, |e| {
            e.u8(1)?.str(&party)?.u8(2)?.bytes(&hash)?.u8(3)?;
            ids(e, &[wanted.intent.credential])?;
            e.u8(6)?.bytes(&proof(&token.0, &hash))?.u8(7)?.u8(PIN_PROTOCOL)?.ok()
        });
        let answer = ask(&mut self.carrier, &message)?;
        Ok(Assertion { auth_data: cbor::bytes(&answer, 2)?, signature: cbor::bytes(&answer, 3)? })
    }

    /// Which of these the key has, found without a touch.
    ///
    /// # Errors
    /// [`KeyError::NotThisKey`] when it has none of them.
    pub fn which<'a>(&mut self, origin: &str, credentials: &[&'a [u8]]) -> Result<&'a [u8], KeyError> {
        let party = relying_party(origin);
        for id in credentials {
            // Asks with "user presence" off: it says only whether it has that one (CTAP 2.1, 6.2.2, "pre-flight").
            let message = cbor::message(GET_ASSERTION, 4, |e| {
                e.u8(1)?.str(&party)?.u8(2)?.bytes(&[0; 32])?.u8(3)?;
                ids(e, &[*id])?;
                e.u8(5)?.map(1)?.str("up")?.bool(false)?.ok()
            });
            match ask(&mut self.carrier, &message) {
                Ok(_) => return Ok(id),
                Err(KeyError::NotThisKey) => {}
                Err(error) => return Err(error),
            }
        }
        Err(KeyError::NotThisKey)
    }

    /// Tries of the PIN there are before the last, which are left alone.
    ///
    /// # Errors
    /// [`KeyError::NoPin`], [`KeyError::TriesKept`], [`KeyError::Blocked`].
    pub fn may_try(&mut self) -> Result<u8, KeyError> {
        if !self.has_pin {
            return Err(KeyError::NoPin);
        }
        match self.tries_left()? {
            0 => Err(KeyError::Blocked),
            left @ ..=PIN_TRIES_KEPT => Err(KeyError::TriesKept(left)),
            left => Ok(left),
        }
    }

    /// A token for one act, by the PIN. A wrong PIN says how many tries are left; with few left none is made.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn pin_token(&mut self, pin: &str, random: &Zeroizing<[u8; 32]>) -> Result<PinToken, KeyError> {
        fits(pin)?;
        self.may_try()?;
        let agreed = self.agree(random)?;
        let hidden = agreed.hidden(pin);
        let answer = self.pin_command(GET_PIN_TOKEN, 4, |e| {
            e.u8(3)?;
            e.writer_mut().extend_from_slice(&agreed.ours);
            e.u8(6)?.bytes(&hidden)?.ok()
        });
        match answer {
            Ok(answer) => agreed.token(&cbor::bytes(&answer, 2)?).map(PinToken),
            Err(KeyError::Status(WRONG_PIN)) => Err(KeyError::WrongPin(self.tries_left()?)),
            Err(error) => Err(error),
        }
    }

    fn agree(&mut self, random: &Zeroizing<[u8; 32]>) -> Result<Agreed, KeyError> {
        let answer = self.pin_command(GET_KEY_AGREEMENT, 2, |_| Ok(()))?;
        Agreed::with(cbor::member(&answer, 1)?.ok_or(KeyError::Malformed)?, random)
    }

    fn pin_command(
        &mut self,
        sub: u8,
        members: u64,
        put: impl FnOnce(&mut Encoder<'_>) -> Written,
    ) -> Result<Vec<u8>, KeyError> {
        let message = cbor::message(CLIENT_PIN, members, |e| {
            e.u8(1)?.u8(PIN_PROTOCOL)?.u8(2)?.u8(sub)?;
            put(e)
        });
        ask(&mut self.carrier, &message)
    }
}

type Encoder<'a> = minicbor::Encoder<&'a mut Vec<u8>>;
type Written = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

/// A list of credentials by their ids.
fn ids(e: &mut Encoder<'_>, ids: &[&[u8]]) -> Written {
    e.array(u64::try_from(ids.len()).unwrap_or_default())?;
    for id in ids {
        e.map(2)?.str("id")?.bytes(id)?.str("type")?.str("public-key")?;
    }
    Ok(())
}

/// One exchange; what follows a good status.
fn ask(carrier: &mut impl Carrier, message: &[u8]) -> Result<Vec<u8>, KeyError> {
    let mut answer = carrier.exchange(message)?;
    match answer.first() {
        Some(0) => {
            answer.remove(0);
            Ok(answer)
        }
        Some(status) => Err(KeyError::of_status(*status)),
        None => Err(KeyError::Malformed),
    }
}
