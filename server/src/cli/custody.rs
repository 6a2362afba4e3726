//! The key store a configuration names, opened by a secret that comes by prompt, descriptor or credential; it must fall back on
//! no other.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::init::{Failed, failed};
use crate::config::{Keys, Layout};
use crate::keys::file::FileKeys;
use crate::keys::pkcs11::{Pkcs11Keys, Place};
use crate::keys::{Exported, Fresh, KeyError, KeyStore, Passphrase, PassphraseError};
use crate::random;

/// Names the folder of a systemd service's credentials.
const CREDENTIALS_FOLDER: &str = "CREDENTIALS_DIRECTORY";

/// Where the passphrase of the key file, or the PIN of the token, comes from; it is asked for at the terminal otherwise.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Unlock {
    /// File descriptor to read the key store's passphrase, or its token's PIN, from.
    #[arg(long, visible_alias = "pin-fd", value_name = "N", conflicts_with = "passphrase_credential")]
    pub passphrase_fd: Option<u32>,
    /// The systemd credential that holds it.
    #[arg(long, visible_alias = "pin-credential", value_name = "NAME")]
    pub passphrase_credential: Option<String>,
}

/// Why there are no keys.
#[derive(Debug)]
pub enum CustodyError {
    /// No passphrase or PIN.
    Passphrase(PassphraseError),
    /// A credential is named, and there is none of that name.
    Credential(String),
    /// The store does not open.
    Keys(KeyError),
}

impl fmt::Display for CustodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passphrase(source) => source.fmt(f),
            Self::Credential(name) => write!(f, "this service was given no credential called {name}"),
            Self::Keys(source) => source.fmt(f),
        }
    }
}

impl std::error::Error for CustodyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Keys(source) => source.source(),
            _ => None,
        }
    }
}

impl From<PassphraseError> for CustodyError {
    fn from(source: PassphraseError) -> Self {
        Self::Passphrase(source)
    }
}

impl From<KeyError> for CustodyError {
    fn from(source: KeyError) -> Self {
        Self::Keys(source)
    }
}

impl Unlock {
    fn secret(&self, question: &str) -> Result<Passphrase, CustodyError> {
        if let Some(name) = &self.passphrase_credential {
            return Ok(Passphrase::from_file(&credential(name)?)?);
        }
        Ok(match self.passphrase_fd {
            Some(descriptor) => Passphrase::from_descriptor(descriptor)?,
            None => Passphrase::from_prompt(question)?,
        })
    }

    fn of(&self, keys: &Keys) -> Result<Passphrase, CustodyError> {
        self.secret(match keys {
            Keys::File => "Key store passphrase: ",
            Keys::Pkcs11 { .. } => "PIN of the token: ",
        })
    }
}

/// The file of a credential: a plain name within the service's own folder.
fn credential(name: &str) -> Result<PathBuf, CustodyError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let missing = || CustodyError::Credential(name.to_owned());
    if name.starts_with('.') || !name.chars().all(plain) {
        return Err(missing());
    }
    let path = PathBuf::from(std::env::var_os(CREDENTIALS_FOLDER).ok_or_else(missing)?).join(name);
    if path.is_file() { Ok(path) } else { Err(missing()) }
}

/// Where the PIN of a token comes from that keys are moved into; it is asked for at the terminal otherwise.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Pin {
    /// File descriptor to read the PIN of the token from.
    #[arg(long, value_name = "N", conflicts_with = "token_pin_credential")]
    pub token_pin_fd: Option<u32>,
    /// The systemd credential that holds it.
    #[arg(long, value_name = "NAME")]
    pub token_pin_credential: Option<String>,
}

impl Pin {
    /// Reads it.
    pub(super) fn secret(&self) -> Result<Passphrase, CustodyError> {
        let (passphrase_fd, passphrase_credential) = (self.token_pin_fd, self.token_pin_credential.clone());
        Unlock { passphrase_fd, passphrase_credential }.secret("PIN of the token: ")
    }
}

/// A passphrase to take the place of the one a key file has.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct UnlockAnew {
    /// File descriptor to read a new passphrase of the key file from, when `wrapping` is rotated.
    #[arg(long, value_name = "N", conflicts_with = "new_passphrase_credential")]
    pub new_passphrase_fd: Option<u32>,
    /// The systemd credential that holds it.
    #[arg(long, value_name = "NAME")]
    pub new_passphrase_credential: Option<String>,
}

