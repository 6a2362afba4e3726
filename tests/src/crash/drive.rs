//! A client under load over the real link: many commands in flight, every answer written down, nothing assumed.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use turret_client::credentials::Credentials;
use turret_client::link::{Link, LinkError, LinkEvent};
use turret_client::profile::Profile;
use turret_shared::command::{COMMAND_SCHEMA, Command, Environment, SimControl, Verb};
use turret_shared::time::NS_PER_S;
use turret_shared::view::{FillState, FillView};
use turret_shared::wire::query::{AnswerBody, Ask};

use super::dice::Dice;
use super::evidence::Broken;
use super::ledger::{Ledger, Told};
use super::orders::{Orders, Touch};
use crate::load::clock::{Stopwatch, wall};

/// Commands in flight.
const IN_FLIGHT: usize = 48;
/// Symbols traded, each with what the market picture may lack at the start.
const SYMBOLS: [&str; 4] = ["AAPL", "MSFT", "PFE", "NVDA"];
/// Acknowledged commands sent again after each restart.
const REPEATS: usize = 4;
/// For a session to come back, in milliseconds: a debug build on a busy machine needs its time.
const BACK_MS_MAX: u64 = 120_000;
/// Between two words into a link that may be dead, in milliseconds.
const NUDGE_MS: u64 = 200;
/// For the venue's first market pictures, in milliseconds, and between two looks.
const PRICES_MS_MAX: u64 = 60_000;
/// See [`PRICES_MS_MAX`].
const LOOK_MS: u64 = 50;

/// How often the link came back, and whether its session did each time.
#[derive(Debug, Clone, Copy, Default)]
struct Ups {
    count: u64,
    all_resumed: bool,
}

