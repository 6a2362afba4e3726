//! Failures in a row of each network source at a door that knows no devices; it must punish no source for another's.

use std::collections::BTreeMap;
use std::net::IpAddr;

use turret_shared::ids::CorrelationId;

use super::limits::{DELAYS_S, NS_PER_S, TRIED_SOURCES_MAX};
use super::sources::source_of;

#[derive(Debug, Default, Clone, Copy)]
struct Tried {
    failures: u32,
    until_ns: u64,
    row: CorrelationId,
}

/// Who failed, and until when they wait.
#[derive(Debug, Default)]
pub struct Tries {
    table: BTreeMap<IpAddr, Tried>,
}

impl Tries {
    /// Seconds this source must still wait, rounded up; zero when it may try.
    #[must_use]
    pub fn wait_s(&self, address: IpAddr, now_ns: u64) -> u32 {
        let until = self.table.get(&source_of(address)).map_or(0, |tried| tried.until_ns);
        u32::try_from(until.saturating_sub(now_ns).div_ceil(NS_PER_S)).unwrap_or(u32::MAX)
    }

    /// The id of this source's failures in a row, so that they are counted and not listed; `fresh` when there is none.
    #[must_use]
    pub fn row(&self, address: IpAddr, fresh: CorrelationId) -> CorrelationId {
        self.table.get(&source_of(address)).map_or(fresh, |tried| tried.row)
    }

    /// Counts a failure, the first of a row under the id `fresh`; seconds until the next try is looked at.
    pub fn failed(&mut self, address: IpAddr, now_ns: u64, fresh: CorrelationId) -> u32 {
        let key = source_of(address);
        if self.table.len() >= TRIED_SOURCES_MAX && !self.table.contains_key(&key) {
            self.table.retain(|_, tried| tried.until_ns > now_ns);
            if self.table.len() >= TRIED_SOURCES_MAX {
                self.table.pop_first();
            }
        }
        let tried = self.table.entry(key).or_insert(Tried { row: fresh, ..Tried::default() });
        let [.., longest] = DELAYS_S;
        let step = usize::try_from(tried.failures).unwrap_or(usize::MAX);
        let wait_s = DELAYS_S.get(step).copied().unwrap_or(longest);
        tried.failures = tried.failures.saturating_add(1);
        tried.until_ns = now_ns.saturating_add(u64::from(wait_s).saturating_mul(NS_PER_S));
        wait_s
    }

    /// A good code ends the row.
    pub fn cleared(&mut self, address: IpAddr) {
        self.table.remove(&source_of(address));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_for_who_fails_and_for_nobody_else() {
        let (one, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let mut tries = Tries::default();
        let mut now = 0;
        for want in [1, 3, 5, 10, 10] {
            assert_eq!(tries.failed(one, now, CorrelationId(now + 7)), want);
            assert_eq!(tries.row(one, CorrelationId(1)), CorrelationId(7), "one row, one id");
            assert_eq!((tries.wait_s(one, now), tries.wait_s(other, now)), (want, 0));
            now += u64::from(want) * NS_PER_S;
            assert_eq!(tries.wait_s(one, now), 0);
        }
        tries.cleared(one);
        assert_eq!(tries.failed(one, now, CorrelationId(9)), 1);
        assert_eq!(
            (tries.row(one, CorrelationId(1)), tries.row(other, CorrelationId(1))),
            (CorrelationId(9), CorrelationId(1))
        );
    }
}
