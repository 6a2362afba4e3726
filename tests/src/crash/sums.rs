//! Positions, cash and reservations worked out again from set-up, the venue's own journal and open orders; it must not use
//! the engine's arithmetic.

use std::collections::BTreeMap;

use turret_engine::{State, views};
use turret_shared::event::Event;
use turret_shared::ids::{AccountId, InstrumentId, OrderId, UserId};
use turret_shared::money::{Price, Qty, div_half_even};
use turret_shared::order::Side;
use turret_shared::venue::{ReportKind, VenueExecId};

use super::checker::{Findings, Promise, index_of_orders};
use super::evidence::Evidence;

/// Exact units (1e-15) in one of money (1e-4).
const PER_MONEY: i128 = 100_000_000_000;
/// Anyone: the rights in an account's row are not looked at.
const ANYONE: UserId = UserId(1);

/// What an order is for.
#[derive(Clone, Copy)]
struct Of {
    account: AccountId,
    instrument: InstrumentId,
    side: Side,
    /// Where it reserves, in force and asked for.
    reserve: Price,
    asked: Option<(u32, Price)>,
}

/// Sums worked out here.
#[derive(Default)]
struct Sums {
    cash: BTreeMap<AccountId, i128>,
    position: BTreeMap<(AccountId, InstrumentId), i64>,
    filled: BTreeMap<OrderId, i64>,
    open: BTreeMap<(AccountId, InstrumentId), (i64, i64)>,
    reserved: BTreeMap<AccountId, i128>,
    orders: BTreeMap<OrderId, Of>,
    multiplier: BTreeMap<InstrumentId, i128>,
}

pub(super) fn check(findings: &mut Findings, evidence: &Evidence, state: &State) {
    let mut sums = Sums::default();
    sums.set_up(evidence);
    sums.executions(evidence, state.venue_sequence());
    sums.open_orders(findings, evidence, state);
    for ((account, instrument), qty) in &sums.position {
        let row = views::position_row(state, *account, *instrument);
        let (ours, buy, sell) = row.map_or((0, 0, 0), |row| (row.qty.0, row.open_buy.0, row.open_sell.0));
        let place = || format!("account {} instrument {}", account.0, instrument.0);
        findings.holds(ours == *qty, Promise::Position, || format!("{}: {ours}, the venue says {qty}", place()));
        let (open_buy, open_sell) = sums.open.get(&(*account, *instrument)).copied().unwrap_or_default();
        findings.holds((buy, sell) == (open_buy, open_sell), Promise::Reserved, || {
            format!("{}: open {buy} and {sell}, its orders say {open_buy} and {open_sell}", place())
        });
    }
    for (account, cash) in &sums.cash {
        let Some(row) = views::account_row(state, ANYONE, *account) else { continue };
        findings.holds(i128::from(row.cash.0) == *cash, Promise::Cash, || {
            format!("account {}: {}, the executions say {cash}", account.0, row.cash.0)
        });
        let exact = sums.reserved.get(account).copied().unwrap_or(0);
        let reserved = exact.div_euclid(PER_MONEY) + i128::from(exact.rem_euclid(PER_MONEY) != 0);
        findings.holds(i128::from(row.reserved.0) == reserved, Promise::Reserved, || {
            format!("account {}: {} reserved, its open orders say {reserved}", account.0, row.reserved.0)
        });
    }
}

