//! The code itself: made when its making is durable, told once, kept as a hash; it must reach no log and no second answer.

use std::sync::Arc;

use turret_shared::enrol_code::EnrolCode;
use turret_shared::secret::{EnrolSecret, SecretText};
use turret_shared::time::NS_PER_S;
use turret_shared::wire::control::{CodeMade, Outcome};

use crate::net::shared::Shared;
use crate::vault::KnownCode;

impl Shared {
    /// An answer with the codes in it that only the edge can make.
    pub(in crate::net) async fn with_codes(&self, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::CodeMade(made) => Outcome::CodeMade(Box::new(self.with_code(*made).await)),
            Outcome::Proof(outcomes) if outcomes.iter().any(|one| matches!(one, Outcome::CodeMade(_))) => {
                let mut all = Vec::with_capacity(outcomes.len());
                for one in outcomes {
                    all.push(match one {
                        Outcome::CodeMade(made) => Outcome::CodeMade(Box::new(self.with_code(*made).await)),
                        other => other,
                    });
                }
                Outcome::Proof(all)
            }
            other => other,
        }
    }

    async fn with_code(&self, made: CodeMade) -> CodeMade {
        let text = self.new_code(&made).await;
        let port = match &self.enrolling {
            Some(enrolling) => enrolling.port().await,
            None => 0,
        };
        CodeMade { text, port, ..made }
    }

    /// `None` when it cannot be kept, or nothing enrols here: then it is nobody's.
    async fn new_code(&self, made: &CodeMade) -> Option<SecretText> {
        let enrolling = self.enrolling.as_ref()?;
        let secret = EnrolSecret::new(crate::random::array(self.random).ok()?);
        let code = EnrolCode { secret: secret.clone(), authority: enrolling.authority.key_digest() };
        let seconds = |ns: i64| u64::try_from(ns / NS_PER_S).unwrap_or(0);
        let known = KnownCode { code: made.code, user: made.user, expires_s: seconds(made.expires.0) };
        let (vault, now_s) = (Arc::clone(self.auth.vault()), seconds(self.clock.wall().0));
        match tokio::task::spawn_blocking(move || vault.keep_code(known, &secret, now_s)).await {
            Ok(Ok(())) => Some(code.text()),
            Ok(Err(error)) => {
                tracing::error!(%error, "an enrolment code could not be kept");
                None
            }
            Err(_) => None,
        }
    }
}
