//! One sample of every fact of the venue, for golden bytes; it must stay as it is once its bytes are golden.

use turret_shared::event::Event;
use turret_shared::event::venue::{
    Bust, CancelRejected, Canceled, Correct, Halt, OfOrder, Replaced, Restated, SimRefused, Surprise, Trade, Unmatched,
    UnmatchedCause, VenueLink, VenueMark, VenueNew, VenueRejected, VenueSession,
};
use turret_shared::ids::{ExecId, InstrumentId};
use turret_shared::time::Timestamp;
use turret_shared::venue::{VenueExecId, VenueReason};

use super::samples::{NONE, ORDER};
use super::seed::{px, qty};

pub(super) fn all() -> Vec<Event> {
    let time = Timestamp(1_771_999_999_500_000_000);
    let mark = VenueMark { sequence: 77, time, surprise: Surprise::NONE };
    let surprising = VenueMark { surprise: Surprise::LATE.with(Surprise::OVERFILL), ..mark };
    let reason = VenueReason { code: 4, text: "too late to cancel".into() };
    let (order, exec, trade) = (ORDER, VenueExecId(900), ExecId(4_712 << 8));
    let of = OfOrder { mark, order };
    vec![
        Event::VenueNew(VenueNew { mark, order, working: true }),
        Event::VenueRejected(VenueRejected { mark, order, reason: reason.clone() }),
        Event::Trade(Trade {
            mark: surprising,
            order,
            revision: 1,
            exec,
            qty: qty(100),
            price: px(19_001),
            removed: true,
        }),
        Event::Bust(Bust { mark, order, exec, trade }),
        Event::Correct(Correct { mark, order, exec, trade, qty: qty(90), price: px(19_002) }),
        Event::Canceled(Canceled { mark, order, revision: Some(2), reason: Some(reason.clone()) }),
        Event::Replaced(Replaced { mark, order, revision: 1, qty: NONE, price: None, stop_px: None }),
        Event::CancelRejected(CancelRejected { mark, order, revision: 2, reason: reason.clone() }),
        Event::Expired(of),
        Event::DoneForDay(of),
        Event::Restated(Restated { mark, order, qty: qty(50), reason: reason.clone() }),
        Event::Suspended(of),
        Event::Triggered(of),
        Event::VenueSession(VenueSession { mark, open: false }),
        Event::Halt(Halt { mark, instrument: InstrumentId(3), halted: true }),
        Event::VenueLink(VenueLink { up: false }),
        Event::Unmatched(Unmatched { mark, cause: UnmatchedCause::Execution, report: vec![0x80] }),
        Event::SimRefused(SimRefused { mark, reason }),
    ]
}
