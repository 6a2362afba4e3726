//! What whoever runs users may do to people, sessions, devices and accounts, and why they say they do; it must decide nothing.

use core::fmt;

use minicbor::{Decode, Encode};

use crate::bulk::Table;
use crate::denial::Rule;
use crate::digest::Digest;
use crate::event::setup::Policy;
use crate::house::{Code, House};
use crate::ids::{AccountId, BanId, DeskId, DeviceId, SessionId, UserId};
use crate::role::Role;
use crate::time::Timestamp;

/// One act with its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Manage {
    /// What.
    #[n(0)]
    pub act: Act,
    /// Why.
    #[n(1)]
    pub why: Why,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Act {
    /// End one session; its user's orders stay working.
    #[n(0)]
    EndSession {
        /// Which.
        #[n(0)]
        session: SessionId,
    },
    /// Lock every device of a person and end their sessions, or let the devices in again that no stolen token was shown from.
    #[n(1)]
    LockUser {
        /// Whose.
        #[n(0)]
        user: UserId,
        /// True to lock.
        #[n(1)]
        locked: bool,
    },
    /// Take a device out for good.
    #[n(2)]
    RevokeDevice {
        /// Which.
        #[n(0)]
        device: DeviceId,
    },
    /// Give a person another role, or none; their sessions end. Into and out of admin it takes every right on accounts along.
    #[n(3)]
    SetRole {
        /// Whose.
        #[n(0)]
        user: UserId,
        /// `None`: may do nothing and not sign in.
        #[n(1)]
        role: Option<Role>,
    },
    /// Give a person a role of the house's own, and with it the built-in role it is a part of; their sessions end.
    #[n(13)]
    SetComposedRole {
        /// Whose.
        #[n(0)]
        user: UserId,
        /// Which.
        #[n(1)]
        code: Code,
    },
    /// Have a person give a new password at their next sign-in, before they can do anything else.
    #[n(10)]
    RequirePassword {
        /// Whose.
        #[n(0)]
        user: UserId,
    },
    /// Let one device in again, whatever it was locked for.
    #[n(4)]
    UnlockDevice {
        /// Which.
        #[n(0)]
        device: DeviceId,
    },
    /// A person is there from now on; what they are called lies in the vault. Asked for by
    /// [`crate::command::Verb::CreateUser`] only, which brings the name.
    #[n(5)]
    CreateUser {
        /// Theirs.
        #[n(0)]
        user: UserId,
        /// What they may do.
        #[n(1)]
        role: Role,
        /// Of this desk, if of one; what their role does there they may do with all of its accounts.
        #[n(2)]
        desk: Option<DeskId>,
    },
    /// Move a person to another desk, or to none: rights on the old desk's accounts go, those on the new one's come; their
    /// sessions end.
    #[n(6)]
    SetDesk {
        /// Whom.
        #[n(0)]
        user: UserId,
        /// Where.
        #[n(1)]
        desk: Option<DeskId>,
    },
    /// Make a code with which a person enrols one device; the one made before for them is void.
    #[n(7)]
    NewCode {
        /// Whose.
        #[n(0)]
        user: UserId,
    },
    /// Say what a person may do with one account from now on; live sessions see it at once, orders stay working.
    #[n(11)]
    SetRights {
        /// Whose.
        #[n(0)]
        user: UserId,
        /// With which.
        #[n(1)]
        account: AccountId,
        /// What.
        #[n(2)]
        to: Entrusted,
        /// From then on it is again as it is now; `None`: until something else is said.
        #[n(3)]
        until: Option<Timestamp>,
    },
    /// Set or lift a limit of one account: it binds the next order, what is open stays.
    #[n(12)]
    SetLimit {
        /// Whose.
        #[n(0)]
        account: AccountId,
        /// One of the rules that have a figure.
        #[n(1)]
        rule: Rule,
        /// In the rule's unit, as in [`crate::event::setup::LimitSet`]; `None` lifts it.
        #[n(2)]
        value: Option<i64>,
    },
    /// Set or lift a policy figure of a role: it counts for the next order.
    #[n(20)]
    SetPolicy {
        /// Which.
        #[n(0)]
        policy: Policy,
        /// Whose.
        #[n(1)]
        role: Role,
        /// In the policy's unit; `None` lifts it.
        #[n(2)]
        value: Option<i64>,
    },
    /// Take away every factor a person had, and make a code with which they enrol a device and choose new ones.
    #[n(31)]
    Recover {
        /// Whose.
        #[n(0)]
        user: UserId,
    },
    /// Open a desk or an account, move cash, change the restricted list.
    #[n(30)]
    House(#[n(0)] House),
    /// Let nothing of a source in for a while; the address lies in the vault. Asked for by [`crate::command::Verb::Ban`] only,
    /// which brings it.
    #[n(40)]
    SetBan {
        /// Commitment to the address.
        #[n(0)]
        address: Digest,
        /// For so long.
        #[n(1)]
        minutes: u32,
    },
    /// Let the source of a ban in again before it ends by itself.
    #[n(41)]
    LiftBan {
        /// Which.
        #[n(0)]
        ban: BanId,
    },
    /// A table of acts of one kind, done as one. Asked for by [`crate::command::Verb::Bulk`] only, which brings the rows.
    #[n(80)]
    Bulk {
        /// What they are.
        #[n(0)]
        table: Table,
        /// How many.
        #[n(1)]
        rows: u32,
        /// Which: [`crate::bulk::digest`] of them.
        #[n(2)]
        digest: Digest,
    },
    /// Let in the device that waits: its holder read out the letters that whoever made the code sees.
    #[n(8)]
    ConfirmDevice {
        /// Which.
        #[n(0)]
        device: DeviceId,
    },
    /// Turn away the device that waits.
    #[n(9)]
    RefuseDevice {
        /// Which.
        #[n(0)]
        device: DeviceId,
    },
}

/// What a person may do with one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Entrusted {
    /// What they may do with their desk's accounts: nothing is said of this one by itself.
    #[n(0)]
    AsDesk,
    /// Nothing, whatever their desk may.
    #[n(1)]
    Nothing,
    /// See it and no more, whatever their desk may.
    #[n(2)]
    View,
    /// See it and trade for it, besides what their desk may.
    #[n(3)]
    Trade,
    /// See it and approve orders in it, besides what their desk may.
    #[n(4)]
    Approve,
}

