//! The commands of a load by seed: new, amend, cancel, marketable and resting; it must send none.

use turret_shared::command::{
    AmendOrder, COMMAND_SCHEMA, CancelAll, CancelOrder, Command, Environment, NewOrder, Verb,
};
use turret_shared::ids::{ClOrdId, IdError, OrderId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::wire::control::Outcome;

use super::dice::Dice;

/// Accounts traded; each may hold every symbol.
const ACCOUNTS: [&str; 3] = ["A1001", "A1002", "A1003"];
/// How long a command stays good, in seconds: it may be sent again after a restart.
const GOOD_S: i64 = 3_600;
/// Orders remembered for amends and cancels.
const OPEN_KEPT: usize = 256;
/// Units in one whole one.
const WHOLE: u64 = 1_000_000;

/// Where one symbol trades.
#[derive(Debug, Clone)]
pub struct Touch {
    /// Ticker.
    pub symbol: String,
    /// Best bid.
    pub bid: Price,
    /// Best ask.
    pub ask: Price,
    /// Price step.
    pub tick: Price,
}

impl Touch {
    /// A share of the bid or ask in thousandths, on the tick.
    fn at(&self, from: Price, thousandths: u64) -> Price {
        let raw = i128::from(from.0) * i128::from(thousandths) / 1_000;
        let tick = i128::from(self.tick.0.max(1));
        Price(i64::try_from(raw / tick * tick).unwrap_or(from.0))
    }
}

/// Makes commands.
#[derive(Debug)]
pub struct Orders {
    dice: Dice,
    tag: String,
    next: u64,
    touches: Vec<Touch>,
    open: Vec<(OrderId, Qty)>,
}

impl Orders {
    /// By seed; `tag` sets its ClOrdIDs apart from those of other runs.
    #[must_use]
    pub const fn new(seed: u64, tag: String) -> Self {
        Self { dice: Dice::new(seed), tag, next: 0, touches: Vec::new(), open: Vec::new() }
    }

    /// Says where things trade now.
    pub fn watch(&mut self, touches: Vec<Touch>) {
        self.touches = touches;
    }

    /// Remembers an accepted order for amends and cancels.
    pub fn hear(&mut self, outcome: &Outcome) {
        let Outcome::Order(accepted) = outcome else { return };
        let order = &accepted.order;
        self.open.retain(|(id, _)| *id != order.order_id);
        if order.leaves_qty.is_positive() && order.tif == TimeInForce::Gtc {
            if self.open.len() >= OPEN_KEPT {
                self.open.remove(0);
            }
            self.open.push((order.order_id, order.order_qty));
        }
    }

    /// The next command.
    ///
    /// # Errors
    /// When the tag makes no ClOrdID.
    pub fn command(&mut self, now: Timestamp) -> Result<Command, IdError> {
        self.next += 1;
        let cl_ord_id = ClOrdId::new(&format!("{}-{}", self.tag, self.next))?;
        let known = self.dice.pick(&self.open).copied();
        let verb = match (self.dice.below(1_000), known) {
            (0..=99, Some((order, qty))) => self.amend(cl_ord_id, order, qty),
            (100..=209, Some((order, _))) => {
                self.open.retain(|(id, _)| *id != order);
                Verb::OrderCancel(CancelOrder { cl_ord_id, order })
            }
            (210..=213, _) => {
                self.open.clear();
                let account = self.dice.pick(&ACCOUNTS).map(|code| (*code).to_owned());
                Verb::CancelAll(CancelAll { cl_ord_id, account })
            }
            (214..=349, _) => self.marketable(cl_ord_id, Side::Buy),
            (350..=429, _) => self.marketable(cl_ord_id, Side::Sell),
            _ => self.resting(cl_ord_id),
        };
        Ok(envelope(now, verb))
    }

    /// A mass cancel for each account.
    ///
    /// # Errors
    /// When the tag makes no ClOrdID.
    pub fn cancel_everything(&mut self, now: Timestamp) -> Result<Vec<Command>, IdError> {
        let mut all = Vec::new();
        for account in ACCOUNTS {
            self.next += 1;
            let cl_ord_id = ClOrdId::new(&format!("{}-{}", self.tag, self.next))?;
            let verb = Verb::CancelAll(CancelAll { cl_ord_id, account: Some(account.to_owned()) });
            all.push(envelope(now, verb));
        }
        Ok(all)
    }

    fn whole(&mut self, low: u64, high: u64) -> Qty {
        let units = self.dice.between(low, high) * WHOLE;
        Qty(i64::try_from(units).unwrap_or(i64::MAX))
    }

    fn amend(&mut self, cl_ord_id: ClOrdId, order: OrderId, now: Qty) -> Verb {
        let more = self.whole(1, 5);
        let qty = Some(Qty(now.0.saturating_add(more.0)));
        Verb::OrderAmend(AmendOrder { cl_ord_id, order, qty, price: None, confirmed: true, stop_px: None })
    }

    fn resting(&mut self, cl_ord_id: ClOrdId) -> Verb {
        let thousandths = self.dice.between(965, 990);
        let qty = self.whole(1, 10);
        self.order(cl_ord_id, Side::Buy, qty, thousandths, TimeInForce::Gtc)
    }

    fn marketable(&mut self, cl_ord_id: ClOrdId, side: Side) -> Verb {
        let tif = if self.dice.chance(50) { TimeInForce::Ioc } else { TimeInForce::Gtc };
        let (qty, thousandths) = match side {
            Side::Buy => (self.whole(1, 20), 1_010),
            _ => (self.whole(1, 3), 990),
        };
        self.order(cl_ord_id, side, qty, thousandths, tif)
    }

    fn order(&mut self, cl_ord_id: ClOrdId, side: Side, qty: Qty, thousandths: u64, tif: TimeInForce) -> Verb {
        let touch = self.dice.pick(&self.touches);
        let price = touch.map(|touch| touch.at(if side == Side::Buy { touch.ask } else { touch.bid }, thousandths));
        let symbol = touch.map(|touch| touch.symbol.clone()).unwrap_or_default();
        let account = self.dice.pick(&ACCOUNTS).map(|code| (*code).to_owned()).unwrap_or_default();
        Verb::OrderNew(NewOrder {
            cl_ord_id,
            account,
            symbol,
            side,
            qty,
            ord_type: OrdType::Limit,
            price,
            stop_px: None,
            tif,
            confirmed: true,
            text: String::new(),
            saw: None,
        })
    }
}

fn envelope(now: Timestamp, verb: Verb) -> Command {
    let expires = now.after_ns(GOOD_S * NS_PER_S);
    Command { schema: COMMAND_SCHEMA, environment: Environment::Sim, expires, verb }
}
