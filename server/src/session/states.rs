//! The states of one connection's session as types that consume each other: the wrong order does not compile.
//!
//! `Unauthenticated -> CodeAwaited -> Proven (-> Renewing) -> Authenticated`, or by a resumed token from the first to the last. Whether the
//! password was right lies inside [`CodeAwaited`] and comes out only together with the code, so that no path tells earlier.

use turret_engine::{AccessView, Factor, Principal, Signed};
use turret_shared::event::session::SignInFault;
use turret_shared::event::setup::CredentialKind;
use turret_shared::ids::{ConnectionId, CredentialId, DeviceId, SessionId, UserId};

use super::table::Resumed;

/// A live device has been let in; nobody has said who sits before it.
#[derive(Debug)]
pub struct Unauthenticated {
    device: DeviceId,
    connection: ConnectionId,
    script: bool,
}

/// What the check of a password came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstFactor(pub(crate) Result<Candidate, FailedSignIn>);

/// Someone whose password was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub user: UserId,
    /// The time-based credential the code must be of.
    pub credential: CredentialId,
    /// Which version of their password it was.
    pub password: u32,
}

/// For the log, never for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FailedSignIn {
    /// Whose name was given, if there is such a person.
    pub user: Option<UserId>,
    /// Why.
    pub fault: SignInFault,
}

/// A password was given, right or wrong; the code comes next.
#[derive(Debug)]
pub struct CodeAwaited {
    before: Unauthenticated,
    first: FirstFactor,
}

/// Both factors are right. The engine still decides whether the code's step is new, and makes the session's start durable.
#[derive(Debug)]
pub struct Proven {
    before: Unauthenticated,
    candidate: Candidate,
    factor: Factor,
}

/// Both factors were right and their code is spent, but a new password must be given: this can do nothing else.
#[derive(Debug)]
pub struct Renewing {
    before: Unauthenticated,
    candidate: Candidate,
}

/// A session is live on this connection: the only state that can speak for a person.
#[derive(Debug)]
pub struct Authenticated {
    principal: Principal,
    credential: CredentialId,
    script: bool,
}

impl Unauthenticated {
    /// After the handshake and the look at the device's row.
    #[must_use]
    pub const fn new(device: DeviceId, connection: ConnectionId, script: bool) -> Self {
        Self { device, connection, script }
    }

    /// Of the certificate.
    #[must_use]
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// Takes what the password came to.
    #[must_use]
    pub const fn password(self, first: FirstFactor) -> CodeAwaited {
        CodeAwaited { before: self, first }
    }

    /// Goes on with a session whose token the table knew as this device's.
    #[must_use]
    pub const fn resumed(self, session: &Resumed) -> Authenticated {
        let Self { device, connection, .. } = self;
        let principal = Principal { user: session.user, device, session: session.session, source: Some(connection) };
        Authenticated { principal, credential: session.credential, script: session.script }
    }
}

impl CodeAwaited {
    /// Whose code it must be, for the check; `None` is checked against a decoy all the same.
    #[must_use]
    pub fn credential(&self) -> Option<CredentialId> {
        self.first.0.ok().map(|candidate| candidate.credential)
    }

    /// False when the password came too early to be looked at: then its code is told so like any other.
    #[must_use]
    pub fn was_looked_at(&self) -> bool {
        !matches!(self.first.0, Err(FailedSignIn { fault: SignInFault::Throttled, .. }))
    }

    /// Another password instead of a code.
    #[must_use]
    pub const fn start_over(self) -> Unauthenticated {
        self.before
    }

    /// Takes the step the code belongs to, if it is one of now.
    ///
    /// # Errors
    /// Back to the start, with the first thing that was wrong.
    pub fn code(self, step: Option<u64>) -> Result<Proven, (Unauthenticated, FailedSignIn)> {
        let Self { before, first } = self;
        match (first.0, step) {
            (Ok(candidate), Some(step)) => Ok(Proven { before, candidate, factor: Factor::Step(step) }),
            (Ok(candidate), None) => {
                Err((before, FailedSignIn { user: Some(candidate.user), fault: SignInFault::Code }))
            }
            (Err(failed), _) => Err((before, failed)),
        }
    }

