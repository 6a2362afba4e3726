//! Threat 29: the token with the server's keys is pulled while people trade, comes back, or is another.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use turret_server::keys::file::FileKeys;
use turret_server::keys::{KeyError, Passphrase};
use turret_shared::event::alert::AlertRule;
use turret_shared::tlog::{Checkpoint, Note};
use turret_shared::wire::control::Outcome;
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};
use zeroize::Zeroizing;

use super::orders::{bid, bytes};
use crate::wire::PATIENCE;
use crate::wire::client::Control;
use crate::wire::desk::{Desk, PASSPHRASE, init_in_token};
use crate::wire::hsm::Hsm;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);
/// Twice what a checkpoint takes at most.
const CHECKPOINTS: Duration = Duration::from_secs(2);

/// Entries under the newest checkpoint.
fn signed(desk: &Desk) -> u64 {
    let note = fs::read_to_string(desk.layout().checkpoints().join("newest")).unwrap();
    let note: Note = note.parse().unwrap();
    note.text.parse::<Checkpoint>().unwrap().size
}

async fn orders(control: &mut Control, name: &str) {
    let request = control.command_bytes(bytes(bid(name, "A1001", ""))).await;
    let taken = control.outcome(request).await;
    assert!(matches!(taken, Outcome::Order(_)), "{taken:?}");
}

/// Asks until there is something to see.
async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.expect("it is seen in time")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_29_a_pulled_token_raises_an_alarm_signs_nothing_and_is_taken_up_again() {
    let Some(hsm) = Hsm::new().map(Arc::new) else { return };
    let mut desk = Desk::in_token(&hsm);
    let process = desk.id();
    let (mut ann, _) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
    let (mia, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    orders(&mut ann, "before").await;
    let before = until(async || Some(signed(&desk)).filter(|size| *size > 0)).await;

    hsm.pull();
    let alert = until(async || {
        let AnswerBody::Alerts(rows, _) = mia.ask(Ask::Alerts).await.remove(0).body else { panic!("alerts") };
        rows.into_iter().find(|row| row.rule == AlertRule::KeysLost)
    })
    .await;
    assert!(alert.login.is_empty(), "{alert:?}");
    let lost = until(async || Some(signed(&desk))).await;
    assert!(lost >= before);
    // People trade on, and nobody signs for the token that is gone.
    orders(&mut ann, "meanwhile").await;
    tokio::time::sleep(CHECKPOINTS).await;
    assert_eq!(signed(&desk), lost, "nothing else signs");

    hsm.put_back();
    let back = AuditFilter { action: Some("keys_back".into()), ..AuditFilter::default() };
    let rows = until(async || Some(mia.found(back.clone()).await).filter(|rows| !rows.is_empty())).await;
    assert_eq!((rows.len(), rows[0].who.as_str()), (1, "engine"));
    until(async || (signed(&desk) > rows[0].sequence.0).then_some(())).await;
    assert_eq!((desk.id(), desk.lives()), (process, true), "the same process, never restarted");
    orders(&mut ann, "after").await;
    drop((ann, mia));
    desk.stop();
    let (status, said) = desk.verify();
    assert_eq!(status, 3, "good, and anchored by nobody: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_29_without_its_token_or_its_pin_a_server_does_not_start_and_nothing_stands_in_for_it() {
    let Some(hsm) = Hsm::new().map(Arc::new) else { return };
    let mut desk = Desk::in_token(&hsm);
    desk.stop();
    hsm.pull();
    let said = desk.refuses_to_start();
    assert!(said.contains("no token called turret tests is there"), "{said}");
    // One of the same name and PIN, with nothing or other keys in it.
    hsm.make();
    let said = desk.refuses_to_start();
    assert!(said.contains("does not hold this deployment's keys"), "{said}");
    let other = tempfile::tempdir().unwrap();
    assert_eq!(init_in_token(&other.path().join("desk"), &hsm, PASSPHRASE).0, 0);
    let said = desk.refuses_to_start();
    assert!(said.contains("does not hold this deployment's keys"), "{said}");
    hsm.put_back();
    let said = desk.refuses_to_start();
    assert!(said.contains("more than one token is called turret tests"), "{said}");
    hsm.unmake_others();
    let said = desk.refuses_to_start_with("1234567");
    assert!(said.contains("does not take the PIN"), "{said}");
    hsm.lacks(Some("CKM_EDDSA"));
    let said = desk.refuses_to_start();
    assert!(said.contains("the token has no CKM_EDDSA, which Turret needs"), "{said}");
    let poor = tempfile::tempdir().unwrap();
    for mechanism in ["CKM_AES_GCM", "CKM_EC_KEY_PAIR_GEN"] {
        hsm.lacks(Some(mechanism));
        let (status, said) = init_in_token(&poor.path().join(mechanism), &hsm, PASSPHRASE);
        assert!(status != 0 && said.contains(&format!("the token has no {mechanism}, which Turret needs")), "{said}");
    }
    hsm.lacks(None);
    // The file beside it opens for nobody as a sealed file.
    let passphrase = Passphrase::new(Zeroizing::new(PASSPHRASE.as_bytes().to_vec())).unwrap();
    assert!(matches!(FileKeys::open(&desk.layout().keys(), &passphrase), Err(KeyError::Malformed)));
    desk.start_again();
    assert!(desk.lives());
}

/// Files of a folder, and of those in it.
fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_29_the_authority_signs_in_the_token_and_its_key_is_in_no_file() {
    let Some(hsm) = Hsm::new().map(Arc::new) else { return };
    let desk = Desk::in_token(&hsm);
    let mut found = Vec::new();
    files(&desk.layout().pki(), &mut found);
    let names: Vec<_> = found.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    assert!(names.contains(&"ca.pem") && names.contains(&"server.key.sealed"), "{names:?}");
    assert!(!names.contains(&"ca.key.sealed"), "{names:?}");
    // The device's certificate is of that authority, and so is the server's that the device believes.
    let (_control, signed_in) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
    assert!(signed_in.idle_left_s > 0);
    // Beside the running server, and by a credential of the service.
    let (status, said) = desk.asks(&["keys", "list"]);
    let row = |name: &str| said.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    assert_eq!(status, 0, "{said}");
    for (name, place) in [("checkpoint", "token"), ("certificates", "token"), ("wrapping", "token"), ("vault", "file")]
    {
        assert!(row(name).contains(" 1  active ") && row(name).contains(place), "{said}");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("desk-pin"), PASSPHRASE).unwrap();
    let (status, said) = desk.asks_with_credential(&["check"], folder.path(), "desk-pin");
    assert!(status == 0 && said.contains(": good, "), "{said}");
    for name in ["another", "../desk-pin", ".."] {
        let (status, said) = desk.asks_with_credential(&["check"], folder.path(), name);
        assert!(status != 0 && said.contains("no credential called"), "{said}");
    }
}
