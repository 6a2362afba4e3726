//! Sources that are let in no more for a while; it must judge validated addresses only, and nobody for ever.
//!
//! Only strangers' offences count: a known device answers for itself, and a desk shares an address.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use turret_shared::ids::BanId;

use super::limits::{BAN_S, BAN_S_MAX, BANNED_SOURCES_MAX, BANS_OF_ONE_MAX, NS_PER_S, OFFENCE_WINDOW_S, OFFENCES_MAX};
use super::sources::source_of;

#[derive(Debug, Default, Clone)]
struct Offender {
    /// Offences since then.
    window_ns: u64,
    offences: u32,
    /// Bans so far: the next one of ours is twice as long.
    bans: u32,
    /// What keeps it out: one of ours, and those set by hand.
    out: Vec<Held>,
}

/// What keeps a source out, until it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    ban: BanId,
    what: Cow<'static, str>,
    until_ns: u64,
}

impl Offender {
    /// When the last of its bans ends.
    fn until_ns(&self) -> u64 {
        self.out.iter().map(|held| held.until_ns).max().unwrap_or(0)
    }

    fn hold(&mut self, held: Held, now_ns: u64) {
        self.out.retain(|known| known.until_ns > now_ns);
        if self.out.len() >= BANS_OF_ONE_MAX {
            let shortest = self.out.iter().enumerate().min_by_key(|(_, known)| known.until_ns).map(|(at, _)| at);
            shortest.into_iter().for_each(|at| drop(self.out.remove(at)));
        }
        self.out.push(held);
    }
}

/// A ban that begins now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ban {
    /// Whom: an IPv4 address, or the /64 of an IPv6 address.
    pub source: IpAddr,
    /// For so many seconds.
    pub for_s: u64,
    /// Offences that led to it.
    pub offences: u32,
    /// Its number.
    pub ban: BanId,
    /// How often the source was banned before.
    pub before: u32,
}

/// A ban in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Out {
    /// Whom: an IPv4 address, or the /64 of an IPv6 address.
    pub source: IpAddr,
    /// The ban's number.
    pub ban: BanId,
    /// The last straw, or why somebody set it.
    pub what: Cow<'static, str>,
    /// Seconds until it ends.
    pub left_s: u64,
    /// How often it was banned, this time counted.
    pub times: u32,
}

/// A ban that the log tells of: from before a restart, or set by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Whom.
    pub source: IpAddr,
    /// Its number.
    pub ban: BanId,
    /// The last straw, or why somebody set it.
    pub what: String,
    /// Nanoseconds until it ends.
    pub left_ns: u64,
    /// How often the source was banned before.
    pub before: u32,
}

/// Who offended, and until when they are out.
#[derive(Debug, Default)]
pub struct Bans {
    table: BTreeMap<IpAddr, Offender>,
}

impl Bans {
    /// True while the source is out.
    #[must_use]
    pub fn is_banned(&self, address: IpAddr, now_ns: u64) -> bool {
        self.table.get(&source_of(address)).is_some_and(|offender| offender.until_ns() > now_ns)
    }

    /// Counts an offence of a stranger; the ban it led to under this number, if it was the last straw.
    pub fn offended(&mut self, address: IpAddr, ban: BanId, what: &'static str, now_ns: u64) -> Option<Ban> {
        let source = source_of(address);
        if self.table.len() >= BANNED_SOURCES_MAX && !self.table.contains_key(&source) {
            self.forget(now_ns);
            if self.table.len() >= BANNED_SOURCES_MAX {
                return None;
            }
        }
        let offender = self.table.entry(source).or_default();
        if now_ns.saturating_sub(offender.window_ns) >= OFFENCE_WINDOW_S.saturating_mul(NS_PER_S) {
            offender.window_ns = now_ns;
            offender.offences = 0;
        }
        offender.offences = offender.offences.saturating_add(1);
        if offender.offences < OFFENCES_MAX || offender.until_ns() > now_ns {
            return None;
        }
        let for_s = BAN_S.saturating_mul(1_u64.checked_shl(offender.bans).unwrap_or(u64::MAX)).min(BAN_S_MAX);
        let offences = std::mem::take(&mut offender.offences);
        let before = offender.bans;
        offender.bans = before.saturating_add(1);
        let until_ns = now_ns.saturating_add(for_s.saturating_mul(NS_PER_S));
        offender.hold(Held { ban, what: Cow::Borrowed(what), until_ns }, now_ns);
        Some(Ban { source, for_s, offences, ban, before })
    }

    /// Takes over a ban that the log tells of. The log holds only so many, whatever is counted here besides.
    pub fn told(&mut self, told: Told, now_ns: u64) {
        let offender = self.table.entry(source_of(told.source)).or_default();
        offender.bans = offender.bans.max(told.before).saturating_add(1);
        let until_ns = now_ns.saturating_add(told.left_ns);
        offender.hold(Held { ban: told.ban, what: Cow::Owned(told.what), until_ns }, now_ns);
    }

