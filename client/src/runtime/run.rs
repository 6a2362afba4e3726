//! The loop: what happens goes to the model, effects go out, and a frame is drawn only when something changed.
//!
//! A key is taken and its frame drawn by the thread that reads it (`typed`), everything else by the loop: each waits while the
//! other has the station.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::Event;
use futures_util::StreamExt as _;
use tokio::sync::{Mutex, mpsc, oneshot};
use turret_shared::text::escaped;

use super::doing::{Brought, Doing};
use super::input::Input;
use super::left::Paper;
use super::terminal::{self, Screen};
use super::turned::Turned;
use super::{afresh, config, typed};
use crate::app::key::Now;
use crate::app::lock::{self, LeftBehind};
use crate::app::touched::Touched;
use crate::app::{Beginning, DemoPerson, Dirty, Effect, Model, Msg, update};
use crate::opening::Opening;
use crate::profile::Profile;
use crate::{clock, entropy};

/// The feed draws at most this often, in milliseconds: thirty frames a second.
const FRAME_MS: u64 = 33;
/// Between looks at the clocks where nobody tells when one is turned, in milliseconds.
const LOOK_MS: u64 = 1_000;
/// Messages applied before the terminal is looked at again.
const BATCH_MAX: usize = 512;
/// Left because a signal said so: 128 and the number of SIGTERM.
pub(super) const TERMINATED: u8 = 143;

/// Left because a part of the program panicked: what the runtime gives for a panic of its own.
const PANICKED: u8 = 101;

/// A model, what carries its effects out, and what that brings.
pub(super) type Begun = (Model, Doing, mpsc::Receiver<Brought>);

/// Runs until the person, a signal or the parent ends it; gives the status to leave with.
pub(super) async fn run(opening: Opening) -> io::Result<u8> {
    let began = clock::instant();
    let screen = Screen::take()?;
    let size = Screen::size();
    let ((model, doing, brought), suspends, parent_gone) = begin(opening, size, began);
    let seen = now(began);
    let mut station = Station {
        model,
        doing,
        screen,
        input: Input::new(None),
        began,
        drawn_ms: 0,
        pictures_wait: false,
        taken_ms: 0,
        seen,
        left: None,
        leave: false,
    };
    station.happen(Msg::Start)?;
    if suspends {
        station.suspend()?;
    }
    if station.model.look.asks_ground() {
        station.input = Input::new(Some(now(began).mono_ms));
        Screen::ask_ground()?;
    }
    let station = Arc::new(Mutex::new(station));
    let ended = go_on(&station, brought, parent_gone).await;
    let mut station = station.lock().await;
    // No key is taken any more.
    station.leave = true;
    // The terminal first: a server that does not answer must not hold it.
    station.screen.give_back();
    station.doing.left().await;
    ended
}

/// The model as it is before the first message; also whether to stop for the shell first, and the parent's end.
pub(super) fn begin(
    opening: Opening,
    size: (u16, u16),
    began: Instant,
) -> (Begun, bool, Option<oneshot::Receiver<()>>) {
    let Opening { profiles, demo, left, parent_gone, keys, looks, trouble, plugged, .. } = opening;
    let begin = Beginning {
        servers: profiles.iter().map(Profile::offered).collect(),
        demo: demo
            .iter()
            .map(|person| DemoPerson {
                login: person.user.clone(),
                role: person.role.as_str(),
                password: person.password.clone(),
                authenticator: person.authenticator.clone(),
            })
            .collect(),
        look: config::look(looks),
        size,
        keys,
        simulated_key: plugged.is_simulated(),
        name_bits: u32::try_from(entropy::bits() >> 32).unwrap_or(0),
    };
    let mut model = Model::new(begin, now(began));
    if let Some(left) = &left {
        model.begin_locked(left.locked(), left.message());
        if let Some(hues) = left.hues() {
            model.look.choose(hues);
        }
    }
    if let Some(trouble) = &trouble {
        model.signin.tell(&escaped(trouble), true);
    }
    let suspends = left.as_ref().is_some_and(Paper::suspends);
    let (doing, brought) = Doing::new(profiles, demo, left, plugged);
    ((model, doing, brought), suspends, parent_gone)
}

