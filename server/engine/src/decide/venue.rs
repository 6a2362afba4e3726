//! The venue's facts and answers: each fact is recorded once, and flagged where it surprises; none is ever refused.

use alloc::string::String;
use alloc::vec::Vec;

use turret_shared::event::Event;
use turret_shared::event::order::DoubtResolved;
use turret_shared::event::venue::{
    CancelRejected, Canceled, Halt, OfOrder, Replaced, Restated, SimRefused, Surprise, Unmatched, UnmatchedCause,
    VenueMark, VenueNew, VenueRejected, VenueSession,
};
use turret_shared::ids::OrderId;
use turret_shared::limits::VENUE_TEXT_CHARS_MAX;
use turret_shared::money::Qty;
use turret_shared::order::TimeInForce;
use turret_shared::plain::ORDER_QTY_MAX;
use turret_shared::venue::{Report, ReportKind, VenueClOrdId, VenueReason};

use super::{Draft, venue_executions};
use crate::state::order::{Flags, Order};
use crate::state::requests::Requests;

/// Longest report kept as it came, in bytes.
const REPORT_BYTES_MAX: usize = 2_048;

pub(super) fn decide(draft: &mut Draft<'_>, report: &Report) {
    match &report.kind {
        ReportKind::Status { id, as_of } => return resolve(draft, *id, true, *as_of),
        ReportKind::Unknown { id } => return resolve(draft, *id, false, report.sequence),
        _ => {}
    }
    let last = draft.state.venue_sequence();
    if report.sequence != 0 && report.sequence <= last {
        return;
    }
    let gap = report.sequence != 0 && last.checked_add(1) != Some(report.sequence);
    let mark =
        VenueMark { sequence: report.sequence, time: report.time, surprise: Surprise::NONE.and_if(gap, Surprise::GAP) };
    let event = match &report.kind {
        ReportKind::Trade { .. } | ReportKind::Bust { .. } | ReportKind::Correct { .. } => {
            venue_executions::fact(draft.state, mark, &report.kind)
        }
        kind => fact(draft, mark, kind),
    };
    draft.emit(event.unwrap_or_else(|cause| unmatched(mark, cause, report)));
}

fn unmatched(mark: VenueMark, cause: UnmatchedCause, report: &Report) -> Event {
    let mut bytes = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = minicbor::encode(report, &mut bytes);
    bytes.truncate(REPORT_BYTES_MAX);
    Event::Unmatched(Unmatched { mark, cause, report: bytes })
}

/// The venue's answer to our question: only a request still in doubt is resolved by it.
fn resolve(draft: &mut Draft<'_>, id: VenueClOrdId, arrived: bool, as_of: u64) {
    let Some((_, order)) = draft.state.orders.find(id.order) else { return };
    let Some((_, doubt)) = order.awaited(id.revision) else { return };
    if order.flags.any(doubt) {
        let VenueClOrdId { order, revision } = id;
        draft.emit(Event::DoubtResolved(DoubtResolved { order, revision, arrived, as_of }));
    }
}