    /// A ban is over before its end: its source begins anew, unless another one keeps it out. Whom it kept out, if anybody.
    pub fn lifted(&mut self, ban: BanId, now_ns: u64) -> Option<IpAddr> {
        let held = |offender: &Offender| offender.out.iter().any(|held| held.ban == ban && held.until_ns > now_ns);
        let (source, offender) = self.table.iter_mut().find(|(_, offender)| held(offender))?;
        offender.out.retain(|held| held.ban != ban);
        (offender.offences, offender.bans) = (0, 0);
        Some(*source)
    }

    /// The number of every ban that keeps somebody out, and of some that ended a moment ago.
    #[must_use]
    pub fn numbers(&self) -> BTreeSet<BanId> {
        self.table.values().flat_map(|offender| offender.out.iter().map(|held| held.ban)).collect()
    }

    /// Bans in force.
    pub fn now(&self, now_ns: u64) -> impl Iterator<Item = Out> {
        self.table.iter().flat_map(move |(source, offender)| {
            offender.out.iter().filter(move |held| held.until_ns > now_ns).map(move |held| Out {
                source: *source,
                ban: held.ban,
                what: held.what.clone(),
                left_s: held.until_ns.saturating_sub(now_ns).div_ceil(NS_PER_S),
                times: offender.bans,
            })
        })
    }

    /// Forgets who has behaved for as long as the longest ban of ours.
    pub fn forget(&mut self, now_ns: u64) {
        let since_ns = now_ns.saturating_sub(BAN_S_MAX.saturating_mul(NS_PER_S));
        self.table.retain(|_, offender| {
            offender.until_ns().max(offender.window_ns) > since_ns || offender.until_ns() > now_ns
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn banned_after(bans: &mut Bans, who: IpAddr, now_ns: u64) -> (u32, Ban) {
        (1..).find_map(|count| bans.offended(who, BanId(7), "refused", now_ns).map(|ban| (count, ban))).unwrap()
    }

    #[test]
    fn many_offences_in_a_minute_ban_for_a_while_and_each_time_for_longer() {
        let (one, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let mut bans = Bans::default();
        let mut now_ns = 5 * NS_PER_S;
        for want_s in [600, 1_200, 2_400, 3_600, 3_600] {
            let (count, ban) = banned_after(&mut bans, one, now_ns);
            assert_eq!((count, ban.for_s, ban.source), (OFFENCES_MAX, want_s, one));
            assert!(bans.is_banned(one, now_ns) && !bans.is_banned(other, now_ns));
            let out: Vec<_> = bans.now(now_ns).map(|out| (out.source, out.ban, out.what, out.left_s)).collect();
            assert_eq!(out, [(one, BanId(7), Cow::Borrowed("refused"), want_s)]);
            now_ns += want_s * NS_PER_S;
            assert!(!bans.is_banned(one, now_ns), "it ends by itself");
        }
    }

    #[test]
    fn a_few_offences_a_minute_ban_nobody_and_the_table_stays_small() {
        let one: IpAddr = "192.0.2.1".parse().unwrap();
        let mut bans = Bans::default();
        for minute in 0..100_u64 {
            for _ in 1..OFFENCES_MAX {
                assert_eq!(bans.offended(one, BanId(7), "refused", minute * OFFENCE_WINDOW_S * NS_PER_S), None);
            }
        }
        for n in 0..2 * BANNED_SOURCES_MAX as u32 {
            bans.offended(IpAddr::V4(n.into()), BanId(7), "refused", 0);
        }
        assert!(bans.table.len() <= BANNED_SOURCES_MAX);
        bans.forget(20_000 * NS_PER_S);
        assert!(bans.table.is_empty());
    }

    #[test]
    fn what_the_log_tells_of_keeps_out_until_it_ends_or_the_last_one_is_lifted() {
        let one: IpAddr = "192.0.2.1".parse().unwrap();
        let told = |ban, left_s: u64, before| Told {
            source: one,
            ban: BanId(ban),
            what: "suspicion".into(),
            left_ns: left_s * NS_PER_S,
            before,
        };
        let mut bans = Bans::default();
        bans.told(told(1, 60, 0), 0);
        bans.told(told(2, 120, 0), 0);
        assert_eq!(bans.lifted(BanId(2), NS_PER_S), Some(one));
        assert!(bans.is_banned(one, NS_PER_S), "the other one stands");
        assert_eq!(bans.numbers(), BTreeSet::from([BanId(1)]));
        assert_eq!(bans.lifted(BanId(2), NS_PER_S), None);
        assert!(!bans.is_banned(one, 60 * NS_PER_S), "it ends by itself");
        bans.told(told(3, 60, 1), 60 * NS_PER_S);
        assert_eq!(bans.now(61 * NS_PER_S).map(|out| (out.left_s, out.times)).collect::<Vec<_>>(), [(59, 2)]);
        for ban in 10..30 {
            bans.told(told(ban, 600 + ban, 0), 61 * NS_PER_S);
        }
        assert_eq!(bans.now(61 * NS_PER_S).count(), BANS_OF_ONE_MAX);
        assert!(bans.numbers().contains(&BanId(29)), "the one that lasts longest stays");
    }
}
