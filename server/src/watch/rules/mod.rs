//! The rules, one a file; it must hold none itself.

mod brute_force;
mod copied;
mod key_counter;
mod mass_export;
mod new_device;
mod off_hours;
mod own_size;
mod place_change;
mod probing;
mod quick_cancels;
mod self_crossing;
mod split_orders;
mod spraying;
mod stuffing;
mod token_replay;
mod velocity;

use turret_engine::State;
use turret_shared::entry::{Actor, Head};
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::event::order::OrderNew;
use turret_shared::ids::{ConnectionId, DeviceId, UserId};
use turret_shared::money::Money;

use super::places::Place;
use super::thresholds::Thresholds;

/// Follows the facts and says when one is too many. It must be cheap: every order goes past it.
pub(super) trait Rule: Send {
    /// One more fact, in the order of the log.
    fn see(&mut self, head: &Head, event: &Event, thresholds: &Thresholds) -> Option<Finding>;

    /// What was so before the first fact it sees; few rules mind.
    fn begin(&mut self, _: &State) {}

    /// A connection is from a place that has a name; few rules mind.
    fn comes_from(&mut self, _: ConnectionId, _: Place) {}
}

/// What a rule found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Finding {
    /// Which rule.
    pub(super) rule: AlertRule,
    /// About whom.
    pub(super) user: Option<UserId>,
    /// On which device.
    pub(super) device: Option<DeviceId>,
    /// How much it was.
    pub(super) figure: u32,
    /// How much is too much.
    pub(super) threshold: u32,
}

/// Every rule, knowing nothing yet.
pub(super) fn all() -> Vec<Box<dyn Rule>> {
    vec![
        Box::<brute_force::BruteForce>::default(),
        Box::<stuffing::Stuffing>::default(),
        Box::<spraying::Spraying>::default(),
        Box::<token_replay::TokenReplay>::default(),
        Box::<probing::Probing>::default(),
        Box::<new_device::NewDevice>::default(),
        Box::<velocity::Velocity>::default(),
        Box::<own_size::OwnSize>::default(),
        Box::<self_crossing::SelfCrossing>::default(),
        Box::<quick_cancels::QuickCancels>::default(),
        Box::<off_hours::OffHours>::default(),
        Box::<mass_export::MassExport>::default(),
        Box::<copied::Copied>::default(),
        Box::<key_counter::KeyCounter>::default(),
        Box::<place_change::PlaceChange>::default(),
        Box::<split_orders::SplitOrders>::default(),
    ]
}

/// The person behind an entry.
const fn person(head: &Head) -> Option<UserId> {
    match head.origin.actor {
        Actor::User(user) => Some(user),
        _ => None,
    }
}

/// What an order is worth at the price its buying power was reserved at, in whole units of currency.
fn worth(order: &OrderNew) -> u32 {
    let money = order.reserve_px.notional(order.terms.qty, 1).unwrap_or(Money(i64::MAX));
    u32::try_from(money.0 / 10_000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod facts;
