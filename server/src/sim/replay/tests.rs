//! Both recordings played through, where they lie beside the workspace; a test says when they do not.

use std::path::PathBuf;

use turret_shared::ids::OrderId;
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, TimeInForce};
use turret_shared::time::Timestamp;

use super::recording::{Deed, Record, Recording};
use super::{Overlay, Player};
use crate::listings::listings;
use crate::sim::book::{Change, Entry, Happening, Key, Way};

const RECORDINGS: [&str; 2] = ["esh4-glbx-mdp3-20231225.mbo.dbn.zst", "esm4-glbx-mdp3-20240508.mbo.dbn.zst"];

/// The recordings that are there; none are part of the project.
fn recordings() -> Vec<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/market"));
    let there: Vec<PathBuf> = RECORDINGS.iter().map(|name| folder.join(name)).filter(|path| path.exists()).collect();
    if there.len() < RECORDINGS.len() {
        eprintln!("skipped: {} of {} recordings are absent", RECORDINGS.len() - there.len(), RECORDINGS.len());
    }
    there
}

fn bid(key: u64, price: i64, qty: i64) -> Entry {
    let (kind, tif) = (OrdType::Limit, TimeInForce::Day);
    let limit = Some(Price(price));
    Entry { key: Key::Member(OrderId(key)), way: Way::Buy, kind, limit, stop: None, tif, leaves: Qty(qty) }
}

fn record(deed: Deed, way: Way, order: u64, price: i64, qty: i64) -> Record {
    let (price, qty) = (Price(price), Qty(qty));
    Record { time: Timestamp(0), deed, way: Some(way), order, price, qty, is_last: true, is_snapshot: false }
}

