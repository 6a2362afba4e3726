//! Budgets of each network source whose address has been validated; it must never judge an unvalidated one.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use super::bucket::Bucket;
use super::limits::{
    CONNECTIONS_PER_SOURCE_MAX, HANDSHAKES_BURST, HANDSHAKES_PER_S, HANDSHAKING_MAX, HANDSHAKING_PER_SOURCE_MAX,
    SOURCES_MAX,
};

/// Why a source is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceRefused {
    /// Too many connections open.
    Connections,
    /// Too many handshakes begun.
    Handshakes,
    /// Too many sources are busy at once.
    Table,
    /// Too many handshakes are under way, its own or everybody's.
    Handshaking,
}

impl SourceRefused {
    /// True for what is the source's own doing.
    #[must_use]
    pub const fn is_its_own(self) -> bool {
        matches!(self, Self::Connections | Self::Handshakes)
    }
}

#[derive(Debug)]
struct Source {
    connections: u32,
    handshaking: u32,
    handshakes: Bucket,
}

/// Every source that has a connection or owes budget.
#[derive(Debug, Default)]
pub struct Sources {
    table: BTreeMap<IpAddr, Source>,
    handshaking: u32,
}

/// What counts as one source: an IPv4 address, or the /64 an IPv6 address is of.
#[must_use]
pub fn source_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

impl Sources {
    /// Lets a validated source begin a handshake, which counts until [`Self::shaken`]; its connection counts from here until
    /// [`Self::closed`].
    ///
    /// # Errors
    /// [`SourceRefused`]; nothing is counted then.
    pub fn admit(&mut self, address: IpAddr, now_ns: u64) -> Result<(), SourceRefused> {
        let key = source_of(address);
        if self.table.len() >= SOURCES_MAX && !self.table.contains_key(&key) {
            self.forget_idle(now_ns);
            if self.table.len() >= SOURCES_MAX {
                return Err(SourceRefused::Table);
            }
        }
        let source = self.table.entry(key).or_insert_with(|| Source {
            connections: 0,
            handshaking: 0,
            handshakes: Bucket::new(HANDSHAKES_BURST, HANDSHAKES_PER_S),
        });
        if source.connections >= CONNECTIONS_PER_SOURCE_MAX {
            return Err(SourceRefused::Connections);
        }
        if source.handshaking >= HANDSHAKING_PER_SOURCE_MAX || self.handshaking >= HANDSHAKING_MAX {
            return Err(SourceRefused::Handshaking);
        }
        if !source.handshakes.take(now_ns) {
            return Err(SourceRefused::Handshakes);
        }
        source.connections = source.connections.saturating_add(1);
        source.handshaking = source.handshaking.saturating_add(1);
        self.handshaking = self.handshaking.saturating_add(1);
        Ok(())
    }

    /// A handshake of this source is over, however it ended.
    pub fn shaken(&mut self, address: IpAddr) {
        self.handshaking = self.handshaking.saturating_sub(1);
        if let Some(source) = self.table.get_mut(&source_of(address)) {
            source.handshaking = source.handshaking.saturating_sub(1);
        }
    }

    /// Handshakes under way.
    #[must_use]
    pub const fn handshaking(&self) -> u32 {
        self.handshaking
    }

    /// A connection of this source is gone.
    pub fn closed(&mut self, address: IpAddr) {
        if let Some(source) = self.table.get_mut(&source_of(address)) {
            source.connections = source.connections.saturating_sub(1);
        }
    }

    /// Forgets sources with nothing open and nothing owed.
    pub fn forget_idle(&mut self, now_ns: u64) {
        self.table.retain(|_, source| source.connections > 0 || !source.handshakes.is_whole(now_ns));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::limits::NS_PER_S;

    #[test]
    fn one_source_cannot_take_anothers_room() {
        let (one, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let mut sources = Sources::default();
        let admitted = (0..2_000).filter(|_| sources.admit(one, 0).is_ok()).count();
        assert_eq!(admitted, 256, "handshakes that stand still");
        assert_eq!(sources.admit(one, 0), Err(SourceRefused::Handshaking));
        (0..256).for_each(|_| sources.shaken(one));
        let admitted = (0..2_000).filter(|_| sources.admit(one, 0).is_ok()).count();
        assert_eq!(admitted, 256);
        (0..256).for_each(|_| sources.shaken(one));
        assert_eq!(sources.admit(one, 0), Err(SourceRefused::Connections));
        sources.closed(one);
        assert_eq!(sources.admit(one, 0), Err(SourceRefused::Handshakes));
        assert_eq!(sources.admit(other, 0), Ok(()));
        assert_eq!(sources.admit(one, NS_PER_S), Ok(()));
        sources.closed(other);
        sources.forget_idle(100 * NS_PER_S);
        assert_eq!(sources.table.len(), 1);
    }

    #[test]
    fn a_network_of_ipv6_is_one_source() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(source_of(address("2001:db8::1")), source_of(address("2001:db8::ffff:2")));
        assert_ne!(source_of(address("2001:db8::1")), source_of(address("2001:db8:0:1::1")));
        assert_eq!(source_of(address("::ffff:192.0.2.1")), address("192.0.2.1"));
    }
}
