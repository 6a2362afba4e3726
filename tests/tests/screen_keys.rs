//! Keys moved by a person: they work everywhere the old ones did, every hint names them, and a bad file is refused in a sentence.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::process::{Command, Output};

use turret_client::app::{Effect, Model};
use turret_client::keymap::{Keymap, parse, preset};
use turret_shared::role::Role;
use turret_tests::station::{a_day, at_sign_in, demo_person, picture, press};

const MOVED: &str = "
[keys]
order-buy = [\"F6\", \"B\"]
confirm = \"w\"
take-touch = \"x\"
modal-second = \"F7\"
order-cancel = \"D\"
lock = \"F11\"
quit = \"Q\"
help = \"F4\"
palette = [\"Ctrl-p\", \"F3\"]
show-quotes = \"F5\"
edit-denied = \"r\"
dismiss = \";\"
sign-in-code = \"F8\"
sign-in-reference = \"F7\"
tab-next = \"#\"
";

fn moved(role: Role, size: (u16, u16)) -> Model {
    let mut model = a_day(role, size, true);
    model.keys = parse(MOVED).unwrap_or_else(|error| panic!("{error}"));
    model
}

fn sent(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::Send { .. })).count()
}

#[test]
fn a_ticket_is_opened_filled_in_and_sent_by_the_moved_keys_alone() {
    let mut model = moved(Role::Broker, (80, 24));
    press(&mut model, "2 b y", 0);
    assert!(model.modals.is_empty(), "the old keys open nothing");
    assert!(picture(&model).contains("F5 Quotes"), "{}", picture(&model));
    press(&mut model, "F5 F6 Up Enter 1 0 0 Enter", 1_000);
    let seen = picture(&model);
    assert!(seen.contains("x far touch") && seen.contains("F7 review"), "{seen}");
    let near = model.ticket().expect("open").price.text().to_owned();
    press(&mut model, "t", 4_000);
    assert_eq!(model.ticket().expect("open").price.text(), near, "t is nothing any more");
    assert!(picture(&model).contains("t was moved to another key."), "{}", picture(&model));
    press(&mut model, "x F7", 5_000);
    assert_ne!(model.ticket().expect("open").price.text(), near);
    let seen = picture(&model);
    assert!(seen.contains("w send") && !seen.contains("y send"), "{seen}");
    assert_eq!(sent(&press(&mut model, "y", 7_000)), 0);
    assert_eq!(sent(&press(&mut model, "w", 8_000)), 1);
}

#[test]
fn letters_stay_text_where_text_is_typed() {
    let mut model = moved(Role::Broker, (80, 24));
    press(&mut model, "/ w x B", 0);
    assert_eq!(model.blotter.filter.text(), "wxB");
    press(&mut model, "Esc 0 B Up Tab Tab Tab Tab Tab Tab w x", 2_000);
    assert_eq!(model.ticket().expect("open").note.text(), "wx");
    press(&mut model, "Esc Esc F3 w", 6_000);
    assert!(matches!(model.modals.last(), Some(turret_client::app::modal::Modal::Palette(p)) if p.words.text() == "w"));
    // The typed word of a mass cancel is text too.
    press(&mut model, "Esc X c a n c e l", 8_000);
    assert_eq!(sent(&press(&mut model, "Enter", 11_000)), 1);
}

#[test]
fn windows_help_and_palette_name_the_moved_keys() {
    let mut model = moved(Role::Broker, (80, 24));
    press(&mut model, "D", 0);
    let seen = picture(&model);
    assert!(seen.contains("w cancel this order") && !seen.contains("y cancel"), "{seen}");
    press(&mut model, "y w", 1_000);
    assert!(model.modals.is_empty());
    press(&mut model, "F4 b u y", 2_000);
    assert!(picture(&model).contains("F6 B       buy"), "{}", picture(&model));
    press(&mut model, "Esc F3 b u y", 4_000);
    assert!(picture(&model).contains("buy             F6"), "{}", picture(&model));
    press(&mut model, "Esc", 6_000);
    assert!(picture(&model).contains("F4 help  Ctrl-p all"), "{}", picture(&model));
    press(&mut model, "q", 7_000);
    assert!(picture(&model).contains("q does nothing here (F4 lists what does)"), "{}", picture(&model));
    press(&mut model, "Q", 8_000);
    assert!(picture(&model).contains("w leave"));
    press(&mut model, "F11", 9_000);
    assert!(model.session.is_none(), "locked");
}

