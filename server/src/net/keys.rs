//! Security keys on a connection: what they are asked to sign and whether they did; what that is worth it must leave to the
//! engine, and a nonce it must take for one thing only.

use std::collections::BTreeMap;
use std::sync::Arc;

use turret_engine::keyring::Authenticator;
use turret_engine::{ClientInput, Factor, KeyInput, NotProven, ProofInput, Signed};
use turret_shared::assertion::{
    Assertion, AssertionFault, EXPORTER_LABEL, Intent, PublicKey, Purpose, Registration, channel, command_digest,
    verify,
};
use turret_shared::command::Verb;
use turret_shared::denial::{Denial, DenialCode};
use turret_shared::digest::Digest;
use turret_shared::event::keys::KeyRegistered;
use turret_shared::event::session::{ProofFault, SignInFault};
use turret_shared::ids::{CredentialId, PendingId, UserId};
use turret_shared::limits::{PENDING_STEP_UPS_MAX, STEP_UP_S_MAX};
use turret_shared::secret::{SecretKey, SecretText};
use turret_shared::time::NS_PER_S;
use turret_shared::wire::control::{Outcome, ServerFrame};
use turret_shared::wire::keys::{KeyAsked, KeyName, SignAsked};
use zeroize::Zeroizing;

use super::active::Active;
use super::conversation::Conversation;
use crate::auth::Tried;
use crate::guard::limits::NS_PER_S as GUARD_NS_PER_S;
use crate::sequencer::inbox::ClientAsk;

/// Commands on their way whose digests are kept, should they be asked to be signed.
const SENT_MAX: usize = 4 * PENDING_STEP_UPS_MAX;

/// What one session was asked to sign on this connection.
#[derive(Default)]
pub(super) struct Asked {
    signs: bool,
    sent: BTreeMap<u64, Sent>,
    waiting: BTreeMap<PendingId, Waiting>,
    registering: Option<Nonce>,
}

/// Something random a key must sign, and when it was drawn (the server's monotonic clock).
#[derive(Clone, Copy)]
pub(super) struct Nonce {
    value: Digest,
    drawn_ns: u64,
}

impl Nonce {
    /// Good as long as a step-up is.
    pub(super) fn is_fresh(self, now_ns: u64) -> bool {
        now_ns.saturating_sub(self.drawn_ns) <= STEP_UP_S_MAX.saturating_mul(GUARD_NS_PER_S)
    }
}

/// A command that may be asked to be signed.
struct Sent {
    purpose: Purpose,
    command: Digest,
    text: Option<SecretKey>,
}

/// One that is.
struct Waiting {
    purpose: Purpose,
    command: Digest,
    nonce: Digest,
}

impl Asked {
    /// Somebody who has a key (`signs`), or none.
    pub(super) fn new(signs: bool) -> Self {
        Self { signs, ..Self::default() }
    }

    /// A command goes on its way; who has no key is never asked to sign, and nothing is kept.
    pub(super) fn sent(&mut self, request: u64, input: &ClientInput, text: Option<SecretKey>) {
        // What names a person has no bytes in the log, so nothing that could be verified.
        if !self.signs || matches!(input.command.verb, Verb::CreateUser(_)) {
            return;
        }
        if self.sent.len() >= SENT_MAX {
            self.sent.pop_first();
        }
        self.sent.insert(request, Sent { purpose: input.command.verb.purpose(), command: input.digest, text });
    }

    fn waits(&mut self, pending: PendingId, waiting: Waiting) {
        if self.waiting.len() >= PENDING_STEP_UPS_MAX {
            self.waiting.pop_first();
        }
        self.waiting.insert(pending, waiting);
    }
}

impl Conversation {
    /// Adds to a step-up what a key must sign for it.
    pub(super) fn asking_to_sign(&self, active: &mut Active, request: u64, outcome: Outcome) -> Outcome {
        let sent = active.asked.sent.remove(&request);
        let (Outcome::StepUp { pending, expires, reason, .. }, Some(Sent { purpose, command, text })) =
            (&outcome, sent)
        else {
            return outcome;
        };
        let keys = self.keys_of(active.session.principal().user);
        let counts = keys.iter().any(|key| !key.suspended);
        let (Some(nonce), true) = (self.nonce(), counts) else { return outcome };
        active.asked.waits(*pending, Waiting { purpose, command, nonce: nonce.value });
        let sign = Some(Box::new(SignAsked { nonce: nonce.value, keys, text }));
        Outcome::StepUp { pending: *pending, expires: *expires, reason: reason.clone(), sign }
    }