/// A signed-in trader under load.
pub struct Driver {
    link: Link,
    ups: watch::Receiver<Ups>,
    listening: JoinHandle<()>,
    orders: Orders,
    dice: Dice,
    answers: JoinSet<(String, Told)>,
    /// What was sent and told.
    pub ledger: Ledger,
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Driver {
    /// Connects and signs in.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn sign_in(credentials: &Credentials, address: &str, seed: u64) -> Result<Self, Broken> {
        let profile = Profile::load(&credentials.client_dir)?.at(address);
        let (link, mut events) = Link::connect(&profile, true).await?;
        let now = wall();
        let code = credentials.authenticator.as_ref().ok_or("no authenticator")?.code_at(now);
        link.sign_in(&credentials.user, credentials.password.clone(), code).await?;
        let (count, ups) = watch::channel(Ups { count: 0, all_resumed: true });
        let listening = tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if let LinkEvent::Up { resumed, .. } = event {
                    count.send_modify(|ups| {
                        ups.count += 1;
                        ups.all_resumed &= resumed;
                    });
                }
            }
        });
        let tag = format!("C{:x}", now.0.unsigned_abs() / 1_000_000);
        Ok(Self {
            link,
            ups,
            listening,
            orders: Orders::new(seed, tag),
            dice: Dice::new(seed ^ 0xd21e),
            answers: JoinSet::new(),
            ledger: Ledger::default(),
        })
    }

    /// Looks where the market is, waiting for its first pictures.
    ///
    /// # Errors
    /// When no prices come.
    pub async fn look_at_prices(&mut self) -> Result<(), Broken> {
        let listings = match self.link.query(Ask::Instruments).await?.body {
            AnswerBody::Instruments(list) => list,
            _ => return Err("no listings".into()),
        };
        let mut left_ms = PRICES_MS_MAX;
        loop {
            let mut touches = HashMap::new();
            for listing in listings.iter().filter(|listing| SYMBOLS.contains(&listing.symbol.as_str())) {
                let quote = match self.link.query(Ask::Quote(listing.symbol.clone())).await.map(|answer| answer.body) {
                    Ok(AnswerBody::Quote(quote)) => quote,
                    _ => continue,
                };
                if let (Some(bid), Some(ask)) = (quote.bids.first(), quote.asks.first()) {
                    let symbol = listing.symbol.clone();
                    let touch = Touch { symbol: symbol.clone(), bid: bid.price, ask: ask.price, tick: listing.tick };
                    touches.insert(symbol, touch);
                }
            }
            if touches.len() == SYMBOLS.len() {
                let mut touches: Vec<Touch> = touches.into_values().collect();
                touches.sort_by(|a, b| a.symbol.cmp(&b.symbol));
                self.orders.watch(touches);
                return Ok(());
            }
            if left_ms == 0 {
                return Err("no prices came".into());
            }
            left_ms = left_ms.saturating_sub(LOOK_MS);
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        }
    }

    /// Keeps commands in flight for so long.
    ///
    /// # Errors
    /// When a command cannot be made.
    pub async fn load(&mut self, time: Duration) -> Result<(), Broken> {
        let watch = Stopwatch::start();
        while watch.elapsed() < time {
            if self.answers.len() < IN_FLIGHT {
                let command = self.orders.command(wall())?;
                self.send(&command).await;
                continue;
            }
            let left = time.saturating_sub(watch.elapsed());
            // Nothing in the time left is no fault: the blow is due.
            let _ = tokio::time::timeout(left, self.one_answer()).await;
        }
        Ok(())
    }

    /// How often the link has come back so far.
    #[must_use]
    pub fn ups(&self) -> u64 {
        self.ups.borrow().count
    }

    /// Waits until the link has come back oftener than `ups`; false when a session was not resumed.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn back(&mut self, ups: u64) -> Result<bool, Broken> {
        let mut left_ms = BACK_MS_MAX;
        loop {
            let now = *self.ups.borrow_and_update();
            if now.count > ups {
                return Ok(now.all_resumed);
            }
            if left_ms == 0 {
                return Err("the link did not come back".into());
            }
            if self.link.is_up() {
                // Somebody at the keys: the new process answers such a word with a reset, and the link knows at once
                // what its own keep-alive would find out in seconds.
                let _ = self.link.activity().await;
            }
            left_ms = left_ms.saturating_sub(NUDGE_MS);
            tokio::time::sleep(Duration::from_millis(NUDGE_MS)).await;
        }
    }

    /// Waits for every answer under way: told, or in doubt.
    pub async fn settle(&mut self) {
        while self.one_answer().await {}
    }

    /// Sends again, with the same bytes, what was left without an answer (most of it) and some of what had one.
    pub async fn ask_again(&mut self) -> u64 {
        let mut again = self.ledger.take_open();
        again.retain(|_| self.dice.chance(90));
        let repeats: Vec<_> = {
            let known = self.ledger.acknowledged();
            (0..REPEATS).filter_map(|_| self.dice.pick(known).cloned()).collect()
        };
        again.extend(repeats.into_iter().filter_map(|id| self.ledger.bytes(&id).map(|bytes| (id, bytes))));
        let count = again.len() as u64;
        for (id, bytes) in again {
            self.submit(id, bytes).await;
            if self.answers.len() >= IN_FLIGHT {
                self.one_answer().await;
            }
        }
        self.settle().await;
        count
    }

    /// Has the venue bust or correct one of the newest executions.
    pub async fn disturb(&mut self) -> bool {
        let Ok(answered) = self.link.query(Ask::Fills(None)).await else { return false };
        let AnswerBody::Fills(fills) = answered.body else { return false };
        let good: Vec<FillView> = fills.into_iter().filter(|fill| fill.state == FillState::Good).collect();
        let Some(fill) = self.dice.pick(&good) else { return false };
        let control = if self.dice.chance(50) {
            SimControl::Bust { exec: fill.exec_id }
        } else {
            SimControl::Correct { exec: fill.exec_id, price: fill.last_px, qty: fill.last_qty }
        };
        let command = Command {
            schema: COMMAND_SCHEMA,
            environment: Environment::Sim,
            expires: wall().after_ns(60 * NS_PER_S),
            verb: Verb::Sim(control),
        };
        self.link.command(command.to_bytes()).await.is_ok()
    }

    /// Cancels whatever is open.
    ///
    /// # Errors
    /// When a command cannot be made.
    pub async fn cancel_everything(&mut self) -> Result<(), Broken> {
        for command in self.orders.cancel_everything(wall())? {
            self.send(&command).await;
        }
        self.settle().await;
        Ok(())
    }

    async fn send(&mut self, command: &Command) {
        if let Some(id) = self.ledger.send(command) {
            self.submit(id, command.to_bytes()).await;
        }
    }

    async fn submit(&mut self, id: String, bytes: Vec<u8>) {
        match self.link.submit(bytes).await {
            Ok(answering) => {
                self.answers.spawn(async move {
                    let told = match answering.reply().await {
                        Ok(reply) => Told::Answer(reply.outcome),
                        Err(LinkError::Down | LinkError::TooLong) => Told::NotSent,
                        Err(_) => Told::InDoubt,
                    };
                    (id, told)
                });
            }
            Err(_) => {
                self.ledger.hear(&id, Told::NotSent);
                // Sending into a link that is down is no load.
                tokio::task::yield_now().await;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }

    /// Takes one answer; false when none is under way.
    async fn one_answer(&mut self) -> bool {
        match self.answers.join_next().await {
            Some(Ok((id, told))) => {
                if let Told::Answer(outcome) = &told {
                    self.orders.hear(outcome);
                }
                self.ledger.hear(&id, told);
                true
            }
            Some(Err(_)) => true,
            None => false,
        }
    }
}
