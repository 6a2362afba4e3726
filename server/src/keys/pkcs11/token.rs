//! One logged-in session with a PKCS#11 token and what is asked of it; it must keep to what every token speaks.
//!
//! AES-GCM with an IV of ours, Ed25519 without parameters, ECDSA over a hash of ours. A slot is found by its token's label:
//! numbers change. No more than that is asked, so that any maker's module will do.

use std::path::{Path, PathBuf};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as TokenError, RvError};
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::{RawAuthPin, Ulong};
use zeroize::Zeroizing;

use crate::keys::{KeyError, Passphrase};

/// Bytes of the IV before sealed bytes.
const IV_BYTES: usize = 12;
/// What serving takes.
const TO_USE: [(MechanismType, &str); 3] =
    [(MechanismType::AES_GCM, "CKM_AES_GCM"), (MechanismType::EDDSA, "CKM_EDDSA"), (MechanismType::ECDSA, "CKM_ECDSA")];
/// What making keys takes besides.
const TO_MAKE: [(MechanismType, &str); 3] = [
    (MechanismType::AES_KEY_GEN, "CKM_AES_KEY_GEN"),
    (MechanismType::ECC_EDWARDS_KEY_PAIR_GEN, "CKM_EC_EDWARDS_KEY_PAIR_GEN"),
    (MechanismType::ECC_KEY_PAIR_GEN, "CKM_EC_KEY_PAIR_GEN"),
];
/// edwards25519, as PKCS#11 3.0 names it (a printable string) and as RFC 8410 does (an object identifier).
const EDWARDS: [&[u8]; 2] = [b"\x13\x0cedwards25519", &[0x06, 0x03, 0x2b, 0x65, 0x70]];
/// P-256 (secp256r1), its object identifier.
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// Of the tag behind sealed bytes.
fn tag_bits() -> Ulong {
    128.into()
}

/// Where a token is: the module that speaks to it, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The module, a shared library.
    pub module: PathBuf,
    /// The token's label.
    pub token: String,
}

/// What a token's object is called: deployment, what for, version.
pub(super) fn label(deployment: &str, what: &str, version: u32) -> String {
    format!("turret-{deployment}-{what}-{version}")
}

/// A module that was started; there is one a process.
pub(super) struct Module {
    place: Place,
    library: Pkcs11,
}

impl Module {
    pub(super) fn load(place: &Place) -> Result<Self, KeyError> {
        let failed = |source| KeyError::Module(place.module.clone(), source);
        Ok(Self { place: place.clone(), library: Pkcs11::new::<&Path>(&place.module).map_err(failed)? })
    }

    /// Starts the module and finds the token. The module is stopped when that session ends: only so do some see a token
    /// that came back.
    pub(super) fn open(&self, pin: &Passphrase, making: bool) -> Result<Token, KeyError> {
        let failed = |source| KeyError::Module(self.place.module.clone(), source);
        self.library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).map_err(failed)?;
        let started = Started(self.library.clone());
        let slot = self.slot()?;
        let has = self.library.get_mechanism_list(slot).map_err(KeyError::Token)?;
        let needed = TO_USE.iter().chain(TO_MAKE.iter().filter(|_| making));
        for (mechanism, name) in needed {
            if !has.contains(mechanism) {
                return Err(KeyError::Mechanism(name));
            }
        }
        let session = self.library.open_ro_session(slot).map_err(KeyError::Token)?;
        let pin = RawAuthPin::new(Box::new(pin.expose().to_vec()));
        session.login_with_raw(UserType::User, &pin).map_err(|error| match error {
            TokenError::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _) => KeyError::Pin,
            TokenError::Pkcs11(RvError::PinLocked | RvError::PinExpired, _) => KeyError::PinLocked,
            other => KeyError::Token(other),
        })?;
        Ok(Token { session, slot, started })
    }

    /// What the token is called.
    pub(super) fn token(&self) -> &str {
        &self.place.token
    }

    fn slot(&self) -> Result<Slot, KeyError> {
        let mut found = None;
        for slot in self.library.get_slots_with_initialized_token().map_err(KeyError::Token)? {
            // One that was pulled between the two questions is not the one.
            let Ok(token) = self.library.get_token_info(slot) else { continue };
            if token.label() == self.place.token && found.replace(slot).is_some() {
                return Err(KeyError::Ambiguous(self.place.token.clone()));
            }
        }
        found.ok_or_else(|| KeyError::Gone(self.place.token.clone()))
    }
}

/// Stops the module when dropped.
struct Started(Pkcs11);

impl Drop for Started {
    fn drop(&mut self) {
        // One whose token is gone may have stopped by itself.
        let _ = self.0.clone().finalize();
    }
}

/// A session; it ends before the module is stopped.
pub(super) struct Token {
    session: Session,
    slot: Slot,
    started: Started,
}

impl Token {
    /// A session that may make objects; it is logged in as the other one is.
    fn writing(&self) -> Result<Session, KeyError> {
        self.started.0.open_rw_session(self.slot).map_err(KeyError::Token)
    }

    /// Does away with what an attempt before left under a name that nothing knows yet.
    pub(super) fn clear(&self, label: &str) -> Result<(), KeyError> {
        let session = self.writing()?;
        let named = [Attribute::Label(label.as_bytes().to_vec())];
        for object in session.find_objects(&named).map_err(KeyError::Token)? {
            session.destroy_object(object).map_err(KeyError::Token)?;
        }
        Ok(())
    }

