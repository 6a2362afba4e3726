//! What a quiet desk costs: frames drawn and processor time while nobody types and nothing is told.

use serde_json::{Value, json};
use turret_client::app::rest::QUIET_MS;

use super::ceiling_client::Broken;
use super::clock::Stopwatch;
use super::figures::rounded;
use super::house::Plan;
use super::usage::Usage;
use super::workstation::{Desk, pause};

/// Beyond the time after which a desk is quiet, in milliseconds.
const MARGIN_MS: u64 = 5_000;
/// How long it is looked at, in milliseconds: the whole minute the figures are of.
const LOOK_MS: u64 = 60_000;

/// A minute of it.
///
/// # Errors
/// When the workstation cannot be signed in.
pub fn measure() -> Result<Value, Broken> {
    let desk = Desk::open(&std::env::current_exe()?, Plan { orders: 1_000, ..Plan::default() })?;
    pause(QUIET_MS + MARGIN_MS);
    let id = desk.seat.id()?;
    let (before, frames, watch) = (Usage::of(id), desk.seat.frames(), Stopwatch::start());
    pause(LOOK_MS);
    let minutes = watch.seconds() / 60.0;
    let cpu_ms = Usage::of(id).since_ns(&before) as f64 / 1e6;
    Ok(json!({"idle": {
        "draws_per_min": rounded((desk.seat.frames() - frames) as f64 / minutes),
        "cpu_ms_per_min": rounded(cpu_ms / minutes),
    }}))
}
