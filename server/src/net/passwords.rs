//! A new password: within a session by the old one and a code, or wanted at a sign-in; it must let nobody do anything else
//! before it is given, and must hold up no other frame of its connection.

use std::sync::Arc;

use turret_engine::{Input, PasswordInput, Principal, SessionInput};
use turret_shared::event::session::{ProofFault, SignInFault};
use turret_shared::ids::{CorrelationId, CredentialId, DeviceId, SessionId, UserId};
use turret_shared::password::{self, PasswordFault};
use turret_shared::secret::{SecretText, SessionToken};
use turret_shared::time::NS_PER_S;
use turret_shared::wire::control::{Outcome, ServerFrame};

use super::active::Active;
use super::conversation::{Conversation, Leave};
use super::shared::Shared;
use super::signin::{BUSY_RETRY_S, Phase};
use crate::auth::{Changing, Renewed};
use crate::sequencer::reply::Reply;
use crate::session::states::{FailedSignIn, Renewing};
use crate::session::{Authenticated, TokenHash};

/// What a person gives to change their password.
pub(super) struct Wanted {
    pub(super) old: SecretText,
    pub(super) new: SecretText,
    pub(super) code: SecretText,
}

/// Whose it is, and what proves it.
struct Whose {
    principal: Principal,
    credential: CredentialId,
    device: DeviceId,
    script: bool,
    correlation: CorrelationId,
    /// Held until it is done.
    _changing: Changing,
}

impl Conversation {
    /// Within a session: judged at once, stretched and recorded beside everything else.
    pub(super) fn change_password(&mut self, active: &mut Active, request: u64, wanted: Wanted) {
        let (shared, correlation) = (Arc::clone(&self.shared), self.shared.fresh_correlation());
        let principal = active.session.principal();
        let judged = shared.judge_password(principal.user, &wanted.new);
        let same = (wanted.old.expose() == wanted.new.expose()).then_some(PasswordFault::SameAsBefore);
        if let Some(fault) = judged.err().or(same) {
            return self.put_reply(request, correlation, Outcome::PasswordRefused(fault));
        }
        let Some(changing) = shared.auth.changing(principal.user) else {
            return self.put_reply(request, correlation, Outcome::Busy);
        };
        let credential = active.session.code_credential(&shared.access.now()).unwrap_or_default();
        let script = active.session.script();
        let whose = Whose { principal, credential, device: self.device, script, correlation, _changing: changing };
        let sink = active.sink.clone();
        // Not a part of the connection: begun, it is brought to its end, or the vault might hold what the log does not say.
        tokio::spawn(async move {
            let outcome = change(&shared, &whose, wanted).await;
            if !sink.tell(Reply { request, correlation, outcome }) {
                tracing::warn!("no room to say that a password was changed");
            }
        });
    }

    /// At a sign-in that wants one: stored, recorded, and the session begins with it.
    pub(super) async fn new_password(
        &mut self,
        renewing: Renewing,
        new: SecretText,
    ) -> Result<Result<Authenticated, Phase>, Leave> {
        let (shared, candidate) = (Arc::clone(&self.shared), renewing.candidate());
        if let Err(fault) = shared.judge_password(candidate.user, &new) {
            return Ok(Err(self.wants_another(renewing, fault)));
        }
        let bits = crate::random::array(shared.random);
        let (Ok(bits), false, Some(changing)) =
            (bits, shared.sessions().is_full(), shared.auth.changing(candidate.user))
        else {
            return Ok(Err(self.busy(renewing)));
        };
        let token = SessionToken::new(bits);
        let hash = TokenHash::of(&token);
        self.note_connected(candidate.user).await;
        let (user, device) = (candidate.user, self.device);
        let (credential, script, source) = (candidate.credential, renewing.script(), Some(self.id));
        let (token_hash, correlation) = (hash.digest(), shared.fresh_correlation());
        let input = move |version| {
            let token = token_hash;
            SessionInput::Renew { user, device, credential, version, token, script, source, correlation }
        };
        let begun = tokio::spawn(renew(Arc::clone(&shared), changing, (user, device), new, input)).await;
        match begun.unwrap_or(Renewal::Busy) {
            Renewal::Begun(session) => {
                self.entered(session, candidate, hash, script);
                let cache = if script { None } else { shared.cache_grant(user, device, session).await };
                let session = renewing.started(session);
                self.tell_signed_in(&session, token, cache);
                Ok(Ok(session))
            }
            Renewal::Same => Ok(Err(self.wants_another(renewing, PasswordFault::SameAsBefore))),
            Renewal::Refused(fault) => {
                self.failed(FailedSignIn { user: Some(user), fault });
                Ok(Err(Phase::Start(renewing.refused())))
            }
            Renewal::Busy => Ok(Err(self.busy(renewing))),
        }
    }

