//! Whoever lost their factors comes back by two others, over the raw wire: nothing they had counts, and nothing sensitive is
//! theirs for a day.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use turret_certs::DeviceKey;
use turret_shared::command::{NewOrder, Verb};
use turret_shared::denial::DenialCode;
use turret_shared::enrol_code::EnrolCode;
use turret_shared::ids::{ClOrdId, UserId};
use turret_shared::manage::Act;
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::wire::control::{Outcome, ServerFrame, SessionEnd};
use turret_shared::wire::enrol::{EnrolReply, EnrolRequest};
use turret_shared::wire::query::{AnswerBody, Ask};
use wire::admin::Admin;
use wire::client::{Control, command};
use wire::desk::Person;
use wire::enrol::{Enrolling, door};
use wire::house::House;

const PASSWORD: &str = "correct horse battery";

async fn user(control: &Control, login: &str) -> UserId {
    let AnswerBody::Users(rows) = control.ask(Ask::Users).await.remove(0).body else { panic!("people") };
    rows.iter().find(|row| row.login == login).expect("seeded").user
}

/// A bid below the market for so many AAPL.
async fn bid(control: &mut Control, name: &str, units: i64) -> Outcome {
    let order = NewOrder {
        cl_ord_id: ClOrdId::new(name).unwrap(),
        account: "A1001".into(),
        symbol: "AAPL".into(),
        side: Side::Buy,
        qty: Qty::whole(units).unwrap(),
        ord_type: OrdType::Limit,
        price: Some(Price::parse("188.00").unwrap()),
        stop_px: None,
        tif: TimeInForce::Day,
        confirmed: true,
        text: String::new(),
        saw: None,
    };
    let mut command = command(Verb::OrderNew(order));
    command.expires = command.expires.after_ns(200_000_000_000_000);
    let request = control.command_bytes(command.to_bytes()).await;
    control.outcome(request).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_lost_their_factors_comes_back_by_two_and_does_nothing_sensitive_for_a_day() {
    let house = House::open().await;
    let mut sam = Admin::sign_in(&house).await;
    let ann = house.person("ann.lee");
    let (mut before, _) = Control::entered(&ann, house.address, house.clock.step()).await;
    let lost = user(&sam.control, "ann.lee").await;
    let Outcome::CodeMade(made) = sam.act(Act::Recover { user: lost }).await else { panic!("a code") };
    let ended = before.hear_news().await;
    assert!(matches!(ended, ServerFrame::SessionEnded { reason: SessionEnd::Killed }), "{ended:?}");
    // On her own device, with what was right a moment ago.
    house.clock.advance_s(30);
    let (mut old, _) = Control::hello(&ann, house.address).await;
    let answer = old.factors("ann.lee", &ann.password, &ann.code_of(house.clock.step())).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");

    let code = EnrolCode::parse(made.text.expect("the code itself").expose()).unwrap();
    let key = DeviceKey::generate().unwrap();
    let (mut device, known) = Enrolling::open(&code, &key, door(&house).await).await;
    let EnrolReply::Known { login, authenticator: Some(seed), .. } = known else { panic!("new factors: {known:?}") };
    assert_eq!(login, "ann.lee");
    let dir = tempfile::tempdir().unwrap();
    let ann = Person::enrolled("ann.lee", PASSWORD, dir.path().into(), seed.expose());
    let pending = device.factors(PASSWORD, &ann.code_of(house.clock.step())).await;
    assert!(matches!(pending, EnrolReply::Pending { .. }), "{pending:?}");
    let waiting = sam.waiting().await;
    assert_eq!(waiting.user, lost);
    sam.lets_in(waiting.device).await;
    let EnrolReply::Enrolled(enrolled) = device.hear().await else { panic!("enrolled") };
    device.say(&EnrolRequest::Kept).await;
    std::fs::write(dir.path().join("ca.pem"), &enrolled.authority).unwrap();
    std::fs::write(dir.path().join("device.pem"), &enrolled.certificate).unwrap();
    std::fs::write(dir.path().join("device.key"), key.pem().as_str()).unwrap();
    std::fs::write(dir.path().join("profile.toml"), "server_name = \"localhost\"\n").unwrap();

    house.clock.advance_s(30);
    let (mut back, _) = Control::entered(&ann, house.address, house.clock.step()).await;
    let small = bid(&mut back, "small", 1).await;
    assert!(matches!(small, Outcome::Order(_)), "{small:?}");
    let large = bid(&mut back, "large", 600).await;
    assert!(matches!(&large, Outcome::Denied(denial) if denial.code == DenialCode::Recovering), "{large:?}");
    // The day is over: as everybody, with a code.
    house.clock.advance_s(86_400);
    let (mut later, _) = Control::entered(&ann, house.address, house.clock.step()).await;
    let large = bid(&mut later, "larger", 600).await;
    assert!(matches!(large, Outcome::StepUp { .. }), "{large:?}");
    for word in ["user_recovered", "credential_revoked"] {
        assert!(sam_saw(&house, word).await, "{word}");
    }
}

/// The log says so, to whoever reads it on a session of this day.
async fn sam_saw(house: &House, word: &str) -> bool {
    house.clock.advance_s(60);
    let (control, _) = Control::entered(&house.person("mia.ortiz"), house.address, house.clock.step()).await;
    for _ in 0..200 {
        if control.story("ann.lee").await.iter().any(|known| known == word) {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    false
}
