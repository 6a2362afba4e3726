//! In which state the listings of each venue are, counted as it is told so that no frame walks them; it must know no price.

use std::collections::HashMap;

use turret_shared::ids::InstrumentId;
use turret_shared::view::TradingState;

/// One venue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Venue {
    /// Its code.
    pub mic: String,
    /// Listings in each state that has any.
    states: Vec<(TradingState, usize)>,
}

impl Venue {
    /// Its listings whose state is known.
    #[must_use]
    pub fn listings(&self) -> usize {
        self.states.iter().map(|(_, count)| count).sum()
    }

    /// Those that are halted.
    #[must_use]
    pub fn halted(&self) -> usize {
        self.states.iter().find(|(state, _)| *state == TradingState::Halted).map_or(0, |(_, count)| *count)
    }

    /// The most common state besides that; halted when there is no other.
    #[must_use]
    pub fn state(&self) -> TradingState {
        let others = self.states.iter().filter(|(state, _)| *state != TradingState::Halted);
        others.max_by_key(|(_, count)| *count).map_or(TradingState::Halted, |(state, _)| *state)
    }

    fn count(&mut self, state: TradingState, add: bool) {
        match self.states.iter_mut().find(|(known, _)| *known == state) {
            Some((_, count)) if add => *count = count.saturating_add(1),
            Some((_, count)) => *count = count.saturating_sub(1),
            None if add => self.states.push((state, 1)),
            None => {}
        }
        self.states.retain(|(_, count)| *count > 0);
    }
}

/// Every venue, and what each listing was counted as.
#[derive(Debug, Default)]
pub struct Venues {
    venues: Vec<Venue>,
    told: HashMap<InstrumentId, (usize, TradingState)>,
}

impl Venues {
    /// Every one of which a state is known, in the order they were told of.
    pub fn iter(&self) -> impl Iterator<Item = &Venue> {
        self.venues.iter().filter(|venue| !venue.states.is_empty())
    }

    /// A listing is in this state now.
    pub fn tell(&mut self, id: InstrumentId, mic: &str, state: TradingState) {
        let at = self.venues.iter().position(|venue| venue.mic == mic).unwrap_or_else(|| {
            self.venues.push(Venue { mic: mic.to_owned(), states: Vec::new() });
            self.venues.len().saturating_sub(1)
        });
        if let Some((before, was)) = self.told.insert(id, (at, state))
            && let Some(venue) = self.venues.get_mut(before)
        {
            venue.count(was, false);
        }
        if let Some(venue) = self.venues.get_mut(at) {
            venue.count(state, true);
        }
    }

    /// Forgets every one, for a snapshot.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_counts_once_and_where_it_is_now() {
        use TradingState::{Halted, Open};
        let mut venues = Venues::default();
        for (id, mic, state) in [(1, "XNAS", Halted), (2, "XNAS", Open), (3, "XLON", Halted), (1, "XNAS", Open)] {
            venues.tell(InstrumentId(id), mic, state);
        }
        venues.tell(InstrumentId(2), "XNAS", Halted);
        let told: Vec<_> = venues.iter().map(|v| (v.mic.as_str(), v.listings(), v.halted(), v.state())).collect();
        assert_eq!(told, [("XNAS", 2, 1, Open), ("XLON", 1, 1, Halted)]);
        venues.clear();
        assert_eq!(venues.iter().count(), 0);
    }
}
