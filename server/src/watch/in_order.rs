//! Things of orders as they were entered: found by the order, the oldest forgotten first; it must cost the same however many.

use std::collections::VecDeque;

use turret_shared::ids::OrderId;

/// What is known of at most so many orders. An order's number is larger than any before it, so the end is always its place.
#[derive(Debug)]
pub(super) struct InOrder<T> {
    /// Of one taken out the place stays, until as many places stand empty as may be held.
    places: VecDeque<(OrderId, Option<T>)>,
    held: usize,
    most: usize,
}

impl<T> InOrder<T> {
    pub(super) const fn new(most: usize) -> Self {
        Self { places: VecDeque::new(), held: 0, most }
    }

    /// One more; what had to be forgotten for it. An order that is not newer than the last is not taken.
    pub(super) fn push(&mut self, order: OrderId, one: T) -> Option<T> {
        if self.places.back().is_some_and(|(last, _)| order <= *last) {
            return None;
        }
        let forgotten = if self.held >= self.most { self.pop_oldest() } else { None };
        if self.places.len() >= self.most.saturating_mul(2) {
            self.places.retain(|(_, one)| one.is_some());
        }
        self.places.push_back((order, Some(one)));
        self.held = self.held.saturating_add(1);
        forgotten
    }

    pub(super) fn get_mut(&mut self, order: OrderId) -> Option<&mut T> {
        let at = self.places.binary_search_by_key(&order, |(id, _)| *id).ok()?;
        self.places.get_mut(at)?.1.as_mut()
    }

    pub(super) fn remove(&mut self, order: OrderId) -> Option<T> {
        let at = self.places.binary_search_by_key(&order, |(id, _)| *id).ok()?;
        let gone = self.places.get_mut(at)?.1.take()?;
        self.held = self.held.saturating_sub(1);
        Some(gone)
    }

    fn pop_oldest(&mut self) -> Option<T> {
        let gone = std::iter::from_fn(|| self.places.pop_front()).find_map(|(_, one)| one)?;
        self.held = self.held.saturating_sub(1);
        Some(gone)
    }

    #[cfg(test)]
    pub(super) const fn len(&self) -> usize {
        self.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_stays_is_kept_while_others_come_and_go() {
        let mut some = InOrder::new(4);
        assert_eq!(some.push(OrderId(1), 'a'), None);
        for n in 2..1_000 {
            assert_eq!(some.push(OrderId(n), 'b'), None);
            assert_eq!(some.remove(OrderId(n)), Some('b'));
        }
        assert_eq!((some.len(), some.get_mut(OrderId(1))), (1, Some(&mut 'a')));
        assert!(some.places.len() <= 8);
    }

    #[test]
    fn the_oldest_goes_first_and_nothing_older_comes_after() {
        let mut some = InOrder::new(3);
        for n in 1..=3 {
            assert_eq!(some.push(OrderId(n), n), None);
        }
        assert_eq!(some.remove(OrderId(2)), Some(2));
        assert_eq!(some.remove(OrderId(2)), None);
        assert_eq!(some.push(OrderId(4), 4), None);
        assert_eq!(some.push(OrderId(4), 9), None, "no newer than the last");
        assert_eq!(some.push(OrderId(5), 5), Some(1));
        assert_eq!(some.push(OrderId(6), 6), Some(3));
        assert_eq!((some.len(), some.remove(OrderId(9))), (3, None));
    }
}
