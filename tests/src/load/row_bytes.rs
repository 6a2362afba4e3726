//! What a row of the blotter costs the workstation in memory: two desks of the same program, one with a hundred times the rows.

use serde_json::{Value, json};

use super::ceiling_client::Broken;
use super::figures::rounded;
use super::house::Plan;
use super::resident;
use super::workstation::Desk;

/// Rows of the small and the large blotter.
const ROWS: [u32; 2] = [1_000, 100_000];

/// Resident memory of both, and the difference a row.
///
/// # Errors
/// When a workstation cannot be signed in.
pub fn measure() -> Result<Value, Broken> {
    let [small, large] = ROWS.map(|orders| {
        let desk = Desk::open(&std::env::current_exe()?, Plan { orders, ..Plan::default() })?;
        resident::of(desk.seat.id()?).ok_or_else(|| Broken::from("the kernel does not say"))
    });
    let (small, large) = (small?, large?);
    let bytes = |kib: u64| kib as f64 * 1_024.0;
    let rows = f64::from(ROWS[1] - ROWS[0]);
    Ok(json!({"bytes_per_row": rounded((bytes(large.now_kib) - bytes(small.now_kib)) / rows), "row_memory": {
        "rows": ROWS[1],
        "resident_mib": rounded(bytes(large.now_kib) / 1_048_576.0),
        "peak_mib": rounded(bytes(large.peak_kib) / 1_048_576.0),
        "resident_mib_of_1000": rounded(bytes(small.now_kib) / 1_048_576.0),
    }}))
}
