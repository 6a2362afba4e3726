//! The recovery key itself: what is sealed to it (HPKE, RFC 9180), what it says, and how shares give it; it must keep no copy.

use std::fmt;
use std::path::{Path, PathBuf};

use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use minicbor::{Decode, Encode};
use rustls::crypto::aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_AES_256 as HPKE;
use rustls::crypto::hpke::{EncapsulatedSecret, Hpke, HpkePrivateKey, HpkePublicKey};
use sha2::Sha256;
use turret_disk::private;
use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

use super::shamir::{Point, combine, split};
use super::share::{Share, desk_of};
use crate::keys::{KeyError, KeyStore, Purpose};
use crate::random::{Random, RandomError, array};

/// What is sealed to a recovery key is sealed for this.
const INFO: &[u8] = b"turret/recovery/v1";
/// What the key that speaks for it is derived for.
const SIGNS: &[u8] = b"turret/recovery/sign/v1";
/// Binds the file of a set to its place.
const PLACE: &[u8] = b"turret/recovery/set/v1";
/// Most shares of a set.
const SHARES_MAX: u8 = 16;

/// Why there is no recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveryError {
    /// Not from 2 to 16 shares, or not from 2 of them to all.
    Numbers,
    /// So many were given of so many that it takes.
    TooFew(usize, u8),
    /// This share is of another set than the backup is sealed to.
    OtherSet {
        /// Its number.
        number: u8,
        /// Its set.
        set: u32,
        /// The one wanted.
        wanted: u32,
    },
    /// This share is another desk's.
    OtherDesk(u8),
    /// This share was given twice.
    Twice(u8),
    /// What the shares give is not the key.
    NotTheKey,
    /// What was sealed was altered, or is not sealed to this key.
    NotGenuine,
    /// It could not be sealed.
    Seal,
    /// No randomness.
    Random,
}

impl fmt::Display for RecoveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numbers => write!(f, "from 2 to {SHARES_MAX} shares, and from 2 of them to all"),
            Self::TooFew(given, wanted) => write!(f, "it takes {wanted} shares, and {given} came"),
            Self::OtherSet { number, set, wanted } => {
                write!(f, "share {number} is of set {set:08X}, and this backup is sealed to set {wanted:08X}")
            }
            Self::OtherDesk(number) => write!(f, "share {number} is another desk's"),
            Self::Twice(number) => write!(f, "share {number} was given twice"),
            Self::NotTheKey => f.write_str("the shares do not give the recovery key of this backup"),
            Self::NotGenuine => f.write_str("what is sealed to the recovery key was altered"),
            Self::Seal => f.write_str("nothing could be sealed to the recovery key"),
            Self::Random => f.write_str("the system gives no randomness"),
        }
    }
}

impl std::error::Error for RecoveryError {}

impl From<RandomError> for RecoveryError {
    fn from(_: RandomError) -> Self {
        Self::Random
    }
}

/// The public side of a recovery key, and how it was split.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct RecoverySet {
    /// Names the shares that belong together.
    #[n(0)]
    pub set: u32,
    /// So many of them give the key.
    #[n(1)]
    pub threshold: u8,
    /// So many there are.
    #[n(2)]
    pub shares: u8,
    /// What is sealed is sealed to this (X25519).
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    pub seals: [u8; 32],
    /// What the key says is verified with this (Ed25519).
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub signs: [u8; 32],
}

/// A key sealed to a recovery key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Wrapped {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    encapsulated: Vec<u8>,
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    sealed: Vec<u8>,
}

