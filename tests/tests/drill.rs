//! The drill: the HSM of a desk that trades is gone for good, and the desk comes back from a backup and two of three shares.
#![cfg(target_os = "linux")]
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
use std::sync::Arc;

use tempfile::TempDir;
use turret_certs::{Authority, DeviceKey, DevicePublic};
use turret_client::cache::{Anchor, Broken};
use turret_server::keys::{KeyStore, Purpose};
use turret_shared::ids::DeviceId;
use turret_shared::money::Qty;
use turret_shared::pack;
use turret_shared::tlog::{Checkpoint, Note, VerifierKey};
use turret_shared::view::{OrderView, PositionView};
use turret_shared::wire::control::{ClientFrame, Outcome};
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};
use wire::client::{Control, now_s};
use wire::custodians::{Ceremony, Paper, ceremony, recover_typing};
use wire::desk::{Desk, PASSPHRASE, Person, told_by_with, turretd};
use wire::hsm::{Hsm, TOKEN};
use wire::trader::{Trader, head, holdings, numbers, order, orders, positions};

/// What the desk was when it was lost.
struct Gone {
    home: TempDir,
    people: Vec<Person>,
    backup: PathBuf,
    /// The ceremony that is void, and the one in force.
    ceremonies: [Ceremony; 2],
    /// Orders taken while it was copied, and after.
    taken: Vec<OrderView>,
    held: Vec<PositionView>,
    origin: String,
    vkey: String,
    seen: Anchor,
    /// Checkpoints somebody kept: of before the backup, and the newest.
    early: String,
    late: String,
    _old: Desk,
}

impl Gone {
    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }
}

fn keep_newest(desk: &Desk, to: PathBuf) -> String {
    fs::copy(desk.layout().checkpoints().join("newest"), &to).unwrap();
    to.to_str().unwrap().to_owned()
}

/// A desk on a token, two ceremonies, a backup while it trades; then the token is broken.
async fn lost(hsm: &Arc<Hsm>) -> Gone {
    let mut desk = Desk::in_token(hsm);
    let home = TempDir::new().unwrap();
    let void = ceremony(desk.layout().data(), Some(hsm), 2, 3).await;
    let force = ceremony(desk.layout().data(), Some(hsm), 2, 3).await;
    assert!(void.told.contains("any 2 of its 3 shares") && !void.told.contains("is void"), "{}", void.told);
    assert!(force.told.contains("is void: its shares open the backups made before"), "{}", force.told);
    nowhere(desk.layout().data(), [&void, &force]);

    let (mut ann, _) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
    let (mut mia, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    let held = AuditFilter { action: Some("key_ceremony".into()), ..AuditFilter::default() };
    let rows = mia.found(held).await;
    assert!(rows.len() == 2 && rows.iter().all(|row| row.detail.ends_with("2 of 3 shares")), "{rows:?}");
    order(&mut ann, "before", "a text in the vault").await;
    let held = holdings(&positions(&ann).await);
    let origin = Control::hello(&desk.person("ann.lee"), desk.address).await.1.origin;
    let early = keep_newest(&desk, home.path().join("early"));
    let trader = Trader::begin(ann, "");
    let backup = home.path().join("desk.backup");
    let (status, said) = desk.asks(&["backup", "--to", backup.to_str().unwrap()]);
    assert!(status == 0 && said.contains("by 2 of the 3 recovery shares of set "), "{said}");
    let (_, taken) = trader.end().await;
    let entries: u64 = said.split(": ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    while signed(&desk) <= entries {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let seen = Anchor::next(None, &head(&mut mia, None).await, &origin).unwrap();
    let vkey = desk.asks(&["audit", "vkey"]).1.trim().to_owned();
    drop(mia);
    desk.kill();
    let late = keep_newest(&desk, home.path().join("late"));
    hsm.destroy();
    let said = desk.refuses_to_start();
    assert!(said.contains("no token called turret tests is there"), "{said}");
    let (people, ceremonies) = (desk.people.clone(), [void, force]);
    Gone { home, people, backup, ceremonies, taken, held, origin, vkey, seen, early, late, _old: desk }
}

/// Entries under the newest checkpoint.
fn signed(desk: &Desk) -> u64 {
    let note: Note = fs::read_to_string(desk.layout().checkpoints().join("newest")).unwrap().parse().unwrap();
    note.text.parse::<Checkpoint>().unwrap().size
}

/// No share is in any file of the desk.
fn nowhere(data: &Path, ceremonies: [&Ceremony; 2]) {
    let mut folders = vec![data.to_owned()];
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if item.file_type().unwrap().is_dir() {
                folders.push(item.path());
                continue;
            }
            // Zeros, and many of them.
            if item.file_name() == "reserve" {
                continue;
            }
            let bytes = fs::read(item.path()).unwrap_or_default();
            let held = String::from_utf8_lossy(&bytes);
            for line in ceremonies.iter().flat_map(|held| &held.papers).flat_map(|paper| &paper.0) {
                let there = held.contains(line.as_str()) || held.contains(&line.replace(' ', ""));
                assert!(!there, "a share in {}", item.path().display());
            }
        }
    }
}

