//! What the workstation is opened with; it must start nothing.

use tokio::sync::oneshot;

use crate::credentials::Credentials;
use crate::profile::Profile;
use crate::runtime::Paper;

/// Everything `turret` knows when its screen opens.
#[derive(Debug)]
pub struct Opening {
    /// The device's own profile, or that of the first of `demo`.
    pub profile: Profile,
    /// People of a demo, the chosen one first: their password is filled in and their authenticator supplies the code, both
    /// labelled as a demo's. Empty everywhere else.
    pub demo: Vec<Credentials>,
    /// What the process before this one left behind at a lock.
    pub left: Option<Paper>,
    /// Comes (or is dropped) when the parent process is gone: the workstation leaves then, restoring the terminal.
    pub parent_gone: Option<oneshot::Receiver<()>>,
}
