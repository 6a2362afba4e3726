//! How much and how long a stranger's connection may hold; it must hold numbers only.

/// Connections at once; the next waits in the system's queue.
pub(super) const CONNECTIONS_MAX: usize = 256;
/// A TLS handshake must be done within this, in seconds.
pub(super) const HANDSHAKE_S_MAX: u64 = 5;
/// The head of a request must be there within this, in seconds: also how long a kept connection may be silent.
pub(super) const HEAD_S_MAX: u64 = 10;
/// Body and answer must be done within this, in seconds.
pub(super) const ANSWER_S_MAX: u64 = 10;
/// Largest head of a request, in bytes.
pub(super) const HEAD_BYTES_MAX: usize = 8 * 1024;
/// Headers of a request.
pub(super) const HEADERS_MAX: usize = 32;
/// A connection ends after this whatever it does, in seconds.
pub(super) const CONNECTION_S_MAX: u64 = 600;
/// An answer to us must be there within this, in seconds.
pub(super) const ASK_S_MAX: u64 = 5;
/// Longest answer to us, in bytes.
pub(super) const ASK_BYTES_MAX: usize = 64 * 1024;
/// Pause after the system gave no connection, in milliseconds.
pub(super) const ACCEPT_RETRY_MS: u64 = 100;
