//! `turretd audit serve-tiles`: the log's static files over HTTPS, for monitors and witnesses; it must read nothing but them.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::init::{Failed, failed};
use super::{logging, stdin};
use crate::web::{Answer, Asked, Listen, Service};

/// Longest file served, in bytes: 256 entries, each behind its length in two bytes.
const FILE_BYTES_MAX: u64 = 256 * (2 + 65_535);

/// Arguments of `turretd audit serve-tiles`.
#[derive(Debug, Clone, clap::Args)]
pub struct ServeTilesArgs {
    /// The folder that `turretd audit tiles` writes.
    #[arg(long)]
    dir: PathBuf,
    /// Where to listen, port 0 for any.
    #[arg(long, default_value = "127.0.0.1:7447")]
    listen: SocketAddr,
    /// Its certificate and what stands between that and an authority (PEM file).
    #[arg(long)]
    cert: PathBuf,
    /// The certificate's key (PEM file).
    #[arg(long)]
    key: PathBuf,
    /// End when standard input closes.
    #[arg(long)]
    until_stdin_closes: bool,
    /// What is logged on standard error (tracing filter).
    #[arg(long, default_value = "info")]
    log: String,
}

/// A folder of files that are made once and stay, but for `checkpoint`.
struct Tiles(PathBuf);

impl Tiles {
    /// The file a path names: only what `turretd audit tiles` writes has such a name.
    fn file(&self, path: &str) -> Option<PathBuf> {
        let name = path.strip_prefix('/')?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'/' | b'.');
        let whole = name == "checkpoint" || name.starts_with("tile/");
        let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        (whole && inside && name.bytes().all(plain) && !name.ends_with(".draft")).then(|| self.0.join(name))
    }
}

impl Service for Tiles {
    const BODY_BYTES_MAX: usize = 0;

    fn answer(&self, asked: &Asked) -> Answer {
        if asked.posted {
            return Answer::text(405, "GET only");
        }
        let Some(file) = self.file(&asked.path) else { return Answer::text(404, "nothing here") };
        let fits = std::fs::metadata(&file).is_ok_and(|found| found.is_file() && found.len() <= FILE_BYTES_MAX);
        let Some(body) = fits.then(|| std::fs::read(&file).ok()).flatten() else {
            return Answer::text(404, "nothing here");
        };
        let tile = asked.path != "/checkpoint";
        let kind = if tile { "application/octet-stream" } else { "text/plain; charset=utf-8" };
        Answer { status: 200, kind, lasting: tile, body }
    }
}

/// Serves until told to end.
pub(super) fn run(args: &ServeTilesArgs) -> Result<(), Failed> {
    logging::start(&args.log, false)?;
    let read = |path: &Path| std::fs::read_to_string(path).map_err(failed(path.display()));
    let (chain, key) = (read(&args.cert)?, Zeroizing::new(read(&args.key)?));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed(format!("no network runtime: {error}")))?;
    runtime.block_on(async {
        let listen = Listen::on(args.listen, &chain, &key).await?;
        let address = listen.address()?;
        let mut out = std::io::stdout().lock();
        // Whoever started us and closed our output does not want to know.
        let _ = writeln!(out, "listening {address}").and_then(|()| out.flush());
        drop(out);
        listen.serve(Arc::new(Tiles(args.dir.clone())), stdin::told_to_end(args.until_stdin_closes)).await;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_log_wrote_has_a_name_here() {
        let tiles = Tiles(PathBuf::from("/srv"));
        for good in ["/checkpoint", "/tile/0/000", "/tile/entries/x001/067.p/8"] {
            assert!(tiles.file(good).is_some(), "{good}");
        }
        let strange =
            ["/", "checkpoint", "/tile/../key", "/tile/%2e%2e/key", "/keys.sealed", "/tile/a.draft", "//tile/0"];
        for bad in strange {
            assert_eq!(tiles.file(bad), None, "{bad}");
        }
    }
}
