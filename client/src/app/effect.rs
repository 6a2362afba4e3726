//! What `update` wants done outside: the runtime does it and tells the result as a message; it must do nothing itself.

use std::path::PathBuf;

use turret_shared::bulk::Table;
use turret_shared::ids::{InstrumentId, OrderId, PendingId, UserId};
use turret_shared::secret::SecretText;
use turret_shared::wire::query::Ask;

use crate::keys::Hand;

/// Number the workstation gives to what it asks, so that the answer finds its asker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Request(pub u64);

/// One thing to do.
#[derive(Debug)]
pub enum Effect {
    /// Make the connection (a fresh one; whatever was there is closed).
    Connect {
        /// As this one of the demo's people, or as the device's owner where there is no demo.
        person: usize,
        /// To this one of the servers.
        server: usize,
    },
    /// Both factors.
    SignIn {
        /// User name.
        login: String,
        /// Password.
        password: SecretText,
        /// Six digits.
        code: SecretText,
    },
    /// A password, and a security key in place of a code.
    SignInByKey {
        /// Of the turn with the key.
        request: Request,
        /// User name.
        login: String,
        /// Password.
        password: SecretText,
    },
    /// Make a credential on a security key, and register it with both factors.
    RegisterKey {
        /// To find the asker, and of the turn with the key.
        request: Request,
        /// Password.
        password: SecretText,
        /// Six digits.
        code: SecretText,
    },
    /// Do something about a turn with a security key; with nothing, give it up.
    Key {
        /// Which turn.
        request: Request,
        /// What.
        hand: Option<Hand>,
    },
    /// The new password that a sign-in wants.
    NewPassword {
        /// User name.
        login: String,
        /// The one there is, which what this device keeps is locked with.
        old: SecretText,
        /// The one there will be.
        new: SecretText,
    },
    /// Another password within a session.
    ChangePassword {
        /// To find the asker.
        request: Request,
        /// User name.
        login: String,
        /// Their number.
        user: UserId,
        /// The one there is.
        old: SecretText,
        /// The one there will be.
        new: SecretText,
        /// Six digits.
        code: SecretText,
    },
    /// Start the feed, from where this device left off if it kept that.
    StartFeed,
    /// Send canonical command bytes.
    Send {
        /// To find the asker.
        request: Request,
        /// Exactly what was reviewed.
        bytes: Vec<u8>,
    },
    /// Answer step-ups.
    Prove {
        /// To find the asker.
        request: Request,
        /// Which.
        pending: Vec<PendingId>,
        /// Six digits.
        code: SecretText,
    },
    /// Answer one step-up with a signature of a security key.
    ProveByKey {
        /// To find the asker, and of the turn with the key.
        request: Request,
        /// Which.
        pending: PendingId,
    },
    /// These are never proved: what they name was not sent on.
    GiveUp(Vec<PendingId>),
    /// Ask something.
    Ask {
        /// To find the asker.
        request: Request,
        /// What.
        ask: Ask,
    },
    /// Keep how the desk is arranged, lines of text.
    KeepLayout(String),
    /// Write a proof pack into a file of the person's own.
    KeepPack {
        /// What it is about.
        order: OrderId,
        /// All of it.
        bytes: Vec<u8>,
    },
    /// Read a file of acts and have every row judged.
    ReadTable {
        /// To find the asker.
        request: Request,
        /// What its rows are of.
        table: Table,
        /// Where it is.
        file: PathBuf,
    },
    /// Write how things stand into a new file.
    WriteTable {
        /// What its rows are of.
        table: Table,
        /// Where.
        file: PathBuf,
    },
    /// Say whose quotes are wanted.
    Watch(Vec<InstrumentId>),
    /// Keep these tickets on this device, in place of those before.
    KeepDrafts(Vec<super::ticket::Draft>),
    /// Report a person's input.
    Activity,
    /// End the session.
    SignOut {
        /// The screen locks.
        locked: bool,
    },
    /// Put text on the clipboard of the person's terminal (OSC 52).
    Copy(String),
    /// Take the mouse or leave it to the terminal.
    Mouse(bool),
    /// Seal what is left behind and go on in a process that never held the desk.
    Leave(Box<super::lock::LeftBehind>),
    /// Suspend the program until the shell wakes it.
    Suspend,
    /// End the program.
    Quit,
}