    /// A signature for one command that waits. A wrong one counts as a wrong code does.
    pub(super) fn signed(
        &mut self,
        active: &mut Active,
        request: u64,
        (pending, credential): (PendingId, CredentialId),
        assertion: Assertion,
    ) {
        let shared = Arc::clone(&self.shared);
        let correlation = shared.fresh_correlation();
        let wait_s = shared.attempts().wait_s(self.device, shared.now_ns());
        if wait_s > 0 {
            return self.put_reply(request, correlation, Outcome::ProofRefused { spent: false, next_code_s: wait_s });
        }
        let principal = active.session.principal();
        let view = shared.access.now();
        let given = match (active.asked.waiting.get(&pending), view.key(credential, principal.user)) {
            (None, _) => Err(NotProven::Code(ProofFault::NotPending)),
            (_, None) => Err(NotProven::Code(ProofFault::Credential)),
            (Some(waiting), Some(key)) => self
                .verified(waiting.purpose, principal.user, key, (waiting.nonce, waiting.command), assertion)
                .map_err(NotProven::Key),
        };
        if given.is_ok() {
            // Used up, whatever the engine makes of it.
            active.asked.waiting.remove(&pending);
        } else {
            self.wrong(SignInFault::Key);
        }
        let given = given.map(|signed| Factor::Signed(Box::new(signed)));
        let pending = vec![pending];
        let input = ProofInput { principal, correlation, pending, credential, given };
        self.submit(active, request, correlation, ClientAsk::Proof(input));
    }

    /// What a new key must be made for.
    pub(super) fn offer_key(&mut self, active: &mut Active, request: u64) {
        let (user, correlation) = (active.session.principal().user, self.shared.fresh_correlation());
        active.asked.registering = self.nonce();
        let outcome = active.asked.registering.map_or(Outcome::Busy, |nonce| {
            Outcome::KeyOffer(Box::new(KeyAsked { nonce: nonce.value, user, keys: self.keys_of(user) }))
        });
        self.put_reply(request, correlation, outcome);
    }

    /// A new key, proved by both factors anew besides; which of them was wrong is not told.
    pub(super) async fn new_key(
        &mut self,
        active: &mut Active,
        request: u64,
        (password, code): (SecretText, SecretText),
        registration: Registration,
    ) {
        let shared = Arc::clone(&self.shared);
        let correlation = shared.fresh_correlation();
        let wait_s = shared.attempts().wait_s(self.device, shared.now_ns());
        if wait_s > 0 {
            return self.put_reply(request, correlation, Outcome::ProofRefused { spent: false, next_code_s: wait_s });
        }
        let principal = active.session.principal();
        let now_ns = shared.now_ns();
        let nonce = active.asked.registering.take().filter(|nonce| nonce.is_fresh(now_ns));
        let new = match (nonce, self.free_credential().await) {
            (Some(nonce), Some(credential)) => self.registered(principal.user, credential, nonce.value, registration),
            _ => return self.put_reply(request, correlation, Outcome::Busy),
        };
        let Ok(new) = new else {
            let text = new.err().map(|fault| fault.to_string()).unwrap_or_default();
            let denial = Denial { code: DenialCode::KeyUnfit, rules: Vec::new(), text, passed: 0, until: None };
            return self.put_reply(request, correlation, Outcome::Denied(Box::new(denial)));
        };
        let credential = active.session.code_credential(&shared.access.now());
        let now_s = u64::try_from(shared.clock.wall().0 / NS_PER_S).unwrap_or(0);
        let Some(right) = self.is_password_of(principal.user, password).await else {
            return self.put_reply(request, correlation, Outcome::Busy);
        };
        let step = shared.auth.code_step(credential, &code, now_s).await.ok_or(ProofFault::Wrong);
        let step = if right { step } else { Err(ProofFault::Password) };
        if let Err(fault) = step {
            self.wrong(if fault == ProofFault::Password { SignInFault::Password } else { SignInFault::Code });
        }
        let credential = credential.unwrap_or_default();
        active.asked.signs = true;
        let input = KeyInput { principal, correlation, credential, step, new: Box::new(new) };
        self.submit(active, request, correlation, ClientAsk::Key(input));
    }

    /// Whether that is the password of whoever is signed in; `None` when there is no room to look.
    async fn is_password_of(&self, user: UserId, password: SecretText) -> Option<bool> {
        let (shared, view) = (&self.shared, self.shared.access.now());
        let login = shared.names.login(user);
        match shared.auth.password(&view, &shared.names, self.device, false, &login, password).await {
            Tried::Result(first) => Some(first.0.is_ok_and(|candidate| candidate.user == user)),
            Tried::NoRoom => None,
        }
    }

