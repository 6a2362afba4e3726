//! `turretd audit recreate`: records as they stood at an instant, from the log's static files alone; it must open no store and
//! need no key of the server's.
//!
//! Names and free text are no part of the log: people are numbers here, and an order has no text.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use serde_json::{Value, json};
use turret_engine::{State, views};
use turret_shared::entry::Entry;
use turret_shared::ids::{AccountId, InstrumentId, OrderId, Sequence};
use turret_shared::instrument::Instrument;
use turret_shared::money::Price;
use turret_shared::text::escaped;
use turret_shared::time::Timestamp;
use turret_shared::tlog::VerifierKey;
use turret_shared::view::{FillState, FillView, OrderView};

use crate::audit::Archive;
use crate::replica::folding::{FoldError, Folded};

/// Arguments of `turretd audit recreate`.
#[derive(Debug, Clone, clap::Args)]
pub struct RecreateArgs {
    /// The folder `turretd audit tiles` wrote, or a copy of it.
    #[arg(long)]
    pub tiles: PathBuf,
    /// Verifier key of the log's checkpoints (`origin+id+key`).
    #[arg(long)]
    pub vkey: String,
    /// As of this instant, such as `2026-11-20T15:30:00Z`; otherwise as of the last entry.
    #[arg(long, value_parser = instant)]
    pub at: Option<Timestamp>,
    /// An order, such as `O48201`, with its executions; again for another.
    #[arg(long)]
    pub order: Vec<OrderId>,
    /// An account by its code, with its positions and its orders; again for another.
    #[arg(long)]
    pub account: Vec<String>,
}

/// Why there is no such record.
#[derive(Debug, Clone, PartialEq, Eq)]
enum NoRecord {
    Order(OrderId),
    Account(String),
}

impl fmt::Display for NoRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(order) => write!(f, "there was no order {order} then"),
            Self::Account(code) => write!(f, "there was no account {} then", escaped(code)),
        }
    }
}

impl Error for NoRecord {}

fn instant(text: &str) -> Result<Timestamp, String> {
    let moment: jiff::Timestamp = text.parse().map_err(|_| "write it as 2026-11-20T15:30:00Z".to_owned())?;
    let ns = i64::try_from(moment.as_nanosecond());
    ns.map(Timestamp).map_err(|_| "outside of what the log's clock can say".to_owned())
}

/// One JSON object a line: what it was made from, then each record asked for.
pub(super) fn recreate(args: &RecreateArgs) -> Result<String, Box<dyn Error>> {
    let archive = Archive::open(&args.tiles, &args.vkey.parse::<VerifierKey>()?)?;
    let folded = folded(&archive, args.at)?;
    let (state, checkpoint) = (&folded.state, archive.checkpoint());
    let mut lines = vec![json!({
        "origin": checkpoint.origin,
        "checkpoint": checkpoint.size,
        "root": checkpoint.root.to_string(),
        "entries": state.next_sequence().0,
        "as_of": state.now().rfc3339(),
        "state": state.hash().to_string(),
    })];
    for order in &args.order {
        lines.push(order_and_fills(state, *order).ok_or(NoRecord::Order(*order))?);
    }
    for code in &args.account {
        lines.push(account(state, code).ok_or_else(|| NoRecord::Account(code.clone()))?);
    }
    Ok(lines.iter().map(|line| format!("{line}\n")).collect())
}

/// Everything up to the instant, believed only once the whole is what was signed.
fn folded(archive: &Archive, at: Option<Timestamp>) -> Result<Folded, Box<dyn Error>> {
    let (mut folded, mut fault, mut over) = (Folded::default(), None::<FoldError>, false);
    archive.entries(|place, bytes| {
        if over || fault.is_some() {
            return;
        }
        fault = fold(&mut folded, place, bytes, at, &mut over).err();
    })?;
    match fault {
        Some(fault) => Err(fault.into()),
        None => Ok(folded),
    }
}

