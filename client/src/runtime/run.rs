//! The loop: what happens goes to the model, effects go out, and a frame is drawn only when something changed.

use std::io;
use std::time::{Duration, Instant};

use crossterm::event::Event;
use futures_util::StreamExt as _;
use tokio::sync::{mpsc, oneshot};
use turret_shared::text::escaped;

use super::doing::{Brought, Doing};
use super::input::Input;
use super::left::Paper;
use super::terminal::Screen;
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

/// A model, what carries its effects out, and what that brings.
pub(super) type Begun = (Model, Doing, mpsc::Receiver<Brought>);

/// Runs until the person, a signal or the parent ends it; gives the status to leave with.
pub(super) async fn run(opening: Opening) -> io::Result<u8> {
    let began = clock::instant();
    let mut screen = Screen::take()?;
    let size = Screen::size();
    let ((model, doing, brought), suspends, parent_gone) = begin(opening, size, began);
    let seen = now(began);
    let mut station =
        Station { model, doing, began, drawn_ms: 0, pictures_wait: false, taken_ms: 0, seen, left: None, leave: false };
    station.happen(Msg::Start, &mut screen)?;
    if suspends {
        station.suspend(&mut screen)?;
    }
    let ended = station.go_on(&mut screen, brought, parent_gone).await;
    // The terminal first: a server that does not answer must not hold it.
    drop(screen);
    station.doing.left().await;
    ended
}

/// The model as it is before the first message; also whether to stop for the shell first, and the parent's end.
pub(super) fn begin(
    opening: Opening,
    size: (u16, u16),
    began: Instant,
) -> (Begun, bool, Option<oneshot::Receiver<()>>) {
    let Opening { profiles, demo, left, parent_gone, keys, looks, trouble, .. } = opening;
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
    let (doing, brought) = Doing::new(profiles, demo, left);
    ((model, doing, brought), suspends, parent_gone)
}

pub(super) fn now(began: Instant) -> Now {
    let passed = clock::instant().saturating_duration_since(began);
    Now { mono_ms: u64::try_from(passed.as_millis()).unwrap_or(u64::MAX), wall: clock::now() }
}

struct Station {
    model: Model,
    doing: Doing,
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

impl Station {
    async fn go_on(
        &mut self,
        screen: &mut Screen,
        mut brought: mpsc::Receiver<Brought>,
        parent_gone: Option<oneshot::Receiver<()>>,
    ) -> io::Result<u8> {
        let mut events = typed::listen()?;
        let asked_ms = self.model.look.asks_ground().then(|| now(self.began).mono_ms);
        if asked_ms.is_some() {
            Screen::ask_ground()?;
        }
        let mut input = Input::new(asked_ms);
        let mut ends = Ends::new(parent_gone, true)?;
        let mut turned = Turned::listen();
        loop {
            self.take_pictures_if_due(screen)?;
            self.draw_if_due(screen)?;
            let wait = self.until_due(turned.tells());
            tokio::select! {
                biased;
                () = ends.any() => return Ok(TERMINATED),
                event = events.recv() => match event {
                    Some(event) => self.typed(event?, &mut events, &mut input, screen)?,
                    // The terminal is gone.
                    None => return Ok(TERMINATED),
                },
                Some(first) = brought.recv() => self.take(first, &mut brought, screen)?,
                () = turned.wait() => self.tick(screen)?,
                () = tokio::time::sleep(wait) => self.tick(screen)?,
            }
            if let Some(left) = self.left.take() {
                self.go_on_afresh(left, screen).await?;
            }
            if self.leave {
                return Ok(0);
            }
        }
    }

    /// The session is over on the server, then this process is replaced by one that never held the desk.
    async fn go_on_afresh(&mut self, left: LeftBehind, screen: &mut Screen) -> io::Result<()> {
        screen.draw(&self.model, Touched::All)?;
        self.doing.left().await;
        let paper = self.doing.seal(&left);
        drop(left);
        screen.give_back();
        let error = afresh::start(&paper);
        screen.take_again()?;
        self.doing.keep(paper);
        self.happen(Msg::LeftInPlace(escaped(&error.to_string())), screen)
    }