impl Sums {
    /// What was brought in, and what each order is for.
    fn set_up(&mut self, evidence: &Evidence) {
        for logged in &evidence.entries {
            match &logged.event {
                Event::InstrumentListed(e) => {
                    self.multiplier.insert(e.instrument.id, i128::from(e.instrument.multiplier));
                }
                Event::AccountOpened(e) => {
                    self.cash.entry(e.account.id).or_default();
                }
                Event::CashMoved(e) => *self.cash.entry(e.account).or_default() += i128::from(e.amount.0),
                Event::PositionOpened(e) => *self.position.entry((e.account, e.instrument)).or_default() += e.qty.0,
                Event::OrderNew(e) => {
                    let of = Of {
                        account: e.terms.account,
                        instrument: e.terms.instrument,
                        side: e.terms.side,
                        reserve: e.reserve_px,
                        asked: None,
                    };
                    self.position.entry((of.account, of.instrument)).or_default();
                    self.orders.insert(OrderId::new(logged.head.sequence, 0), of);
                }
                Event::Amend(e) => {
                    if let Some(of) = self.orders.get_mut(&e.terms.order) {
                        of.asked = Some((e.revision, e.reserve_px));
                    }
                }
                Event::Replaced(e) => {
                    if let Some(of) = self.orders.get_mut(&e.order)
                        && let Some((_, price)) = of.asked.take_if(|(revision, _)| *revision == e.revision)
                    {
                        of.reserve = price;
                    }
                }
                _ => {}
            }
        }
    }

    /// The executions that stand according to the venue, as far as we have heard of them.
    fn executions(&mut self, evidence: &Evidence, recorded: u64) {
        let mut standing: BTreeMap<VenueExecId, (OrderId, Qty, Price)> = BTreeMap::new();
        for report in evidence.reports.iter().take_while(|report| report.sequence <= recorded) {
            match report.kind {
                ReportKind::Trade { id, exec, qty, price, .. } => {
                    standing.insert(exec, (id.order, qty, price));
                }
                ReportKind::Bust { refers, .. } => {
                    standing.remove(&refers);
                }
                ReportKind::Correct { order, exec, refers, qty, price } => {
                    standing.remove(&refers);
                    standing.insert(exec, (order, qty, price));
                }
                _ => {}
            }
        }
        for (order, qty, price) in standing.into_values() {
            let Some(of) = self.orders.get(&order).copied() else { continue };
            let signed = if of.side == Side::Buy { qty.0 } else { -qty.0 };
            let paid = div_half_even(self.amount(of, qty.0, price), PER_MONEY).unwrap_or(0);
            *self.position.entry((of.account, of.instrument)).or_default() += signed;
            *self.filled.entry(order).or_default() += qty.0;
            *self.cash.entry(of.account).or_default() -= if signed > 0 { paid } else { -paid };
        }
    }

    fn amount(&self, of: Of, qty: i64, price: Price) -> i128 {
        i128::from(qty) * i128::from(price.0) * self.multiplier.get(&of.instrument).copied().unwrap_or(1)
    }

    /// What open orders hold back: at worst, a pending amend counted. The load sells nothing short.
    fn open_orders(&mut self, findings: &mut Findings, evidence: &Evidence, state: &State) {
        for id in index_of_orders(evidence) {
            let (Some(row), Some(of)) = (views::order_row(state, id), self.orders.get(&id).copied()) else {
                findings.holds(false, Promise::Rows, || format!("{id} has no row"));
                continue;
            };
            let filled = self.filled.get(&id).copied().unwrap_or(0);
            findings.holds(row.cum_qty.0 == filled, Promise::Position, || {
                format!("{id}: CumQty {}, the venue says {filled}", row.cum_qty.0)
            });
            let now = row.leaves_qty.0;
            let lives = now > 0 || row.pending_qty.is_some();
            let asked = row.pending_qty.filter(|_| lives).map_or(0, |qty| (qty.0 - filled).max(0));
            let sides = self.open.entry((of.account, of.instrument)).or_default();
            if of.side == Side::Buy {
                sides.0 += now.max(asked);
                let asked_px = of.asked.map_or(of.reserve, |(_, price)| price);
                let held = self.amount(of, now, of.reserve).max(self.amount(of, asked, asked_px));
                *self.reserved.entry(of.account).or_default() += held;
            } else {
                sides.1 += now.max(asked);
            }
        }
    }
}