    /// Asks for a key at a sign-in. Whose keys those are hangs on the device alone, so that no name typed is told from another.
    pub(super) fn ask_for_key(&mut self) -> Option<Nonce> {
        let nonce = self.nonce()?;
        let user = self.shared.access.now().device(self.device).map(|row| row.user)?;
        self.put(&ServerFrame::KeyAsked(Box::new(KeyAsked { nonce: nonce.value, user, keys: self.keys_of(user) })));
        Some(nonce)
    }

    /// What a key gave at a sign-in.
    pub(super) fn shown_key(
        &self,
        nonce: Nonce,
        credential: CredentialId,
        assertion: Assertion,
    ) -> Result<Signed, AssertionFault> {
        if !nonce.is_fresh(self.shared.now_ns()) {
            return Err(AssertionFault::Signature);
        }
        let view = self.shared.access.now();
        let user = view.device(self.device).map(|row| row.user).ok_or(AssertionFault::Key)?;
        let key = view.key(credential, user).ok_or(AssertionFault::Key)?;
        self.verified(Purpose::SignIn, user, key, (nonce.value, command_digest(&[], None)), assertion)
    }

    fn verified(
        &self,
        purpose: Purpose,
        user: UserId,
        key: &Authenticator,
        (nonce, command): (Digest, Digest),
        assertion: Assertion,
    ) -> Result<Signed, AssertionFault> {
        let channel = self.channel().ok_or(AssertionFault::Signature)?;
        let origin = &self.shared.deployment.origin;
        let intent = Intent { purpose, origin, user, credential: &key.id, nonce: nonce.0, channel, command };
        let (public, _) = PublicKey::read(&key.public)?;
        let counter = verify(&intent, &public, &assertion)?;
        Ok(Signed { purpose, nonce, channel, command, assertion, counter })
    }

    fn registered(
        &self,
        user: UserId,
        credential: CredentialId,
        nonce: Digest,
        registration: Registration,
    ) -> Result<KeyRegistered, AssertionFault> {
        let channel = self.channel().ok_or(AssertionFault::Signature)?;
        let (origin, purpose) = (&self.shared.deployment.origin, Purpose::Register);
        let command = command_digest(&[], None);
        let intent = Intent { purpose, origin, user, credential: &[], nonce: nonce.0, channel, command };
        let (new, attested) = registration.verify(&intent)?;
        let (id, public) = (new.id.to_vec(), new.key_bytes.to_vec());
        let (aaguid, counter) = (new.aaguid, new.counter);
        Ok(KeyRegistered { credential, user, id, public, aaguid, counter, registration, attested, nonce, channel })
    }

    /// Which TLS channel this is (RFC 9266).
    fn channel(&self) -> Option<Digest> {
        let mut exporter = Zeroizing::new([0_u8; 32]);
        self.connection.export_keying_material(exporter.as_mut_slice(), EXPORTER_LABEL, &[]).ok()?;
        Some(channel(&exporter))
    }

    fn nonce(&self) -> Option<Nonce> {
        let value = crate::random::array(self.shared.random).ok().map(Digest)?;
        Some(Nonce { value, drawn_ns: self.shared.now_ns() })
    }

    fn keys_of(&self, user: UserId) -> Vec<KeyName> {
        let view = self.shared.access.now();
        let name = |(credential, key): (CredentialId, &Authenticator)| KeyName {
            credential,
            id: key.id.clone(),
            suspended: key.suspended,
        };
        view.keys_held_by(user).map(name).collect()
    }

    /// Counts as a wrong code does.
    fn wrong(&self, fault: SignInFault) {
        let failure = self.shared.attempts().failed(self.device, self.shared.now_ns());
        if failure.locks {
            let (shared, device) = (Arc::clone(&self.shared), self.device);
            tokio::spawn(async move { shared.lock_device(device, fault).await });
        }
    }

    /// A number no credential has, nor anybody's who waits to be let in.
    async fn free_credential(&self) -> Option<CredentialId> {
        let vault = Arc::clone(self.shared.auth.vault());
        let highest = tokio::task::spawn_blocking(move || vault.highest_credential()).await.ok()?.ok()?;
        Some(super::enrol::claim::free_credential(&self.shared.access.now(), highest, self.shared.clock.wall()))
    }
}