fn filled(out: &[Happening]) -> Vec<(i64, i64)> {
    out.iter()
        .filter_map(|h| match h {
            Happening::Traded { price, qty, .. } => Some((price.0, qty.0)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_resting_order_waits_behind_the_recorded_queue() {
    let (mut overlay, mut out) = (Overlay::default(), Vec::new());
    overlay.follow(&record(Deed::Add, Way::Buy, 1, 100, 5), &mut out);
    overlay.follow(&record(Deed::Add, Way::Sell, 2, 101, 5), &mut out);
    overlay.enter(bid(9, 100, 3), &mut out);
    overlay.follow(&record(Deed::Add, Way::Buy, 3, 100, 50), &mut out);
    overlay.follow(&record(Deed::Trade, Way::Sell, 0, 100, 4), &mut out);
    overlay.follow(&record(Deed::Cancel, Way::Buy, 1, 100, 4), &mut out);
    assert_eq!(filled(&out), []);
    overlay.follow(&record(Deed::Trade, Way::Sell, 0, 100, 3), &mut out);
    assert_eq!(filled(&out), [(100, 2)], "one stood before us, two of three are ours");
    overlay.follow(&record(Deed::Trade, Way::Sell, 0, 99, 7), &mut out);
    assert_eq!(filled(&out), [(100, 2), (100, 1)], "a trade below our price passes us at ours");
}

#[test]
fn what_was_taken_stays_taken_until_the_level_changes() {
    let (mut overlay, mut out) = (Overlay::default(), Vec::new());
    overlay.follow(&record(Deed::Add, Way::Sell, 1, 101, 5), &mut out);
    overlay.follow(&record(Deed::Add, Way::Sell, 2, 102, 5), &mut out);
    overlay.enter(bid(1, 101, 4), &mut out);
    overlay.enter(bid(2, 102, 4), &mut out);
    assert_eq!(filled(&out), [(101, 4), (101, 1), (102, 3)]);
    assert_eq!(overlay.recorded().at(Way::Sell, Price(101)), Qty(5), "the recording is as it was");
    assert_eq!(overlay.levels(Way::Sell, 9).first().map(|l| (l.price.0, l.qty.0)), Some((102, 2)));
    overlay.follow(&record(Deed::Add, Way::Sell, 3, 101, 1), &mut out);
    assert_eq!(overlay.levels(Way::Sell, 9).first().map(|l| (l.price.0, l.qty.0)), Some((101, 6)));
}

#[test]
fn an_offer_coming_down_to_our_bid_fills_it() {
    let (mut overlay, mut out) = (Overlay::default(), Vec::new());
    overlay.follow(&record(Deed::Add, Way::Sell, 1, 105, 5), &mut out);
    overlay.enter(bid(1, 103, 4), &mut out);
    overlay.follow(&record(Deed::Modify, Way::Sell, 1, 102, 5), &mut out);
    assert_eq!(filled(&out), [(103, 4)]);
}

#[test]
fn recorded_books_cross_only_before_their_opening() {
    for path in recordings() {
        let mut recording = Recording::open(&path).unwrap();
        let (mut overlay, mut out) = (Overlay::default(), Vec::new());
        let (mut records, mut trades, mut crossed) = (0, 0, 0);
        while let Some(record) = recording.read().unwrap() {
            overlay.follow(&record, &mut out);
            records += 1;
            trades += usize::from(record.deed == Deed::Trade);
            if record.is_last && !record.is_snapshot && overlay.is_collecting() {
                crossed += 1;
                assert_eq!(trades, 0, "{} is crossed at {} though it trades", path.display(), record.time);
            }
        }
        eprintln!("{}: {records} records, {trades} trades, {crossed} before the opening", path.display());
        assert!(trades > 0);
        assert_eq!(out.len(), trades, "every trade is printed and nothing else happens without members");
    }
}

#[test]
fn nothing_matches_before_the_opening_and_waiting_orders_do_at_it() {
    let (mut overlay, mut out) = (Overlay::default(), Vec::new());
    overlay.follow(&record(Deed::Add, Way::Buy, 1, 103, 5), &mut out);
    overlay.follow(&record(Deed::Add, Way::Sell, 2, 101, 5), &mut out);
    overlay.follow(&record(Deed::Add, Way::Sell, 3, 102, 5), &mut out);
    overlay.enter(bid(1, 104, 2), &mut out);
    overlay.enter(Entry { kind: OrdType::Market, limit: None, ..bid(2, 0, 1) }, &mut out);
    overlay.enter(Entry { tif: TimeInForce::Ioc, ..bid(3, 104, 1) }, &mut out);
    assert!(matches!(out[..], [Happening::Gone { .. }]));
    overlay.follow(&Record { is_last: false, ..record(Deed::Cancel, Way::Buy, 1, 103, 5) }, &mut out);
    overlay.follow(&record(Deed::Cancel, Way::Sell, 2, 101, 5), &mut out);
    assert_eq!(filled(&out), [(102, 2), (102, 1)], "at the price the recording opened with");
}

#[test]
fn a_stop_over_a_recording_is_moved_and_waits_anew() {
    let (mut overlay, mut out) = (Overlay::default(), Vec::new());
    overlay.follow(&record(Deed::Add, Way::Buy, 1, 99, 5), &mut out);
    overlay.follow(&record(Deed::Add, Way::Sell, 2, 101, 5), &mut out);
    let stop =
        |key: u64, price: i64| Entry { kind: OrdType::Stop, limit: None, stop: Some(Price(price)), ..bid(key, 0, 1) };
    overlay.enter(stop(1, 101), &mut out);
    overlay.enter(stop(2, 101), &mut out);
    let change = Change { leaves: Qty(1), limit: None, stop: Some(Price(103)) };
    overlay.amend(Key::Member(OrderId(1)), change, &mut out).unwrap();
    overlay.follow(&record(Deed::Trade, Way::Buy, 2, 101, 1), &mut out);
    let triggered = |out: &[Happening]| -> Vec<Key> {
        out.iter().filter_map(|h| if let Happening::Triggered { key } = h { Some(*key) } else { None }).collect()
    };
    assert_eq!(triggered(&out), [Key::Member(OrderId(2))], "the one that was not moved");
    // Moved to where it traded, it works at once.
    let back = Change { stop: Some(Price(101)), ..change };
    overlay.amend(Key::Member(OrderId(1)), back, &mut out).unwrap();
    assert_eq!(triggered(&out), [Key::Member(OrderId(2)), Key::Member(OrderId(1))]);
}

#[test]
fn a_market_order_takes_the_recorded_offer() {
    for path in recordings() {
        let (mut player, mut overlay) = Player::open(&path, 1, None, &listings()).unwrap();
        let mut out = Vec::new();
        overlay.enter(Entry { kind: OrdType::Market, limit: None, ..bid(1, 0, Qty::ONE.0) }, &mut out);
        if overlay.is_collecting() {
            assert_eq!(filled(&out), []);
            player.play_until(player.recorded_time(6_000_000_000), &mut overlay, &mut out).unwrap();
        }
        let offer = overlay.recorded().levels(Way::Sell).next().unwrap();
        let fills = filled(&out);
        eprintln!("{}: filled {fills:?}, offer {}", path.display(), offer.price);
        assert!(matches!(fills[..], [(price, 1_000_000)] if (price - offer.price.0).abs() <= 5_000_000_000));
        assert!(player.label().starts_with("REPLAY 202"), "{}", player.label());
        assert_eq!(player.label_ended("ES"), format!("{} ended: ES frozen", player.label().trim_end_matches(" x1")));
    }
}

#[test]
fn a_bid_at_the_touch_fills_as_the_recording_trades_through() {
    for path in recordings() {
        let (mut player, mut overlay) = Player::open(&path, 1, None, &listings()).unwrap();
        let mut silent = Vec::new();
        player.play_until(player.recorded_time(20_000_000_000), &mut overlay, &mut silent).unwrap();
        let best = overlay.levels(Way::Buy, 1)[0];
        let mut out = Vec::new();
        overlay.enter(bid(1, best.price.0, Qty::ONE.0), &mut out);
        assert_eq!(filled(&out), []);
        let left = player.play_until(Timestamp(i64::MAX), &mut overlay, &mut out).unwrap();
        assert!(!left);
        eprintln!(
            "{}: bid at {} {}",
            path.display(),
            best.price,
            if filled(&out).is_empty() { "waits" } else { "fills" }
        );
        assert!(filled(&out).iter().all(|(price, _)| *price == best.price.0));
    }
}

#[test]
fn what_was_recorded_keeps_its_time() {
    let (mut overlay, mut out) = (Overlay::default(), Vec::new());
    overlay.follow(&Record { time: Timestamp(77), ..record(Deed::Trade, Way::Sell, 1, 105, 5) }, &mut out);
    assert!(matches!(out[..], [Happening::Printed { time: Timestamp(77), .. }]), "{out:?}");
    assert_eq!(overlay.time(), Some(Timestamp(77)));
}
