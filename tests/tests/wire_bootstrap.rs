//! A new deployment: three people come in by three codes, and nobody does anything before all of them have.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use std::net::SocketAddr;
use std::time::Duration;

use tempfile::TempDir;
use turret_certs::DeviceKey;
use turret_shared::enrol_code::EnrolCode;
use turret_shared::house::HouseRow;
use turret_shared::wire::control::ServerFrame;
use turret_shared::wire::enrol::{EnrolReply, EnrolRequest};
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};
use wire::PATIENCE;
use wire::client::{Control, now_s};
use wire::desk::{Desk, Person};
use wire::enrol::Enrolling;

const PASSWORD: &str = "correct horse battery";
/// Between looks at what follows a moment behind.
const LOOK: Duration = Duration::from_millis(50);

fn code_of(told: &str) -> (&str, &str, EnrolCode) {
    let mut words = told.splitn(3, ' ');
    let (role, login) = (words.next().unwrap(), words.next().unwrap());
    (role, login, EnrolCode::parse(words.next().unwrap()).unwrap())
}

/// One of the first people, from the code to the profile.
async fn enrols(told: &str, at: SocketAddr) -> (Person, TempDir) {
    let (_, login, code) = code_of(told);
    let key = DeviceKey::generate().unwrap();
    let (mut device, known) = Enrolling::open(&code, &key, at).await;
    let EnrolReply::Known { login: shown, authenticator: Some(seed), .. } = known else { panic!("{known:?}") };
    assert_eq!(shown, login);
    let dir = tempfile::tempdir().unwrap();
    let person = Person::enrolled(login, PASSWORD, dir.path().into(), seed.expose());
    // Nobody is there yet who could compare letters.
    let enrolled = device.factors(PASSWORD, &person.code_of(now_s() / 30)).await;
    let EnrolReply::Enrolled(enrolled) = enrolled else { panic!("{enrolled:?}") };
    device.say(&EnrolRequest::Kept).await;
    std::fs::write(dir.path().join("ca.pem"), &enrolled.authority).unwrap();
    std::fs::write(dir.path().join("device.pem"), &enrolled.certificate).unwrap();
    std::fs::write(dir.path().join("device.key"), key.pem().as_str()).unwrap();
    std::fs::write(dir.path().join("profile.toml"), "server_name = \"localhost\"\n").unwrap();
    (person, dir)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_in_before_two_admins_and_a_supervisor_have_come_by_their_codes() {
    let (mut desk, codes, at) = Desk::bootstrapping();
    let roles: Vec<_> = codes.iter().map(|told| code_of(told)).map(|(role, login, _)| (role, login)).collect();
    assert_eq!(roles, [("admin", "ida.berg"), ("admin", "tom.hale"), ("supervisor", "ruth.kay")]);

    let (ida, _ida_dir) = enrols(&codes[0], at).await;
    // A code is one device's, and right factors open nothing yet.
    let (_, again) = Enrolling::open(&code_of(&codes[0]).2, &DeviceKey::generate().unwrap(), at).await;
    assert!(matches!(again, EnrolReply::Refused { .. }), "{again:?}");
    let (mut control, _) = Control::hello(&ida, desk.address).await;
    let answer = control.factors(&ida.login, &ida.password, &ida.code_of(now_s() / 30 + 1)).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");

    // It waits for the others over a restart as well: the codes are the log's.
    desk.kill_and_restart_enrolling(at);
    let (_tom, _tom_dir) = enrols(&codes[1], at).await;
    let (ruth, _ruth_dir) = enrols(&codes[2], at).await;
    let (control, signed_in) = Control::signed_in(&ida, desk.address).await;
    assert_eq!(signed_in.user.login, "ida.berg");
    let closed = async {
        loop {
            let filter = AuditFilter { action: Some("bootstrap_closed".into()), ..AuditFilter::default() };
            if control.found(filter).await.len() == 1 {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, closed).await.expect("in the log");
    // The venue's listings are there, and no desk.
    let AnswerBody::House(rows) = control.ask(Ask::House).await.remove(0).body else { panic!("the house") };
    assert!(rows.len() > 50 && rows.iter().all(|row| matches!(row, HouseRow::Listing { restricted: false, .. })));
    let (_control, signed_in) = Control::signed_in(&ruth, desk.address).await;
    assert_eq!(signed_in.user.login, "ruth.kay");
    let story = control.story("ida.berg").await;
    for word in ["user_created", "role_set", "device_claimed", "device_registered", "credential_activated"] {
        assert!(story.iter().any(|known| known == word), "{word} in {story:?}");
    }
}

#[test]
fn a_deployment_without_two_admins_and_a_supervisor_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    for (args, words) in [
        (&["--admin", "ida.berg:Ida Berg"][..], "two of --admin and one --supervisor"),
        (&["--admin", "ida.berg", "--supervisor", "ruth.kay:Ruth Kay"][..], "LOGIN:NAME"),
    ] {
        let data = folder.path().join("desk");
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_demo"))
            .args(["turretd", "init", "--passphrase-fd", "0"])
            .args(args)
            .arg("--data")
            .arg(&data)
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(words), "{said}");
        assert!(!data.exists(), "nothing is left behind");
    }
}
