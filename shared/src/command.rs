//! What a client may ask the engine to do, as deterministic CBOR; it must hold nothing a server decides.
//!
//! The bytes are canonical (RFC 8949, 4.2.1): [`Command::from_bytes`] decodes, encodes again and compares, so that exactly
//! the bytes received are hashed, proved, executed and logged. A field added later comes after version negotiation.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::alert::HandleAlert;
use crate::approval::{Judge, Request};
use crate::assertion::Purpose;
use crate::attempt::Review;
use crate::ban::NewBan;
use crate::bulk::Bulk;
use crate::cbor;
use crate::ids::{ClOrdId, DeskId, ExecId, OrderId};
use crate::limits::COMMAND_BYTES_MAX;
use crate::manage::{Manage, Why};
use crate::money::{Price, Qty};
use crate::order::{OrdType, Side, TimeInForce};
use crate::own::Own;
use crate::role::Role;
use crate::time::Timestamp;

/// Version of the command schema this code speaks.
pub const COMMAND_SCHEMA: u8 = 1;

/// Where orders go: the command says it, so that no LIVE order is ever mistaken for a simulated one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Environment {
    /// Simulator.
    #[n(0)]
    Sim,
    /// Real venues.
    #[n(1)]
    Live,
}

impl Environment {
    /// `SIM` or `LIVE`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sim => "SIM",
            Self::Live => "LIVE",
        }
    }
}

