//! Who may read what a desk leaves on disk: its owner, whatever the umask of whoever starts it; looked at while it runs.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Every path below a directory, itself included, with its mode and whether it is a directory.
fn walk(path: &Path, into: &mut BTreeMap<String, (u32, bool)>) {
    // What a running server renames or removes meanwhile is not there to be read either.
    let Ok(data) = std::fs::symlink_metadata(path) else { return };
    into.insert(path.display().to_string(), (data.permissions().mode() & 0o7777, data.is_dir()));
    if data.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            walk(&entry.unwrap().path(), into);
        }
    }
}

fn only_the_owner_may(data: &Path) -> BTreeMap<String, (u32, bool)> {
    let mut found = BTreeMap::new();
    walk(data, &mut found);
    let open: Vec<_> = found.iter().filter(|(_, (mode, dir))| *mode != if *dir { 0o700 } else { 0o600 }).collect();
    assert!(open.is_empty(), "{open:#?}");
    found
}

/// Runs a desk under this umask, and looks at its files once it has traded and once it has stopped.
fn desk_under(umask: &str) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("desk");
    let mut demo = Command::new("sh")
        .args(["-c", "umask \"$1\"; shift; exec \"$@\"", "sh", umask, env!("CARGO_BIN_EXE_demo")])
        .args(["--seed", "7", "--script", "-", "--data"])
        .arg(&data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = demo.stdin.take().unwrap();
    input.write_all(b"order new account=A1001 side=buy qty=100 symbol=PFE type=market tif=day\n").unwrap();
    input.write_all(b"wait order=last status=Filled timeout=60s\nas role=support\naudit search limit=1\n").unwrap();
    let mut answers = BufReader::new(demo.stdout.take().unwrap()).lines();
    for _ in 0..4 {
        let answer = answers.next().unwrap().unwrap();
        assert!(answer.contains("\"ok\":true"), "{answer}");
    }
    let running = only_the_owner_may(&data);
    for name in
        ["log.db", "log.db-wal", "log.db-shm", "log.db.lock", "vault.db", "device.key", "venue.db", "turretd.log"]
    {
        assert!(running.keys().any(|path| path.ends_with(&format!("/{name}"))), "{name} is not there: {running:#?}");
    }
    drop(input);
    assert!(demo.wait().unwrap().success());
    let stopped = only_the_owner_may(&data);
    assert!(stopped.keys().any(|path| path.contains("/snapshots/")), "a snapshot was written: {stopped:#?}");
}

#[test]
fn nothing_of_a_desk_is_for_others_however_generous_the_umask() {
    desk_under("000");
}

#[test]
fn a_umask_that_takes_from_the_owner_too_changes_nothing() {
    desk_under("0377");
}
