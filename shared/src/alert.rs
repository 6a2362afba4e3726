//! An alert of surveillance as those who watch see it; it must hold no credential.

use alloc::string::String;

use minicbor::{Decode, Encode};

use crate::event::alert::AlertRule;
use crate::ids::{CorrelationId, DeviceId, Sequence};
use crate::time::Timestamp;

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AlertView {
    /// Its number: the entry that raised it.
    #[n(0)]
    pub alert: Sequence,
    /// When.
    #[n(1)]
    pub time: Timestamp,
    /// By which rule.
    #[n(2)]
    pub rule: AlertRule,
    /// About whom; empty where it is about nobody in particular.
    #[n(3)]
    pub login: String,
    /// On which device.
    #[n(4)]
    pub device: Option<DeviceId>,
    /// How much it was.
    #[n(5)]
    pub figure: u32,
    /// How much is too much.
    #[n(6)]
    pub threshold: u32,
    /// To quote.
    #[n(7)]
    pub correlation: CorrelationId,
}
