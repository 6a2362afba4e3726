//! Threats 9, 10 and 12: a thief with every key of the databases in hand, on the files of a stopped server.

use rusqlite::Connection;
use turret_server::encrypted::{Access, open};
use turret_server::keys::{KeyStore, Purpose};
use turret_shared::wire::control::{Outcome, ServerFrame};
use turret_shared::wire::query::Ask;

use super::orders::{bid, bytes};
use crate::wire::client::{Control, now_s};
use crate::wire::desk::Desk;

/// A desk that has traded a little and was stopped in good order.
async fn traded() -> Desk {
    let mut desk = Desk::start();
    let (mut ann, _) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
    for n in 0..20 {
        let request = ann.command_bytes(bytes(bid(&format!("e{n}"), "A1001", ""))).await;
        ann.outcome(request).await;
    }
    drop(ann);
    desk.stop();
    desk
}

/// The log's database, for whoever has its key.
fn log(desk: &Desk) -> Connection {
    open(&desk.layout().log(), &desk.keys().key(Purpose::Database).unwrap(), Access::Write).unwrap()
}

/// Drops what stands in the way and writes.
fn tamper(desk: &Desk, sql: &str) {
    let db = log(desk);
    for trigger in ["entries_never_change", "entries_never_go", "tiles_never_change", "tiles_never_go"] {
        db.execute_batch(&format!("DROP TRIGGER IF EXISTS {trigger}")).unwrap();
    }
    db.execute_batch(sql).unwrap();
}

/// Files of the log, to be put back.
fn copies(desk: &Desk) -> Vec<(std::path::PathBuf, Option<Vec<u8>>)> {
    let log = desk.layout().log();
    let beside = |end: &str| std::path::PathBuf::from(format!("{}{end}", log.display()));
    [log.clone(), beside("-wal"), beside("-shm")].map(|path| (path.clone(), std::fs::read(path).ok())).into()
}