impl RecoverySet {
    /// The set in force by a deployment's file; `None` where there was no ceremony.
    ///
    /// # Errors
    /// [`KeyError`] when it is there and was altered.
    pub fn read(path: &Path, keys: &dyn KeyStore) -> Result<Option<Self>, KeyError> {
        let sealed = match std::fs::read(path) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(KeyError::Io(path.to_owned(), error)),
        };
        let plain = keys.unseal(Purpose::Backup, PLACE, &sealed)?;
        minicbor::decode(&plain).map(Some).map_err(|_| KeyError::Malformed)
    }

    /// Puts it in force.
    ///
    /// # Errors
    /// [`KeyError`]; then the one before is.
    pub fn write(&self, path: &Path, keys: &dyn KeyStore, random: Random) -> Result<(), KeyError> {
        let plain = minicbor::to_vec(self).unwrap_or_default();
        let sealed = keys.seal(Purpose::Backup, PLACE, &plain, random)?;
        let draft: PathBuf = path.with_extension("draft");
        private::replace(path, &draft, &sealed).map_err(|source| KeyError::Io(path.to_owned(), source))
    }

    /// Seals a key for whoever has the shares.
    ///
    /// # Errors
    /// [`RecoveryError::Seal`].
    pub fn wrap(&self, associated: &[u8], key: &SecretKey) -> Result<Wrapped, RecoveryError> {
        let to = HpkePublicKey(self.seals.to_vec());
        let (encapsulated, sealed) = HPKE.seal(INFO, associated, key.expose(), &to).map_err(|_| RecoveryError::Seal)?;
        Ok(Wrapped { encapsulated: encapsulated.0, sealed })
    }

    /// Whether a share is of this set, and none of those given before.
    ///
    /// # Errors
    /// [`RecoveryError`]: why not.
    pub fn belongs(&self, origin: &str, share: &Share, before: &[Share]) -> Result<(), RecoveryError> {
        let Share { set, number, .. } = *share;
        if share.desk != desk_of(origin) {
            return Err(RecoveryError::OtherDesk(number));
        }
        if set != self.set {
            return Err(RecoveryError::OtherSet { number, set, wanted: self.set });
        }
        if before.iter().any(|other| other.number == number) { Err(RecoveryError::Twice(number)) } else { Ok(()) }
    }

    /// The key that these shares of a deployment give.
    ///
    /// # Errors
    /// [`RecoveryError`]: which share does not belong, or how many are missing.
    pub fn recover(&self, origin: &str, shares: &[Share]) -> Result<RecoveryKey, RecoveryError> {
        for (place, share) in shares.iter().enumerate() {
            self.belongs(origin, share, shares.get(..place).unwrap_or_default())?;
        }
        if shares.len() < usize::from(self.threshold) {
            return Err(RecoveryError::TooFew(shares.len(), self.threshold));
        }
        let points: Vec<Point> = shares.iter().map(|share| Point { x: share.number, y: share.value.clone() }).collect();
        let key = RecoveryKey(combine(&points));
        if key.signing()?.verifying_key().to_bytes() == self.signs { Ok(key) } else { Err(RecoveryError::NotTheKey) }
    }
}

/// The private side; wiped when dropped.
pub struct RecoveryKey(SecretKey);

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<recovery key>")
    }
}

impl RecoveryKey {
    /// Makes one, and its shares.
    ///
    /// # Errors
    /// [`RecoveryError::Numbers`], [`RecoveryError::Random`].
    pub fn make(
        origin: &str,
        threshold: u8,
        shares: u8,
        random: Random,
    ) -> Result<(RecoverySet, Vec<Share>), RecoveryError> {
        if !(2..=SHARES_MAX).contains(&shares) || !(2..=shares).contains(&threshold) {
            return Err(RecoveryError::Numbers);
        }
        let (public, private) = HPKE.generate_key_pair().map_err(|_| RecoveryError::Random)?;
        let secret = private.secret_bytes().try_into().map_err(|_| RecoveryError::Random)?;
        let key = Self(SecretKey::new(secret));
        let set = RecoverySet {
            set: u32::from_be_bytes(array(random)?),
            threshold,
            shares,
            seals: public.0.as_slice().try_into().map_err(|_| RecoveryError::Random)?,
            signs: key.signing()?.verifying_key().to_bytes(),
        };
        let desk = desk_of(origin);
        let card = |point: Point| Share { set: set.set, number: point.x, threshold, shares, desk, value: point.y };
        let cards = split(&key.0, threshold, shares, random)?.into_iter().map(card).collect();
        Ok((set, cards))
    }

