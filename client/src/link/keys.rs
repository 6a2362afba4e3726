//! The link's calls for security keys: what must be signed goes out of here by name, what was signed goes in; it must hold no
//! PIN and touch no key.

use tokio::sync::oneshot;
use turret_shared::assertion::{Assertion, Registration};
use turret_shared::ids::{CredentialId, PendingId, UserId};
use turret_shared::secret::SecretText;
use turret_shared::wire::control::{Outcome, SignedIn};
use turret_shared::wire::keys::KeyAsked;

use super::control::{Outgoing, Reply};
use super::error::{LinkError, SignInError};
use super::handle::Link;
use crate::keys::KeyCeremony;

/// What a key must sign for a sign-in, and on which connection.
#[derive(Debug, Clone)]
pub struct KeyTurn {
    /// The server's part.
    pub asked: KeyAsked,
    /// Ours.
    pub ceremony: KeyCeremony,
}

impl Link {
    /// First factor, and what a key must sign for the second; no key of the list may be at hand, then a code still does.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn begin_with_key(&self, login: &str, password: SecretText) -> Result<KeyTurn, SignInError> {
        let live = self.fresh().ok_or(SignInError::Down)?;
        let asked = live.begin_with_key(login, password).await?;
        let ceremony = self.ceremony(asked.user).ok_or(SignInError::Down)?;
        Ok(KeyTurn { asked, ceremony })
    }

    /// Second factor, by a key.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn enter_with_key(
        &self,
        credential: CredentialId,
        assertion: Assertion,
    ) -> Result<SignedIn, SignInError> {
        let live = self.live().ok_or(SignInError::Down)?;
        let signed_in = live.enter_with_key(credential, assertion, self.memory()).await?;
        self.renew_device(&live);
        Ok(signed_in)
    }

    /// Where and by whom something is signed now: another connection is another ceremony.
    #[must_use]
    pub fn ceremony(&self, user: UserId) -> Option<KeyCeremony> {
        let (live, welcome) = (self.live()?, self.welcome()?);
        KeyCeremony::on(&live.connection, &welcome.origin, user)
    }

    /// Answers one step-up with a signature.
    ///
    /// # Errors
    /// As for [`Self::command`].
    pub async fn signed(
        &self,
        pending: PendingId,
        credential: CredentialId,
        assertion: Assertion,
    ) -> Result<Reply, LinkError> {
        self.numbered(|reply| Outgoing::Signed { pending, credential, assertion, reply }).await
    }

    /// What a new key must be made for.
    ///
    /// # Errors
    /// As for [`Self::command`]; [`LinkError::Server`] when the server has no room just now.
    pub async fn offer_key(&self) -> Result<KeyAsked, LinkError> {
        let Reply { correlation, outcome } = self.numbered(Outgoing::KeyOffered).await?;
        match outcome {
            Outcome::KeyOffer(offer) => Ok(*offer),
            _ => Err(LinkError::Server(correlation)),
        }
    }

    /// Registers a key that was made for the offer before, with the password and a fresh code.
    ///
    /// # Errors
    /// As for [`Self::command`].
    pub async fn new_key(
        &self,
        password: SecretText,
        code: SecretText,
        registration: Registration,
    ) -> Result<Reply, LinkError> {
        self.numbered(|reply| Outgoing::NewKey { password, code, registration, reply }).await
    }

    async fn numbered(
        &self,
        outgoing: impl FnOnce(oneshot::Sender<Result<Reply, LinkError>>) -> Outgoing,
    ) -> Result<Reply, LinkError> {
        let (sender, reply) = oneshot::channel();
        self.enqueue(outgoing(sender)).await?;
        self.answering(reply).reply().await
    }
}
