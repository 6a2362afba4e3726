//! Folds one fact into the state: it must accept every fact and never look at anything but state, head and event.

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::ids::UserId;

use crate::State;
use crate::access::AccessView;
use crate::state::order::Order;

mod executions;
mod order;
mod session;
mod setup;
mod venue;

pub(crate) use setup::key_of;

impl State {
    /// Folds one event.
    pub fn evolve(&mut self, head: &Head, event: &Event) {
        self.through = Some(head.sequence);
        self.now = head.time;
        if let Some(mark) = event.mark() {
            self.venue.last = self.venue.last.max(mark.sequence);
        }
        if AccessView::is_changed_by(event) {
            self.access.evolve(head.time, event);
        }
        match event.kind() {
            0..=99 => setup::fold(self, head, event),
            100..=199 => session::fold(self, head, event),
            200..=299 => order::fold(self, head, event),
            300..=399 => venue::fold(self, head, event),
            _ => session::fold_ops(self, head, event),
        }
        self.alerts.evolve(head, event);
        self.attempts.evolve(head, event);
        order::second_word(self, head, event);
        self.void_what_changed(head.time, event);
        if let Some(session) = head.origin.session.and_then(|id| self.sessions.live.get_mut(&id)) {
            session.acted = head.time;
        }
    }

    /// Changes an order and carries what it asks for to its position and account.
    fn change_order(&mut self, place: u32, head: &Head, change: impl FnOnce(&mut Order)) {
        let Some(order) = self.orders.at_mut(place) else { return };
        let position = order.position;
        let multiplier = self.books.position(position).map_or(1, |p| p.multiplier);
        let before = order.open(multiplier);
        change(order);
        order.changed = head.time;
        order.sequence = head.sequence;
        order.see();
        let after = order.open(multiplier);
        if before != after {
            self.books.change(position, |p| p.open = p.open.minus(before).plus(after));
        }
        self.orders.relist(place);
    }
}

/// Who acts, where it is a person.
const fn person(head: &Head) -> Option<UserId> {
    match head.origin.actor {
        turret_shared::entry::Actor::User(user) => Some(user),
        _ => None,
    }
}
