//! The loop: what happens goes to the model, effects go out, and a frame is drawn only when something changed.

use std::io;
use std::time::{Duration, Instant};

use crossterm::event::EventStream;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::{mpsc, oneshot};
use turret_shared::time::{NS_PER_MS, NS_PER_S};

use super::config;
use super::doing::{Brought, Doing};
use super::input::Input;
use super::terminal::Screen;
use crate::app::key::Now;
use crate::app::{Beginning, DemoPerson, Dirty, Effect, Model, Msg, update};
use crate::opening::Opening;
use crate::{clock, entropy};

/// The feed draws at most this often, in milliseconds: thirty frames a second.
const FRAME_MS: u64 = 33;
/// Messages applied before the terminal is looked at again.
const BATCH_MAX: usize = 512;
/// Left because a signal said so: 128 and the number of SIGTERM.
const TERMINATED: u8 = 143;

/// Runs until the person, a signal or the parent ends it; gives the status to leave with.
pub(super) async fn run(opening: Opening) -> io::Result<u8> {
    let Opening { profile, demo, parent_gone } = opening;
    let began = clock::instant();
    let mut screen = Screen::take()?;
    let begin = Beginning {
        address: profile.server.clone(),
        environment: profile.environment,
        login: profile.login.clone(),
        demo: demo
            .iter()
            .map(|person| DemoPerson {
                login: person.user.clone(),
                role: person.role.as_str(),
                password: person.password.clone(),
                authenticator: person.authenticator.clone(),
            })
            .collect(),
        look: config::look(),
        size: screen.size(),
        name_bits: u32::try_from(entropy::bits() >> 32).unwrap_or(0),
    };
    let model = Model::new(begin, now(began));
    let (doing, brought) = Doing::new(profile, demo);
    let mut station = Station { model, doing, began, drawn_ms: 0, leave: false };
    station.happen(Msg::Start, &mut screen)?;
    let ended = station.go_on(&mut screen, brought, parent_gone).await;
    // The terminal first: a server that does not answer must not hold it.
    drop(screen);
    station.doing.left().await;
    ended
}

fn now(began: Instant) -> Now {
    let passed = clock::instant().saturating_duration_since(began);
    Now { mono_ms: u64::try_from(passed.as_millis()).unwrap_or(u64::MAX), wall: clock::now() }
}

struct Station {
    model: Model,
    doing: Doing,
    began: Instant,
    drawn_ms: u64,
    leave: bool,
}

impl Station {
    async fn go_on(
        &mut self,
        screen: &mut Screen,
        mut brought: mpsc::Receiver<Brought>,
        parent_gone: Option<oneshot::Receiver<()>>,
    ) -> io::Result<u8> {
        let mut events = EventStream::new();
        let mut input = Input::default();
        let mut ends = Ends::new(parent_gone)?;
        loop {
            self.draw_if_due(screen)?;
            tokio::select! {
                biased;
                () = ends.any() => return Ok(TERMINATED),
                event = events.next() => match event {
                    Some(event) => self.typed(event?, &mut events, &mut input, screen)?,
                    // The terminal is gone.
                    None => return Ok(TERMINATED),
                },
                Some(first) = brought.recv() => self.take(first, &mut brought, screen)?,
                () = tokio::time::sleep(self.until_due()) => self.tick(screen)?,
            }
            if self.leave {
                return Ok(0);
            }
        }
    }

    /// A key, and those that came with it, before the next frame.
    fn typed(
        &mut self,
        first: crossterm::event::Event,
        events: &mut EventStream,
        input: &mut Input,
        screen: &mut Screen,
    ) -> io::Result<()> {
        let mut next = Some(first);
        for _ in 0..BATCH_MAX {
            let Some(event) = next.take() else { break };
            if let Some(message) = input.message(event, now(self.began).mono_ms) {
                self.happen(message, screen)?;
            }
            next = events.next().now_or_never().flatten().transpose()?;
        }
        match next {
            Some(event) => match input.message(event, now(self.began).mono_ms) {
                Some(message) => self.happen(message, screen),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    fn take(&mut self, first: Brought, more: &mut mpsc::Receiver<Brought>, screen: &mut Screen) -> io::Result<()> {
        let mut next = Some(first);
        for _ in 0..BATCH_MAX {
            match next.take() {
                Some(Brought::Message(message)) => self.happen(message, screen)?,
                Some(Brought::Linked(attempt, link, events)) => {
                    if let Some(message) = self.doing.linked(attempt, link, events) {
                        self.happen(message, screen)?;
                    }
                }
                None => return Ok(()),
            }
            next = more.try_recv().ok();
        }
        match next {
            Some(Brought::Message(message)) => self.happen(message, screen),
            Some(Brought::Linked(attempt, link, events)) => match self.doing.linked(attempt, link, events) {
                Some(message) => self.happen(message, screen),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    fn tick(&mut self, screen: &mut Screen) -> io::Result<()> {
        if let Some(trip) = self.doing.round_trip() {
            let us = u64::try_from(trip.as_micros()).unwrap_or(u64::MAX);
            self.happen(Msg::RoundTrip(us), screen)?;
        }
        self.happen(Msg::Tick, screen)
    }

    fn happen(&mut self, message: Msg, screen: &mut Screen) -> io::Result<()> {
        for effect in update(&mut self.model, message, now(self.began)) {
            match self.doing.carry_out(effect) {
                Some(Effect::Copy(text)) => Screen::copy(&text)?,
                Some(Effect::Mouse(on)) => Screen::mouse(on)?,
                Some(Effect::Suspend) => {
                    screen.draw(&self.model)?;
                    screen.suspend()?;
                    self.happen(Msg::Woken, screen)?;
                }
                Some(Effect::Quit) => self.leave = true,
                _ => {}
            }
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
            screen.draw(&self.model)?;
        }
        Ok(())
    }

    /// Until the next frame, the next second of the clock, or what the model waits for.
    fn until_due(&self) -> Duration {
        let now = now(self.began);
        let into_second = now.wall.0.rem_euclid(NS_PER_S) / NS_PER_MS;
        let mut wait = u64::try_from(1_000_i64.saturating_sub(into_second)).unwrap_or(1_000);
        if self.model.dirty != Dirty::Clean {
            wait = wait.min(FRAME_MS.saturating_sub(now.mono_ms.saturating_sub(self.drawn_ms)));
        }
        if let Some(wake) = self.model.wake_ms() {
            wait = wait.min(wake.saturating_sub(now.mono_ms).max(1));
        }
        Duration::from_millis(wait.max(1))
    }
}

/// What ends the program from outside.
struct Ends {
    parent: Option<oneshot::Receiver<()>>,
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
}

impl Ends {
    #[cfg(unix)]
    fn new(parent: Option<oneshot::Receiver<()>>) -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let signals =
            [signal(SignalKind::terminate())?, signal(SignalKind::hangup())?, signal(SignalKind::interrupt())?];
        Ok(Self { parent, signals })
    }

    #[cfg(not(unix))]
    fn new(parent: Option<oneshot::Receiver<()>>) -> io::Result<Self> {
        Ok(Self { parent })
    }

    #[cfg(unix)]
    async fn any(&mut self) {
        let [terminate, hang_up, interrupt] = &mut self.signals;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
            _ = interrupt.recv() => {}
            () = gone(&mut self.parent) => {}
        }
    }

    #[cfg(not(unix))]
    async fn any(&mut self) {
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
