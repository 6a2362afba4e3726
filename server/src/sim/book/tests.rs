//! The book against a model that is too simple to be wrong, and the cases a desk would try first.

use proptest::prelude::*;
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, TimeInForce};

use super::{Book, Change, Entry, Happening, Key, Remainder, Way};

/// Every order in one list; the best by price, then by arrival, found by looking at all of them.
#[derive(Default)]
struct Naive {
    resting: Vec<(u64, Entry)>,
    stops: Vec<Entry>,
    last: Option<Price>,
    arrivals: u64,
}

impl Naive {
    fn best(&self, way: Way, limit: Option<Price>) -> Option<usize> {
        let rank = |at: &usize| {
            let (arrival, entry) = &self.resting[*at];
            let price = entry.limit.unwrap().0;
            (if way == Way::Buy { -price } else { price }, *arrival)
        };
        (0..self.resting.len())
            .filter(|at| {
                let entry = &self.resting[*at].1;
                entry.way == way && way.other().reaches(limit, entry.limit.unwrap())
            })
            .min_by_key(rank)
    }

    fn work(&mut self, mut entry: Entry, out: &mut Vec<Happening>) {
        let limit = entry.limit.filter(|_| entry.kind.has_price());
        let there: i64 = self
            .resting
            .iter()
            .filter(|(_, other)| other.way != entry.way && entry.way.reaches(limit, other.limit.unwrap()))
            .map(|(_, other)| other.leaves.0)
            .sum();
        if entry.tif == TimeInForce::Fok && there < entry.leaves.0 {
            out.push(Happening::Gone { key: entry.key, why: Remainder::Kill });
            return;
        }
        while entry.leaves.0 > 0 {
            let Some(at) = self.best(entry.way.other(), limit) else { break };
            let maker = &mut self.resting[at].1;
            let (price, qty) = (maker.limit.unwrap(), Qty(maker.leaves.0.min(entry.leaves.0)));
            let key = maker.key;
            maker.leaves.0 -= qty.0;
            entry.leaves.0 -= qty.0;
            if maker.leaves.0 == 0 {
                self.resting.remove(at);
            }
            self.last = Some(price);
            out.push(Happening::Traded { maker: Some(key), taker: Some(entry.key), way: entry.way, price, qty });
        }
        if entry.leaves.0 == 0 {
            return;
        }
        if matches!(entry.tif, TimeInForce::Ioc | TimeInForce::Fok) {
            out.push(Happening::Gone { key: entry.key, why: Remainder::Immediate });
        } else if limit.is_none() {
            out.push(Happening::Gone { key: entry.key, why: Remainder::NothingThere });
        } else {
            self.arrivals += 1;
            self.resting.push((self.arrivals, entry));
        }
    }

    fn settle(&mut self, out: &mut Vec<Happening>) {
        while let Some(last) = self.last {
            let Some(at) = self.stops.iter().position(|s| s.way.is_triggered(s.stop.unwrap(), last)) else { return };
            let stop = self.stops.remove(at);
            out.push(Happening::Triggered { key: stop.key });
            let kind = if stop.kind.has_price() { OrdType::Limit } else { OrdType::Market };
            self.work(Entry { kind, stop: None, ..stop }, out);
        }
    }

    fn enter(&mut self, entry: Entry, out: &mut Vec<Happening>) {
        if entry.kind.has_stop() {
            self.stops.push(entry);
        } else {
            self.work(entry, out);
        }
        self.settle(out);
    }

    fn cancel(&mut self, key: Key) -> Option<Qty> {
        if let Some(at) = self.stops.iter().position(|s| s.key == key) {
            return Some(self.stops.remove(at).leaves);
        }
        let at = self.resting.iter().position(|(_, e)| e.key == key)?;
        Some(self.resting.remove(at).1.leaves)
    }

    fn amend(&mut self, key: Key, change: Change, out: &mut Vec<Happening>) -> bool {
        let (leaves, price) = (change.leaves, change.limit.unwrap());
        if let Some(at) = self.stops.iter().position(|s| s.key == key) {
            let stop = &mut self.stops[at];
            stop.leaves = leaves;
            if stop.kind.has_price() {
                stop.limit = Some(price);
            }
            if change.stop.is_some() {
                let stop = self.stops.remove(at);
                self.stops.push(Entry { stop: change.stop, ..stop });
                self.settle(out);
            }
            return true;
        }
        let Some(at) = self.resting.iter().position(|(_, e)| e.key == key) else { return false };
        let entry = &mut self.resting[at].1;
        if entry.limit == Some(price) && leaves <= entry.leaves {
            entry.leaves = leaves;
            return true;
        }
        let (_, entry) = self.resting.remove(at);
        self.work(Entry { leaves, limit: Some(price), kind: OrdType::Limit, tif: TimeInForce::Day, ..entry }, out);
        self.settle(out);
        true
    }

    fn total(&self, way: Way, price: Price) -> i64 {
        self.resting.iter().filter(|(_, e)| e.way == way && e.limit == Some(price)).map(|(_, e)| e.leaves.0).sum()
    }
}

#[derive(Debug, Clone)]
enum Step {
    Enter(Way, OrdType, TimeInForce, i64, i64, i64),
    Cancel(usize),
    Amend(usize, i64, i64, Option<i64>),
}

