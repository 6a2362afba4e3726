//! Surveillance over the wire: an attack is on the screens of those who watch within a moment, and on nobody else's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![allow(clippy::disallowed_methods, reason = "how long an alert takes is measured by the clock on the wall")]

mod wire;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use quinn::RecvStream;
use turret_server::clock::Clock as _;
use turret_server::watch::{Answers, Places};
use turret_shared::alert::{AlertEnd, AlertStanding, AlertStep, AlertView, HandleAlert};
use turret_shared::command::{CancelOrder, Verb};
use turret_shared::denial::DenialCode;
use turret_shared::event::Event;
use turret_shared::event::alert::{AlertAnswer, AlertRule, AnswerDone};
use turret_shared::event::setup::{Policy, PolicySet};
use turret_shared::ids::ClOrdId;
use turret_shared::money::Money;
use turret_shared::role::Role;
use turret_shared::time::NS_PER_S;
use turret_shared::wire::control::{Outcome, ServerFrame, SessionEnd};
use turret_shared::wire::feed::FeedItem;
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};
use wire::client::{Control, Pem, command, hello, server_name};
use wire::desk::Person;
use wire::feed;
use wire::house::House;
use wire::keyed::Holder;

/// An alert is on screen within this.
const ON_SCREEN_MAX: Duration = Duration::from_secs(1);

