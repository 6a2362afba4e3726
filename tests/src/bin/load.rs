//! Prints one JSON object: how fast and how large the product is beside its yardsticks; it must change nothing outside its folder.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the report is its output")]

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use turret_tests::demo::{AS_CLIENT, AS_SERVER};
use turret_tests::load::run::{BLOTTER_ARGUMENT, Options, run};
use turret_tests::load::yardstick::{CEILING_ARGUMENT, run_ceiling};

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    match args.get(1).and_then(|first| first.to_str()) {
        Some(AS_SERVER | AS_CLIENT) => turret_tests::demo::run(args),
        Some(BLOTTER_ARGUMENT) => {
            println!("{}", turret_tests::load::frames::measure());
            ExitCode::SUCCESS
        }
        Some(CEILING_ARGUMENT) => {
            let folder = args.get(2).map(PathBuf::from).unwrap_or_default();
            finish(run_ceiling(folder))
        }
        _ => {
            let options = Options::parse_from(args);
            finish(block_on(async {
                println!("{}", serde_json::to_string_pretty(&run(&options).await?)?);
                Ok(())
            }))
        }
    }
}

fn block_on<T>(
    work: impl Future<Output = Result<T, turret_tests::load::ceiling_client::Broken>>,
) -> Result<T, turret_tests::load::ceiling_client::Broken> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

fn finish(result: Result<(), turret_tests::load::ceiling_client::Broken>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}
