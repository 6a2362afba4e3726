//! The demo's simulated security key in a person's hands and in a script's: registered, signing in, signing an order that is
//! verified from a file; it must assert no time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod demo_run;

use demo_run::Talk;
use turret_tests::terminal::{Seat, keys};

/// Over the threshold of a fresh proof.
const LARGE: &str = "order new account=A1001 side=buy qty=900 symbol=NVDA type=limit price=124.00";

#[test]
fn threat_18_a_script_signs_what_it_sent_with_the_simulated_key_and_no_code_does_the_same() {
    let temp = tempfile::tempdir().unwrap();
    let mut talk = Talk::start(temp.path(), &["--seed", "3"]);
    assert_eq!(talk.refused("proof key=auto")["error"]["code"], "nothing_pending");
    let key = talk.done("key register");
    assert!(key["credential"].is_u64(), "{key}");
    assert_eq!(talk.refused("key register")["error"]["code"], "security_key", "it is registered already");
    assert!(talk.done(LARGE)["step_up"]["pending"].is_u64());
    let wrong = talk.refused("proof key=auto pin=13579");
    assert!(wrong["error"]["text"].as_str().unwrap().starts_with("wrong PIN: "), "{wrong}");
    let signed = talk.done("proof key=auto");
    assert_eq!((signed["order_qty"].as_str(), signed["symbol"].as_str()), (Some("900"), Some("NVDA")));
    talk.done("as role=support");
    for action in ["key_registered", "intent_signed"] {
        let found = talk.done(&format!("audit search action={action}"));
        assert_eq!(found["entries"].as_array().map(Vec::len), Some(1), "{action}: {found}");
    }
    assert_eq!(talk.end(), Some(1), "three lines were to be refused");
}

#[test]
fn a_person_registers_the_simulated_key_signs_an_order_with_it_and_signs_in_with_it() {
    let data = tempfile::tempdir().unwrap();
    let mut seat = Seat::demo(env!("CARGO_BIN_EXE_demo"), (80, 24), &[], &[], data);
    seat.signs_in(&["BLOTTER", "ann.lee broker EQ1"]);
    // Nobody has a key yet: the step-up offers none, and the sign-in says what is missing.
    seat.types_each(&[":", "register key", keys::ENTER]);
    seat.sees(&["NEW SECURITY KEY", "Password"]);
    // Each code works once: the one of the sign-in is used.
    for _ in 0..6 {
        seat.types_each(&[keys::F9, keys::ENTER]);
        if seat.leaves("NEW SECURITY KEY") || seat.text().contains("Touch the new key") {
            break;
        }
    }
    touches(&mut seat, "Touch the new key to register it for ann.lee");
    seat.sees(&["Your key is registered"]);
    seat.types(keys::F12);
    seat.sees(&["Locked: ann.lee", "F4 security key"]);
    seat.types(keys::F4);
    touches(&mut seat, "Touch your key to sign in");
    seat.sees(&["BLOTTER", "ann.lee broker EQ1"]);
    // A large order asks for a proof, and says it may be the key's.
    seat.types_each(&["2", "/NVDA", keys::ENTER, "b", keys::UP, keys::ENTER, "900", keys::ENTER, "t", keys::ENTER]);
    seat.sees(&["SEND?", "BUY 900 NVDA"]);
    seat.types("y");
    seat.sees(&["A FRESH CODE IS NEEDED", "F4 has your security key sign it"]);
    seat.types(keys::F4);
    touches(&mut seat, "Touch your key to buy 900 NVDA at ");
    // Its receipt may be covered by its first execution before anybody looks.
    seat.sees(&["FILL BUY NVDA"]);
    assert!(seat.goes());
}

/// The PIN, then the touch, both by the key that the demo shows.
fn touches(seat: &mut Seat, sentence: &str) {
    seat.sees(&["SECURITY KEY", sentence, "SIMULATED KEY (cargo demo only): its PIN is 2468"]);
    seat.types(keys::F9);
    seat.sees(&["The key waits: touch it now.", "F9 touches it"]);
    seat.types(keys::F9);
}
