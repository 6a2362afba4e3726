//! Bans in force as a packet filter reads them (nftables); it must write no file and load nothing.

use std::fmt::Write as _;
use std::net::IpAddr;

use super::bans::Out;
use super::limits::BANS_FILTERED_MAX;

/// The file `nft -f` takes over whole: the two sets, emptied and filled anew in one transaction. Loading it a second time
/// leaves what the first did, and no rule of anybody's is touched.
#[must_use]
pub fn nftables(bans: impl Iterator<Item = Out>) -> String {
    let mut text = String::from(
        "# Written by turretd whenever a ban begins or ends; take it over with: nft -f FILE\n\
         table inet turret {\n\
         \tset banned4 { type ipv4_addr; flags timeout; }\n\
         \tset banned6 { type ipv6_addr; flags interval, timeout; }\n\
         }\n\
         flush set inet turret banned4\n\
         flush set inet turret banned6\n",
    );
    // One element a source, as long as the last of its bans.
    let mut sources = std::collections::BTreeMap::new();
    for out in bans.take(BANS_FILTERED_MAX) {
        let left_s = sources.entry(out.source).or_insert(0_u64);
        *left_s = (*left_s).max(out.left_s);
    }
    for (source, left_s) in sources {
        let (set, prefix) = match source {
            IpAddr::V4(_) => ("banned4", ""),
            IpAddr::V6(_) => ("banned6", "/64"),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "add element inet turret {set} {{ {source}{prefix} timeout {left_s}s }}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use turret_shared::ids::BanId;

    #[test]
    fn each_source_is_there_once_for_as_long_as_it_is_out() {
        let out = |source: &str, ban, left_s| Out {
            source: source.parse().unwrap(),
            ban: BanId(ban),
            what: "refused".into(),
            left_s,
            times: 1,
        };
        let text = nftables([out("192.0.2.7", 1, 60), out("192.0.2.7", 2, 600), out("2001:db8::", 3, 9)].into_iter());
        let elements: Vec<&str> = text.lines().filter(|line| line.starts_with("add")).collect();
        assert_eq!(
            elements,
            [
                "add element inet turret banned4 { 192.0.2.7 timeout 600s }",
                "add element inet turret banned6 { 2001:db8::/64 timeout 9s }"
            ]
        );
        assert!(!nftables(std::iter::empty()).contains("add "), "nobody is out: the sets are emptied and stay so");
    }
}
