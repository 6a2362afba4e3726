//! `witness.toml`: a witness's name and the logs it knows; it must hold no secret.

use std::path::Path;

use serde::{Deserialize, Serialize};
use turret_shared::tlog::VerifierKey;

use crate::cli::files;
use crate::cli::init::{Failed, failed};
use crate::witness::Logs;

const FILE: &str = "witness.toml";
/// Logs one witness knows.
const LOGS_MAX: usize = 1_024;

/// The whole file. A key it does not know is refused.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// Name of the witness, as its cosignatures carry it.
    pub(super) name: String,
    /// Verifier keys of logs, `origin+id+key`.
    pub(super) logs: Vec<String>,
}

impl Settings {
    pub(super) fn load(data: &Path) -> Result<Self, Failed> {
        let path = data.join(FILE);
        let text = std::fs::read_to_string(&path).map_err(failed(path.display()))?;
        let settings: Self = toml::from_str(&text)?;
        settings.logs()?;
        Ok(settings)
    }

    pub(super) fn logs(&self) -> Result<Logs, Failed> {
        if self.logs.len() > LOGS_MAX {
            return Err(Failed(format!("{FILE} names more than {LOGS_MAX} logs")));
        }
        let read = |logs: Logs, text: &String| text.parse::<VerifierKey>().map(|key| logs.with(key));
        Ok(self.logs.iter().try_fold(Logs::default(), read)?)
    }

    pub(super) fn write_new(&self, data: &Path) -> Result<(), Failed> {
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
        if !plain(&self.name) || !self.logs.iter().all(|log| plain(log)) {
            return Err(Failed("names are plain ASCII without spaces and quotes".to_owned()));
        }
        let logs: String = self.logs.iter().map(|log| format!("    \"{log}\",\n")).collect();
        let text = format!(
            "# Whose checkpoints this witness cosigns: `turretd audit vkey` of each log prints its line. Read at the start.\n\
             name = \"{}\"\nlogs = [\n{logs}]\n",
            self.name
        );
        let path = data.join(FILE);
        files::write_new(&path, text.as_bytes()).map_err(failed(path.display()))
    }
}
