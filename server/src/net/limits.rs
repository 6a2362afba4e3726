//! How much and how long the network side waits and holds; it must hold numbers only.

/// Most bytes taken from a stream at once.
pub(super) const READ_BYTES_MAX: usize = 64 * 1024;
/// Commands gathered before they are handed to the sequencer though more were read with them.
pub(super) const GATHERED_MAX: usize = 64;
/// Answers of one commit written before the transport gets its turn to send them.
pub(super) const REPLIES_TOGETHER_MAX: usize = 32;
/// A frame once begun must be whole within this, in seconds.
pub(super) const FRAME_S_MAX: u64 = 5;
/// A write must be taken by the peer within this, in seconds: who does not read is cut.
pub(super) const WRITE_S_MAX: u64 = 10;
/// Handshakes that begin in one turn: a few, so that a crowd is let in about as fast as the network thread can, and what it
/// carries for those who trade lies between them.
pub(super) const TURN_HANDSHAKES: usize = 4;
/// A turn lasts this long, in milliseconds.
pub(super) const TURN_MS: u64 = 1;
/// The handshake must be done within this, in seconds, its turn not counted.
pub(super) const HANDSHAKE_S_MAX: u64 = 5;
/// Once everything was said, the peer has this long to take it before the connection closes, in milliseconds.
pub(super) const GOODBYE_MS_MAX: u64 = 500;
/// Signals a connection has not looked at yet: each is the last or nearly the last it gets.
pub(super) const SIGNALS_MAX: usize = 8;
/// Connections of one device at once: a workstation, its next one before the last is known to be gone, and scripts.
pub(super) const DEVICE_CONNECTIONS_MAX: usize = 32;
/// Queries of one connection at work at once: as many as it may open streams.
pub(super) const QUERIES_AT_WORK_MAX: usize = 32;
/// Frames of the feed put into one write.
pub(super) const FEED_BATCH_MAX: usize = 32;
/// Times a feed is begun when the replica has no room, before the connection is closed for it.
pub(super) const FEED_TRIES_MAX: u32 = 8;
/// Pause between them, in milliseconds.
pub(super) const FEED_RETRY_MS: u64 = 250;
/// Pause before the shares of revoked devices are dropped again when the vault could not, in seconds.
pub(super) const SHARES_RETRY_S: u64 = 5;
/// A picture that did not change is sent again after this, in milliseconds: datagrams get lost.
pub(super) const QUOTE_RESEND_MS: u64 = 1_000;
/// Pictures are gathered for this long before they are sent, in milliseconds: the eye sees no faster.
pub(super) const QUOTE_GATHER_MS: u64 = 50;
/// Sessions, counters and deadlines are looked after this often, in milliseconds.
pub(super) const TICK_MS: u64 = 250;
/// The client is told the seconds its session has left this often, in seconds, and after each report of activity.
pub(super) const SESSION_CLOCK_S: u64 = 30;
/// Priority of the control stream over feed and queries (higher first).
pub(super) const PRIORITY_CONTROL: i32 = 2;
/// See [`PRIORITY_CONTROL`].
pub(super) const PRIORITY_FEED: i32 = 1;
/// See [`PRIORITY_CONTROL`].
pub(super) const PRIORITY_QUERY: i32 = 0;
/// Times one connection may say that its client's cache is durable: when it is opened and when it is closed, with room.
pub(super) const CACHES_KEPT_MAX: u32 = 16;
