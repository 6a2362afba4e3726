//! `turretd keys recover`: a backup brought back by recovery shares, into a new key store; it must touch no old one.

use std::path::PathBuf;

use turret_shared::time::NS_PER_S;

use super::custody::{self, Unlock};
use super::init::{Failed, failed};
use super::reopening::{LastArgs, Restored, Voice, settle};
use super::restoring::{Source, Staging};
use super::store_choice::StoreArgs;
use super::{files, pki, shares};
use crate::backup::BackupError;
use crate::clock::{Clock, SystemClock};
use crate::config::{CONFIG_FILE, Config};

/// Arguments of `turretd keys recover`.
#[derive(Debug, clap::Args)]
pub(super) struct RecoverArgs {
    /// The backup.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Directory to restore into; it must be empty or absent.
    #[arg(long)]
    data: PathBuf,
    /// File descriptor to read the shares from, one after the other; they are asked for at the terminal otherwise.
    #[arg(long, value_name = "N")]
    shares_fd: Option<u32>,
    /// What was known of the log.
    #[command(flatten)]
    last: LastArgs,
    /// The key store that is made.
    #[command(flatten)]
    store: StoreArgs,
    /// What is to open it: a new passphrase, or the PIN of the new token.
    #[command(flatten)]
    unlock: Unlock,
}

/// Carries it out; what the operator is told.
pub(super) fn recover(args: &RecoverArgs) -> Result<String, Failed> {
    let wanted = args.store.chosen()?;
    let source = Source::open(&args.from)?;
    let (set, _) = source.header.recovery.clone().ok_or(BackupError::NoRecovery)?;
    let staging = Staging::make(&args.data)?;
    let layout = staging.layout();
    let given = shares::given(args.shares_fd, &source.header.origin, &set)?;
    let key = set.recover(&source.header.origin, &given)?;
    let data = source.header.by_recovery(&key)?;
    let (header, exported) = source.unpack(&data, &staging)?;
    let before = staging.config(&header.origin)?;
    // All of it is good: only now something is made anew.
    let secret = custody::secret(&wanted, &args.unlock)?;
    let now_s = u64::try_from(SystemClock::new().wall().0 / NS_PER_S).unwrap_or(0);
    let keys = custody::take_over(&layout, &wanted, secret, &exported, now_s)?;
    let config = if before.keys == wanted { before } else { with_keys(&staging, &wanted)? };
    let (public, signature) = exported.sign_checkpoint(b"")?;
    let voice = match signature {
        _ if keys.checkpoint_key()?.public == public => Voice::SameKeys,
        Some(_) => Voice::Carried(&exported),
        None => Voice::Recovery(&key),
    };
    // An authority whose key was in a token, or is to be in one, is another from now on.
    let succeeded = exported.is_of_token() || keys.certificates().is_some();
    if succeeded {
        pki::succeed(&layout, keys.as_ref(), &config.origin, now_s)?;
    }
    let by = Some(set.set);
    let restored = Restored { layout: &layout, config: &config, keys: &keys, header: &header, set: by, voice };
    let said = settle(&restored, &args.last)?;
    pki::server(&layout, keys.as_ref())?;
    pki::authority(&layout, keys.as_ref())?;
    drop(keys);
    staging.promote()?;
    let authority = match succeeded {
        true => "Devices are certified by a new authority; those certified before come in as they did.\n",
        false => "",
    };
    Ok(format!("recovered {}: {said}{authority}", args.data.display()))
}

/// The configuration with its keys elsewhere.
fn with_keys(staging: &Staging, wanted: &crate::config::Keys) -> Result<Config, Failed> {
    let path = staging.layout().data().join(CONFIG_FILE);
    let text = std::fs::read_to_string(&path).map_err(failed(path.display()))?;
    let text = Config::with_keys(&text, wanted)?;
    std::fs::remove_file(&path).map_err(failed(path.display()))?;
    files::write_new(&path, text.as_bytes()).map_err(failed(path.display()))?;
    Ok(Config::parse(&text)?)
}