    fn suspend(&mut self, screen: &mut Screen) -> io::Result<()> {
        screen.draw(&self.model, Touched::All)?;
        screen.suspend()?;
        // However long that was, nobody was at a desk.
        self.seen = now(self.began);
        self.happen(Msg::Woken, screen)
    }

    /// A key, and those that came with it, before the next frame.
    fn typed(
        &mut self,
        first: Event,
        events: &mut mpsc::Receiver<io::Result<Event>>,
        input: &mut Input,
        screen: &mut Screen,
    ) -> io::Result<()> {
        let mut next = Some(first);
        for _ in 0..BATCH_MAX {
            let Some(event) = next.take() else { break };
            for message in input.messages(event, now(self.began).mono_ms) {
                self.happen(message, screen)?;
            }
            next = events.try_recv().ok().transpose()?;
        }
        let Some(event) = next else { return Ok(()) };
        for message in input.messages(event, now(self.began).mono_ms) {
            self.happen(message, screen)?;
        }
        Ok(())
    }

    fn take(&mut self, first: Brought, more: &mut mpsc::Receiver<Brought>, screen: &mut Screen) -> io::Result<()> {
        let mut next = Some(first);
        for _ in 0..BATCH_MAX {
            let Some(brought) = next.take() else { return Ok(()) };
            self.take_one(brought, screen)?;
            next = more.try_recv().ok();
        }
        next.map_or(Ok(()), |brought| self.take_one(brought, screen))
    }

    fn take_one(&mut self, brought: Brought, screen: &mut Screen) -> io::Result<()> {
        if matches!(brought, Brought::Pictures) {
            self.pictures_wait = true;
            return Ok(());
        }
        self.doing.messages(brought).into_iter().try_for_each(|message| self.happen(message, screen))
    }

    fn tick(&mut self, screen: &mut Screen) -> io::Result<()> {
        if let Some(trip) = self.doing.round_trip() {
            let us = u64::try_from(trip.as_micros()).unwrap_or(u64::MAX);
            self.happen(Msg::RoundTrip(us), screen)?;
        }
        self.happen(Msg::Tick, screen)
    }

    fn happen(&mut self, message: Msg, screen: &mut Screen) -> io::Result<()> {
        let now = now(self.began);
        let before = std::mem::replace(&mut self.seen, now);
        if lock::jumped(before, now) {
            self.carry_out(Msg::ClockJumped, now, screen)?;
        }
        self.carry_out(message, now, screen)
    }

    fn carry_out(&mut self, message: Msg, now: Now, screen: &mut Screen) -> io::Result<()> {
        for effect in update(&mut self.model, message, now) {
            match self.doing.carry_out(effect) {
                Some(Effect::Copy(text)) => Screen::copy(&text)?,
                Some(Effect::Mouse(on)) => Screen::mouse(on)?,
                Some(Effect::Suspend) => self.suspend(screen)?,
                Some(Effect::Leave(left)) => self.left = Some(*left),
                Some(Effect::Quit) => self.leave = true,
                _ => {}
            }
        }
        Ok(())
    }

    /// However fast prices come, they are taken as often as they can be drawn.
    fn take_pictures_if_due(&mut self, screen: &mut Screen) -> io::Result<()> {
        let now_ms = now(self.began).mono_ms;
        if self.pictures_wait && now_ms.saturating_sub(self.taken_ms) >= FRAME_MS {
            self.pictures_wait = false;
            self.taken_ms = now_ms;
            let pictures = self.doing.pictures();
            self.happen(pictures, screen)?;
        }
        Ok(())
    }

    fn draw_if_due(&mut self, screen: &mut Screen) -> io::Result<()> {
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
            screen.draw(&self.model, touched)?;
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