fn fold(
    folded: &mut Folded,
    place: Sequence,
    bytes: &[u8],
    at: Option<Timestamp>,
    over: &mut bool,
) -> Result<(), FoldError> {
    let entry = Entry::from_bytes(bytes).map_err(|_| FoldError::Entry(place))?;
    if at.is_some_and(|at| entry.head.time > at) {
        *over = true;
        return Ok(());
    }
    folded.evolve(&entry.head, &entry.event().map_err(|_| FoldError::Entry(place))?)
}

fn order_and_fills(state: &State, order: OrderId) -> Option<Value> {
    let row = views::order_row(state, order)?;
    let mut fills: Vec<FillView> =
        views::fill_keys(state).filter_map(|(_, fill)| views::fill_row(state, fill)).collect();
    fills.retain(|fill| fill.order_id == order);
    // Oldest first.
    fills.reverse();
    let fills: Vec<Value> = fills.iter().map(|fill| execution(state, fill)).collect();
    Some(json!({ "order": of_order(state, &row), "fills": fills }))
}

fn of_order(state: &State, row: &OrderView) -> Value {
    let at = row.instrument;
    json!({
        "order_id": row.order_id.to_string(),
        "cl_ord_id": row.cl_ord_id.as_str(),
        "account": code(state, row.account),
        "owner": row.owner.0,
        "symbol": symbol(state, at),
        "side": row.side.as_str(),
        "ord_type": row.ord_type.as_str(),
        "time_in_force": row.tif.as_str(),
        "order_qty": row.order_qty.to_string(),
        "price": row.price.map(|px| price(state, at, px)),
        "stop_px": row.stop_px.map(|px| price(state, at, px)),
        "cum_qty": row.cum_qty.to_string(),
        "leaves_qty": row.leaves_qty.to_string(),
        "avg_px": row.avg_px.map(|px| price(state, at, px)),
        "ord_status": row.ord_status.as_str(),
        "working": row.working,
        "entered": row.entered.rfc3339(),
        "transact_time": row.changed.rfc3339(),
        "sequence": row.sequence.0,
    })
}

fn execution(state: &State, row: &FillView) -> Value {
    json!({
        "exec_id": row.exec_id.to_string(),
        "state": match row.state {
            FillState::Good => "good",
            FillState::Busted => "busted",
            FillState::Corrected => "corrected",
        },
        "last_qty": row.last_qty.to_string(),
        "last_px": price(state, row.instrument, row.last_px),
        "transact_time": row.time.rfc3339(),
        "venue_exec_id": row.venue_exec,
    })
}

fn account(state: &State, code: &str) -> Option<Value> {
    let id = state.account_by_code(code)?;
    let cash = state.cash(id)?;
    let held = views::position_keys(state).filter(|(account, _)| *account == id);
    let positions: Vec<Value> = held
        .filter_map(|(account, instrument)| views::position_row(state, account, instrument))
        .map(|row| json!({ "symbol": symbol(state, row.instrument), "qty": row.qty.to_string() }))
        .collect();
    let mut orders: Vec<OrderId> =
        views::order_keys(state).filter(|(account, _)| *account == id).map(|(_, order)| order).collect();
    orders.reverse();
    let orders: Vec<Value> =
        orders.iter().filter_map(|order| views::order_row(state, *order)).map(|row| of_order(state, &row)).collect();
    Some(json!({ "account": code, "cash": cash.to_string(), "positions": positions, "orders": orders }))
}

fn code(state: &State, account: AccountId) -> String {
    state.account_code(account).unwrap_or_default().to_owned()
}

fn symbol(state: &State, instrument: InstrumentId) -> String {
    state.instrument(instrument).map(|listing| listing.symbol.clone()).unwrap_or_default()
}

fn price(state: &State, instrument: InstrumentId, price: Price) -> String {
    let decimals = state.instrument(instrument).map_or(2, Instrument::price_decimals);
    format!("{price:.decimals$}")
}
