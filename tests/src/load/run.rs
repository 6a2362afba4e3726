//! One run from start to report; it must measure what it says and leave nothing behind.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::{Parser, ValueEnum};
use serde_json::{Value, json};

use super::ceiling_client::Broken;
use super::clock::{Stopwatch, wall};
use super::desk::Product;
use super::figures::rounded;
use super::throughput::Effort;
use super::yardstick::Yardsticks;
use super::{
    disk, engine, filtering, idle, keys, knocking, pgbench, resident, row_bytes, second_sign_in, starting, storage,
    stream, throughput,
};

/// First argument that makes this program a client with a large blotter.
pub const BLOTTER_ARGUMENT: &str = "part-blotter";
/// Orders loaded before the server's memory is read.
const ORDERS_RESIDENT: u64 = 10_000;
/// Orders put through the engine alone.
const ENGINE_ORDERS: u64 = 1_000_000;
/// Of the orders behind a restart after SIGKILL, one in so many came since the last snapshot.
const TAIL: u64 = 10;
/// Appends measured for the disk's own figure.
const DISK_ROUNDS: usize = 200;

/// A part of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Orders and round trips beside the pipeline, flushes and bytes.
    Orders,
    /// PostgreSQL.
    Postgres,
    /// The engine alone.
    Engine,
    /// The client's blotter.
    Blotter,
    /// A second sign-in to a desk the device has kept.
    SecondSignIn,
    /// The real workstation: from its start to its first screen.
    Start,
    /// The real workstation: from a key to the end of its frame, beside vim.
    Key,
    /// The real workstation: a filter typed over many rows.
    Filter,
    /// The real workstation: memory of a row.
    Rows,
    /// The real workstation: prices of a whole market.
    Stream,
    /// The real workstation: a desk at rest.
    Idle,
    /// Strangers, crowds and handshakes at the door.
    Door,
    /// Starting over many orders.
    Restart,
}

