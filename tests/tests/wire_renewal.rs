//! A device's certificate is replaced at a sign-in, and a copy of its older key locks it; under a clock moved by hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use std::fs;
use std::path::Path;
use std::time::Duration;

use turret_certs::{DeviceKey, DevicePublic};
use turret_client::link::Link;
use turret_client::profile::Profile;
use turret_client::renewal::{Renewal, settle};
use turret_shared::event::Event;
use turret_shared::event::session::SignInFault;
use turret_shared::event::setup::{DeviceRenewed, DeviceTurned};
use turret_shared::ids::DeviceId;
use turret_shared::limits::DEVICE_TURN_S_MAX;
use turret_shared::people::LockCause;
use turret_shared::secret::SecretText;
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame, SessionEnd};
use wire::PATIENCE;
use wire::client::{Control, close_code, connect, now_s};
use wire::desk::Person;
use wire::house::House;

const ANN: DeviceId = DeviceId(1);
const TWO_DAYS_S: u64 = 2 * 24 * 3600;
const STEP_S: u32 = 30;

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

fn key_of(dir: &Path) -> DeviceKey {
    DeviceKey::load(&fs::read_to_string(dir.join("device.key")).unwrap()).unwrap()
}

fn certified(house: &House, key: &DeviceKey, now_s: u64) -> String {
    let public = DevicePublic::of_request(&key.request().unwrap()).unwrap();
    house.authority.certify(ANN, &public, now_s).unwrap()
}

/// Ann, whose device had its certificate two days ago.
async fn house_and_ann() -> (House, Person) {
    let house = House::open().await;
    let ann = house.person("ann.lee");
    let certificate = certified(&house, &key_of(&ann.dir), now_s() - TWO_DAYS_S);
    fs::write(ann.dir.join("device.pem"), certificate).unwrap();
    (house, ann)
}

/// Every renewal and turn of the log.
fn told(house: &House) -> Vec<Event> {
    let of = |event: &Event| matches!(event, Event::DeviceRenewed(_) | Event::DeviceTurned(_) | Event::DeviceLocked(_));
    house.log().into_iter().map(|(_, event)| event).filter(of).collect()
}

/// Signs in as the product does, and waits until the device's files are others.
async fn renewed(house: &House, ann: &Person) -> Link {
    let before = fs::read_to_string(ann.dir.join("device.pem")).unwrap();
    let profile = Profile::load(&ann.dir).unwrap().at(&house.address.to_string());
    let (link, _events) = Link::connect(&profile, false).await.unwrap();
    let code = secret(&ann.code_of(house.clock.step()));
    link.sign_in(&ann.login, secret(&ann.password), code).await.unwrap();
    let changed = async {
        while fs::read_to_string(ann.dir.join("device.pem")).unwrap_or_default() == before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, changed).await.expect("a new certificate");
    link
}

fn copy_of(ann: &Person, to: &Path) -> Person {
    for name in ["profile.toml", "ca.pem", "device.pem", "device.key"] {
        fs::copy(ann.dir.join(name), to.join(name)).unwrap();
    }
    let mut copy = ann.clone();
    copy.dir = to.to_path_buf();
    copy
}

