//! Prints one JSON object: how fast and how large the product is beside its yardsticks; it must change nothing outside its folder.
#![allow(clippy::print_stdout, reason = "the report is its output")]

use std::path::PathBuf;
use std::process::ExitCode;

use turret_tests::load::figures::{percentile, rounded};
use turret_tests::load::yardstick::{CEILING_ARGUMENT, Yardsticks, serve_ceiling};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [first, folder] = args.as_slice()
        && first == CEILING_ARGUMENT
    {
        return match serve_ceiling(PathBuf::from(folder)).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    let Ok(folder) = tempfile::tempdir() else { return ExitCode::FAILURE };
    let Ok(y) = Yardsticks::start(folder.path(), 1_795_000_000).await else { return ExitCode::FAILURE };
    for n in [1, 32, 256] {
        if let Ok(mut s) = y.pipeline(n, 3.0).await {
            println!("{n}: {} p50 {}", rounded(s.per_s()), percentile(&mut s.latencies_us, 0.5));
        }
    }
    if let Ok(mut s) = y.echo(2.0).await {
        println!("echo {}", percentile(&mut s.latencies_us, 0.5));
    }
    ExitCode::SUCCESS
}
