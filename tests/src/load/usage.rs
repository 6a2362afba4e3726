//! What a process uses of processors and memory, as the kernel counts it; it must only read.

use std::collections::BTreeMap;
use std::fs;

/// Processor time of a process by thread.
#[derive(Debug, Clone, Default)]
pub struct Usage(BTreeMap<u32, Thread>);

#[derive(Debug, Clone)]
struct Thread {
    name: String,
    ran_ns: u64,
}

impl Usage {
    /// Reads `/proc/ID/task/*/schedstat`, which counts nanoseconds; empty where there is none.
    #[must_use]
    pub fn of(process: u32) -> Self {
        let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().filter_map(Result::ok);
        Self(tasks.filter_map(|task| Some((task.file_name().to_str()?.parse().ok()?, thread(&task)?))).collect())
    }

    /// Nanoseconds used since `before`, by the threads there are now.
    #[must_use]
    pub fn since_ns(&self, before: &Self) -> u64 {
        self.each_since_ns(before).map(|(_, ns)| ns).sum()
    }

    /// The same by the threads' names; threads of one name are told together.
    #[must_use]
    pub fn named_since_ns(&self, before: &Self) -> BTreeMap<String, u64> {
        let mut named = BTreeMap::new();
        for (name, ns) in self.each_since_ns(before) {
            *named.entry(name.to_owned()).or_insert(0) += ns;
        }
        named
    }

    fn each_since_ns(&self, before: &Self) -> impl Iterator<Item = (&str, u64)> {
        let ran = |id: &u32| before.0.get(id).map_or(0, |thread| thread.ran_ns);
        self.0.iter().map(move |(id, thread)| (thread.name.as_str(), thread.ran_ns.saturating_sub(ran(id))))
    }
}

fn thread(task: &fs::DirEntry) -> Option<Thread> {
    let ran_ns = fs::read_to_string(task.path().join("schedstat")).ok()?.split_whitespace().next()?.parse().ok()?;
    let name = fs::read_to_string(task.path().join("comm")).ok()?.trim().to_owned();
    Some(Thread { name, ran_ns })
}
