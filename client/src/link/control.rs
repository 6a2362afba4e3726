//! The control stream: many commands in flight, written in batches, answered in any order; it must never resend.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quinn::SendStream;
use tokio::sync::{mpsc, oneshot};
use turret_shared::assertion::{Assertion, Registration};
use turret_shared::ids::{CorrelationId, CredentialId, PendingId};
use turret_shared::limits::FRAME_BYTES_MAX_UNAUTHENTICATED;
use turret_shared::password::PasswordFault;
use turret_shared::secret::SecretText;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame, SignedIn};
use turret_shared::wire::keys::KeyAsked;
use turret_shared::wire::put_frame;
use zeroize::Zeroize;

use super::error::LinkError;
use super::event::LinkEvent;
use super::frames::{FrameReader, ReadError};
use super::limits::BATCH_FRAMES_MAX;
use super::memory::Memory;

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<new password>")
    }
}

/// The answer to a command or proof.
#[derive(Debug, Clone)]
pub struct Reply {
    /// To quote.
    pub correlation: CorrelationId,
    /// What came of it; durable.
    pub outcome: Outcome,
}

/// Where an answer goes.
pub(super) type ReplySender = oneshot::Sender<Result<Reply, LinkError>>;

/// Something to write.
pub(super) enum Outgoing {
    /// A command's canonical bytes.
    Command(Vec<u8>, ReplySender),
    /// A code for pending commands.
    Proof(Vec<PendingId>, SecretText, ReplySender),
    /// A new password, the old one and a code.
    NewPassword(Box<NewPassword>, ReplySender),
    /// A signature for one pending command.
    Signed { pending: PendingId, credential: CredentialId, assertion: Assertion, reply: ReplySender },
    /// Wants to register a security key.
    KeyOffered(ReplySender),
    /// A new security key.
    NewKey { password: SecretText, code: SecretText, registration: Registration, reply: ReplySender },
    /// Wants a certificate for the device's next key (PKCS#10).
    RenewDevice { key: Vec<u8>, reply: ReplySender },
    /// A frame without a numbered answer.
    Plain(ClientFrame),
    /// Nothing more: what was put before it is written, and the stream ends.
    End,
}

/// What changes a password within a session.
pub struct NewPassword {
    /// The one there is.
    pub old: SecretText,
    /// The one there will be.
    pub new: SecretText,
    /// Six digits.
    pub code: SecretText,
}

/// Answers to sign-in frames.
#[derive(Debug)]
pub(super) enum AuthReply {
    CodeWanted,
    SignedIn(Box<SignedIn>),
    Failed { correlation: CorrelationId, retry_after_s: u32 },
    Error(CorrelationId),
    Busy { retry_after_s: u32 },
    NewPasswordWanted(Option<PasswordFault>),
    KeyAsked(Box<KeyAsked>),
}

#[derive(Default)]
struct Table {
    next: u64,
    waiting: HashMap<u64, ReplySender>,
    auth: Option<oneshot::Sender<AuthReply>>,
    closed: bool,
}

/// Who waits for which answer on one connection.
#[derive(Clone, Default)]
pub(super) struct Pending(Arc<Mutex<Table>>);

impl Pending {
    fn table(&self) -> MutexGuard<'_, Table> {
        // A holder cannot panic half-way: every use is one map operation.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number for a request about to be written; `None` once the connection is lost.
    fn enter(&self, reply: ReplySender) -> Option<u64> {
        let mut table = self.table();
        if table.closed {
            drop(table);
            let _ = reply.send(Err(LinkError::Down));
            return None;
        }
        table.next = table.next.wrapping_add(1);
        let request = table.next;
        table.waiting.insert(request, reply);
        Some(request)
    }

    fn answer(&self, request: u64, result: Result<Reply, LinkError>) {
        let waiting = self.table().waiting.remove(&request);
        if let Some(reply) = waiting {
            // Nobody may be left to hear it.
            let _ = reply.send(result);
        }
    }

    /// The answer to the next sign-in frame comes here.
    pub(super) fn expect_auth(&self) -> Option<oneshot::Receiver<AuthReply>> {
        let (sender, receiver) = oneshot::channel();
        let mut table = self.table();
        if table.closed {
            return None;
        }
        table.auth = Some(sender);
        Some(receiver)
    }

    fn answer_auth(&self, reply: AuthReply) -> bool {
        let waiting = self.table().auth.take();
        waiting.is_some_and(|sender| sender.send(reply).is_ok())
    }

    /// The connection is lost: what was written and not answered is in doubt.
    pub(super) fn lose(&self) {
        let mut table = self.table();
        table.closed = true;
        table.auth = None;
        let waiting = std::mem::take(&mut table.waiting);
        drop(table);
        for reply in waiting.into_values() {
            let _ = reply.send(Err(LinkError::InDoubt));
        }
    }
}

