//! The loop itself: load, blow, restart, resume, ask again, check; it must go on to the end only while every promise holds.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use turret_engine::State;

use super::checker::{Finding, Promise, check, folded, is_at_rest};
use super::desk::Desk;
use super::drive::Driver;
use super::evidence::{Broken, Evidence};
use super::schedule::{Blow, Cycle, Schedule};
use crate::load::clock::Stopwatch;

/// Cycles between two full checks; every cycle checks that the log only grew.
const FULL_CHECK_CYCLES: u64 = 10;
/// For everything under way to come to rest, in milliseconds, and between two looks.
const REST_MS_MAX: u64 = 60_000;
/// See [`REST_MS_MAX`].
const LOOK_MS: u64 = 100;
/// `turretd audit verify`: good and anchored, good but unanchored.
const VERIFIED: [Option<i32>; 2] = [Some(0), Some(3)];
/// Findings told at most: they tend to come in hundreds.
const FINDINGS_MAX: usize = 20;

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    /// Broken promises, the first ones.
    pub findings: Vec<Finding>,
    /// Figures, one JSON object.
    pub figures: Value,
}

struct Run {
    desk: Desk,
    driver: Driver,
    evidence: Evidence,
    findings: Vec<Finding>,
    restarts_ms: Vec<u64>,
    resumed_ms: Vec<u64>,
    blows: [u64; 5],
    asked_again: u64,
    disturbed: u64,
}

/// Runs so many cycles.
///
/// # Errors
/// When the harness itself cannot go on; a broken promise is no error but a finding.
pub async fn run(program: &Path, cycles: u64, seed: u64) -> Result<Outcome, Broken> {
    let watch = Stopwatch::start();
    let mut desk = Desk::make(program)?;
    desk.start_venue()?;
    desk.start_server()?;
    let driver = Driver::sign_in(desk.trader()?, &desk.address.to_string(), seed).await?;
    let evidence = desk.evidence();
    let mut run = Run {
        desk,
        driver,
        evidence,
        findings: Vec::new(),
        restarts_ms: Vec::new(),
        resumed_ms: Vec::new(),
        blows: [0; 5],
        asked_again: 0,
        disturbed: 0,
    };
    let mut schedule = Schedule::new(seed);
    let mut done = 0;
    let started = watch.seconds();
    while done < cycles && run.findings.is_empty() {
        let cycle = schedule.next(done);
        run.cycle(cycle)
            .await
            .map_err(|e| format!("cycle {done} ({cycle:?}): {e}{}", run.desk.last_words("turretd")))?;
        done += 1;
        let full = cycles <= FULL_CHECK_CYCLES || done % FULL_CHECK_CYCLES == 0;
        run.look(full)?;
    }
    let per_cycle = (watch.seconds() - started) / (done.max(1) as f64);
    if run.findings.is_empty() {
        run.end().await?;
    }
    Ok(run.outcome(done, seed, per_cycle))
}

impl Run {
    async fn cycle(&mut self, cycle: Cycle) -> Result<(), Broken> {
        self.driver.look_at_prices().await?;
        self.driver.load(cycle.after).await?;
        let ups = self.driver.ups();
        self.strike(cycle)?;
        if cycle.blow.ends_venue() {
            self.desk.start_venue()?;
        }
        if cycle.blow.ends_server() {
            if cycle.blow == Blow::ServerTwice {
                self.desk.start_and_kill_server(cycle.again_after)?;
            }
            let watch = Stopwatch::start();
            self.desk.start_server()?;
            self.restarts_ms.push(watch.us() / 1_000);
            let resumed = self.driver.back(ups).await?;
            self.resumed_ms.push(watch.us() / 1_000);
            if !resumed {
                self.findings.push(Finding::new(Promise::Session, "the session did not go on".to_owned()));
            }
        }
        self.driver.settle().await;
        self.asked_again += self.driver.ask_again().await;
        self.disturbed += u64::from(self.driver.disturb().await);
        Ok(())
    }

