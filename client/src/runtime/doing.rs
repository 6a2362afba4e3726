//! Effects carried out: the link asked, its answers brought back as messages; it must never ask twice for one effect.

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use turret_shared::ids::{OrderId, PendingId, UserId};
use turret_shared::secret::SecretText;
use turret_shared::text::escaped;
use turret_shared::wire::control::{Outcome, SignedIn};
use turret_shared::wire::query::Ask;

use super::keeping::{self, Keeping, Preparing};
use super::keying::Keyring;
use super::left::Paper;
use super::told::{in_doubt, messages, replied, sign_in_failed};
use crate::app::effect::Request;
use crate::app::kept::Rows;
use crate::app::lock::LeftBehind;
use crate::app::{Effect, Msg};
use crate::cache::{CacheError, Opened, Owner, Place};
use crate::credentials::Credentials;
use crate::keys::Plugged;
use crate::link::{Link, LinkError, LinkEvent, NewPassword, Reply, SignInError};
use crate::pack_file;
use crate::profile::Profile;
use crate::seal::{self, SealKey};

/// Messages waiting for the model; the link waits beyond it, and the server then cuts its feed to a snapshot.
const INBOX_MAX: usize = 8;
/// Pause before a connection that never was is tried again, in milliseconds.
const RETRY_MS: u64 = 2_000;

/// What tasks bring back.
pub(super) enum Brought {
    /// A message for the model.
    Message(Msg),
    /// Market pictures wait to be taken.
    Pictures,
    /// A connection, of the attempt with this number.
    Linked(u64, Link, mpsc::Receiver<LinkEvent>),
    /// A session began on the connection of the attempt with this number, with what this device kept for it.
    SignedIn(u64, Box<SignedIn>, Option<Result<Box<Opened<Rows>>, CacheError>>),
    /// A session began there, and this is the key its owner's drafts are sealed with.
    Sealer(u64, SealKey),
}

/// Carries effects out.
pub(super) struct Doing {
    /// Those that can be chosen.
    profiles: Vec<Profile>,
    /// Directory of the one that was.
    chosen: PathBuf,
    demo: Vec<Credentials>,
    inbox: mpsc::Sender<Brought>,
    link: Option<Link>,
    attempt: u64,
    tasks: JoinSet<()>,
    leaving: Option<JoinHandle<()>>,
    sealer: Option<SealKey>,
    paper: Option<Paper>,
    /// Of the device that is connected.
    device: PathBuf,
    keeping: Keeping,
    keyring: Keyring,
    /// Whose session it is.
    user: UserId,
}

impl Doing {
    /// For this device, or the devices of a demo's people.
    pub(super) fn new(
        profiles: Vec<Profile>,
        demo: Vec<Credentials>,
        paper: Option<Paper>,
        plugged: Plugged,
    ) -> (Self, mpsc::Receiver<Brought>) {
        let (inbox, brought) = mpsc::channel(INBOX_MAX);
        let (tasks, leaving) = (JoinSet::new(), None);
        let chosen = profiles.first().map(|profile| profile.dir.clone()).unwrap_or_default();
        let (device, keeping) = (chosen.clone(), Keeping::default());
        let doing = Self {
            profiles,
            chosen,
            demo,
            inbox,
            link: None,
            attempt: 0,
            tasks,
            leaving,
            sealer: None,
            paper,
            device,
            keeping,
            keyring: Keyring::new(plugged),
            user: UserId::default(),
        };
        (doing, brought)
    }

    /// What came, as messages for the model, to be taken one behind the other: nothing may come between.
    pub(super) fn messages(&mut self, brought: Brought) -> Vec<Msg> {
        match brought {
            Brought::Message(message) => vec![message],
            Brought::Pictures => vec![self.pictures()],
            Brought::Linked(attempt, link, events) => self.linked(attempt, link, events).into_iter().collect(),
            // Of a connection that was given up since: no session is begun on another by it.
            Brought::Sealer(attempt, _) | Brought::SignedIn(attempt, ..) if attempt != self.attempt => Vec::new(),
            Brought::Sealer(_, key) => self.sealer(key).into_iter().collect(),
            Brought::SignedIn(_, signed, opened) => self.signed_in(signed, opened),
        }
    }

