//! Kills the server and the simulator under load, again and again, and checks that no promise was broken by it.
//!
//! `TURRET_CRASH_CYCLES` says how often (3 unless told), `TURRET_CRASH_SEED` repeats a run.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a test fails by panicking and prints its figures")]

use std::path::Path;

use turret_tests::crash::run::run;

/// Cycles of a plain `cargo test`.
const CYCLES: u64 = 3;
/// Seed of a plain `cargo test`.
const SEED: u64 = 1;

#[allow(
    clippy::disallowed_methods,
    reason = "how long a loop may run is the caller's business, and tests take no arguments"
)]
fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_promise_is_broken_by_any_kill() {
    let (cycles, seed) = (setting("TURRET_CRASH_CYCLES", CYCLES), setting("TURRET_CRASH_SEED", SEED));
    println!("TURRET_CRASH_CYCLES={cycles} TURRET_CRASH_SEED={seed}");
    let outcome = run(Path::new(env!("CARGO_BIN_EXE_demo")), cycles, seed).await.expect("the loop runs");
    println!("{}", outcome.figures);
    let told: Vec<String> = outcome.findings.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "seed {seed}:\n{}", told.join("\n"));
}
