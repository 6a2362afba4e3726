//! Processor time an order costs, by process and thread, and what of the processors was left idle; it must only read.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::ceiling_client::Slice;
use super::figures::rounded;
use super::usage::Usage;

/// A thread below this share of an order, in microseconds, is told with the others.
const TOLD_US: f64 = 0.1;
/// The name those are told under.
const OTHERS: &str = "others";

/// What the processes of one side used while orders went through, summed over slices.
#[derive(Debug)]
pub struct Cost {
    processes: Vec<(&'static str, u32)>,
    used_ns: Vec<BTreeMap<String, u64>>,
    before: Vec<Usage>,
    orders: u64,
    seconds: f64,
}

impl Cost {
    /// Of these processes, each under its name.
    #[must_use]
    pub fn of(processes: Vec<(&'static str, u32)>) -> Self {
        let used_ns = vec![BTreeMap::new(); processes.len()];
        Self { processes, used_ns, before: Vec::new(), orders: 0, seconds: 0.0 }
    }

    /// A slice begins.
    pub fn begin(&mut self) {
        self.before = self.processes.iter().map(|(_, id)| Usage::of(*id)).collect();
    }

    /// It has ended.
    pub fn end(&mut self, slice: &Slice) {
        for ((before, (_, id)), used) in self.before.iter().zip(&self.processes).zip(&mut self.used_ns) {
            for (thread, ns) in Usage::of(*id).named_since_ns(before) {
                *used.entry(thread).or_insert(0) += ns;
            }
        }
        self.orders += slice.count;
        self.seconds += slice.seconds;
    }

    /// Microseconds an order by process and thread, all of them, and the share of all processors nobody of them used.
    #[must_use]
    pub fn report(&self) -> Value {
        let per_order_us = |ns: u64| ns as f64 / 1_000.0 / self.orders.max(1) as f64;
        let mut report = Map::new();
        for ((name, _), used) in self.processes.iter().zip(&self.used_ns) {
            let mut threads = Map::new();
            let mut others = 0;
            for (thread, ns) in used {
                if per_order_us(*ns) < TOLD_US {
                    others += ns;
                } else {
                    threads.insert(thread.clone(), json!(rounded(per_order_us(*ns))));
                }
            }
            threads.insert(OTHERS.to_owned(), json!(rounded(per_order_us(others))));
            report.insert((*name).to_owned(), Value::Object(threads));
        }
        let all_ns: u64 = self.used_ns.iter().flat_map(BTreeMap::values).sum();
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        let idle = 1.0 - all_ns as f64 / 1e9 / (self.seconds * cores as f64).max(f64::MIN_POSITIVE);
        report.insert("all".to_owned(), json!(rounded(per_order_us(all_ns))));
        report.insert("idle_share".to_owned(), json!(rounded(idle)));
        Value::Object(report)
    }
}