/// Reads on until an alert of this rule comes.
async fn alert(feed: &mut RecvStream, rule: AlertRule) -> AlertView {
    loop {
        for item in feed::next(feed).await.items {
            if let FeedItem::Alert(alert) = item
                && alert.rule == rule
            {
                return *alert;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attack_is_on_the_screens_of_those_who_watch_and_in_the_log() {
    let house = House::open().await;
    let step = house.clock.step();
    let (mut kim, _) = Control::entered(&house.person("kim.ito"), house.address, step).await;
    let (mut ann, signed_in) = Control::entered(&house.person("ann.lee"), house.address, step).await;
    let (mut watched, mut brokers) = (feed::start(&mut kim, None).await, feed::start(&mut ann, None).await);
    // One device tries other people's names.
    let bob = house.person("bob.ray");
    let mut cause = Instant::now();
    for login in ["ann.lee", "kim.ito", "nobody.here"] {
        let (mut thief, _) = Control::hello(&bob, house.address).await;
        cause = Instant::now();
        let answer = thief.factors(login, "a guess of his", "000000").await;
        let ServerFrame::SignInFailed { retry_after_s, .. } = answer else { panic!("{answer:?}") };
        house.clock.advance_s(retry_after_s);
    }
    let spraying = alert(&mut watched, AlertRule::Spraying).await;
    let late = cause.elapsed();
    println!("alert_after_cause_ms {}", late.as_millis());
    assert!(late < ON_SCREEN_MAX, "{late:?} from the last wrong guess sent, its password's hash included");
    assert!(spraying.evidence < spraying.alert, "behind what it is about");
    assert_eq!((spraying.login.as_str(), spraying.figure, spraying.threshold), ("bob.ray", 3, 3));
    // And then shows a token of hers.
    let (_thief, answer) = Control::resume(&bob, house.address, signed_in.token).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
    let replay = alert(&mut watched, AlertRule::TokenReplay).await;
    assert_eq!((replay.login.as_str(), replay.device), ("bob.ray", spraying.device));
    // Who comes in later is told of both; the log has them under what there is to quote.
    let (mut mia, _) = Control::entered(&house.person("mia.ortiz"), house.address, house.clock.step()).await;
    let mut later = feed::start(&mut mia, None).await;
    let told_later = alert(&mut later, AlertRule::Spraying).await;
    assert_eq!(told_later, AlertView { handle: false, ..spraying.clone() }, "support handles none");
    let rows = mia.found(AuditFilter { action: Some("alert_raised".into()), ..AuditFilter::default() }).await;
    let told: Vec<_> = rows.iter().map(|row| (row.reason.as_str(), row.outcome.as_str(), row.correlation)).collect();
    assert!(told.contains(&("spraying", "flagged", spraying.correlation)), "{told:?}");
    assert!(told.contains(&("token_replay", "flagged", replay.correlation)), "{told:?}");
    // A broker hears nothing of it: her session's end is the last thing she hears.
    while let Some(message) = feed::heard(&mut brokers).await {
        assert!(!message.items.iter().any(|item| matches!(item, FeedItem::Alert(_))));
    }
}

async fn says(control: &mut Control, alert: &AlertView, step: AlertStep) -> Outcome {
    let verb = Verb::Alert(HandleAlert { alert: alert.alert, step });
    let request = control.command_bytes(command(verb).to_bytes()).await;
    control.outcome(request).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_does_with_an_alert_is_told_at_once_to_all_who_watch() {
    let house = House::open().await;
    let step = house.clock.step();
    let (mut kim, _) = Control::entered(&house.person("kim.ito"), house.address, step).await;
    let (mut sam, sam_in) = Control::entered(&house.person("sam.wood"), house.address, step).await;
    let (mut mia, _) = Control::entered(&house.person("mia.ortiz"), house.address, step).await;
    let (_ann, signed_in) = Control::entered(&house.person("ann.lee"), house.address, step).await;
    let (eva, _) = Control::entered(&house.person("eva.koch"), house.address, step).await;
    let (mut at_kims, mut at_mias) = (feed::start(&mut kim, None).await, feed::start(&mut mia, None).await);
    let (_thief, _) = Control::resume(&house.person("bob.ray"), house.address, signed_in.token).await;
    let raised = alert(&mut at_kims, AlertRule::TokenReplay).await;
    assert_eq!((raised.standing, raised.handle), (AlertStanding::Open, true));
    let seen = alert(&mut at_mias, AlertRule::TokenReplay).await;
    assert!(!seen.handle, "support sees it and changes nothing");
    let refused = says(&mut mia, &raised, AlertStep::Acknowledge).await;
    assert!(matches!(refused, Outcome::Denied(denial) if denial.code == DenialCode::NotPermitted));
    assert!(matches!(says(&mut kim, &raised, AlertStep::Acknowledge).await, Outcome::Managed));
    let to = sam_in.user.user;
    assert!(matches!(says(&mut kim, &raised, AlertStep::Assign { to }).await, Outcome::Managed));
    let since = Instant::now();
    let end = AlertEnd::FalsePositive;
    assert!(matches!(says(&mut sam, &raised, AlertStep::Resolve { end }).await, Outcome::Managed));
    for feed in [&mut at_kims, &mut at_mias] {
        let over = loop {
            let told = alert(feed, AlertRule::TokenReplay).await;
            if told.standing.is_over() {
                break told;
            }
        };
        assert_eq!((over.standing, over.assigned), (AlertStanding::Resolved(end), Some(to)));
        let told: Vec<_> = over.steps.iter().map(|step| (step.login.as_str(), step.to_login.as_str())).collect();
        assert_eq!(told, [("kim.ito", ""), ("kim.ito", "sam.wood"), ("sam.wood", "")]);
        assert_eq!((over.tally.resolved, over.tally.false_positives), (1, 1));
    }
    println!("alert_change_told_ms {}", since.elapsed().as_millis());
    assert!(since.elapsed() < ON_SCREEN_MAX, "{:?}", since.elapsed());
    let AnswerBody::Alerts(rows, handlers) = mia.ask(Ask::Alerts).await.remove(0).body else { panic!("alerts") };
    assert_eq!(rows.iter().map(|row| row.alert).collect::<Vec<_>>(), [raised.alert]);
    let logins: Vec<_> = handlers.iter().map(|handler| handler.login.as_str()).collect();
    assert!(
        logins.contains(&"kim.ito") && logins.contains(&"sam.wood") && !logins.contains(&"mia.ortiz"),
        "{logins:?}"
    );
    let rows = mia.found(AuditFilter { action: Some("alert_handled".into()), ..AuditFilter::default() }).await;
    assert_eq!(
        rows.iter().map(|row| row.reason.as_str()).collect::<Vec<_>>(),
        ["false_positive", "assigned", "acknowledged"]
    );
    let answer = eva.ask(Ask::Alerts).await.remove(0).body;
    assert!(matches!(answer, AnswerBody::Denied { .. }), "a client hears nothing of it: {answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_ends_the_live_session_it_is_about_where_the_house_wants_it_so() {
    let answers = Answers::default().with(AlertRule::Spraying, AlertAnswer::KillSession);
    let house = House::open_answering(answers).await;
    let step = house.clock.step();
    let (mut kim, _) = Control::entered(&house.person("kim.ito"), house.address, step).await;
    let bob = house.person("bob.ray");
    let (mut bobs, _) = Control::entered(&bob, house.address, step).await;
    let mut watched = feed::start(&mut kim, None).await;
    for login in ["ann.lee", "kim.ito", "nobody.here"] {
        let (mut thief, _) = Control::hello(&bob, house.address).await;
        let answer = thief.factors(login, "a guess of his", "000000").await;
        let ServerFrame::SignInFailed { retry_after_s, .. } = answer else { panic!("{answer:?}") };
        house.clock.advance_s(retry_after_s);
    }
    let since = Instant::now();
    let ended = bobs.hear_news().await;
    assert!(matches!(ended, ServerFrame::SessionEnded { reason: SessionEnd::Alert }), "{ended:?}");
    assert!(since.elapsed() < ON_SCREEN_MAX, "{:?}", since.elapsed());
    let told = loop {
        let told = alert(&mut watched, AlertRule::Spraying).await;
        if told.answered.is_some() {
            break told;
        }
    };
    assert_eq!(told.answered, Some(AnswerDone::SessionEnded));
    let rows = kim.found(AuditFilter { action: Some("alert_answered".into()), ..AuditFilter::default() }).await;
    assert_eq!(rows.iter().map(|row| row.reason.as_str()).collect::<Vec<_>>(), ["session_ended"]);
}

/// A session of a person on their own device, from an address of one's choice.
async fn entered_from(person: &Person, from: &str, house: &House) -> Control {
    let endpoint = quinn::Endpoint::client(format!("{from}:0").parse().unwrap()).unwrap();
    let config = turret_certs::transport::client(&Pem::of(person).credentials(), turret_shared::wire::ALPN).unwrap();
    let connection = endpoint.connect_with(config, house.address, &server_name(person)).unwrap().await.unwrap();
    let mut control = Control::over(connection).await;
    control.say(&hello()).await;
    assert!(matches!(control.hear().await, ServerFrame::Welcome(_)));
    let entered = control.factors(&person.login, &person.password, &person.code_of(house.clock.step())).await;
    assert!(matches!(entered, ServerFrame::SignedIn(_)), "{entered:?}");
    control
}

/// Something the log has with the connection it came over.
async fn acts(control: &mut Control) {
    assert!(matches!(control.ask(Ask::Users).await.remove(0).body, AnswerBody::Denied { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_in_two_places_at_once_and_the_second_is_banned_where_the_house_wants_it_so() {
    let named = [("127.0.0.1/32", "desk"), ("127.0.0.64/26", "elsewhere")];
    let named = named.map(|(network, place)| (network.to_owned(), place.to_owned()));
    let places = Places::try_from(BTreeMap::from(named)).unwrap();
    let house = House::open_in(places, Answers::default().with(AlertRule::PlaceChange, AlertAnswer::Ban)).await;
    let (mut kim, _) = Control::entered(&house.person("kim.ito"), house.address, house.clock.step()).await;
    let mut watched = feed::start(&mut kim, None).await;
    let bob = house.person("bob.ray");
    let mut here = entered_from(&bob, "127.0.0.1", &house).await;
    acts(&mut here).await;
    house.clock.advance_s(600);
    let _there = entered_from(&bob, "127.0.0.70", &house).await;
    let told = loop {
        let told = alert(&mut watched, AlertRule::PlaceChange).await;
        if told.answered.is_some() {
            break told;
        }
    };
    assert_eq!((told.login.as_str(), told.threshold, told.answered), ("bob.ray", 120, Some(AnswerDone::Banned)));
    assert!((9..=10).contains(&told.figure), "{told:?}");
    // The edge follows the log a moment later.
    let rows = loop {
        let AnswerBody::Bans(rows) = kim.ask(Ask::Bans).await.remove(0).body else { panic!("bans") };
        if !rows.is_empty() {
            break rows;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let told: Vec<_> = rows.iter().map(|row| (row.source.as_str(), row.why.as_str())).collect();
    assert_eq!(told, [("127.0.0.70", "place_change")], "and not the desk");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_split_below_the_houses_own_policy_make_their_author_wait_and_cancels_go_out() {
    let answers = Answers::default().with(AlertRule::SplitOrders, AlertAnswer::Delay);
    let house = House::open_answering(answers).await;
    let value = Some(Money(900_000_000).0);
    // The house lowers it while everybody works: from now on that is the figure.
    house.fact(Event::PolicySet(PolicySet { policy: Policy::ApprovalNotional, role: Role::Broker, value })).await;
    let (mut kim, _) = Control::entered(&house.person("kim.ito"), house.address, house.clock.step()).await;
    let mut watched = feed::start(&mut kim, None).await;
    let mut ann = Holder::by_code(&house).await;
    let mut orders = Vec::new();
    for (name, units) in [("split-1", 200), ("split-2", 201)] {
        let order = ann.bid(name, units, "").await;
        let request = ann.control.command_bytes(order.to_bytes()).await;
        let Outcome::Order(taken) = ann.control.outcome(request).await else { panic!("taken") };
        orders.push(taken.order.order_id);
    }
    let told = loop {
        let told = alert(&mut watched, AlertRule::SplitOrders).await;
        if told.answered.is_some() {
            break told;
        }
    };
    assert_eq!((told.login.as_str(), told.threshold), ("ann.lee", 90_000), "the policy's figure");
    assert_eq!(told.answered, Some(AnswerDone::Delayed));
    let third = ann.bid("split-3", 10, "").await;
    let request = ann.control.command_bytes(third.to_bytes()).await;
    let Outcome::Denied(no) = ann.control.outcome(request).await else { panic!("made to wait") };
    // Stamps of one moment are told apart by nanoseconds.
    let wait = no.until.map(|until| until.since(house.clock.wall()) / NS_PER_S);
    assert_eq!((no.code, wait), (DenialCode::Delayed, Some(60)));
    let cancel = CancelOrder { cl_ord_id: ClOrdId::new("never-waits").unwrap(), order: orders[0] };
    let request = ann.control.command_bytes(command(Verb::OrderCancel(cancel)).to_bytes()).await;
    let answer = ann.control.outcome(request).await;
    assert!(matches!(&answer, Outcome::Order(_)), "{answer:?}");
    house.clock.advance_s(61);
    let again = ann.bid("split-4", 10, "").await;
    let request = ann.control.command_bytes(again.to_bytes()).await;
    let answer = ann.control.outcome(request).await;
    assert!(matches!(&answer, Outcome::Order(_)), "{answer:?}");
}
