//! The workstation by lines: one plain line for each thing that changes, and a prompt; it must move no cursor and draw nothing.

use std::io::{self, Write as _};
use std::mem::{Discriminant, discriminant};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use turret_shared::ids::OrderId;
use turret_shared::text::escaped;
use turret_shared::wire::feed::FeedItem;

use super::doing::{Brought, Doing};
use super::echo::Echo;
use super::run::{self, Ends, TERMINATED, now};
use super::turned::Turned;
use super::{afresh, prompted};
use crate::actions::Id;
use crate::app::key::{Code, Now, Press};
use crate::app::linear::{self, Typed};
use crate::app::lock::{self, LeftBehind};
use crate::app::modal::Modal;
use crate::app::signin::Phase;
use crate::app::{Effect, Model, Msg, Stage, help, update};
use crate::clock;
use crate::format;
use crate::opening::Opening;
use crate::view::linear as plain;

/// How often time is looked at where no kernel tells of a clock that jumps, in milliseconds.
const LOOK_MS: u64 = 1_000;
/// Said once when the session ends in so many seconds.
const WARNING_S: u64 = 60;

/// Runs until the person, a signal or the parent ends it; gives the status to leave with.
pub(super) async fn run(opening: Opening) -> io::Result<u8> {
    let began = clock::instant();
    let (begun, suspends, parent_gone) = run::begin(opening, plain::LINEAR_SIZE, began);
    let (model, doing, brought) = begun;
    let echo = Echo::take();
    let lines = prompted::lines()?;
    let mut desk =
        Linear { model, doing, began, echo, seen: now(began), left: None, leave: false, last: Last::default() };
    desk.greet()?;
    desk.happen(Msg::Start)?;
    if suspends {
        desk.suspend()?;
    }
    let ended = desk.go_on(lines, brought, parent_gone).await;
    desk.echo.give_back();
    desk.doing.left().await;
    ended
}

/// What was told last, so that nothing is told twice.
#[derive(Default)]
struct Last {
    message: String,
    sign_in: String,
    renewal: Vec<String>,
    stage: Option<Stage>,
    window: Option<(usize, Discriminant<Modal>, bool)>,
    window_lines: Vec<String>,
    previewed: bool,
    warned: bool,
    fetching: bool,
    row: String,
    keying: String,
    prompt: String,
}

struct Linear {
    model: Model,
    doing: Doing,
    began: Instant,
    echo: Echo,
    seen: Now,
    left: Option<LeftBehind>,
    leave: bool,
    last: Last,
}

impl Linear {
    async fn go_on(
        &mut self,
        mut lines: prompted::Lines,
        mut brought: mpsc::Receiver<Brought>,
        parent_gone: Option<oneshot::Receiver<()>>,
    ) -> io::Result<u8> {
        let mut ends = Ends::new(parent_gone, false)?;
        let mut interrupts = prompted::Interrupts::new()?;
        let mut turned = Turned::listen();
        loop {
            self.ask(false)?;
            let wait = self.until_due(turned.tells());
            tokio::select! {
                biased;
                () = ends.any() => return Ok(TERMINATED),
                () = interrupts.next() => self.interrupted()?,
                line = lines.recv() => match line {
                    Some(line) => self.typed(&line?)?,
                    // Nobody is there any more: what is signed in is signed out.
                    None => {
                        self.happen(Msg::Do(Id::SignOut))?;
                        return Ok(0);
                    }
                },
                Some(one) = brought.recv() => self.take(one)?,
                () = turned.wait() => self.tick()?,
                () = tokio::time::sleep(wait) => self.tick()?,
            }
            if self.leave {
                return Ok(0);
            }
            if let Some(left) = self.left.take() {
                self.go_on_afresh(left).await?;
            }
        }
    }

    /// Until the model looks at the time again.
    fn until_due(&self, jump_is_told: bool) -> Duration {
        let wait = self.model.wakes_in_ms(now(self.began));
        Duration::from_millis(if jump_is_told { wait } else { wait.min(LOOK_MS) })
    }

    fn tick(&mut self) -> io::Result<()> {
        if let Some(trip) = self.doing.round_trip() {
            self.happen(Msg::RoundTrip(u64::try_from(trip.as_micros()).unwrap_or(u64::MAX)))?;
        }
        self.happen(Msg::Tick)
    }

    fn greet(&mut self) -> io::Result<()> {
        let server = &self.model.server;
        let text = format!(
            "Turret {} by lines, {} at {}. Type help for what can be typed, :f1 for help on signing in.",
            env!("CARGO_PKG_VERSION"),
            server.environment.word(),
            escaped(&server.address)
        );
        self.say(&text)?;
        if let Some(locked) = self.model.signin.locked.clone() {
            let since = format::clock(locked.since, &self.model.venue_zone);
            let orders = crate::view::linear::locked_orders(&locked);
            self.say(&format!("LOCKED: {} since {since}. {} {orders}", escaped(&locked.login), escaped(&locked.why)))?;
        }
        Ok(())
    }