    /// A session began: its cache is kept open, and what was in it comes right behind.
    fn signed_in(&mut self, signed: Box<SignedIn>, opened: Option<Result<Box<Opened<Rows>>, CacheError>>) -> Vec<Msg> {
        self.user = signed.user.user;
        let kept = opened.map(|opened| match opened {
            Ok(opened) => {
                let kept = self.keeping.begin(*opened, self.origin());
                let keeping = self.keeping.clone();
                // Not before there is somewhere for the answer to go.
                self.with_link(move |link, _| async move { drop(keeping.look(&link).await) });
                Msg::Kept(Box::new(kept))
            }
            Err(error) => Msg::NotKept(error.to_string()),
        });
        std::iter::once(Msg::SignedIn(signed)).chain(kept).collect()
    }

    /// The market as it is now, as far as it changed.
    pub(super) fn pictures(&self) -> Msg {
        Msg::Quotes(self.link.as_ref().map(Link::pictures).unwrap_or_default())
    }

    /// Name of the log at the other end.
    fn origin(&self) -> String {
        self.link.as_ref().and_then(Link::welcome).map(|welcome| welcome.origin).unwrap_or_default()
    }

    /// A session began: its key is kept, and what its owner left behind opens with it.
    fn sealer(&mut self, key: SealKey) -> Option<Msg> {
        let opened = self.paper.take().map(|paper| paper.open(&key));
        self.sealer = Some(key);
        Some(Msg::Returned(Box::new(opened?.ok()?)))
    }

    /// Seals what is left behind: the session's key is gone then.
    pub(super) fn seal(&mut self, left: &LeftBehind) -> Paper {
        Paper::of(left, self.chosen.clone(), self.sealer.take().as_ref())
    }

    /// Keeps the paper where no other process can be handed it.
    pub(super) fn keep(&mut self, paper: Paper) {
        self.paper = Some(paper);
    }

