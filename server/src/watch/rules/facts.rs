//! Facts as the rules' tests tell them; it must know no rule.

use turret_shared::digest::Digest;
use turret_shared::entry::{Actor, Head, Origin};
use turret_shared::event::Event;
use turret_shared::event::order::{OrderNew, OrderTerms};
use turret_shared::event::session::{SignInFailed, SignInFault};
use turret_shared::ids::{AccountId, ClOrdId, ConnectionId, CorrelationId, DeviceId, InstrumentId, Sequence, UserId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::time::{NS_PER_S, Timestamp};

use super::{Finding, Rule};
use crate::watch::Thresholds;

/// A rule and the log it sees.
pub(super) struct Log<R> {
    pub(super) rule: R,
    next: u64,
    pub(super) thresholds: Thresholds,
}

impl<R: Rule + Default> Log<R> {
    pub(super) fn new() -> Self {
        Self { rule: R::default(), next: 0, thresholds: Thresholds::default() }
    }

    /// A fact of the engine's own, `s` seconds in.
    pub(super) fn tell(&mut self, s: i64, event: &Event) -> Option<Finding> {
        self.tell_of(s, Actor::Engine, None, event)
    }

    /// A fact of a person on the device of the same number.
    pub(super) fn of(&mut self, s: i64, user: u32, event: &Event) -> Option<Finding> {
        self.tell_of(s, Actor::User(UserId(user)), Some(DeviceId(user)), event)
    }

    /// The same, over a connection.
    pub(super) fn over(&mut self, s: i64, user: u32, connection: u64, event: &Event) -> Option<Finding> {
        let source = Some(ConnectionId(connection));
        let origin = Origin { source, ..Origin::of(Actor::User(UserId(user)), CorrelationId(0)) };
        self.tell_from(s, origin, event)
    }

    fn tell_of(&mut self, s: i64, actor: Actor, device: Option<DeviceId>, event: &Event) -> Option<Finding> {
        self.tell_from(s, Origin { device, ..Origin::of(actor, CorrelationId(0)) }, event)
    }

    fn tell_from(&mut self, s: i64, origin: Origin, event: &Event) -> Option<Finding> {
        let head = Head { sequence: Sequence(self.next), time: Timestamp(s * NS_PER_S), origin };
        self.next += 1;
        self.rule.see(&head, event, &self.thresholds)
    }

    /// The sequence of what was told last.
    pub(super) fn last(&self) -> Sequence {
        Sequence(self.next - 1)
    }
}

/// Wrong sign-ins of a device.
pub(super) fn failed(device: u32, fault: SignInFault, count: u32) -> Event {
    let (first, last) = (Timestamp(0), Timestamp(0));
    Event::SignInFailed(SignInFailed { user: None, device: Some(DeviceId(device)), fault, count, first, last })
}

/// An order of so many at a price.
pub(super) fn order(side: Side, units: i64, price: &str) -> Event {
    let price = Price::parse(price).unwrap();
    let terms = OrderTerms {
        cl_ord_id: ClOrdId::new("c1").unwrap(),
        account: AccountId(1),
        instrument: InstrumentId(1),
        side,
        qty: Qty::whole(units).unwrap(),
        ord_type: OrdType::Limit,
        price: Some(price),
        stop_px: None,
        tif: TimeInForce::Day,
        confirmed: false,
        text: None,
        saw: None,
        command: Digest([0; 32]),
        expires: Timestamp(0),
    };
    Event::OrderNew(OrderNew { terms, basis: None, reserve_px: price, proof: None, approval: None, first: None })
}
