//! Every kind of entry in every form of export: mapped, one line, nothing in it that acts, and the record whole within.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use turret_shared::entry::{self, Entry};
use turret_shared::event::{Event, KINDS};
use turret_shared::export::Form;
use turret_shared::text::is_hostile;
use turret_shared::tlog::leaf_hash;
use turret_tests::floor::samples;

const GOLDEN: &str = include_str!("../golden/entries.txt");
const LOG: &str = "turret.example/desk";

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hex")).collect()
}

/// The golden entries: action and bytes.
fn golden() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    GOLDEN.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let mut fields = line.split(' ');
        (fields.next().expect("word"), unhex(fields.nth(1).expect("bytes")))
    })
}

/// The cells of a line of CSV, without the apostrophe that keeps one from being a formula.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    assert!(!quoted, "{line}");
    cells
}

/// The value of a key of a CEF extension, unescaped.
fn of_cef(line: &str, key: &str) -> String {
    let at = line.find(&format!(" {key}=")).unwrap_or_else(|| panic!("no {key} in {line}")) + key.len() + 2;
    let (mut value, mut escape) = (String::new(), false);
    for c in line[at..].chars() {
        match c {
            '\\' if !escape => escape = true,
            ' ' => break,
            c => {
                value.push(c);
                escape = false;
            }
        }
    }
    value
}

/// The record within a line.
fn record(form: Form, line: &str) -> Vec<u8> {
    let json = || serde_json::from_str::<Value>(line).expect("one object");
    let text = match form {
        Form::Ocsf => json()["raw_data"].as_str().expect("text").to_owned(),
        Form::Ecs => json()["event"]["original"].as_str().expect("text").to_owned(),
        Form::Cef => of_cef(line, "TurretTurretdEntry"),
        Form::Csv => cells(line).pop().expect("cells"),
    };
    STANDARD.decode(text).expect("base64")
}

#[test]
fn every_kind_of_entry_is_mapped_in_every_form_and_recreated_from_its_line() {
    for (kind, _, word) in KINDS {
        for form in Form::ALL {
            assert!(form.maps(word), "{} has no row for {word} ({kind})", form.as_str());
        }
    }
    let mut seen = 0;
    for (word, bytes) in golden() {
        for form in Form::ALL {
            let line = form.line(LOG, &bytes).expect(word);
            assert!(!line.chars().any(is_hostile), "{word}: {line}");
            assert!(line.contains(word) && line.contains(&leaf_hash(&bytes).to_string()), "{word}: {line}");
            assert_eq!(record(form, &line), bytes, "{word}");
            seen += 1;
        }
    }
    assert!(seen >= 4 * KINDS.len(), "{seen}");
}

#[test]
fn ocsf_lines_have_what_their_class_requires() {
    for (word, bytes) in golden() {
        let line: Value = serde_json::from_str(&Form::Ocsf.line(LOG, &bytes).unwrap()).unwrap();
        let (class, activity) = (line["class_uid"].as_u64().unwrap(), line["activity_id"].as_u64().unwrap());
        assert_eq!(line["type_uid"], class * 100 + activity, "{word}");
        assert_eq!(line["category_uid"], class / 1000, "{word}");
        assert_eq!(line["metadata"]["version"], "1.3.0");
        assert_eq!(line["metadata"]["product"]["vendor_name"], "Turret");
        let entry = Entry::from_bytes(&bytes).unwrap();
        assert_eq!(line["metadata"]["original_time"], entry.head.time.rfc3339(), "{word}");
        assert_eq!(line["metadata"]["correlation_uid"], entry.head.origin.correlation.to_string(), "{word}");
        assert_eq!(line["metadata"]["sequence"], entry.head.sequence.0, "{word}");
        assert_eq!(line["time"], entry.head.time.0 / 1_000_000, "{word}");
        assert!(line["severity_id"].is_u64() && line["status_id"].is_u64(), "{word}");
        let named = |user: &Value| user["uid"].is_string() || user["name"].is_string();
        let (most, there) = match class {
            3001 => (11, named(&line["user"])),
            3002 => (2, named(&line["user"]) && line["service"]["name"].is_string()),
            3005 => (2, named(&line["user"]) && line["privileges"][0].is_string() && line["privileges"][0] != "none"),
            6003 => {
                (4, line["api"]["operation"] == word && line["actor"].is_object() && line["src_endpoint"].is_object())
            }
            2004 => (3, line["finding_info"]["uid"].is_string() && line["finding_info"]["title"].is_string()),
            other => panic!("{word}: class {other}"),
        };
        assert!(there, "{word}: {line}");
        assert!((1..=most).contains(&activity) || activity == 99 && line["activity_name"] == word, "{word}: {line}");
    }
}

/// The types that the schema expects with a category.
fn expected(category: &str) -> &'static [&'static str] {
    match category {
        "api" => {
            &["access", "admin", "allowed", "change", "creation", "deletion", "denied", "end", "info", "start", "user"]
        }
        "authentication" => &["start", "end", "info"],
        "configuration" => &["access", "change", "creation", "deletion", "info"],
        "host" => &["access", "change", "end", "info", "start"],
        "iam" => &["admin", "change", "creation", "deletion", "group", "info", "user"],
        "intrusion_detection" => &["allowed", "denied", "info"],
        "network" => &["access", "allowed", "connection", "denied", "end", "info", "protocol", "start"],
        "process" => &["access", "change", "end", "info", "start"],
        other => panic!("category {other}"),
    }
}

