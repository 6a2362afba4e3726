//! The enrolment stream: a code, the device's key, the person's factors, and in the end a certificate; it must know no session.
//!
//! Its endpoint is its own and listens only while a code is outstanding. The server shows its certificate and the
//! authority's; the client shows none and believes the authority whose key the code names. One bidirectional stream.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::command::Environment;
use crate::ids::{CorrelationId, DeviceId};
use crate::secret::{EnrolSecret, SecretText};

/// From the device.
#[derive(Debug, Clone, Encode, Decode)]
pub enum EnrolRequest {
    /// First of all, and again whenever the device comes back: the code and the key it is used for.
    #[n(0)]
    Open {
        /// Of the code.
        #[n(0)]
        secret: EnrolSecret,
        /// PKCS#10 request (DER) signed by the device's key; nothing but the key is taken from it.
        #[n(1)]
        #[cbor(with = "minicbor::bytes")]
        key: Vec<u8>,
    },
    /// Both factors, chosen and shown to work.
    #[n(1)]
    Factors {
        /// The new password.
        #[n(0)]
        password: SecretText,
        /// Six digits of the new authenticator.
        #[n(1)]
        code: SecretText,
    },
    /// The certificate is kept: the code has done its work.
    #[n(2)]
    Kept,
}

/// From the server.
#[derive(Debug, Clone, Encode, Decode)]
pub enum EnrolReply {
    /// The code is good and unused.
    #[n(0)]
    Known {
        /// Whose it is.
        #[n(0)]
        login: String,
        /// Name of the deployment.
        #[n(1)]
        origin: String,
        /// Seed of the new authenticator in base 32 (RFC 4648), for someone who has no factors yet: they are wanted next.
        /// `None`: the person signs in with the factors they have.
        #[n(2)]
        authenticator: Option<SecretText>,
    },
    /// Not with this code; the same for every cause.
    #[n(1)]
    Refused {
        /// To quote.
        #[n(0)]
        correlation: CorrelationId,
        /// Try again after this many seconds.
        #[n(1)]
        retry_after_s: u32,
    },
    /// The factors are not taken; another try is left.
    #[n(2)]
    FactorsRefused(#[n(0)] FactorFault),
    /// The device waits for the issuer.
    #[n(3)]
    Pending {
        /// Seconds until it waits in vain.
        #[n(0)]
        left_s: u32,
    },
    /// Confirmed.
    #[n(4)]
    Enrolled(#[n(0)] alloc::boxed::Box<Enrolled>),
    /// The issuer refused, or nobody confirmed in time.
    #[n(5)]
    Ended,
    /// No room just now; nothing was tried and nothing counts.
    #[n(6)]
    Busy {
        /// Try again after this many seconds.
        #[n(0)]
        retry_after_s: u32,
    },
}

/// What is wrong with new factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum FactorFault {
    /// The password is too short or too long.
    #[n(0)]
    Password,
    /// It is not the authenticator's code.
    #[n(1)]
    Code,
    /// The password is one of those people try first.
    #[n(2)]
    Common,
}

/// What a confirmed device is given.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Enrolled {
    /// Its certificate, PEM.
    #[n(0)]
    pub certificate: String,
    /// Its number.
    #[n(1)]
    pub device: DeviceId,
    /// Whose it is.
    #[n(2)]
    pub login: String,
    /// Where orders go.
    #[n(3)]
    pub environment: Environment,
    /// Port of the server's clients.
    #[n(4)]
    pub port: u16,
    /// The authority's own certificate, PEM: the device checks that it is the one its code names.
    #[n(5)]
    pub authority: String,
}