impl Entrusted {
    /// Every one, in the order they are offered.
    pub const ALL: [Self; 5] = [Self::Trade, Self::View, Self::Approve, Self::Nothing, Self::AsDesk];

    /// A word of scripts and of the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AsDesk => "desk",
            Self::Nothing => "none",
            Self::View => "view",
            Self::Trade => "trade",
            Self::Approve => "approve",
        }
    }

    /// For a person.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::AsDesk => "what their desk may",
            Self::Nothing => "nothing",
            Self::View => "view",
            Self::Trade => "view and trade",
            Self::Approve => "view and approve",
        }
    }
}

/// Why, from a closed list: the log holds no free text about people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Why {
    /// The person asked for it and was recognised.
    #[n(0)]
    Asked,
    /// What they do now, or no longer do.
    #[n(1)]
    Duties,
    /// A device was lost or stolen.
    #[n(2)]
    LostDevice,
    /// Something looks wrong.
    #[n(3)]
    Suspicion,
    /// A mistake is put right.
    #[n(4)]
    Mistake,
}

impl Why {
    /// Every one, in the order they are offered.
    pub const ALL: [Self; 5] = [Self::Asked, Self::Duties, Self::LostDevice, Self::Suspicion, Self::Mistake];

    /// A word of the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Duties => "duties",
            Self::LostDevice => "lost_device",
            Self::Suspicion => "suspicion",
            Self::Mistake => "mistake",
        }
    }

    /// For a person.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Asked => "they asked for it and were recognised",
            Self::Duties => "their duties changed",
            Self::LostDevice => "a device was lost or stolen",
            Self::Suspicion => "something looks wrong",
            Self::Mistake => "to put a mistake right",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
