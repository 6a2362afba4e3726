//! The demo's simulated security key in a person's hands and in a script's: registered, signing in, signing an order that is
//! verified from a file; it must assert no time.

use crate::demo_run::Talk;
use turret_tests::terminal::{Seat, keys};

scenarios! {
    threat_18_a_script_signs_what_it_sent_with_the_simulated_key_and_no_code_does_the_same,
    a_person_registers_the_simulated_key_signs_an_order_with_it_and_signs_in_with_it,
    where_brokers_sign_with_keys_a_kept_demo_goes_on_by_script_with_the_same_key,
}

/// Over the threshold of a fresh proof.
const LARGE: &str = "order new account=A1001 side=buy qty=900 symbol=NVDA type=limit price=124.00";

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

/// Asked for by the admin, approved by the supervisor; the policy then counts.
fn brokers_sign_with_keys(talk: &mut Talk) {
    talk.done("as role=admin");
    talk.done("policy set what=security_key role=broker value=wanted");
    let approval = talk.done("proof code=auto")["approval"]["id"].as_u64();
    talk.done("as role=supervisor");
    let waiting = talk.done("approvals");
    let id = approval.or_else(|| waiting["approvals"][0]["id"].as_u64()).expect("a request");
    talk.done(&format!("approve id={id} reason=checked"));
    talk.done("proof code=auto");
}

fn where_brokers_sign_with_keys_a_kept_demo_goes_on_by_script_with_the_same_key() {
    let (temp, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let kept = data.path().join("desk");
    let args = ["--seed", "3", "--data", kept.to_str().unwrap()];
    let mut talk = Talk::start(temp.path(), &args);
    talk.done("as role=broker");
    brokers_sign_with_keys(&mut talk);
    // Live a moment ago, and nothing is in reach any more but the way back.
    talk.done("as role=broker");
    let blind = talk.refused("order list");
    assert!(blind.to_string().contains("key_wanted"), "{blind}");
    talk.refused("order new account=A1001 side=buy qty=1 symbol=NVDA type=limit price=124.00");
    assert_eq!(talk.done("key register")["signed_in"], "key", "and comes in by it");
    talk.done("order list");
    assert!(talk.done(LARGE)["step_up"]["pending"].is_u64());
    let signed = talk.done("proof code=auto");
    assert_eq!((signed["order_qty"].as_str(), signed["symbol"].as_str()), (Some("900"), Some("NVDA")));
    assert_eq!(talk.end(), Some(1), "two lines were to be refused");
    let file = kept.join("simulated-key.json");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    // Another day: the key is where it was left, and it counts on.
    let mut talk = Talk::start(temp.path(), &args);
    assert_eq!(talk.done("as role=broker")["user"], "ann.lee");
    assert!(talk.done(&LARGE.replace("900", "901"))["step_up"]["pending"].is_u64());
    talk.done("proof code=auto");
    talk.done("as role=support");
    let signed = talk.done("audit search action=intent_signed");
    assert_eq!(signed["entries"].as_array().map(Vec::len), Some(4), "two sign-ins and two orders: {signed}");
    let suspended = talk.done("audit search action=key_suspended");
    assert_eq!(suspended["entries"].as_array().map(Vec::len), Some(0), "{suspended}");
    assert_eq!(talk.end(), Some(0));
}
