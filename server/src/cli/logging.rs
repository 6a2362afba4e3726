//! The operator's log on standard error; it must never carry a secret or text of a peer unescaped.

use tracing_subscriber::EnvFilter;

use super::init::Failed;

/// Starts it, once a process.
pub(super) fn start(filter: &str, json: bool) -> Result<(), Failed> {
    let filter = EnvFilter::try_new(filter).map_err(|error| Failed(format!("--log: {error}")))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
    // A second server in one process (tests do it) keeps the first one's log.
    let _ = if json { builder.json().try_init() } else { builder.try_init() };
    Ok(())
}
