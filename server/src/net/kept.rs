//! What a client keeps between sessions: the generation of its cache, the head of the log; it must hand out no share.

use std::sync::Arc;

use turret_shared::wire::control::ServerFrame;

use super::active::Active;
use super::conversation::{Conversation, Leave};
use super::limits::CACHES_KEPT_MAX;
use crate::guard::Fault;
use crate::guard::faults::Stage;

impl Conversation {
    /// The client's cache is durable so far: an older copy of it is not to be believed again.
    pub(super) async fn cache_kept(&mut self, active: &mut Active, generation: u64) -> Result<(), Leave> {
        active.caches_kept = active.caches_kept.saturating_add(1);
        if active.caches_kept > CACHES_KEPT_MAX {
            self.shared.fault(Some(self.device), Fault::BadInput(Stage::Limit, "caches_kept"));
            return Err(Leave::TooMuch);
        }
        let (vault, device) = (Arc::clone(self.shared.auth.vault()), self.device);
        let user = active.session.principal().user;
        let kept = tokio::task::spawn_blocking(move || vault.cache_kept(user, device, generation)).await;
        if let Ok(Err(error)) = kept {
            // The client loses nothing by it: an older copy of its cache is believed, which the feed then mends.
            tracing::error!(%error, "a cache's generation could not be kept");
        }
        Ok(())
    }

    /// The newest checkpoint, with the proof that it continues the one the client keeps.
    pub(super) async fn head_wanted(&mut self, active: &mut Active, have: Option<u64>) {
        let frame = match self.shared.queries.head(have).await {
            Some(head) => ServerFrame::Head(Box::new(head)),
            None => ServerFrame::Error { request: None, correlation: active.ids.next() },
        };
        self.put(&frame);
    }
}
