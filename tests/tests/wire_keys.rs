//! Security keys over the wire, with the firmware of a real one: registered, signing in, signing orders, and everything an
//! attacker would have them sign instead; it must assert no time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use turret_client::keys::{KeyError, NewWanted, PIN_TRIES_KEPT, SignWanted, command_signed};
use turret_shared::assertion::{AssertionFault, Attested, Intent, PublicKey, Purpose};
use turret_shared::ban::NewBan;
use turret_shared::command::{Command, Verb};
use turret_shared::denial::DenialCode;
use turret_shared::event::Event;
use turret_shared::event::keys::{IntentSigned, KeyRegistered};
use turret_shared::event::session::ProofAsked;
use turret_shared::evidence::{EvidenceFault, verify_signed};
use turret_shared::house::{House as HouseAct, HouseRow};
use turret_shared::ids::{PendingId, UserId};
use turret_shared::key_model::KeyModel;
use turret_shared::manage::Why;
use turret_shared::secret::SecretText;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame};
use turret_shared::wire::query::{AnswerBody, Ask};
use wire::admin::Admin;
use wire::client::command;
use wire::house::House;
use wire::keyed::{Holder, LOGIN, is_refused, is_taken, registered, sign};
use wire::token::{PIN, drawn, fresh, with_pin};

/// The faults the log has of what keys gave, oldest first.
fn faults(house: &House) -> Vec<AssertionFault> {
    let failed = |event| match event {
        Event::ProofFailed(failed) => failed.assertion,
        _ => None,
    };
    house.log().into_iter().filter_map(|(_, event)| failed(event)).collect()
}

