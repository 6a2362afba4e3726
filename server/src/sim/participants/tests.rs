//! A crowd is repeatable, alive and never crossed.

use turret_shared::ids::OrderId;
use turret_shared::money::Qty;
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::time::Timestamp;
use turret_shared::venue::{ReportKind, RouteNew, VenueClOrdId};
use turret_shared::view::{QuoteView, TradeView};

use super::Crowd;
use crate::listings::listings;
use crate::sim::book::Book;
use crate::sim::exchange::{Exchange, Pit};

/// Pictures and trades after some steps.
fn market(seed: u64, steps: u32) -> (Exchange, Vec<QuoteView>, Vec<TradeView>) {
    let rows = listings();
    let mut crowd = Crowd::new(seed, &rows, &[]);
    let mut exchange = Exchange::new(rows.iter().cloned().map(|row| (row, Pit::Live(Book::new()))));
    exchange.set_time(Timestamp(1));
    let mut trades = Vec::new();
    for _ in 0..steps {
        crowd.step(&mut exchange);
        trades.extend(exchange.take_outcome().trades);
    }
    let pictures = rows.iter().filter_map(|row| exchange.picture(row.id)).collect();
    (exchange, pictures, trades)
}

#[test]
fn the_same_seed_makes_the_same_market() {
    let (_, first, first_trades) = market(7, 200);
    let (_, again, again_trades) = market(7, 200);
    let (_, other, _) = market(8, 200);
    assert!(first == again && first_trades == again_trades);
    assert!(first != other);
}

#[test]
fn every_market_is_alive_and_uncrossed() {
    let (_, pictures, trades) = market(1, 600);
    for picture in &pictures {
        let (bid, ask) = (picture.bids[0], picture.asks[0]);
        assert!(bid.price < ask.price, "instrument {} is crossed", picture.instrument);
        assert!(picture.bids.len() >= 10 && picture.asks.len() >= 10);
        assert!(picture.volume.is_positive() && picture.last.is_some(), "instrument {} sleeps", picture.instrument);
    }
    let first = trades.iter().filter(|trade| trade.instrument.0 == 1);
    let prices: std::collections::BTreeSet<i64> = first.map(|trade| trade.price.0).collect();
    assert!(prices.len() > 5, "prices move");
}

#[test]
fn a_usual_market_order_fills_at_once() {
    let (mut exchange, _, _) = market(1, 50);
    for (at, row) in (1_u64..).zip(listings()) {
        let id = VenueClOrdId { order: OrderId(at * 256), revision: 0 };
        let qty = if row.multiplier > 1 { Qty::ONE } else { Qty::whole(500).unwrap() };
        let (side, ord_type, tif) = (Side::Buy, OrdType::Market, TimeInForce::Day);
        exchange.new_order(&RouteNew { id, instrument: row.id, side, qty, ord_type, price: None, stop_px: None, tif });
        let reports = exchange.take_outcome().reports;
        let last = reports.last().map(|report| report.kind.clone());
        assert!(matches!(last, Some(ReportKind::Trade { cum_qty, .. }) if cum_qty == qty), "{} {last:?}", row.symbol);
    }
}

#[test]
fn a_crowd_goes_on_from_where_one_left() {
    let rows = listings();
    let mut crowd = Crowd::new(3, &rows, &[]);
    let mut exchange = Exchange::new(rows.iter().cloned().map(|row| (row, Pit::Live(Book::new()))));
    for _ in 0..500 {
        crowd.step(&mut exchange);
    }
    assert_eq!(Crowd::new(3, &rows, &crowd.mind()).mind(), crowd.mind());
    assert_ne!(Crowd::new(3, &rows, &[]).mind(), crowd.mind());
}
