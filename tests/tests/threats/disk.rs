//! Threats 20 and 30: what is on a server's disk, and what happens when it is full.

use std::path::{Path, PathBuf};
use std::process::Command;

use turret_shared::denial::DenialCode;
use turret_shared::wire::control::Outcome;

use super::orders::{bid, bytes};
use crate::wire::client::Control;
use crate::wire::desk::Desk;

/// Every file below a folder, but what belongs to clients and to the exchange's simulator.
fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "clients" && name != "venue") {
            files(&path, into);
        } else if path.is_file() {
            into.push(path);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_20_a_stolen_disk_tells_nothing_neither_files_nor_what_is_written_ahead() {
    let mut desk = Desk::start();
    let ann = desk.person("ann.lee");
    let (mut control, signed_in) = Control::signed_in(&ann, desk.address).await;
    let note = ["canary", "of", "the", "desk"].join("-");
    for n in 0..3 {
        let request = control.command_bytes(bytes(bid(&format!("canary-{n}"), "A1001", &note))).await;
        control.outcome(request).await;
    }
    // As a thief finds it who pulls the plug: with the log ahead of the database.
    desk.kill();
    let mut found = Vec::new();
    files(desk.layout().data(), &mut found);
    let has = |end: &str| found.iter().any(|path| path.to_string_lossy().ends_with(end));
    assert!(has("/log.db") && has("/log.db-wal") && has("/vault.db") && has("/keys.sealed"), "{found:?}");
    let token = signed_in.token.expose().to_vec();
    let text = |text: &str| text.as_bytes().to_vec();
    let canaries = [
        text("SQLite format 3"),
        text("CREATE TABLE"),
        text(&note),
        text("canary-1"),
        text(&ann.password),
        text("ann.lee"),
        text("Ann Lee"),
        text("Alder Family"),
        text("A1001"),
        text("PRIVATE KEY"),
        token,
    ];
    for path in &found {
        let bytes = std::fs::read(path).unwrap();
        for canary in &canaries {
            let there = bytes.windows(canary.len()).any(|part| part == canary.as_slice());
            assert!(!there, "{} in {}", String::from_utf8_lossy(canary), path.display());
        }
    }
    // And the search finds what is there: the demonstration's own profiles name their people.
    let profile = std::fs::read(ann.dir.join("profile.toml")).unwrap();
    assert!(profile.windows(7).any(|part| part == b"ann.lee"));
}

/// A small file system of its own; where this user may not make one, the test says so.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn of(mib: u32) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("turret-small-").tempdir().unwrap().keep();
        let size = format!("size={mib}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&folder).output();
        if mounted.is_ok_and(|done| done.status.success()) {
            return Some(Self(folder));
        }
        let _ = std::fs::remove_dir(&folder);
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_30_on_a_full_disk_changes_are_refused_and_nothing_is_half_written() {
    let Some(disk) = SmallDisk::of(200) else {
        eprintln!("skipped: this user may not mount a small file system");
        return;
    };
    let mut desk = Desk::start_in(tempfile::tempdir_in(&disk.0).unwrap());
    let ann = desk.person("ann.lee");
    let (mut control, _) = Control::signed_in(&ann, desk.address).await;
    let request = control.command_bytes(bytes(bid("first", "A1001", ""))).await;
    let first = control.outcome(request).await;
    assert!(!matches!(first, Outcome::Busy), "{first:?}");
    // Somebody else's file takes what is left; the server's reserve is there already.
    let filler = disk.0.join("filler");
    let chunk = vec![7_u8; 64 * 1024];
    let mut file = std::fs::File::create(&filler).unwrap();
    while std::io::Write::write_all(&mut file, &chunk).is_ok() {}
    drop(file);
    let mut refused = false;
    for n in 0..3_000 {
        let request = control.command_bytes(bytes(bid(&format!("n{n}"), "A1001", ""))).await;
        if matches!(control.outcome(request).await, Outcome::Denied(denial) if denial.code == DenialCode::DiskReserve) {
            refused = true;
            break;
        }
    }
    assert!(refused, "a full disk is said to be full");
    assert!(desk.lives());
    // What was said stands, whole, and nothing besides.
    drop(control);
    desk.kill();
    std::fs::remove_file(&filler).unwrap();
    let (status, said) = desk.verify();
    assert_eq!(status, 3, "{said}");
    desk.start_again();
    let (mut control, _) = Control::signed_in(&ann, desk.address).await;
    let request = control.command_bytes(bytes(bid("after", "A1001", ""))).await;
    let after = control.outcome(request).await;
    assert!(!matches!(&after, Outcome::Denied(denial) if denial.code == DenialCode::DiskReserve), "{after:?}");
}
