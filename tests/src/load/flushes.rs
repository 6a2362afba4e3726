//! How often a process flushes, counted exactly by tracing it while it works; it must not be used while timing.

use std::process::{Child, Command, Stdio};

/// A tracer on a running process.
#[derive(Debug)]
pub struct Flushes {
    tracer: Child,
    report: tempfile::NamedTempFile,
}

impl Flushes {
    /// Attaches; `None` where strace is not installed or may not trace.
    #[must_use]
    pub fn watch(process: u32) -> Option<Self> {
        let report = tempfile::NamedTempFile::new().ok()?;
        let tracer = Command::new("strace")
            .args(["-f", "-c", "-e", "trace=fsync,fdatasync", "-o"])
            .arg(report.path())
            .args(["-p", &process.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        Some(Self { tracer, report })
    }

    /// Detaches and tells how many flushes there were.
    #[must_use]
    pub fn count(mut self) -> Option<u64> {
        // SIGINT makes strace detach and write its table.
        Command::new("kill").args(["-INT", &self.tracer.id().to_string()]).status().ok()?;
        self.tracer.wait().ok()?;
        let table = std::fs::read_to_string(self.report.path()).ok()?;
        let calls = table
            .lines()
            .filter(|line| line.ends_with("sync"))
            .filter_map(|line| line.split_whitespace().nth(3)?.parse::<u64>().ok());
        Some(calls.sum())
    }
}
