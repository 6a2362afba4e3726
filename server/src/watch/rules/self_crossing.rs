//! Self-crossing: one person's order that meets their own on the other side; it must take no longer however many they have.

use std::collections::BTreeMap;

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::ids::{InstrumentId, OrderId, UserId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::Side;

use super::{Finding, Rule, person};
use crate::watch::in_order::InOrder;
use crate::watch::tally::reaches;
use crate::watch::thresholds::Thresholds;

/// Working orders remembered; beyond it the oldest is forgotten.
const WORKING_MAX: usize = 16_384;
/// Prices of the other side looked at.
const LEVELS_MAX: usize = 8;

struct Working {
    key: (UserId, InstrumentId),
    buys: bool,
    price: Price,
    left: Qty,
}

/// One person's orders in one listing: how many at each price.
#[derive(Default)]
struct Own {
    bids: BTreeMap<Price, u32>,
    asks: BTreeMap<Price, u32>,
}

impl Own {
    const fn side(&mut self, buys: bool) -> &mut BTreeMap<Price, u32> {
        if buys { &mut self.bids } else { &mut self.asks }
    }

    /// Orders on the other side that this price meets, the best first and not all of very many.
    fn met(&self, buys: bool, price: Price) -> u32 {
        let sum = |counts: &mut dyn Iterator<Item = &u32>| {
            counts.take(LEVELS_MAX).fold(0, |sum: u32, n| sum.saturating_add(*n))
        };
        if buys {
            sum(&mut self.asks.range(..=price).map(|(_, count)| count))
        } else {
            sum(&mut self.bids.range(price..).rev().map(|(_, count)| count))
        }
    }
}

pub(super) struct SelfCrossing {
    working: InOrder<Working>,
    own: BTreeMap<(UserId, InstrumentId), Own>,
}

impl Default for SelfCrossing {
    fn default() -> Self {
        Self { working: InOrder::new(WORKING_MAX), own: BTreeMap::new() }
    }
}

impl SelfCrossing {
    fn works(&mut self, order: OrderId, working: Working) {
        let count = self.own.entry(working.key).or_default().side(working.buys).entry(working.price).or_default();
        *count = count.saturating_add(1);
        if let Some(oldest) = self.working.push(order, working) {
            self.gone(&oldest);
        }
    }

    fn ended(&mut self, order: OrderId) {
        if let Some(gone) = self.working.remove(order) {
            self.gone(&gone);
        }
    }

    fn gone(&mut self, gone: &Working) {
        let Some(own) = self.own.get_mut(&gone.key) else { return };
        let side = own.side(gone.buys);
        if let Some(count) = side.get_mut(&gone.price) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                side.remove(&gone.price);
            }
        }
        if own.bids.is_empty() && own.asks.is_empty() {
            self.own.remove(&gone.key);
        }
    }

    fn traded(&mut self, order: OrderId, qty: Qty) {
        let Some(working) = self.working.get_mut(order) else { return };
        working.left = Qty(working.left.0.saturating_sub(qty.0));
        if working.left.0 <= 0 {
            self.ended(order);
        }
    }
}

impl Rule for SelfCrossing {
    fn see(&mut self, head: &Head, event: &Event, thresholds: &Thresholds) -> Option<Finding> {
        match event {
            Event::OrderNew(order) if thresholds.self_crossing > 0 => {
                let (user, terms) = (person(head)?, &order.terms);
                let (key, buys) = ((user, terms.instrument), terms.side == Side::Buy);
                // One without a limit meets whatever is there.
                let any = if buys { Price(i64::MAX) } else { Price(0) };
                let figure = self.own.get(&key).map_or(0, |own| own.met(buys, terms.price.unwrap_or(any)));
                if let Some(price) = terms.price.filter(|_| terms.stop_px.is_none()) {
                    self.works(OrderId::new(head.sequence, 0), Working { key, buys, price, left: terms.qty });
                }
                let (rule, device, threshold) = (AlertRule::SelfCrossing, head.origin.device, thresholds.self_crossing);
                return reaches(figure, threshold).then_some(Finding {
                    rule,
                    user: Some(user),
                    device,
                    figure,
                    threshold,
                });
            }
            Event::Trade(trade) => self.traded(trade.order, trade.qty),
            Event::Canceled(e) => self.ended(e.order),
            Event::VenueRejected(e) => self.ended(e.order),
            Event::Expired(e) | Event::DoneForDay(e) => self.ended(e.order),
            Event::Replaced(e) => self.ended(e.order),
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::{Log, order};
    use super::*;

    #[test]
    fn only_prices_that_meet_ones_own_are_told() {
        let mut log = Log::<SelfCrossing>::new();
        assert_eq!(log.of(0, 1, &order(Side::Sell, 10, "20.00")), None);
        assert_eq!(log.of(1, 1, &order(Side::Buy, 10, "19.99")), None);
        assert_eq!(log.of(2, 2, &order(Side::Buy, 10, "21.00")), None, "somebody else may");
        assert_eq!(log.of(3, 1, &order(Side::Buy, 10, "20.00")).unwrap().figure, 1);
        assert_eq!(log.of(4, 1, &order(Side::Sell, 10, "19.99")).unwrap().figure, 2);
    }

    #[test]
    fn very_many_orders_are_forgotten_from_the_oldest_and_leave_nothing() {
        let mut rule = SelfCrossing::default();
        let key = (UserId(1), InstrumentId(1));
        for n in 0..3 * WORKING_MAX as u64 {
            let working = Working { key, buys: n % 2 == 0, price: Price(n as i64 % 50), left: Qty(1) };
            rule.works(OrderId(n), working);
        }
        assert_eq!(rule.working.len(), WORKING_MAX);
        for n in 0..3 * WORKING_MAX as u64 {
            rule.ended(OrderId(n));
        }
        assert!(rule.working.len() == 0 && rule.own.is_empty());
    }
}
