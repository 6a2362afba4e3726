//! Filter-as-you-type over a large live blotter: from each key of a word and its deletion to the end of that frame.

use serde_json::{Value, json};

use super::ceiling_client::Broken;
use super::figures::{percentile, rounded};
use super::house::Plan;
use super::workstation::{Desk, pause};

/// Rows of the blotter, every one in its first view.
const ROWS: u32 = 100_000;
/// What is typed: a symbol, a state, a name no row has, and part of an order's own name.
const WORDS: [&str; 4] = ["nvda", "canceled", "zzzz", "t991"];
/// Between two keys, in milliseconds.
const BETWEEN_KEYS_MS: u64 = 60;
/// A key that takes the last character back.
const BACKSPACE: &str = "\x7f";

/// Every key of every word.
///
/// # Errors
/// When the workstation does not answer.
pub fn measure() -> Result<Value, Broken> {
    let mut desk = Desk::open(&std::env::current_exe()?, Plan { orders: ROWS, changes: true, ..Plan::default() })?;
    let seat = &mut desk.seat;
    let mut taken = Vec::new();
    for word in WORDS {
        pause(BETWEEN_KEYS_MS);
        seat.answers("/", |screen| screen.contents().contains("Esc clears it"))?;
        let lengths = (1..=word.len()).map(|length| (true, length));
        for (adds, length) in lengths.chain((1..word.len()).rev().map(|length| (false, length))) {
            pause(BETWEEN_KEYS_MS);
            let typed = word.get(..length).unwrap_or_default();
            let key = if adds { typed.get(length - 1..).unwrap_or_default() } else { BACKSPACE };
            // Two blanks end what is typed, then the rest of the line follows.
            let shown = format!("/{typed}  sort");
            taken.push(seat.answers(key, move |screen| screen.contents().contains(&shown))?);
        }
        pause(BETWEEN_KEYS_MS);
        seat.types("\x1b")?;
        seat.sees(|screen| !screen.contents().contains("Esc clears it"))?;
    }
    Ok(json!({"filter_ms": {
        "rows": ROWS,
        "keys": taken.len(),
        "p50": rounded(percentile(&mut taken, 0.5) as f64 / 1_000.0),
        "worst": rounded(percentile(&mut taken, 1.0) as f64 / 1_000.0),
    }}))
}