/// Measures the product and its yardsticks in one run and prints one JSON object.
#[derive(Debug, Parser)]
#[command(name = "load")]
pub struct Options {
    /// Seconds a slice.
    #[arg(long, default_value_t = 3.0)]
    slice_s: f64,
    /// Slices a side and in-flight count.
    #[arg(long, default_value_t = 9)]
    slices: usize,
    /// Orders in flight; a report has all three counts.
    #[arg(long, value_delimiter = ',', default_values_t = throughput::COMPARED)]
    in_flight: Vec<usize>,
    /// Seconds between signing in and reading the server's memory.
    #[arg(long, default_value_t = 60)]
    settle_s: u64,
    /// Orders behind the restart that is timed.
    #[arg(long, default_value_t = 1_000_000)]
    orders_behind: u64,
    /// A PostgreSQL to measure beside, as `postgres://user@host/db`.
    #[arg(long)]
    postgres: Option<String>,
    /// Only these parts, while looking for something; a report has all.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Keep the desk of the restart here; one that lies here already gets no more orders.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

type Measure = fn() -> Result<Value, Broken>;

/// What is measured of the real workstation on a pseudo-terminal.
const WORKSTATION: [(Part, Measure); 6] = [
    (Part::Start, starting::measure),
    (Part::Key, keys::measure),
    (Part::Filter, filtering::measure),
    (Part::Rows, row_bytes::measure),
    (Part::Stream, stream::measure),
    (Part::Idle, idle::measure),
];

impl Options {
    fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

/// Runs everything.
///
/// # Errors
/// Whatever broke the run.
pub async fn run(options: &Options) -> Result<Value, Broken> {
    let mut report = json!({});
    if options.wants(Part::Orders) {
        merge(&mut report, orders(options).await?);
    }
    if options.wants(Part::Postgres) {
        merge(&mut report, postgres(options)?);
    }
    if options.wants(Part::Engine) {
        merge(&mut report, engine_alone());
    }
    if options.wants(Part::Blotter) {
        merge(&mut report, blotter()?);
    }
    if options.wants(Part::SecondSignIn) {
        merge(&mut report, second_sign_in::measure().await?);
    }
    for (part, measure) in WORKSTATION {
        if options.wants(part) {
            merge(&mut report, measure()?);
        }
    }
    if options.wants(Part::Door) {
        merge(&mut report, knocking::measure().await?);
    }
    if options.wants(Part::Restart) {
        merge(&mut report, restart(options).await?);
    }
    Ok(report)
}

/// The product beside its ceiling, and what it takes of memory and disk.
async fn orders(options: &Options) -> Result<Value, Broken> {
    let folder = tempfile::tempdir()?;
    let mut report = json!({});
    let mut product = Product::start(None)?;
    let mut broker = product.broker().await?;
    let bytes_per_order = storage::fill(&product, &mut broker, ORDERS_RESIDENT).await?;
    tokio::time::sleep(Duration::from_secs(options.settle_s)).await;
    let server = product.server_id().and_then(resident::of).unwrap_or_default();
    merge(&mut report, json!({"bytes_per_order": rounded(bytes_per_order)}));
    merge(&mut report, json!({"rss_mib": {"server": mib(server.now_kib), "server_peak": mib(server.peak_kib)}}));

    let now_s = u64::try_from(wall().0 / 1_000_000_000)?;
    let yardsticks = Yardsticks::start(folder.path(), now_s).await?;
    let processes = [("server", product.server_id()), ("venue", product.venue_id())];
    let effort = Effort {
        slice_s: options.slice_s,
        slices: options.slices,
        in_flight: options.in_flight.clone(),
        processes: processes.into_iter().filter_map(|(name, id)| Some((name, id?))).collect(),
    };
    merge(&mut report, throughput::measure(&mut broker, &yardsticks, &effort).await?);
    drop(yardsticks);
    let fdatasync = disk::fdatasync_us_p50(folder.path(), DISK_ROUNDS)?;
    merge(&mut report, json!({"yardsticks": {"fdatasync_us_p50": fdatasync}}));
    let flushes = storage::flushes(&product, &mut broker, options.slice_s).await?;
    merge(&mut report, json!({"flushes_per_order": {"32": flushes}, "refused": broker.refused}));
    broker.leave().await;
    product.stop();
    Ok(report)
}

/// Starting over many orders, after a clean stop and after SIGKILL.
async fn restart(options: &Options) -> Result<Value, Broken> {
    let kept = options.data.as_deref();
    let is_there = kept.is_some_and(Path::exists);
    let mut product = Product::start(kept)?;
    if !is_there {
        let mut broker = product.broker().await?;
        storage::fill(&product, &mut broker, options.orders_behind).await?;
        broker.leave().await;
    }
    product.stop();
    let clean = storage::start(&mut product)?;
    // Some of the log lies behind the last snapshot then.
    let mut broker = product.broker().await?;
    storage::fill(&product, &mut broker, options.orders_behind / TAIL).await?;
    product.kill()?;
    let killed = storage::start(&mut product)?;
    product.stop();
    Ok(json!({
        "restart_s": rounded(clean),
        "restart_after_kill_s": rounded(killed),
        "restart_orders": options.orders_behind,
    }))
}

/// Kibibytes as mebibytes.
fn mib(kib: u64) -> Value {
    json!(rounded(kib as f64 / 1_024.0))
}

fn postgres(options: &Options) -> Result<Value, Broken> {
    let mut best = Value::Null;
    if let Some(url) = &options.postgres {
        let folder = tempfile::tempdir()?;
        let seconds = options.slice_s.max(3.0) as u32;
        let rate = pgbench::orders_per_s_best(url, folder.path(), seconds).map_err(|error| format!("{error:?}"))?;
        best = json!(rounded(rate));
    }
    Ok(json!({"yardsticks": {"pgbench_orders_per_s_best": best}}))
}

/// The client's figures, from a process of its own so that nothing else counts.
fn blotter() -> Result<Value, Broken> {
    let output = Command::new(std::env::current_exe()?)
        .arg(BLOTTER_ARGUMENT)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("the blotter could not be measured".into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Puts every field of `more` into `into`, objects within objects.
fn merge(into: &mut Value, more: Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (name, value) in more {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, more) => *into = more,
    }
}

/// Orders a second through the pure engine alone, risk and positions included; also with the venue's two facts of each.
fn engine_alone() -> Value {
    let watch = Stopwatch::start();
    let run = engine::run(ENGINE_ORDERS, &mut || u64::try_from(watch.elapsed().as_nanos()).unwrap_or(u64::MAX));
    json!({
        "engine_orders_per_s": rounded(run.orders_per_s()),
        "engine_round_trips_per_s": rounded(run.round_trips_per_s()),
    })
}