    /// The link's round trip.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        self.link.as_ref().and_then(Link::round_trip)
    }

    /// Takes a connection that came about; a superseded one is dropped, which closes it.
    fn linked(&mut self, attempt: u64, link: Link, mut events: mpsc::Receiver<LinkEvent>) -> Option<Msg> {
        if attempt != self.attempt {
            return None;
        }
        let welcome = link.welcome();
        let (inbox, told, keeping) = (self.inbox.clone(), link.clone(), self.keeping.clone());
        self.tasks.spawn(async move {
            while let Some(event) = events.recv().await {
                let broken = keeping.heard(&event, &told).await;
                if let Some(message) = broken
                    && inbox.send(Brought::Message(message)).await.is_err()
                {
                    return;
                }
                let pictures = matches!(event, LinkEvent::Pictures).then_some(Brought::Pictures);
                for brought in messages(event, &told).into_iter().map(Brought::Message).chain(pictures) {
                    if inbox.send(brought).await.is_err() {
                        return;
                    }
                }
            }
        });
        self.link = Some(link);
        welcome.map(|welcome| Msg::Connected(Box::new(welcome)))
    }

    /// Carries out one effect that concerns the link; false when it concerns the terminal.
    pub(super) fn carry_out(&mut self, effect: Effect) -> Option<Effect> {
        while self.tasks.try_join_next().is_some() {}
        match effect {
            Effect::Connect { person, server } => self.connect(person, server),
            Effect::SignOut { locked } => self.sign_out(locked),
            Effect::SignIn { login, password, code } => {
                let (old, ours) = (password.clone(), password.clone());
                self.enter(login.clone(), old, ours, None, move |link| async move {
                    link.sign_in(&login, password, code).await
                });
            }
            Effect::SignInByKey { request, login, password } => {
                let (old, ours) = (password.clone(), password.clone());
                let turning = self.keyring.turn(request, self.inbox.clone());
                self.enter(login.clone(), old, ours, None, move |link| async move {
                    turning.sign_in(&link, &login, password).await
                });
            }
            Effect::RegisterKey { request, password, code } => self.register_key(request, password, code),
            Effect::Key { request, hand } => self.keyring.hand(request, hand),
            Effect::ProveByKey { request, pending } => self.prove_by_key(request, pending),
            Effect::NewPassword { login, old, new } => {
                let (ours, given) = (new.clone(), new.clone());
                self.enter(login, old, ours, Some(new), move |link| async move { link.new_password(given).await });
            }
            Effect::ChangePassword { request, login, user, old, new, code } => {
                self.change_password(request, (login, user), NewPassword { old, new, code });
            }
            Effect::StartFeed => {
                let had = self.keeping.had();
                self.with_link(move |link, _| async move {
                    // A failure is a lost link, which tells itself.
                    let _ = link.start_feed(had).await;
                });
            }
            Effect::KeepDrafts(drafts) => self.keeping.drafts(&drafts),
            Effect::KeepPack { order, bytes } => self.keep_pack(order, bytes),
            Effect::ReadTable { request, table, file } => self.read_table(request, table, file),
            Effect::WriteTable { table, file } => self.write_table(table, file),
            Effect::KeepLayout(line) => self.keeping.layout(line),
            Effect::Watch(instruments) => self.with_link(move |link, _| async move {
                let _ = link.watch(instruments).await;
            }),
            Effect::Activity => self.with_link(move |link, _| async move {
                let _ = link.activity().await;
            }),
            Effect::Send { request, bytes } => self.command(request, bytes),
            Effect::Prove { request, pending, code } => self.prove(request, pending, code),
            Effect::GiveUp(pending) => self.keeping.settled(&pending),
            Effect::Ask { request, ask } => self.ask(request, ask),
            other => return Some(other),
        }
        None
    }

    /// Waits until a sign-out under way has left this machine, and what is kept is closed.
    pub(super) async fn left(&mut self) {
        if let Some(leaving) = self.leaving.take() {
            let _ = leaving.await;
        }
        close(self.keeping.end(), self.link.take()).await;
    }

    fn ask(&mut self, request: Request, ask: Ask) {
        let keeping = self.keeping.clone();
        self.with_link(move |link, inbox| async move {
            let by_name = if let Ask::Orders { cl_ord_id, .. } = &ask { cl_ord_id.clone() } else { None };
            let message = match link.query(ask).await {
                Ok(answered) => {
                    // Whatever the answer, that name is in doubt no more.
                    if let Some(name) = by_name {
                        keeping.answered(name);
                    }
                    Msg::Answer { request, body: Box::new(answered.body) }
                }
                Err(error) => Msg::NoAnswer { request, why: error.to_string() },
            };
            let _ = inbox.send(Brought::Message(message)).await;
        });
    }

    fn keep_pack(&mut self, order: OrderId, bytes: Vec<u8>) {
        self.with_link(move |_, inbox| async move {
            if let Ok(said) = tokio::task::spawn_blocking(move || pack_file::keep(order, &bytes)).await {
                let _ = inbox.send(Brought::Message(Msg::PackKept(said))).await;
            }
        });
    }

    /// A command's name is written down before it is sent, and struck out once it is known what came of it.
    fn command(&mut self, request: Request, bytes: Vec<u8>) {
        let (keeping, to_sign) = (self.keeping.clone(), self.keyring.to_sign.clone());
        self.with_link(move |link, inbox| async move {
            let name = keeping.sent(&bytes).await;
            let reply = link.command(bytes.clone()).await;
            if let Ok(Reply { outcome: Outcome::StepUp { pending, sign: Some(asked), .. }, .. }) = &reply {
                to_sign.waits(*pending, bytes, (**asked).clone());
            }
            if let Some(name) = name {
                match &reply {
                    Ok(Reply { outcome: Outcome::StepUp { pending, .. }, .. }) => keeping.waits(*pending, name),
                    Ok(_) => keeping.answered(name),
                    Err(error) if !in_doubt(error) => keeping.answered(name),
                    Err(_) => {}
                }
            }
            let _ = inbox.send(Brought::Message(replied(request, reply))).await;
        });
    }

    /// What waited for a code is settled by its answer, unless that was about the code alone.
    fn prove(&mut self, request: Request, pending: Vec<PendingId>, code: SecretText) {
        let keeping = self.keeping.clone();
        self.with_link(move |link, inbox| async move {
            let reply = link.proof(pending.clone(), code).await;
            settle(&keeping, &pending, &reply);
            let _ = inbox.send(Brought::Message(replied(request, reply))).await;
        });
    }

    /// A key of one's own; one that gives nothing has said so.
    fn register_key(&mut self, request: Request, password: SecretText, code: SecretText) {
        let (user, turning) = (self.user, self.keyring.turn(request, self.inbox.clone()));
        self.with_link(move |link, inbox| async move {
            let Some(reply) = turning.register(&link, user, (password, code)).await else { return };
            let _ = inbox.send(Brought::Message(replied(request, reply))).await;
        });
    }

    /// The same by a signature; a key that gives none has said so.
    fn prove_by_key(&mut self, request: Request, pending: PendingId) {
        let (keeping, to_sign, user) = (self.keeping.clone(), self.keyring.to_sign.clone(), self.user);
        let turning = self.keyring.turn(request, self.inbox.clone());
        self.with_link(move |link, inbox| async move {
            let Some(reply) = turning.prove(&link, user, pending, &to_sign).await else { return };
            settle(&keeping, &[pending], &reply);
            let _ = inbox.send(Brought::Message(replied(request, reply))).await;
        });
    }

    pub(super) fn with_link<R>(&mut self, run: impl FnOnce(Link, mpsc::Sender<Brought>) -> R)
    where
        R: Future<Output = ()> + Send + 'static,
    {
        if let Some(link) = self.link.clone() {
            self.tasks.spawn(run(link, self.inbox.clone()));
        }
    }

    /// A session is asked for; meanwhile the key for drafts is made from the password it will be locked with, and what is kept
    /// is made ready to be opened with the one it is locked with.
    fn enter<R>(
        &mut self,
        login: String,
        locked_with: SecretText,
        ours: SecretText,
        new: Option<SecretText>,
        ask: impl FnOnce(Link) -> R + Send + 'static,
    ) where
        R: Future<Output = Result<SignedIn, SignInError>> + Send,
    {
        let salt = self.paper.as_ref().and_then(|paper| paper.salt_for(&login));
        let sealer = sealer(ours, salt);
        let attempt = self.attempt;
        let preparing = Preparing::start(self.device.clone(), self.link.as_ref(), &login, locked_with);
        self.with_link(move |link, inbox| async move {
            let brought = match ask(link.clone()).await {
                Ok(mut signed) => {
                    let opened = preparing.open(&mut signed, &link, &inbox, new).await;
                    Brought::SignedIn(attempt, Box::new(signed), opened.map(|opened| opened.map(Box::new)))
                }
                Err(SignInError::NewPasswordWanted(refused)) => {
                    let refused = refused.map(|fault| fault.sentence().to_owned());
                    Brought::Message(Msg::NewPasswordWanted { refused })
                }
                // What was given before goes on being given.
                Err(error @ SignInError::Busy { .. }) if new.is_some() => {
                    Brought::Message(Msg::NewPasswordWanted { refused: Some(error.to_string()) })
                }
                // Its turn has told why.
                Err(SignInError::Key(_)) => return,
                Err(error) => Brought::Message(sign_in_failed(error)),
            };
            let is_in = matches!(brought, Brought::SignedIn(..));
            let _ = inbox.send(brought).await;
            // Without a key nothing is sealed and drafts end with the session; that is no reason to keep a person out.
            if let (true, Ok(Ok(key))) = (is_in, sealer.await) {
                let _ = inbox.send(Brought::Sealer(attempt, key)).await;
            }
        });
    }

    /// Another password within a session: what this device keeps is locked with it once it counts, and drafts are sealed with it.
    fn change_password(&mut self, request: Request, (login, user): (String, UserId), wanted: NewPassword) {
        let (folder, origin, attempt) = (self.device.clone(), self.origin(), self.attempt);
        let (old, new) = (wanted.old.clone(), wanted.new.clone());
        self.with_link(move |link, inbox| async move {
            let mut reply = match link.change_password(wanted).await {
                Ok(reply) => reply,
                Err(error) => {
                    let in_doubt = matches!(error, LinkError::InDoubt | LinkError::TimedOut);
                    let why = error.to_string();
                    let _ = inbox.send(Brought::Message(Msg::NoReply { request, why, in_doubt })).await;
                    return;
                }
            };
            let mut word = None;
            if let Outcome::PasswordChanged { cache } = &mut reply.outcome {
                let key = sealer(new.clone(), None).await;
                if let Some(grant) = cache.take() {
                    let place = Place::of(&folder, &origin, &login);
                    let owner = Owner { origin, user, device: grant.device };
                    word = keeping::rewrap(place, (old, new), grant, owner).await;
                }
                if let Ok(Ok(key)) = key {
                    let _ = inbox.send(Brought::Sealer(attempt, key)).await;
                }
            }
            let outcome = Box::new(reply.outcome);
            let told = Msg::Reply { request, correlation: reply.correlation, outcome };
            let _ = inbox.send(Brought::Message(told)).await;
            if let Some(word) = word {
                let _ = inbox.send(Brought::Message(Msg::NotKept(word))).await;
            }
        });
    }

    fn sign_out(&mut self, locked: bool) {
        if let Some(link) = self.link.take() {
            let kept = self.keeping.end();
            self.leaving = Some(tokio::spawn(async move {
                if let Some(generation) = kept.await {
                    let _ = link.cache_kept(generation).await;
                }
                link.sign_out(locked).await;
            }));
        }
    }

    /// Connects until it works; whatever was connected or under way before is dropped.
    fn connect(&mut self, person: usize, server: usize) {
        self.tasks.abort_all();
        tokio::spawn(close(self.keeping.end(), self.link.take()));
        self.attempt = self.attempt.wrapping_add(1);
        let (attempt, inbox) = (self.attempt, self.inbox.clone());
        // The model chooses among as many as it was told of.
        let Some(chosen) = self.profiles.get(server) else { return };
        self.chosen.clone_from(&chosen.dir);
        let profile = match self.demo.get(person) {
            Some(person) => Profile::load(&person.client_dir).map(|own| own.at(&chosen.server)),
            None => Ok(chosen.clone()),
        };
        self.device = profile.as_ref().map_or_else(|_| PathBuf::new(), |own| own.dir.clone());
        self.tasks.spawn(async move {
            let profile = match profile {
                Ok(profile) => profile,
                Err(error) => {
                    let _ = inbox.send(Brought::Message(Msg::ConnectFailed(escaped(&error.to_string())))).await;
                    return;
                }
            };
            loop {
                match Link::connect(&profile, false).await {
                    Ok((link, events)) => {
                        let _ = inbox.send(Brought::Linked(attempt, link, events)).await;
                        return;
                    }
                    Err(error) => {
                        let _ = inbox.send(Brought::Message(Msg::ConnectFailed(error.to_string()))).await;
                    }
                }
                tokio::time::sleep(Duration::from_millis(RETRY_MS)).await;
            }
        });
    }
}

/// What waited for a proof is settled by its answer, unless that was about the proof alone.
fn settle(keeping: &Keeping, pending: &[PendingId], reply: &Result<Reply, LinkError>) {
    if let Ok(Reply { outcome, .. }) = reply
        && !matches!(outcome, Outcome::ProofRefused { .. } | Outcome::Busy)
    {
        keeping.settled(pending);
    }
}

/// What is kept is closed, and the server hears of it while the link stands.
async fn close(kept: impl Future<Output = Option<u64>>, link: Option<Link>) {
    if let (Some(generation), Some(link)) = (kept.await, link) {
        link.leave(generation).await;
    }
}

/// The key drafts are sealed with, made beside everything else.
fn sealer(password: SecretText, salt: Option<[u8; seal::SALT_BYTES]>) -> JoinHandle<Result<SealKey, seal::SealError>> {
    tokio::task::spawn_blocking(move || match salt {
        Some(salt) => SealKey::of(&password, salt),
        None => seal::salt().and_then(|salt| SealKey::of(&password, salt)),
    })
}