pub(super) fn now(began: Instant) -> Now {
    let passed = clock::instant().saturating_duration_since(began);
    Now { mono_ms: u64::try_from(passed.as_millis()).unwrap_or(u64::MAX), wall: clock::now() }
}

/// What keys and everything else come to, one at a time.
pub(super) struct Station {
    model: Model,
    doing: Doing,
    screen: Screen,
    input: Input,
    began: Instant,
    drawn_ms: u64,
    /// Prices wait to be taken.
    pictures_wait: bool,
    /// When they were taken last.
    taken_ms: u64,
    /// When something happened last, on both clocks.
    seen: Now,
    /// The desk was left: a fresh process goes on.
    left: Option<LeftBehind>,
    leave: bool,
}

async fn go_on(
    station: &Arc<Mutex<Station>>,
    mut brought: mpsc::Receiver<Brought>,
    parent_gone: Option<oneshot::Receiver<()>>,
) -> io::Result<u8> {
    let mut typed = typed::listen(station)?;
    let mut ends = Ends::new(parent_gone, true)?;
    let mut turned = Turned::listen();
    loop {
        let wait = {
            let mut station = station.lock().await;
            if let Some(left) = station.left.take() {
                station.go_on_afresh(left).await?;
            }
            if station.leave {
                return Ok(0);
            }
            station.take_pictures_if_due()?;
            station.draw_if_due()?;
            station.until_due(turned.tells())
        };
        tokio::select! {
            biased;
            () = terminal::panicked() => return Ok(PANICKED),
            () = ends.any() => return Ok(TERMINATED),
            done = typed.done() => match done {
                // The next frame may be due sooner now, or none.
                Some(done) => done?,
                // The terminal is gone.
                None => return Ok(TERMINATED),
            },
            Some(first) = brought.recv() => station.lock().await.take(first, &mut brought)?,
            () = turned.wait() => station.lock().await.tick()?,
            () = tokio::time::sleep(wait) => station.lock().await.tick()?,
        }
    }
}

impl Station {
    /// The session is over on the server, then this process is replaced by one that never held the desk.
    async fn go_on_afresh(&mut self, left: LeftBehind) -> io::Result<()> {
        self.screen.draw(&self.model, Touched::All)?;
        self.doing.left().await;
        let paper = self.doing.seal(&left);
        drop(left);
        self.screen.give_back();
        let error = afresh::start(&paper);
        self.screen.take_again()?;
        self.doing.keep(paper);
        self.happen(Msg::LeftInPlace(escaped(&error.to_string())))
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.screen.draw(&self.model, Touched::All)?;
        self.screen.suspend()?;
        // However long that was, nobody was at a desk.
        self.seen = now(self.began);
        self.happen(Msg::Woken)
    }

    /// Something was typed; it is drawn when nothing more comes with it.
    pub(super) fn typed(&mut self, event: Event) -> io::Result<()> {
        // Whoever leaves is not heard any more: the keys that follow are for what comes then.
        if self.leave || self.left.is_some() {
            return Ok(());
        }
        let messages = self.input.messages(event, now(self.began).mono_ms);
        messages.into_iter().try_for_each(|message| self.happen(message))
    }

    fn take(&mut self, first: Brought, more: &mut mpsc::Receiver<Brought>) -> io::Result<()> {
        let mut next = Some(first);
        for _ in 0..BATCH_MAX {
            let Some(brought) = next.take() else { return Ok(()) };
            self.take_one(brought)?;
            next = more.try_recv().ok();
        }
        next.map_or(Ok(()), |brought| self.take_one(brought))
    }

    fn take_one(&mut self, brought: Brought) -> io::Result<()> {
        if matches!(brought, Brought::Pictures) {
            self.pictures_wait = true;
            return Ok(());
        }
        self.doing.messages(brought).into_iter().try_for_each(|message| self.happen(message))
    }

    fn tick(&mut self) -> io::Result<()> {
        if let Some(trip) = self.doing.round_trip() {
            let us = u64::try_from(trip.as_micros()).unwrap_or(u64::MAX);
            self.happen(Msg::RoundTrip(us))?;
        }
        self.happen(Msg::Tick)
    }

