//! From the arguments to who may sign in: credentials of a descriptor, or a profile and a prompt; it must sign nobody in.

use std::path::PathBuf;

use turret_shared::role::Role;
use turret_shared::secret::SecretText;

use super::{Who, descriptor};
use crate::credentials::{self, Credentials, CredentialsError};
use crate::profile::{Profile, ProfileError};

/// Why nobody can sign in.
#[derive(Debug)]
pub(super) enum WayInError {
    /// The descriptor cannot be read.
    Descriptor(std::io::Error),
    /// What it holds is no credentials.
    Credentials(CredentialsError),
    /// None of this role among them.
    NoRole(Role),
    /// There is no home directory to look for a profile in.
    NoHome,
    /// The profile cannot be used.
    Profile(ProfileError),
    /// Nobody answers at the terminal.
    Prompt(std::io::Error),
}

impl std::fmt::Display for WayInError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Descriptor(cause) => write!(f, "cannot read the credentials: {cause}"),
            Self::Credentials(cause) => cause.fmt(f),
            Self::NoRole(role) => write!(f, "no credentials of the role {role}"),
            Self::NoHome => f.write_str("no home directory: give --profile DIR"),
            Self::Profile(cause) => cause.fmt(f),
            Self::Prompt(cause) => write!(f, "cannot ask at the terminal: {cause}"),
        }
    }
}

impl std::error::Error for WayInError {}

/// The credentials of `--credentials-fd`, whoever starts first; `None` without the option.
pub(super) fn given(who: &Who) -> Result<Option<Vec<Credentials>>, WayInError> {
    let Some(fd) = who.credentials_fd else { return Ok(None) };
    let text = descriptor::first_line(fd).map_err(WayInError::Descriptor)?;
    let mut all = credentials::parse(text).map_err(WayInError::Credentials)?;
    if let Some(role) = who.role {
        let at = all.iter().position(|one| one.role == role).ok_or(WayInError::NoRole(role))?;
        if let Some(head) = all.get_mut(..=at) {
            head.rotate_right(1);
        }
    }
    Ok(Some(all))
}

/// The profile of `--profile`, or of the home directory.
pub(super) fn profile(who: &Who) -> Result<Profile, WayInError> {
    let dir = match &who.profile {
        Some(dir) => dir.clone(),
        None => home_profile().ok_or(WayInError::NoHome)?,
    };
    Profile::load(&dir).map_err(WayInError::Profile)
}

/// The profiles found there, the one to begin with first, and why one of them cannot be chosen.
pub(super) fn profiles(who: &Who) -> Result<(Vec<Profile>, Option<ProfileError>), WayInError> {
    let dir = match &who.profile {
        Some(dir) => dir.clone(),
        None => home_profile().ok_or(WayInError::NoHome)?,
    };
    Profile::found(&dir).map_err(WayInError::Profile)
}

pub(super) fn home_profile() -> Option<PathBuf> {
    std::env::home_dir().map(|home| home.join(".config").join("turret"))
}

/// What a person types: password, then code.
pub(super) fn asked(profile: &Profile) -> Result<(Credentials, SecretText), WayInError> {
    let ask = |question: &str| rpassword::prompt_password(question).map(SecretText::new).map_err(WayInError::Prompt);
    let login = turret_shared::text::escaped(&profile.login);
    let password = ask(&format!("Password of {login}: "))?;
    let code = ask("Code: ")?;
    let credentials = Credentials {
        // Said by the server at sign-in; scripts find this one by name only.
        role: Role::Customer,
        user: profile.login.clone(),
        password,
        authenticator: None,
        client_dir: profile.dir.clone(),
    };
    Ok((credentials, code))
}
