//! Threats 7, 8, 21, 24, 25 and 26 by a QUIC client that is not ours: aioquic, in a virtual environment under target/tools.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::wire::client::{INSIDE, server_name};
use crate::wire::desk::Desk;

/// What came of an attack; `None`, said aloud, where there is no aioquic.
fn attack(desk: &Desk, name: &str) -> Option<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let python = root.join("target/tools/bin/python");
    let there = Command::new(&python).args(["-c", "import aioquic"]).output().is_ok_and(|done| done.status.success());
    if !there {
        eprintln!("skipped: no aioquic in target/tools; .ci/run puts it there");
        return None;
    }
    let ann = desk.person("ann.lee");
    let output = Command::new(python)
        .arg(root.join("tests/attacks/other_client.py"))
        .args([name, "127.0.0.1", &desk.address.port().to_string(), &server_name(&ann)])
        .arg(&ann.dir)
        .output()
        .unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    // Threat 21, whatever the attack: a close says a number.
    let reason = told["ended"]["reason"].as_str().unwrap_or_default().to_lowercase();
    assert!(INSIDE.iter().all(|word| !reason.contains(word)), "{told}");
    let is_alert = told["ended"]["code"].as_u64().is_some_and(|code| (0x100..0x200).contains(&code));
    assert!(!is_alert || reason.is_empty(), "{told}");
    Some(told)
}

#[test]
fn threat_07_and_24_another_client_proves_its_address_and_is_refused_whatever_it_offers() {
    let mut desk = Desk::start();
    for name in ["classical_group", "other_protocol", "no_protocol", "no_certificate", "version_2"] {
        let Some(told) = attack(&desk, name) else { return };
        assert_eq!(told["heard"], "", "{told}");
        let refused =
            !told["connected"].as_bool().unwrap() || told["ended"]["code"].as_u64().is_some_and(|code| code != 0);
        assert!(refused, "{told}");
        if name != "version_2" {
            assert_eq!(told["retries"], 1, "an address is proved before anything else: {told}");
        }
    }
    assert!(desk.lives());
}

#[test]
fn threat_08_21_25_and_26_another_client_with_our_certificate_is_cut_by_number_and_given_no_ticket() {
    let mut desk = Desk::start();
    for (name, slow) in [
        ("lying_length", false),
        ("deep_nesting", false),
        ("garbage", false),
        ("datagram", false),
        ("many_streams", false),
        ("half_frame", true),
    ] {
        let Some(told) = attack(&desk, name) else { return };
        assert_eq!((&told["connected"], &told["tickets"]), (&Value::Bool(true), &Value::from(0)), "{told}");
        let after_s = told["after_s"].as_f64().unwrap();
        assert!(told["ended"]["code"].is_u64() && (!slow || after_s >= 4.0), "{told}");
    }
    assert!(desk.lives());
}
