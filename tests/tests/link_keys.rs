//! The product's own link with a security key: registered, signing in, signing an order, and who signed it verified by the
//! program from a file; it must say no frame by itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use turret_client::keys::{NewWanted, SignWanted, command_signed};
use turret_client::link::Link;
use turret_client::profile::Profile;
use turret_shared::command::{Command, NewOrder, Verb};
use turret_shared::event::Event;
use turret_shared::ids::{ClOrdId, UserId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::secret::SecretText;
use turret_shared::wire::control::Outcome;
use turret_shared::wire::query::{AnswerBody, Ask};
use wire::client::command;
use wire::house::House;
use wire::intents::{exported, verified};
use wire::token::{PIN, Token, drawn, with_pin};

const LOGIN: &str = "ann.lee";

async fn connected(house: &House) -> Link {
    let profile = Profile::load(&house.person(LOGIN).dir).unwrap().at(&house.address.to_string());
    let (link, mut events) = Link::connect(&profile, true).await.unwrap();
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    link
}

fn password(house: &House) -> SecretText {
    SecretText::new(house.person(LOGIN).password)
}

fn code(house: &House) -> SecretText {
    SecretText::new(house.person(LOGIN).code_of(house.clock.step()))
}

/// In by a code, and a key registered.
async fn registered(house: &House, token: &mut Token) -> UserId {
    let link = connected(house).await;
    let user = link.sign_in(LOGIN, password(house), code(house)).await.unwrap().user.user;
    let offer = link.offer_key().await.unwrap();
    let ceremony = link.ceremony(user).unwrap();
    let wanted = NewWanted { intent: ceremony.register(offer.nonce), known: &[] };
    let registration = token.register(&wanted, PIN, &drawn()).unwrap();
    house.clock.advance_s(30);
    let reply = link.new_key(password(house), code(house), registration).await.unwrap();
    assert!(matches!(reply.outcome, Outcome::KeyRegistered { .. }), "{reply:?}");
    link.sign_out(false).await;
    user
}

fn bid(price: Price) -> Command {
    let mut command = command(Verb::OrderNew(NewOrder {
        cl_ord_id: ClOrdId::new("signed-1").unwrap(),
        account: "A1001".into(),
        symbol: "MSFT".into(),
        side: Side::Buy,
        qty: Qty::whole(700).unwrap(),
        ord_type: OrdType::Limit,
        price: Some(price),
        stop_px: None,
        tif: TimeInForce::Day,
        confirmed: true,
        text: "for the pension fund".into(),
        saw: None,
    }));
    command.expires = command.expires.after_ns(3_600_000_000_000);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_18_what_the_link_had_signed_the_program_verifies_from_a_file() {
    let house = House::open().await;
    let mut token = with_pin(20);
    let user = registered(&house, &mut token).await;
    let link = connected(&house).await;
    let turn = link.begin_with_key(LOGIN, password(&house)).await.unwrap();
    assert_eq!(turn.asked.user, user);
    let key = turn.asked.keys[0].clone();
    let intent = turn.ceremony.sign_in(turn.asked.nonce, &key.id);
    let assertion = token.sign(&SignWanted { intent }, PIN, &drawn()).unwrap();
    assert_eq!(link.enter_with_key(key.credential, assertion).await.unwrap().user.user, user);
    let AnswerBody::Instruments(listings) = link.query(Ask::Instruments).await.unwrap().body else {
        panic!("listings")
    };
    let order = bid(listings.into_iter().find(|one| one.symbol == "MSFT").unwrap().reference);
    let Outcome::StepUp { pending, sign: Some(asked), .. } = link.command(order.to_bytes()).await.unwrap().outcome
    else {
        panic!("a signature is asked for")
    };
    let ceremony = link.ceremony(user).unwrap();
    let digest = command_signed(&order, asked.text.as_ref()).unwrap();
    let intent = ceremony.command(&order.verb, asked.nonce, &key.id, digest);
    let assertion = token.sign(&SignWanted { intent }, PIN, &drawn()).unwrap();
    let reply = link.signed(pending, key.credential, assertion).await.unwrap();
    let Outcome::Proof(outcomes) = reply.outcome else { panic!("proved") };
    let [Outcome::Order(accepted)] = &outcomes[..] else { panic!("taken") };

    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("order.intent");
    let text = exported(&house, accepted.sequence.0);
    std::fs::write(&file, &text).unwrap();
    let (status, said) = verified(&file);
    assert_eq!(status, Some(0), "{said}");
    for part in ["VERIFIED: user", "order signed-1: buy 700 MSFT limit", "not in the log", "attested by itself"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("pension"), "the text is nobody's to read here");
    // Another log's, without its registration, with another command, and one that a code confirmed.
    let lines: Vec<&str> = text.lines().collect();
    let mut other_log = lines.clone();
    other_log[1] = "another.example/desk";
    let unregistered = [&lines[..2], &lines[3..]].concat();
    for bad in [other_log, unregistered] {
        std::fs::write(&file, bad.join("\n")).unwrap();
        let (status, said) = verified(&file);
        assert!(status == Some(1) && said.starts_with("NOT VERIFIED"), "{said}");
    }
    std::fs::write(&file, "turret-intent-v1\n").unwrap();
    assert_eq!(verified(&file).0, Some(2));
    let by_code = house.log().into_iter().filter(|(_, event)| matches!(event, Event::ProofGiven(_)));
    assert_eq!(by_code.count(), 0, "no code was given for it");
}
