//! Sign-in before anything is typed: which server, real or not, whose certificate; choosing another; what newcomers are told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::Path;

use turret_client::app::{Effect, Model};
use turret_client::profile::{Profile, ProfileError};
use turret_shared::command::Environment;
use turret_shared::time::NS_PER_S;
use turret_tests::station::{
    NOON, at_sign_in, demo_person, in_colour, not_connected, picture, press, server, welcomed,
};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

fn three(size: (u16, u16)) -> Model {
    let mut model = not_connected(size, true);
    model.servers.push(server("New York", "ny.example.com:7443", Environment::Live));
    model.servers.push(server("rehearsal", "10.4.0.9:7443", Environment::Sim));
    model
}

#[test]
fn another_server_is_chosen_by_its_name_and_kind_and_nothing_typed_goes_to_it() {
    let mut model = three((80, 24));
    assert!(picture(&model).contains("F2 other server"), "{}", picture(&model));
    press(&mut model, "s e c r e t F2 Down", 0);
    let seen = picture(&model);
    assert!(seen.contains("> LIVE New York") && seen.contains("  SIM  rehearsal"), "{seen}");
    assert!(seen.starts_with("[SIM]") && model.signin.password.count() == 6, "not chosen yet");
    let effects = press(&mut model, "Enter", 2_000);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Connect { server: 1, .. })), "{effects:?}");
    let seen = picture(&model);
    assert!(seen.starts_with("[LIVE]") && seen.contains("LIVE: real orders") && seen.contains("ny.example.com:7443"));
    assert_eq!(model.signin.password.count(), 0);
    press(&mut model, "F2 Up Up Esc", 3_000);
    assert!(picture(&model).starts_with("[LIVE]"), "Esc keeps it");

    let mut model = not_connected((80, 24), true);
    press(&mut model, "F2", 0);
    assert!(picture(&model).contains("This device knows one server"), "{}", picture(&model));
    for size in SIZES {
        let mut model = three(size);
        press(&mut model, "F2 Down", 0);
        insta::assert_snapshot!(format!("servers_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("servers_{}x{}_colour", size.0, size.1), in_colour(&mut model));
    }
}

#[test]
fn the_authority_and_what_is_left_of_the_certificate_are_seen_before_a_password_is_typed() {
    let mut model = at_sign_in((80, 24), true);
    let seen = picture(&model);
    assert!(seen.contains("CA 9F2C..E741 pinned, OK") && seen.contains("ann-ws1"), "{seen}");
    assert!(seen.contains("certificate 6 d 4 h left"), "{seen}");
    model.servers[0].certificate_ends = Some(NOON.after_ns(-NS_PER_S));
    assert!(picture(&model).contains("certificate EXPIRED"));
    model.servers[0].certificate_ends = None;
    assert!(picture(&model).contains("certificate unreadable"));
}

#[test]
fn only_a_demo_speaks_to_newcomers_and_at_every_size() {
    for size in SIZES {
        let mut model = not_connected(size, true);
        model.demo.push(demo_person());
        assert!(!picture(&model).contains("First time here"), "the server has not said what it is");
        welcomed(&mut model);
        assert!(picture(&model).contains("First time here"), "{}", picture(&model));
        insta::assert_snapshot!(format!("newcomer_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("newcomer_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        let own = model.demo[0].authenticator.take();
        assert!(!picture(&model).contains("F9"), "who enrolled at a demo has a code of their own: {}", picture(&model));
        model.demo[0].authenticator = own;
        model.server.demo = false;
        model.server.environment = Environment::Live;
        assert!(!picture(&model).contains("First time here"), "{}", picture(&model));
    }
}

fn profile(dir: &Path, name: Option<&str>, environment: &str) {
    fs::create_dir_all(dir).unwrap();
    let name = name.map(|name| format!("name = \"{name}\"\n")).unwrap_or_default();
    let text = format!(
        "{name}server = \"127.0.0.1:7443\"\nserver_name = \"turret\"\nenvironment = \"{environment}\"\nlogin = \"ann.lee\"\n"
    );
    fs::write(dir.join("profile.toml"), text).unwrap();
    for file in ["ca.pem", "device.pem"] {
        fs::write(dir.join(file), "none").unwrap();
    }
    let key = dir.join("device.key");
    fs::write(&key, "none").unwrap();
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn profiles_are_found_beside_each_other() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    assert!(matches!(Profile::found(dir), Err(ProfileError::File(..))));
    profile(&dir.join("live"), Some("New York"), "LIVE");
    profile(&dir.join("b-sim"), None, "SIM");
    fs::create_dir(dir.join("cache")).unwrap();
    let names = |dir: &Path| {
        let (found, trouble) = Profile::found(dir).unwrap();
        let names: Vec<String> = found.iter().map(|profile| profile.name.clone()).collect();
        (names, trouble.is_some())
    };
    assert_eq!(names(dir), (vec!["b-sim".into(), "New York".into()], false));
    profile(dir, Some("first"), "SIM");
    assert_eq!(names(dir), (vec!["first".into(), "b-sim".into(), "New York".into()], false));
    profile(&dir.join("broken"), None, "BOTH");
    assert_eq!(names(dir), (vec!["first".into(), "b-sim".into(), "New York".into()], true));
    let offered = Profile::found(dir).unwrap().0[2].offered();
    assert_eq!((offered.environment, offered.device.as_str()), (Environment::Live, "live"));
    assert!(offered.authority.is_empty() && offered.certificate_ends.is_none(), "no certificate, and said so");
}
