//! Cargo.lock against the RustSec advisory database; it must use a local copy and never the network.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::path::Path;

use rustsec::report::{Report, Settings};
use rustsec::{Database, Lockfile};

#[test]
fn no_dependency_has_a_known_vulnerability() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("workspace");
    let database = root.join("../shared/data/advisory-db");
    if !database.exists() {
        println!("skipped: no advisory database at ../shared/data/advisory-db");
        return;
    }
    let database = Database::open(&database).expect("advisory database");
    let lockfile = Lockfile::load(root.join("Cargo.lock")).expect("Cargo.lock");
    let report = Report::generate(&database, &lockfile, &Settings::default());
    let found: Vec<String> = report
        .vulnerabilities
        .list
        .iter()
        .map(|v| format!("{} {}: {} ({})", v.package.name, v.package.version, v.advisory.title, v.advisory.id))
        .collect();
    assert!(found.is_empty(), "known vulnerabilities:\n{}", found.join("\n"));
    assert!(database.iter().count() > 1_000, "the database was read");
}
