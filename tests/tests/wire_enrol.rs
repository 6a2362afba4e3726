//! Enrolment over the wire: one device by one code, with its issuer's word, and nobody by a wrong, used or late one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use turret_certs::{Authority, DeviceKey};
use turret_shared::command::{NewOrder, Verb};
use turret_shared::enrol_code::{EnrolCode, device_letters};
use turret_shared::ids::ClOrdId;
use turret_shared::manage::Act;
use turret_shared::money::Qty;
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::secret::EnrolSecret;
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::control::{Outcome, ServerFrame, SessionEnd};
use turret_shared::wire::enrol::{EnrolReply, EnrolRequest, FactorFault};
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};
use wire::admin::Admin;
use wire::client::{Control, close_code, command, connect};
use wire::desk::Person;
use wire::enrol::{Enrolling, closed, door, keep};
use wire::house::House;

const PASSWORD: &str = "a long enough password";
/// Looks at the search before it is given up.
const LOOKS_MAX: u32 = 400;
/// Between looks.
const LOOK: std::time::Duration = std::time::Duration::from_millis(50);

/// Reasons of the enrolments that failed, as the log has them.
async fn failures(control: &Control) -> Vec<String> {
    let filter = AuditFilter { action: Some("enrolment_failed".into()), ..AuditFilter::default() };
    let rows = control.found(filter).await.into_iter();
    rows.inspect(|row| assert_eq!(row.outcome, "flagged")).map(|row| row.reason).collect()
}

