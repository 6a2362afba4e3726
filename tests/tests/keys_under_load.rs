//! Every key of a server is changed while orders flow: none is refused, what gave way ends, and everything opens again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says how fast it was"
)]

mod wire;

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use turret_server::keys::{KeyStore, Purpose};
use turret_server::random::system;
use turret_shared::command::Verb;
use turret_shared::ids::ClOrdId;
use turret_shared::tlog::Note;
use turret_shared::wire::control::{Outcome, ServerFrame};
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};
use wire::client::{Control, command};
use wire::desk::Desk;
use wire::hsm::Hsm;
use wire::trader::{bid, head, order};

/// Keys whose older versions end by themselves.
const ENCRYPT: [&str; 5] = ["pepper", "vault-rows", "backup", "snapshot", "authority"];
/// Longest time for every key to be changed and what follows it to be seen.
const WITHIN: Duration = Duration::from_secs(300);
/// Between two handfuls of orders, in milliseconds.
const TICK_MS: u64 = 20;

/// Orders at a rate, until told to stop: how many, and how many a second. Every one of them is taken.
struct Flow {
    stop: Arc<AtomicBool>,
    orders: tokio::task::JoinHandle<(Control, u64, f64)>,
}

impl Flow {
    fn begin(mut control: Control, per_s: u64) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopping = Arc::clone(&stop);
        let orders = tokio::spawn(async move {
            let began = tokio::time::Instant::now();
            let mut tick = tokio::time::interval(Duration::from_millis(TICK_MS));
            let mut sent = 0;
            while !stopping.load(Ordering::Acquire) {
                tick.tick().await;
                // What a tick came late is made up for.
                let due = per_s * u64::try_from(began.elapsed().as_millis()).unwrap() / 1_000;
                let mut waiting = BTreeSet::new();
                let due = due.clamp(sent + 1, sent + per_s);
                for number in sent..due {
                    let one = command(Verb::OrderNew(bid(&format!("f{number}"), "a text in the vault")));
                    waiting.insert(control.command_bytes(one.to_bytes()).await);
                }
                sent = due;
                while !waiting.is_empty() {
                    match control.hear_news().await {
                        ServerFrame::Reply { request, outcome: Outcome::Order(_), .. } => {
                            assert!(waiting.remove(&request), "an answer to nothing");
                        }
                        other => panic!("an order was refused: {other:?}"),
                    }
                }
            }
            (control, sent, began.elapsed().as_secs_f64())
        });
        Self { stop, orders }
    }

    async fn end(self) -> (Control, u64, f64) {
        self.stop.store(true, Ordering::Release);
        let (control, sent, seconds) = self.orders.await.expect("every order was taken");
        (control, sent, sent as f64 / seconds)
    }
}

/// A verb of an operator, beside whatever else goes on.
async fn asks(desk: &Arc<std::sync::Mutex<Desk>>, verb: &'static [&'static str]) -> (i32, String) {
    let desk = Arc::clone(desk);
    tokio::task::spawn_blocking(move || desk.lock().unwrap().asks(verb)).await.unwrap()
}

/// The states of a key's versions, oldest first.
fn states(desk: &Desk, name: &str) -> Vec<String> {
    let (status, said) = desk.asks(&["keys", "list"]);
    assert_eq!(status, 0, "{said}");
    let rows = said.lines().filter(|line| line.split_whitespace().next() == Some(name));
    rows.map(|line| line.split_whitespace().nth(2).unwrap().to_owned()).collect()
}

async fn rotate_all(desk: &Arc<std::sync::Mutex<Desk>>) {
    let verbs: [(&str, &'static [&'static str]); 8] = [
        ("pepper", &["keys", "rotate", "pepper"]),
        ("vault-rows", &["keys", "rotate", "vault-rows"]),
        ("backup", &["keys", "rotate", "backup"]),
        ("snapshot", &["keys", "rotate", "snapshot"]),
        ("authority", &["keys", "rotate", "authority"]),
        ("stateless-reset", &["keys", "rotate", "stateless-reset"]),
        ("wrapping", &["keys", "rotate", "wrapping"]),
        ("checkpoint", &["keys", "rotate", "checkpoint"]),
    ];
    for (name, verb) in verbs {
        let (status, said) = asks(desk, verb).await;
        let done = if name == "checkpoint" { "signs" } else { "is active" };
        assert!(status == 0 && said.contains(&format!("{name} version 2 {done}")), "{said}");
        if ENCRYPT.contains(&name) {
            assert!(said.contains("version 1 is needed by nothing any more, and has ended"), "{said}");
        }
    }
}

