//! The keys of a sealed file go into a token: the desk opens by one of the two whenever that is cut off, and whoever kept the old
//! key follows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use turret_client::cache::Anchor;
use turret_shared::tlog::VerifierKey;
use turret_shared::wire::query::AuditFilter;
use wire::client::Control;
use wire::desk::{Desk, PASSPHRASE, told_by_with, turretd};
use wire::hsm::{Hsm, TOKEN};
use wire::trader::{head, order, orders};

fn migrate(data: &Path, hsm: &Hsm) -> (i32, String) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("pin"), PASSPHRASE).unwrap();
    let mut command = turretd();
    command.args(["keys", "migrate", "--to", "pkcs11", "--token", TOKEN, "--token-pin-credential", "pin", "--module"]);
    command.arg(&hsm.module).args(["--passphrase-fd", "0", "--data"]).arg(data);
    hsm.on(&mut command);
    told_by_with(command.env("CREDENTIALS_DIRECTORY", folder.path()), PASSPHRASE)
}

/// A copy of all files but the socket.
fn copied(from: &Path) -> TempDir {
    let to = tempfile::Builder::new().prefix("turret-move-").tempdir().unwrap();
    copy(from, to.path());
    to
}

fn copy(from: &Path, to: &Path) {
    for item in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (kind, goal) = (item.file_type().unwrap(), to.join(item.file_name()));
        if kind.is_dir() {
            fs::create_dir_all(&goal).unwrap();
            copy(&item.path(), &goal);
        } else if kind.is_file() {
            fs::copy(item.path(), goal).unwrap();
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|item| item.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keys_go_into_a_token_and_everybody_follows() {
    let Some(hsm) = Hsm::new().map(Arc::new) else { return };
    let mut desk = Desk::start();
    let (mut ann, _) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
    let (mut mia, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    order(&mut ann, "before", "a text from before").await;
    let first: VerifierKey = desk.asks(&["audit", "vkey"]).1.trim().parse().unwrap();
    let seen = Anchor::next(None, &head(&mut mia, None).await, first.name()).unwrap();
    let (status, said) = migrate(desk.layout().data(), &hsm);
    assert!(status == 1 && said.contains("a server runs on this data directory"), "{said}");
    drop((ann, mia));
    desk.stop();
    let data = copied(desk.layout().data());
    let (status, said) = migrate(data.path(), &hsm);
    assert!(status == 0 && said.contains("The keys are in the token"), "{said}");
    assert!(names(data.path()).contains(&"keys.sealed.before".to_owned()));
    let (status, said) = migrate(data.path(), &hsm);
    assert!(status == 1 && said.contains("the keys are in a token already"), "{said}");
    fs::remove_file(data.path().join("keys.sealed.before")).unwrap();

    let mut desk = Desk::put_back(data, desk.people.clone(), Some(Arc::clone(&hsm)));
    let (_, said) = desk.asks(&["keys", "list"]);
    let checkpoint: Vec<&str> = said.lines().filter(|line| line.starts_with("checkpoint")).collect();
    assert!(checkpoint[0].contains(" 1  revoked ") && checkpoint[1].contains(" 2  active    token"), "{said}");
    let (mut ann, _) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
    let (mut mia, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    order(&mut ann, "after", "and after").await;
    assert!(orders(&ann).await.iter().any(|order| order.text == "a text from before"));
    // The log goes on under its name: a device follows by the word of the key in the file.
    let now = head(&mut mia, seen.size(first.name())).await;
    assert_ne!(&now.key, first.public());
    assert!(Anchor::next(Some(&seen), &now, first.name()).is_ok());
    for action in ["keys_moved", "key_succeeded"] {
        let filter = AuditFilter { action: Some(action.into()), ..AuditFilter::default() };
        while mia.found(filter.clone()).await.len() != 1 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
    drop((ann, mia));
    for name in ["checkpoint", "wrapping", "pepper"] {
        let (status, said) = desk.asks(&["keys", "rotate", name]);
        assert_eq!(status, 0, "{said}");
    }
    desk.stop();
    for key in [first.to_string(), desk.asks(&["audit", "vkey"]).1.trim().to_owned()] {
        let (status, said) = desk.asks(&["audit", "verify", "--vkey", &key]);
        assert_eq!(status, 3, "{said}");
    }
}

/// Cut off before everything is ready the desk is the file's as if nothing had been; behind that it is the token's, however far
/// the files had come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_that_is_cut_off_leaves_the_desk_to_the_file_or_to_the_token() {
    let Some(hsm) = Hsm::new().map(Arc::new) else { return };
    let mut desk = Desk::start();
    desk.stop();
    let before = copied(desk.layout().data());
    let done = copied(before.path());
    let (status, said) = migrate(done.path(), &hsm);
    assert_eq!(status, 0, "{said}");
    // What lay ready, as the move left it in its places.
    let staged = [
        ("keys.sealed", "keys.sealed"),
        ("checkpoints/bequest", "checkpoints/bequest"),
        ("pki/ca-2.pem", "pki/ca-2.pem"),
        ("turretd.toml", "turretd.toml"),
    ];
    for cut in 0..=staged.len() + 1 {
        let data = copied(before.path());
        let moving = data.path().join("moving");
        for folder in ["pki", "checkpoints"] {
            fs::create_dir_all(moving.join(folder)).unwrap();
        }
        for (from, name) in staged {
            fs::copy(done.path().join(from), moving.join(name)).unwrap();
        }
        let in_token = cut > 0;
        if in_token {
            fs::write(moving.join("ready"), b"").unwrap();
        }
        // So many steps of it were done: the old file aside, then one file after the other.
        if cut > 1 {
            fs::rename(data.path().join("keys.sealed"), data.path().join("keys.sealed.before")).unwrap();
        }
        for (name, place) in staged.iter().take(cut.saturating_sub(1)) {
            fs::rename(moving.join(name), data.path().join(place)).unwrap();
        }
        let hsm = in_token.then(|| Arc::clone(&hsm));
        let mut desk = Desk::put_back(data, desk.people.clone(), hsm);
        let (_, said) = desk.asks(&["keys", "list"]);
        assert_eq!(said.contains(" token "), in_token, "cut {cut}: {said}");
        let (mut ann, _) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
        order(&mut ann, "after", "").await;
        drop(ann);
        desk.stop();
        assert_eq!(desk.verify().0, 3, "cut {cut}");
        assert!(!in_token || !names(desk.layout().data()).contains(&"moving".to_owned()), "cut {cut}");
    }
    // What an attempt that was cut off left is no hindrance to the next.
    let left = before.path().join("moving/pki");
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("odd"), "x").unwrap();
    let other = Hsm::new().unwrap();
    let (status, said) = migrate(before.path(), &other);
    assert_eq!(status, 0, "{said}");
}