fn fact(draft: &Draft<'_>, mark: VenueMark, kind: &ReportKind) -> Result<Event, UnmatchedCause> {
    let known = |id: OrderId| {
        let found = draft.state.orders.find(id).map(|(_, order)| order);
        found.filter(|order| !order.flags.any(Flags::DENIED)).ok_or(UnmatchedCause::Order)
    };
    Ok(match kind {
        ReportKind::New { id, working } => {
            let order = known(id.order)?;
            let mark = late(mark, order).and_if(order.flags.any(Flags::ACCEPTED), Surprise::NO_SUCH_REQUEST);
            Event::VenueNew(VenueNew { mark, order: order.id, working: *working })
        }
        ReportKind::Rejected { id, reason } => {
            let order = known(id.order)?;
            let mark = late(mark, order).and_if(order.flags.any(Flags::ACCEPTED), Surprise::NO_SUCH_REQUEST);
            Event::VenueRejected(VenueRejected { mark, order: order.id, reason: short(reason) })
        }
        ReportKind::Canceled { order, request, reason, cum_qty } => {
            canceled(mark, known(*order)?, *request, reason.as_ref(), *cum_qty)
        }
        ReportKind::Replaced { id, qty, price, cum_qty, stop_px } => {
            let order = known(id.order)?;
            total(*qty)?;
            let amend = order.requests().amend;
            let asked = amend.is_pending() && amend.revision == id.revision;
            let mark = late(mark, order)
                .and_if(!asked, Surprise::NO_SUCH_REQUEST)
                .and_if(*cum_qty != order.cum, Surprise::CUM_QTY_DIFFERS);
            let (revision, qty, price, stop_px) = (id.revision, *qty, *price, *stop_px);
            Event::Replaced(Replaced { mark, order: order.id, revision, qty, price, stop_px })
        }
        ReportKind::CancelRejected { id, reason } => {
            let order = known(id.order)?;
            let Requests { amend, cancel, .. } = order.requests();
            let asked = id.revision != 0 && (amend.revision == id.revision || cancel.revision == id.revision);
            let mark = mark.and_if(!asked, Surprise::NO_SUCH_REQUEST);
            let reason = short(reason);
            Event::CancelRejected(CancelRejected { mark, order: order.id, revision: id.revision, reason })
        }
        ReportKind::Restated { order, qty, reason } => {
            let order = known(*order)?;
            total(*qty)?;
            Event::Restated(Restated { mark: late(mark, order), order: order.id, qty: *qty, reason: short(reason) })
        }
        ReportKind::Expired { order, cum_qty } => {
            let order = known(*order)?;
            let mark = late(mark, order).and_if(*cum_qty != order.cum, Surprise::CUM_QTY_DIFFERS);
            Event::Expired(OfOrder { mark, order: order.id })
        }
        ReportKind::DoneForDay { order } => Event::DoneForDay(of(mark, known(*order)?)),
        ReportKind::Suspended { order } => Event::Suspended(of(mark, known(*order)?)),
        ReportKind::Triggered { order } => Event::Triggered(of(mark, known(*order)?)),
        other => return rest(draft, mark, other),
    })
}

fn rest(draft: &Draft<'_>, mark: VenueMark, kind: &ReportKind) -> Result<Event, UnmatchedCause> {
    match kind {
        ReportKind::Session { open } => Ok(Event::VenueSession(VenueSession { mark, open: *open })),
        ReportKind::Halt { instrument, halted } => {
            draft.state.instrument(*instrument).ok_or(UnmatchedCause::Instrument)?;
            Ok(Event::Halt(Halt { mark, instrument: *instrument, halted: *halted }))
        }
        ReportKind::SimRefused { reason } => Ok(Event::SimRefused(SimRefused { mark, reason: short(reason) })),
        _ => Err(UnmatchedCause::Order),
    }
}

fn canceled(
    mark: VenueMark,
    order: &Order,
    request: Option<VenueClOrdId>,
    reason: Option<&VenueReason>,
    cum_qty: Qty,
) -> Event {
    let revision = request.filter(|id| id.order == order.id).map(|id| id.revision);
    let cancel = order.requests().cancel;
    let answers = cancel.is_pending() && revision == Some(cancel.revision);
    let immediate = matches!(order.tif, TimeInForce::Ioc | TimeInForce::Fok);
    let mark = late(mark, order)
        .and_if(request.is_some() && !answers, Surprise::NO_SUCH_REQUEST)
        .and_if(request.is_none() && !immediate, Surprise::UNASKED)
        .and_if(cum_qty != order.cum, Surprise::CUM_QTY_DIFFERS);
    Event::Canceled(Canceled { mark, order: order.id, revision, reason: reason.map(short) })
}

const fn of(mark: VenueMark, order: &Order) -> OfOrder {
    OfOrder { mark: late(mark, order), order: order.id }
}

/// Flags a fact about an order that had ended.
pub(super) const fn late(mark: VenueMark, order: &Order) -> VenueMark {
    mark.and_if(order.ended.is_some(), Surprise::LATE)
}

/// A total that can be one.
fn total(qty: Qty) -> Result<(), UnmatchedCause> {
    if qty.0 >= 0 && qty <= ORDER_QTY_MAX { Ok(()) } else { Err(UnmatchedCause::Amount) }
}

/// A venue's reason no longer than agreed.
fn short(reason: &VenueReason) -> VenueReason {
    let text: String = reason.text.chars().take(VENUE_TEXT_CHARS_MAX).collect();
    VenueReason { code: reason.code, text }
}
