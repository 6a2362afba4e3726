//! The control stream of a live session: commands in, answers out, without a task or a wait for each.
//!
//! It must end with the session, and must never let one connection's slowness reach the core.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Interval, MissedTickBehavior};
use turret_shared::command::{Command, CommandError};
use turret_shared::denial::{Denial, DenialCode};
use turret_shared::ids::{CorrelationId, InstrumentId};
use turret_shared::limits::{FRAME_BYTES_MAX, WATCHED_INSTRUMENTS_MAX};
use turret_shared::role::Permission;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame, SessionEnd};
use turret_shared::wire::decode_frame;
use zeroize::Zeroize as _;

use super::conversation::{Conversation, Leave, word};
use super::correlations::Correlations;
use super::keys::Asked;
use super::limits::{FRAME_S_MAX, GATHERED_MAX, READ_BYTES_MAX, REPLIES_TOGETHER_MAX, SESSION_CLOCK_S, TICK_MS};
use super::passwords::Wanted;
use super::personal::{NotKept, denied_ban, is_personal};
use super::shared::Signal;
use super::{feed, queries, quotes};
use crate::guard::faults::Stage;
use crate::guard::limits::{BAD_COMMANDS_MAX, FRAMES_BURST, FRAMES_PER_S, NS_PER_S};
use crate::guard::{Bucket, Fault};
use crate::replica::handle::Had;
use crate::sequencer::inbox::{Busy, ClientAsk, ClientRequest, Inbox, Prepared};
use crate::sequencer::reply::{Reply, ReplyReceiver, ReplySink, replies};
use crate::session::Authenticated;

/// What a live session holds on its connection.
pub(super) struct Active {
    pub(super) session: Authenticated,
    pub(super) ids: Correlations,
    pub(super) sink: ReplySink,
    gathered: Vec<Prepared>,
    /// One that gives a reason has ended before its session.
    parts: JoinSet<Option<Leave>>,
    feed: Option<AbortHandle>,
    watched: watch::Sender<Arc<[InstrumentId]>>,
    frames: Bucket,
    bad_commands: u32,
    pub(super) caches_kept: u32,
    pub(super) asked: Asked,
    touched_ns: u64,
    clock_told_ns: u64,
}

/// What woke the loop.
enum Woken {
    Signal(Signal),
    Replies(Vec<Reply>),
    Bytes(Option<quinn::Chunk>),
    PartFell,
    FeedEnded(Leave),
    Tick,
}

impl Conversation {
    /// Serves a session until it or the connection is over.
    pub(super) async fn session(&mut self, session: Authenticated) -> Leave {
        let (sink, answers) = replies();
        let mut active = self.begin(session, sink);
        match self.serve(&mut active, answers).await {
            Ok(never) => match never {},
            Err(leave) => {
                active.parts.abort_all();
                leave
            }
        }
    }

    /// Opens what a session may use besides the control stream.
    fn begin(&self, session: Authenticated, sink: ReplySink) -> Active {
        let (watched, wanted) = watch::channel(Arc::from([]));
        let mut parts = JoinSet::new();
        let principal = session.principal();
        self.connection.set_max_concurrent_bi_streams(quinn::VarInt::from_u32(turret_certs::transport::BIDI_STREAMS));
        let queries = queries::serve(Arc::clone(&self.shared), self.connection.clone(), principal, session.script());
        let quotes = quotes::serve(Arc::clone(&self.shared), self.connection.clone(), wanted);
        parts.spawn(async move {
            queries.await;
            None
        });
        parts.spawn(async move {
            quotes.await;
            None
        });
        let now_ns = self.shared.now_ns();
        let signs = self.shared.access.now().keys_of(principal.user).next().is_some();
        Active {
            session,
            ids: Correlations::new(self.shared.fresh_correlation()),
            sink,
            gathered: Vec::new(),
            parts,
            feed: None,
            watched,
            frames: Bucket::new(FRAMES_BURST, FRAMES_PER_S),
            bad_commands: 0,
            caches_kept: 0,
            asked: Asked::new(signs),
            touched_ns: now_ns,
            clock_told_ns: now_ns,
        }
    }

