//! `turretd keys revoke`: what gave way and is kept ends now, once whoever asks has typed its name; it must end nothing itself.

use super::init::Failed;
use super::key_names::KeyName;
use super::keys::ListArgs;
use super::moving;

/// Arguments of `turretd keys revoke`.
#[derive(Debug, clap::Args)]
pub(super) struct RevokeArgs {
    /// Which.
    #[arg(value_enum)]
    name: KeyName,
    /// Do it without asking for the name at the terminal.
    #[arg(long)]
    yes: bool,
    /// What opens them.
    #[command(flatten)]
    of: ListArgs,
}

/// Says what it costs, asks, and has the running server do it.
#[cfg(unix)]
pub(super) fn revoke(args: &RevokeArgs) -> Result<String, Failed> {
    use super::control::ask_revoke;
    use super::custody;
    use super::screen::Screen;
    use crate::config::Layout;

    let layout = Layout::new(args.of.data.clone());
    let config = moving::config(layout.data())?;
    let keys = custody::open(&layout, &config.keys, &args.of.unlock)?;
    let name = args.name.name();
    if let (Some(price), false) = (args.name.price(), args.yes) {
        let screen = Screen::open().map_err(|_| Failed(format!("{price} Say --yes where no terminal is")))?;
        let typed = screen.ask(&format!("{price}\nType {name} to do it: "))?;
        if typed.trim() != name {
            return Err(Failed("nothing was changed".to_owned()));
        }
    }
    Ok(format!("{}\n", ask_revoke(&layout, keys.as_ref(), args.name)?))
}

#[cfg(not(unix))]
pub(super) fn revoke(args: &RevokeArgs) -> Result<String, Failed> {
    Err(Failed(format!("{} is revoked where the server runs on Unix", args.name.name())))
}
