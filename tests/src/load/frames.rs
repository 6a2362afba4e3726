//! What a frame of the blotter costs and what the client holds, few rows against many; it must draw through the real view.

use serde_json::{Value, json};
use turret_client::app::Model;
use turret_client::view::{self, Canvas, Painter};

use super::clock::Stopwatch;
use super::figures::{median, rounded};
use super::resident;
use crate::station::with_orders;

/// Rows of the small and the large blotter.
const ROWS: [u32; 2] = [100, 100_000];
/// Size of the terminal.
const SIZE: (u16, u16) = (120, 40);
/// Frames a turn, and turns.
const FRAMES: u32 = 200;
/// See [`FRAMES`].
const TURNS: usize = 15;

/// Microseconds a frame over one turn.
fn turn(model: &Model, canvas: &mut Canvas, painter: &mut Painter) -> f64 {
    let mut bytes = Vec::new();
    let watch = Stopwatch::start();
    for _ in 0..FRAMES {
        view::draw(model, canvas);
        painter.paint(canvas, None, &mut bytes);
        bytes.clear();
    }
    watch.seconds() * 1e6 / f64::from(FRAMES)
}

/// Both blotters, frames in turn; memory of the large one read first.
#[must_use]
pub fn measure() -> Value {
    let (mut canvas, mut painter) = (Canvas::default(), Painter::default());
    let large = with_orders(ROWS[1], SIZE);
    let _ = turn(&large, &mut canvas, &mut painter);
    let held = resident::of(std::process::id()).unwrap_or_default();
    let small = with_orders(ROWS[0], SIZE);
    let (mut small_us, mut large_us, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let few = turn(&small, &mut canvas, &mut painter);
        let many = turn(&large, &mut canvas, &mut painter);
        small_us.push(few);
        large_us.push(many);
        ratios.push(many / few);
    }
    json!({
        "frame_us": {"rows_100": rounded(median(&small_us)), "rows_100000": rounded(median(&large_us))},
        "ratios": {"frame_100000_to_100": rounded(median(&ratios))},
        "rss_mib": {"client": rounded(held.now_kib as f64 / 1_024.0), "client_peak": rounded(held.peak_kib as f64 / 1_024.0)},
    })
}