async fn failed_for(control: &Control, reason: &str) {
    for _ in 0..LOOKS_MAX {
        if failures(control).await.iter().any(|known| known == reason) {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
    panic!("{reason} is not in the log");
}

fn refused(reply: &EnrolReply) -> u32 {
    match reply {
        EnrolReply::Refused { retry_after_s, .. } => *retry_after_s,
        other => panic!("refused, not {other:?}"),
    }
}

/// A small order of the desk's.
async fn buys(control: &mut Control) -> Outcome {
    let order = Verb::OrderNew(NewOrder {
        cl_ord_id: ClOrdId::new("first").unwrap(),
        account: "A1001".into(),
        symbol: "MSFT".into(),
        side: Side::Buy,
        qty: Qty::whole(10).unwrap(),
        ord_type: OrdType::Market,
        price: None,
        stop_px: None,
        tif: TimeInForce::Day,
        confirmed: true,
        text: String::new(),
        saw: None,
    });
    let mut order = command(order);
    order.expires = order.expires.after_ns(3_600_000_000_000);
    let request = control.command_bytes(order.to_bytes()).await;
    control.outcome(request).await
}

/// Waits until the log has all of this of a person.
async fn told_of(control: &Control, login: &str, words: &[&str]) {
    let mut missing = Vec::new();
    for _ in 0..LOOKS_MAX {
        // The search follows a moment behind.
        let story = control.story(login).await;
        missing = words.iter().filter(|word| !story.iter().any(|action| action == *word)).collect();
        if missing.is_empty() {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_colleague_is_created_enrols_trades_and_is_cut_off_when_the_device_is_taken_out() {
    let house = House::open().await;
    let mut sam = Admin::sign_in(&house).await;
    assert_eq!(*house.enrolment.borrow(), None, "nothing listens before there is a code");
    let gus = sam.creates("gus.fox").await;
    assert_eq!(*house.enrolment.borrow(), None);
    let (_, code) = sam.code_for(gus).await;
    let at = door(&house).await;

    let key = DeviceKey::generate().unwrap();
    let (mut device, known) = Enrolling::open(&code, &key, at).await;
    let EnrolReply::Known { login, authenticator: Some(seed), .. } = known else { panic!("known, not {known:?}") };
    assert_eq!(login, "gus.fox");
    let dir = tempfile::tempdir().unwrap();
    let person = Person::enrolled("gus.fox", PASSWORD, dir.path().into(), seed.expose());
    let now = || person.code_of(house.clock.step());
    let short = device.factors("short", &now()).await;
    assert!(matches!(short, EnrolReply::FactorsRefused(FactorFault::Password)), "{short:?}");
    for common in ["password1234", "gus.fox-2026!"] {
        let common = device.factors(common, &now()).await;
        assert!(matches!(common, EnrolReply::FactorsRefused(FactorFault::Common)), "{common:?}");
    }
    let wrong = device.factors(PASSWORD, "000000x").await;
    assert!(matches!(wrong, EnrolReply::FactorsRefused(FactorFault::Code)), "{wrong:?}");
    let pending = device.factors(PASSWORD, &now()).await;
    assert!(matches!(pending, EnrolReply::Pending { left_s: 800..=900 }), "{pending:?}");

    // Not a device yet; both compute the same letters.
    let row = sam.waiting().await;
    assert_eq!((row.user, row.key.as_str()), (gus, device_letters(&key.digest(), &code.authority).as_str()));
    sam.lets_in(row.device).await;
    let EnrolReply::Enrolled(enrolled) = device.hear().await else { panic!("enrolled") };
    assert_eq!(
        (enrolled.device, enrolled.login.as_str(), enrolled.port),
        (row.device, "gus.fox", house.address.port())
    );
    // Whoever lost it before it was kept comes back with the same key.
    drop(device);
    let (mut again, reply) = Enrolling::open(&code, &key, at).await;
    assert!(matches!(reply, EnrolReply::Enrolled(_)), "{reply:?}");
    again.say(&EnrolRequest::Kept).await;
    closed(&house).await;

    keep(dir.path(), &key, &enrolled);
    house.clock.advance_s(30);
    let (mut control, signed_in) = Control::entered(&person, house.address, house.clock.step()).await;
    assert_eq!((signed_in.user.user, signed_in.user.name.as_str()), (gus, "A New Person"));
    let bought = buys(&mut control).await;
    assert!(matches!(bought, Outcome::Order(_)), "{bought:?}");

    // The whole story is the person's, from their creation on, without a name or a secret in it.
    let told = ["user_created", "code_made", "device_claimed", "enrolment_judged", "device_registered", "signed_in"];
    told_of(&sam.control, "gus.fox", &told).await;

    let taken_out = sam.act(Act::RevokeDevice { device: row.device }).await;
    assert!(matches!(taken_out, Outcome::Managed), "{taken_out:?}");
    let ended = tokio::time::timeout(std::time::Duration::from_secs(1), control.hear_news());
    let ended = ended.await.expect("cut off within a second");
    assert!(matches!(ended, ServerFrame::SessionEnded { reason: SessionEnd::DeviceRevoked }), "{ended:?}");
    assert_eq!(control.closed().await, CloseCode::DeviceRefused);
    if let Ok(connection) = connect(&person, house.address).await {
        assert_eq!(close_code(&connection.closed().await), CloseCode::DeviceRefused, "and never let in again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_used_or_late_code_is_told_in_one_way_slowed_down_and_in_the_log() {
    let house = House::open().await;
    let mut sam = Admin::sign_in(&house).await;
    let bob = sam.creates("gus.fox").await;
    let kit = sam.creates("kit.roe").await;
    let (_, code) = sam.code_for(bob).await;
    let at = door(&house).await;
    let key = DeviceKey::generate().unwrap();

    let unknown = EnrolCode { secret: EnrolSecret::new([7; 16]), authority: code.authority };
    let (_, reply) = Enrolling::open(&unknown, &key, at).await;
    assert_eq!(refused(&reply), 1);
    failed_for(&sam.control, "unknown_code").await;
    let (_, reply) = Enrolling::open(&unknown, &key, at).await;
    assert_eq!(refused(&reply), 1, "too soon");
    failed_for(&sam.control, "throttled").await;

    // A good code waits for nobody's bad ones. The first device takes the code; another one with it is refused, the first may come back.
    let (mut first, known) = Enrolling::open(&code, &key, at).await;
    let EnrolReply::Known { authenticator: Some(seed), .. } = known else { panic!("known, not {known:?}") };
    let person = Person::enrolled("gus.fox", PASSWORD, std::path::PathBuf::new(), seed.expose());
    let pending = first.factors(PASSWORD, &person.code_of(house.clock.step())).await;
    assert!(matches!(pending, EnrolReply::Pending { .. }), "{pending:?}");
    let (_, reply) = Enrolling::open(&code, &DeviceKey::generate().unwrap(), at).await;
    assert_eq!(refused(&reply), 1, "one good code ended the row of wrong ones");
    failed_for(&sam.control, "used_code").await;
    house.clock.advance_s(1);
    let (_, back) = Enrolling::open(&code, &key, at).await;
    assert!(matches!(back, EnrolReply::Pending { .. }), "{back:?}");

    // Turned away: the end is told, and the code is used up for this device too.
    let waiting = sam.waiting().await;
    let away = sam.act(Act::RefuseDevice { device: waiting.device }).await;
    assert!(matches!(away, Outcome::Managed), "{away:?}");
    assert!(matches!(first.hear().await, EnrolReply::Ended));
    closed(&house).await;

    let (_, late) = sam.code_for(kit).await;
    house.clock.advance_s(14 * 60);
    // Nobody typed for so long: the session is over by now.
    let mut sam = Admin::sign_in(&house).await;
    let (_, other) = sam.code_for(bob).await;
    assert_ne!(other.secret.expose(), code.secret.expose());
    house.clock.advance_s(61);
    let at = door(&house).await;
    let (_, reply) = Enrolling::open(&late, &key, at).await;
    refused(&reply);
    failed_for(&sam.control, "expired_code").await;
    house.clock.advance_s(3);
    let (_, reply) = Enrolling::open(&code, &key, at).await;
    refused(&reply);
    // The last code runs out as well, and with it the door closes.
    house.clock.advance_s(15 * 60);
    closed(&house).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_replaces_no_factor_and_another_server_is_not_believed() {
    let house = House::open().await;
    let mut sam = Admin::sign_in(&house).await;
    let AnswerBody::People(people) = sam.control.ask(Ask::People).await.remove(0).body else { panic!("people") };
    let ann = people.iter().find(|person| person.login == "ann.lee").unwrap().user;
    let (_, code) = sam.code_for(ann).await;
    let at = door(&house).await;
    // A code of another authority's: the handshake ends it.
    let forged = EnrolCode {
        authority: Authority::create("forged", wire::client::now_s()).unwrap().key_digest(),
        ..code.clone()
    };
    let config = turret_certs::transport::enrol_client(forged.authority, turret_shared::wire::ALPN_ENROL).unwrap();
    assert!(wire::client::connect_as(config, "localhost", at).await.is_err());
    // Nor does the door speak the clients' protocol, or the clients' door this one.
    assert!(connect(&house.person("ann.lee"), at).await.is_err());

    let key = DeviceKey::generate().unwrap();
    let (mut device, known) = Enrolling::open(&code, &key, at).await;
    assert!(matches!(&known, EnrolReply::Known { authenticator: None, .. }), "{known:?}");
    assert!(matches!(device.hear().await, EnrolReply::Pending { .. }));
    let row = sam.waiting().await;
    sam.lets_in(row.device).await;
    let EnrolReply::Enrolled(enrolled) = device.hear().await else { panic!("enrolled") };
    device.say(&EnrolRequest::Kept).await;
    let dir = tempfile::tempdir().unwrap();
    keep(dir.path(), &key, &enrolled);
    let mut person = house.person("ann.lee");
    person.dir = dir.path().into();
    house.clock.advance_s(30);
    let (_, signed_in) = Control::entered(&person, house.address, house.clock.step()).await;
    assert_eq!(signed_in.user.user, ann, "with the factors she had, on the device she enrolled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_source_leaves_room_and_the_door_opens_again_beside_an_old_conversation() {
    let house = House::open().await;
    let mut sam = Admin::sign_in(&house).await;
    let gus = sam.creates("gus.fox").await;
    let (_, code) = sam.code_for(gus).await;
    let at = door(&house).await;
    let (key, mut held) = (DeviceKey::generate().unwrap(), Vec::new());
    for _ in 0..4 {
        held.push(Enrolling::connected(&code, at).await);
    }
    let config = || turret_certs::transport::enrol_client(code.authority, turret_shared::wire::ALPN_ENROL).unwrap();
    assert!(wire::client::connect_as(config(), "localhost", at).await.is_err(), "four of one source at once");
    held.truncate(1);
    let mut typing = held.remove(0);
    let request = EnrolRequest::Open { secret: code.secret.clone(), key: key.request().unwrap() };
    assert!(matches!(typing.ask(&request).await, EnrolReply::Known { .. }));
    // Somebody still types their password when the code is over; the next code is listened for all the same.
    house.clock.advance_s(15 * 60 + 1);
    closed(&house).await;
    let mut sam = Admin::sign_in(&house).await;
    let (_, next) = sam.code_for(gus).await;
    let again = door(&house).await;
    assert_eq!(again, at, "where the first one was");
    let (_, reply) = Enrolling::open(&next, &DeviceKey::generate().unwrap(), again).await;
    assert!(matches!(reply, EnrolReply::Known { .. }), "{reply:?}");
    let late = typing.factors(PASSWORD, "123456").await;
    assert!(matches!(late, EnrolReply::FactorsRefused(_) | EnrolReply::Ended | EnrolReply::Busy { .. }), "{late:?}");
}
