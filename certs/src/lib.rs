//! How the PKI is made, and the transport both ends configure from it; it must hold no key at rest and accept no connection.
#![forbid(unsafe_code)]

pub mod authority;
mod curt;
pub mod device;
pub mod identity;
mod pinned;
pub mod profile;
mod remote;
pub mod syslog;
pub mod tls;
pub mod transport;
pub mod web;

pub use authority::{Authority, AuthorityError, Issued};
pub use device::{DeviceKey, DevicePublic};
pub use identity::Identity;
pub use profile::Profile;
pub use remote::RemoteKey;
