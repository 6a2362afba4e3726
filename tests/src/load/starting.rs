//! From the start of the process to its sign-in screen, beside a program that does nothing and vim, in the same harness.

use std::path::Path;

use serde_json::{Value, json};

use super::ceiling_client::Broken;
use super::figures::{percentile, rounded};
use super::house::{House, Plan};
use super::seat::Seat;
use super::workstation::at_sign_in;

/// Starts of each, in turn.
const ROUNDS: usize = 15;

/// All of them, in turn.
///
/// # Errors
/// When one does not start.
pub fn measure() -> Result<Value, Broken> {
    let home = tempfile::tempdir()?;
    let house = House::open(home.path(), Plan::default())?;
    let (mut ours, mut nothing, mut vim) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(at_sign_in(&std::env::current_exe()?, &house, home.path())?.reads("Sign in")?);
        nothing.push(Seat::start(Path::new("/bin/true"), &[], home.path())?.ends()?);
        let program = Path::new("/usr/bin/vim");
        if program.exists() {
            vim.push(Seat::start(program, &["--clean".into(), "-n".into()], home.path())?.reads("VIM")?);
        }
    }
    let ms = |taken: &mut Vec<u64>, share| rounded(percentile(taken, share) as f64 / 1_000.0);
    let beside = (!vim.is_empty()).then(|| ms(&mut vim, 0.5));
    Ok(json!({"start_ms": {
        "p50": ms(&mut ours, 0.5),
        "worst": ms(&mut ours, 1.0),
        "true": ms(&mut nothing, 0.5),
        "vim": beside,
    }}))
}