    /// Makes an AES-256 key that never leaves the token.
    pub(super) fn make_wrapping(&self, label: &str) -> Result<(), KeyError> {
        let template = [
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::ValueLen(32.into()),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
            Attribute::Label(label.as_bytes().to_vec()),
            Attribute::Id(label.as_bytes().to_vec()),
        ];
        let key = self.writing()?.generate_key(&Mechanism::AesKeyGen, &template).map_err(KeyError::Token)?;
        self.refuse_extractable(key)
    }

    /// Makes an Ed25519 key pair whose private half never leaves the token.
    pub(super) fn make_ed25519(&self, label: &str) -> Result<(), KeyError> {
        let mut last = KeyError::Mechanism("CKM_EC_EDWARDS_KEY_PAIR_GEN");
        for parameters in EDWARDS {
            match self.make_pair(&Mechanism::EccEdwardsKeyPairGen, parameters, label) {
                Err(KeyError::Token(error)) => last = KeyError::Token(error),
                made => return made,
            }
        }
        Err(last)
    }

    /// Makes a P-256 key pair whose private half never leaves the token.
    pub(super) fn make_p256(&self, label: &str) -> Result<(), KeyError> {
        self.make_pair(&Mechanism::EccKeyPairGen, &P256, label)
    }

    fn make_pair(&self, mechanism: &Mechanism<'_>, parameters: &[u8], label: &str) -> Result<(), KeyError> {
        let named = [Attribute::Label(label.as_bytes().to_vec()), Attribute::Id(label.as_bytes().to_vec())];
        let mut public = vec![
            Attribute::Token(true),
            Attribute::Private(false),
            Attribute::EcParams(parameters.to_vec()),
            Attribute::Verify(true),
        ];
        let mut private = vec![
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
        ];
        public.extend_from_slice(&named);
        private.extend_from_slice(&named);
        let (_, key) = self.writing()?.generate_key_pair(mechanism, &public, &private).map_err(KeyError::Token)?;
        self.refuse_extractable(key)
    }

    /// The last `N` bytes of a public key's point: tokens differ in what they put before it.
    pub(super) fn public<const N: usize>(&self, label: &str) -> Result<[u8; N], KeyError> {
        let key = self.find(ObjectClass::PUBLIC_KEY, label)?;
        let found = self.session.get_attributes(key, &[AttributeType::EcPoint]).map_err(KeyError::Token)?;
        match found.first() {
            Some(Attribute::EcPoint(point)) => point.last_chunk::<N>().copied().ok_or(KeyError::OtherKeys),
            _ => Err(KeyError::OtherKeys),
        }
    }

    /// IV || AES-256-GCM under a key of the token.
    pub(super) fn seal(
        &self,
        label: &str,
        mut iv: [u8; IV_BYTES],
        associated: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let key = self.find(ObjectClass::SECRET_KEY, label)?;
        let mut sealed = iv.to_vec();
        let how = GcmParams::new(&mut iv, associated, tag_bits()).map_err(KeyError::Token)?;
        let body = self.session.encrypt(&Mechanism::AesGcm(how), key, plain).map_err(KeyError::Token)?;
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    /// Opens what [`Token::seal`] made, under a key that the token would not hand out.
    pub(super) fn unseal(&self, label: &str, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let key = self.find(ObjectClass::SECRET_KEY, label)?;
        self.refuse_extractable(key)?;
        let (iv, body) = sealed.split_first_chunk::<IV_BYTES>().ok_or(KeyError::Malformed)?;
        let mut iv = *iv;
        let how = GcmParams::new(&mut iv, associated, tag_bits()).map_err(KeyError::Token)?;
        // Tokens have many words for bytes that were altered.
        let plain = self.session.decrypt(&Mechanism::AesGcm(how), key, body).map_err(|_| KeyError::OtherKeys)?;
        Ok(Zeroizing::new(plain))
    }

    /// Ed25519 (RFC 8032).
    pub(super) fn sign_ed25519(&self, label: &str, text: &[u8]) -> Result<[u8; 64], KeyError> {
        let how = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519));
        self.sign(label, &how, text)
    }

    /// ECDSA over a SHA-256 digest: r || s.
    pub(super) fn sign_p256(&self, label: &str, digest: &[u8; 32]) -> Result<[u8; 64], KeyError> {
        self.sign(label, &Mechanism::Ecdsa, digest)
    }

    fn sign(&self, label: &str, how: &Mechanism<'_>, bytes: &[u8]) -> Result<[u8; 64], KeyError> {
        // Looked for each time: a token that was pulled is not asked out of a memory of what it held.
        let key = self.find(ObjectClass::PRIVATE_KEY, label)?;
        let signature = self.session.sign(how, key, bytes).map_err(KeyError::Token)?;
        signature.try_into().map_err(|_| KeyError::OtherKeys)
    }

    fn find(&self, class: ObjectClass, label: &str) -> Result<ObjectHandle, KeyError> {
        let wanted = [Attribute::Class(class), Attribute::Label(label.as_bytes().to_vec())];
        match self.session.find_objects(&wanted).map_err(KeyError::Token)?.as_slice() {
            [key] => Ok(*key),
            _ => Err(KeyError::OtherKeys),
        }
    }

    fn refuse_extractable(&self, key: ObjectHandle) -> Result<(), KeyError> {
        let wanted = [AttributeType::Sensitive, AttributeType::Extractable];
        let found = self.session.get_attributes(key, &wanted).map_err(KeyError::Token)?;
        let kept = found.contains(&Attribute::Sensitive(true)) && found.contains(&Attribute::Extractable(false));
        if kept { Ok(()) } else { Err(KeyError::Extractable) }
    }
}