    async fn serve(
        &mut self,
        active: &mut Active,
        mut answers: ReplyReceiver,
    ) -> Result<std::convert::Infallible, Leave> {
        let mut tick = tokio::time::interval(Duration::from_millis(TICK_MS));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // What came with the last frame before the session is looked at first.
        self.take_frames(active).await?;
        loop {
            self.flush_or_end().await?;
            match self.woken(active, &mut answers, &mut tick).await {
                Woken::Signal(signal) => {
                    // What was decided before the end is answered before it is told.
                    while let Some(replies) = answers.there() {
                        for reply in replies {
                            self.reply(active, reply).await?;
                        }
                    }
                    return Err(self.signalled(signal));
                }
                Woken::Replies(replies) => self.reply_to_many(active, replies).await?,
                Woken::Bytes(None) => return Err(Leave::Gone),
                Woken::Bytes(Some(chunk)) => {
                    self.frames.push(&chunk.bytes);
                    self.push_what_is_there(READ_BYTES_MAX.saturating_sub(chunk.bytes.len())).await;
                    self.take_frames(active).await?;
                }
                Woken::PartFell => {
                    self.shared.panicked();
                    return Err(Leave::Fallen);
                }
                // Up without a feed would show what was for what is.
                Woken::FeedEnded(leave) => return Err(leave),
                Woken::Tick => self.on_tick(active)?,
            }
        }
    }

