//! The one thread that speaks to a token, so that a token which hangs holds up nobody for longer than a named wait.
//!
//! It must never try a PIN again that was refused: a few of those lock the token.

use std::fmt;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::store::{Labels, Public};
use super::token::{Module, Token};
use crate::keys::{KeyError, Passphrase};

/// Most questions that wait.
const WAITING_MAX: usize = 16;
/// Longest wait for an answer, in milliseconds.
const ANSWER_MS_MAX: u64 = 5_000;
/// What a token signs to show that it is there: no checkpoint and no certificate has this shape.
const PROOF: &[u8] = b"turret: the token is there\n";

/// What is asked of it.
enum Task {
    /// Sign with this version.
    Checkpoint(u32, Vec<u8>),
    Certificate([u8; 32]),
    /// Make this version, which nothing knows yet: its public half.
    Make(u32),
    /// Make the next key of these that the key file is sealed under.
    MakeWrapping(u32),
    /// Do away with every one of these before a version.
    Destroy(Ended, u32),
    /// Seal the key file under this version of it: IV, header, keys.
    Seal(u32, [u8; 12], Vec<u8>, Zeroizing<Vec<u8>>),
    /// From now on this version shows that the token is there.
    Turn(u32, [u8; 32]),
    Tend,
}

/// Keys whose older versions can be done away with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ended {
    Wrapping,
    Checkpoint,
}

type Answer = Result<Vec<u8>, KeyError>;

/// The way to the thread; dropping it ends the thread and the session.
pub(super) struct Bearer {
    tasks: Option<SyncSender<(Task, SyncSender<Answer>)>>,
    /// Closes when the thread ends.
    ended: Mutex<Receiver<()>>,
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer")
    }
}

/// What the thread holds.
pub(super) struct Work {
    pub(super) module: Module,
    pub(super) pin: Passphrase,
    pub(super) labels: Labels,
    pub(super) public: Public,
    pub(super) token: Option<Token>,
}

impl Bearer {
    pub(super) fn start(work: Work) -> Result<Self, KeyError> {
        let (tasks, waiting) = sync_channel(WAITING_MAX);
        let (running, ended) = sync_channel(1);
        let thread = move || {
            run(work, &waiting);
            drop(running);
        };
        Builder::new().name("turret-token".into()).spawn(thread).map_err(|_| KeyError::NoAnswer)?;
        Ok(Self { tasks: Some(tasks), ended: Mutex::new(ended) })
    }

    pub(super) fn checkpoint(&self, version: u32, text: &[u8]) -> Result<[u8; 64], KeyError> {
        self.ask(Task::Checkpoint(version, text.to_vec()))?.try_into().map_err(|_| KeyError::OtherKeys)
    }

    pub(super) fn certificate(&self, digest: [u8; 32]) -> Answer {
        self.ask(Task::Certificate(digest))
    }

    pub(super) fn make(&self, version: u32) -> Result<[u8; 32], KeyError> {
        self.ask(Task::Make(version))?.try_into().map_err(|_| KeyError::OtherKeys)
    }

    pub(super) fn make_wrapping(&self, version: u32) -> Result<(), KeyError> {
        self.ask(Task::MakeWrapping(version)).map(drop)
    }

    pub(super) fn destroy(&self, ended: Ended, before: u32) -> Result<(), KeyError> {
        self.ask(Task::Destroy(ended, before)).map(drop)
    }

    pub(super) fn seal(&self, wrapping: u32, iv: [u8; 12], header: &[u8], plain: Zeroizing<Vec<u8>>) -> Answer {
        self.ask(Task::Seal(wrapping, iv, header.to_vec(), plain))
    }

    pub(super) fn turn(&self, version: u32, public: [u8; 32]) -> Result<(), KeyError> {
        self.ask(Task::Turn(version, public)).map(drop)
    }

    pub(super) fn tend(&self) -> Result<(), KeyError> {
        self.ask(Task::Tend).map(drop)
    }

