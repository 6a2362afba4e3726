//! What an order costs the disk: flushes, bytes and the time to start over many of them; it must not run while timing.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::ceiling_client::Broken;
use super::clock::Stopwatch;
use super::desk::Product;
use super::figures::rounded;
use super::flushes::Flushes;
use super::product::Broker;

/// In flight while flushes are counted.
const IN_FLIGHT: usize = 32;
/// In flight while many orders are made.
const MANY: usize = 256;

/// Bytes of every file of the log below `folder`.
fn log_bytes(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let log = |name: &str| name.starts_with("log.");
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(log))
        .filter_map(|entry| entry.metadata().ok())
        .map(|meta| meta.len())
        .sum()
}

/// Flushes an order with 32 in flight; null where it cannot be counted.
///
/// # Errors
/// When the link breaks.
pub async fn flushes(product: &Product, broker: &mut Broker, seconds: f64) -> Result<Value, Broken> {
    let Some(tracer) = product.server_id().and_then(Flushes::watch) else { return Ok(Value::Null) };
    // Attaching takes a moment.
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let slice = broker.closed_loop(IN_FLIGHT, seconds).await?;
    Ok(tracer.count().map_or(Value::Null, |count| json!(rounded(count as f64 / slice.count.max(1) as f64))))
}

/// Makes orders until there are `orders` more, and tells the bytes each cost.
///
/// # Errors
/// When the link breaks.
pub async fn fill(product: &Product, broker: &mut Broker, orders: u64) -> Result<f64, Broken> {
    let before = log_bytes(product.dir());
    let mut made = 0;
    while made < orders {
        let slice = broker.burst(MANY, orders - made).await?;
        if slice.count == 0 {
            return Err("no order is taken any more".into());
        }
        made += slice.count;
    }
    Ok(log_bytes(product.dir()).saturating_sub(before) as f64 / made.max(1) as f64)
}

/// Seconds from starting what was stopped to its listening, over everything made so far.
///
/// # Errors
/// When it does not start again.
pub fn start(product: &mut Product) -> Result<f64, Broken> {
    let watch = Stopwatch::start();
    product.start_again()?;
    Ok(watch.seconds())
}
