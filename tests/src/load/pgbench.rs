//! The same rows made durable by PostgreSQL, driven by its own pgbench; it must start no server of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::sizes;

/// Client counts tried; the best counts.
const CLIENTS: [u32; 5] = [1, 8, 16, 32, 64];

/// Why there is no figure.
#[derive(Debug)]
pub enum PgbenchError {
    /// psql or pgbench could not be run.
    Run(std::io::Error),
    /// One of them failed; its own words.
    Failed(String),
}

fn run(command: &mut Command) -> Result<String, PgbenchError> {
    let output = command.output().map_err(PgbenchError::Run)?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(PgbenchError::Failed(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

/// Orders a second of the best client count, each order one durable transaction for its entry and row and one for what
/// its venue's acknowledgement costs, as Turret writes them.
///
/// # Errors
/// [`PgbenchError`] when the server cannot be used.
pub fn orders_per_s_best(url: &str, folder: &Path, seconds: u32) -> Result<f64, PgbenchError> {
    let schema = "drop table if exists bench_entries, bench_orders; drop sequence if exists bench_seq; \
        create sequence bench_seq cache 1; create table bench_entries(seq bigint primary key, leaf bytea not null, entry bytea not null); \
        create table bench_orders(id bigint primary key, body bytea not null);";
    run(Command::new("psql").args(["-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", schema]))?;
    let script = folder.join("order.pgbench");
    let sizes = sizes::of_one_order();
    let (new, venue, row) = (sizes.entry_new, sizes.entry_venue, sizes.order_row);
    let text = format!(
        "begin;\nwith e as (insert into bench_entries select nextval('bench_seq'), sha256(convert_to(random()::text, 'UTF8')), \
         decode(repeat('5a', {new}), 'hex') returning seq) insert into bench_orders select seq, decode(repeat('5a', {row}), 'hex') from e \
         returning id \\gset\ncommit;\nbegin;\ninsert into bench_entries select nextval('bench_seq'), sha256(convert_to(random()::text, 'UTF8')), \
         decode(repeat('5a', {venue}), 'hex');\nupdate bench_orders set body = decode(repeat('5b', {row}), 'hex') where id = :id;\ncommit;\n"
    );
    fs::write(&script, text).map_err(PgbenchError::Run)?;
    let mut best = 0.0_f64;
    for clients in CLIENTS {
        let (count, time) = (clients.to_string(), seconds.to_string());
        let out = run(Command::new("pgbench")
            .args(["-n", "-M", "prepared", "-c", &count, "-j", "2", "-T", &time, "-f"])
            .arg(&script)
            .arg(url))?;
        let tps = out
            .lines()
            .find_map(|l| l.strip_prefix("tps = "))
            .and_then(|l| l.split_whitespace().next())
            .and_then(|n| n.parse::<f64>().ok());
        best = best.max(tps.unwrap_or(0.0));
    }
    run(Command::new("psql").args([
        "-q",
        "-d",
        url,
        "-c",
        "drop table bench_entries, bench_orders; drop sequence bench_seq;",
    ]))?;
    Ok(best)
}
