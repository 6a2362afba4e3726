//! The current order rows compared with what the log makes of them: it must trust no row, and change none.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use turret_engine::{State, views};
use turret_shared::entry::{Entry, ObjectKind};
use turret_shared::ids::OrderId;
use turret_shared::view::OrderView;

use super::verdict::{Fault, RowFault};
use crate::store::{ReadError, Reader, Visit};

/// Entries or rows read in one go: between two, a running server may fold its WAL.
const AT_ONCE: u64 = 4_096;

type Row = [u8; 32];

/// The first order, by its number, whose row is not what the first `size` entries make of it.
///
/// Rows a running server has changed since are left alone: they say so, and the entries that changed them are not read.
///
/// # Errors
/// [`ReadError`].
pub fn compare_rows(reader: &mut dyn Reader, size: u64) -> Result<Option<Fault>, ReadError> {
    let mut wanted = wanted(reader, size)?;
    let mut from = OrderId(0);
    loop {
        let (mut fault, mut last) = (None, None);
        let shown = reader.orders(from, AT_ONCE, &mut |order, body| {
            fault = first_missing(&mut wanted, order).or_else(|| judge(wanted.remove(&order), order, body, size));
            last = Some(order);
            if fault.is_some() { Visit::Break(()) } else { Visit::Continue(()) }
        })?;
        match last {
            _ if fault.is_some() => return Ok(fault),
            Some(last) if shown == AT_ONCE => from = OrderId(last.0.saturating_add(1)),
            _ => return Ok(wanted.pop_first().map(|(order, _)| missing(order))),
        }
    }
}

const fn missing(order: OrderId) -> Fault {
    Fault::Order { order, what: RowFault::Missing }
}

/// An order before `order` that has had its turn and no row.
fn first_missing(wanted: &mut BTreeMap<OrderId, Row>, order: OrderId) -> Option<Fault> {
    wanted.first_key_value().filter(|(first, _)| **first < order).map(|(first, _)| missing(*first))
}

fn judge(wanted: Option<Row>, order: OrderId, body: &[u8], size: u64) -> Option<Fault> {
    let newer = || minicbor::decode::<OrderView>(body).is_ok_and(|view| view.sequence.0 >= size);
    let what = match wanted {
        Some(row) if row == hash(body) => return None,
        _ if newer() => return None,
        Some(_) => RowFault::Differs,
        None => RowFault::Surplus,
    };
    Some(Fault::Order { order, what })
}

fn hash(body: &[u8]) -> Row {
    Sha256::digest(body).into()
}

/// What each order's row was when the log last touched it. Taken then and not at the end: the state forgets the words of
/// orders long past, their rows do not.
fn wanted(reader: &mut dyn Reader, size: u64) -> Result<BTreeMap<OrderId, Row>, ReadError> {
    let (mut state, mut rows) = (State::new(), BTreeMap::new());
    while state.next_sequence().0 < size {
        let next = state.next_sequence();
        let limit = AT_ONCE.min(size.saturating_sub(next.0));
        reader.entries(next, limit, &mut |stored| fold(&mut state, &mut rows, stored.bytes))?;
        if state.next_sequence() == next {
            return Err(ReadError::Damaged("an entry cannot be folded"));
        }
    }
    Ok(rows)
}

fn fold(state: &mut State, rows: &mut BTreeMap<OrderId, Row>, bytes: &[u8]) -> Visit {
    let read = Entry::from_bytes(bytes).ok().and_then(|entry| Some((entry.head, entry.event().ok()?)));
    let Some((head, event)) = read.filter(|(head, _)| head.sequence == state.next_sequence()) else {
        return Visit::Break(());
    };
    state.evolve(&head, &event);
    if let Some(object) = event.object(&head).filter(|object| object.kind == ObjectKind::Order) {
        let order = OrderId(object.id);
        if let Some(view) = views::order_row(state, order) {
            let mut body = Vec::with_capacity(192);
            // Writing to a Vec cannot fail.
            let _ = minicbor::encode(&view, &mut body);
            rows.insert(order, hash(&body));
        }
    }
    Visit::Continue(())
}