#[test]
fn sign_in_and_lock_follow_the_moved_keys() {
    let mut model = at_sign_in((120, 40), true);
    model.keys = parse(MOVED).unwrap();
    let seen = picture(&model);
    assert!(seen.contains("F7 copy ref"), "{seen}");
    press(&mut model, "F8", 0);
    assert!(picture(&model).contains("There is no demo authenticator here"), "{}", picture(&model));
    press(&mut model, "F9", 1_000);
    assert!(picture(&model).contains("F9 was moved to another key."), "{}", picture(&model));
    model.demo.push(demo_person());
    assert!(picture(&model).contains("F11 locks. Q asks"), "{}", picture(&model));
}

#[test]
fn no_sentence_is_left_with_a_gap_for_a_key() {
    for keys in [Keymap::default(), preset("azerty").unwrap(), parse(MOVED).unwrap()] {
        for role in [Role::Broker, Role::Supervisor, Role::Admin, Role::Support, Role::Customer] {
            for script in [
                "", "2", "3", "4", "5", "6", "7", "b", "a", "c", "X", "Space C", "q", "?", ":", "/", "Enter", "f", "[",
                "] ]",
            ] {
                let mut model = a_day(role, (120, 40), true);
                press(&mut model, script, 0);
                model.keys = keys.clone();
                let seen = picture(&model);
                assert!(
                    !seen.contains('{') && !seen.contains('}') || seen.contains("} and ["),
                    "{role} {script}: {seen}"
                );
            }
        }
    }
}

#[test]
fn azerty_works_without_shift() {
    let mut model = a_day(Role::Broker, (80, 24), false);
    model.keys = preset("azerty").unwrap();
    press(&mut model, "\u{e9}", 0);
    assert!(picture(&model).contains("2 QUOTES"));
    press(&mut model, "& * !", 1_000);
    assert!(model.blotter.typing && picture(&model).contains("1 BLOTTER"));
    press(&mut model, "Esc ,", 2_000);
    assert!(picture(&model).contains("Help: what this screen can do"));
}

fn turret(args: &[&str], config: &std::path::Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_demo"))
        .arg("turret")
        .args(args)
        .env("XDG_CONFIG_HOME", config)
        .output()
        .expect("it runs")
}

#[test]
fn turret_keys_prints_the_table_and_what_is_wrong() {
    let config = tempfile::tempdir().unwrap();
    let words = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
    let plain = turret(&["keys"], config.path());
    assert_eq!(plain.status.code(), Some(0));
    let text = words(&plain);
    assert!(text.contains("order-cancel ") && text.ends_with("From preset default. No conflicts.\n"), "{text}");
    std::fs::create_dir(config.path().join("turret")).unwrap();
    let file = config.path().join("turret").join("keys.toml");
    std::fs::write(&file, "preset = \"qwertz\"\n[keys]\norder-buy = \"F11\"\n").unwrap();
    let own = words(&turret(&["keys"], config.path()));
    assert!(own.contains("keys.toml on preset qwertz. No conflicts."), "{own}");
    assert!(own.lines().any(|line| line.starts_with("order-buy") && line.contains("F11 ")), "{own}");
    std::fs::write(&file, "[keys]\norder-buy = \"s\"\ncopy = \"x\"\norder-by = \"b\"\n").unwrap();
    let bad = turret(&["keys"], config.path());
    let text = words(&bad);
    assert_eq!(bad.status.code(), Some(1));
    for fault in
        ["order-buy and order-sell are both on s", "with Caps Lock copy becomes", "there is no action order-by"]
    {
        assert!(text.contains(fault), "{text}");
    }
    assert_eq!(
        turret(&["keys", "--keys", "azerty"], config.path()).status.code(),
        Some(0),
        "the file is not looked at"
    );
    // The workstation says one sentence and does not start: no profile was looked for, no terminal asked.
    let refused = turret(&["--profile", "/nonexistent"], config.path());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2));
    assert!(said.contains("there is no action order-by") && said.contains("--keys default"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}
