//! The product for one run: simulator and server as processes of their own, and a broker at them; it must lift no rule but the rates.

use std::ffi::OsString;
use std::path::Path;

use clap::Parser;
use turret_client::credentials::{self, Credentials};

use super::ceiling_client::Broken;
use super::product::Broker;
use crate::demo::desk::Desk;
use crate::demo::home::Home;
use crate::demo::options::Options;

/// Everything of the product in one run.
pub struct Product {
    home: Home,
    desk: Option<Desk>,
    options: Options,
    secrets: crate::demo::home::Secrets,
    people: Vec<Credentials>,
}

impl Product {
    /// Makes a desk without limits on orders a minute, or takes the one that lies in `kept`, and starts it.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub fn start(kept: Option<&Path>) -> Result<Self, Broken> {
        let options = Options::try_parse_from([OsString::from("load"), OsString::from("--seed"), OsString::from("7")])?;
        let home = Home::open(kept)?;
        let secrets = home.secrets(true)?;
        let people = credentials::parse(secrets.credentials.clone())?;
        let desk = Some(Desk::start(&home, &secrets, &options)?);
        Ok(Self { home, desk, options, secrets, people })
    }

    /// Stops both processes.
    pub fn stop(&mut self) {
        if let Some(desk) = self.desk.take() {
            desk.stop();
        }
    }

    /// Ends both the hard way (SIGKILL): nothing is closed, no last snapshot is written.
    ///
    /// # Errors
    /// When a process cannot be ended.
    pub fn kill(&mut self) -> Result<(), Broken> {
        if let Some(mut desk) = self.desk.take() {
            desk.server.kill()?;
            desk.venue.kill()?;
        }
        Ok(())
    }

    /// Starts both over what they left.
    ///
    /// # Errors
    /// When they do not start again.
    pub fn start_again(&mut self) -> Result<(), Broken> {
        self.desk = Some(Desk::start(&self.home, &self.secrets, &self.options)?);
        Ok(())
    }

    /// Where the server keeps everything.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.home.dir()
    }

    /// The broker of the demonstration, signed in.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn broker(&self) -> Result<Broker, Broken> {
        let ann = self.people.first().ok_or("nobody")?;
        let desk = self.desk.as_ref().ok_or("stopped")?;
        Broker::sign_in(ann, desk.address).await
    }

    /// Where the server listens.
    ///
    /// # Errors
    /// When it is stopped.
    pub fn address(&self) -> Result<std::net::SocketAddr, Broken> {
        Ok(self.desk.as_ref().ok_or("stopped")?.address)
    }

    /// Everybody of the demonstration, the broker first.
    #[must_use]
    pub fn people(&self) -> &[Credentials] {
        &self.people
    }

    /// The simulator's process id.
    #[must_use]
    pub fn venue_id(&self) -> Option<u32> {
        self.desk.as_ref().map(|desk| desk.venue.id())
    }

    /// The server's process id.
    #[must_use]
    pub fn server_id(&self) -> Option<u32> {
        self.desk.as_ref().map(|desk| desk.server.id())
    }
}