    fn ask(&self, task: Task) -> Answer {
        let (answer, answered) = sync_channel(1);
        let tasks = self.tasks.as_ref().ok_or(KeyError::NoAnswer)?;
        // A full queue is one that a hanging token does not empty.
        tasks.try_send((task, answer)).map_err(|_| KeyError::NoAnswer)?;
        answered.recv_timeout(Duration::from_millis(ANSWER_MS_MAX)).map_err(|_| KeyError::NoAnswer)?
    }
}

impl Drop for Bearer {
    fn drop(&mut self) {
        drop(self.tasks.take());
        // A thread that hangs in the module ends with the process.
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = ended.recv_timeout(Duration::from_millis(ANSWER_MS_MAX));
    }
}

fn run(mut work: Work, tasks: &Receiver<(Task, SyncSender<Answer>)>) {
    let mut barred = None;
    while let Ok((task, answer)) = tasks.recv() {
        let done = match task {
            Task::Checkpoint(version, text) => {
                work.with(|token, labels| token.sign_ed25519(&labels.checkpoint(version), &text).map(Vec::from))
            }
            Task::Certificate(digest) => {
                work.with(|token, labels| token.sign_p256(&labels.certificates, &digest).map(Vec::from))
            }
            Task::Make(version) => work.with(|token, labels| make(token, &labels.checkpoint(version))),
            Task::MakeWrapping(version) => work.with(|token, labels| {
                let label = labels.wrapping(version);
                token.clear(&label)?;
                token.make_wrapping(&label).map(|()| Vec::new())
            }),
            Task::Destroy(ended, before) => work.with(|token, labels| {
                let label = |version| match ended {
                    Ended::Wrapping => labels.wrapping(version),
                    Ended::Checkpoint => labels.checkpoint(version),
                };
                (1..before).try_for_each(|version| token.clear(&label(version)))?;
                Ok(Vec::new())
            }),
            Task::Seal(version, iv, header, plain) => {
                work.with(|token, labels| token.seal(&labels.wrapping(version), iv, &header, &plain))
            }
            Task::Turn(version, public) => {
                (work.public.version, work.public.checkpoint) = (version, public);
                Ok(Vec::new())
            }
            Task::Tend => work.tend(&mut barred).map(|()| Vec::new()),
        };
        // Whoever asked may have waited long enough.
        let _ = answer.send(done);
    }
}

impl Work {
    fn with(&mut self, ask: impl FnOnce(&Token, &Labels) -> Answer) -> Answer {
        let Some(token) = &self.token else { return Err(KeyError::Gone(self.module.token().to_owned())) };
        let done = ask(token, &self.labels);
        if done.is_err() {
            // What it can still do is found out anew.
            self.token = None;
        }
        done
    }

    /// Uses the token, and takes it up anew where that fails.
    fn tend(&mut self, barred: &mut Option<fn() -> KeyError>) -> Result<(), KeyError> {
        if let Some(token) = &self.token
            && prove(token, &self.labels, &self.public).is_ok()
        {
            return Ok(());
        }
        // The module stops before it starts again.
        self.token = None;
        if let Some(why) = barred {
            return Err(why());
        }
        let token = self.module.open(&self.pin, false).inspect_err(|error| match error {
            KeyError::Pin => *barred = Some(|| KeyError::Pin),
            KeyError::PinLocked => *barred = Some(|| KeyError::PinLocked),
            _ => {}
        })?;
        prove(&token, &self.labels, &self.public)?;
        self.token = Some(token);
        Ok(())
    }
}

fn make(token: &Token, label: &str) -> Answer {
    token.clear(label)?;
    token.make_ed25519(label)?;
    token.public::<32>(label).map(Vec::from)
}

/// A token is the right one when it signs with the keys we know.
pub(super) fn prove(token: &Token, labels: &Labels, public: &Public) -> Result<(), KeyError> {
    let digest = Sha256::digest(PROOF).into();
    let checkpoint = token.sign_ed25519(&labels.checkpoint(public.version), PROOF)?;
    let certificate = token.sign_p256(&labels.certificates, &digest)?;
    if public.made_checkpoint(PROOF, &checkpoint) && public.made_certificate(&digest, &certificate) {
        Ok(())
    } else {
        Err(KeyError::OtherKeys)
    }
}
