//! Orders and round trips, product and ceiling in turn (A B B A), each alone; it must quote medians and never one slice.

use serde_json::{Value, json};

use super::ceiling_client::{Broken, Slice};
use super::figures::{median, percentile, rounded};
use super::product::Broker;
use super::yardstick::Yardsticks;

/// In-flight counts measured on both sides.
const COMPARED: [usize; 3] = [1, 32, 256];
/// In-flight count measured on the product alone.
const ALSO: usize = 8;

/// What one side showed at one in-flight count.
#[derive(Debug, Default)]
struct Side {
    per_s: Vec<f64>,
    latencies_us: Vec<u64>,
}

impl Side {
    fn take(&mut self, slice: Slice) {
        self.per_s.push(slice.per_s());
        self.latencies_us.extend(slice.latencies_us);
    }
}

/// How long and how often.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Seconds a slice.
    pub slice_s: f64,
    /// Slices a side and in-flight count.
    pub slices: usize,
}

/// The figures of this part.
///
/// # Errors
/// When a connection breaks.
pub async fn measure(broker: &mut Broker, yardsticks: &Yardsticks, effort: Effort) -> Result<Value, Broken> {
    let mut rates = serde_json::Map::new();
    let mut ceilings = serde_json::Map::new();
    let mut ratios = serde_json::Map::new();
    let (mut trips, mut ceiling_trips) = (Vec::new(), Vec::new());
    let mut peak = 0.0_f64;
    for in_flight in COMPARED {
        let (ours, ceiling, ratio) = compare(broker, yardsticks, in_flight, effort).await?;
        peak = peak.max(median(&ours.per_s));
        rates.insert(in_flight.to_string(), json!(rounded(median(&ours.per_s))));
        ceilings.insert(in_flight.to_string(), json!(rounded(median(&ceiling.per_s))));
        ratios.insert(in_flight.to_string(), json!(rounded(ratio)));
        if in_flight == 1 {
            trips = ours.latencies_us;
            ceiling_trips = ceiling.latencies_us;
        }
        if in_flight == 1 {
            let alone = broker.closed_loop(ALSO, effort.slice_s).await?;
            rates.insert(ALSO.to_string(), json!(rounded(alone.per_s())));
        }
    }
    let mut half = broker.open_loop(peak / 2.0, effort.slice_s).await?;
    let echo = percentile(&mut yardsticks.echo(effort.slice_s).await?.latencies_us, 0.5);
    let (p50, p99) = (percentile(&mut trips, 0.5), percentile(&mut trips, 0.99));
    let ceiling_p50 = percentile(&mut ceiling_trips, 0.5);
    let report = json!({
        "orders_per_s": rates,
        "round_trip_us": {"p50": p50, "p99": p99},
        "half_peak_us": {"p50": percentile(&mut half.latencies_us, 0.5), "p99": percentile(&mut half.latencies_us, 0.99)},
        "ratios": {"orders_to_pipeline": ratios, "round_trip_to_pipeline": rounded(p50 as f64 / ceiling_p50.max(1) as f64)},
        "yardsticks": {
            "pipeline_orders_per_s": ceilings,
            "pipeline_round_trip_us": {"p50": ceiling_p50},
            "quinn_echo_us_p50": echo,
        },
    });
    Ok(report)
}

/// Both sides in turn; the median of the ratios of neighbours.
async fn compare(
    broker: &mut Broker,
    yardsticks: &Yardsticks,
    in_flight: usize,
    effort: Effort,
) -> Result<(Side, Side, f64), Broken> {
    let (mut ours, mut ceiling) = (Side::default(), Side::default());
    let mut ratios = Vec::new();
    for turn in 0..effort.slices {
        let (a, b);
        if turn % 2 == 0 {
            a = broker.closed_loop(in_flight, effort.slice_s).await?;
            b = yardsticks.pipeline(in_flight, effort.slice_s).await?;
        } else {
            b = yardsticks.pipeline(in_flight, effort.slice_s).await?;
            a = broker.closed_loop(in_flight, effort.slice_s).await?;
        }
        ratios.push(a.per_s() / b.per_s().max(1.0));
        ours.take(a);
        ceiling.take(b);
    }
    let ratio = median(&ratios);
    Ok((ours, ceiling, ratio))
}
