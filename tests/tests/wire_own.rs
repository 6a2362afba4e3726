//! One's own sessions, keys and devices over the raw wire: seen with their names, ended at will, and told to one's others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![allow(clippy::disallowed_methods, reason = "how long a person would have waited is what is asked")]

mod wire;

use std::path::Path;
use std::time::{Duration, Instant};

use turret_certs::DeviceKey;
use turret_shared::command::Verb;
use turret_shared::denial::DenialCode;
use turret_shared::event::Event;
use turret_shared::ids::{DeviceId, UserId};
use turret_shared::own::{Letting, Own, OwnChange, OwnView, Thing};
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::control::{Outcome, ServerFrame, SessionEnd};
use turret_shared::wire::enrol::{EnrolReply, EnrolRequest};
use turret_shared::wire::feed::FeedItem;
use turret_shared::wire::query::{AnswerBody, Ask};
use wire::admin::{Admin, Seat};
use wire::client::{Control, close_code, connect};
use wire::desk::Person;
use wire::enrol::{Enrolling, door, keep};
use wire::feed;
use wire::house::House;

/// A live connection notices an end of its session within this.
const ENDED_MAX: Duration = Duration::from_secs(1);

async fn own(control: &Control) -> OwnView {
    let AnswerBody::Own(view) = control.ask(Ask::Own).await.remove(0).body else { panic!("one's own") };
    *view
}

/// The next change of one's own that a feed tells.
async fn told(feed: &mut quinn::RecvStream) -> OwnChange {
    loop {
        let change = feed::next(feed).await.items.into_iter().find_map(|item| match item {
            FeedItem::Own(_, change) => Some(change),
            _ => None,
        });
        if let Some(change) = change {
            return change;
        }
    }
}

/// Another device of a person, enrolled by an admin's code; its number, and the person on it.
async fn second_device(house: &House, sam: &mut Admin<'_>, user: UserId, dir: &Path) -> (DeviceId, Person) {
    let (_, code) = sam.code_for(user).await;
    let key = DeviceKey::generate().unwrap();
    let (mut device, known) = Enrolling::open(&code, &key, door(house).await).await;
    assert!(matches!(&known, EnrolReply::Known { authenticator: None, .. }), "{known:?}");
    assert!(matches!(device.hear().await, EnrolReply::Pending { .. }));
    let waiting = sam.waiting().await.device;
    sam.lets_in(waiting).await;
    let EnrolReply::Enrolled(enrolled) = device.hear().await else { panic!("enrolled") };
    device.say(&EnrolRequest::Kept).await;
    keep(dir, &key, &enrolled);
    let mut person = house.person("ann.lee");
    person.dir = dir.into();
    (waiting, person)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_one_s_own_is_told_to_one_s_other_sessions_and_given_up_at_will() {
    let house = House::open().await;
    let mut sam = Admin::sign_in(&house).await;
    let mut ann = Seat::sign_in(&house, "ann.lee").await;
    let mut feed = feed::start(&mut ann.control, None).await;
    let first = own(&ann.control).await;
    assert_eq!(first.sessions.iter().map(|row| row.session).collect::<Vec<_>>(), [first.session]);
    assert!(!first.sessions[0].place.is_empty(), "{first:?}");

    let dir = tempfile::tempdir().unwrap();
    let (device, on_it) = second_device(&house, &mut sam, first.sessions[0].user, dir.path()).await;
    assert_eq!(told(&mut feed).await, OwnChange::DeviceRegistered(device));
    house.clock.advance_s(30);
    let (mut other, _) = Control::entered(&on_it, house.address, house.clock.step()).await;
    let change = told(&mut feed).await;
    assert!(matches!(change, OwnChange::SignedIn(_, on) if on == device), "{change:?}");
    let OwnChange::SignedIn(session, _) = change else { return };

    let foreign = sam.ask(Verb::Own(Own::Let(Letting::Session(session)))).await;
    assert!(matches!(&foreign, Outcome::Denied(no) if no.code == DenialCode::UnknownTarget), "{foreign:?}");
    let since = Instant::now();
    let ended = ann.ask(Verb::Own(Own::Let(Letting::Session(session)))).await;
    assert!(matches!(ended, Outcome::Managed), "{ended:?}");
    let heard = other.hear_news().await;
    assert!(matches!(heard, ServerFrame::SessionEnded { reason: SessionEnd::Elsewhere }), "{heard:?}");
    assert!(since.elapsed() < ENDED_MAX, "{:?}", since.elapsed());

    let here = ann.ask(Verb::Own(Own::Let(Letting::Device(first.device)))).await;
    assert!(matches!(&here, Outcome::Denied(no) if no.code == DenialCode::DeviceInUse), "{here:?}");
    let gone = ann.proved(Verb::Own(Own::Let(Letting::Device(device)))).await;
    assert!(matches!(gone, Outcome::Managed), "{gone:?}");
    if let Ok(connection) = connect(&on_it, house.address).await {
        assert_eq!(close_code(&connection.closed().await), CloseCode::DeviceRefused, "and never let in again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_is_called_what_its_owner_says_and_the_log_does_not_know() {
    let house = House::open().await;
    let mut ann = Seat::sign_in(&house, "ann.lee").await;
    let device = own(&ann.control).await.device;
    let named = ann.ask(Verb::Own(Own::Name(Thing::Device(device), "desk by the window".into()))).await;
    assert!(matches!(named, Outcome::Managed), "{named:?}");
    let unfit = ann.ask(Verb::Own(Own::Name(Thing::Device(device), "a\u{202e}b".into()))).await;
    assert!(matches!(&unfit, Outcome::Denied(no) if no.code == DenialCode::Invalid), "{unfit:?}");
    while own(&ann.control).await.devices[0].name != "desk by the window" {
        // The replica follows a moment behind.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(house.log().iter().any(|(_, event)| matches!(event, Event::Labelled(e) if e.name.is_some())));
    for (_, event) in house.log() {
        assert!(!format!("{event:?}").contains("window"), "no name in the log: {event:?}");
    }
    let mut kim = Seat::sign_in(&house, "kim.ito").await;
    let foreign = kim.ask(Verb::Own(Own::Name(Thing::Device(device), "mine".into()))).await;
    assert!(matches!(&foreign, Outcome::Denied(no) if no.code == DenialCode::UnknownTarget), "{foreign:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn colleagues_know_each_other_by_name_and_a_client_knows_and_is_known_by_nobody() {
    async fn known(control: &Control) -> Vec<String> {
        let AnswerBody::Users(rows) = control.ask(Ask::Colleagues).await.remove(0).body else { panic!("people") };
        rows.into_iter().map(|row| row.login).collect()
    }
    let house = House::open().await;
    let step = house.clock.step();
    let (ann, _) = Control::entered(&house.person("ann.lee"), house.address, step).await;
    let (eva, _) = Control::entered(&house.person("eva.koch"), house.address, step).await;
    let (sam, _) = Control::entered(&house.person("sam.wood"), house.address, step).await;
    let names = known(&ann).await;
    assert!(names.contains(&"kim.ito".to_owned()) && names.contains(&"ann.lee".to_owned()), "{names:?}");
    assert!(!names.contains(&"eva.koch".to_owned()), "{names:?}");
    assert_eq!(known(&eva).await, ["eva.koch"]);
    assert!(known(&sam).await.contains(&"eva.koch".to_owned()));
}