fn step() -> impl Strategy<Value = Step> {
    let way = prop_oneof![Just(Way::Buy), Just(Way::Sell)];
    let kind = prop_oneof![
        5 => Just(OrdType::Limit), 2 => Just(OrdType::Market), 1 => Just(OrdType::Stop), 1 => Just(OrdType::StopLimit)
    ];
    let tif = prop_oneof![
        4 => Just(TimeInForce::Day), 1 => Just(TimeInForce::Gtc), 1 => Just(TimeInForce::Ioc), 1 => Just(TimeInForce::Fok)
    ];
    prop_oneof![
        6 => (way, kind, tif, 95_i64..106, 95_i64..106, 1_i64..20)
            .prop_map(|(w, k, t, p, s, q)| Step::Enter(w, k, if k.has_stop() { TimeInForce::Day } else { t }, p, s, q)),
        1 => (0_usize..80).prop_map(Step::Cancel),
        2 => (0_usize..80, 95_i64..106, 1_i64..20, proptest::option::of(95_i64..106))
            .prop_map(|(at, p, q, s)| Step::Amend(at, p, q, s)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn does_what_the_simple_model_does(steps in proptest::collection::vec(step(), 1..80)) {
        let (mut book, mut naive) = (Book::new(), Naive::default());
        for (at, step) in steps.iter().enumerate() {
            let (mut got, mut want) = (Vec::new(), Vec::new());
            match *step {
                Step::Enter(way, kind, tif, price, stop, qty) => {
                    let entry = Entry {
                        key: Key::Crowd(at as u64), way, kind, tif,
                        limit: kind.has_price().then_some(Price(price)),
                        stop: kind.has_stop().then_some(Price(stop)),
                        leaves: Qty(qty),
                    };
                    book.enter(entry, &mut got);
                    naive.enter(entry, &mut want);
                }
                Step::Cancel(whose) => {
                    let key = Key::Crowd(whose as u64);
                    prop_assert_eq!(book.cancel(key).ok(), naive.cancel(key));
                }
                Step::Amend(whose, price, qty, stop) => {
                    let key = Key::Crowd(whose as u64);
                    let change = Change { stop: stop.map(Price), ..change(qty, price) };
                    let done = book.amend(key, change, &mut got).is_ok();
                    prop_assert_eq!(done, naive.amend(key, change, &mut want));
                }
            }
            prop_assert_eq!(&got, &want, "step {}", at);
            prop_assert_eq!(book.last(), naive.last);
            for way in [Way::Buy, Way::Sell] {
                for level in book.levels(way) {
                    prop_assert_eq!(level.qty.0, naive.total(way, level.price));
                    prop_assert!(level.qty.is_positive());
                }
                let shown: i64 = book.levels(way).map(|l| l.qty.0).sum();
                let held: i64 = naive.resting.iter().filter(|(_, e)| e.way == way).map(|(_, e)| e.leaves.0).sum();
                prop_assert_eq!(shown, held);
            }
            if let (Some(bid), Some(ask)) = (book.best(Way::Buy), book.best(Way::Sell)) {
                prop_assert!(bid < ask, "crossed at step {}", at);
            }
        }
    }
}

fn limit(key: u64, way: Way, price: i64, qty: i64) -> Entry {
    let (kind, tif) = (OrdType::Limit, TimeInForce::Day);
    Entry { key: Key::Crowd(key), way, kind, tif, limit: Some(Price(price)), stop: None, leaves: Qty(qty) }
}

fn change(leaves: i64, limit: i64) -> Change {
    Change { leaves: Qty(leaves), limit: Some(Price(limit)), stop: None }
}

#[test]
fn less_keeps_its_place_and_more_loses_it() {
    let mut book = Book::new();
    let mut out = Vec::new();
    for key in [1, 2] {
        book.enter(limit(key, Way::Buy, 100, 10), &mut out);
    }
    book.amend(Key::Crowd(1), change(4, 100), &mut out).unwrap();
    book.enter(limit(3, Way::Sell, 100, 5), &mut out);
    let makers: Vec<_> = out
        .iter()
        .map(|h| match h {
            Happening::Traded { maker, qty, .. } => (*maker, qty.0),
            _ => (None, 0),
        })
        .collect();
    assert_eq!(makers, [(Some(Key::Crowd(1)), 4), (Some(Key::Crowd(2)), 1)]);
    out.clear();
    book.enter(limit(4, Way::Buy, 100, 1), &mut out);
    book.amend(Key::Crowd(2), change(20, 100), &mut out).unwrap();
    book.enter(limit(5, Way::Sell, 100, 1), &mut out);
    assert!(matches!(out[..], [Happening::Traded { maker: Some(Key::Crowd(4)), .. }]));
}

#[test]
fn one_stop_sets_off_the_next() {
    let mut book = Book::new();
    let mut out = Vec::new();
    for (key, price) in [(1, 100), (2, 99), (3, 98)] {
        book.enter(limit(key, Way::Buy, price, 1), &mut out);
    }
    for (key, stop) in [(11, 100), (12, 99)] {
        let (kind, tif) = (OrdType::Stop, TimeInForce::Day);
        book.enter(
            Entry {
                key: Key::Crowd(key),
                way: Way::Sell,
                kind,
                tif,
                limit: None,
                stop: Some(Price(stop)),
                leaves: Qty(1),
            },
            &mut out,
        );
    }
    assert!(out.is_empty());
    book.enter(limit(20, Way::Sell, 100, 1), &mut out);
    let prices: Vec<i64> = out
        .iter()
        .filter_map(|h| match h {
            Happening::Traded { price, .. } => Some(price.0),
            _ => None,
        })
        .collect();
    assert_eq!(prices, [100, 99, 98]);
    assert_eq!(book.best(Way::Buy), None);
}
