//! `turretd.toml`: what a deployment chooses; it must hold no secret and nothing the log decides.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use turret_shared::command::Environment;
use turret_shared::tlog::deployment_of;

use crate::siem::SiemPolicy;
use crate::watch::Thresholds;
use crate::witnessing::WitnessPolicy;

/// Name of the file within the data directory.
pub const CONFIG_FILE: &str = "turretd.toml";
/// Longest file read, in bytes.
const CONFIG_BYTES_MAX: u64 = 64 * 1024;

/// The whole file. A key it does not know is refused: a misspelt limit is no limit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of the deployment, also the origin of its log.
    pub origin: String,
    /// Where orders go.
    #[serde(default)]
    pub environment: EnvironmentName,
    /// True only for a demo: clients say so on every screen.
    #[serde(default)]
    pub demo: bool,
    /// Limits that are a deployment's choice.
    #[serde(default)]
    pub limits: Limits,
    /// How much is too much, for surveillance.
    #[serde(default)]
    pub watch: Thresholds,
    /// What is told to the machine's own guards.
    #[serde(default)]
    pub guard: Guard,
    /// Where the keys are.
    #[serde(default)]
    pub keys: Keys,
    /// Who cosigns checkpoints.
    #[serde(default)]
    pub witness: WitnessPolicy,
    /// Who is sent the log as it grows.
    #[serde(default)]
    pub siem: SiemPolicy,
}

/// Where the keys are: there and nowhere else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "store", rename_all = "lowercase")]
pub enum Keys {
    /// In a file, sealed under a passphrase.
    #[default]
    File,
    /// In a PKCS#11 token, by a PIN.
    Pkcs11 {
        /// The token maker's module, a shared library.
        module: PathBuf,
        /// What the token is called: its label.
        token: String,
    },
}

impl Keys {
    /// As lines of the file.
    pub(crate) fn text(&self) -> String {
        // What is a string of JSON is one of TOML; the one exception is refused when it is read again.
        let quoted = |text: &str| serde_json::Value::String(text.to_owned()).to_string();
        match self {
            Self::File => "store = \"file\"\n".to_owned(),
            Self::Pkcs11 { module, token } => {
                let module = quoted(&module.display().to_string());
                format!("store = \"pkcs11\"\nmodule = {module}\ntoken = {}\n", quoted(token))
            }
        }
    }
}

/// What is told to the machine's own guards.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Guard {
    /// A file for `nft -f`, with every source that is out; written anew at each change.
    pub nftables_set: Option<PathBuf>,
}

/// `sim` or `live`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EnvironmentName {
    /// The simulator.
    #[default]
    Sim,
    /// Real venues.
    Live,
}

impl From<EnvironmentName> for Environment {
    fn from(name: EnvironmentName) -> Self {
        match name {
            EnvironmentName::Sim => Self::Sim,
            EnvironmentName::Live => Self::Live,
        }
    }
}

/// Limits that are a deployment's choice.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Disk kept back, so that cancels can be recorded when the disk is full, in MiB.
    pub disk_reserve_mib: u32,
    /// Connections at once.
    pub connections_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { disk_reserve_mib: 64, connections_max: 512 }
    }
}

/// Why a configuration cannot be used.
#[derive(Debug)]
pub enum ConfigError {
    /// It cannot be read.
    Read(std::io::Error),
    /// Keys that are on their way to another store cannot be put in their place.
    Move(std::io::Error),
    /// It is longer than any configuration.
    TooLong,
    /// It is not of this shape.
    Parse(toml::de::Error),
    /// `origin` is empty, too long, or has characters a log origin may not have.
    Origin,
    /// The keys do not stand in a section of their own, `[keys]`.
    Keys,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Move(error) => {
                write!(f, "keys are being moved to another store, and that cannot be finished: {error}")
            }
            Self::Read(error) => write!(f, "cannot read {CONFIG_FILE}: {error}"),
            Self::Keys => write!(f, "{CONFIG_FILE}: the keys do not stand in a section [keys] of their own"),
            Self::TooLong => write!(f, "{CONFIG_FILE} is too long"),
            Self::Parse(error) => write!(f, "{CONFIG_FILE}: {error}"),
            Self::Origin => {
                write!(f, "{CONFIG_FILE}: origin must be 1 to 64 of a-z 0-9 . - / and not end like /epoch-2")
            }
        }
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads `turretd.toml` of a data directory.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load(data: &Path) -> Result<Self, ConfigError> {
        let path = data.join(CONFIG_FILE);
        let length = std::fs::metadata(&path).map_err(ConfigError::Read)?.len();
        if length > CONFIG_BYTES_MAX {
            return Err(ConfigError::TooLong);
        }
        Self::parse(&std::fs::read_to_string(path).map_err(ConfigError::Read)?)
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(ConfigError::Parse)?;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'/');
        let fits = (1..=64).contains(&config.origin.len());
        // Its epochs are the log's to number.
        let named = fits && config.origin.bytes().all(plain) && deployment_of(&config.origin).1 == 1;
        if named { Ok(config) } else { Err(ConfigError::Origin) }
    }

    /// The text of the file with other `[keys]`, and everything else as it was.
    ///
    /// # Errors
    /// [`ConfigError::Keys`] where they do not stand in a section of their own.
    pub fn with_keys(text: &str, keys: &Keys) -> Result<String, ConfigError> {
        let mut out = String::with_capacity(text.len());
        let mut within = false;
        for line in text.lines() {
            let section = line.trim_start().starts_with('[');
            within = if section { line.trim() == "[keys]" } else { within };
            if section && within {
                out.push_str("[keys]\n# Where the keys are; docs/guide-keys.md.\n");
                out.push_str(&keys.text());
                out.push('\n');
            } else if !within {
                out.push_str(line);
                out.push('\n');
            }
        }
        if Self::parse(&out)?.keys == *keys { Ok(out) } else { Err(ConfigError::Keys) }
    }

    /// The file of a new deployment, with every key spelt out.
    #[must_use]
    pub fn text(&self) -> String {
        let environment = match self.environment {
            EnvironmentName::Sim => "sim",
            EnvironmentName::Live => "live",
        };
        format!(
            "# What this deployment chooses; a key turretd does not know is refused.\n\
             origin = \"{}\"\nenvironment = \"{environment}\"\ndemo = {}\n\n\
             [limits]\n# Disk kept back so that cancels can be recorded when the disk is full.\ndisk_reserve_mib = {}\n\
             connections_max = {}\n\n\
             [guard]\n# A file for nft -f with every source that is out; docs/guide-operator.md says how it is loaded.\n\
             # nftables_set = \"/var/lib/turret/banned.nft\"\n\n\
             [keys]\n# Where the keys are; docs/guide-keys.md.\n{}\n\
             [witness]\n{}\n\
             [siem]\n{}\n\
             [watch]\n# How much is too much; docs/surveillance.md says of what, and 0 turns a rule off.\n{}",
            self.origin,
            self.demo,
            self.limits.disk_reserve_mib,
            self.limits.connections_max,
            self.keys.text(),
            self.witness.text(),
            self.siem.text(),
            self.watch.text(),
        )
    }
}