/// The verb, told these shares, with the passphrase or PIN as a credential of the service.
fn recover(gone: &Gone, from: &Path, data: &Path, shares: &str, hsm: Option<&Hsm>) -> (i32, String) {
    let folder = gone.path("credentials");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("pin"), PASSPHRASE).unwrap();
    let mut command = turretd();
    command.args(["keys", "recover", "--shares-fd", "0", "--pin-credential", "pin", "--last-checkpoint", &gone.late]);
    command.arg("--from").arg(from).arg("--data").arg(data).env("CREDENTIALS_DIRECTORY", folder);
    if let Some(hsm) = hsm {
        hsm.on(&mut command);
        command.args(["--keys", "pkcs11", "--token", TOKEN, "--module"]).arg(&hsm.module);
    }
    told_by_with(&mut command, shares)
}

fn both(one: &Paper, other: &Paper) -> String {
    format!("{}{}", one.text(), other.text())
}

/// Each of these is refused in its own words, and nothing is half done.
fn refusals(gone: &Gone) {
    let [void, force] = &gone.ceremonies;
    let (bad, data) = (gone.path("bad"), gone.path("refused"));
    let refused = |from: &Path, shares: &str, words: &str| {
        let (status, said) = recover(gone, from, &data, shares, None);
        assert!(status == 1 && said.contains(words), "{words}: {said}");
        assert!(!data.exists(), "{words}: nothing is half done");
    };
    let good = both(&force.papers[0], &force.papers[2]);
    let whole = &gone.backup;
    refused(whole, &force.papers[1].text(), "it takes 2 shares, and 1 came");
    refused(whole, "", "it takes 2 shares, and 0 came");
    refused(whole, &both(&force.papers[0], &void.papers[1]), "share 2 is of set ");
    refused(whole, &both(&void.papers[0], &void.papers[1]), "share 1 is of set ");
    refused(whole, &both(&force.papers[1], &force.papers[1]), "share 2 was given twice");
    let slip = force.papers[2].0[3].chars().next().unwrap();
    let mut wrong = force.papers[2].0.clone();
    wrong[3].replace_range(..1, if slip == 'A' { "B" } else { "A" });
    let slipped = both(&force.papers[0], &Paper(wrong));
    refused(whole, &slipped, "share 3 is not as it was printed: look at line 4");

    let bytes = fs::read(whole).unwrap();
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    fs::write(&bad, flipped).unwrap();
    refused(&bad, &good, "the backup was altered");
    fs::write(&bad, &bytes[..bytes.len() - 5_000]).unwrap();
    refused(&bad, &good, "the backup was cut short");
    // And without shares there is no way past the token that is gone.
    let mut command = turretd();
    command.args(["restore", "--passphrase-fd", "0", "--from"]).arg(whole).arg("--data").arg(&data);
    let (status, said) = told_by_with(&mut command, PASSPHRASE);
    assert!(status == 1 && said.contains("no token called") && !data.exists(), "{said}");
}