    /// Opens what [`RecoverySet::wrap`] sealed.
    ///
    /// # Errors
    /// [`RecoveryError::NotGenuine`].
    pub fn unwrap(&self, associated: &[u8], wrapped: &Wrapped) -> Result<SecretKey, RecoveryError> {
        let private = HpkePrivateKey::from(self.0.expose().to_vec());
        let encapsulated = EncapsulatedSecret(wrapped.encapsulated.clone());
        let opened = HPKE.open(&encapsulated, INFO, associated, &wrapped.sealed, &private);
        let plain = Zeroizing::new(opened.map_err(|_| RecoveryError::NotGenuine)?);
        Ok(SecretKey::new(plain.as_slice().try_into().map_err(|_| RecoveryError::NotGenuine)?))
    }

    /// What it says, signed (Ed25519).
    ///
    /// # Errors
    /// [`RecoveryError::NotTheKey`] never, short of a broken derivation.
    pub fn sign(&self, text: &[u8]) -> Result<[u8; 64], RecoveryError> {
        Ok(self.signing()?.sign(text).to_bytes())
    }

    fn signing(&self) -> Result<SigningKey, RecoveryError> {
        let mut seed = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, self.0.expose())
            .expand(SIGNS, seed.as_mut())
            .map_err(|_| RecoveryError::NotTheKey)?;
        Ok(SigningKey::from_bytes(&seed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::system;
    use crate::recovery::read_shares;

    const DESK: &str = "turret.example/desk";

    fn again(shares: &[Share], numbers: &[u8]) -> Vec<Share> {
        let text: Vec<String> = shares
            .iter()
            .filter(|share| numbers.contains(&share.number))
            .flat_map(|share| share.lines().iter().map(|line| line.to_string()).collect::<Vec<_>>())
            .collect();
        read_shares(&text.join("\n")).unwrap()
    }

    #[test]
    fn what_is_sealed_to_the_set_opens_by_any_two_of_its_three_shares_and_by_nothing_else() {
        let (set, shares) = RecoveryKey::make(DESK, 2, 3, system).unwrap();
        let data = SecretKey::new([5; 32]);
        let wrapped = set.wrap(b"backup 1", &data).unwrap();
        for two in [[1, 2], [1, 3], [2, 3]] {
            let key = set.recover(DESK, &again(&shares, &two)).unwrap();
            assert_eq!(key.unwrap(b"backup 1", &wrapped).unwrap().expose(), data.expose());
            assert_eq!(key.unwrap(b"backup 2", &wrapped).err(), Some(RecoveryError::NotGenuine));
            let mut altered = wrapped.clone();
            altered.sealed[7] ^= 1;
            assert_eq!(key.unwrap(b"backup 1", &altered).err(), Some(RecoveryError::NotGenuine));
        }
        let fault = |origin: &str, shares: &[Share]| set.recover(origin, shares).err();
        assert_eq!(fault(DESK, &again(&shares, &[3])), Some(RecoveryError::TooFew(1, 2)));
        assert_eq!(fault(DESK, &[]), Some(RecoveryError::TooFew(0, 2)));
        assert_eq!(fault("another/desk", &again(&shares, &[1, 2])), Some(RecoveryError::OtherDesk(1)));
        let twice = [again(&shares, &[2]), again(&shares, &[2])].into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(fault(DESK, &twice), Some(RecoveryError::Twice(2)));
        let (other, others) = RecoveryKey::make(DESK, 2, 3, system).unwrap();
        let mixed = [again(&shares, &[1]), again(&others, &[3])].into_iter().flatten().collect::<Vec<_>>();
        let strange = RecoveryError::OtherSet { number: 3, set: other.set, wanted: set.set };
        assert_eq!(fault(DESK, &mixed), Some(strange));
        let key = other.recover(DESK, &again(&others, &[1, 2])).unwrap();
        assert_eq!(key.unwrap(b"backup 1", &wrapped).err(), Some(RecoveryError::NotGenuine));
        // Shares that say they are of the set and are not.
        let mut forged = again(&others, &[1, 2]);
        forged.iter_mut().for_each(|share| share.set = set.set);
        assert_eq!(fault(DESK, &forged), Some(RecoveryError::NotTheKey));
        for (threshold, shares) in [(1, 3), (4, 3), (2, 1), (2, 17), (0, 0)] {
            assert_eq!(RecoveryKey::make(DESK, threshold, shares, system).err(), Some(RecoveryError::Numbers));
        }
    }
}