    /// Takes what a key gave in place of a code.
    ///
    /// # Errors
    /// Back to the start, with the first thing that was wrong.
    pub fn key(
        self,
        credential: CredentialId,
        signed: Option<Signed>,
    ) -> Result<Proven, (Unauthenticated, FailedSignIn)> {
        let Self { before, first } = self;
        match (first.0, signed) {
            (Ok(candidate), Some(signed)) => {
                let factor = Factor::Signed(Box::new(signed));
                Ok(Proven { before, candidate: Candidate { credential, ..candidate }, factor })
            }
            (Ok(candidate), None) => {
                Err((before, FailedSignIn { user: Some(candidate.user), fault: SignInFault::Key }))
            }
            (Err(failed), _) => Err((before, failed)),
        }
    }
}

impl Proven {
    /// Who.
    #[must_use]
    pub const fn candidate(&self) -> Candidate {
        self.candidate
    }

    /// What their second factor gave.
    #[must_use]
    pub fn factor(&self) -> Factor {
        self.factor.clone()
    }

    /// Of the certificate.
    #[must_use]
    pub const fn device(&self) -> DeviceId {
        self.before.device
    }

    /// A script's.
    #[must_use]
    pub const fn script(&self) -> bool {
        self.before.script
    }

    /// The start of the session is durable.
    #[must_use]
    pub fn started(self, session: SessionId) -> Authenticated {
        started(&self.before, self.candidate, session)
    }

    /// The engine wants a new password first.
    #[must_use]
    pub fn renewing(self) -> Renewing {
        Renewing { before: self.before, candidate: self.candidate }
    }

    /// The engine's no.
    #[must_use]
    pub fn refused(self) -> Unauthenticated {
        self.before
    }
}

impl Renewing {
    /// Who.
    #[must_use]
    pub const fn candidate(&self) -> Candidate {
        self.candidate
    }

    /// A script's.
    #[must_use]
    pub const fn script(&self) -> bool {
        self.before.script
    }

    /// The new password and the start of the session are durable.
    #[must_use]
    pub const fn started(self, session: SessionId) -> Authenticated {
        started(&self.before, self.candidate, session)
    }

    /// Back to the start.
    #[must_use]
    pub const fn refused(self) -> Unauthenticated {
        self.before
    }
}

const fn started(before: &Unauthenticated, candidate: Candidate, session: SessionId) -> Authenticated {
    let Unauthenticated { device, connection, script } = *before;
    let principal = Principal { user: candidate.user, device, session, source: Some(connection) };
    Authenticated { principal, credential: candidate.credential, script }
}

impl Authenticated {
    /// Who speaks.
    #[must_use]
    pub const fn principal(&self) -> Principal {
        self.principal
    }

    /// Which session.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.principal.session
    }

    /// The second factor it began with.
    #[must_use]
    pub const fn credential(&self) -> CredentialId {
        self.credential
    }

    /// Whose codes its proofs are; whoever came in by a key has their authenticator besides.
    #[must_use]
    pub fn code_credential(&self, view: &AccessView) -> Option<CredentialId> {
        view.credential_of(self.principal.user, CredentialKind::Totp).map(|(credential, _)| credential)
    }

    /// A script's: a class of its own.
    #[must_use]
    pub const fn script(&self) -> bool {
        self.script
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Unauthenticated {
        Unauthenticated::new(DeviceId(3), ConnectionId(9), false)
    }

    #[test]
    fn both_factors_lead_in_and_nothing_less() {
        let candidate = Candidate { user: UserId(5), credential: CredentialId(6), password: 1 };
        let right = || start().password(FirstFactor(Ok(candidate)));
        let session = right().code(Some(7)).map(|proven| proven.started(SessionId(11))).unwrap();
        assert_eq!(session.principal().user, UserId(5));
        assert_eq!(session.principal().device, DeviceId(3));
        assert_eq!(session.session(), SessionId(11));
        let (_, failed) = right().code(None).unwrap_err();
        assert_eq!(failed.fault, SignInFault::Code);
        let wrong = FailedSignIn { user: Some(UserId(5)), fault: SignInFault::Password };
        let (_, failed) = start().password(FirstFactor(Err(wrong))).code(Some(7)).unwrap_err();
        assert_eq!(failed, wrong, "a right code helps nobody with a wrong password");
    }
}
