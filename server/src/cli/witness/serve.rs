//! `turretd witness serve`: opens what `init` made and cosigns over HTTPS until told to end; it must decide nothing.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Opened, open};
use crate::cli::init::Failed;
use crate::cli::{logging, pki, stdin};
use crate::clock::SystemClock;
use crate::keys::{KeyStore, Purpose};
use crate::web::Listen;
use crate::witness::{Kept, Witness};

/// Arguments of `turretd witness serve`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ServeArgs {
    /// Directory made by `turretd witness init`.
    #[arg(long)]
    data: PathBuf,
    /// Where logs post their checkpoints, port 0 for any.
    #[arg(long, default_value = "127.0.0.1:7446")]
    listen: SocketAddr,
    /// Where to read the key store's passphrase; it is asked for otherwise.
    #[arg(long)]
    passphrase_fd: Option<u32>,
    /// End when standard input closes.
    #[arg(long)]
    until_stdin_closes: bool,
    /// What is logged on standard error (tracing filter).
    #[arg(long, default_value = "info")]
    log: String,
}

pub(super) fn run(args: &ServeArgs) -> Result<(), Failed> {
    logging::start(&args.log, false)?;
    let Opened { place, settings, keys, key } = open(&args.data, args.passphrase_fd)?;
    let kept = Kept::open(&place.kept(), &keys.key(Purpose::Database)?)?;
    let web = pki::web(&place.pki(), keys.as_ref())?;
    let witness = Witness::new(key, settings.logs()?, keys, kept, Arc::new(SystemClock::new()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed(format!("no network runtime: {error}")))?;
    runtime.block_on(async {
        let listen = Listen::on(args.listen, &web.certificate_pem, &web.key_pem).await?;
        let address = listen.address()?;
        // Whoever started us and closed our output does not want to know.
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "listening {address}").and_then(|()| out.flush());
        drop(out);
        listen.serve(Arc::new(witness), stdin::told_to_end(args.until_stdin_closes)).await;
        Ok(())
    })
}
