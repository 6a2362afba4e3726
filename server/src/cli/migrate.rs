//! `turretd keys migrate`: the keys of a sealed file into a token: what encrypts goes along, what signs is made anew there and
//! named by what signed before; it must leave the desk open to one of the two whenever it is cut off.

use std::path::PathBuf;
use std::sync::Arc;

use turret_shared::event::Event;
use turret_shared::event::custody::KeysMoved;
use turret_shared::time::NS_PER_S;

use super::custody::{self, Pin, Unlock};
use super::init::{Failed, failed};
use super::record::record;
use super::{files, moving, pki};
use crate::audit::{Evidence, bequeath, bequest_file};
use crate::clock::{Clock, SystemClock};
use crate::config::{CONFIG_FILE, Config, Keys, Layout};
use crate::keys::KeyStore;
use crate::keys::pkcs11::{Pkcs11Keys, Place};
use crate::random;

/// Arguments of `turretd keys migrate`.
#[derive(Debug, clap::Args)]
pub(super) struct MigrateArgs {
    /// Directory made by `turretd init`; no server runs on it.
    #[arg(long)]
    data: PathBuf,
    /// The kind of store the keys go to.
    #[arg(long, value_enum)]
    to: Goal,
    /// The PKCS#11 module of the token's maker.
    #[arg(long, value_name = "FILE")]
    module: PathBuf,
    /// The label of the token, which has been initialised and has a user PIN.
    #[arg(long, value_name = "LABEL")]
    token: String,
    /// The token's PIN.
    #[command(flatten)]
    pin: Pin,
    /// What opens the key file.
    #[command(flatten)]
    unlock: Unlock,
}

/// Where keys can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Goal {
    /// A PKCS#11 token, as an HSM is.
    Pkcs11,
}

/// Carries it out; what the operator is told.
pub(super) fn migrate(args: &MigrateArgs) -> Result<String, Failed> {
    let Goal::Pkcs11 = args.to;
    let layout = Layout::new(args.data.clone());
    let config = moving::config(layout.data())?;
    if config.keys != Keys::File {
        return Err(Failed("the keys are in a token already".to_owned()));
    }
    #[cfg(unix)]
    if super::control::is_there(&layout) {
        return Err(Failed("a server runs on this data directory: stop it first".to_owned()));
    }
    let from = custody::open(&layout, &config.keys, &args.unlock)?;
    let pin = args.pin.secret()?;
    // Wherever it is started from later.
    let module = std::path::absolute(&args.module).map_err(failed(args.module.display()))?;
    let place = Place { module: module.clone(), token: args.token.clone() };
    let now_s = u64::try_from(SystemClock::new().wall().0 / NS_PER_S).unwrap_or(0);

    let staged = moving::begin(&layout).map_err(failed(layout.data().display()))?;
    let to = Pkcs11Keys::move_in(&staged.keys(), &place, pin, &from.exported(), random::system, now_s)?;
    let evidence = Evidence::open(&layout.checkpoints(), &config.origin, Arc::clone(&from))?;
    let word = bequeath(&evidence, from.as_ref(), &to.checkpoint_key()?)?;
    drop(evidence);
    let path = bequest_file(&staged.checkpoints());
    files::write_new(&path, word.as_bytes()).map_err(failed(path.display()))?;
    pki::succeed_in(&staged, &layout, &to, &config.origin, now_s)?;
    let wanted = Keys::Pkcs11 { module, token: args.token.clone() };
    let path = layout.data().join(CONFIG_FILE);
    let text = Config::with_keys(&std::fs::read_to_string(&path).map_err(failed(path.display()))?, &wanted)?;
    let path = staged.data().join(CONFIG_FILE);
    files::write_new(&path, text.as_bytes()).map_err(failed(path.display()))?;
    moving::commit(&layout).map_err(failed(layout.data().display()))?;

    let to: Arc<dyn KeyStore> = Arc::new(to.moved(&layout.keys()));
    let config = moving::config(layout.data())?;
    record(&layout, &config, &to, Event::KeysMoved(KeysMoved { to: "pkcs11".to_owned() }))?;
    Ok(told(&layout, &args.token))
}

fn told(layout: &Layout, token: &str) -> String {
    format!(
        "The keys are in the token {token}: what signs was made there, and is named by the key that signed before.\nCheck it now: turretd check --data {}\nThen destroy {}: whoever has it and the old passphrase opens the desk. Backups made before carry it too: make one now.\n",
        layout.data().display(),
        moving::before(layout).display()
    )
}
