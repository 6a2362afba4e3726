//! Credentials handed over by a parent process: who, with which password and seed, on which device; it must show none of them.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use turret_shared::role::Role;
use turret_shared::secret::SecretText;
use zeroize::{Zeroize, Zeroizing};

use crate::authenticator::Authenticator;

/// Longest text of credentials, in bytes.
pub const CREDENTIALS_BYTES_MAX: usize = 256 * 1024;

/// One person's way in.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Their role, to be found by `as role=`.
    pub role: Role,
    /// What they type at sign-in.
    pub user: String,
    /// Their password.
    pub password: SecretText,
    /// Their code maker, where the parent gave its seed.
    pub authenticator: Option<Authenticator>,
    /// Their device's profile directory.
    pub client_dir: PathBuf,
}

/// Why a text is not credentials; says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialsError {
    /// Longer than [`CREDENTIALS_BYTES_MAX`].
    TooLong,
    /// Not the JSON expected.
    Malformed,
    /// A role that is none.
    Role,
    /// A seed that is none.
    Seed,
    /// Nobody in it.
    Empty,
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "credentials are too long",
            Self::Malformed => "credentials are not JSON of the expected shape",
            Self::Role => "credentials name an unknown role",
            Self::Seed => "credentials hold a seed that is not 32 letters of base32",
            Self::Empty => "credentials name nobody",
        })
    }
}

impl std::error::Error for CredentialsError {}

#[derive(Deserialize)]
struct Row {
    role: String,
    user: String,
    password: String,
    #[serde(default)]
    totp_secret_base32: Option<String>,
    client_dir: PathBuf,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Rows {
    Many(Vec<Row>),
    One(Row),
}

/// Reads `[{"role","user","password","totp_secret_base32","client_dir"}, ...]`, or one such object; the first is who starts.
///
/// # Errors
/// [`CredentialsError`].
pub fn parse(text: Zeroizing<String>) -> Result<Vec<Credentials>, CredentialsError> {
    if text.len() > CREDENTIALS_BYTES_MAX {
        return Err(CredentialsError::TooLong);
    }
    let rows = match serde_json::from_str(&text).map_err(|_| CredentialsError::Malformed)? {
        Rows::Many(rows) => rows,
        Rows::One(row) => vec![row],
    };
    if rows.is_empty() {
        return Err(CredentialsError::Empty);
    }
    rows.into_iter().map(credentials).collect()
}

fn credentials(row: Row) -> Result<Credentials, CredentialsError> {
    let password = SecretText::new(row.password);
    let authenticator = match row.totp_secret_base32 {
        Some(mut seed) => {
            let made = Authenticator::from_base32(&seed).map_err(|_| CredentialsError::Seed);
            seed.zeroize();
            Some(made?)
        }
        None => None,
    };
    let role = row.role.parse().map_err(|_| CredentialsError::Role)?;
    Ok(Credentials { role, user: row.user, password, authenticator, client_dir: row.client_dir })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rows_and_shows_no_secret() {
        let text = r#"[{"role":"broker","user":"ann.lee","password":"correct horse battery","totp_secret_base32":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","client_dir":"/tmp/x"}]"#;
        let rows = parse(Zeroizing::new(text.to_owned())).unwrap();
        assert_eq!(rows[0].user, "ann.lee");
        let shown = format!("{rows:?}");
        assert!(!shown.contains("horse") && !shown.contains("GEZD"));
    }

    #[test]
    fn refuses_what_is_not_credentials() {
        for (text, want) in [
            ("", CredentialsError::Malformed),
            ("[]", CredentialsError::Empty),
            (r#"{"role":"king","user":"a","password":"b","client_dir":"c"}"#, CredentialsError::Role),
        ] {
            assert_eq!(parse(Zeroizing::new(text.to_owned())).err(), Some(want), "{text}");
        }
    }
}
