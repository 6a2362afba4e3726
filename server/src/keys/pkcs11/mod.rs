//! Keys in a PKCS#11 token; it must have no other place to fall back on.

mod bearer;
mod store;
mod token;

pub use store::Pkcs11Keys;
pub use token::Place;
