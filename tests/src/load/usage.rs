//! What a process uses of processors and memory, as the kernel counts it; it must only read.

use std::collections::BTreeMap;
use std::fs;

/// Processor time of a process by thread.
#[derive(Debug, Clone, Default)]
pub struct Usage(BTreeMap<u32, u64>);

impl Usage {
    /// Reads `/proc/ID/task/*/schedstat`, which counts nanoseconds; empty where there is none.
    #[must_use]
    pub fn of(process: u32) -> Self {
        let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().filter_map(Result::ok);
        Self(tasks.filter_map(|task| Some((task.file_name().to_str()?.parse().ok()?, ran_ns(&task)?))).collect())
    }

    /// Nanoseconds used since `before`, by the threads there are now.
    #[must_use]
    pub fn since_ns(&self, before: &Self) -> u64 {
        let before = |thread: &u32| before.0.get(thread).copied().unwrap_or(0);
        self.0.iter().map(|(thread, ns)| ns.saturating_sub(before(thread))).sum()
    }
}

fn ran_ns(task: &fs::DirEntry) -> Option<u64> {
    fs::read_to_string(task.path().join("schedstat")).ok()?.split_whitespace().next()?.parse().ok()
}