    fn happen(&mut self, message: Msg) -> io::Result<()> {
        let now = now(self.began);
        let before = std::mem::replace(&mut self.seen, now);
        if lock::jumped(before, now) {
            self.carry_out(Msg::ClockJumped, now)?;
        }
        self.carry_out(message, now)
    }

    fn carry_out(&mut self, message: Msg, now: Now) -> io::Result<()> {
        for effect in update(&mut self.model, message, now) {
            match self.doing.carry_out(effect) {
                Some(Effect::Copy(text)) => Screen::copy(&text)?,
                Some(Effect::Mouse(on)) => Screen::mouse(on)?,
                Some(Effect::Suspend) => self.suspend()?,
                Some(Effect::Leave(left)) => self.left = Some(*left),
                Some(Effect::Quit) => self.leave = true,
                _ => {}
            }
        }
        Ok(())
    }

    /// However fast prices come, they are taken as often as they can be drawn.
    fn take_pictures_if_due(&mut self) -> io::Result<()> {
        let now_ms = now(self.began).mono_ms;
        if self.pictures_wait && now_ms.saturating_sub(self.taken_ms) >= FRAME_MS {
            self.pictures_wait = false;
            self.taken_ms = now_ms;
            let pictures = self.doing.pictures();
            self.happen(pictures)?;
        }
        Ok(())
    }

    /// Draws what the frame lacks, if that is due; nothing more is drawn for whoever leaves.
    pub(super) fn draw_if_due(&mut self) -> io::Result<()> {
        if self.leave {
            return Ok(());
        }
        let now_ms = now(self.began).mono_ms;
        let due = match self.model.dirty {
            Dirty::Clean => false,
            Dirty::Now => true,
            Dirty::Soon => now_ms.saturating_sub(self.drawn_ms) >= FRAME_MS,
        };
        if due {
            self.model.dirty = Dirty::Clean;
            self.drawn_ms = now_ms;
            let touched = std::mem::take(&mut self.model.touched);
            self.screen.draw(&self.model, touched)?;
        }
        Ok(())
    }

    /// Until the next frame, or what the model waits for. A clock that jumps is looked for where no kernel tells.
    fn until_due(&self, jump_is_told: bool) -> Duration {
        let now = now(self.began);
        let frame = |last_ms: u64| FRAME_MS.saturating_sub(now.mono_ms.saturating_sub(last_ms));
        let mut wait = self.model.wakes_in_ms(now);
        if !jump_is_told {
            wait = wait.min(LOOK_MS);
        }
        if self.model.dirty != Dirty::Clean {
            wait = wait.min(frame(self.drawn_ms));
        }
        if self.pictures_wait {
            wait = wait.min(frame(self.taken_ms));
        }
        Duration::from_millis(wait.max(1))
    }
}

/// What ends the program from outside.
pub(super) struct Ends {
    parent: Option<oneshot::Receiver<()>>,
    #[cfg(unix)]
    signals: Vec<tokio::signal::unix::Signal>,
}

impl Ends {
    /// `interrupt`: Ctrl-C too, where it is not a key.
    #[cfg(unix)]
    pub(super) fn new(parent: Option<oneshot::Receiver<()>>, interrupt: bool) -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut signals = vec![signal(SignalKind::terminate())?, signal(SignalKind::hangup())?];
        if interrupt {
            signals.push(signal(SignalKind::interrupt())?);
        }
        Ok(Self { parent, signals })
    }

    #[cfg(not(unix))]
    pub(super) fn new(parent: Option<oneshot::Receiver<()>>, _: bool) -> io::Result<Self> {
        Ok(Self { parent })
    }

    #[cfg(unix)]
    pub(super) async fn any(&mut self) {
        let mut signals: futures_util::stream::FuturesUnordered<_> =
            self.signals.iter_mut().map(tokio::signal::unix::Signal::recv).collect();
        tokio::select! {
            _ = signals.next() => {}
            () = gone(&mut self.parent) => {}
        }
    }

    #[cfg(not(unix))]
    pub(super) async fn any(&mut self) {
        gone(&mut self.parent).await;
    }
}

async fn gone(parent: &mut Option<oneshot::Receiver<()>>) {
    match parent {
        Some(receiver) => {
            // Sent or dropped: either way nobody is there any more.
            let _ = receiver.await;
        }
        None => std::future::pending().await,
    }
}