/// Writes what is asked, as many frames together as wait; ends with the stream or the last sender.
pub(super) async fn write(mut send: SendStream, mut queue: mpsc::Receiver<Outgoing>, pending: Pending) {
    let mut batch = Vec::with_capacity(BATCH_FRAMES_MAX);
    // Growing would leave unwiped copies behind.
    let mut bytes = Vec::with_capacity(FRAME_BYTES_MAX_UNAUTHENTICATED);
    while queue.recv_many(&mut batch, BATCH_FRAMES_MAX).await > 0 {
        // Passwords and codes pass through here, and nothing else that must not stay.
        let secret = batch.iter().any(|outgoing| !matches!(outgoing, Outgoing::Command(..)));
        let mut ends = false;
        for outgoing in batch.drain(..) {
            ends |= matches!(outgoing, Outgoing::End);
            if !ends {
                put(outgoing, &pending, &mut bytes);
            }
        }
        let written = send.write_all(&bytes).await;
        if secret {
            bytes.zeroize();
        }
        bytes.clear();
        if written.is_err() {
            return;
        }
        if ends {
            break;
        }
    }
    let _ = send.finish();
}

fn put(outgoing: Outgoing, pending: &Pending, bytes: &mut Vec<u8>) {
    let (frame, request) = match outgoing {
        Outgoing::Plain(frame) => (frame, None),
        Outgoing::End => return,
        Outgoing::Command(command, reply) => {
            let Some(request) = pending.enter(reply) else { return };
            (ClientFrame::Command { request, bytes: command }, Some(request))
        }
        Outgoing::Proof(orders, code, reply) => {
            let Some(request) = pending.enter(reply) else { return };
            (ClientFrame::Proof { request, pending: orders, code }, Some(request))
        }
        Outgoing::NewPassword(wanted, reply) => {
            let Some(request) = pending.enter(reply) else { return };
            let NewPassword { old, new, code } = *wanted;
            (ClientFrame::ChangePassword { request, old, new, code }, Some(request))
        }
        Outgoing::Signed { pending: signed, credential, assertion, reply } => {
            let Some(request) = pending.enter(reply) else { return };
            (ClientFrame::Signed { request, pending: signed, credential, assertion }, Some(request))
        }
        Outgoing::KeyOffered(reply) => {
            let Some(request) = pending.enter(reply) else { return };
            (ClientFrame::KeyOffered { request }, Some(request))
        }
        Outgoing::NewKey { password, code, registration, reply } => {
            let Some(request) = pending.enter(reply) else { return };
            (ClientFrame::NewKey { request, code, registration, password }, Some(request))
        }
        Outgoing::RenewDevice { key, reply } => {
            let Some(request) = pending.enter(reply) else { return };
            (ClientFrame::RenewDevice { request, key }, Some(request))
        }
    };
    if let (Err(error), Some(request)) = (put_frame(&frame, bytes), request) {
        pending.answer(request, Err(error.into()));
    }
}

/// Reads answers until the stream ends; whoever waits then is told by [`Pending::lose`].
pub(super) async fn read(
    mut frames: FrameReader,
    pending: Pending,
    memory: Memory,
    events: mpsc::Sender<LinkEvent>,
) -> ReadError {
    loop {
        match frames.next().await {
            Ok(Some(ServerFrame::SessionEnded { reason })) => {
                memory.set_token(None);
                let _ = events.send(LinkEvent::SessionEnded(reason)).await;
            }
            Ok(Some(frame)) => {
                if matches!(frame, ServerFrame::SignedIn(_)) {
                    frames.wipe_taken();
                }
                take(frame, &pending, &events).await;
            }
            Ok(None) => return ReadError::Gone,
            Err(error) => return error,
        }
    }
}

async fn take(frame: ServerFrame, pending: &Pending, events: &mpsc::Sender<LinkEvent>) {
    match frame {
        ServerFrame::Reply { request, correlation, outcome } => {
            pending.answer(request, Ok(Reply { correlation, outcome }));
        }
        ServerFrame::Error { request: Some(request), correlation } => {
            pending.answer(request, Err(LinkError::Server(correlation)));
        }
        ServerFrame::Error { request: None, correlation } => {
            if !pending.answer_auth(AuthReply::Error(correlation)) {
                let _ = events.send(LinkEvent::Fault(correlation)).await;
            }
        }
        ServerFrame::CodeWanted => {
            pending.answer_auth(AuthReply::CodeWanted);
        }
        ServerFrame::SignedIn(signed_in) => {
            pending.answer_auth(AuthReply::SignedIn(signed_in));
        }
        ServerFrame::SignInFailed { correlation, retry_after_s } => {
            pending.answer_auth(AuthReply::Failed { correlation, retry_after_s });
        }
        ServerFrame::SessionClock { idle_left_s, absolute_left_s } => {
            // The next one says it again.
            let _ = events.try_send(LinkEvent::SessionClock { idle_left_s, absolute_left_s });
        }
        ServerFrame::Head(head) => {
            // Asked for again when the next clock comes, if there is no room.
            let _ = events.try_send(LinkEvent::Head(head));
        }
        ServerFrame::Busy { retry_after_s } => {
            pending.answer_auth(AuthReply::Busy { retry_after_s });
        }
        ServerFrame::NewPasswordWanted { refused } => {
            pending.answer_auth(AuthReply::NewPasswordWanted(refused));
        }
        ServerFrame::KeyAsked(asked) => {
            pending.answer_auth(AuthReply::KeyAsked(asked));
        }
        // A second welcome says nothing new; the end of the session was taken by the reader.
        ServerFrame::Welcome(_) | ServerFrame::SessionEnded { .. } => {}
    }
}
