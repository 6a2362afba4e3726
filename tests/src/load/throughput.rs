//! Orders and round trips, product and ceiling in turn (A B B A), each alone; it must quote medians and never one slice.

use serde_json::{Value, json};

use super::ceiling_client::{Broken, Slice};
use super::cost::Cost;
use super::figures::{median, percentile, rounded};
use super::product::Broker;
use super::yardstick::Yardsticks;

/// In-flight counts measured on both sides.
pub const COMPARED: [usize; 3] = [1, 32, 256];
/// In-flight count measured on the product alone.
const ALSO: usize = 8;

/// What one side showed at one in-flight count.
#[derive(Debug)]
struct Side {
    per_s: Vec<f64>,
    latencies_us: Vec<u64>,
    cost: Cost,
}

impl Side {
    fn new(cost: Cost) -> Self {
        Self { per_s: Vec::new(), latencies_us: Vec::new(), cost }
    }

    fn take(&mut self, slice: Slice) {
        self.cost.end(&slice);
        self.per_s.push(slice.per_s());
        self.latencies_us.extend(slice.latencies_us);
    }
}

/// How long and how often.
#[derive(Debug, Clone)]
pub struct Effort {
    /// Seconds a slice.
    pub slice_s: f64,
    /// Slices a side and in-flight count.
    pub slices: usize,
    /// In-flight counts.
    pub in_flight: Vec<usize>,
    /// The product's processes besides the client, each under its name.
    pub processes: Vec<(&'static str, u32)>,
}

/// The figures of this part.
///
/// # Errors
/// When a connection breaks.
pub async fn measure(broker: &mut Broker, yardsticks: &Yardsticks, effort: &Effort) -> Result<Value, Broken> {
    let mut rates = serde_json::Map::new();
    let mut ceilings = serde_json::Map::new();
    let mut ratios = serde_json::Map::new();
    let (mut trips, mut ceiling_trips) = (Vec::new(), Vec::new());
    let (mut costs, mut ceiling_costs) = (serde_json::Map::new(), serde_json::Map::new());
    let mut peak = 0.0_f64;
    for in_flight in effort.in_flight.iter().copied() {
        let (ours, ceiling, ratio) = compare(broker, yardsticks, in_flight, effort).await?;
        peak = peak.max(median(&ours.per_s));
        rates.insert(in_flight.to_string(), json!(rounded(median(&ours.per_s))));
        ceilings.insert(in_flight.to_string(), json!(rounded(median(&ceiling.per_s))));
        ratios.insert(in_flight.to_string(), json!(rounded(ratio)));
        costs.insert(in_flight.to_string(), ours.cost.report());
        ceiling_costs.insert(in_flight.to_string(), ceiling.cost.report());
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
        "processor_us_per_order": costs,
        "yardsticks": {
            "pipeline_processor_us_per_order": ceiling_costs,
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
    effort: &Effort,
) -> Result<(Side, Side, f64), Broken> {
    let client = ("client", std::process::id());
    let all = [&[client], effort.processes.as_slice()].concat();
    let (mut ours, mut ceiling) =
        (Side::new(Cost::of(all)), Side::new(Cost::of(vec![client, ("server", yardsticks.server_id())])));
    let mut ratios = Vec::new();
    for turn in 0..effort.slices {
        let (mut our_rate, mut ceiling_rate) = (0.0, 1.0);
        for ours_now in [turn % 2 == 0, turn % 2 != 0] {
            if ours_now {
                ours.cost.begin();
                let slice = broker.closed_loop(in_flight, effort.slice_s).await?;
                our_rate = slice.per_s();
                ours.take(slice);
            } else {
                ceiling.cost.begin();
                let slice = yardsticks.pipeline(in_flight, effort.slice_s).await?;
                ceiling_rate = slice.per_s().max(1.0);
                ceiling.take(slice);
            }
        }
        ratios.push(our_rate / ceiling_rate);
    }
    let ratio = median(&ratios);
    Ok((ours, ceiling, ratio))
}