impl UnlockAnew {
    /// True where one is given.
    pub(super) const fn is_given(&self) -> bool {
        self.new_passphrase_fd.is_some() || self.new_passphrase_credential.is_some()
    }

    fn secret(&self) -> Result<Option<Passphrase>, CustodyError> {
        if !self.is_given() {
            return Ok(None);
        }
        let given = Unlock {
            passphrase_fd: self.new_passphrase_fd,
            passphrase_credential: self.new_passphrase_credential.clone(),
        };
        given.secret("New key store passphrase: ").map(Some)
    }
}

/// Opens the key store of a deployment, and stretches the passphrase anew where one opens it: the new one, or the same.
pub(super) fn open_anew(
    layout: &Layout,
    keys: &Keys,
    unlock: &Unlock,
    new: &UnlockAnew,
) -> Result<(Arc<dyn KeyStore>, Option<Fresh>), CustodyError> {
    let Keys::File = keys else { return Ok((open(layout, keys, unlock)?, None)) };
    let secret = unlock.of(keys)?;
    let store = FileKeys::open(&layout.keys(), &secret)?;
    let fresh = Fresh::of(&new.secret()?.unwrap_or(secret), random::system)?;
    Ok((Arc::new(store), Some(fresh)))
}

/// The key file as it was when it was opened.
pub(super) struct Stamp(Vec<u8>);

impl Stamp {
    /// Take it before the store is opened.
    pub(super) fn of(layout: &Layout) -> Result<Self, Failed> {
        Ok(Self(std::fs::read(layout.keys()).map_err(failed(layout.keys().display()))?))
    }

    /// The file, sealed as it is.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Refuses where a key was rotated since: what is sealed by then may be under one that this process does not have.
    pub(super) fn still_holds(&self, layout: &Layout) -> Result<(), Failed> {
        match Self::of(layout)?.0 == self.0 {
            true => Ok(()),
            false => Err(Failed("the keys were rotated meanwhile: begin once more".to_owned())),
        }
    }
}

/// Opens the key store of a deployment.
pub(super) fn open(layout: &Layout, keys: &Keys, unlock: &Unlock) -> Result<Arc<dyn KeyStore>, CustodyError> {
    let secret = unlock.of(keys)?;
    Ok(match keys {
        Keys::File => Arc::new(FileKeys::open(&layout.keys(), &secret)?),
        Keys::Pkcs11 { module, token } => {
            let place = Place { module: module.clone(), token: token.clone() };
            Arc::new(Pkcs11Keys::open(&layout.keys(), &place, secret)?)
        }
    })
}

/// Makes the key store of a new deployment.
pub(super) fn create(
    layout: &Layout,
    keys: &Keys,
    secret: Passphrase,
    now_s: u64,
) -> Result<Arc<dyn KeyStore>, CustodyError> {
    Ok(match keys {
        Keys::File => Arc::new(FileKeys::create(&layout.keys(), &secret, random::system, now_s)?),
        Keys::Pkcs11 { module, token } => {
            let place = Place { module: module.clone(), token: token.clone() };
            Arc::new(Pkcs11Keys::create(&layout.keys(), &place, secret, random::system, now_s)?)
        }
    })
}

/// Makes a key store for a deployment whose keys come out of a backup.
pub(super) fn take_over(
    layout: &Layout,
    keys: &Keys,
    secret: Passphrase,
    from: &Exported,
    now_s: u64,
) -> Result<Arc<dyn KeyStore>, CustodyError> {
    Ok(match keys {
        Keys::File => Arc::new(FileKeys::take_over(&layout.keys(), &secret, from, random::system, now_s)?),
        Keys::Pkcs11 { module, token } => {
            let place = Place { module: module.clone(), token: token.clone() };
            Arc::new(Pkcs11Keys::take_over(&layout.keys(), &place, secret, from, random::system, now_s)?)
        }
    })
}

/// The secret of a deployment that is about to be made.
pub(super) fn secret(keys: &Keys, unlock: &Unlock) -> Result<Passphrase, CustodyError> {
    unlock.of(keys)
}
