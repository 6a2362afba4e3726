//! How long the frames, entries and rows of one order really are, so that the yardsticks move and write the same bytes.
#![allow(clippy::expect_used, reason = "a yardstick of unknown length measures nothing")]

use turret_engine::{ClientInput, Input, Stamp, decide, views};
use turret_shared::command::{COMMAND_SCHEMA, Command, Environment, NewOrder, Verb};
use turret_shared::entry::{self, Head};
use turret_shared::ids::{ClOrdId, CorrelationId, OrderId};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::time::NS_PER_S;
use turret_shared::venue::{Report, ReportKind, VenueClOrdId};
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame};
use turret_shared::wire::put_frame;

use crate::floor::Desk;
use crate::floor::seed::{ANN, px, qty};

/// Bytes of what one order moves and writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// The command's frame.
    pub request: usize,
    /// The answer's frame.
    pub answer: usize,
    /// The entry of the new order.
    pub entry_new: usize,
    /// The entry of its venue's acknowledgement.
    pub entry_venue: usize,
    /// The row of the current order.
    pub order_row: usize,
}

/// An order as the load sends it, late in a run, through the real engine and encodings.
#[must_use]
pub fn of_one_order() -> Sizes {
    let mut desk = Desk::new();
    let order = NewOrder {
        cl_ord_id: ClOrdId::new("L199b2c4d5e6-123456").expect("plain"),
        account: "A1001".into(),
        symbol: "AAPL".into(),
        side: Side::Buy,
        qty: qty(1),
        ord_type: OrdType::Limit,
        price: Some(px(18_900)),
        stop_px: None,
        tif: TimeInForce::Gtc,
        confirmed: true,
        text: String::new(),
        saw: None,
    };
    let expires = desk.time.after_ns(60 * NS_PER_S);
    let command =
        Command { schema: COMMAND_SCHEMA, environment: Environment::Sim, expires, verb: Verb::OrderNew(order) };
    let bytes = command.to_bytes();
    let request = frame(&ClientFrame::Command { request: 123_456, bytes: bytes.clone() });
    let correlation = CorrelationId(u64::MAX / 3);
    let input = Input::Client(Box::new(ClientInput::new(desk.principal(ANN), correlation, &bytes, command, None)));
    let order = OrderId::new(desk.state.next_sequence(), 0);
    let (entry_new, verdict) = step(&mut desk, &input);
    let outcome = views::outcome(&desk.state, &verdict.expect("an answer"), &|_| vec![0x5a; 32]);
    assert!(matches!(outcome, Outcome::Order(_)), "{outcome:?}");
    let answer = frame(&ServerFrame::Reply { request: 123_456, correlation, outcome });
    let row = views::order_row(&desk.state, order).expect("a row");
    let order_row = minicbor::to_vec(row).expect("in memory").len();
    let kind = ReportKind::New { id: VenueClOrdId { order, revision: 0 }, working: true };
    let report = Report { sequence: desk.state.venue_sequence() + 1, time: desk.time, kind };
    let (entry_venue, _) = step(&mut desk, &Input::Venue(report));
    Sizes { request, answer, entry_new, entry_venue, order_row }
}

fn step(desk: &mut Desk, input: &Input) -> (usize, Option<turret_engine::Verdict>) {
    let stamp = Stamp { sequence: desk.state.next_sequence(), time: desk.time };
    let decision = decide(&desk.state, &desk.market, input, stamp);
    let mut bytes = 0;
    for event in &decision.events {
        let head = Head { sequence: desk.state.next_sequence(), time: desk.time, origin: input.origin() };
        bytes += entry::to_bytes(&head, event).len();
        desk.state.evolve(&head, event);
    }
    (bytes, decision.verdict)
}

fn frame<T: minicbor::Encode<()>>(message: &T) -> usize {
    let mut bytes = Vec::new();
    put_frame(message, &mut bytes).expect("within a frame");
    bytes.len()
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_order_is_as_long_as_it_looks() {
        let sizes = super::of_one_order();
        assert!(sizes.request > 80 && sizes.answer > sizes.request, "{sizes:?}");
        assert!(sizes.entry_new > sizes.entry_venue && sizes.order_row > 60, "{sizes:?}");
    }
}