/// The desk is the one of the backup: people sign in, orders and positions are there, the loss is named, and it goes on.
async fn is_back(gone: &Gone, mut desk: Desk) {
    let (mut ann, _) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
    let (mut mia, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    let there = orders(&ann).await;
    let sent: Vec<_> = there.iter().filter(|order| order.cl_ord_id.as_str().starts_with('t')).cloned().collect();
    assert_eq!(numbers(&sent), numbers(&gone.taken)[..sent.len()]);
    assert!(there.iter().any(|order| order.cl_ord_id.as_str() == "before"));
    let now = positions(&ann).await;
    assert_eq!(holdings(&now), gone.held);
    let bids = Qty::whole(i64::try_from(there.len()).unwrap()).unwrap();
    assert_eq!(now.iter().map(|position| position.open_buy.0).sum::<i64>(), bids.0);
    for (action, detail) in [("log_reopened", " lost"), ("backup_restored", " by shares of set ")] {
        let rows = mia.found(AuditFilter { action: Some(action.into()), ..AuditFilter::default() }).await;
        assert!(rows.len() == 1 && rows[0].detail.contains(detail), "{rows:?}");
    }
    // A device that saw the log before is told; the server signs, and proves what is new by its new key.
    let head = head(&mut mia, gone.seen.size(&gone.origin)).await;
    assert_eq!(Anchor::next(Some(&gone.seen), &head, &gone.origin).err(), Some(Broken::Reopened));
    let after = order(&mut ann, "after", "").await;
    let answers = mia.ask(Ask::Pack(after.order_id)).await.into_iter();
    let bytes = answers.flat_map(|answer| match answer.body {
        AnswerBody::Pack(bytes) => bytes.to_vec(),
        other => panic!("{other:?}"),
    });
    let text = String::from_utf8(bytes.collect()).unwrap();
    let new: VerifierKey = desk.asks(&["audit", "vkey"]).1.trim().parse().unwrap();
    assert_eq!(new.name(), format!("{}/epoch-2", gone.origin));
    assert!(pack::verify(&text, &new, &[]).is_ok());
    drop((ann, mia));
    // The key of the new origin gives way as any does.
    let (status, said) = desk.asks(&["keys", "rotate", "checkpoint"]);
    assert_eq!((status, said.trim()), (0, "checkpoint version 3 signs"));
    desk.stop();
    let (status, said) = desk.asks(&["check"]);
    assert!(status == 0 && said.contains(": good, "), "{said}");
    outsiders(gone, &desk, &new.to_string());
    desk.start_again();
    desk.stop();
    assert_eq!(desk.verify().0, 3);
}

/// Gives a device the certificate of two days ago, by the key of an authority that is in a sealed file.
fn aged(desk: &Desk, person: &Person) {
    let pki = desk.layout().pki();
    let read = |path: PathBuf| fs::read_to_string(path).unwrap();
    let sealed = fs::read(pki.join("ca.key.sealed")).unwrap();
    let key = desk.keys().unseal(Purpose::Authority, b"ca", &sealed).unwrap();
    let authority = Authority::load(&read(pki.join("ca.pem")), std::str::from_utf8(&key).unwrap()).unwrap();
    let device = DeviceKey::load(&read(person.dir.join("device.key"))).unwrap();
    let public = DevicePublic::of_request(&device.request().unwrap()).unwrap();
    let certificate = authority.certify(DeviceId(1), &public, now_s() - 2 * 24 * 3_600).unwrap();
    fs::write(person.dir.join("device.pem"), certificate).unwrap();
}

/// The authority before certifies nobody any more: the new one does, and its certificate lets the device in.
async fn certified_anew(ann: &mut Control, desk: &Desk) {
    let person = desk.person("ann.lee");
    let old = fs::read_to_string(person.dir.join("device.pem")).unwrap();
    let key = DeviceKey::generate().unwrap();
    ann.say(&ClientFrame::RenewDevice { request: 901, key: key.request().unwrap() }).await;
    let Outcome::DeviceRenewed(certificate) = ann.outcome(901).await else { panic!("a certificate") };
    assert_ne!(certificate, old);
    let folder = TempDir::new().unwrap();
    for name in ["profile.toml", "ca.pem"] {
        fs::copy(person.dir.join(name), folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("device.pem"), certificate).unwrap();
    fs::write(folder.path().join("device.key"), key.pem().as_bytes()).unwrap();
    let mut anew = person.clone();
    anew.dir = folder.path().to_owned();
    let (_, welcome) = Control::hello(&anew, desk.address).await;
    assert!(!welcome.origin.is_empty());
}

/// What whoever kept something of the log before is told: the truth.
fn outsiders(gone: &Gone, desk: &Desk, new: &str) {
    for key in [gone.vkey.as_str(), new] {
        let (status, said) = desk.asks(&["audit", "verify", "--vkey", key]);
        assert_eq!(status, 3, "{said}");
    }
    let (status, said) = desk.asks(&["audit", "verify", "--vkey", &gone.vkey, "--checkpoint", &gone.early]);
    assert!(status == 0 && said.contains("anchored"), "{said}");
    let (status, said) = desk.asks(&["audit", "verify", "--vkey", &gone.vkey, "--checkpoint", &gone.late]);
    assert!(status == 1 && said.contains("signed under an origin before, and lost"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_is_gone_and_the_desk_comes_back_on_another_from_a_backup_and_two_of_three_shares() {
    let Some(first) = Hsm::new().map(Arc::new) else { return };
    let gone = lost(&first).await;
    refusals(&gone);
    let [_, force] = &gone.ceremonies;
    let second = Hsm::new().map(Arc::new).unwrap();
    let data = tempfile::Builder::new().prefix("turret-drill-").tempdir().unwrap();
    let shares = both(&force.papers[2], &force.papers[0]);
    let (status, said) = recover(&gone, &gone.backup, data.path(), &shares, Some(&second));
    assert!(status == 0 && said.contains("that were signed after them are lost"), "{said}");
    assert!(said.contains("certified by a new authority"), "{said}");
    let desk = Desk::put_back(data, gone.people.clone(), Some(Arc::clone(&second)));
    let (_, keys) = desk.asks(&["keys", "list"]);
    let checkpoint: Vec<&str> = keys.lines().filter(|line| line.starts_with("checkpoint")).collect();
    assert!(checkpoint.len() == 2 && checkpoint[0].contains(" 1  revoked "), "{keys}");
    assert!(checkpoint[1].contains(" 2  active ") && checkpoint[1].contains("token"), "{keys}");
    is_back(&gone, desk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_is_gone_and_shares_typed_at_a_terminal_bring_the_desk_back_into_a_sealed_file() {
    let Some(first) = Hsm::new().map(Arc::new) else { return };
    let gone = lost(&first).await;
    let [_, force] = &gone.ceremonies;
    let data = tempfile::Builder::new().prefix("turret-drill-").tempdir().unwrap();
    let (status, said) = recover_typing(&gone.backup, data.path(), [&force.papers[1], &force.papers[2]]).await;
    assert!(status == 0 && said.contains("nobody knows what came after them"), "{said}");
    let mut desk = Desk::put_back(data, gone.people.clone(), None);
    let (ann, _) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
    assert!(!orders(&ann).await.is_empty());
    drop(ann);
    desk.stop();
    assert_eq!(desk.verify().0, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_passphrase_is_forgotten_and_shares_bring_the_desk_into_a_token_whose_authority_devices_follow() {
    let Some(hsm) = Hsm::new().map(Arc::new) else { return };
    let mut old = Desk::start();
    aged(&old, &old.person("ann.lee"));
    let held = ceremony(old.layout().data(), None, 2, 2).await;
    let home = TempDir::new().unwrap();
    let backup = home.path().join("desk.backup");
    let (status, said) = old.asks(&["backup", "--to", backup.to_str().unwrap()]);
    assert_eq!(status, 0, "{said}");
    let vkey = old.asks(&["audit", "vkey"]).1.trim().to_owned();
    old.kill();
    let data = tempfile::Builder::new().prefix("turret-drill-").tempdir().unwrap();
    fs::write(home.path().join("pin"), PASSPHRASE).unwrap();
    let mut command = turretd();
    command.args([
        "keys",
        "recover",
        "--shares-fd",
        "0",
        "--pin-credential",
        "pin",
        "--keys",
        "pkcs11",
        "--token",
        TOKEN,
    ]);
    command.arg("--module").arg(&hsm.module).arg("--from").arg(&backup).arg("--data").arg(data.path());
    hsm.on(&mut command);
    let shares = both(&held.papers[1], &held.papers[0]);
    let (status, said) = told_by_with(command.env("CREDENTIALS_DIRECTORY", home.path()), &shares);
    assert!(status == 0 && said.contains("certified by a new authority"), "{said}");
    let mut desk = Desk::put_back(data, old.people.clone(), Some(Arc::clone(&hsm)));
    let pki = desk.layout().pki();
    assert!(pki.join("ca-2.pem").exists() && !pki.join("ca-2.key.sealed").exists(), "its key stays in the token");
    let (mut ann, _) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
    order(&mut ann, "after", "").await;
    certified_anew(&mut ann, &desk).await;
    drop(ann);
    desk.stop();
    // The key that signed before said itself what comes after it.
    let (status, said) = desk.asks(&["audit", "verify", "--vkey", &vkey]);
    assert_eq!(status, 3, "{said}");
}
