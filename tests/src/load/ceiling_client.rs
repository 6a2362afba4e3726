//! Drives the ceiling and the echo with a fixed number of requests in flight; it must keep no more than that.

use std::collections::VecDeque;

use quinn::Connection;

use super::ceiling_server::{DURABLE, ECHO};
use super::clock::Stopwatch;
use super::sizes;

/// What one slice of a run showed.
#[derive(Debug, Default)]
pub struct Slice {
    /// Answers.
    pub count: u64,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Microseconds from sending to answer, one each.
    pub latencies_us: Vec<u64>,
}

impl Slice {
    /// Answers a second.
    #[must_use]
    pub fn per_s(&self) -> f64 {
        if self.seconds > 0.0 { self.count as f64 / self.seconds } else { 0.0 }
    }
}

/// Why a slice was cut short.
pub type Broken = Box<dyn std::error::Error + Send + Sync>;

/// Keeps `in_flight` requests going for `seconds`.
///
/// # Errors
/// When the connection breaks.
pub async fn durable(connection: &Connection, in_flight: usize, seconds: f64) -> Result<Slice, Broken> {
    let sizes = sizes::of_one_order();
    run(connection, DURABLE, sizes.request, sizes.answer, in_flight, seconds).await
}

/// One request at a time, answered at once: the floor of a round trip.
///
/// # Errors
/// When the connection breaks.
pub async fn echo(connection: &Connection, seconds: f64) -> Result<Slice, Broken> {
    let sizes = sizes::of_one_order();
    run(connection, ECHO, sizes.request, sizes.request, 1, seconds).await
}

async fn run(
    connection: &Connection,
    kind: u8,
    request_bytes: usize,
    answer_bytes: usize,
    in_flight: usize,
    seconds: f64,
) -> Result<Slice, Broken> {
    let (mut send, mut recv) = connection.open_bi().await?;
    let watch = Stopwatch::start();
    let mut sent: VecDeque<u64> = VecDeque::with_capacity(in_flight);
    let mut slice = Slice::default();
    let mut buffer = vec![0_u8; 64 * 1024];
    let mut partial = 0_usize;
    let mut opening = vec![kind];
    opening.resize(1 + request_bytes * in_flight, 0x5a);
    sent.extend(std::iter::repeat_n(watch.us(), in_flight));
    send.write_all(&opening).await?;
    while !sent.is_empty() {
        let Some(read) = recv.read(&mut buffer).await? else { break };
        partial += read;
        let answers = partial / answer_bytes;
        partial %= answer_bytes;
        let now = watch.us();
        for _ in 0..answers {
            if let Some(at) = sent.pop_front() {
                slice.latencies_us.push(now.saturating_sub(at));
                slice.count += 1;
            }
        }
        if watch.seconds() < seconds && answers > 0 {
            sent.extend(std::iter::repeat_n(watch.us(), answers));
            send.write_all(&vec![0x5a; request_bytes * answers]).await?;
        }
    }
    slice.seconds = watch.seconds();
    send.finish()?;
    Ok(slice)
}
