//! From hello to a session: password, code, or a token from before; it must tell a failure in one way only.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use turret_engine::{Input, SessionInput};
use turret_shared::assertion::Assertion;
use turret_shared::composed::HeldRole;
use turret_shared::event::session::SignInFault;
use turret_shared::ids::{CredentialId, SessionId, UserId};
use turret_shared::limits::SIGN_IN_S_MAX;
use turret_shared::secret::{SecretText, SessionToken};
use turret_shared::view::UserView;
use turret_shared::wire::control::{CacheGrant, ClientFrame, ServerFrame, SessionEnd, SignedIn};
use zeroize::Zeroize as _;

use super::conversation::{Conversation, Leave};
use super::keys::Nonce;
use super::shared::Signal;
use crate::auth::Tried;
use crate::guard::Fault;
use crate::guard::faults::Stage;
use crate::session::states::{Candidate, FailedSignIn, FirstFactor, Renewing};
use crate::session::table::ResumeRefused;
use crate::session::{Authenticated, CodeAwaited, Deadlines, Live, Proven, TokenHash, Unauthenticated};

/// Seconds to wait when no more sign-ins fit just now.
pub(super) const BUSY_RETRY_S: u32 = 2;

/// Where a sign-in stands.
pub(super) enum Phase {
    Start(Unauthenticated),
    /// With the nonce a key was asked to sign.
    Code(CodeAwaited, Option<Nonce>),
    NewPassword(Renewing),
}

/// What one frame of it brought.
enum Shown {
    /// Not enough yet.
    Again(Phase),
    /// Both factors.
    Factors(Proven),
    /// A token.
    Token(Unauthenticated, SessionToken),
    /// A new password, both factors having been right.
    Renewal(Renewing, SecretText),
}

impl Conversation {
    /// Reads frames until someone is in, within the time there is for that. What was shown is then seen through, however
    /// long it takes: a session that is durable must be known here.
    pub(super) async fn sign_in(&mut self, start: Unauthenticated) -> Result<Authenticated, Leave> {
        let mut patience = pin!(tokio::time::sleep(Duration::from_secs(SIGN_IN_S_MAX)));
        let mut phase = Phase::Start(start);
        loop {
            let shown = tokio::select! {
                biased;
                shown = self.shown(phase) => shown?,
                () = patience.as_mut() => return Err(Leave::TooSlow),
            };
            let next = match shown {
                Shown::Again(phase) => Err(phase),
                Shown::Factors(proven) => self.start_session(proven).await?,
                Shown::Token(start, token) => self.resume(start, token).await?,
                Shown::Renewal(renewing, password) => self.new_password(renewing, password).await?,
            };
            let flushed = self.flush().await;
            // It may have held a token.
            self.out.zeroize();
            flushed?;
            match next {
                Ok(session) => return Ok(session),
                Err(again) => phase = again,
            }
        }
    }

    /// The next frame, judged as far as nothing comes of it yet.
    async fn shown(&mut self, phase: Phase) -> Result<Shown, Leave> {
        match (phase, self.frame().await?) {
            (Phase::Start(start), ClientFrame::Password { login, password }) => {
                Ok(Shown::Again(self.password(start, &login, password).await))
            }
            // Someone mistyped and starts over.
            (Phase::Code(waiting, _), ClientFrame::Password { login, password }) => {
                Ok(Shown::Again(self.password(waiting.start_over(), &login, password).await))
            }
            (Phase::Code(waiting, _), ClientFrame::Code { code }) => Ok(self.code(waiting, &code).await),
            // Once to a password while what was drawn is good: each draws more.
            (Phase::Code(waiting, nonce), ClientFrame::KeyWanted)
                if nonce.is_none_or(|nonce| !nonce.is_fresh(self.shared.now_ns())) =>
            {
                let nonce = self.ask_for_key();
                Ok(Shown::Again(Phase::Code(waiting, nonce)))
            }
            (Phase::Code(waiting, Some(nonce)), ClientFrame::Key { credential, assertion }) => {
                Ok(self.key(waiting, nonce, credential, assertion))
            }
            (Phase::Start(start), ClientFrame::Resume { token }) => Ok(Shown::Token(start, token)),
            (Phase::NewPassword(renewing), ClientFrame::NewPassword { password }) => {
                Ok(Shown::Renewal(renewing, password))
            }
            (Phase::NewPassword(renewing), ClientFrame::Password { login, password }) => {
                Ok(Shown::Again(self.password(renewing.refused(), &login, password).await))
            }
            (_, ClientFrame::SignOut { .. }) => Err(Leave::Done),
            _ => Err(self.bad(Stage::Sequence, "out_of_turn")),
        }
    }

