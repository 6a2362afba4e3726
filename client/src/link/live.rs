//! One connection that stands, with the tasks that serve it; it must not outlive it.

use std::future::Future;
use std::time::Duration;

use quinn::{Connection, VarInt};
use tokio::sync::{mpsc, oneshot};
use turret_shared::assertion::Assertion;
use turret_shared::ids::CredentialId;
use turret_shared::secret::SecretText;
use turret_shared::wire::control::{ClientFrame, SignedIn};
use turret_shared::wire::keys::KeyAsked;

use super::control::{self, AuthReply, Outgoing, Pending};
use super::dial::Dialed;
use super::error::SignInError;
use super::event::LinkEvent;
use super::feed;
use super::limits::{OUTGOING_MAX, SIGN_IN_S_MAX};
use super::memory::Memory;

/// Handles on one connection.
#[derive(Clone)]
pub(super) struct Live {
    pub(super) connection: Connection,
    pub(super) out: mpsc::Sender<Outgoing>,
    pub(super) pending: Pending,
}

impl Live {
    /// Starts what reads and writes; everything ends when the connection does.
    pub(super) fn start(dialed: Dialed, memory: &Memory, events: &mpsc::Sender<LinkEvent>) -> Self {
        memory.welcomed(&dialed.welcome, crate::clock::now());
        let connection = dialed.connection;
        let pending = Pending::default();
        let (out, queue) = mpsc::channel(OUTGOING_MAX);
        let live = Self { connection: connection.clone(), out, pending: pending.clone() };
        live.while_it_stands(control::write(dialed.send, queue, pending.clone()));
        live.while_it_stands(feed::feeds(connection.clone(), memory.clone(), events.clone()));
        live.while_it_stands(feed::quotes(connection.clone(), memory.clone(), events.clone()));
        let (events, reading, memory) = (events.clone(), pending.clone(), memory.clone());
        tokio::spawn(async move {
            let _ = control::read(dialed.frames, reading, memory, events).await;
            // Without its control stream a connection is of no use.
            connection.close(VarInt::from_u32(0), b"");
            pending.lose();
        });
        live
    }

    fn while_it_stands(&self, work: impl Future<Output = ()> + Send + 'static) {
        let connection = self.connection.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = work => {}
                _ = connection.closed() => {}
            }
        });
    }

    pub(super) fn close(&self) {
        self.connection.close(VarInt::from_u32(0), b"");
    }

    pub(super) async fn sign_in(
        &self,
        login: &str,
        password: SecretText,
        code: SecretText,
        memory: &Memory,
    ) -> Result<SignedIn, SignInError> {
        match self.auth(ClientFrame::Password { login: login.to_owned(), password }).await? {
            AuthReply::CodeWanted => {}
            other => return Err(not_in(&other)),
        }
        self.enter(ClientFrame::Code { code }, memory).await
    }

    pub(super) async fn begin_with_key(&self, login: &str, password: SecretText) -> Result<KeyAsked, SignInError> {
        match self.auth(ClientFrame::Password { login: login.to_owned(), password }).await? {
            AuthReply::CodeWanted => {}
            other => return Err(not_in(&other)),
        }
        match self.auth(ClientFrame::KeyWanted).await? {
            AuthReply::KeyAsked(asked) => Ok(*asked),
            other => Err(not_in(&other)),
        }
    }

    pub(super) async fn enter_with_key(
        &self,
        credential: CredentialId,
        assertion: Assertion,
        memory: &Memory,
    ) -> Result<SignedIn, SignInError> {
        self.enter(ClientFrame::Key { credential, assertion }, memory).await
    }

    pub(super) async fn new_password(&self, password: SecretText, memory: &Memory) -> Result<SignedIn, SignInError> {
        self.enter(ClientFrame::NewPassword { password }, memory).await
    }

    pub(super) async fn resume(&self, memory: &Memory) -> Result<SignedIn, SignInError> {
        let token = memory.token().ok_or(SignInError::Down)?;
        let result = self.enter(ClientFrame::Resume { token }, memory).await;
        if matches!(result, Err(SignInError::Failed { .. } | SignInError::Server(_))) {
            memory.set_token(None);
        }
        result
    }

    async fn enter(&self, frame: ClientFrame, memory: &Memory) -> Result<SignedIn, SignInError> {
        match self.auth(frame).await? {
            AuthReply::SignedIn(signed_in) => {
                memory.set_token(Some(signed_in.token.clone()));
                Ok(*signed_in)
            }
            other => Err(not_in(&other)),
        }
    }

    async fn auth(&self, frame: ClientFrame) -> Result<AuthReply, SignInError> {
        let answer: oneshot::Receiver<AuthReply> = self.pending.expect_auth().ok_or(SignInError::Down)?;
        self.out.send(Outgoing::Plain(frame)).await.map_err(|_| SignInError::Down)?;
        let limit = Duration::from_secs(SIGN_IN_S_MAX);
        match tokio::time::timeout(limit, answer).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(_)) => Err(SignInError::Down),
            Err(_) => Err(SignInError::TimedOut),
        }
    }
}

const fn not_in(reply: &AuthReply) -> SignInError {
    match reply {
        AuthReply::Failed { correlation, retry_after_s } => {
            SignInError::Failed { correlation: *correlation, retry_after_s: *retry_after_s }
        }
        AuthReply::Error(correlation) => SignInError::Server(*correlation),
        AuthReply::Busy { retry_after_s } => SignInError::Busy { retry_after_s: *retry_after_s },
        AuthReply::NewPasswordWanted(refused) => SignInError::NewPasswordWanted(*refused),
        AuthReply::CodeWanted | AuthReply::SignedIn(_) | AuthReply::KeyAsked(_) => SignInError::Protocol,
    }
}