    /// A prompt, if another one is due or something was said below the last.
    fn ask(&mut self, again: bool) -> io::Result<()> {
        let prompt = linear::prompt(&self.model);
        self.echo.hide(prompt.secret);
        if !again && prompt.text == self.last.prompt {
            return Ok(());
        }
        self.last.prompt.clone_from(&prompt.text);
        let mut out = io::stdout().lock();
        write!(out, "{}", prompt.text)?;
        out.flush()
    }

    /// One line, on a line of its own; the prompt comes again behind it.
    fn say(&mut self, text: &str) -> io::Result<()> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        if !self.last.prompt.is_empty() {
            self.last.prompt.clear();
            writeln!(out)?;
        }
        writeln!(out, "{}", escaped(text))?;
        out.flush()
    }

    fn typed(&mut self, line: &str) -> io::Result<()> {
        // The person's own Enter ended the prompt's line, or did not where nothing is shown.
        if linear::prompt(&self.model).secret {
            self.echo.hide(false);
            writeln!(io::stdout())?;
        }
        self.last.prompt.clear();
        if line.ends_with(prompted::INTERRUPT) {
            writeln!(io::stdout())?;
            return self.interrupted();
        }
        if line.ends_with(prompted::SUSPEND) {
            writeln!(io::stdout())?;
            let key = Press { ctrl: true, ..Press::plain(Code::Char('z')) };
            let desk = self.model.stage == Stage::Desk;
            return self.happen(if desk { Msg::Do(Id::Suspend) } else { Msg::Key(key) });
        }
        match linear::read(&self.model, line) {
            Typed::Messages(messages) => {
                for message in messages {
                    self.happen(message)?;
                }
                self.tell_changes(true)
            }
            Typed::List => {
                self.say(&plain::clocks(&self.model))?;
                for row in plain::screen(&self.model) {
                    self.say(&row)?;
                }
                Ok(())
            }
            Typed::Help(words) => self.help(&words),
            Typed::Unknown(why) => self.say(&why),
        }
    }

    fn help(&mut self, words: &str) -> io::Result<()> {
        for line in help::lines(&self.model, words) {
            let keys = if line.keys.is_empty() { String::new() } else { format!("{}  ", line.keys) };
            let why = line.disabled.map(|why| format!(" (not now: {why})")).unwrap_or_default();
            self.say(&format!("{keys}{}: {}{why}", line.name, line.doc))?;
        }
        if words.is_empty() {
            self.say("Type a key or a name of an action; buy AAPL, sell AAPL; O123 or go AAPL moves the cursor; list reads the screen; /word filters; help WORD searches here. In a field: the text; :esc, :tab, :f9 are keys.")?;
        }
        Ok(())
    }

    fn interrupted(&mut self) -> io::Result<()> {
        let asked = matches!(self.model.modals.last(), Some(Modal::Quit(_)));
        if asked || self.model.stage == Stage::SignIn {
            self.happen(Msg::Do(Id::SignOut))?;
            self.leave = true;
            return Ok(());
        }
        self.happen(Msg::Do(Id::Quit))?;
        self.tell_changes(true)
    }

    fn take(&mut self, brought: Brought) -> io::Result<()> {
        self.doing.messages(brought).into_iter().try_for_each(|message| self.happen(message))
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
        let news = if self.model.in_snapshot { Vec::new() } else { news(&message) };
        for effect in update(&mut self.model, message, now) {
            match self.doing.carry_out(effect) {
                Some(Effect::Copy(text)) => self.say(&text)?,
                Some(Effect::Suspend) => self.suspend()?,
                Some(Effect::Leave(left)) => self.left = Some(*left),
                Some(Effect::Quit) => self.leave = true,
                _ => {}
            }
        }
        for order in news {
            if let Some(line) = line_of(&self.model, order) {
                self.say(&line)?;
            }
        }
        self.tell_changes(false)
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.echo.give_back();
        super::terminal::stop_job()?;
        self.echo = Echo::take();
        self.seen = now(self.began);
        self.happen(Msg::Woken)
    }

    /// The session is over on the server, then this process is replaced by one that never held the desk.
    async fn go_on_afresh(&mut self, left: LeftBehind) -> io::Result<()> {
        self.doing.left().await;
        let paper = self.doing.seal(&left);
        drop(left);
        self.echo.give_back();
        let error = afresh::start(&paper);
        self.echo = Echo::take();
        self.doing.keep(paper);
        self.happen(Msg::LeftInPlace(escaped(&error.to_string())))
    }
}