    /// Answers of one commit. Of many the first are on their way while the last are written.
    async fn reply_to_many(&mut self, active: &mut Active, replies: Vec<Reply>) -> Result<(), Leave> {
        for (told, reply) in (1_usize..).zip(replies) {
            self.reply(active, reply).await?;
            if told.is_multiple_of(REPLIES_TOGETHER_MAX) {
                self.flush_or_end().await?;
                // The transport sends when it gets its turn.
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    async fn woken(&mut self, active: &mut Active, answers: &mut ReplyReceiver, tick: &mut Interval) -> Woken {
        loop {
            tokio::select! {
                biased;
                signal = self.signals.recv() => return Woken::Signal(signal.unwrap_or(Signal::Stopping)),
                Some(replies) = answers.recv() => return Woken::Replies(replies),
                chunk = self.recv.read_chunk(READ_BYTES_MAX, true) => return Woken::Bytes(chunk.ok().flatten()),
                Some(part) = active.parts.join_next_with_id() => match part {
                    Err(error) if error.is_panic() => return Woken::PartFell,
                    // One that another took the place of may end as it likes.
                    Ok((part, Some(leave))) if active.feed.as_ref().is_some_and(|feed| feed.id() == part) => {
                        return Woken::FeedEnded(leave);
                    }
                    _ => {}
                },
                _ = tick.tick() => return Woken::Tick,
            }
        }
    }

    /// Reads on without waiting, as far as one read goes, so that commands sent together are decided together. An end is
    /// seen by the next read.
    async fn push_what_is_there(&mut self, mut room_bytes: usize) {
        while room_bytes > 0 {
            let more = tokio::select! {
                biased;
                chunk = self.recv.read_chunk(room_bytes, true) => chunk.ok().flatten(),
                () = std::future::ready(()) => None,
            };
            let Some(chunk) = more else { return };
            self.frames.push(&chunk.bytes);
            room_bytes = room_bytes.saturating_sub(chunk.bytes.len());
        }
    }

    /// Takes every whole frame that is there; what was good before a bad one is still handed over.
    async fn take_frames(&mut self, active: &mut Active) -> Result<(), Leave> {
        let taken = self.take_whole_frames(active).await;
        self.hand_over(active);
        taken
    }

    async fn take_whole_frames(&mut self, active: &mut Active) -> Result<(), Leave> {
        let mut took_some = false;
        loop {
            let decoded = match self.frames.next(FRAME_BYTES_MAX) {
                Ok(Some(body)) => decode_frame::<ClientFrame>(body),
                Ok(None) => break,
                Err(error) => Err(error),
            };
            if matches!(
                decoded,
                Ok(ClientFrame::Proof { .. } | ClientFrame::ChangePassword { .. } | ClientFrame::NewKey { .. })
                    | Err(_)
            ) {
                self.frames.wipe_taken();
            }
            match decoded {
                Ok(ClientFrame::Command { request, bytes }) => self.command(active, request, &bytes).await?,
                Ok(frame) => self.other_frame(active, frame).await?,
                Err(error) => return Err(self.bad(Stage::Frame, word(error))),
            }
            took_some = true;
        }
        self.not_overdue(took_some)
    }

    fn not_overdue(&mut self, took_some: bool) -> Result<(), Leave> {
        let ns_max = FRAME_S_MAX.saturating_mul(NS_PER_S);
        if self.frames.is_overdue(self.shared.now_ns(), ns_max, took_some) { Err(Leave::TooSlow) } else { Ok(()) }
    }

    /// The busy path: decode once, hand over, go on.
    async fn command(&mut self, active: &mut Active, request: u64, bytes: &[u8]) -> Result<(), Leave> {
        let command = match Command::from_bytes(bytes) {
            Ok(command) => command,
            Err(error) => return self.bad_command(active, request, error),
        };
        self.script_acted(active);
        let correlation = active.ids.next();
        let principal = active.session.principal();
        if is_personal(&command.verb) {
            // A text is kept before its order goes on; what came before it need not wait for that.
            self.hand_over(active);
        }
        let from = self.connection.remote_address().ip();
        let kept = match self.shared.keep_personal(principal.user, from, &command).await {
            Ok(kept) => kept,
            Err(NotKept::Busy) => {
                self.put_reply(request, correlation, Outcome::Busy);
                return Ok(());
            }
            Err(NotKept::No(code, text)) => {
                if let Some(denied) = denied_ban(&command.verb, code) {
                    let input = turret_engine::Input::Note(principal.origin(correlation), Box::new(denied));
                    // A server that stops has worse to say than that it could not record a no.
                    let _ = self.shared.inbox.decided(input).await;
                }
                let denial = Denial { code, rules: Vec::new(), text, passed: 0, until: None };
                self.put_reply(request, correlation, Outcome::Denied(Box::new(denial)));
                return Ok(());
            }
        };
        let input =
            turret_engine::ClientInput::new(principal, correlation, bytes, command, kept.text).naming(kept.named);
        active.asked.sent(request, &input, kept.opens);
        self.submit(active, request, correlation, ClientAsk::Command(Box::new(input)));
        Ok(())
    }

    pub(super) fn submit(&mut self, active: &mut Active, request: u64, correlation: CorrelationId, ask: ClientAsk) {
        match Inbox::prepare(ClientRequest { request, reply: active.sink.clone(), ask }) {
            Ok(prepared) => active.gathered.push(prepared),
            Err(Busy) => self.put_reply(request, correlation, Outcome::Busy),
        }
        // Of many that were read together the first are decided while the last are decoded.
        if active.gathered.len() >= GATHERED_MAX {
            self.hand_over(active);
        }
    }

    /// Hands what was gathered to the sequencer, in the order it came.
    fn hand_over(&mut self, active: &mut Active) {
        if active.gathered.is_empty() {
            return;
        }
        for (request, correlation) in self.shared.inbox.submit(&mut active.gathered) {
            self.put_reply(request, correlation, Outcome::Busy);
        }
    }

    /// A well-formed frame around bytes that are no command: a typed no each time, and the end when it goes on.
    fn bad_command(&mut self, active: &mut Active, request: u64, error: CommandError) -> Result<(), Leave> {
        let what = match error {
            CommandError::TooLong => "command_too_long",
            CommandError::Malformed => "command_malformed",
            CommandError::NotCanonical => "command_not_canonical",
            CommandError::UnknownSchema => "command_schema",
        };
        let correlation = self.shared.fault(Some(self.device), Fault::BadInput(Stage::Command, what));
        let text = error.to_string();
        let denial = Denial { code: DenialCode::Invalid, rules: Vec::new(), text, passed: 0, until: None };
        self.put_reply(request, correlation, Outcome::Denied(Box::new(denial)));
        active.bad_commands = active.bad_commands.saturating_add(1);
        if active.bad_commands > BAD_COMMANDS_MAX { Err(Leave::Bad) } else { Ok(()) }
    }

    /// Everything but commands: rare, and within a budget.
    async fn other_frame(&mut self, active: &mut Active, frame: ClientFrame) -> Result<(), Leave> {
        if !active.frames.take(self.shared.now_ns()) {
            self.shared.fault(Some(self.device), Fault::BadInput(Stage::Limit, "frames"));
            return Err(Leave::TooMuch);
        }
        // Nothing gathered waits for what this may wait for.
        self.hand_over(active);
        match frame {
            ClientFrame::Activity => {
                self.shared.sessions().touch(active.session.session(), self.shared.now_ns());
                self.tell_clock(active);
            }
            ClientFrame::FeedStart { have, rights } => {
                if let Some(old) = active.feed.take() {
                    old.abort();
                }
                let part = feed::serve(
                    Arc::clone(&self.shared),
                    self.connection.clone(),
                    active.session.principal(),
                    Had { have, rights },
                    active.watched.subscribe(),
                );
                active.feed = Some(active.parts.spawn(async move { Some(part.await) }));
            }
            ClientFrame::Watch { instruments } => self.watch(active, instruments)?,
            ClientFrame::CacheKept { generation } => self.cache_kept(active, generation).await?,
            ClientFrame::HeadWanted { have } => self.head_wanted(active, have).await,
            ClientFrame::Proof { request, pending, code } => self.proof(active, request, pending, code).await?,
            ClientFrame::Signed { request, pending, credential, assertion } => {
                self.signed(active, request, (pending, credential), assertion);
            }
            ClientFrame::KeyOffered { request } => self.offer_key(active, request),
            ClientFrame::NewKey { request, code, registration, password } => {
                self.new_key(active, request, (password, code), registration).await;
            }
            ClientFrame::RenewDevice { request, key } => self.renew_device(active, request, key).await,
            ClientFrame::ChangePassword { request, old, new, code } => {
                self.change_password(active, request, Wanted { old, new, code });
            }
            ClientFrame::SignOut { locked } => {
                let reason = if locked { SessionEnd::Locked } else { SessionEnd::SignedOut };
                if !self.shared.end_session(active.session.session(), reason).await {
                    self.put(&ServerFrame::Error { request: None, correlation: active.ids.next() });
                }
            }
            ClientFrame::Hello(_)
            | ClientFrame::Password { .. }
            | ClientFrame::Code { .. }
            | ClientFrame::Resume { .. }
            | ClientFrame::NewPassword { .. }
            | ClientFrame::KeyWanted
            | ClientFrame::Key { .. }
            | ClientFrame::Command { .. } => return Err(self.bad(Stage::Sequence, "out_of_turn")),
        }
        Ok(())
    }

    /// Quotes wanted from now on. Who may not see market data is told so, once, in the log.
    fn watch(&mut self, active: &Active, mut instruments: Vec<InstrumentId>) -> Result<(), Leave> {
        if instruments.len() > WATCHED_INSTRUMENTS_MAX {
            return Err(self.bad(Stage::Frame, "watch_too_long"));
        }
        let user = active.session.principal().user;
        if !self.shared.access.now().holds(user, Permission::QuoteRead) || self.lacks_key(active) {
            instruments.clear();
        }
        instruments.sort_unstable();
        instruments.dedup();
        active.watched.send_replace(instruments.into());
        Ok(())
    }

    /// Whether the session registers a security key and sees nothing else, by what is so now.
    fn lacks_key(&self, active: &Active) -> bool {
        self.shared.lacks_key(active.session.principal().user, active.session.session())
    }

    fn on_tick(&mut self, active: &mut Active) -> Result<(), Leave> {
        self.not_overdue(false)?;
        if !active.watched.borrow().is_empty() && self.lacks_key(active) {
            active.watched.send_replace(Arc::from([]));
        }
        let now_ns = self.shared.now_ns();
        if now_ns.saturating_sub(active.clock_told_ns) >= SESSION_CLOCK_S.saturating_mul(NS_PER_S) {
            self.tell_clock(active);
        }
        Ok(())
    }

    fn tell_clock(&mut self, active: &mut Active) {
        let now_ns = self.shared.now_ns();
        active.clock_told_ns = now_ns;
        let left = self.shared.sessions().left_s(active.session.session(), now_ns);
        if let Some((idle_left_s, absolute_left_s)) = left {
            self.put(&ServerFrame::SessionClock { idle_left_s, absolute_left_s });
        }
    }

    /// A script has no keyboard: its commands are its activity, looked at once a second at most. A person's never are.
    fn script_acted(&self, active: &mut Active) {
        if !active.session.script() {
            return;
        }
        let now_ns = self.shared.now_ns();
        if now_ns.saturating_sub(active.touched_ns) >= NS_PER_S {
            active.touched_ns = now_ns;
            self.shared.sessions().touch(active.session.session(), now_ns);
        }
    }

    pub(super) fn signalled(&mut self, signal: Signal) -> Leave {
        match signal {
            Signal::Ended(reason) => {
                self.put(&ServerFrame::SessionEnded { reason });
                // The end of the session and of the device come by two ways: whichever is first, the device is refused.
                match reason {
                    SessionEnd::DeviceRevoked | SessionEnd::DeviceLocked => Leave::Revoked,
                    _ => Leave::Done,
                }
            }
            Signal::Superseded => Leave::Resumed,
            Signal::Revoked => {
                self.put(&ServerFrame::SessionEnded { reason: SessionEnd::DeviceRevoked });
                Leave::Revoked
            }
            Signal::Stopping => Leave::Stopping,
        }
    }

    pub(super) async fn reply(&mut self, active: &mut Active, reply: Reply) -> Result<(), Leave> {
        if took_proof(&reply.outcome) {
            // Whoever gave it is who they say.
            self.shared.attempts().cleared(self.device);
        }
        let outcome = match reply.outcome {
            made @ (Outcome::CodeMade(_) | Outcome::Proof(_)) => self.shared.with_codes(made).await,
            other => self.asking_to_sign(active, reply.request, other),
        };
        if !tells_secret(&outcome) {
            self.put_reply(reply.request, reply.correlation, outcome);
            return Ok(());
        }
        // By itself, so that there is room for it without growing, and wiped behind it.
        self.flush().await?;
        self.put_reply(reply.request, reply.correlation, outcome);
        let flushed = self.flush().await;
        self.out.zeroize();
        flushed
    }

    pub(super) fn put_reply(&mut self, request: u64, correlation: CorrelationId, outcome: Outcome) {
        self.put(&ServerFrame::Reply { request, correlation, outcome });
    }
}

/// The engine took the proof for something that waited for it.
fn took_proof(outcome: &Outcome) -> bool {
    let took = |one: &Outcome| !matches!(one, Outcome::Denied(denial) if denial.code == DenialCode::ProofFailed);
    matches!(outcome, Outcome::Proof(outcomes) if outcomes.iter().any(took))
}

/// An enrolment code, the server's half of a cache's key, or what opens an order's text is in it.
fn tells_secret(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::CodeMade(_) | Outcome::PasswordChanged { cache: Some(_) } => true,
        Outcome::StepUp { sign: Some(sign), .. } => sign.text.is_some(),
        Outcome::Proof(outcomes) => outcomes.iter().any(tells_secret),
        _ => false,
    }
}
