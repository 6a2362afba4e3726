//! The servers as people start them: a desk made, traded on, stopped, started again, and its log folded from the start.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs a script on the desk in `data` and gives its answers, one JSON object a line.
fn script(data: &Path, lines: &str) -> Vec<serde_json::Value> {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(["--seed", "7", "--keep-going", "--script", "-", "--data"])
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    demo.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let Output { stdout, .. } = demo.wait_with_output().unwrap();
    let text = String::from_utf8(stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What `turretd state-hash` says of the desk in `data`.
fn state_hash(data: &Path) -> (u64, String) {
    let secrets: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(data.join("demo-credentials.json")).unwrap()).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(["turretd", "state-hash", "--passphrase-fd", "0", "--data"])
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let passphrase = secrets["passphrase"].as_str().unwrap();
    writeln!(child.stdin.take().unwrap(), "{passphrase}").unwrap();
    let text = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let (size, hash) = text.trim().split_once(' ').unwrap();
    (size.parse().unwrap(), hash.to_owned())
}

/// The last snapshot the server said it wrote: entries and hash of its running state.
fn last_snapshot(log: &str) -> (u64, String) {
    let line = log.lines().rev().find(|line| line.contains("snapshot written")).unwrap();
    let field = |name: &str| {
        let at = line.find(&format!("{name}=")).unwrap() + name.len() + 1;
        line[at..].split_whitespace().next().unwrap().to_owned()
    };
    (field("size").parse().unwrap(), field("hash"))
}

#[test]
fn a_desk_trades_stops_starts_again_and_folds_to_the_same_state() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("desk");
    let answers = script(
        &data,
        "order new account=A1001 side=buy qty=100 symbol=PFE type=market tif=day\n\
         wait order=last status=Filled timeout=20s\n\
         positions account=A1001\n",
    );
    assert!(answers.iter().all(|answer| answer["ok"] == true), "{answers:#?}");
    let order_id = answers[0]["order_id"].as_str().unwrap().to_owned();

    let folded = state_hash(&data);
    let log = std::fs::read_to_string(data.join("turretd.log")).unwrap();
    assert_eq!(last_snapshot(&log), folded, "the running state is the log folded from its first entry");

    let again = script(&data, &format!("order show id={order_id}\naudit search order={order_id}\n"));
    assert_eq!(again[0]["ord_status"], "Filled", "{again:#?}");
}
