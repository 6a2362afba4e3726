//! Everything that can happen to the workstation, as one closed enum; it must carry no behaviour.

use turret_shared::ids::CorrelationId;
use turret_shared::view::QuoteView;
use turret_shared::wire::control::{Outcome, SessionEnd, SignedIn, Welcome};
use turret_shared::wire::feed::FeedMessage;
use turret_shared::wire::query::AnswerBody;

use super::effect::Request;
use super::key::{Mouse, Press};
use crate::actions::Id;
use crate::bulk::{BadLine, Line};
use crate::keys::{KeyError, Said};

/// One thing that happened.
#[derive(Debug)]
pub enum Msg {
    /// The program starts.
    Start,
    /// A key.
    Key(Press),
    /// An action by its name, as the palette does it.
    Do(Id),
    /// The cursor onto an order or a listing, by its identifier.
    Go(String),
    /// Pasted text.
    Paste(String),
    /// The mouse.
    Mouse(Mouse),
    /// The terminal's window came to the front.
    Focused,
    /// The terminal is this large now.
    Resized(u16, u16),
    /// The terminal said whether its ground is light.
    Ground {
        /// Dark text suits it.
        light: bool,
    },
    /// Time passed: what was due is due.
    Tick,
    /// A connection was welcomed.
    Connected(Box<Welcome>),
    /// None came about; in one line.
    ConnectFailed(String),
    /// A session began.
    SignedIn(Box<SignedIn>),
    /// None began.
    SignInFailed {
        /// In one line.
        why: String,
        /// To quote.
        reference: Option<CorrelationId>,
        /// Try again after this many seconds.
        retry_after_s: u32,
    },
    /// A security key waits for something.
    KeySaid {
        /// Of which turn.
        request: Request,
        /// For what.
        said: Said,
    },
    /// A security key signed, and the server has it.
    KeySigned(Request),
    /// A security key did not sign.
    KeyFailed {
        /// Of which turn.
        request: Request,
        /// Why.
        error: KeyError,
    },
    /// Both factors are right, and a new password is wanted.
    NewPasswordWanted {
        /// Why the one just given will not do, in a sentence.
        refused: Option<String>,
    },
    /// What this device kept was opened, right behind a sign-in.
    Kept(Box<super::kept::Kept>),
    /// The server's log does not continue what this device saw of it; in a sentence.
    LogBroken(String),
    /// From now on this device keeps nothing; in a sentence.
    NotKept(String),
    /// The feed.
    Feed(Box<FeedMessage>),
    /// Market pictures, the latest of each listing that changed.
    Quotes(Vec<QuoteView>),
    /// A command or proof was answered.
    Reply {
        /// Which.
        request: Request,
        /// To quote.
        correlation: CorrelationId,
        /// What came of it.
        outcome: Box<Outcome>,
    },
    /// A command or proof brought no answer.
    NoReply {
        /// Which.
        request: Request,
        /// In one line.
        why: String,
        /// It may have happened all the same.
        in_doubt: bool,
    },
    /// A question was answered.
    Answer {
        /// Which.
        request: Request,
        /// The answer.
        body: Box<AnswerBody>,
    },
    /// A question brought no answer.
    NoAnswer {
        /// Which.
        request: Request,
        /// In one line.
        why: String,
    },
    /// A file of acts was read and every row judged; or its bad lines, or why it cannot be, in a few words.
    TableRead {
        /// Which.
        request: Request,
        /// What came of it.
        told: Result<Result<Vec<Line>, Vec<BadLine>>, String>,
    },
    /// A proof pack or a table is in its file, or why it is not; in a sentence.
    PackKept(String),
    /// How long the session may still idle and last.
    SessionClock {
        /// Seconds.
        idle_left_s: u32,
        /// Seconds.
        absolute_left_s: u32,
    },
    /// The session is over.
    SessionEnded(SessionEnd),
    /// The server could not serve a frame that had no number.
    Fault(CorrelationId),
    /// The connection is lost and being made again.
    LinkDown,
    /// It is back.
    LinkUp {
        /// The session goes on.
        resumed: bool,
    },
    /// Round trip of the connection, in microseconds.
    RoundTrip(u64),
    /// What was left behind at the lock is open again.
    Returned(Box<super::lock::Aside>),
    /// The process could not be replaced at the lock; in one line.
    LeftInPlace(String),
    /// One clock moved on without the other: the machine slept, or its clock was turned.
    ClockJumped,
    /// Back from being suspended.
    Woken,
}
