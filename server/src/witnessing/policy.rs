//! `[witness]` of the configuration: who is asked, how many must have said yes, and how long a silence may last.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use turret_shared::tlog::WitnessVerifier;

use super::ask::AskedWitness;
use crate::web::{AskError, Asker};

/// Witnesses of one log.
const WITNESSES_MAX: usize = 16;
/// A silence is told of after this at the latest, in seconds.
const ALARM_S_MAX: u32 = 86_400;

/// Who is asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WitnessPolicy {
    /// How many must have cosigned a checkpoint before anybody is shown it; 0 where nobody is asked.
    pub quorum: u16,
    /// A witness that is silent for so long raises an alert, in seconds.
    pub alarm_s: u32,
    /// The witnesses.
    pub of: Vec<Witnessed>,
}

impl Default for WitnessPolicy {
    fn default() -> Self {
        Self { quorum: 0, alarm_s: 10, of: Vec::new() }
    }
}

/// One witness.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witnessed {
    /// Its key, `name+id+key`, as it published it.
    pub key: String,
    /// Where it is asked, `https://host[:port]/prefix`.
    pub url: String,
    /// The authority its certificate is of (PEM file); a path that is not absolute begins at the data directory.
    pub authority: PathBuf,
}

/// Why witnesses cannot be asked as configured.
#[derive(Debug)]
pub enum PolicyError {
    /// More must say yes than are asked, or too many are asked.
    Quorum,
    /// A silence is never told of, or only when it is too late.
    Alarm,
    /// Not a witness's key.
    Key(String),
    /// Two of one name: a single one would count twice.
    Twice(String),
    /// Its authority cannot be read.
    Authority(PathBuf, std::io::Error),
    /// It cannot be asked there.
    Address(String, AskError),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quorum => write!(f, "witness.quorum must be met by the witnesses named, at most {WITNESSES_MAX}"),
            Self::Alarm => write!(f, "witness.alarm_s must be 1 to {ALARM_S_MAX}"),
            Self::Key(key) => write!(f, "{key} is no witness's key"),
            Self::Twice(name) => write!(f, "the witness {name} is named twice"),
            Self::Authority(path, _) => write!(f, "cannot read {}", path.display()),
            Self::Address(url, _) => write!(f, "cannot ask {url}"),
        }
    }
}

impl std::error::Error for PolicyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Authority(_, source) => Some(source),
            Self::Address(_, source) => Some(source),
            _ => None,
        }
    }
}

impl WitnessPolicy {
    /// True where checkpoints wait for witnesses.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.quorum > 0
    }

    /// The witnesses, ready to be asked.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn witnesses(&self, data: &Path) -> Result<Vec<AskedWitness>, PolicyError> {
        if self.of.len() > WITNESSES_MAX || usize::from(self.quorum) > self.of.len() {
            return Err(PolicyError::Quorum);
        }
        if self.alarm_s == 0 || self.alarm_s > ALARM_S_MAX {
            return Err(PolicyError::Alarm);
        }
        let mut witnesses: Vec<AskedWitness> = Vec::with_capacity(self.of.len());
        for Witnessed { key, url, authority } in &self.of {
            let key: WitnessVerifier = key.parse().map_err(|_| PolicyError::Key(key.clone()))?;
            if witnesses.iter().any(|other| other.key().name() == key.name()) {
                return Err(PolicyError::Twice(key.name().to_owned()));
            }
            let path = data.join(authority);
            let pem = std::fs::read_to_string(&path).map_err(|source| PolicyError::Authority(path, source))?;
            let asker =
                Asker::new(url, "add-checkpoint", &pem).map_err(|source| PolicyError::Address(url.clone(), source))?;
            witnesses.push(AskedWitness::new(key, asker));
        }
        Ok(witnesses)
    }

    /// The section of a new deployment's file.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "# Who cosigns checkpoints before anybody is shown them; docs/guide-operator.md says how one is set up.\n\
             quorum = {}\nalarm_s = {}\n\
             # [[witness.of]]\n# key = \"witness.example/w1+id+key\"\n# url = \"https://witness.example:7446\"\n\
             # authority = \"pki/witness-ca.pem\"\n",
            self.quorum, self.alarm_s
        )
    }
}
