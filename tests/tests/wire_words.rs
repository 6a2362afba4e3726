//! A second person's word under a security key, over the wire with the firmware of a real one: signed as an approval of that
//! command and that proof and as nothing else, and verified with the first person's by the program; it must assert no time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use turret_client::keys::{SignWanted, command_signed};
use turret_shared::approval::{ApprovalView, FirstProof, Ground, Judge};
use turret_shared::assertion::{Assertion, Intent, Purpose};
use turret_shared::command::{Command, Verb};
use turret_shared::denial::DenialCode;
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::setup::{Policy, PolicySet};
use turret_shared::ids::{ApprovalId, CredentialId};
use turret_shared::money::Qty;
use turret_shared::order::OrdStatus;
use turret_shared::role::Role;
use turret_shared::secret::SecretText;
use turret_shared::wire::control::{ClientFrame, Outcome};
use turret_shared::wire::keys::SignAsked;
use turret_shared::wire::query::{AnswerBody, Ask};
use wire::client::command;
use wire::house::House;
use wire::intents::{exported, verified};
use wire::keyed::{Holder, is_refused, registered, sign};
use wire::token::{PIN, Token, drawn, with_pin};

/// A house in which a broker's order of more than a hundred units takes two.
async fn house() -> House {
    let house = House::open().await;
    let value = Some(Qty::whole(100).expect("a quantity").0);
    house.fact(Event::PolicySet(PolicySet { policy: Policy::ApprovalQuantity, role: Role::Broker, value })).await;
    house
}

/// Somebody with a key.
async fn with_key<'a>(house: &'a House, login: &'static str, seed: u64) -> (Holder<'a>, Token, CredentialId) {
    let mut token = with_pin(seed);
    let mut one = Holder::by_code_as(house, login).await;
    let credential = registered(&one.register(&mut token).await);
    (one, token, credential)
}

/// What a key says for another purpose than the command is of.
fn signed_as(purpose: Purpose, one: &Holder<'_>, token: &mut Token, command: &Command, asked: &SignAsked) -> Assertion {
    let (digest, ceremony) = (command_signed(command, None).expect("a digest"), one.ceremony());
    let intent = Intent { purpose, ..ceremony.command(&command.verb, asked.nonce, &asked.keys[0].id, digest) };
    token.sign(&SignWanted { intent }, PIN, &drawn()).expect("a signature")
}

/// The one request that waits, as this person sees it.
async fn waiting(one: &Holder<'_>) -> ApprovalView {
    loop {
        // The replica follows a moment behind.
        let AnswerBody::Approvals(mut rows) = one.control.ask(Ask::Approvals).await.remove(0).body else {
            panic!("approvals")
        };
        if !rows.is_empty() {
            return rows.remove(0);
        }
        tokio::task::yield_now().await;
    }
}

fn word(row: &ApprovalView) -> Command {
    let (approval, ground, first) = (row.approval, Ground::Checked, row.first.map(|first| first.digest));
    let mut word = command(Verb::Judge(Judge { approval, command: row.command, approve: true, ground, first }));
    word.expires = word.expires.after_ns(3_600_000_000_000);
    word
}

fn done(outcome: &Outcome) -> &Outcome {
    match outcome {
        Outcome::Proof(outcomes) => outcomes.first().expect("one"),
        other => panic!("proved, not {other:?}"),
    }
}

fn waits(outcome: &Outcome) {
    let held = matches!(done(outcome), Outcome::Order(taken) if taken.order.ord_status == OrdStatus::PendingApproval);
    assert!(held, "{outcome:?}");
}

/// The entries of the last judgement, and of the order or request it is on.
fn entries(house: &House) -> (u64, u64, ApprovalId) {
    let log = house.log();
    let judged = log.iter().rev().find_map(|(sequence, event)| match event {
        Event::ApprovalJudged(judged) => Some((sequence.0, judged.judge.approval)),
        _ => None,
    });
    let (judged, approval) = judged.expect("judged");
    let entered = log.iter().find_map(|(sequence, event)| match event {
        Event::OrderNew(order) if order.proof.is_some_and(|proof| proof.0 == approval.0) => Some(sequence.0),
        _ => None,
    });
    (judged, entered.expect("entered"), approval)
}