/// The evidence of the last order: the key's registration, the command's entry, the signature.
fn evidence(house: &House) -> (KeyRegistered, PendingId, ProofAsked, IntentSigned) {
    let (mut key, mut asked, mut signed) = (None, None, None);
    for (sequence, event) in house.log() {
        match event {
            Event::KeyRegistered(event) => key = Some(event),
            Event::ProofAsked(event) => asked = Some((PendingId(sequence.0), event)),
            Event::IntentSigned(event) if event.purpose == Purpose::Command => signed = Some(event),
            _ => {}
        }
    }
    let (pending, asked) = asked.expect("asked");
    (key.expect("a key"), pending, asked, signed.expect("signed"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_registered_and_lets_its_owner_in() {
    let house = House::open().await;
    let mut token = with_pin(1);
    let mut ann = Holder::by_code(&house).await;
    let credential = registered(&ann.register(&mut token).await);
    let (mut ann, asked) = Holder::asked_for_key(&house).await;
    assert_eq!(asked.keys.len(), 1);
    let ceremony = ann.ceremony();
    let intent = ceremony.sign_in(asked.nonce, &asked.keys[0].id);
    assert_eq!(token.which(&ann.origin, &[b"another".as_slice(), &asked.keys[0].id]), Ok(asked.keys[0].id.as_slice()));
    let assertion = token.sign(&SignWanted { intent }, PIN, &drawn()).unwrap();
    ann.control.say(&ClientFrame::Key { credential, assertion: assertion.clone() }).await;
    assert!(matches!(ann.control.hear().await, ServerFrame::SignedIn(_)));
    let attested = house.log().into_iter().find_map(|(_, event)| match event {
        Event::KeyRegistered(key) => Some(key.attested),
        _ => None,
    });
    assert_eq!(attested, Some(Attested::Itself));
    // A minute is for touching it.
    let (mut late, asked) = Holder::asked_for_key(&house).await;
    let ceremony = late.ceremony();
    let wanted = SignWanted { intent: ceremony.sign_in(asked.nonce, &asked.keys[0].id) };
    let signed = token.sign(&wanted, PIN, &drawn()).unwrap();
    house.clock.advance_s(61);
    late.control.say(&ClientFrame::Key { credential, assertion: signed }).await;
    assert!(matches!(late.control.hear().await, ServerFrame::SignInFailed { .. }));
    house.clock.advance_s(60);
    // What let her in lets nobody in elsewhere: another nonce, another channel.
    let (mut thief, _) = Holder::asked_for_key(&house).await;
    thief.control.say(&ClientFrame::Key { credential, assertion }).await;
    assert!(matches!(thief.control.hear().await, ServerFrame::SignInFailed { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_no_key_is_asked_for_a_code_and_a_name_typed_tells_nothing() {
    let house = House::open().await;
    let mut token = with_pin(2);
    let mut ann = Holder::by_code(&house).await;
    let command = ann.bid("plain", 700, "").await;
    let request = ann.control.command_bytes(command.to_bytes()).await;
    assert!(matches!(ann.control.outcome(request).await, Outcome::StepUp { sign: None, .. }));
    registered(&ann.register(&mut token).await);
    let mut asked = Vec::new();
    for login in [LOGIN, "bob.ray", "nobody"] {
        let mut one = Holder::hello(&house).await;
        let password = SecretText::new("not it, whoever it is".into());
        one.control.say(&ClientFrame::Password { login: login.into(), password }).await;
        assert!(matches!(one.control.hear().await, ServerFrame::CodeWanted));
        one.control.say(&ClientFrame::KeyWanted).await;
        let ServerFrame::KeyAsked(keys) = one.control.hear().await else { panic!("asked") };
        asked.push((keys.user, keys.keys));
    }
    assert!(asked.iter().all(|one| *one == asked[0]), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_18_a_signed_order_is_verified_from_the_log_alone_and_its_text_is_not_there() {
    let house = House::open().await;
    let mut token = with_pin(3);
    let mut ann = Holder::by_code(&house).await;
    let credential = registered(&ann.register(&mut token).await);
    let text = "call the client back at noon";
    let command = ann.bid("worded", 700, text).await;
    let (pending, asked) = ann.send(&command).await;
    assert!(asked.text.is_some(), "what commits to the text comes along");
    let assertion = sign(&ann, &mut token, &command, &asked);
    assert!(is_taken(&ann.give(pending, credential, assertion).await));
    let (key, of, asked, signed) = evidence(&house);
    assert_eq!(of, pending);
    let digest = verify_signed(&ann.origin, &key, Some((of, &asked)), &signed).expect("she signed it");
    let bytes = asked.bytes.clone().unwrap();
    let bare = Command::from_bytes(&bytes.bytes).expect("a command anybody reads");
    let Verb::OrderNew(order) = bare.verb else { panic!("an order") };
    assert_eq!((order.cl_ord_id.as_str(), order.text.as_str()), ("worded", ""));
    let whole: Vec<u8> = house
        .log()
        .iter()
        .flat_map(|(_, event)| {
            let mut body = Vec::new();
            event.encode_body(&mut body);
            body
        })
        .collect();
    assert!(!whole.windows(text.len()).any(|part| part == text.as_bytes()), "no free text in the log");
    assert_eq!(digest, bytes.digest());
    // "I never sent that": no other order, no other person, no other log fits this signature.
    let mut other = asked.clone();
    if let Some(bytes) = &mut other.bytes {
        *bytes.bytes.last_mut().unwrap() ^= 1;
    }
    let holds = |asked: &ProofAsked, origin: &str| verify_signed(origin, &key, Some((of, asked)), &signed);
    assert_eq!(holds(&other, &ann.origin), Err(EvidenceFault::Assertion(AssertionFault::Signature)));
    assert!(matches!(
        holds(&asked, "another.example/desk"),
        Err(EvidenceFault::Registration(AssertionFault::OtherParty))
    ));
    let someone = IntentSigned { user: UserId(9), ..signed.clone() };
    assert_eq!(verify_signed(&ann.origin, &key, Some((of, &asked)), &someone), Err(EvidenceFault::OtherKey));
    assert_eq!(verify_signed(&ann.origin, &key, None, &signed), Err(EvidenceFault::Command));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ban_is_signed_like_an_order_with_text_and_its_address_is_not_in_the_log() {
    let house = House::open().await;
    let mut token = with_pin(9);
    let mut sam = Holder::by_code_as(&house, "sam.wood").await;
    let credential = registered(&sam.register(&mut token).await);
    let source = "198.51.100.77";
    let mut wanted = command(Verb::Ban(NewBan { source: source.into(), minutes: 60, why: Why::Suspicion }));
    wanted.expires = wanted.expires.after_ns(3_600_000_000_000);
    let (pending, asked) = sam.send(&wanted).await;
    let assertion = sign(&sam, &mut token, &wanted, &asked);
    let done = sam.give(pending, credential, assertion).await;
    assert!(matches!(&done, Outcome::Proof(outcomes) if matches!(outcomes[..], [Outcome::Managed])), "{done:?}");
    let (key, of, asked, signed) = evidence(&house);
    assert_eq!(
        verify_signed(&sam.origin, &key, Some((of, &asked)), &signed),
        Ok(asked.bytes.clone().unwrap().digest())
    );
    for (_, event) in house.log() {
        let mut body = Vec::new();
        event.encode_body(&mut body);
        assert!(!body.windows(source.len()).any(|part| part == source.as_bytes()), "{event:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_23_a_signature_for_another_order_another_channel_or_used_before_is_refused() {
    let house = House::open().await;
    let mut token = with_pin(4);
    let mut ann = Holder::by_code(&house).await;
    let credential = registered(&ann.register(&mut token).await);
    let small = ann.bid("small", 700, "").await;
    let (pending, asked) = ann.send(&small).await;
    // What she reads is not what was sent.
    let large = ann.bid("small", 7_000, "").await;
    let assertion = sign(&ann, &mut token, &large, &asked);
    assert!(is_refused(&ann.give(pending, credential, assertion).await));
    house.clock.advance_s(10);
    // Somebody between has the key sign over another connection of hers.
    let elsewhere = Holder { user: ann.user, ..Holder::hello(&house).await };
    let assertion = sign(&elsewhere, &mut token, &small, &asked);
    assert!(is_refused(&ann.give(pending, credential, assertion).await));
    house.clock.advance_s(10);
    // Made for a sign-in.
    let ceremony = ann.ceremony();
    let intent = Intent {
        purpose: Purpose::SignIn,
        ..ceremony.command(&small.verb, asked.nonce, &asked.keys[0].id, command_signed(&small, None).unwrap())
    };
    let assertion = token.sign(&SignWanted { intent }, PIN, &drawn()).unwrap();
    assert!(is_refused(&ann.give(pending, credential, assertion).await));
    house.clock.advance_s(10);
    // One byte more than the key gave.
    let mut assertion = sign(&ann, &mut token, &small, &asked);
    assertion.auth_data.push(0);
    assert!(is_refused(&ann.give(pending, credential, assertion).await));
    use AssertionFault::{Extra, Signature};
    assert_eq!(faults(&house), [Signature, Signature, Signature, Extra]);
    house.clock.advance_s(10);
    let assertion = sign(&ann, &mut token, &small, &asked);
    assert!(is_taken(&ann.give(pending, credential, assertion.clone()).await), "the right one still is");
    let again = ann.give(pending, credential, assertion).await;
    let void = |one: &Outcome| matches!(one, Outcome::Denied(denial) if denial.code == DenialCode::ProofFailed);
    assert!(matches!(&again, Outcome::Proof(outcomes) if outcomes.iter().all(void)), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_03_a_key_that_shows_an_older_counter_may_be_a_copy_and_is_suspended() {
    let house = House::open().await;
    let mut token = with_pin(8);
    let mut ann = Holder::by_code(&house).await;
    let credential = registered(&ann.register(&mut token).await);
    let orders = [ann.bid("first", 700, "").await, ann.bid("second", 701, "").await];
    let (first, second) = (ann.send(&orders[0]).await, ann.send(&orders[1]).await);
    let older = sign(&ann, &mut token, &orders[0], &first.1);
    let newer = sign(&ann, &mut token, &orders[1], &second.1);
    assert!(is_taken(&ann.give(second.0, credential, newer).await));
    assert!(is_refused(&ann.give(first.0, credential, older).await));
    assert_eq!(faults(&house), [AssertionFault::Counter]);
    assert!(house.log().iter().any(|(_, event)| matches!(event, Event::KeySuspended(e) if e.credential == credential)));
    let (_, asked) = Holder::asked_for_key(&house).await;
    assert!(asked.keys.iter().all(|key| key.suspended), "it counts for nothing any more, and its holder is told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_nobodys_twice_and_a_wrong_code_or_password_registers_none() {
    let house = House::open().await;
    let mut token = with_pin(5);
    let mut ann = Holder::by_code(&house).await;
    registered(&ann.register(&mut token).await);
    // The key itself says that it is registered.
    let offer = ann.offer().await;
    let (known, ceremony) = ([offer.keys[0].id.as_slice()], ann.ceremony());
    let wanted = NewWanted { intent: ceremony.register(offer.nonce), known: &known };
    assert_eq!(token.register(&wanted, PIN, &drawn()).err(), Some(KeyError::Known));
    // Made for another offer.
    let mut second = with_pin(6);
    let registration = second.register(&wanted, PIN, &drawn()).unwrap();
    ann.offer().await;
    let code = SecretText::new(house.person(LOGIN).code_of(house.clock.step() + 1));
    let late = registration.clone();
    let outcome = ann.new_key(code, late).await;
    assert!(matches!(outcome, Outcome::Denied(denial) if denial.code == DenialCode::KeyUnfit));
    let offer = ann.offer().await;
    let wanted = NewWanted { intent: ceremony.register(offer.nonce), known: &known };
    let registration = second.register(&wanted, PIN, &drawn()).unwrap();
    let stale = registration.clone();
    house.clock.advance_s(61);
    let code = SecretText::new(house.person(LOGIN).code_of(house.clock.step()));
    let outcome = ann.new_key(code, stale).await;
    assert!(matches!(outcome, Outcome::Busy), "{outcome:?}");
    let offer = ann.offer().await;
    let wanted = NewWanted { intent: ceremony.register(offer.nonce), known: &known };
    let registration = second.register(&wanted, PIN, &drawn()).unwrap();
    let code = SecretText::new("000000".into());
    let outcome = ann.new_key(code, registration).await;
    assert!(is_refused(&outcome), "{outcome:?}");
    house.clock.advance_s(30);
    // Whoever stands at an open desk with the telephone beside it still lacks the password.
    let offer = ann.offer().await;
    let wanted = NewWanted { intent: ceremony.register(offer.nonce), known: &known };
    let registration = second.register(&wanted, PIN, &drawn()).unwrap();
    let code = SecretText::new(house.person(LOGIN).code_of(house.clock.step()));
    let password = SecretText::new("not her password at all".into());
    let outcome = ann.ask(|request| ClientFrame::NewKey { request, code, registration, password }).await;
    assert!(is_refused(&outcome), "{outcome:?}");
    let keys = house.log().into_iter().filter(|(_, event)| matches!(event, Event::KeyRegistered(_)));
    assert_eq!(keys.count(), 1);
}

#[test]
fn a_wrong_pin_says_how_many_tries_are_left_and_the_last_are_never_made() {
    let mut token = fresh(7);
    let intent = Intent {
        purpose: Purpose::Register,
        origin: "turret.test",
        user: UserId(7),
        credential: &[],
        nonce: [1; 32],
        channel: turret_shared::assertion::channel(&[2; 32]),
        command: turret_shared::assertion::command_digest(&[], None),
    };
    let wanted = NewWanted { intent, known: &[] };
    assert_eq!(token.register(&wanted, PIN, &drawn()).err(), Some(KeyError::NoPin));
    assert_eq!(token.set_first_pin("123", &drawn()).err(), Some(KeyError::PinUnfit));
    token.set_first_pin(PIN, &drawn()).unwrap();
    assert!(token.has_pin());
    let all = token.tries_left().unwrap();
    assert_eq!(token.register(&wanted, "another pin", &drawn()).err(), Some(KeyError::WrongPin(all - 1)));
    let made = token.register(&wanted, PIN, &drawn()).unwrap();
    let (new, attested) = made.verify(&intent).unwrap();
    assert!(matches!(new.key, PublicKey::Es256(_)));
    assert_eq!(attested, Attested::Itself);
    assert_eq!(token.tries_left().unwrap(), all, "the right one brings them back");
    // The key itself wants to be taken out after three in a row; nobody takes this one out.
    let mut faults = Vec::new();
    for _ in 0..4 {
        faults.push(token.register(&wanted, "another pin", &drawn()).unwrap_err());
    }
    assert_eq!(faults[..2], [KeyError::WrongPin(all - 1), KeyError::WrongPin(all - 2)]);
    assert_eq!(faults[3], KeyError::Replug);
    assert!(token.tries_left().unwrap() > PIN_TRIES_KEPT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_a_model_the_house_does_not_name_is_refused_and_one_it_names_is_taken() {
    let house = House::open().await;
    let mut token = with_pin(10);
    let mut admin = Admin::sign_in(&house).await;
    let named = |model, allowed| HouseAct::KeyModel { model, allowed };
    let done = admin.house(named(KeyModel([7; 16]), true)).await;
    assert!(matches!(done, Outcome::Managed), "{done:?}");
    let mut ann = Holder::by_code(&house).await;
    // What the key says of itself: its authenticator data names its model.
    let refused = ann.register(&mut token).await;
    assert!(matches!(&refused, Outcome::Denied(no) if no.code == DenialCode::KeyModel), "{refused:?}");
    let mut second = with_pin(11);
    let offer = ann.offer().await;
    let ceremony = ann.ceremony();
    let wanted = NewWanted { intent: ceremony.register(offer.nonce), known: &[] };
    let registration = second.register(&wanted, PIN, &drawn()).unwrap();
    let model = KeyModel(registration.credential(&ann.origin).unwrap().aaguid);
    let done = admin.house(named(model, true)).await;
    assert!(matches!(done, Outcome::Managed), "{done:?}");
    registered(&ann.register(&mut token).await);
    let rows = loop {
        let AnswerBody::House(rows) = admin.control.ask(Ask::House).await.remove(0).body else { panic!("the house") };
        let models: Vec<_> = rows.into_iter().filter(|row| matches!(row, HouseRow::KeyModel { .. })).collect();
        if models.contains(&HouseRow::KeyModel { model, keys: 1 }) {
            break models;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(rows.len(), 2);
    let set = house.log().into_iter().filter(|(_, event)| matches!(event, Event::KeyModelSet(e) if e.allowed));
    assert_eq!(set.count(), 2);
}