/// The text of one's order.
async fn text_of(control: &Control, name: &str) -> String {
    let asked = Ask::Orders { status: None, account: None, cl_ord_id: Some(ClOrdId::new(name).unwrap()) };
    let answers = control.ask(asked).await.into_iter();
    let rows = answers.flat_map(|answer| match answer.body {
        AnswerBody::Orders(rows) => rows,
        other => panic!("{other:?}"),
    });
    rows.map(|order| order.text).collect()
}

/// The same, of one that was taken just now.
async fn text_kept(control: &Control, name: &str, text: &str) {
    while text_of(control, name).await.is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(text_of(control, name).await, text);
}

/// What stands afterwards, on the very same server and after its next start.
async fn after(mut desk: Desk) {
    for name in ENCRYPT {
        assert_eq!(states(&desk, name), ["revoked", "active"], "{name}");
    }
    assert_eq!(states(&desk, "stateless-reset"), ["retained", "active"]);
    assert_eq!(states(&desk, "checkpoint"), ["retained", "active"]);
    let (mia, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    for (action, count) in [("key_rotated", ENCRYPT.len() + 2), ("key_retired", ENCRYPT.len())] {
        let filter = AuditFilter { action: Some(action.into()), ..AuditFilter::default() };
        while mia.found(filter.clone()).await.len() < count {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    drop(mia);
    let home = TempDir::new().unwrap();
    let backup = home.path().join("desk.backup");
    let (status, said) = desk.asks(&["backup", "--to", backup.to_str().unwrap()]);
    assert_eq!(status, 0, "{said}");
    desk.stop();
    let (status, said) = desk.verify();
    assert_eq!(status, 3, "{said}");
    desk.start_again();
    let (mut ann, _) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
    order(&mut ann, "after", "and another").await;
    // What was kept under the key before, and while it gave way, is read.
    for (name, text) in [("before", "a text from before"), ("f100", "a text in the vault"), ("after", "and another")] {
        text_kept(&ann, name, text).await;
    }
    drop(ann);
    while states(&desk, "stateless-reset") != ["revoked", "active"] {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    desk.kill_and_restart();
    let (_mia, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
}

/// The whole of it at a rate; the rate it came to.
async fn turned_under(desk: Desk, per_s: u64) -> f64 {
    tokio::time::timeout(WITHIN, turned(desk, per_s)).await.expect("it comes to an end")
}

async fn turned(desk: Desk, per_s: u64) -> f64 {
    let (mut ann, _) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
    order(&mut ann, "before", "a text from before").await;
    let desk = Arc::new(std::sync::Mutex::new(desk));
    let flow = Flow::begin(ann, per_s);
    rotate_all(&desk).await;
    let (ann, count, rate) = flow.end().await;
    println!("{count} orders at {rate:.0} a second while eight keys were rotated, not one refused");
    assert!(count > 100);
    drop(ann);
    after(Arc::into_inner(desk).unwrap().into_inner().unwrap()).await;
    rate
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_key_in_a_file_is_rotated_while_orders_flow_and_not_one_is_refused() {
    turned_under(Desk::start(), 200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_key_of_a_token_is_rotated_while_orders_flow_and_not_one_is_refused() {
    let Some(hsm) = Hsm::new().map(Arc::new) else { return };
    turned_under(Desk::in_token(&hsm), 200).await;
}

/// `just keys-under-load`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a thousand orders a second want a release build"]
async fn every_key_is_rotated_at_a_thousand_orders_a_second() {
    let rate = turned_under(Desk::start(), 1_000).await;
    assert!(rate > 950.0, "{rate:.0} a second");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_a_kill_cut_off_is_finished_by_the_next_start() {
    let mut desk = Desk::start();
    desk.kill();
    {
        let keys = desk.keys();
        for purpose in [Purpose::Pepper, Purpose::VaultRows, Purpose::Snapshot, Purpose::Authority] {
            assert_eq!(keys.next_key(purpose, system, 1_700_000_000).unwrap(), 2);
        }
    }
    desk.start_again();
    let (mut ann, _) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
    order(&mut ann, "while", "it goes on").await;
    for name in ["pepper", "vault-rows", "snapshot", "authority"] {
        while states(&desk, name) != ["revoked", "active"] {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    drop(ann);
    desk.kill_and_restart();
    let (_mia, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_passphrase_opens_the_key_file_and_the_old_one_does_not() {
    let mut desk = Desk::start();
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("old"), wire::desk::PASSPHRASE).unwrap();
    fs::write(folder.path().join("new"), "another passphrase for tests").unwrap();
    let verb = ["keys", "rotate", "wrapping", "--new-passphrase-credential", "new"];
    let (status, said) = desk.asks_with_credential(&verb, folder.path(), "old");
    assert_eq!((status, said.trim()), (0, "wrapping version 2 is active"));
    let (status, said) = desk.asks(&["keys", "list"]);
    assert!(status == 1 && said.contains("wrong passphrase"), "{said}");
    let (status, said) = desk.asks_with_credential(&["keys", "list"], folder.path(), "new");
    assert!(status == 0 && said.contains("wrapping"), "{said}");
    // The server that runs goes on, and changes keys by the file as it is now.
    let (status, said) = desk.asks_with_credential(&["keys", "rotate", "pepper"], folder.path(), "new");
    assert!(status == 0 && said.contains("pepper version 2 is active"), "{said}");
    desk.kill();
    assert!(desk.refuses_to_start().contains("wrong passphrase"));
}

/// Signatures under the newest checkpoint.
fn signatures(note: &str) -> usize {
    note.parse::<Note>().unwrap().signatures.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_gave_way_is_revoked_by_name_and_what_is_needed_is_not() {
    let Some(hsm) = Hsm::new().map(Arc::new) else { return };
    let mut desk = Desk::in_token(&hsm);
    let refused = |name: &str, words: &str| {
        let (status, said) = desk.asks(&["keys", "revoke", name, "--yes"]);
        assert!(status == 1 && said.contains(words), "{name}: {said}");
    };
    for name in ["checkpoint", "wrapping", "pepper", "authority"] {
        refused(name, &format!("no version of {name} gave way and is kept"));
    }
    for name in ["checkpoint", "wrapping"] {
        let (status, said) = desk.asks(&["keys", "rotate", name]);
        assert_eq!(status, 0, "{said}");
    }
    let (mut mia, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    assert_eq!(signatures(&head(&mut mia, None).await.note), 2);
    // Without a terminal nobody can be asked.
    let (status, said) = desk.asks(&["keys", "revoke", "wrapping"]);
    assert!(status == 1 && said.contains("opens by recovery shares alone") && said.contains("--yes"), "{said}");
    assert_eq!(states(&desk, "wrapping"), ["retained", "active"]);
    for name in ["checkpoint", "wrapping"] {
        let (status, said) = desk.asks(&["keys", "revoke", name, "--yes"]);
        assert_eq!((status, said.trim()), (0, format!("{name} up to version 1 has ended").as_str()));
        assert_eq!(states(&desk, name), ["revoked", "active"]);
    }
    assert_eq!(signatures(&head(&mut mia, None).await.note), 1);
    let filter = AuditFilter { action: Some("key_revoked".into()), ..AuditFilter::default() };
    while mia.found(filter.clone()).await.len() < 2 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(mia);
    desk.stop();
    assert_eq!(desk.verify().0, 3);
    desk.start_again();
    let (mut ann, _) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
    order(&mut ann, "after", "").await;
}