/// Orders a feed message tells of; what a snapshot brings is told as a sum.
fn news(message: &Msg) -> Vec<OrderId> {
    let Msg::Feed(message) = message else { return Vec::new() };
    if message.items.iter().any(|item| matches!(item, FeedItem::SnapshotBegin)) {
        return Vec::new();
    }
    let order = |item: &FeedItem| match item {
        FeedItem::Order(view) => Some(view.order_id),
        _ => None,
    };
    message.items.iter().filter_map(order).collect()
}

fn line_of(model: &Model, order: OrderId) -> Option<String> {
    let row = model.orders.get(order)?;
    let status = format::status(row.status, row.working, row.in_doubt);
    let line = crate::app::command::order_line(model, order);
    Some(format!("{order} {status}: {line}, filled {}, leaves {}", format::qty(row.cum), format::qty(row.leaves)))
}

impl Linear {
    /// Tells what changed: after a line of the person's, everything about the window they are in.
    fn tell_changes(&mut self, typed: bool) -> io::Result<()> {
        self.tell_sign_in()?;
        let keying = plain::keying(&self.model);
        if keying != self.last.keying {
            self.last.keying.clone_from(&keying);
            if !keying.is_empty() {
                self.say(&keying)?;
            }
        }
        if self.model.stage == Stage::Desk {
            self.tell_desk()?;
            self.tell_window(typed)?;
            if typed && self.model.modals.is_empty() {
                self.tell_row()?;
            }
        }
        Ok(())
    }

    fn tell_sign_in(&mut self) -> io::Result<()> {
        let stage = self.model.stage;
        if self.last.stage.replace(stage) != Some(stage) && stage == Stage::Desk {
            let who = self.model.session.as_ref().map(|session| {
                let user = &session.user;
                format!("Signed in: {} {} {}", escaped(&user.login), session.held_role(), escaped(&user.desk_code))
            });
            self.say(&who.unwrap_or_default())?;
        }
        if stage == Stage::Desk {
            self.last.sign_in.clear();
            return Ok(());
        }
        if self.model.keeps_from_saying() {
            return Ok(());
        }
        let form = &self.model.signin;
        let phase = match &form.phase {
            Phase::Connecting => "Connecting ...".to_owned(),
            Phase::Unreachable(why) => format!("Not connected: {}. It is tried again.", escaped(why)),
            Phase::Ready => "Connected.".to_owned(),
            Phase::Asked => "Signing in ...".to_owned(),
        };
        let message = form.message.clone();
        if self.last.sign_in != phase {
            self.last.sign_in.clone_from(&phase);
            self.say(&phase)?;
        }
        if self.last.message != message {
            self.last.message.clone_from(&message);
            if message != phase {
                self.say(&message)?;
            }
        }
        let renewal = plain::renewal(&self.model);
        let before = std::mem::replace(&mut self.last.renewal, renewal.clone());
        renewal.iter().filter(|line| !before.contains(line)).try_for_each(|line| self.say(line))
    }

    fn tell_desk(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.last.fetching, self.model.in_snapshot) && !self.model.in_snapshot {
            let tally = self.model.orders.tally();
            let text =
                format!("{} orders, {} working, {} need you.", self.model.orders.len(), tally.working, tally.needing);
            self.say(&text)?;
        }
        let left = self.model.session.as_ref().map_or(u64::MAX, |session| session.seconds_left(self.model.now.mono_ms));
        if left <= WARNING_S && !self.last.warned {
            self.say(&format!("Signs out in {left} s: type anything to stay."))?;
        }
        self.last.warned = left <= WARNING_S;
        let message = plain::message(&self.model);
        if message != self.last.message {
            self.last.message.clone_from(&message);
            self.say(&message)?;
        }
        Ok(())
    }

    fn tell_window(&mut self, typed: bool) -> io::Result<()> {
        let depth = self.model.modals.len();
        let review = self.model.ticket().is_some_and(|ticket| ticket.review.is_some());
        let window = self.model.modals.last().map(|modal| (depth, discriminant(modal), review));
        let opened = window.is_some() && window != self.last.window;
        let closed = window.is_none() && self.last.window.is_some();
        // The server's dry run comes when it comes, and is worth hearing of.
        let previewed = self.model.ticket().is_some_and(|ticket| ticket.preview.view.is_some());
        let answered = previewed && !std::mem::replace(&mut self.last.previewed, previewed);
        self.last.window = window;
        if closed {
            self.last.window_lines.clear();
        }
        if window.is_none() || !(opened || typed || answered) {
            return Ok(());
        }
        let lines = plain::window(&self.model);
        let before = std::mem::replace(&mut self.last.window_lines, lines.clone());
        for line in lines.iter().filter(|line| opened || !before.contains(line)) {
            self.say(line)?;
        }
        Ok(())
    }

    /// The row under the cursor, when it is another one.
    fn tell_row(&mut self) -> io::Result<()> {
        let row = plain::row(&self.model).unwrap_or_default();
        if row != self.last.row {
            self.last.row.clone_from(&row);
            self.say(&row)?;
        }
        Ok(())
    }
}