/// Where things lie within a data directory.
#[derive(Debug, Clone)]
pub struct Layout(PathBuf);

impl Layout {
    /// Of this directory.
    #[must_use]
    pub const fn new(data: PathBuf) -> Self {
        Self(data)
    }

    /// The directory itself.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.0
    }

    /// Sealed keys.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys.sealed")
    }

    /// Log, leaves, tiles and current orders, encrypted.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.0.join("log.db")
    }

    /// Credentials and sealed personal values, encrypted under another key.
    #[must_use]
    pub fn vault(&self) -> PathBuf {
        self.0.join("vault.db")
    }

    /// Whose recovery shares open backups, sealed.
    #[must_use]
    pub fn recovery(&self) -> PathBuf {
        self.0.join("recovery.sealed")
    }

    /// The audit search, rebuildable from the log, encrypted.
    #[must_use]
    pub fn audit(&self) -> PathBuf {
        self.0.join("audit.db")
    }

    /// Sealed snapshots of the state.
    #[must_use]
    pub fn snapshots(&self) -> PathBuf {
        self.0.join("snapshots")
    }

    /// Signed checkpoints.
    #[must_use]
    pub fn checkpoints(&self) -> PathBuf {
        self.0.join("checkpoints")
    }

    /// Every checkpoint signed, encrypted.
    #[must_use]
    pub fn signed(&self) -> PathBuf {
        self.checkpoints().join("signed.db")
    }

    /// Certificates of the server and its links.
    #[must_use]
    pub fn pki(&self) -> PathBuf {
        self.0.join("pki")
    }

    /// Profiles of a demo's clients.
    #[must_use]
    pub fn clients(&self) -> PathBuf {
        self.0.join("clients")
    }

    /// Disk held back.
    #[must_use]
    pub fn reserve(&self) -> PathBuf {
        self.0.join("reserve")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_file_reads_back_and_unknown_keys_are_refused() {
        let config = Config {
            origin: "turret.example/desk".into(),
            environment: EnvironmentName::Sim,
            demo: true,
            limits: Limits::default(),
            watch: Thresholds::default(),
            guard: Guard::default(),
            keys: Keys::Pkcs11 { module: "/usr/lib/a \"b\"/p11.so".into(), token: "desk's".into() },
            witness: WitnessPolicy::default(),
            siem: SiemPolicy::default(),
        };
        let text = config.text();
        let back = Config::parse(&text);
        assert!(matches!(&back, Ok(c) if c.origin == config.origin && c.demo && c.limits.disk_reserve_mib == 64));
        assert_eq!(back.unwrap().keys, config.keys);
        assert_eq!(Config::parse("origin = \"a\"").unwrap().keys, Keys::File);
        // Other keys, and nothing else.
        let filed = Config::with_keys(&text, &Keys::File).unwrap();
        assert_eq!(Config::parse(&filed).unwrap().keys, Keys::File);
        assert_eq!(Config::with_keys(&filed, &config.keys).unwrap(), text);
        let inline = "origin = \"a\"\nkeys = { store = \"pkcs11\", module = \"m\", token = \"t\" }\n";
        assert!(matches!(Config::with_keys(inline, &Keys::File), Err(ConfigError::Keys)));
        for odd in
            ["store = \"tape\"", "store = \"pkcs11\"", "store = \"pkcs11\"\nmodule = \"m\"\ntoken = \"t\"\npin = \"1\""]
        {
            let said = Config::parse(&format!("origin = \"a\"\n[keys]\n{odd}\n"));
            assert!(matches!(said, Err(ConfigError::Parse(_))), "{odd}");
        }
        assert!(matches!(Config::parse(&format!("{text}misspelt = 1\n")), Err(ConfigError::Parse(_))));
        let said = Config::parse("origin = \"a\"\n[watch.answers]\nprobing = \"shoot\"\n").unwrap_err();
        assert!(said.to_string().contains("probing = `shoot` is no answer"), "{said}");
        assert!(matches!(Config::parse("origin = \"A b\""), Err(ConfigError::Origin)));
        assert!(matches!(Config::parse("origin = \"a/epoch-2\""), Err(ConfigError::Origin)));
    }
}
