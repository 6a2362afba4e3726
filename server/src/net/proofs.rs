//! Proof frames: the code is judged here against the vault, its step by the engine; it must not decide what a proof is worth.

use std::sync::Arc;

use turret_engine::{Factor, NotProven, ProofInput};
use turret_shared::event::session::{ProofFault, SignInFault};
use turret_shared::ids::PendingId;
use turret_shared::limits::PROOF_PENDING_MAX;
use turret_shared::secret::SecretText;
use turret_shared::time::NS_PER_S;
use turret_shared::wire::control::Outcome;

use super::active::Active;
use super::conversation::{Conversation, Leave};
use crate::guard::faults::Stage;
use crate::sequencer::inbox::ClientAsk;

impl Conversation {
    /// One code for one or several pending commands. Wrong codes count as wrong codes at sign-in do, so that nobody guesses
    /// at an open session either; only a proof that was taken ends their row ([`Self::reply`]).
    pub(super) async fn proof(
        &mut self,
        active: &mut Active,
        request: u64,
        pending: Vec<PendingId>,
        code: SecretText,
    ) -> Result<(), Leave> {
        if pending.is_empty() || pending.len() > PROOF_PENDING_MAX {
            return Err(self.bad(Stage::Frame, "proof_pending"));
        }
        let shared = Arc::clone(&self.shared);
        let correlation = shared.fresh_correlation();
        let now_s = u64::try_from(shared.clock.wall().0 / NS_PER_S).unwrap_or(0);
        let wait_s = shared.attempts().wait_s(self.device, shared.now_ns());
        if wait_s > 0 {
            self.put_reply(request, correlation, Outcome::ProofRefused { spent: false, next_code_s: wait_s });
            return Ok(());
        }
        let credential = active.session.code_credential(&shared.access.now());
        let step = shared.auth.code_step(credential, &code, now_s).await;
        let credential = credential.unwrap_or_default();
        if step.is_none() {
            let failure = shared.attempts().failed(self.device, shared.now_ns());
            if failure.locks {
                let (shared, device) = (Arc::clone(&shared), self.device);
                tokio::spawn(async move { shared.lock_device(device, SignInFault::Code).await });
            }
        }
        let principal = active.session.principal();
        let given = step.map(Factor::Step).ok_or(NotProven::Code(ProofFault::Wrong));
        self.submit(
            active,
            request,
            correlation,
            ClientAsk::Proof(ProofInput { principal, correlation, pending, credential, given }),
        );
        Ok(())
    }
}
