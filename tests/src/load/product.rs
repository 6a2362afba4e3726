//! Drives the product as one broker with many orders in flight; it must count only orders that are durable and acknowledged.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use turret_client::credentials::Credentials;
use turret_shared::command::{COMMAND_SCHEMA, Command, Environment, NewOrder, Verb};
use turret_shared::ids::ClOrdId;
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::time::NS_PER_S;
use turret_shared::wire::control::Outcome;
use turret_shared::wire::query::{AnswerBody, Ask};

use super::ceiling_client::{Broken, Slice};
use super::clock::{Stopwatch, wall};
use super::line::{Answered, Line};

/// Account and symbol of every order.
const ACCOUNT: &str = "A1001";
/// See [`ACCOUNT`].
const SYMBOL: &str = "AAPL";
/// Orders put into one burst: what is sent is on its way before the next burst is made.
const BURST: usize = 32;

/// A signed-in broker.
pub struct Broker {
    line: Line,
    orders: Orders,
    /// Orders that were answered with anything but an acceptance.
    pub refused: u64,
}

/// One order after the other, each under a name of its own.
struct Orders {
    price: Price,
    tag: String,
    next: u64,
}

impl Orders {
    fn next(&mut self) -> Result<Vec<u8>, Broken> {
        self.next += 1;
        let order = NewOrder {
            cl_ord_id: self.name(self.next)?,
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

    fn name(&self, number: u64) -> Result<ClOrdId, Broken> {
        Ok(ClOrdId::new(&format!("{}-{number}", self.tag))?)
    }
}

impl Broker {
    /// Connects and signs in with the credentials' own authenticator, and finds a price that rests.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn sign_in(credentials: &Credentials, server: SocketAddr) -> Result<Self, Broken> {
        let line = Line::sign_in(credentials, server).await?;
        let AnswerBody::Quote(quote) = line.ask(Ask::Quote(SYMBOL.to_owned())).await? else {
            return Err("no quote".into());
        };
        let touch = quote.bids.first().map(|level| level.price).or(quote.prev_close).ok_or("no price")?;
        // Three percent below the bid: inside the collar, never filled.
        let cents = touch.0 / 10_000_000 * 97 / 100;
        let tag = format!("L{:x}", wall().0.unsigned_abs() / 1_000_000);
        let orders = Orders { price: Price(cents * 10_000_000), tag, next: 0 };
        Ok(Self { line, orders, refused: 0 })
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
        let Self { line, orders, refused } = self;
        let mut slice = Slice::default();
        let mut sent = 0;
        let mut waiting: HashMap<u64, u64> = HashMap::with_capacity(in_flight);
        loop {
            while waiting.len() < in_flight && more(sent) {
                let now = watch.us();
                for _ in 0..BURST.min(in_flight - waiting.len()) {
                    waiting.insert(line.out.put(orders.next()?)?, now);
                    sent += 1;
                }
                line.out.flush().await?;
                // The transport sends when it gets its turn.
                tokio::task::yield_now().await;
            }
            if waiting.is_empty() {
                break;
            }
            line.back.more().await?;
            let now = watch.us();
            while let Some(Answered { request, outcome }) = line.back.pop() {
                let at = waiting.remove(&request).ok_or("an answer to nothing that waits")?;
                if accepted(&outcome) {
                    slice.count += 1;
                    slice.latencies_us.push(now.saturating_sub(at));
                } else {
                    *refused += 1;
                }
            }
        }
        slice.seconds = watch.seconds();
        Ok(slice)
    }

    /// Sends at a steady rate whatever the answers do; latency is from the intended moment of sending.
    ///
    /// # Errors
    /// When the link breaks.
    pub async fn open_loop(&mut self, per_s: f64, seconds: f64) -> Result<Slice, Broken> {
        let Self { line, orders, refused } = self;
        let Line { out, back, .. } = line;
        let total = (per_s * seconds) as u64;
        let mut commands = Vec::with_capacity(usize::try_from(total)?);
        for _ in 0..total {
            commands.push(orders.next()?);
        }
        let first = out.next();
        let watch = Stopwatch::start();
        let intended = |number: u64| (number as f64 * 1e6 / per_s) as u64;
        let sending = async {
            for (number, bytes) in (0..).zip(commands) {
                let early = intended(number).saturating_sub(watch.us());
                if early > 0 {
                    tokio::time::sleep(Duration::from_micros(early)).await;
                }
                out.put(bytes)?;
                out.flush().await?;
            }
            Ok::<(), Broken>(())
        };
        let collecting = async {
            let mut slice = Slice::default();
            let mut left = total;
            while left > 0 {
                back.more().await?;
                let now = watch.us();
                while let Some(Answered { request, outcome }) = back.pop() {
                    left = left.saturating_sub(1);
                    if accepted(&outcome) {
                        slice.count += 1;
                        let number = request.checked_sub(first).ok_or("an answer to nothing that waits")?;
                        slice.latencies_us.push(now.saturating_sub(intended(number)));
                    } else {
                        *refused += 1;
                    }
                }
            }
            slice.seconds = watch.seconds();
            Ok::<Slice, Broken>(slice)
        };
        let ((), slice) = tokio::try_join!(sending, collecting)?;
        Ok(slice)
    }

    /// Signs out.
    pub async fn leave(self) {
        self.line.leave().await;
    }
}

/// Only an order that is recorded, with the receipt of its entry, counts.
fn accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Order(accepted) if !accepted.leaf.is_empty())
}
