//! Why a session ended, for its person and for the audit; it must tell nobody else.

use minicbor::{Decode, Encode};

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum SessionEnd {
    /// Signed out.
    #[n(0)]
    SignedOut,
    /// 15 minutes without input.
    #[n(1)]
    Idle,
    /// 12 hours.
    #[n(2)]
    Absolute,
    /// By an administrator.
    #[n(3)]
    Killed,
    /// Its device was revoked.
    #[n(4)]
    DeviceRevoked,
    /// Its token came from another device, or its device showed the token of another.
    #[n(5)]
    TokenMisused,
    /// The same user signed in again on this device.
    #[n(6)]
    Replaced,
    /// Locked by the client.
    #[n(7)]
    Locked,
    /// Five access refusals in a minute.
    #[n(8)]
    Probing,
    /// Ten wrong passwords or codes locked its device.
    #[n(9)]
    DeviceLocked,
    /// Its user gave a new password elsewhere.
    #[n(10)]
    PasswordChanged,
    /// Surveillance answered an alert so.
    #[n(11)]
    Alert,
    /// By its user, from another session.
    #[n(12)]
    Elsewhere,
}

impl SessionEnd {
    /// The audit's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Idle => "idle",
            Self::Absolute => "absolute",
            Self::Killed => "killed",
            Self::DeviceRevoked => "device_revoked",
            Self::TokenMisused => "token_misused",
            Self::Replaced => "replaced",
            Self::Locked => "locked",
            Self::Probing => "probing",
            Self::DeviceLocked => "device_locked",
            Self::PasswordChanged => "password_changed",
            Self::Alert => "alert",
            Self::Elsewhere => "elsewhere",
        }
    }
}
