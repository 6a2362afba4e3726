//! The key that signs checkpoints gives way to the next while people trade: whoever kept the old one follows, offline too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use turret_client::cache::{Anchor, Broken};
use turret_server::keys::KeyStore;
use turret_shared::command::{NewOrder, Verb};
use turret_shared::ids::{ClOrdId, OrderId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::pack;
use turret_shared::tlog::{Note, VerifierKey, successor};
use turret_shared::wire::control::{ClientFrame, LogHead, Outcome, ServerFrame};
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};
use wire::client::{Control, command};
use wire::desk::Desk;
use wire::hsm::Hsm;

fn bid(name: &str) -> NewOrder {
    NewOrder {
        cl_ord_id: ClOrdId::new(name).unwrap(),
        account: "A1001".into(),
        symbol: "PFE".into(),
        side: Side::Buy,
        qty: Qty::whole(1).unwrap(),
        ord_type: OrdType::Limit,
        price: Some(Price::parse("28.00").unwrap()),
        stop_px: None,
        tif: TimeInForce::Day,
        confirmed: true,
        text: String::new(),
        saw: None,
    }
}

async fn order(control: &mut Control, name: &str) -> OrderId {
    let request = control.command_bytes(command(Verb::OrderNew(bid(name))).to_bytes()).await;
    match control.outcome(request).await {
        Outcome::Order(taken) => taken.order.order_id,
        other => panic!("{name} was not taken: {other:?}"),
    }
}

async fn head(control: &mut Control, have: Option<u64>) -> LogHead {
    control.say(&ClientFrame::HeadWanted { have }).await;
    loop {
        if let ServerFrame::Head(head) = control.hear().await {
            return *head;
        }
    }
}

fn vkey(desk: &Desk) -> VerifierKey {
    let (status, said) = desk.asks(&["audit", "vkey"]);
    assert_eq!(status, 0, "{said}");
    said.trim().parse().unwrap()
}

/// Asks the running server for the next key.
fn rotate(desk: &Desk, version: u32) {
    let (status, said) = desk.asks(&["keys", "rotate", "checkpoint"]);
    assert_eq!((status, said.trim()), (0, format!("checkpoint version {version} signs").as_str()));
}

/// Orders one after the other until told to stop; how many, every one of them taken.
fn trading(mut control: Control, stop: Arc<AtomicBool>) -> tokio::task::JoinHandle<u32> {
    tokio::spawn(async move {
        let mut count = 0;
        while !stop.load(Ordering::Acquire) {
            order(&mut control, &format!("t{count}")).await;
            count += 1;
        }
        count
    })
}

async fn pack_of(support: &Control, order: OrderId) -> String {
    let bytes: Vec<u8> = support
        .ask(Ask::Pack(order))
        .await
        .into_iter()
        .flat_map(|answer| match answer.body {
            AnswerBody::Pack(bytes) => bytes.to_vec(),
            other => panic!("{other:?}"),
        })
        .collect();
    String::from_utf8(bytes).unwrap()
}

/// A pack verifies by any of these keys, and not once a bit of a key's word in it is flipped.
fn shown_by(text: &str, keys: [&VerifierKey; 2]) {
    for key in keys {
        let shown = pack::verify(text, key, &[]);
        assert!(shown.is_ok(), "{key}: {shown:?}");
    }
    let word = text.find("\nsuccession ").unwrap() + 12;
    for at in word..text[word..].find('\n').unwrap() + word {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] ^= 1;
        let changed = String::from_utf8(bytes).unwrap();
        assert!(keys.iter().all(|key| pack::verify(&changed, key, &[]).is_err()), "byte {at}");
    }
}

/// What was known before anything turned.
struct Before {
    origin: String,
    seen: Anchor,
    first: VerifierKey,
    /// A checkpoint kept elsewhere.
    kept: String,
}