/// What the program says of an entry, with the file it read.
fn said(house: &House, entry: u64) -> (Option<i32>, String, String) {
    let dir = tempfile::tempdir().expect("a folder");
    let (file, text) = (dir.path().join("a.intent"), exported(house, entry));
    std::fs::write(&file, &text).expect("written");
    let (status, said) = verified(&file);
    (status, said, text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_23_a_second_persons_word_is_signed_as_an_approval_of_that_proof_and_as_nothing_else() {
    let house = house().await;
    let (mut ann, mut hers, ann_key) = with_key(&house, "ann.lee", 31).await;
    let (mut kim, mut his, kim_key) = with_key(&house, "kim.ito", 32).await;
    let order = ann.bid("word-1", 101, "for the pension fund").await;
    let (pending, asked) = ann.send(&order).await;
    let entering = sign(&ann, &mut hers, &order, &asked);
    waits(&ann.give(pending, ann_key, entering.clone()).await);
    let row = waiting(&kim).await;
    assert!(row.judge && row.first.is_some_and(|first| first.signed), "{row:?}");
    let yes = word(&row);
    let (pending, asked) = kim.send(&yes).await;
    // The entering proof is nobody's approval, neither as hers nor as Kim's.
    for credential in [ann_key, kim_key] {
        let outcome = kim.give(pending, credential, entering.clone()).await;
        assert!(is_refused(&outcome), "{outcome:?}");
        house.clock.advance_s(10);
    }
    // Kim's key signed it, but as a command of their own.
    let own = signed_as(Purpose::Command, &kim, &mut his, &yes, &asked);
    assert!(is_refused(&kim.give(pending, kim_key, own).await));
    house.clock.advance_s(10);
    // Over another connection of theirs.
    let elsewhere = Holder { user: kim.user, ..Holder::hello_as(&house, "kim.ito").await };
    let outside = sign(&elsewhere, &mut his, &yes, &asked);
    assert!(is_refused(&kim.give(pending, kim_key, outside).await));
    house.clock.advance_s(10);
    // On another command's proof: it does not even wait.
    let Verb::Judge(plain) = yes.verb.clone() else { panic!("a word") };
    let bent = command(Verb::Judge(Judge { first: Some(Digest([1; 32])), ..plain }));
    let request = kim.control.command_bytes(bent.to_bytes()).await;
    let answer = kim.control.outcome(request).await;
    assert!(matches!(&answer, Outcome::Denied(denial) if denial.code == DenialCode::Invalid), "{answer:?}");
    // As it is meant.
    let right = sign(&kim, &mut his, &yes, &asked);
    let outcome = kim.give(pending, kim_key, right).await;
    assert!(matches!(done(&outcome), Outcome::Managed), "{outcome:?}");
    let purposes = house.log().into_iter().filter_map(|(_, event)| match event {
        Event::IntentSigned(signed) => Some((signed.user, signed.purpose)),
        _ => None,
    });
    assert_eq!(purposes.collect::<Vec<_>>(), [(ann.user, Purpose::Command), (kim.user, Purpose::Approval)]);
    // And the other way round: what is signed as an approval enters no order.
    let other = ann.bid("word-2", 102, "").await;
    let (pending, asked) = ann.send(&other).await;
    let approving = signed_as(Purpose::Approval, &ann, &mut hers, &other, &asked);
    assert!(is_refused(&ann.give(pending, ann_key, approving).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_18_both_words_are_verified_from_a_file_and_neither_is_put_with_another() {
    let house = house().await;
    let (mut ann, mut hers, ann_key) = with_key(&house, "ann.lee", 33).await;
    let (mut kim, mut his, kim_key) = with_key(&house, "kim.ito", 34).await;
    let mut files = Vec::new();
    for name in ["both-1", "both-2"] {
        house.clock.advance_s(10);
        let order = ann.bid(name, 101, "for the pension fund").await;
        let (pending, asked) = ann.send(&order).await;
        let signature = sign(&ann, &mut hers, &order, &asked);
        waits(&ann.give(pending, ann_key, signature).await);
        let row = loop {
            let row = waiting(&kim).await;
            if row.approval.0 == pending.0 {
                break row;
            }
        };
        let yes = word(&row);
        let (pending, asked) = kim.send(&yes).await;
        let signature = sign(&kim, &mut his, &yes, &asked);
        let outcome = kim.give(pending, kim_key, signature).await;
        assert!(matches!(done(&outcome), Outcome::Managed), "{outcome:?}");
        let (judged, entered, approval) = entries(&house);
        let (status, text, file) = said(&house, judged);
        assert_eq!(status, Some(0), "{text}");
        let lines = [
            format!("VERIFIED: user {} signed this command.", ann.user),
            format!("order {name}: buy 101 MSFT"),
            format!("VERIFIED: user {} signed this word on the command and on the proof above.", kim.user),
            format!("approve request {approval}, because: checked"),
        ];
        assert!(lines.iter().all(|line| text.contains(line)), "{text}");
        assert!(!text.contains("pension"), "the text is nobody's to read here");
        // From the order's own entry it is the same file.
        assert_eq!(said(&house, entered).2, file);
        files.push(file);
    }
    // Kim's word on the first order, put behind the second one.
    let [first, second] = [&files[0], &files[1]].map(|file| file.lines().map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(first.len(), 2 + 2 + 3 + 3, "two keys, and of each: what waited, the signature, what came of it");
    let dir = tempfile::tempdir().unwrap();
    let check = |lines: &[String]| {
        let file = dir.path().join("forged.intent");
        std::fs::write(&file, lines.join("\n")).unwrap();
        verified(&file)
    };
    let swapped = [&second[..7], &first[7..]].concat();
    let without_hers = [&first[..4], &first[7..]].concat();
    let mut anothers = first.clone();
    anothers[5].clone_from(&second[5]);
    for lines in [swapped, without_hers, anothers] {
        let (status, text) = check(&lines);
        assert!(status == Some(1) && text.starts_with("NOT VERIFIED"), "{text}");
    }
    assert_eq!(check(&first).0, Some(0), "as it was written it still is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_word_given_by_code_is_tied_to_the_same_proof_and_labelled_as_the_servers() {
    let house = house().await;
    let (mut ann, mut hers, ann_key) = with_key(&house, "ann.lee", 35).await;
    let order = ann.bid("mixed", 101, "").await;
    let (pending, asked) = ann.send(&order).await;
    let signature = sign(&ann, &mut hers, &order, &asked);
    waits(&ann.give(pending, ann_key, signature).await);
    let mut kim = Holder::by_code_as(&house, "kim.ito").await;
    let row = waiting(&kim).await;
    let request = kim.control.command_bytes(word(&row).to_bytes()).await;
    let asked = kim.control.outcome(request).await;
    let Outcome::StepUp { pending, sign: None, .. } = asked else { panic!("a code, not {asked:?}") };
    house.clock.advance_s(30);
    let code = SecretText::new(house.person("kim.ito").code_of(house.clock.step()));
    kim.control.say(&ClientFrame::Proof { request: 9, pending: vec![pending], code }).await;
    let outcome = kim.control.outcome(9).await;
    assert!(matches!(done(&outcome), Outcome::Managed), "{outcome:?}");
    let (judged, ..) = entries(&house);
    let told = house.log().into_iter().find_map(|(_, event)| match event {
        Event::ApprovalJudged(judged) => judged.judge.first,
        _ => None,
    });
    let hers = house.log().into_iter().find_map(|(_, event)| match event {
        Event::IntentSigned(_) => FirstProof::of(&event),
        _ => None,
    });
    assert_eq!(told, hers.map(|first| first.digest));
    let (status, text, _) = said(&house, judged);
    assert_eq!(status, Some(1), "{text}");
    let lines = [
        format!("VERIFIED: user {} signed this command.", ann.user),
        format!(
            "NOT VERIFIED: server-attested: it was confirmed by a code, and nobody but the server can say so; it says user {}",
            kim.user
        ),
    ];
    assert!(lines.iter().all(|line| text.contains(line)), "{text}");
}
