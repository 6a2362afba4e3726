//! Golden bytes of at least one entry of every kind: they decode for ever and encode again to the very same bytes.
//!
//! A kind that is added needs its line (the failing test writes the file it wants); a line that is there never changes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fmt::Write;

use turret_shared::entry::{self, Actor, Entry, Head, Origin};
use turret_shared::event::KINDS;
use turret_shared::ids::{ConnectionId, CorrelationId, DeviceId, Sequence, SessionId, UserId};
use turret_shared::time::Timestamp;
use turret_tests::floor::samples;

const GOLDEN: &str = include_str!("../golden/entries.txt");
const WANTED: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/entries.txt");

fn head(sequence: u64) -> Head {
    let origin = Origin {
        actor: Actor::User(UserId(7)),
        device: Some(DeviceId(70)),
        session: Some(SessionId(700)),
        source: Some(ConnectionId(9)),
        correlation: CorrelationId(0x7F3A_19C2_0B1D),
    };
    Head { sequence: Sequence(sequence), time: Timestamp(1_772_000_000_123_456_789), origin }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hex")).collect()
}

/// `word version hex` of a line.
fn lines() -> impl Iterator<Item = (&'static str, u8, Vec<u8>)> {
    GOLDEN.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let mut fields = line.split(' ');
        let (word, version) = (fields.next().expect("word"), fields.next().expect("version"));
        (word, version.parse().expect("number"), unhex(fields.next().expect("bytes")))
    })
}

#[test]
fn golden_entries_decode_for_ever_and_encode_to_the_same_bytes() {
    for (word, version, bytes) in lines() {
        let entry = Entry::from_bytes(&bytes).unwrap_or_else(|e| panic!("{word}: {e}"));
        assert_eq!((entry.kind_version, entry.to_bytes()), (version, bytes.clone()), "{word}");
        let event = entry.event().unwrap_or_else(|e| panic!("{word}: {e}"));
        assert_eq!(event.action(), word);
        if event.version() == version {
            assert_eq!(entry::to_bytes(&entry.head, &event), bytes, "{word}: written as it was read");
        }
    }
}

#[test]
fn every_kind_has_its_golden_entry() {
    let there: BTreeSet<(&str, u8)> = lines().map(|(word, version, _)| (word, version)).collect();
    let samples = samples::all();
    let missing: Vec<_> = samples.iter().filter(|e| !there.contains(&(e.action(), e.version()))).collect();
    if !missing.is_empty() {
        let mut text = GOLDEN.to_owned();
        for event in &missing {
            let _ =
                writeln!(text, "{} {} {}", event.action(), event.version(), hex(&entry::to_bytes(&head(4_711), event)));
        }
        std::fs::write(WANTED, text).expect("written");
        let words: Vec<&str> = missing.iter().map(|event| event.action()).collect();
        panic!("no golden entry of {words:?}; the file with them is {WANTED}");
    }
    for (kind, version, word) in KINDS {
        assert!(there.contains(&(*word, *version)), "no golden entry of {word} ({kind} v{version})");
        assert!(samples.iter().any(|event| event.kind() == *kind), "no sample of {word}");
    }
}

#[test]
fn samples_read_back_equal_and_bad_bytes_do_not_read() {
    for event in samples::all() {
        let bytes = entry::to_bytes(&head(1), &event);
        let entry = Entry::from_bytes(&bytes).expect("an entry");
        assert_eq!(entry, Entry::record(&head(1), &event));
        assert_eq!(entry.event(), Ok(event));
        assert!(Entry::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        let mut more = bytes.clone();
        more.push(0);
        assert!(Entry::from_bytes(&more).is_err());
    }
}
