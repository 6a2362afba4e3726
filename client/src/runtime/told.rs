//! What the link tells, as messages for the model; it must keep none of it.

use crate::app::Msg;
use crate::app::effect::Request;
use crate::link::{Link, LinkError, LinkEvent, Reply, SignInError};

pub(super) const fn in_doubt(error: &LinkError) -> bool {
    matches!(error, LinkError::InDoubt | LinkError::TimedOut)
}

/// The answer to a command or proof, or that there was none.
pub(super) fn replied(request: Request, reply: Result<Reply, LinkError>) -> Msg {
    match reply {
        Ok(reply) => Msg::Reply { request, correlation: reply.correlation, outcome: Box::new(reply.outcome) },
        Err(error) => Msg::NoReply { request, why: error.to_string(), in_doubt: in_doubt(&error) },
    }
}

pub(super) fn sign_in_failed(error: SignInError) -> Msg {
    let (reference, retry_after_s) = match error {
        SignInError::Failed { correlation, retry_after_s } => (Some(correlation), retry_after_s),
        SignInError::Server(correlation) => (Some(correlation), 0),
        SignInError::Busy { retry_after_s } => (None, retry_after_s),
        SignInError::NewPasswordWanted(_)
        | SignInError::Key(_)
        | SignInError::Down
        | SignInError::TimedOut
        | SignInError::Protocol => (None, 0),
    };
    Msg::SignInFailed { why: error.to_string(), reference, retry_after_s }
}

pub(super) fn messages(event: LinkEvent, link: &Link) -> Vec<Msg> {
    match event {
        LinkEvent::Feed(message) => vec![Msg::Feed(Box::new(message))],
        // Taken when a frame is due.
        LinkEvent::Pictures => Vec::new(),
        LinkEvent::SessionClock { idle_left_s, absolute_left_s } => {
            vec![Msg::SessionClock { idle_left_s, absolute_left_s }]
        }
        LinkEvent::SessionEnded(reason) => vec![Msg::SessionEnded(reason)],
        // Of what is kept.
        LinkEvent::Head(_) => Vec::new(),
        LinkEvent::Fault(correlation) => vec![Msg::Fault(correlation)],
        LinkEvent::Down { .. } => vec![Msg::LinkDown],
        LinkEvent::Up { resumed, .. } => {
            let welcome = link.welcome().map(|welcome| Msg::Connected(Box::new(welcome)));
            welcome.into_iter().chain([Msg::LinkUp { resumed }]).collect()
        }
    }
}
