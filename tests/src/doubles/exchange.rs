//! An exchange of a few lines with a journal that survives every crash of ours; it must act on no request twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use turret_engine::Input;
use turret_server::sequencer::inbox::Inbox;
use turret_server::venue::Venue;
use turret_shared::ids::{InstrumentId, OrderId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::{Side, TimeInForce};
use turret_shared::time::Timestamp;
use turret_shared::venue::{Report, ReportKind, Route, RouteNew, VenueClOrdId, VenueExecId, VenueReason};

/// Largest single execution: larger orders fill in parts.
const PART: i64 = 3_000_000;

#[derive(Debug, Clone)]
struct Working {
    instrument: InstrumentId,
    side: Side,
    qty: i64,
    cum: i64,
    price: Price,
    over: bool,
}

#[derive(Debug, Default)]
struct Floor {
    references: BTreeMap<InstrumentId, Price>,
    orders: BTreeMap<OrderId, Working>,
    seen: BTreeSet<VenueClOrdId>,
    barred: BTreeSet<VenueClOrdId>,
    reports: Vec<Report>,
    answers: Vec<Report>,
}

/// The exchange; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Exchange(Arc<Mutex<Floor>>);

impl Exchange {
    /// Trades at these prices.
    #[must_use]
    pub fn new(references: BTreeMap<InstrumentId, Price>) -> Self {
        Self(Arc::new(Mutex::new(Floor { references, ..Floor::default() })))
    }

    fn floor(&self) -> MutexGuard<'_, Floor> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its journal after a fact.
    #[must_use]
    pub fn reports_after(&self, sequence: u64) -> Vec<Report> {
        self.floor().reports.iter().filter(|report| report.sequence > sequence).cloned().collect()
    }

    /// Takes a request; what it says to it is in the journal before it is told.
    #[must_use]
    pub fn take(&self, route: &Route) -> Vec<Report> {
        let mut floor = self.floor();
        let before = floor.reports.len();
        floor.answers.clear();
        match route {
            Route::New(new) => floor.arrive(new.id, |floor| floor.enter(new)),
            Route::Replace { id, qty, price, .. } => floor.arrive(*id, |floor| floor.replace(*id, *qty, *price)),
            Route::Cancel { id, .. } => floor.arrive(*id, |floor| floor.cancel(*id)),
            Route::Status { id } => floor.status(*id),
            Route::Sim(_) => {}
        }
        let facts = floor.reports.get(before..).unwrap_or_default().to_vec();
        let answers = std::mem::take(&mut floor.answers);
        facts.into_iter().chain(answers).collect()
    }
}

impl Floor {
    fn arrive(&mut self, id: VenueClOrdId, act: impl FnOnce(&mut Self)) {
        if self.barred.contains(&id) {
            self.answer(ReportKind::Unknown { id });
        } else if self.seen.insert(id) {
            act(self);
        } else {
            self.status(id);
        }
    }

    fn status(&mut self, id: VenueClOrdId) {
        if self.seen.contains(&id) {
            let as_of = self.reports.len() as u64;
            self.answer(ReportKind::Status { id, as_of });
        } else {
            self.barred.insert(id);
            self.answer(ReportKind::Unknown { id });
        }
    }

    fn answer(&mut self, kind: ReportKind) {
        self.answers.push(Report { sequence: 0, time: Timestamp(0), kind });
    }

    fn report(&mut self, kind: ReportKind) -> u64 {
        let sequence = self.reports.len() as u64 + 1;
        self.reports.push(Report { sequence, time: Timestamp(0), kind });
        sequence
    }

    fn enter(&mut self, new: &RouteNew) {
        let order = new.id.order;
        self.report(ReportKind::New { id: new.id, working: true });
        let working = Working {
            instrument: new.instrument,
            side: new.side,
            qty: new.qty.0,
            cum: 0,
            price: new.price.unwrap_or_default(),
            over: false,
        };
        self.orders.insert(order, working);
        self.execute(new.id);
        let immediate = matches!(new.tif, TimeInForce::Ioc | TimeInForce::Fok);
        let left = self.orders.get_mut(&order).filter(|working| immediate && !working.over).map(|working| {
            working.over = true;
            Qty(working.cum)
        });
        if let Some(cum_qty) = left {
            self.report(ReportKind::Canceled { order, request: None, reason: None, cum_qty });
        }
    }

    /// An order through the market fills in parts; any other rests.
    fn execute(&mut self, id: VenueClOrdId) {
        let Some(working) = self.orders.get(&id.order).cloned() else { return };
        let reference = self.references.get(&working.instrument).copied().unwrap_or_default();
        let through = match working.side {
            Side::Buy => working.price > reference,
            _ => working.price < reference,
        };
        if !through {
            return;
        }
        let mut cum = working.cum;
        while cum < working.qty {
            let qty = PART.min(working.qty - cum);
            cum += qty;
            let exec = VenueExecId(self.reports.len() as u64 + 1);
            let (qty, cum_qty) = (Qty(qty), Qty(cum));
            self.report(ReportKind::Trade { id, exec, qty, price: reference, removed: true, cum_qty });
        }
        if let Some(working) = self.orders.get_mut(&id.order) {
            (working.cum, working.over) = (cum, true);
        }
    }

    fn open(&mut self, id: VenueClOrdId) -> Option<&mut Working> {
        let reason = VenueReason { code: 0, text: "too late".to_owned() };
        if self.orders.get(&id.order).is_none_or(|working| working.over) {
            self.report(ReportKind::CancelRejected { id, reason });
            return None;
        }
        self.orders.get_mut(&id.order)
    }

    fn replace(&mut self, id: VenueClOrdId, qty: Qty, price: Option<Price>) {
        let Some(working) = self.open(id) else { return };
        working.qty = qty.0.max(working.cum);
        working.price = price.unwrap_or(working.price);
        let (qty, price, cum_qty) = (Qty(working.qty), Some(working.price), Qty(working.cum));
        self.report(ReportKind::Replaced { id, qty, price, cum_qty, stop_px: None });
    }

    fn cancel(&mut self, id: VenueClOrdId) {
        let Some(working) = self.open(id) else { return };
        working.over = true;
        let cum_qty = Qty(working.cum);
        self.report(ReportKind::Canceled { order: id.order, request: Some(id), reason: None, cum_qty });
    }
}

/// The link to it from one process: lets routes through once it has the outbox, as the product's own link does.
pub struct ExchangeLink {
    wire: Mutex<Option<Sender<Route>>>,
    waiting: Sender<Route>,
    /// Planted: what the outbox holds at the start is never sent.
    forgotten: Vec<Route>,
}

impl ExchangeLink {
    /// A link, and the wire's other end for [`serve`]. `forgotten` is empty on an honest one.
    #[must_use]
    pub fn new(forgotten: Vec<Route>) -> (Self, Receiver<Route>) {
        let (waiting, wire) = channel();
        (Self { wire: Mutex::new(None), waiting, forgotten }, wire)
    }

    fn send(&self, route: Route) {
        let wire = self.wire.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wire) = wire.as_ref().filter(|_| !self.forgotten.contains(&route)) {
            // A wire whose end is gone is a lost link.
            let _ = wire.send(route);
        }
    }
}

impl Venue for ExchangeLink {
    fn route(&self, routes: Vec<Route>) {
        for route in routes {
            self.send(route);
        }
    }

    fn recover(&self, outbox: Vec<Route>) {
        *self.wire.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.waiting.clone());
        for route in outbox {
            self.send(route);
        }
    }
}

/// Runs the exchange's end of a wire until the link is dropped; what it says reaches the process only while that lives.
pub fn serve(exchange: &Exchange, wire: &Receiver<Route>, inbox: &Inbox) {
    while let Ok(route) = wire.recv() {
        for report in exchange.take(&route) {
            let _ = inbox.fact(Input::Venue(report));
        }
    }
}
