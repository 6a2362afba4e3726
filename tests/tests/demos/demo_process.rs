//! The demo's processes: every one ends with it, however it ends, and a kept desk goes on; it must look from outside only.
#![allow(clippy::print_stdout, reason = "a failing script shows what was said")]

use std::fs;
use std::time::Duration;

use crate::demo_run::Talk;

scenarios! {
    every_process_ends_with_the_demo_even_when_it_is_killed,
    a_kept_desk_goes_on_and_leaves_no_process,
}

/// Looks at whether processes have ended, and how often at most.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS_MAX: usize = 600;

/// Processes below `parent`, at any depth.
fn below(parent: u32) -> Vec<u32> {
    let all: Vec<(u32, u32)> = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, parent_of(pid)?)))
        .collect();
    let mut found = vec![parent];
    let mut at = 0;
    while let Some(one) = found.get(at).copied() {
        found.extend(all.iter().filter(|(_, above)| *above == one).map(|(pid, _)| *pid));
        at += 1;
    }
    found.remove(0);
    found
}

fn stat(pid: u32) -> Option<(char, u32)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut behind = text.rsplit_once(") ")?.1.split(' ');
    Some((behind.next()?.chars().next()?, behind.next()?.parse().ok()?))
}

fn parent_of(pid: u32) -> Option<u32> {
    stat(pid).map(|(_, parent)| parent)
}

/// Gone, or only waiting to be counted by whoever adopted it.
fn ended(pid: u32) -> bool {
    stat(pid).is_none_or(|(state, _)| state == 'Z')
}

fn wait_for_end(pids: &[u32]) {
    for _ in 0..LOOKS_MAX {
        if pids.iter().all(|pid| ended(*pid)) {
            return;
        }
        std::thread::sleep(LOOK);
    }
    panic!("still running: {:?}", pids.iter().filter(|pid| !ended(**pid)).collect::<Vec<_>>());
}

/// Arguments and environment of a process, as anybody on the machine may read them.
fn visible(pid: u32) -> String {
    let read = |name: &str| fs::read(format!("/proc/{pid}/{name}")).map(|b| String::from_utf8_lossy(&b).into_owned());
    format!("{} {}", read("cmdline").unwrap_or_default(), read("environ").unwrap_or_default())
}

fn every_process_ends_with_the_demo_even_when_it_is_killed() {
    let temp = tempfile::tempdir().unwrap();
    let data = temp.path().join("desk");
    let mut talk = Talk::start(temp.path(), &["--data", data.to_str().unwrap()]);
    talk.done("accounts");
    talk.refused("no such line");
    let parts = below(talk.child.id());
    assert_eq!(parts.len(), 3, "simulator, server, client");
    let secrets: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(data.join("demo-credentials.json")).unwrap()).unwrap();
    let passphrase = secrets["passphrase"].as_str().unwrap();
    let password = secrets["credentials"][0]["password"].as_str().unwrap();
    for pid in &parts {
        let seen = visible(*pid);
        assert!(!seen.contains(passphrase) && !seen.contains(password), "a secret in {seen}");
    }
    talk.child.kill().unwrap();
    talk.child.wait().unwrap();
    wait_for_end(&parts);
}

fn a_kept_desk_goes_on_and_leaves_no_process() {
    let temp = tempfile::tempdir().unwrap();
    let data = temp.path().join("desk");
    let args = ["--data", data.to_str().unwrap()];
    let mut talk = Talk::start(temp.path(), &args);
    let entered = talk.done("order new account=A1001 side=buy qty=3 symbol=AAPL type=market");
    talk.done("wait order=last status=Filled timeout=30s");
    let parts = below(talk.child.id());
    assert_eq!(talk.end(), Some(0));
    wait_for_end(&parts);

    let mode = |path: &std::path::Path| {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("demo-credentials.json")), 0o600);

    let mut talk = Talk::start(temp.path(), &args);
    let found = talk.done(&format!("order show id={}", entered["order_id"].as_str().unwrap()));
    assert_eq!(found["ord_status"], "Filled");
    assert_eq!(talk.end(), Some(0));
}
