//! What the engine decided: facts to record, routes to send once they are durable, and the answer; it changes nothing.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use turret_shared::denial::{Denial, Refusal};
use turret_shared::event::Event;
use turret_shared::event::session::SignInFault;
use turret_shared::ids::{ApprovalId, CodeId, CredentialId, OrderId, PendingId, SessionId, UserId};
use turret_shared::order::ExecType;
use turret_shared::time::Timestamp;
use turret_shared::venue::Route;

/// Outcome of one input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// Facts, in order. Evolve the state with each before the next decision, commit them before anything is told.
    pub events: Vec<Event>,
    /// For the venue, after the commit.
    pub routes: Vec<Route>,
    /// For the sender of a command or proof, after the commit; [`crate::views::outcome`] makes the wire's answer of it.
    pub verdict: Option<Verdict>,
    /// For the session layer, after a sign-in.
    pub session: Option<Result<SessionId, SignInFault>>,
    /// For whoever sent a set-up fact that contradicts the state; nothing was recorded.
    pub fault: Option<SetupFault>,
}

impl Decision {
    /// Empty, its room kept.
    pub(crate) fn clear(&mut self) {
        self.events.clear();
        self.routes.clear();
        (self.verdict, self.session, self.fault) = (None, None, None);
    }
}

/// The answer to a command or proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Done, or with the venue now: show the order as it is after the decision's events. `exec_type` is `OrderStatus` when
    /// the same command came again and nothing happened.
    Order {
        /// Which.
        order: OrderId,
        /// Overrides the order's own, if given.
        exec_type: Option<ExecType>,
    },
    /// Our no to an order.
    Denied(Box<Denial>),
    /// Our no to an amend or cancel.
    Refused(Box<Refusal>),
    /// A proof is needed.
    StepUp {
        /// To answer.
        pending: PendingId,
        /// Until then.
        expires: Timestamp,
        /// Figure over threshold.
        reason: String,
    },
    /// Mass cancel.
    CancelAll {
        /// Requests sent.
        requested: u32,
        /// Left alone.
        already: u32,
    },
    /// One verdict for each command the proof was for.
    Proof(Vec<Verdict>),
    /// The proof was no good.
    ProofRefused {
        /// Used before.
        spent: bool,
        /// Seconds until a code that can work.
        next_code_s: u32,
    },
    /// The simulator is told.
    Sim,
    /// The act on a person, a session or a device is done.
    Managed,
    /// An enrolment code is made; whoever keeps secrets adds it.
    CodeMade {
        /// Which.
        code: CodeId,
        /// Whose.
        user: UserId,
        /// Void after this.
        expires: Timestamp,
    },
    /// The new password counts.
    PasswordChanged,
    /// The new security key counts.
    KeyRegistered(CredentialId),
    /// Asked for and proved: it waits for a second person.
    ApprovalAsked {
        /// Under this number.
        approval: ApprovalId,
        /// Void after this.
        expires: Timestamp,
    },
}

/// Why a set-up fact was not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetupFault {
    /// There is a genesis already, or none yet.
    Genesis,
    /// It names something unknown.
    Unknown,
    /// The id, code or symbol is taken, or not the next one.
    Taken,
    /// A figure, code or symbol is out of its range.
    Invalid,
    /// The kind of event may not come this way.
    Kind,
}

impl core::fmt::Display for SetupFault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Genesis => "a log has one genesis, at its start",
            Self::Unknown => "it names something unknown",
            Self::Taken => "id, code or symbol is taken",
            Self::Invalid => "a figure, code or symbol is out of range",
            Self::Kind => "this kind of event may not come this way",
        })
    }
}

impl core::error::Error for SetupFault {}