async fn rotated(mut desk: Desk) {
    let (mut ann, _) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
    let (mut mia, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    order(&mut ann, "before").await;
    let first = vkey(&desk);
    let origin = first.name().to_owned();
    let seen = Anchor::next(None, &head(&mut mia, None).await, &origin).unwrap();
    let kept = fs::read_to_string(desk.layout().checkpoints().join("newest")).unwrap();
    let before = Before { origin, seen, first, kept };

    let stop = Arc::new(AtomicBool::new(false));
    let orders = trading(ann, Arc::clone(&stop));
    rotate(&desk, 2);
    let second = vkey(&desk);
    assert_ne!(before.first, second);
    rotate(&desk, 3);
    stop.store(true, Ordering::Release);
    let count = orders.await.expect("every order was taken");
    assert!(count > 0);
    devices_follow(&desk, &mut mia, &before, &second).await;
    the_log_says_so(&mia).await;

    let (mut ann, _) = Control::signed_in(&desk.person("ann.lee"), desk.address).await;
    let after = order(&mut ann, "after").await;
    shown_by(&pack_of(&mia, after).await, [&before.first, &vkey(&desk)]);
    drop((ann, mia));
    let (_, said) = desk.asks(&["keys", "list"]);
    let states: Vec<_> = said.lines().filter(|line| line.starts_with("checkpoint")).map(str::to_owned).collect();
    assert_eq!(states.len(), 3, "{said}");
    assert!(states[0].contains(" 1  retained ") && states[2].contains(" 3  active "), "{said}");
    after_a_restart(&mut desk, &before, &second).await;
}

/// A device that kept the first key follows by the words of the keys, and not without them.
async fn devices_follow(desk: &Desk, mia: &mut Control, before: &Before, second: &VerifierKey) {
    let Before { origin, seen, first, .. } = before;
    let third = vkey(desk);
    let now = head(mia, seen.size(origin)).await;
    assert_eq!(&now.key, third.public());
    let words = now.successions.clone().unwrap();
    assert_eq!(successor(&words[0], first).as_ref(), Some(second));
    let next = Anchor::next(Some(seen), &now, origin).unwrap();
    assert!(Anchor::next(Some(&next), &head(mia, next.size(origin)).await, origin).is_ok());
    for words in [None, Some(vec![]), Some(words[..1].to_vec()), Some(words[1..].to_vec())] {
        let unsaid = LogHead { successions: words, ..now.clone() };
        assert_eq!(Anchor::next(Some(seen), &unsaid, origin).err(), Some(Broken::OtherKey));
    }
    // Whoever only verifies notes has thirty days: all sign.
    let note: Note = now.note.parse().unwrap();
    for key in [first, second, &third] {
        assert!(key.verify(&note).is_ok(), "{key}");
    }
}

async fn the_log_says_so(mia: &Control) {
    let said = AuditFilter { action: Some("key_succeeded".into()), ..AuditFilter::default() };
    let rows = loop {
        let rows = mia.found(said.clone()).await;
        if rows.len() == 2 {
            break rows;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!((rows[1].who.as_str(), rows[1].detail.as_str()), ("operator", "checkpoint version 2"));
}

/// The same, and the log verifies by each of the keys and by a checkpoint kept from before.
async fn after_a_restart(desk: &mut Desk, before: &Before, second: &VerifierKey) {
    let Before { origin, seen, first, kept } = before;
    desk.stop();
    desk.start_again();
    let (mut mia, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    assert!(Anchor::next(Some(seen), &head(&mut mia, seen.size(origin)).await, origin).is_ok());
    rotate(desk, 4);
    assert!(Anchor::next(Some(seen), &head(&mut mia, seen.size(origin)).await, origin).is_ok());
    drop(mia);
    desk.stop();
    let old = tempfile::NamedTempFile::new().unwrap();
    fs::write(old.path(), kept).unwrap();
    let kept = old.path().to_str().unwrap();
    // The second key never vouched for what only the first signed.
    for (key, anchored) in [(first, 0), (second, 1)] {
        let key = key.to_string();
        let (found, said) = desk.asks(&["audit", "verify", "--vkey", &key, "--checkpoint", kept]);
        assert_eq!(found, anchored, "{said}");
        let (found, said) = desk.asks(&["audit", "verify", "--vkey", &key]);
        assert_eq!(found, 3, "{said}");
    }
    assert_eq!(desk.verify().0, 3);
    let (found, said) = desk.asks(&["keys", "rotate", "checkpoint"]);
    assert!(found == 1 && said.contains("no server runs on this data directory"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checkpoint_key_turns_while_people_trade_and_everybody_follows() {
    rotated(Desk::start()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checkpoint_key_turns_within_a_token_too() {
    let Some(hsm) = Hsm::new().map(Arc::new) else { return };
    rotated(Desk::in_token(&hsm)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_between_the_key_and_its_word_gives_the_word_at_its_start() {
    let mut desk = Desk::start();
    let (mut mia, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    let origin = vkey(&desk).name().to_owned();
    let seen = Anchor::next(None, &head(&mut mia, None).await, &origin).unwrap();
    drop(mia);
    desk.kill();
    let made = desk.keys().next_checkpoint_key(turret_server::random::system, 1_700_000_000).unwrap();
    desk.start_again();
    let (mut mia, _) = Control::signed_in(&desk.person("mia.ortiz"), desk.address).await;
    let now = head(&mut mia, seen.size(&origin)).await;
    assert_eq!(now.key, made.public);
    assert!(Anchor::next(Some(&seen), &now, &origin).is_ok());
    // Its thirty days are over: the new key signs alone.
    let note: Note = now.note.parse().unwrap();
    assert_eq!(note.signatures.len(), 1);
    let said = AuditFilter { action: Some("key_succeeded".into()), ..AuditFilter::default() };
    while mia.found(said.clone()).await.len() != 1 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_cannot_open_the_keys_turns_none() {
    let desk = Desk::start();
    let socket = desk.layout().data().join("control");
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    let before = vkey(&desk);
    let mac = "00".repeat(32);
    for said in
        [format!("rotate checkpoint\n{mac}\n"), "rotate checkpoint\n\n".into(), format!("{}\n", "x".repeat(900))]
    {
        let mut stream = UnixStream::connect(&socket).unwrap();
        let mut nonce = String::new();
        BufReader::new(stream.try_clone().unwrap()).read_line(&mut nonce).unwrap();
        let _ = stream.write_all(said.as_bytes());
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(!answer.contains("ok"), "{said}: {answer}");
    }
    // Each nonce is another: what was said before is worth nothing now.
    let nonces: Vec<String> = (0..2)
        .map(|_| {
            let mut nonce = String::new();
            BufReader::new(UnixStream::connect(&socket).unwrap()).read_line(&mut nonce).unwrap();
            nonce
        })
        .collect();
    assert_ne!(nonces[0], nonces[1]);
    assert_eq!(vkey(&desk), before);
}
