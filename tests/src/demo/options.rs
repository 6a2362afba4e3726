//! What `cargo demo` takes; it must decide nothing.

use std::path::PathBuf;

use clap::Parser;

/// A desk on this machine: server, exchange simulator and workstation, each in its own process on loopback.
#[derive(Debug, Parser)]
#[command(name = "cargo demo")]
pub(crate) struct Options {
    /// Who you are.
    #[arg(long, value_name = "ROLE", value_parser = ["broker", "supervisor", "admin", "support", "customer"])]
    pub(crate) role: Option<String>,
    /// By lines instead of a screen.
    #[arg(long, conflicts_with = "script")]
    pub(crate) linear: bool,
    /// Keys from this file, or a preset: default, azerty, qwertz.
    #[arg(long, value_name = "FILE|PRESET", conflicts_with = "script")]
    pub(crate) keys: Option<PathBuf>,
    /// Colours: auto, dark, light, contrast, red-green, blue-yellow.
    #[arg(long, value_name = "NAME", conflicts_with = "script")]
    pub(crate) theme: Option<String>,
    /// Keep everything in this directory, and go on there the next time.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Sit down beside whoever runs the demonstration in this directory (theirs with `--data DIR`): two people, one desk.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["data", "seed", "replay", "verify"])]
    pub(crate) join: Option<PathBuf>,
    /// Run this script instead of opening the workstation; `-` answers standard input line by line.
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
    /// Go on after a refused line of the script; the status is 1 all the same.
    #[arg(long, requires = "script")]
    pub(crate) keep_going: bool,
    /// Verify the log when the script is done, after everything has stopped.
    #[arg(long)]
    pub(crate) verify: bool,
    /// Makes the market repeatable.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Play this recording (Databento DBN) instead of a synthetic market.
    #[arg(long, value_name = "PATH")]
    pub(crate) replay: Option<PathBuf>,
    /// How many times faster than recorded.
    #[arg(long, value_name = "N", requires = "replay")]
    pub(crate) speed: Option<u32>,
    /// Where in the recording to start (RFC 3339 with zone).
    #[arg(long, value_name = "TIME", requires = "replay")]
    pub(crate) from: Option<String>,
}
