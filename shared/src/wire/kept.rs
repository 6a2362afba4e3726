//! What a device keeps of the server between sessions, and what opens it; it must come with both factors only.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::ids::{DeviceId, EntitlementVersion};
use crate::secret::SecretKey;
use crate::tlog::Hash;

/// The newest signed checkpoint of the log, and that it continues the one the client keeps.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LogHead {
    /// The signed note (C2SP tlog-checkpoint).
    #[n(0)]
    pub note: String,
    /// The public half of the key that signed it.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub key: [u8; 32],
    /// Consistency with the one kept (RFC 6962, 2.1.2); empty without one, and when the log has no more than that.
    #[n(2)]
    pub proof: Vec<Hash>,
    /// The word of each earlier key on the next, oldest first: signed notes.
    #[n(3)]
    pub successions: Option<Vec<String>>,
}

/// What opens the cache one person keeps on one device, together with their password.
#[derive(Debug, Clone, Encode, Decode)]
#[cbor(map)]
pub struct CacheGrant {
    /// The server's half of the key: random, kept for this person on this device.
    #[n(0)]
    pub share: SecretKey,
    /// The newest generation the client said is durable; 0 before the first.
    #[n(1)]
    pub generation: u64,
    /// The device, as its certificate says.
    #[n(2)]
    pub device: DeviceId,
    /// What this person may see now: rows kept under another version are purged before anything is shown.
    #[n(3)]
    pub rights: EntitlementVersion,
}
