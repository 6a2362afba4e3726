//! A backup of a desk while it trades: put back it is the desk as it was, it names what is lost, and no bit of it is believed
//! that was altered.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use turret_client::cache::{Anchor, Broken};
use turret_shared::money::Qty;
use turret_shared::wire::query::AuditFilter;
use wire::client::Control;
use wire::desk::{Desk, PASSPHRASE, told_by, told_by_with, turretd};
use wire::trader::{Trader, head, holdings, numbers, order, orders, positions};

/// In the text of every order: it lies in the vault, and nowhere in clear.
const CANARY: &str = "canary-of-the-backup";

fn restore(from: &Path, data: &Path, more: &[&str]) -> (i32, String) {
    let mut command = turretd();
    command.args(["restore", "--passphrase-fd", "0", "--from"]).arg(from).arg("--data").arg(data).args(more);
    told_by(&mut command)
}

fn backup(desk: &Desk, to: &Path) -> String {
    let (status, said) = desk.asks(&["backup", "--to", to.to_str().unwrap()]);
    assert_eq!(status, 0, "{said}");
    said
}

/// A copy of the newest checkpoint, as somebody keeps it elsewhere.
fn keep_newest(desk: &Desk, to: &Path) -> String {
    fs::copy(desk.layout().checkpoints().join("newest"), to).unwrap();
    to.to_str().unwrap().to_owned()
}

