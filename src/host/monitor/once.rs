//! One round of checks.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::clock::Clock;
use super::daemon::{Measuring, fault, in_force, report};
use super::hosts::Hosts;
use super::probes;
use super::store;
use crate::localapi::LocalApi;
use crate::model::MonitorSettings;
use crate::monitor::failover::{Event, Machine, Plan, State};
use crate::monitor::watch::Watch;
use crate::monitor::{Counts, Report};

/// Asks everything once and says what a monitor would make of it. Nothing is changed and nothing is written; the state on disk is
/// read, so that who chose what is in force is known. One bad check is a failure here: there is no other.
pub(super) async fn round(
    settings: &MonitorSettings,
    api: Arc<LocalApi>,
    network: probes::Places,
    hosts: &Hosts,
    state: &Path,
) -> Report {
    let mut hasty = settings.clone();
    (hasty.failure_threshold, hasty.recovery_threshold) = (1, 1);
    (hasty.failover.failure_share, hasty.failover.recovery_share) = (None, None);
    let clock = Clock::start();
    let since = clock.now();
    let state = match store::peek(state) {
        Ok(Some(Ok(state))) => state,
        Ok(Some(Err(_)) | None) | Err(_) => State::new(),
    };
    // It rehearses: what it would do is not done.
    let mut machine = Machine::new(&hasty, state, true);
    machine.feed(Event::Started, since);
    let mut measuring = Measuring::new(&hasty, Arc::clone(&api), network, since);
    let watch = &mut measuring.watch;
    match (api.status().await, api.prefs().await) {
        (Ok(status), prefs) => watch.tailnet(probes::tailnet(&status, prefs.ok().as_ref(), since), since),
        (Err(error), _) => watch.lost(fault(&error), since),
    }
    let seen = in_force(watch, machine.state(), hosts);
    if !seen.is_empty() {
        machine.feed(Event::Seen(seen), clock.now());
    }
    ask(&mut measuring, &clock, &hasty).await;
    let watch = &mut measuring.watch;
    for event in watch.events(clock.now()) {
        machine.feed(event, clock.now());
    }
    let counts = Counts {
        probes: watch.counts().probes,
        probes_failed: watch.counts().probes_failed,
        ..Counts::default()
    };
    Report {
        mode: Plan::of(settings).mode,
        ..report(settings, &machine, watch, counts, since, clock.now())
    }
}

/// Asks until everything has been answered, or has had the time to be.
async fn ask(measuring: &mut Measuring, clock: &Clock, settings: &MonitorSettings) {
    let patience = Duration::from(settings.check_timeout) * 3 + Duration::from_secs(2);
    let until = Instant::now() + patience;
    // What fails has what it rests on asked once more.
    let mut rounds = 0;
    while Instant::now() < until {
        measuring.ask(clock.now());
        let is_complete = |watch: &Watch| watch.readings().iter().all(|reading| reading.at.is_some());
        if measuring.is_idle() && is_complete(&measuring.watch) {
            rounds += 1;
            if rounds > 1 {
                return;
            }
        }
        let deadline = measuring.watch.deadline();
        let next = deadline.map_or(Duration::from_millis(100), |deadline| clock.until(deadline));
        let wake = Instant::now() + next.clamp(Duration::from_millis(1), Duration::from_millis(100));
        if measuring.is_idle() {
            tokio::time::sleep_until(wake.min(until)).await;
        } else if let Ok(Some((number, sample))) = timeout_at(wake.min(until), measuring.next()).await {
            measuring.watch.answered(number, sample, clock.now());
        }
    }
}
