//! What a person sets for themselves, from options and from their own files; it must read nothing else of the environment.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use crate::app::look::{Taste, Theme};
use crate::keymap::{self, FileError, Keymap};

/// Longest file read, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// The keymap, within the person's own settings.
const KEYS_FILE: &str = "keys.toml";
/// Colours and the like.
const LOOK_FILE: &str = "look.toml";

/// Options of the workstation that are a matter of taste.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Manners {
    /// Keys from this file, or a preset: default, azerty, qwertz; ~/.config/turret/keys.toml unless given.
    #[arg(long, value_name = "FILE|PRESET")]
    keys: Option<PathBuf>,
    /// Colours: auto, dark, light, contrast, red-green, blue-yellow, the last three with -dark or -light.
    #[arg(long, value_name = "NAME", value_parser = theme)]
    theme: Option<Theme>,
    /// What rises is red and what falls is blue.
    #[arg(long)]
    red_up: bool,
    /// Seven-bit characters only.
    #[arg(long)]
    ascii: bool,
    /// By lines: no screen, one plain line for each thing that changes, and a prompt (screen readers, slow links).
    #[arg(long)]
    pub(super) linear: bool,
}

fn theme(word: &str) -> Result<Theme, String> {
    Theme::parse(word).ok_or_else(|| Theme::WORDS.to_owned())
}

/// `look.toml`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    theme: Option<String>,
    red_up: bool,
    ascii: bool,
}

/// Arguments of `turret keys`.
#[derive(Debug, Args)]
pub(super) struct KeysArgs {
    /// A file, or a preset: default, azerty, qwertz; ~/.config/turret/keys.toml unless given.
    #[arg(long, value_name = "FILE|PRESET")]
    keys: Option<PathBuf>,
}

/// Why a person's own file is not used.
#[derive(Debug)]
pub(super) enum MannersError {
    /// It cannot be read.
    Unreadable(PathBuf, std::io::Error),
    /// It is no keymap, or one that cannot stand.
    Keys(PathBuf, FileError),
    /// It says nothing about looks; in one line.
    Look(PathBuf, String),
}

impl fmt::Display for MannersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, cause) => write!(f, "cannot read {}: {cause}", path.display()),
            Self::Keys(path, fault) => write!(f, "{}: {fault}", path.display()),
            Self::Look(path, fault) => write!(f, "{}: {fault}", path.display()),
        }
    }
}

impl std::error::Error for MannersError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable(_, cause) => Some(cause),
            Self::Keys(_, fault) => Some(fault),
            Self::Look(..) => None,
        }
    }
}

impl Manners {
    /// Keys for this start.
    pub(super) fn keymap(&self) -> Result<Keymap, MannersError> {
        keymap_of(self.keys.as_deref()).map(|(_, keymap)| keymap)
    }

    /// Looks for this start: the options, then the person's own file.
    pub(super) fn taste(&self) -> Result<Taste, MannersError> {
        let written = match own(LOOK_FILE) {
            Some(path) if path.exists() => look_of(&read(&path)?).map_err(|fault| MannersError::Look(path, fault))?,
            _ => Taste::default(),
        };
        Ok(Taste {
            theme: self.theme.unwrap_or(written.theme),
            red_up: self.red_up || written.red_up,
            ascii: self.ascii || written.ascii,
        })
    }
}

impl KeysArgs {
    /// Where the keys come from, and the keys.
    pub(super) fn keymap(&self) -> Result<(String, Keymap), MannersError> {
        keymap_of(self.keys.as_deref())
    }
}

fn keymap_of(given: Option<&Path>) -> Result<(String, Keymap), MannersError> {
    if let Some(preset) = given.and_then(Path::to_str).and_then(keymap::preset) {
        return Ok((format!("preset {}", preset.preset()), preset));
    }
    let (path, text) = match given {
        Some(path) => (path.to_path_buf(), read(path)?),
        None => match own(KEYS_FILE) {
            Some(path) if path.exists() => (path.clone(), read(&path)?),
            _ => return Ok(("preset default".to_owned(), Keymap::default())),
        },
    };
    let keymap = keymap::parse(&text).map_err(|fault| MannersError::Keys(path.clone(), fault))?;
    Ok((format!("{} on preset {}", path.display(), keymap.preset()), keymap))
}

fn look_of(text: &str) -> Result<Taste, String> {
    let written: Written = toml::from_str(text).map_err(|error| error.message().replace('\n', " "))?;
    let theme = written.theme.as_deref().map_or(Ok(Theme::default()), theme)?;
    Ok(Taste { theme, red_up: written.red_up, ascii: written.ascii })
}

fn read(path: &Path) -> Result<String, MannersError> {
    let fail = |cause| MannersError::Unreadable(path.to_path_buf(), cause);
    if std::fs::metadata(path).map_err(fail)?.len() > FILE_BYTES_MAX {
        return Err(fail(std::io::Error::other("too long")));
    }
    std::fs::read_to_string(path).map_err(fail)
}

/// A file of the person's settings (XDG Base Directory Specification: an absolute `XDG_CONFIG_HOME`, else `~/.config`).
#[allow(clippy::disallowed_methods, reason = "where settings lie is the environment's to say")]
fn own(file: &str) -> Option<PathBuf> {
    let named = std::env::var("XDG_CONFIG_HOME").ok().map(PathBuf::from).filter(|dir| dir.is_absolute());
    let config = named.or_else(|| std::env::home_dir().map(|home| home.join(".config")))?;
    Some(config.join("turret").join(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_read_from_three_words() {
        let taste = look_of("theme = \"contrast\"\nred_up = true").unwrap();
        assert_eq!((Some(taste.theme), taste.red_up, taste.ascii), (Theme::parse("contrast"), true, false));
        assert_eq!(look_of("").unwrap(), Taste::default());
        assert!(look_of("theme = \"red\"").unwrap_err().contains("red-green"));
        assert!(look_of("colour = 1").unwrap_err().contains("unknown field"));
    }
}
