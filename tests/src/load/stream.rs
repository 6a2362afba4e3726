//! Prices of a whole market: what the workstation takes of a processor while they stream, and how it answers keys meanwhile.

use serde_json::{Value, json};

use super::ceiling_client::Broken;
use super::clock::Stopwatch;
use super::figures::{percentile, rounded};
use super::house::Plan;
use super::usage::Usage;
use super::workstation::{Desk, cursor_steps, pause};

/// Listings watched, the usual ones included.
const SYMBOLS: u32 = 5_000;
/// Pictures of each a second.
const PICTURES_PER_S: u64 = 10;
/// Keys pressed while it streams.
const KEYS: usize = 400;
/// Until it streams evenly, in milliseconds.
const WARM_MS: u64 = 2_000;

/// Pictures and packets while the watchlist is shown.
///
/// # Errors
/// When the workstation does not answer.
pub fn measure() -> Result<Value, Broken> {
    let more = SYMBOLS - crate::station::LISTINGS.len() as u32;
    let plan = Plan { listings: more, orders: 1_000, pictures_per_s: PICTURES_PER_S, changes: true };
    let mut desk = Desk::open(&std::env::current_exe()?, plan)?;
    desk.seat.answers("2", |screen| screen.contents().contains("QUOTES"))?;
    pause(WARM_MS);
    let id = desk.seat.id()?;
    let (before, frames, (sent, lost)) = (Usage::of(id), desk.seat.frames(), desk.house.sent());
    let watch = Stopwatch::start();
    pause(2 * WARM_MS);
    // Nobody presses a key in this first part: the frames are the stream's alone.
    let quiet = (desk.seat.frames() - frames) as f64 / watch.seconds();
    let mut taken = cursor_steps(&mut desk.seat, KEYS)?;
    let seconds = watch.seconds();
    let used = Usage::of(id).since_ns(&before) as f64 / 1e9;
    let (sent_after, lost_after) = desk.house.sent();
    Ok(json!({"stream": {
        "symbols": SYMBOLS,
        "updates_per_s": rounded((sent_after - sent) as f64 / seconds),
        "lost_packets": lost_after - lost,
        "client_cpu_share": rounded(used / seconds),
        "frames_per_s": rounded(quiet),
        "key_us": {"p50": percentile(&mut taken, 0.5), "p99": percentile(&mut taken, 0.99)},
    }}))
}