/// How the server answers a device by its certificate alone.
async fn refused(person: &Person, house: &House) -> Option<CloseCode> {
    match connect(person, house.address).await {
        Ok(connection) => match tokio::time::timeout(Duration::from_secs(2), connection.closed()).await {
            Ok(error) => Some(close_code(&error)),
            Err(_) => None,
        },
        Err(error) => Some(close_code(&error)),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_replaces_key_and_certificate_and_the_next_connection_shows_them() {
    let (house, ann) = house_and_ann().await;
    let old = key_of(&ann.dir).digest();
    let link = renewed(&house, &ann).await;
    let new = key_of(&ann.dir).digest();
    assert_ne!(old, new, "another key");
    for name in ["device.next.key", "device.next.pem"] {
        assert!(!ann.dir.join(name).exists(), "{name} is left");
    }
    // Nothing was taken from the connection that is up, and the old key counts until the new one was shown.
    assert!(link.is_up() && link.has_session());
    assert_eq!(told(&house), [Event::DeviceRenewed(DeviceRenewed { device: ANN, key: new, generation: 2 })]);
    link.sign_out(false).await;
    house.clock.advance_s(STEP_S);
    let (mut control, _) = Control::entered(&ann, house.address, house.clock.step()).await;
    assert_eq!(told(&house)[1..], [Event::DeviceTurned(DeviceTurned { device: ANN, key: new, generation: 2 })]);
    // It is a day's business: no second one now.
    let request = DeviceKey::generate().unwrap().request().unwrap();
    control.say(&ClientFrame::RenewDevice { request: 1, key: request }).await;
    assert!(matches!(control.hear_news().await, ServerFrame::Error { request: Some(1), .. }));
    assert_eq!(told(&house).len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_01_a_copy_of_a_device_that_comes_back_with_its_older_key_locks_it() {
    let (house, ann) = house_and_ann().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = copy_of(&ann, elsewhere.path());
    renewed(&house, &ann).await.sign_out(false).await;
    house.clock.advance_s(STEP_S);
    let (mut control, _) = Control::entered(&ann, house.address, house.clock.step()).await;
    // A second program of the device may cross with the first: refused, and nothing said of it.
    assert_eq!(refused(&copy, &house).await, Some(CloseCode::DeviceRefused));
    assert_eq!(told(&house).len(), 2);
    house.clock.advance_s(u32::try_from(DEVICE_TURN_S_MAX).unwrap() + 1);
    assert_eq!(refused(&copy, &house).await, Some(CloseCode::DeviceRefused));
    let Event::DeviceLocked(lock) = &told(&house)[2] else { panic!("no lock") };
    assert_eq!((lock.device, lock.locked, lock.fault), (ANN, true, Some(SignInFault::Copied)));
    assert_eq!(lock.cause(), Some(LockCause::Copied));
    // Whoever sits at the real one is out as well: one of the two is a thief.
    let ended = control.hear_news().await;
    assert!(matches!(ended, ServerFrame::SessionEnded { reason: SessionEnd::DeviceLocked }), "{ended:?}");
    house.clock.advance_s(STEP_S);
    let (mut control, _) = Control::hello(&ann, house.address).await;
    let answer = control.factors(&ann.login, &ann.password, &ann.code_of(house.clock.step())).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
    // Shown again and again it is locked once.
    assert_eq!(refused(&copy, &house).await, Some(CloseCode::DeviceRefused));
    assert_eq!(told(&house).len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_lost_on_its_way_costs_nothing_and_no_key_is_taken_on_anothers_word() {
    let (house, ann) = house_and_ann().await;
    let (mut control, _) = Control::entered(&ann, house.address, house.clock.step()).await;
    let ask = |request, key| ClientFrame::RenewDevice { request, key };
    control.say(&ask(1, vec![0x30; 200])).await;
    assert!(matches!(control.hear_news().await, ServerFrame::Error { request: Some(1), .. }));
    for request in [2, 3] {
        control.say(&ask(request, DeviceKey::generate().unwrap().request().unwrap())).await;
        let answer = control.hear_news().await;
        let ServerFrame::Reply { outcome: Outcome::DeviceRenewed(_), .. } = answer else { panic!("{answer:?}") };
    }
    let generations: Vec<u32> = told(&house)
        .iter()
        .map(|event| match event {
            Event::DeviceRenewed(renewed) => renewed.generation,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(generations, [2, 2]);
    house.clock.advance_s(STEP_S);
    Control::entered(&ann, house.address, house.clock.step()).await;
}

#[test]
fn a_renewal_that_was_interrupted_anywhere_leaves_a_key_and_its_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let authority = turret_certs::Authority::create("a house", now_s()).unwrap();
    let certified = |key: &DeviceKey, now_s| {
        authority.certify(ANN, &DevicePublic::of_request(&key.request().unwrap()).unwrap(), now_s).unwrap()
    };
    let whole = || {
        let pem = fs::read_to_string(dir.join("device.pem")).unwrap();
        let der = turret_certs::tls::one_certificate(&pem).unwrap();
        assert_eq!(turret_certs::identity::key_digest(&der), Some(key_of(dir).digest()), "they belong together");
        key_of(dir).digest()
    };
    let now = turret_client::clock::now();
    let first = DeviceKey::generate().unwrap();
    fs::write(dir.join("device.key"), first.pem().as_bytes()).unwrap();
    fs::write(dir.join("device.pem"), certified(&first, now_s())).unwrap();
    assert!(Renewal::begin(dir, now).unwrap().is_none(), "a young one is left alone");
    fs::write(dir.join("device.pem"), certified(&first, now_s() - TWO_DAYS_S)).unwrap();
    let (held, request) = Renewal::begin(dir, now).unwrap().unwrap();
    assert!(Renewal::begin(dir, now).unwrap().is_none(), "one program at a time");
    // Before the certificate came there is only a key nobody uses.
    settle(dir).unwrap();
    assert_eq!(whole(), first.digest());
    assert!(held.keep(&certified(&first, now_s())).is_err(), "a certificate of another key");
    assert_eq!(whole(), first.digest());
    let second = DeviceKey::load(&fs::read_to_string(dir.join("device.next.key")).unwrap()).unwrap();
    let next = certified(&second, now_s());
    assert_eq!(DevicePublic::of_request(&request).unwrap().digest, second.digest());
    // The certificate is there and nothing has moved; then the key has.
    fs::write(dir.join("device.next.pem"), &next).unwrap();
    fs::rename(dir.join("device.next.key"), dir.join("device.key")).unwrap();
    settle(dir).unwrap();
    assert_eq!(whole(), second.digest());
    let third = DeviceKey::generate().unwrap();
    fs::write(dir.join("device.next.key"), third.pem().as_bytes()).unwrap();
    fs::write(dir.join("device.next.pem"), certified(&third, now_s())).unwrap();
    settle(dir).unwrap();
    assert_eq!(whole(), third.digest());
    // A certificate whose key is nowhere goes.
    fs::write(dir.join("device.next.pem"), next).unwrap();
    settle(dir).unwrap();
    assert_eq!(whole(), third.digest());
    assert!(!dir.join("device.next.pem").exists());
}
