//! The real workstation on a pseudo-terminal before a server of a few lines, and the programs it is measured beside.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::ceiling_client::Broken;
use super::house::{House, Plan};
use super::seat::{Seat, cursor_line};
use crate::demo::AS_CLIENT;

/// Between two keys: nobody types faster for long, and it is no multiple of a frame.
const BETWEEN_KEYS_MS: u64 = 47;
/// Until what a sign-in brought about is over.
const SETTLE_MS: u64 = 1_500;

/// At sign-in, connected or about to be; `program` is one that is the client when told so.
///
/// # Errors
/// When the workstation cannot be started.
pub fn at_sign_in(program: &Path, house: &House, home: &Path) -> Result<Seat, Broken> {
    let args: Vec<OsString> = vec![AS_CLIENT.into(), "--profile".into(), house.profile().into()];
    Seat::start(program, &args, home)
}

/// A workstation signed in, its server with it.
pub struct Desk {
    /// The workstation.
    pub seat: Seat,
    /// Its server.
    pub house: House,
    _home: tempfile::TempDir,
}

impl Desk {
    /// Signs in and waits until every row is in the blotter.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub fn open(program: &Path, plan: Plan) -> Result<Self, Broken> {
        let home = tempfile::tempdir()?;
        let house = House::open(home.path(), plan)?;
        let mut seat = at_sign_in(program, &house, home.path())?;
        seat.reads("pinned, OK")?;
        for keys in ["any password", "\r", "123456", "\r"] {
            seat.types(keys)?;
            pause(BETWEEN_KEYS_MS);
        }
        seat.reads("BLOTTER")?;
        let rows = format!(" of {}", plan.orders);
        seat.sees(move |screen| screen.contents().contains(&rows))?;
        pause(SETTLE_MS);
        Ok(Self { seat, house, _home: home })
    }
}

/// Microseconds of each of `count` steps of the cursor, down and up in turn.
///
/// # Errors
/// When the cursor does not move.
pub fn cursor_steps(seat: &mut Seat, count: usize) -> Result<Vec<u64>, Broken> {
    let first = seat.look(cursor_line).ok_or("no cursor")?;
    let mut taken = Vec::with_capacity(count);
    for step in 0..count {
        pause(BETWEEN_KEYS_MS);
        let down = step % 2 == 0;
        let want = if down { first + 1 } else { first };
        taken.push(seat.answers(if down { "j" } else { "k" }, move |screen| cursor_line(screen) == Some(want))?);
    }
    Ok(taken)
}

/// Waits.
pub fn pause(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}