/// One command with what it is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Command {
    /// [`COMMAND_SCHEMA`].
    #[n(0)]
    pub schema: u8,
    /// Must be the server's own.
    #[n(1)]
    pub environment: Environment,
    /// Void after this (server clock).
    #[n(2)]
    pub expires: Timestamp,
    /// What to do.
    #[n(3)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Verb {
    /// Enter an order.
    #[n(0)]
    OrderNew(#[n(0)] NewOrder),
    /// Change total quantity, limit or stop price of an order.
    #[n(1)]
    OrderAmend(#[n(0)] AmendOrder),
    /// Cancel one order.
    #[n(2)]
    OrderCancel(#[n(0)] CancelOrder),
    /// Cancel every working order of an account, or all of one's own.
    #[n(3)]
    CancelAll(#[n(0)] CancelAll),
    /// Steer the simulator.
    #[n(4)]
    Sim(#[n(0)] SimControl),
    /// Act on people, sessions or devices.
    #[n(5)]
    Manage(#[n(0)] Manage),
    /// Create a person.
    #[n(6)]
    CreateUser(#[n(0)] NewUser),
    /// Approve or refuse, as the second person, what somebody asked for.
    #[n(20)]
    Judge(#[n(0)] Judge),
    /// Go on with what one asked for oneself.
    #[n(21)]
    Request(#[n(0)] Request),
    /// Do something with an alert of surveillance.
    #[n(40)]
    Alert(#[n(0)] HandleAlert),
    /// Let nothing of a network source in for a while.
    #[n(41)]
    Ban(#[n(0)] NewBan),
    /// Say what denied attempts were.
    #[n(42)]
    Review(#[n(0)] Review),
    /// Do many acts of one kind as one, all of them or none.
    #[n(80)]
    Bulk(#[n(0)] Bulk),
    /// Do something with what is one's own: a session, a security key, a device.
    #[n(60)]
    Own(#[n(0)] Own),
}

impl Verb {
    /// What a signature under it says it is for: one's word on somebody else's command, or one's own command.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        match self {
            Self::Judge(_) => Purpose::Approval,
            _ => Purpose::Command,
        }
    }
}

/// A person to be created. Login and name go to the vault before anything is decided, and never to the log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct NewUser {
    /// What they will type to sign in; see [`crate::people::is_login`].
    #[n(0)]
    pub login: String,
    /// What others see; see [`crate::people::is_name`].
    #[n(1)]
    pub name: String,
    /// What they may do.
    #[n(2)]
    pub role: Role,
    /// Why.
    #[n(3)]
    pub why: Why,
    /// Of this desk, if of one.
    #[n(4)]
    pub desk: Option<DeskId>,
}

/// FIX NewOrderSingle.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct NewOrder {
    /// The owner's id for this command.
    #[n(0)]
    pub cl_ord_id: ClOrdId,
    /// Account code as typed.
    #[n(1)]
    pub account: String,
    /// Symbol as typed.
    #[n(2)]
    pub symbol: String,
    /// Buy or sell.
    #[n(3)]
    pub side: Side,
    /// OrderQty.
    #[n(4)]
    pub qty: Qty,
    /// Type.
    #[n(5)]
    pub ord_type: OrdType,
    /// Limit price, for limit and stop-limit.
    #[n(6)]
    pub price: Option<Price>,
    /// Stop price, for stop and stop-limit.
    #[n(7)]
    pub stop_px: Option<Price>,
    /// Time in force.
    #[n(8)]
    pub tif: TimeInForce,
    /// The broker confirmed a soft rule (an equal order just before).
    #[n(9)]
    pub confirmed: bool,
    /// Free text, at most `ORDER_TEXT_CHARS_MAX`, empty for none.
    #[n(10)]
    pub text: String,
    /// What the person had on screen when they sent it.
    #[n(11)]
    pub saw: Option<Box<Saw>>,
}

/// What the broker saw: goes into the evidence, decides nothing.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Saw {
    /// Best bid shown.
    #[n(0)]
    pub bid: Option<Price>,
    /// Best ask shown.
    #[n(1)]
    pub ask: Option<Price>,
    /// Age of that quote in milliseconds.
    #[n(2)]
    pub age_ms: u32,
    /// Rules shown as tripping or soft, by name.
    #[n(3)]
    pub warnings: Vec<crate::denial::Rule>,
}

/// FIX OrderCancelReplaceRequest.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AmendOrder {
    /// Id of this request.
    #[n(0)]
    pub cl_ord_id: ClOrdId,
    /// The order.
    #[n(1)]
    pub order: OrderId,
    /// New total quantity, if it changes.
    #[n(2)]
    pub qty: Option<Qty>,
    /// New limit price, if it changes.
    #[n(3)]
    pub price: Option<Price>,
    /// The broker confirmed a soft rule.
    #[n(4)]
    pub confirmed: bool,
    /// New stop price, if it changes; left out of the bytes where it does not.
    #[n(5)]
    pub stop_px: Option<Price>,
}

/// FIX OrderCancelRequest.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CancelOrder {
    /// Id of this request.
    #[n(0)]
    pub cl_ord_id: ClOrdId,
    /// The order.
    #[n(1)]
    pub order: OrderId,
}

/// FIX OrderMassCancelRequest.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CancelAll {
    /// Id of this request.
    #[n(0)]
    pub cl_ord_id: ClOrdId,
    /// One account, or every account for one's own orders only.
    #[n(1)]
    pub account: Option<String>,
}

/// What a script may do to the simulator.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum SimControl {
    /// Halt trading in a symbol.
    #[n(0)]
    Halt {
        /// Which.
        #[n(0)]
        symbol: String,
    },
    /// Resume it.
    #[n(1)]
    Resume {
        /// Which.
        #[n(0)]
        symbol: String,
    },
    /// Open the session.
    #[n(2)]
    SessionOpen,
    /// Close the session.
    #[n(3)]
    SessionClose,
    /// Bust an execution.
    #[n(4)]
    Bust {
        /// Which.
        #[n(0)]
        exec: ExecId,
    },
    /// Correct an execution.
    #[n(5)]
    Correct {
        /// Which.
        #[n(0)]
        exec: ExecId,
        /// New price.
        #[n(1)]
        price: Price,
        /// New quantity.
        #[n(2)]
        qty: Qty,
    },
    /// Cancel an order nobody asked to cancel.
    #[n(6)]
    Unsolicited {
        /// Which.
        #[n(0)]
        order: OrderId,
    },
    /// Delay every answer of the venue by this much.
    #[n(7)]
    Delay {
        /// Milliseconds, at most 60,000.
        #[n(0)]
        ms: u32,
    },
    /// Drop the link to the venue for this long.
    #[n(8)]
    DropLink {
        /// Seconds, at most 600.
        #[n(0)]
        seconds: u32,
    },
}

/// Why bytes are not a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandError {
    /// Longer than `COMMAND_BYTES_MAX`.
    TooLong,
    /// Not CBOR of this shape.
    Malformed,
    /// Understood, but not the one canonical encoding of it (or with something behind it).
    NotCanonical,
    /// A schema this code does not speak.
    UnknownSchema,
}

impl core::fmt::Display for CommandError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::TooLong => "command too long",
            Self::Malformed => "malformed command",
            Self::NotCanonical => "command not canonically encoded",
            Self::UnknownSchema => "unknown command schema",
        })
    }
}

