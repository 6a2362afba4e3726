//! Measures the store alone: orders a second by batch size and tuning, and a large snapshot; it must not be mistaken for
//! the product's speed.
//!
//! `cargo run --release -p turret-server --example append -- DIR [ORDERS]` prints one line a configuration.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a measuring program prints and times")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use turret_server::random::system;
use turret_server::store::snapshots::{SnapshotHead, Snapshots};
use turret_server::store::sqlcipher::{SqlStore, Tuning};
use turret_server::store::{Batch, Store};
use turret_shared::ids::{OrderId, Sequence};
use turret_shared::secret::SecretKey;
use turret_shared::tlog::EMPTY_ROOT;

/// Bytes of a new order's entry, and of its current row.
const ENTRY_BYTES: usize = 220;
const ORDER_BYTES: usize = 140;
/// Bytes of a state with a million orders, roughly.
const STATE_BYTES: usize = 200_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let dir = PathBuf::from(arguments.next().ok_or("append DIR [ORDERS]")?);
    let orders: u64 = arguments.next().and_then(|n| n.to_str()?.parse().ok()).unwrap_or(200_000);
    std::fs::create_dir_all(&dir)?;
    measure_snapshot(&dir.join("snapshots"))?;
    let usual = Tuning::default();
    for (name, tuning) in [
        ("default", usual),
        ("wal_pages 1000", Tuning { wal_pages: 1_000, ..usual }),
        ("wal_pages 16000", Tuning { wal_pages: 16_000, ..usual }),
        ("cache 2 MiB", Tuning { cache_kib: 2 * 1024, ..usual }),
        ("cache 32 MiB", Tuning { cache_kib: 32 * 1024, ..usual }),
        ("wipe memory", Tuning { wipe_memory: true, ..usual }),
        ("default again", usual),
    ] {
        for batch in [1, 32, 256] {
            measure(&dir, name, tuning, batch, if batch == 1 { orders / 20 } else { orders })?;
        }
    }
    Ok(())
}

fn measure_snapshot(dir: &Path) -> Result<(), Box<dyn Error>> {
    let snapshots = Snapshots::open(dir, SecretKey::new([6; 32]))?;
    let state = vec![0x5a_u8; STATE_BYTES];
    let head = SnapshotHead { state_version: 1, next: Sequence(1), root: EMPTY_ROOT, state_hash: EMPTY_ROOT };
    let begin = Instant::now();
    snapshots.save(&head, &state, system)?;
    let saved = begin.elapsed().as_millis();
    let begin = Instant::now();
    let same = *snapshots.load(&head)? == state;
    println!(
        "snapshot of {STATE_BYTES} bytes: saved in {saved} ms, loaded in {} ms, same {same}",
        begin.elapsed().as_millis()
    );
    Ok(())
}

fn measure(dir: &Path, name: &str, tuning: Tuning, batch: u64, orders: u64) -> Result<(), Box<dyn Error>> {
    let path = dir.join("log.db");
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let _ = std::fs::remove_file(dir.join(format!("log.db{suffix}")));
    }
    let mut store = SqlStore::open(&path, &SecretKey::new([7; 32]), tuning)?;
    let epoch = store.tip().epoch;
    let mut frontier = store.tip().frontier.clone();
    let mut rows = Batch::default();
    let mut slowest = 0u128;
    let (begin, busy) = (Instant::now(), busy_ns());
    for first in (0..orders).step_by(usize::try_from(batch)?) {
        let expected = Sequence(frontier.size());
        rows.clear();
        for n in first..(first + batch).min(orders) {
            let mut entry = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes().to_vec();
            entry.resize(ENTRY_BYTES, 0);
            let (sequence, _) = rows.push(&mut frontier, &entry);
            rows.put_order(OrderId::new(sequence, 0), |out| out.extend_from_slice(&[n as u8; ORDER_BYTES]));
        }
        let commit = Instant::now();
        store.append(epoch, expected, &rows)?;
        slowest = slowest.max(commit.elapsed().as_micros());
    }
    let rate = u128::from(orders) * 1_000_000 / begin.elapsed().as_micros().max(1);
    let busy = (busy_ns() - busy) / orders.max(1);
    let bytes = std::fs::metadata(&path)?.len() + std::fs::metadata(dir.join("log.db-wal"))?.len();
    println!(
        "{name:16} batch {batch:4}: {rate:7} orders/s, {busy:7} ns busy an order, slowest commit {slowest} us, {bytes} bytes"
    );
    Ok(())
}

/// How long this thread has run on a processor, in nanoseconds: what other processes take does not count (Linux).
fn busy_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0)
}