    /// First factor: `CodeWanted`, whatever it was worth and whether or not it was looked at.
    async fn password(&mut self, start: Unauthenticated, login: &str, password: SecretText) -> Phase {
        let now_ns = self.shared.now_ns();
        let (wait_s, locked) = {
            let attempts = self.shared.attempts();
            (attempts.wait_s(self.device, now_ns), attempts.is_locked(self.device))
        };
        let first = if wait_s > 0 {
            FirstFactor(Err(FailedSignIn { user: None, fault: SignInFault::Throttled }))
        } else {
            let shared = Arc::clone(&self.shared);
            let view = shared.access.now();
            match shared.auth.password(&view, &shared.names, self.device, locked, login, password).await {
                Tried::Result(first) => first,
                Tried::NoRoom => {
                    self.put(&ServerFrame::Busy { retry_after_s: BUSY_RETRY_S });
                    return Phase::Start(start);
                }
            }
        };
        self.put(&ServerFrame::CodeWanted);
        Phase::Code(start.password(first), None)
    }

    /// Second factor.
    async fn code(&mut self, waiting: CodeAwaited, code: &SecretText) -> Shown {
        let now_s = u64::try_from(self.shared.clock.wall().0 / turret_shared::time::NS_PER_S).unwrap_or(0);
        let shared = Arc::clone(&self.shared);
        // Passwords given side by side do not let codes be tried side by side.
        if waiting.was_looked_at() && shared.attempts().wait_s(self.device, shared.now_ns()) > 0 {
            self.failed(FailedSignIn { user: None, fault: SignInFault::Throttled });
            return Shown::Again(Phase::Start(waiting.start_over()));
        }
        let step = shared.auth.code_step(waiting.credential(), code, now_s).await;
        match waiting.code(step) {
            Ok(proven) => Shown::Factors(proven),
            Err((start, failed)) => {
                self.failed(failed);
                Shown::Again(Phase::Start(start))
            }
        }
    }

    /// Second factor, by a key.
    fn key(&mut self, waiting: CodeAwaited, nonce: Nonce, credential: CredentialId, assertion: Assertion) -> Shown {
        if waiting.was_looked_at() && self.shared.attempts().wait_s(self.device, self.shared.now_ns()) > 0 {
            self.failed(FailedSignIn { user: None, fault: SignInFault::Throttled });
            return Shown::Again(Phase::Start(waiting.start_over()));
        }
        let signed = self.shown_key(nonce, credential, assertion).ok();
        match waiting.key(credential, signed) {
            Ok(proven) => Shown::Factors(proven),
            Err((start, failed)) => {
                self.failed(failed);
                Shown::Again(Phase::Start(start))
            }
        }
    }

    /// Both factors are right: the engine judges the step and the start becomes durable before it is told.
    async fn start_session(&mut self, proven: Proven) -> Result<Result<Authenticated, Phase>, Leave> {
        let bits = crate::random::array(self.shared.random);
        let (Ok(bits), false) = (bits, self.shared.sessions().is_full()) else {
            self.put(&ServerFrame::Busy { retry_after_s: BUSY_RETRY_S });
            return Ok(Err(Phase::Start(proven.refused())));
        };
        let token = SessionToken::new(bits);
        let hash = TokenHash::of(&token);
        let candidate = proven.candidate();
        self.note_connected(candidate.user).await;
        let input = Input::Session(SessionInput::SignIn {
            user: candidate.user,
            device: self.device,
            credential: candidate.credential,
            factor: proven.factor(),
            password: candidate.password,
            token: hash.digest(),
            script: proven.script(),
            source: Some(self.id),
            correlation: self.shared.fresh_correlation(),
        });
        match self.shared.inbox.decided(input).await.map(|decided| decided.session) {
            Ok(Some(Ok(session))) => {
                self.entered(session, candidate, hash, proven.script());
                // Scripts keep nothing.
                let cache = if proven.script() { None } else { self.cache_grant(candidate.user, session).await };
                let session = proven.started(session);
                self.tell_signed_in(&session, token, cache);
                Ok(Ok(session))
            }
            Ok(Some(Err(SignInFault::PasswordExpired))) => {
                self.shared.attempts().cleared(self.device);
                self.put(&ServerFrame::NewPasswordWanted { refused: None });
                Ok(Err(Phase::NewPassword(proven.renewing())))
            }
            Ok(Some(Err(fault))) => {
                let failed = FailedSignIn { user: Some(candidate.user), fault };
                self.failed(failed);
                Ok(Err(Phase::Start(proven.refused())))
            }
            Ok(None) | Err(_) => {
                self.put(&ServerFrame::Busy { retry_after_s: BUSY_RETRY_S });
                Ok(Err(Phase::Start(proven.refused())))
            }
        }
    }

