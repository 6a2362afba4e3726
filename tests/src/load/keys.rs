//! From a key to the end of its frame, the workstation beside vim in the same harness; it must press the same keys in both.

use std::path::Path;

use serde_json::{Value, json};

use super::ceiling_client::Broken;
use super::figures::{percentile, rounded};
use super::house::Plan;
use super::seat::{LINES, Seat};
use super::workstation::{Desk, cursor_steps, pause};

/// Orders of the blotter, as many as a desk has in a day.
const ORDERS: u32 = 2_000;
/// Keys of a turn, and turns of each in turn.
const KEYS: usize = 60;
/// See [`KEYS`].
const TURNS: usize = 5;
/// Between two keys, in milliseconds.
const BETWEEN_KEYS_MS: u64 = 47;

/// Both, turn by turn.
///
/// # Errors
/// When the workstation does not answer.
pub fn measure() -> Result<Value, Broken> {
    let mut desk = Desk::open(&std::env::current_exe()?, Plan { orders: ORDERS, ..Plan::default() })?;
    let home = tempfile::tempdir()?;
    let mut vim = vim(home.path())?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        ours.extend(cursor_steps(&mut desk.seat, KEYS)?);
        if let Some(vim) = &mut vim {
            theirs.extend(vim_steps(vim, KEYS)?);
        }
    }
    let (p50, p99) = (percentile(&mut ours, 0.5), percentile(&mut ours, 0.99));
    let vim_p50 = percentile(&mut theirs, 0.5);
    let vim = vim.map(|_| json!({"p50": vim_p50, "p99": percentile(&mut theirs, 0.99)}));
    let ratio = vim.as_ref().map(|_| rounded(p50 as f64 / vim_p50.max(1) as f64));
    Ok(json!({"key_us": {"p50": p50, "p99": p99, "vim": vim, "p50_to_vim": ratio}}))
}

/// vim with its own defaults over a file of many lines; `None` where it is not installed.
fn vim(home: &Path) -> Result<Option<Seat>, Broken> {
    let Some(program) = ["/usr/bin/vim", "/usr/local/bin/vim"].map(Path::new).into_iter().find(|path| path.exists())
    else {
        return Ok(None);
    };
    let file = home.join("lines.txt");
    std::fs::write(&file, (1..=2_000).map(|n| format!("line {n} of some text\n")).collect::<String>())?;
    let seat = Seat::start(program, &["--clean".into(), "-n".into(), file.into()], home)?;
    seat.reads("line 30 of")?;
    pause(500);
    Ok(Some(seat))
}

fn vim_steps(vim: &mut Seat, count: usize) -> Result<Vec<u64>, Broken> {
    let first = vim.look(|screen| screen.cursor_position().0);
    let mut taken = Vec::with_capacity(count);
    for step in 0..count {
        pause(BETWEEN_KEYS_MS);
        let down = step % 2 == 0;
        let want = if down { first + 1 } else { first }.min(LINES);
        taken.push(vim.answers(if down { "j" } else { "k" }, move |screen| screen.cursor_position().0 == want)?);
    }
    Ok(taken)
}