fn put_back(files: &[(std::path::PathBuf, Option<Vec<u8>>)]) {
    for (path, bytes) in files {
        match bytes {
            Some(bytes) => std::fs::write(path, bytes).unwrap(),
            None => drop(std::fs::remove_file(path)),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_09_whatever_is_done_to_the_log_with_its_key_in_hand_is_named() {
    let desk = traded().await;
    let (status, said) = desk.verify();
    assert_eq!(status, 3, "good, and anchored by nobody: {said}");
    let honest = copies(&desk);
    let size: i64 = log(&desk).query_row("SELECT count(*) FROM entries", [], |row| row.get(0)).unwrap();
    let (one, last) = (size / 2, size - 1);
    let edits = [
        (
            format!(
                "UPDATE entries SET entry = (SELECT entry FROM entries WHERE sequence = {}) WHERE sequence = {one}",
                one + 1
            ),
            one,
        ),
        (format!("DELETE FROM entries WHERE sequence = {one}"), one),
        (
            format!(
                "UPDATE entries SET sequence = -1 WHERE sequence = {one};
                 UPDATE entries SET sequence = {one} WHERE sequence = {};
                 UPDATE entries SET sequence = {} WHERE sequence = -1",
                one + 1,
                one + 1
            ),
            one,
        ),
        (format!("DELETE FROM entries WHERE sequence >= {last}"), last),
    ];
    for (sql, index) in edits {
        tamper(&desk, &sql);
        let (status, said) = desk.verify();
        assert_eq!(status, 1, "{sql}: {said}");
        assert!(said.contains(&index.to_string()), "{sql}: {said}");
        put_back(&honest);
    }
    // Leaf and all made to agree: no entry is wrong by itself, and the checkpoint over them says so.
    let entry: Vec<u8> =
        log(&desk).query_row("SELECT entry FROM entries WHERE sequence = ?1", [last - 1], |row| row.get(0)).unwrap();
    let leaf = turret_shared::tlog::leaf_hash(&entry).0;
    let db = log(&desk);
    for trigger in ["entries_never_change", "entries_never_go"] {
        db.execute_batch(&format!("DROP TRIGGER IF EXISTS {trigger}")).unwrap();
    }
    db.execute("UPDATE entries SET entry = ?1, leaf = ?2 WHERE sequence = ?3", (entry, leaf.as_slice(), last)).unwrap();
    drop(db);
    let (status, said) = desk.verify();
    assert_eq!(status, 1, "{said}");
    put_back(&honest);
    assert_eq!(desk.verify().0, 3, "put back, it is what it was");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_10_a_database_put_back_to_an_older_copy_starts_no_server() {
    let mut desk = traded().await;
    let older = copies(&desk);
    desk.start_again();
    let (mut bob, _) = Control::signed_in(&desk.person("bob.ray"), desk.address).await;
    let request = bob.command_bytes(bytes(bid("later", "A2001", ""))).await;
    bob.outcome(request).await;
    drop(bob);
    desk.stop();
    let newer = copies(&desk);
    put_back(&older);
    let said = desk.refuses_to_start();
    assert!(said.contains("older") || said.contains("checkpoint"), "{said}");
    assert_eq!(desk.verify().0, 1);
    put_back(&newer);
    desk.start_again();
    assert!(desk.lives());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_12_sealed_cells_moved_to_another_row_open_there_for_nobody() {
    let mut desk = Desk::start();
    let (ann, bob) = (desk.person("ann.lee"), desk.person("bob.ray"));
    let (mut control, _) = Control::signed_in(&ann, desk.address).await;
    for (name, text) in [("m1", "first canary of a text"), ("m2", "second canary of a text")] {
        let request = control.command_bytes(bytes(bid(name, "A1001", text))).await;
        let taken = control.outcome(request).await;
        assert!(matches!(taken, Outcome::Order(_)), "{taken:?}");
    }
    drop(control);
    desk.stop();
    let vault = open(&desk.layout().vault(), &desk.keys().key(Purpose::Vault).unwrap(), Access::Write).unwrap();
    let swapped = [("totp_seeds", "user_id", "1", "2"), ("passwords", "user_id", "3", "4")];
    for (table, key, one, other) in swapped {
        let sealed = |of: &str| -> Vec<u8> {
            let sql = format!("SELECT sealed FROM {table} WHERE {key} = {of}");
            vault.query_row(&sql, [], |row| row.get(0)).unwrap()
        };
        let (first, second) = (sealed(one), sealed(other));
        for (of, bytes) in [(one, second), (other, first)] {
            vault.execute(&format!("UPDATE {table} SET sealed = ?1 WHERE {key} = {of}"), [bytes]).unwrap();
        }
    }
    // A text's row: the other's sealed bytes under this one's commitment.
    let mut texts = vault.prepare("SELECT commitment, sealed FROM personal WHERE kind = 1").unwrap();
    let rows: Vec<(Vec<u8>, Vec<u8>)> =
        texts.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    drop(texts);
    assert!(rows.len() >= 2, "two texts were kept");
    for (at, (commitment, _)) in rows.iter().enumerate() {
        let other = &rows[(at + 1) % rows.len()].1;
        vault.execute("UPDATE personal SET sealed = ?1 WHERE commitment = ?2", (other, commitment)).unwrap();
    }
    drop(vault);
    desk.start_again();
    // His seed in her row makes neither his codes hers nor hers good.
    for code in [bob.code_of(now_s() / 30), ann.code_of(now_s() / 30)] {
        let (mut control, _) = Control::hello(&ann, desk.address).await;
        let answer = control.factors(&ann.login, &ann.password, &code).await;
        assert!(!matches!(answer, ServerFrame::SignedIn(_)), "{answer:?}");
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    }
    let (kim, sam) = (desk.person("kim.ito"), desk.person("sam.wood"));
    let (mut control, _) = Control::hello(&kim, desk.address).await;
    let secret = turret_shared::secret::SecretText::new(sam.password.clone());
    let login = kim.login.clone();
    control.say(&turret_shared::wire::control::ClientFrame::Password { login, password: secret }).await;
    let answer = control.hear().await;
    assert!(!matches!(answer, ServerFrame::SignedIn(_)), "{answer:?}");
    // And no text is shown under another's order.
    let (support, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    let shown = format!("{:?}", support.ask(Ask::Orders { status: None, account: None, cl_ord_id: None }).await);
    assert!(!shown.contains("canary of a text"), "{shown}");
    assert!(desk.lives());
}
