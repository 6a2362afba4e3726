//! What can go wrong on the link, one enum per operation; it must show nothing a peer wrote.

use std::fmt;

use turret_shared::denial::DenialCode;
use turret_shared::ids::CorrelationId;
use turret_shared::password::PasswordFault;
use turret_shared::wire::FrameError;
use turret_shared::wire::close::CloseCode;

use crate::keys::KeyError;

/// Why no connection came about.
#[derive(Debug, Clone)]
pub enum ConnectError {
    /// The profile's certificate, key or authority cannot be used.
    Profile(String),
    /// The server's address cannot be found.
    Address(String),
    /// No socket of our own.
    Socket(std::io::ErrorKind),
    /// The server did not answer, or the certificates did not fit.
    Transport(String),
    /// The server closed it, and said why.
    Closed(CloseCode),
    /// Nothing came in time.
    TimedOut,
    /// The server answered with something else than a welcome.
    Protocol,
    /// The server speaks no version of ours.
    Version,
    /// The server is of another environment than the profile says.
    Environment,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Profile(cause) => write!(f, "the profile cannot be used: {cause}"),
            Self::Address(address) => write!(f, "no address for {address}"),
            Self::Socket(kind) => write!(f, "no socket: {kind}"),
            Self::Transport(cause) => write!(f, "no connection: {cause}"),
            Self::Closed(code) => f.write_str(code.sentence()),
            Self::TimedOut => f.write_str("the server did not answer in time"),
            Self::Protocol => f.write_str("the server does not speak this protocol"),
            Self::Version => f.write_str("the server wants another version of this program"),
            Self::Environment => f.write_str("the server is not of the profile's environment (SIM or LIVE)"),
        }
    }
}

impl std::error::Error for ConnectError {}

/// Why a sign-in or a resumption did not end in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInError {
    /// Wrong, and the same answer whatever was wrong.
    Failed {
        /// To quote.
        correlation: CorrelationId,
        /// Try again after this many seconds.
        retry_after_s: u32,
    },
    /// The server could not serve it.
    Server(CorrelationId),
    /// No room to look at it just now; nothing was tried and nothing counts.
    Busy {
        /// Try again after this many seconds.
        retry_after_s: u32,
    },
    /// Both factors are right, and a new password is wanted before the session begins; why the one just given will not do.
    NewPasswordWanted(Option<PasswordFault>),
    /// The security key gave nothing.
    Key(KeyError),
    /// No connection just now.
    Down,
    /// No answer in time.
    TimedOut,
    /// An answer that does not belong here.
    Protocol,
}

impl fmt::Display for SignInError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { correlation, retry_after_s: 0 } => write!(f, "sign-in failed ({correlation})"),
            Self::Failed { correlation, retry_after_s } => {
                write!(f, "sign-in failed ({correlation}); try again in {retry_after_s} s")
            }
            Self::Server(correlation) => write!(f, "the server could not do it ({correlation})"),
            Self::Busy { retry_after_s } => write!(f, "the server is busy; try again in {retry_after_s} s"),
            Self::NewPasswordWanted(None) => {
                f.write_str("an administrator wants a new password: sign in on the workstation and give one")
            }
            Self::NewPasswordWanted(Some(fault)) => f.write_str(fault.sentence()),
            Self::Key(error) => error.fmt(f),
            Self::Down => f.write_str("not connected"),
            Self::TimedOut => f.write_str("no answer in time"),
            Self::Protocol => f.write_str("an answer out of place"),
        }
    }
}

impl std::error::Error for SignInError {}

/// Why a command, proof or query brought no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkError {
    /// Not connected: nothing was sent.
    Down,
    /// Sent, and the link was lost before the answer: it may have happened. Ask by ClOrdID; nothing is ever resent.
    InDoubt,
    /// Longer than a frame may be: nothing was sent.
    TooLong,
    /// The server could not serve it.
    Server(CorrelationId),
    /// No to a question.
    Denied {
        /// Why.
        code: DenialCode,
        /// To quote.
        correlation: CorrelationId,
    },
    /// No answer in time.
    TimedOut,
    /// Bytes that are no answer.
    Protocol,
}

impl From<FrameError> for LinkError {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::TooLong => Self::TooLong,
            FrameError::TooDeep | FrameError::Malformed => Self::Protocol,
        }
    }
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Down => f.write_str("not connected; nothing was sent"),
            Self::InDoubt => f.write_str("IN DOUBT: sent, and the link was lost before the answer"),
            Self::TooLong => f.write_str("too long to send"),
            Self::Server(correlation) => write!(f, "the server could not do it ({correlation})"),
            Self::Denied { code, correlation } => write!(f, "denied: {code} ({correlation})"),
            Self::TimedOut => f.write_str("no answer in time"),
            Self::Protocol => f.write_str("an answer out of place"),
        }
    }
}

impl std::error::Error for LinkError {}
