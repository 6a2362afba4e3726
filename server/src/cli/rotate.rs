//! `turretd keys rotate`: the next key of a name from the server that runs, and how far it is with what the one before sealed; it
//! must make no key itself.

use super::custody::UnlockAnew;
use super::init::Failed;
use super::key_names::KeyName;
use super::keys::ListArgs;
use super::moving;

/// Arguments of `turretd keys rotate`.
#[derive(Debug, clap::Args)]
pub(super) struct RotateArgs {
    /// Which.
    #[arg(value_enum)]
    name: KeyName,
    /// What opens the key file from now on, if not the same passphrase.
    #[command(flatten)]
    new: UnlockAnew,
    /// What opens them.
    #[command(flatten)]
    of: ListArgs,
}

/// Asks for it, and waits until nothing needs the one before.
#[cfg(unix)]
pub(super) fn rotate(args: &RotateArgs) -> Result<String, Failed> {
    use super::control::ask_rotate;
    use super::custody;
    use crate::config::{Keys, Layout};

    let layout = Layout::new(args.of.data.clone());
    let config = moving::config(layout.data())?;
    let in_file = matches!(config.keys, Keys::File);
    if args.new.is_given() && !(in_file && args.name == KeyName::Wrapping) {
        return Err(Failed("a new passphrase is for the wrapping of a sealed file".to_owned()));
    }
    let (keys, fresh) = match args.name {
        KeyName::Wrapping => custody::open_anew(&layout, &config.keys, &args.of.unlock, &args.new)?,
        _ => (custody::open(&layout, &config.keys, &args.of.unlock)?, None),
    };
    let active = ask_rotate(&layout, keys.as_ref(), args.name, fresh.as_ref())?;
    if !args.name.ends_by_itself() {
        return Ok(format!("{active}\n"));
    }
    let ended = finished(&layout, keys.as_ref(), args.name)?;
    Ok(match ended.strip_prefix("ended ") {
        Some(version) => format!("{active}\nversion {version} is needed by nothing any more, and has ended\n"),
        None => format!("{active}\nthe one before ends with the next start\n"),
    })
}

/// Waits for the rest, and says on standard error how far it is.
#[cfg(unix)]
fn finished(layout: &crate::config::Layout, keys: &dyn crate::keys::KeyStore, name: KeyName) -> Result<String, Failed> {
    /// Between two questions, in milliseconds.
    const ASK_MS: u64 = 200;
    let mut told = String::new();
    loop {
        let standing = super::control::ask_progress(layout, keys, name)?;
        let Some(far) = standing.strip_prefix("under way ") else { return Ok(standing) };
        if far != told && far != "0 of 0" {
            eprintln!("{}: {far} sealed anew", name.name());
            told = far.to_owned();
        }
        std::thread::sleep(std::time::Duration::from_millis(ASK_MS));
    }
}

#[cfg(not(unix))]
pub(super) fn rotate(args: &RotateArgs) -> Result<String, Failed> {
    Err(Failed(format!("{} is rotated where the server runs on Unix", args.name.name())))
}
