//! A change of place that nobody can have made: one person active from two places within less than the way between them takes;
//! it must know no address, only the places a house named.

use std::collections::BTreeMap;

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::ids::{ConnectionId, UserId};
use turret_shared::time::{NS_PER_S, Timestamp};

use super::{Finding, Rule, person};
use crate::watch::places::Place;
use crate::watch::tally::KEYS_MAX;
use crate::watch::thresholds::Thresholds;

const MINUTE_NS: i64 = 60 * NS_PER_S;

#[derive(Default)]
pub(super) struct PlaceChange {
    connections: BTreeMap<ConnectionId, Place>,
    seen: BTreeMap<UserId, (Place, Timestamp)>,
}

impl Rule for PlaceChange {
    fn comes_from(&mut self, connection: ConnectionId, place: Place) {
        if self.connections.len() >= KEYS_MAX {
            // The lowest number is the oldest of them.
            self.connections.pop_first();
        }
        self.connections.insert(connection, place);
    }

    fn see(&mut self, head: &Head, event: &Event, thresholds: &Thresholds) -> Option<Finding> {
        // A connection is there before anybody is: only what a person did over it says where they are.
        if matches!(event, Event::Connected(_)) {
            return None;
        }
        let (user, threshold) = (person(head)?, thresholds.place_minutes);
        let place = *self.connections.get(&head.origin.source?)?;
        if self.seen.len() >= KEYS_MAX && !self.seen.contains_key(&user) {
            self.seen.pop_first();
        }
        let (before, at) = self.seen.insert(user, (place, head.time))?;
        let minutes = head.time.since(at).max(0).checked_div(MINUTE_NS).and_then(|minutes| u32::try_from(minutes).ok());
        let figure = minutes.unwrap_or(u32::MAX);
        let (rule, device) = (AlertRule::PlaceChange, head.origin.device);
        let found = threshold > 0 && before != place && figure < threshold;
        found.then_some(Finding { rule, user: Some(user), device, figure, threshold })
    }
}

#[cfg(test)]
mod tests {
    use turret_shared::order::Side;

    use super::super::facts::{Log, order};
    use super::*;

    #[test]
    fn two_places_within_less_than_the_way_are_told_and_one_place_never_is() {
        let mut log = Log::<PlaceChange>::new();
        log.thresholds.place_minutes = 120;
        for (connection, place) in [(1, Place(0)), (2, Place(1)), (3, Place(0))] {
            log.rule.comes_from(ConnectionId(connection), place);
        }
        let act = order(Side::Buy, 1, "10.00");
        let mut at = |minute: i64, user, connection| log.over(minute * 60, user, connection, &act);
        assert_eq!(at(0, 1, 1), None, "the first says nothing");
        assert_eq!(at(1, 1, 3), None, "another connection of the same place");
        assert_eq!(at(2, 2, 2), None, "somebody else");
        let found = at(60, 1, 2).unwrap();
        assert_eq!((found.user, found.figure, found.threshold), (Some(UserId(1)), 59, 120));
        assert_eq!(at(180, 1, 1), None, "two hours later they can be there");
        assert_eq!(at(181, 1, 9), None, "from nowhere that has a name");
        assert!(at(182, 1, 2).is_some());
    }

    #[test]
    fn it_is_off_without_a_way_between() {
        let mut log = Log::<PlaceChange>::new();
        log.thresholds.place_minutes = 0;
        log.rule.comes_from(ConnectionId(1), Place(0));
        log.rule.comes_from(ConnectionId(2), Place(1));
        let act = order(Side::Buy, 1, "10.00");
        assert_eq!(log.over(0, 1, 1, &act), None);
        assert_eq!(log.over(1, 1, 2, &act), None);
    }
}