    fn wants_another(&mut self, renewing: Renewing, fault: PasswordFault) -> Phase {
        self.put(&ServerFrame::NewPasswordWanted { refused: Some(fault) });
        Phase::NewPassword(renewing)
    }

    fn busy(&mut self, renewing: Renewing) -> Phase {
        self.put(&ServerFrame::Busy { retry_after_s: BUSY_RETRY_S });
        Phase::NewPassword(renewing)
    }
}

impl Shared {
    /// Whether a new password will do, the person's own names and ours being no secrets.
    pub(super) fn judge_password(&self, user: UserId, new: &SecretText) -> Result<(), PasswordFault> {
        let (login, name) = (self.names.login(user), self.names.name(user));
        password::judge(new.expose(), &[&login, &name, &self.deployment.origin])
    }
}

/// What a new password at a sign-in came to.
enum Renewal {
    Begun(SessionId),
    Same,
    Refused(SignInFault),
    Busy,
}

/// The vault, then the log; brought to its end whether or not anyone waits for it.
async fn renew(
    shared: Arc<Shared>,
    changing: Changing,
    who: (UserId, DeviceId),
    new: SecretText,
    input: impl FnOnce(u32) -> SessionInput,
) -> Renewal {
    // Held until it is done.
    let _changing = changing;
    let view = shared.access.now();
    let id = match shared.auth.renewed(&view, who, None, new).await {
        Renewed::Stored(id) => id,
        Renewed::Same => return Renewal::Same,
        Renewed::WrongOld | Renewed::NoRoom => return Renewal::Busy,
    };
    match shared.inbox.decided(Input::Session(input(id.version))).await.map(|decided| decided.session) {
        Ok(Some(Ok(session))) => {
            shared.auth.settled(id).await;
            Renewal::Begun(session)
        }
        Ok(Some(Err(fault))) => Renewal::Refused(fault),
        Ok(None) | Err(_) => Renewal::Busy,
    }
}

/// Both proofs, then the vault, then the log; wrong ones count as they do at the door.
async fn change(shared: &Arc<Shared>, whose: &Whose, wanted: Wanted) -> Outcome {
    let device = whose.device;
    let wait_s = shared.attempts().wait_s(device, shared.now_ns());
    if wait_s > 0 {
        return Outcome::ProofRefused { spent: false, next_code_s: wait_s };
    }
    let now_s = u64::try_from(shared.clock.wall().0 / NS_PER_S).unwrap_or(0);
    let step = shared.auth.code_step(Some(whose.credential), &wanted.code, now_s).await;
    let (step, stored) = match step {
        None => (Err(ProofFault::Wrong), None),
        Some(step) => {
            let (view, who) = (shared.access.now(), (whose.principal.user, device));
            match shared.auth.renewed(&view, who, Some(wanted.old), wanted.new).await {
                Renewed::Stored(id) => (Ok(step), Some(id)),
                Renewed::WrongOld => (Err(ProofFault::Password), None),
                Renewed::Same | Renewed::NoRoom => return Outcome::Busy,
            }
        }
    };
    if let Err(fault) = step {
        let failure = shared.attempts().failed(device, shared.now_ns());
        if failure.locks {
            let word = if fault == ProofFault::Password { SignInFault::Password } else { SignInFault::Code };
            let shared = Arc::clone(shared);
            tokio::spawn(async move { shared.lock_device(device, word).await });
        }
    }
    let version = stored.map_or(0, |id| id.version);
    let Whose { principal, credential, correlation, .. } = *whose;
    let input = Input::Password(PasswordInput { principal, correlation, credential, step, version });
    let outcome = shared.inbox.decided(input).await.ok().and_then(|decided| decided.outcome);
    match (outcome, stored) {
        (Some(Outcome::PasswordChanged { .. }), Some(id)) => {
            shared.attempts().cleared(device);
            shared.auth.settled(id).await;
            // Scripts keep nothing.
            let cache =
                if whose.script { None } else { shared.cache_grant(principal.user, device, principal.session).await };
            Outcome::PasswordChanged { cache }
        }
        (Some(other), _) => other,
        (None, _) => Outcome::Busy,
    }
}
