//! The checker of the crash loop against cores with planted faults: each must be caught, and the honest one must pass.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and says what it found")]

use turret_tests::crash::checker::Promise;
use turret_tests::doubles::bench::Bench;
use turret_tests::doubles::core::Faults;
use turret_tests::doubles::mortal_store::Planted;

const HONEST: Faults = Faults { store: Planted::Nothing, forgets_outbox: false };
/// Seeds tried; a fault must show with each of them.
const SEEDS: [u64; 2] = [1, 2];

/// The promises that were broken, each once.
async fn broken(faults: Faults, seed: u64) -> Vec<Promise> {
    let findings = Bench::make(faults, seed).unwrap().run().await.unwrap();
    for finding in findings.iter().take(5) {
        println!("{faults:?}, seed {seed}: {finding}");
    }
    let mut promises: Vec<Promise> = findings.into_iter().map(|finding| finding.promise).collect();
    promises.sort_unstable();
    promises.dedup();
    promises
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_honest_core_keeps_every_promise() {
    for seed in SEEDS {
        assert_eq!(broken(HONEST, seed).await, []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledging_before_the_commit_is_caught() {
    for seed in SEEDS {
        let promises = broken(Faults { store: Planted::AnswersFirst, ..HONEST }, seed).await;
        assert!(promises.contains(&Promise::Acknowledged), "{promises:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forgetting_the_outbox_at_start_is_caught() {
    for seed in SEEDS {
        let promises = broken(Faults { forgets_outbox: true, ..HONEST }, seed).await;
        assert!(promises.contains(&Promise::Answered), "{promises:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_what_was_not_synced_is_caught() {
    for seed in SEEDS {
        let promises = broken(Faults { store: Planted::DropsUnsynced, ..HONEST }, seed).await;
        assert!(promises.contains(&Promise::Acknowledged), "{promises:?}");
    }
}
