//! What the workstation is opened with; it must start nothing.

use tokio::sync::oneshot;

use crate::app::look::Taste;
use crate::credentials::Credentials;
use crate::keymap::Keymap;
use crate::keys::Plugged;
use crate::profile::Profile;
use crate::runtime::Paper;

/// Everything `turret` knows when its screen opens.
#[derive(Debug)]
pub struct Opening {
    /// The device's own profiles, the one to begin with first; in a demo only that of its first person.
    pub profiles: Vec<Profile>,
    /// People of a demo, the chosen one first: their password is filled in and their authenticator supplies the code, both
    /// labelled as a demo's. Empty everywhere else.
    pub demo: Vec<Credentials>,
    /// Keys of the person.
    pub keys: Keymap,
    /// The security key that is spoken to.
    pub plugged: Plugged,
    /// By lines instead of a screen.
    pub linear: bool,
    /// How the person wants it to look.
    pub looks: Taste,
    /// What could not be had of what the person set, in a sentence.
    pub trouble: Option<String>,
    /// What the process before this one left behind at a lock.
    pub left: Option<Paper>,
    /// Comes (or is dropped) when the parent process is gone: the workstation leaves then, restoring the terminal.
    pub parent_gone: Option<oneshot::Receiver<()>>,
}
