//! Budgets of sources, connections and attempts; it must hold numbers only.

/// Connections one source (an IPv4 address, an IPv6 /64) may have open: a desk behind one address.
pub const CONNECTIONS_PER_SOURCE_MAX: u32 = 512;
/// Handshakes one source may begin at once, and then each second. Unvalidated addresses get a Retry and do not count.
pub const HANDSHAKES_BURST: u32 = 512;
/// See [`HANDSHAKES_BURST`].
pub const HANDSHAKES_PER_S: u32 = 64;
/// Handshakes of one source under way at once: a desk behind one address comes in together.
pub const HANDSHAKING_PER_SOURCE_MAX: u32 = 256;
/// Handshakes under way at once, of all sources: whoever has not shown a certificate takes no place of who has.
pub const HANDSHAKING_MAX: u32 = 1_024;
/// Offences of strangers from one source within [`OFFENCE_WINDOW_S`] that ban it.
pub const OFFENCES_MAX: u32 = 64;
/// See [`OFFENCES_MAX`], in seconds.
pub const OFFENCE_WINDOW_S: u64 = 60;
/// A first ban, in seconds; each further one of the same source is twice as long.
pub const BAN_S: u64 = 600;
/// The longest ban, in seconds; who behaves for as long begins anew.
pub const BAN_S_MAX: u64 = 3_600;
/// Sources whose offences are remembered; beyond it no further one is banned.
pub const BANNED_SOURCES_MAX: usize = 4_096;
/// Bans of one source at once, set by hand among them; of more the shortest is forgotten here.
pub const BANS_OF_ONE_MAX: usize = 8;
/// Of those in force so many are shown: one frame's worth.
pub const BANS_SHOWN_MAX: usize = 300;
/// Of those in force so many are handed to the packet filter.
pub const BANS_FILTERED_MAX: usize = 8_192;
/// Sources remembered; beyond it the longest idle ones are forgotten.
pub const SOURCES_MAX: usize = 65_536;
/// Queries one connection may begin at once, and then each second.
pub const QUERIES_BURST: u32 = 2_048;
/// See [`QUERIES_BURST`].
pub const QUERIES_PER_S: u32 = 1_024;
/// Frames other than commands one connection may send at once, and then each second.
pub const FRAMES_BURST: u32 = 256;
/// See [`FRAMES_BURST`].
pub const FRAMES_PER_S: u32 = 64;
/// Malformed commands (inside well-formed frames) one connection may send in a minute before it is closed.
pub const BAD_COMMANDS_MAX: u32 = 32;
/// Seconds to wait after the first, second, third and every further failure in a row.
pub const DELAYS_S: [u32; 4] = [1, 3, 5, 10];
/// Sources whose wrong enrolment codes are remembered; beyond it the one that waits least is forgotten.
pub const TRIED_SOURCES_MAX: usize = 4_096;
/// Failures in a row that lock a user on a device.
pub const FAILURES_MAX: u32 = 10;
/// Devices whose failures are remembered; every device has a row, so this is far beyond any desk.
pub const DEVICES_MAX: usize = 65_536;
/// The first of its kind is told at once; what repeats is counted and told this often, in seconds.
pub const COUNT_WINDOW_S: u64 = 60;
/// Kinds counted at once; beyond it the rest falls under one kind.
pub const COUNTED_KEYS_MAX: usize = 4_096;
/// Nanoseconds in a second.
pub const NS_PER_S: u64 = 1_000_000_000;
