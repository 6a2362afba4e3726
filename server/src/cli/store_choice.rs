//! Which key store a deployment is made with, or brought back into; it must open none.

use std::path::PathBuf;

use super::init::{Failed, failed};
use crate::config::Keys;

/// Where keys are made and stay.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct StoreArgs {
    /// Where the keys are made and stay.
    #[arg(long, value_enum, default_value_t = StoreName::File)]
    keys: StoreName,
    /// The PKCS#11 module of the token's maker.
    #[arg(long, value_name = "FILE", required_if_eq("keys", "pkcs11"))]
    module: Option<PathBuf>,
    /// The label of the token, which has been initialised and has a user PIN.
    #[arg(long, value_name = "LABEL", required_if_eq("keys", "pkcs11"))]
    token: Option<String>,
}

/// A key store by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum StoreName {
    /// A file, sealed under a passphrase.
    File,
    /// A PKCS#11 token, as an HSM is.
    Pkcs11,
}

impl StoreArgs {
    /// As the configuration says it.
    pub(super) fn chosen(&self) -> Result<Keys, Failed> {
        match (self.keys, &self.module, &self.token) {
            (StoreName::File, None, None) => Ok(Keys::File),
            (StoreName::Pkcs11, Some(module), Some(token)) => {
                // Wherever it is started from later.
                let module = std::path::absolute(module).map_err(failed(module.display()))?;
                Ok(Keys::Pkcs11 { module, token: token.clone() })
            }
            (StoreName::File, ..) => Err(Failed("--module and --token are for --keys pkcs11".to_owned())),
            (StoreName::Pkcs11, ..) => Err(Failed("--keys pkcs11 takes --module and --token".to_owned())),
        }
    }
}