    fn strike(&mut self, cycle: Cycle) -> Result<(), Broken> {
        let place = match cycle.blow {
            Blow::Server => 0,
            Blow::ServerTwice => 1,
            Blow::Venue => 2,
            Blow::Both => 3,
            Blow::Stop => 4,
        };
        if let Some(count) = self.blows.get_mut(place) {
            *count += 1;
        }
        match cycle.blow {
            Blow::Stop => {
                if !self.desk.stop_server() {
                    return Err("the server did not stop in good order".into());
                }
            }
            Blow::Venue => self.desk.kill_venue()?,
            Blow::Server | Blow::ServerTwice => self.desk.kill_server()?,
            Blow::Both => {
                self.desk.kill_server()?;
                self.desk.kill_venue()?;
            }
        }
        Ok(())
    }

    /// Reads on, which checks that the log only grew, and checks everything if `full`.
    fn look(&mut self, full: bool) -> Result<(), Broken> {
        self.desk.read(&mut self.evidence)?;
        if full {
            self.findings.extend(check(&self.evidence, &self.driver.ledger, false));
        } else {
            self.findings.extend(self.evidence.faults.iter().cloned());
        }
        Ok(())
    }

    /// Comes to rest, checks all of it, stops in good order, and has the product judge itself.
    async fn end(&mut self) -> Result<(), Broken> {
        // With nothing open the venue has no more to say of its own accord.
        self.driver.cancel_everything().await?;
        let mut state = State::new();
        let mut left_ms = REST_MS_MAX;
        loop {
            let from = usize::try_from(state.next_sequence().0)?;
            self.desk.read(&mut self.evidence)?;
            for logged in self.evidence.entries.iter().skip(from) {
                state.evolve(&logged.head, &logged.event);
            }
            if left_ms == 0 || is_at_rest(&self.evidence, &state) {
                break;
            }
            left_ms = left_ms.saturating_sub(LOOK_MS);
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        }
        let clean = self.desk.stop_server();
        self.holds(clean, Promise::Verify, || "the server did not stop in good order".to_owned());
        self.desk.stop_venue();
        self.judge()
    }

    fn judge(&mut self) -> Result<(), Broken> {
        self.desk.read(&mut self.evidence)?;
        self.findings.extend(check(&self.evidence, &self.driver.ledger, true));
        let (code, words) = self.desk.tool(&["audit", "verify"])?;
        self.holds(VERIFIED.contains(&code), Promise::Verify, || format!("audit verify says {code:?}: {words}"));
        let state = folded(&self.evidence);
        let ours = format!("{} {}", self.evidence.entries.len(), state.hash());
        let (_, theirs) = self.desk.tool(&["state-hash"])?;
        self.holds(theirs == ours, Promise::StateHash, || format!("state-hash says {theirs}, the log folds to {ours}"));
        let size = self.evidence.entries.len() as u64;
        let running = self.desk.newest_snapshot()?.map(|head| (head.next.0, head.state_hash.0));
        let folded = (size, state.hash().0);
        self.holds(running == Some(folded), Promise::StateHash, || {
            format!("the running server's state was {running:?}, the log folds to {folded:?}")
        });
        Ok(())
    }

    fn holds(&mut self, so: bool, promise: Promise, what: impl FnOnce() -> String) {
        if !so {
            self.findings.push(Finding::new(promise, what()));
        }
    }

    fn outcome(mut self, cycles: u64, seed: u64, per_cycle: f64) -> Outcome {
        let [server, twice, venue, both, stop] = self.blows;
        let accepted = self.driver.ledger.acknowledged().len();
        let sent = self.driver.ledger.iter().count();
        let figures = json!({
            "cycles": cycles,
            "seed": seed,
            "blows": {"server": server, "server_twice": twice, "venue": venue, "both": both, "stop": stop},
            "commands": sent,
            "acknowledged": accepted,
            "asked_again": self.asked_again,
            "busts_and_corrections": self.disturbed,
            "entries": self.evidence.entries.len(),
            "venue_facts": self.evidence.reports.len(),
            "cycle_s": (per_cycle * 1_000.0).round() / 1_000.0,
            "restart_ms": quantiles(&mut self.restarts_ms),
            "resumed_ms": quantiles(&mut self.resumed_ms),
            "broken_promises": self.findings.len(),
        });
        self.findings.truncate(FINDINGS_MAX);
        Outcome { findings: self.findings, figures }
    }
}

fn quantiles(list: &mut [u64]) -> Value {
    list.sort_unstable();
    let at = |percent: usize| list.get((list.len() * percent / 100).min(list.len().saturating_sub(1))).copied();
    json!({"p50": at(50), "p90": at(90), "max": list.last().copied()})
}
