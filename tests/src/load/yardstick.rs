//! The yardsticks of a run, each alone on the machine while it is measured; it must know nothing of the product.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use quinn::{Connection, Endpoint};
use turret_certs::tls::Credentials;
use turret_certs::{Authority, Profile, transport};
use turret_shared::ids::DeviceId;

use super::ceiling_client::{Broken, Slice, durable, echo};
use super::ceiling_server::{ALPN, serve};
use super::child::Part;

/// Name in the yardstick's certificate.
const NAME: &str = "yardstick.turret.internal";
/// First argument that makes this program the ceiling's server.
pub const CEILING_ARGUMENT: &str = "part-ceiling";

/// The ceiling's server process and a connection to it.
#[derive(Debug)]
pub struct Yardsticks {
    connection: Connection,
    _endpoint: Endpoint,
    part: Part,
}

fn read(folder: &Path, name: &str) -> std::io::Result<String> {
    std::fs::read_to_string(folder.join(name))
}

/// Makes a PKI below `folder` for one run.
fn write_pki(folder: &Path, now_s: u64) -> Result<(), Broken> {
    let authority = Authority::create("yardstick", now_s)?;
    std::fs::write(folder.join("ca.pem"), authority.certificate_pem())?;
    let profiles =
        [("server", Profile::Server { dns_name: NAME.to_owned() }), ("client", Profile::Device(DeviceId(1)))];
    for (name, profile) in profiles {
        let issued = authority.issue(&profile, now_s)?;
        std::fs::write(folder.join(format!("{name}.pem")), &issued.certificate_pem)?;
        std::fs::write(folder.join(format!("{name}.key")), issued.key_pem.as_bytes())?;
    }
    Ok(())
}

/// Runs this process as the ceiling's server, with threads to spare.
///
/// # Errors
/// Whatever stands in the way of serving.
pub fn run_ceiling(folder: PathBuf) -> Result<(), Broken> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(serve_ceiling(folder))
}

async fn serve_ceiling(folder: PathBuf) -> Result<(), Broken> {
    let (ca, certificate, key) = (read(&folder, "ca.pem")?, read(&folder, "server.pem")?, read(&folder, "server.key")?);
    let credentials = Credentials { authority_pem: &ca, certificate_pem: &certificate, key_pem: &key };
    Ok(serve(transport::server(&credentials, ALPN)?, folder).await?)
}

impl Yardsticks {
    /// Starts the ceiling's server over `folder` and connects.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn start(folder: &Path, now_s: u64) -> Result<Self, Broken> {
        write_pki(folder, now_s)?;
        let part = Part::start(&[CEILING_ARGUMENT, &folder.display().to_string()])?;
        let (ca, certificate, key) =
            (read(folder, "ca.pem")?, read(folder, "client.pem")?, read(folder, "client.key")?);
        let credentials = Credentials { authority_pem: &ca, certificate_pem: &certificate, key_pem: &key };
        let mut endpoint = transport::connecting_end(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        endpoint.set_default_client_config(transport::client(&credentials, ALPN)?);
        let connection = endpoint.connect(part.address, NAME)?.await?;
        Ok(Self { connection, _endpoint: endpoint, part })
    }

    /// The ceiling's process id.
    #[must_use]
    pub fn server_id(&self) -> u32 {
        self.part.id()
    }

    /// The ceiling with `in_flight` orders for `seconds`.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn pipeline(&self, in_flight: usize, seconds: f64) -> Result<Slice, Broken> {
        durable(&self.connection, in_flight, seconds).await
    }

    /// One frame there and back.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn echo(&self, seconds: f64) -> Result<Slice, Broken> {
        echo(&self.connection, seconds).await
    }
}