#[test]
fn ecs_lines_use_the_schemas_own_words() {
    for (word, bytes) in golden() {
        let line: Value = serde_json::from_str(&Form::Ecs.line(LOG, &bytes).unwrap()).unwrap();
        let entry = Entry::from_bytes(&bytes).unwrap();
        assert_eq!(line["@timestamp"], entry.head.time.rfc3339(), "{word}");
        assert_eq!(line["trace"]["id"], entry.head.origin.correlation.to_string(), "{word}");
        let event = &line["event"];
        assert_eq!((&event["action"], &event["sequence"]), (&word.into(), &entry.head.sequence.0.into()), "{word}");
        assert!(["success", "failure", "unknown"].contains(&event["outcome"].as_str().unwrap()), "{word}");
        assert_eq!(event["kind"] == "alert", word == "alert_raised", "{word}");
        let known = expected(event["category"][0].as_str().unwrap());
        let types = event["type"].as_array().unwrap();
        assert!(
            !types.is_empty() && types.iter().all(|one| known.contains(&one.as_str().unwrap())),
            "{word}: {types:?}"
        );
    }
}

/// A line of its own, JSON, CEF, a formula, the terminal's clipboard and what is not seen.
const EVIL: &str = "=1+1\r\n{\"class_uid\":1}\nCEF:0|a|b|c|d|e|9|act=evil msg=x\\ \"|,\t\u{1b}]52;c;cGF3bmVk\u{7}\u{9b}31m\u{2028}\u{202e}";

#[test]
fn threats_15_17_28_whatever_stands_in_an_entry_is_one_line_and_acts_nowhere() {
    let mut tried = BTreeSet::new();
    for mut event in samples::all() {
        match &mut event {
            Event::BadInput(e) => e.fault = EVIL.into(),
            Event::BanSet(e) => e.fault = EVIL.into(),
            Event::KeysLost(e) => e.fault = EVIL.into(),
            _ => continue,
        }
        let head = Entry::from_bytes(&golden().next().unwrap().1).unwrap().head;
        let bytes = entry::to_bytes(&head, &event);
        for form in Form::ALL {
            let line = form.line(EVIL, &bytes).expect("an entry");
            assert!(!line.chars().any(is_hostile), "{form:?}: {line:?}");
            assert_eq!(record(form, &line), bytes, "{form:?}: {line}");
            match form {
                Form::Ocsf => assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["metadata"]["log_name"], EVIL),
                Form::Ecs => assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["service"]["name"], EVIL),
                Form::Cef => {
                    let bars = line.replace("\\|", "");
                    assert!(bars.starts_with("CEF:0|Turret|turretd|1|") && bars.split('|').nth(7).is_some(), "{line}");
                    assert_eq!(
                        (of_cef(&line, "act"), line.matches(" act=").count()),
                        (event.action().into(), 1),
                        "{line}"
                    );
                    assert_eq!(line.matches(" msg=").count(), 1, "{line}");
                }
                Form::Csv => {
                    let cells = cells(&line);
                    assert_eq!(cells.len(), Form::Csv.heading().unwrap().split(',').count(), "{line}");
                    for cell in cells {
                        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
                    }
                }
            }
            tried.insert((event.action(), form.as_str()));
        }
    }
    assert_eq!(tried.len(), 3 * Form::ALL.len(), "each text of a peer's in each form: {tried:?}");
}

#[test]
fn only_four_forms_there_are_and_what_is_no_entry_has_no_line() {
    for form in Form::ALL {
        assert_eq!(form.as_str().parse(), Ok(form));
        assert!(form.line(LOG, b"\x8e\x01").is_err());
        assert!(!form.maps("no_such_kind") || form == Form::Csv);
    }
    assert!("leef".parse::<Form>().is_err());
}

#[test]
fn a_message_of_syslog_is_its_line_behind_a_header_and_counted_by_its_octets() {
    for (action, bytes) in golden() {
        let line = Form::Cef.line(LOG, &bytes).expect("a line");
        let framed = Form::Cef.message(LOG, &bytes).expect("a message");
        let (count, message) = framed.split_once(' ').expect("a count");
        assert_eq!(count.parse::<usize>().expect("a number"), message.len(), "{action}");
        let header: Vec<&str> = message.splitn(8, ' ').collect();
        assert_eq!((header[2], header[3], header[4], header[6]), (LOG, "turretd", "-", "-"), "{action}");
        assert_eq!((header[5], header[7]), (action, line.as_str()));
        assert!(!message.contains('\n'));
    }
    let (_, bytes) = golden().find(|(action, _)| *action == "alert_raised").expect("an alert");
    let message = Form::Ocsf.message(LOG, &bytes).expect("a message");
    let (_, message) = message.split_once(' ').expect("a count");
    assert!(message.starts_with("<105>1 "), "log audit, alert: {message}");
}
