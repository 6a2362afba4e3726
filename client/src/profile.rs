//! A profile directory: which server, which authority is believed, and the device's own certificate; it must hold no password.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use turret_shared::command::Environment;
use turret_shared::secret::SecretText;
use turret_shared::time::Timestamp;

use crate::app::signin::Offered;

/// File of the settings, within the directory.
pub const SETTINGS_FILE: &str = "profile.toml";
/// File of the authority's certificate.
pub const AUTHORITY_FILE: &str = "ca.pem";
/// File of the device's certificate.
pub const DEVICE_FILE: &str = "device.pem";
/// File of the device's key.
pub const KEY_FILE: &str = "device.key";
/// Profiles looked for beside one another.
const PROFILES_MAX: usize = 20;
/// Longest file read, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// What a profile directory says.
#[derive(Clone)]
pub struct Profile {
    /// Where it was read.
    pub dir: PathBuf,
    /// What its owner calls it; its directory's name where they call it nothing.
    pub name: String,
    /// `host:port`.
    pub server: String,
    /// Name in the server's certificate.
    pub server_name: String,
    /// Where orders go: every command says it, and a server of another kind is not talked to.
    pub environment: Environment,
    /// Who this device belongs to.
    pub login: String,
    /// The one authority believed, PEM.
    pub authority_pem: String,
    /// The device's certificate, PEM.
    pub device_pem: String,
    /// The device's key, PEM.
    pub device_key: SecretText,
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile").field("dir", &self.dir).field("server", &self.server).finish_non_exhaustive()
    }
}

/// Why a profile directory cannot be used.
#[derive(Debug)]
pub enum ProfileError {
    /// A file is missing, unreadable or too long.
    File(PathBuf, std::io::Error),
    /// The settings are not what they should be.
    Settings(PathBuf, Box<toml::de::Error>),
    /// The environment is neither `SIM` nor `LIVE`.
    Environment(PathBuf),
    /// The key is readable by others than its owner.
    KeyExposed(PathBuf),
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, cause) => write!(f, "cannot read {}: {cause}", path.display()),
            Self::Settings(path, _) => write!(f, "{} is not a profile", path.display()),
            Self::Environment(path) => write!(f, "{}: environment must be \"SIM\" or \"LIVE\"", path.display()),
            Self::KeyExposed(path) => write!(f, "{} must be readable by its owner only (mode 0600)", path.display()),
        }
    }
}

impl std::error::Error for ProfileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File(_, cause) => Some(cause),
            Self::Settings(_, cause) => Some(cause),
            Self::Environment(_) | Self::KeyExposed(_) => None,
        }
    }
}

#[derive(Deserialize)]
struct Settings {
    #[serde(default)]
    name: Option<String>,
    server: String,
    server_name: String,
    environment: String,
    login: String,
}

impl Profile {
    /// Reads the four files.
    ///
    /// # Errors
    /// [`ProfileError`] names the file.
    pub fn load(dir: &Path) -> Result<Self, ProfileError> {
        let path = dir.join(SETTINGS_FILE);
        // One that cannot be brought to its end leaves the key there is.
        let _ = crate::renewal::settle(dir);
        let settings: Settings =
            toml::from_str(&read(&path)?).map_err(|e| ProfileError::Settings(path.clone(), Box::new(e)))?;
        let environment = match settings.environment.as_str() {
            "SIM" => Environment::Sim,
            "LIVE" => Environment::Live,
            _ => return Err(ProfileError::Environment(path)),
        };
        let key_path = dir.join(KEY_FILE);
        refuse_exposed(&key_path)?;
        let called = dir.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(Self {
            dir: dir.to_path_buf(),
            name: settings.name.or(called).unwrap_or_default(),
            server: settings.server,
            server_name: settings.server_name,
            environment,
            login: settings.login,
            authority_pem: read(&dir.join(AUTHORITY_FILE))?,
            device_pem: read(&dir.join(DEVICE_FILE))?,
            device_key: SecretText::new(read(&key_path)?),
        })
    }

    /// The profiles to choose from: that of the directory itself, then those of the directories in it by name; and why
    /// one of them is not among them.
    ///
    /// # Errors
    /// [`ProfileError`] of the directory's own, when there is no other.
    pub fn found(dir: &Path) -> Result<(Vec<Self>, Option<ProfileError>), ProfileError> {
        let mut beside: Vec<PathBuf> = std::fs::read_dir(dir)
            .map(|entries| entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect())
            .unwrap_or_default();
        beside.retain(|path| path.join(SETTINGS_FILE).is_file());
        beside.sort();
        let (mut profiles, mut trouble) = (Vec::new(), None);
        let own = Self::load(dir);
        for found in beside.iter().take(PROFILES_MAX).map(|path| Self::load(path)) {
            match found {
                Ok(profile) => profiles.push(profile),
                Err(error) => trouble = trouble.or(Some(error)),
            }
        }
        match own {
            Ok(profile) => profiles.insert(0, profile),
            Err(error) if profiles.is_empty() => return Err(trouble.unwrap_or(error)),
            Err(ProfileError::File(_, cause)) if cause.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => trouble = Some(error),
        }
        Ok((profiles, trouble))
    }

    /// What sign-in shows of it before a password is typed.
    #[must_use]
    pub fn offered(&self) -> Offered {
        let authority = turret_certs::identity::seen(&self.authority_pem);
        let device = turret_certs::identity::seen(&self.device_pem);
        let ends = device.and_then(|(_, s)| s.checked_mul(turret_shared::time::NS_PER_S));
        Offered {
            name: self.name.clone(),
            address: self.server.clone(),
            environment: self.environment,
            login: self.login.clone(),
            authority: authority.map(|(digest, _)| digest.0.to_vec()).unwrap_or_default(),
            device: self.dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            certificate_ends: ends.map(Timestamp),
        }
    }

    /// The device's certificate and key as they lie there now, PEM: another program of the device may have renewed them.
    ///
    /// # Errors
    /// [`ProfileError`] names the file.
    pub fn device_now(dir: &Path) -> Result<(String, SecretText), ProfileError> {
        let key_path = dir.join(KEY_FILE);
        refuse_exposed(&key_path)?;
        Ok((read(&dir.join(DEVICE_FILE))?, SecretText::new(read(&key_path)?)))
    }

    /// The same device towards another address, as a demo on a fresh port needs it.
    #[must_use]
    pub fn at(mut self, server: &str) -> Self {
        server.clone_into(&mut self.server);
        self
    }
}

fn read(path: &Path) -> Result<String, ProfileError> {
    let fail = |cause| ProfileError::File(path.to_path_buf(), cause);
    let length = std::fs::metadata(path).map_err(fail)?.len();
    if length > FILE_BYTES_MAX {
        return Err(fail(std::io::Error::other("too long")));
    }
    std::fs::read_to_string(path).map_err(fail)
}

#[cfg(unix)]
fn refuse_exposed(path: &Path) -> Result<(), ProfileError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_err(|e| ProfileError::File(path.to_path_buf(), e))?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(ProfileError::KeyExposed(path.to_path_buf())) }
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path) -> Result<(), ProfileError> {
    // The directory's access list decides there.
    Ok(())
}
