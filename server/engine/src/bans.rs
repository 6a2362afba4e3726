//! Bans as the log tells them, each until it would end; it must know no address, only what the vault keeps one under.

use alloc::collections::BTreeMap;
use alloc::string::String;

use minicbor::{Decode, Encode};
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::ops::BanSet;
use turret_shared::ids::{BanId, UserId};
use turret_shared::limits::BANS_MAX;
use turret_shared::time::{NS_PER_S, Timestamp};

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Ban {
    /// When it was set.
    #[n(0)]
    pub since: Timestamp,
    /// When it ends by itself.
    #[n(1)]
    pub until: Timestamp,
    /// The last straw, or why somebody set it.
    #[n(2)]
    pub why: String,
    /// How often the source was banned before.
    #[n(3)]
    pub before: u32,
    /// Commitment to the address; `None` where the vault could not keep it.
    #[n(4)]
    pub address: Option<Digest>,
    /// Who set it; `None`: the server by itself.
    #[n(5)]
    pub by: Option<UserId>,
    /// Its source is let in again.
    #[n(6)]
    pub lifted: bool,
}

/// Those that have not ended, those that were lifted among them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Bans(#[n(0)] BTreeMap<BanId, Ban>);

impl Bans {
    /// One that is in force.
    #[must_use]
    pub fn get(&self, ban: BanId, now: Timestamp) -> Option<&Ban> {
        self.0.get(&ban).filter(|known| !known.lifted && known.until > now)
    }

    /// Those in force, by number.
    pub fn in_force(&self, now: Timestamp) -> impl Iterator<Item = (BanId, &Ban)> {
        self.0.iter().filter(move |(_, known)| !known.lifted && known.until > now).map(|(ban, known)| (*ban, known))
    }

    /// Those that were lifted and would not have ended by themselves when the log last heard of a ban.
    pub fn lifted(&self) -> impl Iterator<Item = BanId> {
        self.0.iter().filter(|(_, known)| known.lifted).map(|(ban, _)| *ban)
    }

    /// True when no further one can be set by hand.
    #[must_use]
    pub(crate) fn is_full(&self, now: Timestamp) -> bool {
        self.in_force(now).count() >= BANS_MAX
    }

    pub(crate) fn evolve(&mut self, time: Timestamp, event: &Event) {
        match event {
            Event::BanSet(e) => self.set(time, e),
            Event::BanLifted(e) => {
                if let Some(known) = self.0.get_mut(&e.ban) {
                    known.lifted = true;
                }
            }
            _ => {}
        }
    }

    fn set(&mut self, time: Timestamp, e: &BanSet) {
        self.0.retain(|_, known| known.until > time);
        if self.0.len() >= BANS_MAX {
            let first = self.0.iter().min_by_key(|(_, known)| (!known.lifted, known.until)).map(|(ban, _)| *ban);
            first.into_iter().for_each(|ban| drop(self.0.remove(&ban)));
        }
        let seconds = i64::try_from(e.for_s).unwrap_or(i64::MAX);
        let until = time.after_ns(seconds.saturating_mul(NS_PER_S));
        let (why, before, address, by) = (e.fault.clone(), e.before, e.address, e.by);
        self.0.insert(e.ban, Ban { since: time, until, why, before, address, by, lifted: false });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use turret_shared::event::ops::BanLifted;

    fn set(bans: &mut Bans, ban: u64, at_s: i64, for_s: u64) {
        let address = Some(Digest([7; 32]));
        let e = BanSet { ban: BanId(ban), fault: "refused".into(), offences: 64, for_s, before: 0, address, by: None };
        bans.evolve(Timestamp(at_s * NS_PER_S), &Event::BanSet(e));
    }

    #[test]
    fn each_is_there_until_it_ends_or_is_lifted_and_no_more_than_so_many_are() {
        let at = |s: i64| Timestamp(s * NS_PER_S);
        let mut bans = Bans::default();
        set(&mut bans, 1, 0, 600);
        set(&mut bans, 2, 10, 600);
        assert!(bans.get(BanId(1), at(599)).is_some() && bans.get(BanId(1), at(600)).is_none());
        bans.evolve(at(20), &Event::BanLifted(BanLifted { ban: BanId(2), by: UserId(4) }));
        assert_eq!(bans.in_force(at(21)).map(|(ban, _)| ban).collect::<alloc::vec::Vec<_>>(), [BanId(1)]);
        assert_eq!(bans.lifted().collect::<alloc::vec::Vec<_>>(), [BanId(2)]);
        set(&mut bans, 3, 700, 600);
        assert_eq!(bans.0.len(), 1, "what is over is forgotten");
        for ban in 0..2 * BANS_MAX as u64 {
            set(&mut bans, 100 + ban, 701, 600 + ban);
        }
        assert_eq!(bans.0.len(), BANS_MAX);
        assert!(bans.is_full(at(702)) && bans.get(BanId(99 + 2 * BANS_MAX as u64), at(702)).is_some());
    }
}