    /// The start of a session is durable: it stands in the table from here on.
    pub(super) fn entered(&mut self, session: SessionId, candidate: Candidate, token: TokenHash, script: bool) {
        let live = Live {
            user: candidate.user,
            device: self.device,
            credential: candidate.credential,
            token,
            script,
            deadlines: Deadlines::starting(self.shared.now_ns()),
            carrier: Some(self.id),
            end_asked_ns: None,
        };
        let ended = self.shared.sessions().began(session, live);
        if let Some(reason) = ended {
            // Its end was in the same commit and is heard of first: told right behind the start.
            self.shared.signal(self.id, Signal::Ended(reason));
        }
        self.shared.attempts().cleared(self.device);
        self.shared.faults().row_ended(self.device);
    }

    /// A token from before the connection was lost, or the server was killed.
    async fn resume(
        &mut self,
        start: Unauthenticated,
        token: SessionToken,
    ) -> Result<Result<Authenticated, Phase>, Leave> {
        let now_ns = self.shared.now_ns();
        let locked = self.shared.access.now().device(self.device).is_none_or(|row| !row.is_live());
        let found = if locked {
            Err(ResumeRefused::Unknown)
        } else {
            self.shared.sessions().resume(&token, self.device, self.id, now_ns)
        };
        match found {
            Ok(resumed) => {
                if let Some(old) = resumed.superseded {
                    self.shared.signal(old, Signal::Superseded);
                }
                self.note_connected(resumed.user).await;
                let session = start.resumed(&resumed);
                self.tell_signed_in(&session, token, None);
                Ok(Ok(session))
            }
            Err(refused) => {
                let user = match refused {
                    ResumeRefused::Unknown => None,
                    ResumeRefused::OtherDevice { session, user } => {
                        self.token_misused(session).await;
                        Some(user)
                    }
                };
                self.failed(FailedSignIn { user, fault: SignInFault::Token });
                Ok(Err(Phase::Start(start)))
            }
        }
    }

    /// This connection is about to carry someone's session.
    pub(super) async fn note_connected(&self, user: UserId) {
        let address = self.connection.remote_address();
        self.shared.note_connected(self.id, self.device, user, address).await;
    }

    /// A live session's token on another device: that session ends and this device is locked, both durably.
    async fn token_misused(&mut self, session: SessionId) {
        self.shared.end_session(session, SessionEnd::TokenMisused).await;
        self.shared.lock_device(self.device, SignInFault::Token).await;
    }

    /// One failure, told in the one way.
    pub(super) fn failed(&mut self, failed: FailedSignIn) {
        let now_ns = self.shared.now_ns();
        let retry_after_s = if failed.fault == SignInFault::Throttled {
            self.shared.attempts().wait_s(self.device, now_ns).max(1)
        } else {
            let failure = self.shared.attempts().failed(self.device, now_ns);
            if failure.locks {
                let (shared, device) = (Arc::clone(&self.shared), self.device);
                tokio::spawn(async move { shared.lock_device(device, failed.fault).await });
            }
            failure.retry_after_s
        };
        let correlation = self.shared.fault(Some(self.device), Fault::SignIn(failed));
        self.put(&ServerFrame::SignInFailed { correlation, retry_after_s });
    }

    /// Our half of the key of what this person keeps on this device.
    pub(super) async fn cache_grant(&self, user: UserId, session: SessionId) -> Option<CacheGrant> {
        self.shared.cache_grant(user, self.device, session).await
    }

    pub(super) fn tell_signed_in(&mut self, session: &Authenticated, token: SessionToken, cache: Option<CacheGrant>) {
        let shared = Arc::clone(&self.shared);
        let principal = session.principal();
        let (left, last_end) = {
            let sessions = shared.sessions();
            (sessions.left_s(principal.session, shared.now_ns()), sessions.last_end(principal.user))
        };
        let (idle_left_s, absolute_left_s) = left.unwrap_or_default();
        let view = shared.access.now();
        let desk = view.user(principal.user).and_then(|user| user.desk);
        let Some(HeldRole { role, composed }) = view.held_role(principal.user) else {
            // The role went in this very moment: the session can do nothing, and the engine says so each time.
            self.put(&ServerFrame::Error { request: None, correlation: shared.fresh_correlation() });
            return;
        };
        let user = UserView {
            user: principal.user,
            login: shared.names.login(principal.user),
            name: shared.names.name(principal.user),
            role,
            desk,
            desk_code: desk.and_then(|desk| shared.desks.get(&desk).cloned()).unwrap_or_default(),
        };
        let session = principal.session;
        let register_key = shared.lacks_key(principal.user, session);
        let signed_in =
            SignedIn { session, token, user, idle_left_s, absolute_left_s, last_end, cache, register_key, composed };
        self.put(&ServerFrame::SignedIn(Box::new(signed_in)));
    }
}