/// Until the newest checkpoint covers all there is.
async fn signed_past(desk: &Desk, size: u64) {
    let covered = || {
        let note: turret_shared::tlog::Note =
            fs::read_to_string(desk.layout().checkpoints().join("newest")).unwrap().parse().unwrap();
        note.text.parse::<turret_shared::tlog::Checkpoint>().unwrap().size
    };
    while covered() <= size {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How many entries a backup says it has.
fn entries(said: &str) -> u64 {
    said.split(": ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_is_copied_while_it_trades_and_goes_on_from_the_copy_with_its_loss_named() {
    let mut desk = Desk::start();
    let home = TempDir::new().unwrap();
    let path = |name: &str| -> PathBuf { home.path().join(name) };
    let (mut ann, _) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
    let (mut mia, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    order(&mut ann, "before", CANARY).await;
    let held = positions(&ann).await;
    assert!(!held.is_empty());
    let origin = Control::hello(&desk.person("ann.lee"), desk.address).await.1.origin;
    let early = keep_newest(&desk, &path("early"));
    let trader = Trader::begin(ann, CANARY);
    let said = backup(&desk, &path("desk.backup"));
    let (_ann, taken) = trader.end().await;
    assert!(!taken.is_empty(), "orders flowed");
    let bytes = fs::read(path("desk.backup")).unwrap();
    let digest = hex(&Sha256::digest(&bytes));
    assert!(said.contains(&format!("sha256 {digest}")) && said.contains("by nothing else"), "{said}");
    for clear in ["SQLite format 3", CANARY, "CREATE TABLE", "ann.lee", "Alder Family", "A1001", "PRIVATE KEY"] {
        assert!(!bytes.windows(clear.len()).any(|part| part == clear.as_bytes()), "{clear}");
    }
    // The log has it, and nothing is left lying about.
    let made = AuditFilter { action: Some("backup_made".into()), ..AuditFilter::default() };
    let rows = loop {
        let rows = mia.found(made.clone()).await;
        if !rows.is_empty() {
            break rows;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert!(rows[0].detail.contains(&digest) && rows[0].who == "operator", "{rows:?}");
    assert!(!path("desk.backup.partial").exists() && !desk.layout().data().join("backup-copy.db").exists());
    // What is there is not overwritten.
    let (status, again) = desk.asks(&["backup", "--to", path("desk.backup").to_str().unwrap()]);
    assert!(status != 0 && again.contains("is there already"), "{again}");
    assert_eq!(fs::read(path("desk.backup")).unwrap(), bytes);

    signed_past(&desk, entries(&said) + 1).await;
    let seen = Anchor::next(None, &head(&mut mia, None).await, &origin).unwrap();
    let vkey = desk.asks(&["audit", "vkey"]).1.trim().to_owned();
    drop(mia);
    desk.kill();
    let late = keep_newest(&desk, &path("late"));
    let data = tempfile::Builder::new().prefix("turret-back-").tempdir().unwrap();
    let (status, said) = restore(&path("desk.backup"), data.path(), &["--last-checkpoint", &late]);
    assert!(status == 0 && said.contains("that were signed after them are lost"), "{said}");
    assert!(said.contains(&format!("goes on as {origin}/epoch-2")), "{said}");

    let back = Desk::put_back(data, desk.people.clone(), None);
    let (mut ann, _) = Control::signed_in(&back.person("ann.lee"), back.address).await;
    let (mut mia, _) = Control::signed_in(&back.person("mia.ortiz"), back.address).await;
    // Every order up to some moment, none after it, none changed.
    let there = orders(&ann).await;
    let sent: Vec<_> = there.iter().filter(|order| order.cl_ord_id.as_str().starts_with('t')).cloned().collect();
    assert_eq!(numbers(&sent), numbers(&taken)[..sent.len()]);
    let (now, bids) = (positions(&ann).await, i64::try_from(there.len()).unwrap());
    assert_eq!(holdings(&now), holdings(&held));
    // What is at work is what the orders in it are.
    assert_eq!(now.iter().map(|position| position.open_buy.0).sum::<i64>(), Qty::whole(bids).unwrap().0);
    let first = AuditFilter { action: Some("log_reopened".into()), ..AuditFilter::default() };
    assert!(mia.found(first).await[0].detail.contains(" lost"), "the log names it");
    // A device that saw the log before is told, and one that never did is not.
    let size = seen.size(&origin);
    assert_eq!(Anchor::next(Some(&seen), &head(&mut mia, size).await, &origin).err(), Some(Broken::Reopened));
    let fresh = Anchor::next(None, &head(&mut mia, None).await, &origin).unwrap();
    order(&mut ann, "after", "").await;
    assert!(Anchor::next(Some(&fresh), &head(&mut mia, fresh.size(&origin)).await, &origin).is_ok());
    drop((ann, mia));
    outsiders(back, &vkey, &early, &late);
}

/// What a restored log shows to whoever kept something of it.
fn outsiders(mut back: Desk, vkey: &str, early: &str, late: &str) {
    back.stop();
    assert_eq!(back.verify().0, 3);
    let new = back.asks(&["audit", "vkey"]).1.trim().to_owned();
    assert!(new.contains("/epoch-2+") && new != vkey, "{new}");
    let verify = |more: &[&str]| {
        let (status, said) = back.asks(&[&["audit", "verify"], more].concat());
        (status, said)
    };
    // By the key of before and by the one of now; what was kept of before the backup is still true, and the loss is named.
    for key in [vkey, &new] {
        assert_eq!(verify(&["--vkey", key]).0, 3, "{key}");
    }
    let (status, said) = verify(&["--vkey", vkey, "--checkpoint", early]);
    assert!(status == 0 && said.contains("anchored"), "{said}");
    let (status, said) = verify(&["--checkpoint", late]);
    assert!(status == 1 && said.contains("signed under an origin before, and lost"), "{said}");
    // And restarts go on from there.
    back.start_again();
    back.stop();
    assert_eq!(back.verify().0, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_whole_is_refused_in_its_own_words_and_nothing_is_half_done() {
    let mut desk = Desk::start();
    let home = TempDir::new().unwrap();
    let path = |name: &str| -> PathBuf { home.path().join(name) };
    let before = keep_newest(&desk, &path("before"));
    desk.stop();
    // Of a desk that stands still, and its log says so too.
    let said = backup(&desk, &path("whole"));
    let (status, verified) = desk.verify();
    assert!(status == 3 && verified.contains(&format!("good: {} entries", entries(&said) + 1)), "{verified}");
    let whole = fs::read(path("whole")).unwrap();
    let data = path("data");
    let refused = |bytes: &[u8], words: &str| {
        fs::write(path("bad"), bytes).unwrap();
        let (status, said) = restore(&path("bad"), &data, &[]);
        assert!(status == 1 && said.contains(words), "{words}: {said}");
        assert!(!data.exists(), "nothing is half done");
    };
    for at in [whole.len() - 1, whole.len() / 2, whole.len() / 3, 9_000] {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        refused(&flipped, "the backup was altered");
    }
    refused(&whole[..whole.len() - 1], "the backup was cut short");
    refused(&whole[..20], "this is no backup");
    refused(&[whole.as_slice(), b"x"].concat(), "and was made with");
    refused(b"something else altogether, and long enough", "this is no backup");
    // Bytes of another place, with the length it should have.
    let mut moved = whole.clone();
    moved.copy_within(whole.len() / 2..whole.len() / 2 + 4_096, whole.len() - 9_000);
    refused(&moved, "the backup was altered");
    for at in [16, 24, 28, 40, 200] {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        fs::write(path("bad"), flipped).unwrap();
        let (status, said) = restore(&path("bad"), &data, &[]);
        assert!(status == 1 && !data.exists(), "byte {at}: {said}");
    }
    let mut command = turretd();
    command.args(["restore", "--passphrase-fd", "0", "--from"]).arg(path("whole")).arg("--data").arg(&data);
    let (status, said) = told_by_with(&mut command, "another passphrase");
    assert!(status == 1 && said.contains("wrong passphrase") && !data.exists(), "{said}");
    // A directory with something in it is not touched.
    fs::create_dir(&data).unwrap();
    fs::write(data.join("mine"), "mine").unwrap();
    let (status, said) = restore(&path("whole"), &data, &[]);
    assert!(status == 1 && said.contains("is not empty"), "{said}");
    assert_eq!(fs::read_dir(&data).unwrap().count(), 1);
    fs::remove_dir_all(&data).unwrap();
    shown(&path("whole"), &data, &before, &path("strange"));
    assert!(!PASSPHRASE.is_empty());
}

/// What was known of a log decides how it goes on.
fn shown(whole: &Path, data: &Path, before: &str, strange: &Path) {
    let last = |note: &str| restore(whole, data, &["--last-checkpoint", note]);
    let text = fs::read_to_string(before).unwrap();
    fs::write(strange, text.replace("\u{2014} ", "\u{2014} x")).unwrap();
    let (status, said) = last(strange.to_str().unwrap());
    assert!(status == 1 && said.contains("is no checkpoint that a key of this log signed") && !data.exists(), "{said}");
    // Covered by what is in it: nothing is lost, and it goes on under its name.
    let (status, said) = last(before);
    assert!(status == 0 && said.contains("nothing after them is lost"), "{said}");
    fs::remove_dir_all(data).unwrap();
    let (status, said) = restore(whole, data, &[]);
    assert!(status == 0 && said.contains("nobody knows what came after them"), "{said}");
    assert!(said.contains("/epoch-2"), "{said}");
}
