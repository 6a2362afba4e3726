//! The handle others hold on a link, and the calls it offers; it must leave connecting again to the supervisor.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::AbortHandle;
use turret_shared::ids::{InstrumentId, PendingId};
use turret_shared::secret::SecretText;
use turret_shared::time::Timestamp;
use turret_shared::view::QuoteView;
use turret_shared::wire::control::{ClientFrame, Outcome, SignedIn, Welcome};
use turret_shared::wire::query::Ask;

use super::control::{NewPassword, Outgoing, Reply};
use super::error::{ConnectError, LinkError, SignInError};
use super::event::LinkEvent;
use super::live::Live;
use super::memory::{Had, Memory};
use super::query::{self, Answered};
use super::{dial, limits, renew, supervise};
use crate::profile::Profile;

/// A handle on the link; clones share it, and the last one dropped closes it.
#[derive(Clone)]
pub struct Link {
    inner: Arc<Inner>,
}

struct Inner {
    live: watch::Receiver<Option<Live>>,
    memory: Memory,
    queries: Semaphore,
    supervisor: AbortHandle,
    /// Of the profile, where the device's key and certificate lie.
    profile: PathBuf,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(live) = self.live.borrow().as_ref() {
            live.close();
        }
        self.supervisor.abort();
    }
}

/// An answer under way: await it. Dropping it loses the answer, not the command.
pub struct Answering {
    memory: Memory,
    reply: oneshot::Receiver<Result<Reply, LinkError>>,
}

impl Answering {
    /// Waits for the answer.
    ///
    /// # Errors
    /// [`LinkError::InDoubt`] when the link was lost in between: it may have happened.
    pub async fn reply(self) -> Result<Reply, LinkError> {
        // Dropped unsent with the connection's queue: nothing left this machine.
        let reply = self.reply.await.unwrap_or(Err(LinkError::Down))?;
        note(&self.memory, &reply.outcome);
        Ok(reply)
    }
}

fn note(memory: &Memory, outcome: &Outcome) {
    match outcome {
        Outcome::Order(accepted) => memory.wrote(accepted.sequence),
        Outcome::Proof(outcomes) => outcomes.iter().for_each(|one| note(memory, one)),
        _ => {}
    }
}

impl Link {
    /// Connects to the profile's server and gets its welcome; `script` says which class of session this is.
    /// From here on the link keeps itself up and tells of it through the events.
    ///
    /// # Errors
    /// [`ConnectError`]; nothing is retried before the first success.
    pub async fn connect(profile: &Profile, script: bool) -> Result<(Self, mpsc::Receiver<LinkEvent>), ConnectError> {
        let dialer = dial::Dialer::new(profile, script).await?;
        let dialed = dialer.dial().await?;
        let (events, receiver) = mpsc::channel(limits::EVENTS_MAX);
        let memory = Memory::default();
        let (publish, live) = watch::channel(None);
        let first = Live::start(dialed, &memory, &events);
        publish.send_replace(Some(first));
        let task = tokio::spawn(supervise::run(dialer, publish, memory.clone(), events));
        let (queries, supervisor) = (Semaphore::new(limits::QUERIES_MAX), task.abort_handle());
        let inner = Inner { live, memory, queries, supervisor, profile: profile.dir.clone() };
        Ok((Self { inner: Arc::new(inner) }, receiver))
    }

    /// What the server said at the last welcome.
    #[must_use]
    pub fn welcome(&self) -> Option<Welcome> {
        self.inner.memory.welcome()
    }

    /// The server's clock, as far as the last welcome tells.
    #[must_use]
    pub fn server_time(&self, local: Timestamp) -> Timestamp {
        self.inner.memory.server_time(local)
    }