impl core::error::Error for CommandError {}

impl Command {
    /// What the log only commits to: the text of an order, the address of a ban, what a thing is called.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.verb {
            Verb::OrderNew(order) => Some(order.text.as_str()),
            Verb::Ban(new) => Some(new.source.as_str()),
            Verb::Own(Own::Name(_, name)) => Some(name.as_str()),
            _ => None,
        }
        .filter(|text| !text.is_empty())
    }

    /// The canonical bytes of the same command without its text or name: as it may stand in the log.
    #[must_use]
    pub fn bytes_without_text(&self) -> Vec<u8> {
        let verb = match &self.verb {
            Verb::OrderNew(order) if !order.text.is_empty() => {
                Verb::OrderNew(NewOrder { text: String::new(), ..order.clone() })
            }
            Verb::Own(Own::Name(thing, name)) if !name.is_empty() => Verb::Own(Own::Name(*thing, String::new())),
            Verb::Ban(new) => Verb::Ban(NewBan { source: String::new(), ..*new }),
            _ => return self.to_bytes(),
        };
        Self { verb, ..self.clone() }.to_bytes()
    }

    /// The one encoding.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(96);
        cbor::put(self, &mut bytes);
        bytes
    }

    /// Decodes and insists on the one encoding.
    ///
    /// # Errors
    /// [`CommandError`], and nothing of the bytes is used.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CommandError> {
        if bytes.len() > COMMAND_BYTES_MAX {
            return Err(CommandError::TooLong);
        }
        let command: Self = minicbor::decode(bytes).map_err(|_| CommandError::Malformed)?;
        if command.to_bytes() != bytes {
            return Err(CommandError::NotCanonical);
        }
        if command.schema != COMMAND_SCHEMA {
            return Err(CommandError::UnknownSchema);
        }
        Ok(command)
    }

    /// SHA-256 of the bytes: what a proof is tied to.
    #[must_use]
    pub fn digest(bytes: &[u8]) -> [u8; 32] {
        Sha256::digest(bytes).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cancel() -> Command {
        Command {
            schema: COMMAND_SCHEMA,
            environment: Environment::Sim,
            expires: Timestamp(7),
            verb: Verb::OrderCancel(CancelOrder {
                cl_ord_id: ClOrdId::new("c1").unwrap_or_else(|_| unreachable!()),
                order: OrderId(256),
            }),
        }
    }

    #[test]
    fn bytes_read_back_and_only_the_canonical_ones() {
        let bytes = cancel().to_bytes();
        assert_eq!(Command::from_bytes(&bytes), Ok(cancel()));
        let mut trailing = bytes.clone();
        trailing.push(0);
        assert_eq!(Command::from_bytes(&trailing), Err(CommandError::NotCanonical));
        // 7 as a two-byte integer: the same value, not the shortest form.
        let at = bytes.iter().position(|b| *b == 7).unwrap_or(0);
        let mut long = bytes.clone();
        long.splice(at..=at, [0x18, 0x07]);
        assert_eq!(Command::from_bytes(&long), Err(CommandError::NotCanonical));
        assert_eq!(Command::from_bytes(&bytes[..bytes.len() - 1]), Err(CommandError::Malformed));
    }
}
