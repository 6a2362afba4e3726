//! Drives the product as one broker with many orders in flight; it must count only orders that are durable and acknowledged.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::mpsc;
use turret_client::credentials::Credentials;
use turret_client::link::{Answering, Link, LinkEvent};
use turret_client::profile::Profile;
use turret_shared::command::{COMMAND_SCHEMA, Command, Environment, NewOrder, Verb};
use turret_shared::ids::ClOrdId;
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::time::NS_PER_S;
use turret_shared::wire::control::Outcome;
use turret_shared::wire::query::{AnswerBody, Ask};

use super::ceiling_client::{Broken, Slice};
use super::clock::{Stopwatch, wall};

/// Account and symbol of every order.
const ACCOUNT: &str = "A1001";
/// See [`ACCOUNT`].
const SYMBOL: &str = "AAPL";

/// A signed-in broker.
pub struct Broker {
    link: Link,
    events: mpsc::Receiver<LinkEvent>,
    price: Price,
    tag: String,
    next: u64,
    /// Orders that were answered with anything but an acceptance.
    pub refused: u64,
}

impl Broker {
    /// Connects and signs in with the credentials' own authenticator, and finds a price that rests.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn sign_in(credentials: &Credentials, server: SocketAddr) -> Result<Self, Broken> {
        let mut profile = Profile::load(&credentials.client_dir)?;
        profile.server = server.to_string();
        let (link, events) = Link::connect(&profile, true).await?;
        let authenticator = credentials.authenticator.as_ref().ok_or("no authenticator")?;
        let now = wall();
        let code = authenticator.code_at(now);
        link.sign_in(&credentials.user, credentials.password.clone(), code).await?;
        let AnswerBody::Quote(quote) = link.query(Ask::Quote(SYMBOL.to_owned())).await?.body else {
            return Err("no quote".into());
        };
        let touch = quote.bids.first().map(|level| level.price).or(quote.prev_close).ok_or("no price")?;
        // Three percent below the bid: inside the collar, never filled.
        let cents = touch.0 / 10_000_000 * 97 / 100;
        let tag = format!("L{:x}", now.0.unsigned_abs() / 1_000_000);
        Ok(Self { link, events, price: Price(cents * 10_000_000), tag, next: 0, refused: 0 })
    }

    /// The link, for queries and the feed.
    #[must_use]
    pub const fn link(&self) -> &Link {
        &self.link
    }

    fn order(&mut self) -> Result<Vec<u8>, Broken> {
        self.next += 1;
        let order = NewOrder {
            cl_ord_id: ClOrdId::new(&format!("{}-{}", self.tag, self.next))?,
            account: ACCOUNT.to_owned(),
            symbol: SYMBOL.to_owned(),
            side: Side::Buy,
            qty: Qty::whole(1).map_err(|_| "quantity")?,
            ord_type: OrdType::Limit,
            price: Some(self.price),
            stop_px: None,
            tif: TimeInForce::Gtc,
            confirmed: true,
            text: String::new(),
            saw: None,
        };
        let command = Command {
            schema: COMMAND_SCHEMA,
            environment: Environment::Sim,
            expires: wall().after_ns(60 * NS_PER_S),
            verb: Verb::OrderNew(order),
        };
        Ok(command.to_bytes())
    }

    /// What the server said besides answers is of no interest here, but must not fill its queue.
    fn drain_events(&mut self) {
        while self.events.try_recv().is_ok() {}
    }

    async fn settle(&mut self, answering: Answering) -> Result<bool, Broken> {
        let accepted = matches!(answering.reply().await?.outcome, Outcome::Order(_));
        if !accepted {
            self.refused += 1;
        }
        Ok(accepted)
    }

    /// Keeps `in_flight` orders going for `seconds`; latency is from sending to the durable answer.
    ///
    /// # Errors
    /// When the link breaks.
    pub async fn closed_loop(&mut self, in_flight: usize, seconds: f64) -> Result<Slice, Broken> {
        let watch = Stopwatch::start();
        self.keep_going(in_flight, watch, |_| watch.seconds() < seconds).await
    }

    /// Keeps `in_flight` orders going until `count` were sent.
    ///
    /// # Errors
    /// When the link breaks.
    pub async fn burst(&mut self, in_flight: usize, count: u64) -> Result<Slice, Broken> {
        self.keep_going(in_flight, Stopwatch::start(), |sent| sent < count).await
    }

    async fn keep_going(
        &mut self,
        in_flight: usize,
        watch: Stopwatch,
        more: impl Fn(u64) -> bool,
    ) -> Result<Slice, Broken> {
        let mut slice = Slice::default();
        let mut sent = 0;
        let mut waiting: VecDeque<(u64, Answering)> = VecDeque::with_capacity(in_flight);
        loop {
            while waiting.len() < in_flight && more(sent) {
                let bytes = self.order()?;
                waiting.push_back((watch.us(), self.link.submit(bytes).await?));
                sent += 1;
            }
            let Some((at, answering)) = waiting.pop_front() else { break };
            if self.settle(answering).await? {
                slice.count += 1;
                slice.latencies_us.push(watch.us().saturating_sub(at));
            }
            self.drain_events();
        }
        slice.seconds = watch.seconds();
        Ok(slice)
    }

    /// Sends at a steady rate whatever the answers do; latency is from the intended moment of sending.
    ///
    /// # Errors
    /// When the link breaks.
    pub async fn open_loop(&mut self, per_s: f64, seconds: f64) -> Result<Slice, Broken> {
        let total = (per_s * seconds) as u64;
        let link = self.link.clone();
        let mut orders = Vec::with_capacity(usize::try_from(total)?);
        for _ in 0..total {
            orders.push(self.order()?);
        }
        let (sender, mut answers) = mpsc::unbounded_channel();
        let watch = Stopwatch::start();
        let gap_us = 1e6 / per_s;
        let sending = async move {
            for (at, bytes) in orders.into_iter().enumerate() {
                let intended = (at as f64 * gap_us) as u64;
                let early = intended.saturating_sub(watch.us());
                if early > 0 {
                    tokio::time::sleep(Duration::from_micros(early)).await;
                }
                let Ok(answering) = link.submit(bytes).await else { return };
                if sender.send((intended, answering)).is_err() {
                    return;
                }
            }
        };
        let collecting = async {
            let mut slice = Slice::default();
            while let Some((intended, answering)) = answers.recv().await {
                if self.settle(answering).await? {
                    slice.count += 1;
                    slice.latencies_us.push(watch.us().saturating_sub(intended));
                }
                self.drain_events();
            }
            slice.seconds = watch.seconds();
            Ok::<Slice, Broken>(slice)
        };
        tokio::join!(sending, collecting).1
    }

    /// Signs out.
    pub async fn leave(self) {
        self.link.sign_out(false).await;
    }
}
