//! A ban of a network source as those who watch see it, and one set by hand; it must decide nothing.

use alloc::string::String;
use core::net::IpAddr;

use minicbor::{Decode, Encode};

use crate::ids::BanId;
use crate::limits::{BAN_MINUTES_MAX, BAN_SOURCE_CHARS_MAX};
use crate::manage::Why;
use crate::time::Timestamp;

/// A source that is let in no more for a while; only the edge knows its address.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BanView {
    /// Its number, as in the log.
    #[n(0)]
    pub ban: BanId,
    /// An IPv4 address, or the /64 of an IPv6 address.
    #[n(1)]
    pub source: String,
    /// The last straw, or why somebody set it, in a word of ours.
    #[n(2)]
    pub why: String,
    /// When it ends by itself.
    #[n(3)]
    pub until: Timestamp,
    /// How often the source was banned, this time counted.
    #[n(4)]
    pub times: u32,
    /// When it was set.
    #[n(5)]
    pub since: Timestamp,
    /// The login of whoever set it; empty where the server did by itself.
    #[n(6)]
    pub by: String,
}

/// A ban set by hand. The source goes to the vault before anything is decided, and never to the log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct NewBan {
    /// An address; of IPv6 its /64 is meant.
    #[n(0)]
    pub source: String,
    /// For so many minutes, at most `BAN_MINUTES_MAX`.
    #[n(1)]
    pub minutes: u32,
    /// Why.
    #[n(2)]
    pub why: Why,
}

/// The address somebody typed, if it is one.
#[must_use]
pub fn address(typed: &str) -> Option<IpAddr> {
    if typed.len() > BAN_SOURCE_CHARS_MAX { None } else { typed.parse().ok() }
}

/// True for a time a ban may last.
#[must_use]
pub const fn is_time(minutes: u32) -> bool {
    minutes > 0 && minutes <= BAN_MINUTES_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_and_nothing_else_is() {
        assert!(address("192.0.2.7").is_some() && address("2001:db8::7").is_some());
        for typed in ["", "192.0.2.0/24", "192.0.2.7:443", "host.example", " 192.0.2.7", "300.1.1.1"] {
            assert_eq!(address(typed), None, "{typed}");
        }
        assert!(is_time(1) && is_time(BAN_MINUTES_MAX) && !is_time(0) && !is_time(BAN_MINUTES_MAX + 1));
    }
}