    /// True while the connection stands.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.inner.live.borrow().is_some()
    }

    /// True from a sign-in until the session's end is known here, lost connections included.
    #[must_use]
    pub fn has_session(&self) -> bool {
        self.inner.memory.token().is_some()
    }

    /// Waits until the connection stands again.
    ///
    /// # Errors
    /// [`LinkError::TimedOut`] after `limit`.
    pub async fn until_up(&self, limit: Duration) -> Result<(), LinkError> {
        let mut live = self.inner.live.clone();
        let up = live.wait_for(Option::is_some);
        match tokio::time::timeout(limit, up).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(LinkError::Down),
            Err(_) => Err(LinkError::TimedOut),
        }
    }

    /// The connection's round trip, as QUIC estimates it.
    #[must_use]
    pub fn round_trip(&self) -> Option<Duration> {
        self.inner.live.borrow().as_ref().map(|live| live.connection.rtt())
    }

    pub(super) fn live(&self) -> Option<Live> {
        self.inner.live.borrow().clone()
    }

    pub(super) fn memory(&self) -> &Memory {
        &self.inner.memory
    }

    /// Behind a sign-in: the device's certificate is replaced where that is due. Nobody waits for it.
    pub(super) fn renew_device(&self, live: &Live) {
        let now = self.inner.memory.server_time(crate::clock::now());
        tokio::spawn(renew::renew(live.out.clone(), self.inner.profile.clone(), now));
    }

    /// The connection, for somebody who was nobody on it before.
    pub(super) fn fresh(&self) -> Option<Live> {
        let live = self.live()?;
        self.inner.memory.set_token(None);
        self.inner.memory.forget_wishes();
        Some(live)
    }

    pub(super) fn answering(&self, reply: oneshot::Receiver<Result<Reply, LinkError>>) -> Answering {
        Answering { memory: self.inner.memory.clone(), reply }
    }

    /// Both factors, one after the other; the answers tell nothing of which was wrong.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn sign_in(&self, login: &str, password: SecretText, code: SecretText) -> Result<SignedIn, SignInError> {
        let live = self.fresh().ok_or(SignInError::Down)?;
        let signed_in = live.sign_in(login, password, code, &self.inner.memory).await?;
        self.renew_device(&live);
        Ok(signed_in)
    }

    /// The new password that a sign-in wants ([`SignInError::NewPasswordWanted`]); the session begins with it.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn new_password(&self, password: SecretText) -> Result<SignedIn, SignInError> {
        let live = self.live().ok_or(SignInError::Down)?;
        let signed_in = live.new_password(password, &self.inner.memory).await?;
        self.renew_device(&live);
        Ok(signed_in)
    }

    /// Changes the password of whoever is signed in.
    ///
    /// # Errors
    /// As for [`Self::command`].
    pub async fn change_password(&self, wanted: NewPassword) -> Result<Reply, LinkError> {
        let (sender, reply) = oneshot::channel();
        self.enqueue(Outgoing::NewPassword(Box::new(wanted), sender)).await?;
        self.answering(reply).reply().await
    }

    /// Goes on with the live session of this device, as after a lost connection.
    ///
    /// # Errors
    /// [`SignInError`]; the token is forgotten then.
    pub async fn resume(&self) -> Result<SignedIn, SignInError> {
        let live = self.live().ok_or(SignInError::Down)?;
        live.resume(&self.inner.memory).await
    }

    /// Hands canonical command bytes to the writer; many may be under way at once.
    ///
    /// # Errors
    /// [`LinkError::Down`]: nothing was sent.
    pub async fn submit(&self, bytes: Vec<u8>) -> Result<Answering, LinkError> {
        let (sender, reply) = oneshot::channel();
        self.enqueue(Outgoing::Command(bytes, sender)).await?;
        Ok(self.answering(reply))
    }

    /// Sends canonical command bytes and waits for the answer.
    ///
    /// # Errors
    /// [`LinkError`]; [`LinkError::InDoubt`] means it may have happened.
    pub async fn command(&self, bytes: Vec<u8>) -> Result<Reply, LinkError> {
        self.submit(bytes).await?.reply().await
    }

    /// Answers step-ups with a fresh code.
    ///
    /// # Errors
    /// As for [`Self::command`].
    pub async fn proof(&self, pending: Vec<PendingId>, code: SecretText) -> Result<Reply, LinkError> {
        let (sender, reply) = oneshot::channel();
        self.enqueue(Outgoing::Proof(pending, code, sender)).await?;
        self.answering(reply).reply().await
    }

    /// Asks, and never gets an answer older than this link's own last receipt.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn query(&self, ask: Ask) -> Result<Answered, LinkError> {
        let _room = self.inner.queries.acquire().await.map_err(|_| LinkError::Down)?;
        let live = self.live().ok_or(LinkError::Down)?;
        query::ask(&live.connection, ask, self.inner.memory.written()).await
    }

    /// Starts the feed from behind what one has (nothing: from a snapshot); it survives reconnects.
    ///
    /// # Errors
    /// [`LinkError::Down`].
    pub async fn start_feed(&self, had: Had) -> Result<(), LinkError> {
        self.inner.memory.want_feed(had);
        self.enqueue(Outgoing::Plain(ClientFrame::FeedStart { have: had.have, rights: had.rights })).await
    }

    /// Asks for the newest checkpoint and the proof that it continues the one over `have` entries; it comes as an event.
    ///
    /// # Errors
    /// [`LinkError::Down`].
    pub async fn ask_head(&self, have: Option<u64>) -> Result<(), LinkError> {
        self.enqueue(Outgoing::Plain(ClientFrame::HeadWanted { have })).await
    }

    /// Says that what this device keeps is durable at this generation.
    ///
    /// # Errors
    /// [`LinkError::Down`].
    pub async fn cache_kept(&self, generation: u64) -> Result<(), LinkError> {
        self.enqueue(Outgoing::Plain(ClientFrame::CacheKept { generation })).await
    }

    /// The latest picture of each listing that came since they were taken last.
    #[must_use]
    pub fn pictures(&self) -> Vec<QuoteView> {
        self.inner.memory.pictures().take()
    }

    /// Says whose quotes are wanted from now on, in place of the list before; it survives reconnects.
    ///
    /// # Errors
    /// [`LinkError::Down`].
    pub async fn watch(&self, instruments: Vec<InstrumentId>) -> Result<(), LinkError> {
        self.inner.memory.watch(instruments.clone());
        self.enqueue(Outgoing::Plain(ClientFrame::Watch { instruments })).await
    }

    /// Reports that a person pressed a key; the caller keeps it to once in `ACTIVITY_S_MIN`.
    ///
    /// # Errors
    /// [`LinkError::Down`].
    pub async fn activity(&self) -> Result<(), LinkError> {
        self.enqueue(Outgoing::Plain(ClientFrame::Activity)).await
    }

    /// Ends the session and the connection; working orders stay working.
    pub async fn sign_out(&self, locked: bool) {
        self.inner.memory.set_token(None);
        self.inner.memory.forget_wishes();
        let Some(live) = self.live() else { return };
        let limit = Duration::from_millis(limits::GOODBYE_MS_MAX);
        if live.out.send(Outgoing::Plain(ClientFrame::SignOut { locked })).await.is_ok() {
            // The server closes once it has recorded the end.
            let _ = tokio::time::timeout(limit, live.connection.closed()).await;
        }
        self.inner.supervisor.abort();
        live.close();
    }

    /// Says that what this device keeps is durable at this generation, and closes the connection behind it; the session is
    /// left as it is.
    pub async fn leave(&self, generation: u64) {
        let Some(live) = self.live() else { return };
        self.inner.supervisor.abort();
        let kept = Outgoing::Plain(ClientFrame::CacheKept { generation });
        if live.out.send(kept).await.is_ok() && live.out.send(Outgoing::End).await.is_ok() {
            let limit = Duration::from_millis(limits::GOODBYE_MS_MAX);
            // The server closes once it has read all of it.
            let _ = tokio::time::timeout(limit, live.connection.closed()).await;
        }
        live.close();
    }

    pub(super) async fn enqueue(&self, outgoing: Outgoing) -> Result<(), LinkError> {
        let live = self.live().ok_or(LinkError::Down)?;
        live.out.send(outgoing).await.map_err(|_| LinkError::Down)
    }
}
