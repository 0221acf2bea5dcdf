//! Staying informed.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::bus::Bus;
use super::client::LocalApi;
use super::data::{BackendState, Health, Notify, Prefs, Status, WatchMask};
use super::error::Error;

/// What is asked of the bus. Which of the bits a daemon knows shows in what it sends.
fn mask() -> WatchMask {
    WatchMask::INITIAL_STATE
        | WatchMask::INITIAL_PREFS
        | WatchMask::INITIAL_HEALTH
        | WatchMask::INITIAL_SUGGESTED_EXIT_NODE
        | WatchMask::INITIAL_STATUS
        | WatchMask::PEER_PATCHES
}

/// So long after the first sign of a change everything is read again: changes come in bursts.
const SETTLING: Duration = Duration::from_millis(50);

/// How often a tailscaled without a bus is asked at least.
const POLL: Duration = Duration::from_secs(3);
/// So long after it was found to have none that is tried again: it may have been updated without a gap.
const TRY_AGAIN: Duration = Duration::from_mins(5);
/// A bus that breaks sooner is no bus: each costs a whole status.
const SOUND: Duration = Duration::from_secs(10);
/// So many of these in a row are enough.
const MOST_BROKEN: u32 = 3;

/// What has happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Everything, read afresh: at the beginning, after a gap, when nodes have changed, and now and then.
    Status(Box<Status>),
    /// tailscaled is doing something else.
    State(BackendState),
    /// It is told to do something else.
    Prefs(Box<Prefs>),
    /// Everything that is wrong now.
    Health(Box<Health>),
    /// The control plane sees a node, or sees it no longer.
    Online {
        /// Its number.
        node_id: i64,
        /// Whether it does.
        online: bool,
    },
    /// This tailscaled tells nothing by itself, and why: it is asked every few seconds from now on. Said once, until it tells
    /// again or is lost.
    Polled(Error),
    /// tailscaled cannot be asked. It is tried again, more and more seldom, until it can.
    Lost(Error),
}

/// Stays informed about one tailscaled, whatever happens to it.
///
/// From 1.98 on the bus brings the status first and then what changes of it. Before, it says that something has changed, and
/// the status is read; a tailscaled without a bus, or whose bus breaks each time as soon as it is there, is asked every few
/// seconds, and now and then whether it has one by now. After each gap everything is read again.
#[derive(Debug)]
pub struct Follower<'a> {
    api: &'a LocalApi,
    refresh: Duration,
    bus: Option<Bus>,
    /// Since when.
    opened: Instant,
    /// How many in a row have broken soon.
    broken: u32,
    /// How often this tailscaled is asked, where it has no bus.
    poll: Duration,
    /// When it is tried again whether it has one; `None` where it has, or where that is not known.
    polls_until: Option<Instant>,
    /// Whether it was said that it has none.
    is_told: bool,
    /// When the status is to be read again.
    due: Instant,
    failures: u32,
    events: VecDeque<Event>,
}

impl<'a> Follower<'a> {
    /// Stays informed about that one. The status is read again at least every `refresh`: paths and counters are not on the bus.
    pub fn new(api: &'a LocalApi, refresh: Duration) -> Self {
        Self {
            api,
            refresh,
            bus: None,
            opened: Instant::now(),
            broken: 0,
            poll: POLL.min(refresh),
            polls_until: None,
            is_told: false,
            due: Instant::now(),
            failures: 0,
            events: VecDeque::new(),
        }
    }

    /// What happens next. It may be given up and called again: nothing is lost.
    pub async fn next(&mut self) -> Event {
        loop {
            if let Some(event) = self.events.pop_front() {
                return event;
            }
            if let Err(error) = self.step().await {
                self.bus = None;
                self.polls_until = None;
                self.is_told = false;
                self.failures = self.failures.saturating_add(1);
                return Event::Lost(error);
            }
        }
    }

    async fn step(&mut self) -> Result<(), Error> {
        let polls = self.polls_until.is_some_and(|until| Instant::now() < until);
        if self.bus.is_none() && !polls {
            if let Some(pause) = pause(self.failures) {
                sleep(pause).await;
            }
            self.connect().await?;
        }
        let Some(bus) = &mut self.bus else {
            tokio::time::sleep_until(self.due).await;
            return self.read().await;
        };
        match timeout_at(self.due, bus.next()).await {
            Err(_) => self.read().await,
            Ok(line) => {
                let ended = || Error::BrokenOff("it has ended the stream".to_owned());
                match line.and_then(|notify| notify.ok_or_else(ended)) {
                    Ok(notify) => {
                        self.take(notify);
                        Ok(())
                    }
                    Err(error) => self.breaks(error),
                }
            }
        }
    }

    /// The bus has broken: a gap, or, where that happens again and again, no bus.
    fn breaks(&mut self, error: Error) -> Result<(), Error> {
        self.bus = None;
        self.broken = if self.opened.elapsed() < SOUND {
            self.broken.saturating_add(1)
        } else {
            0
        };
        if self.broken < MOST_BROKEN {
            return Err(error);
        }
        self.polls(error);
        Ok(())
    }

    /// It has no bus for now, and why: it is asked.
    fn polls(&mut self, error: Error) {
        self.polls_until = Some(Instant::now() + TRY_AGAIN);
        self.due = self.due.min(Instant::now() + self.poll);
        if !std::mem::replace(&mut self.is_told, true) {
            self.due = Instant::now();
            self.events.push_back(Event::Polled(error));
        }
    }

    async fn connect(&mut self) -> Result<(), Error> {
        match self.api.watch(mask()).await {
            Ok(bus) => {
                self.bus = Some(bus);
                self.opened = Instant::now();
                self.polls_until = None;
                self.is_told = false;
                // The first line may bring the status; if it does not, it is read.
                self.due = Instant::now() + SETTLING;
            }
            // It has none, does not know what is asked of it, or this user may not hear it.
            Err(error @ (Error::NoSuchEndpoint { .. } | Error::Denied { .. } | Error::Refused { status: 400, .. })) => {
                self.polls(error);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<(), Error> {
        let status = self.api.status().await?;
        self.read_now(Box::new(status));
        Ok(())
    }

    fn read_now(&mut self, status: Box<Status>) {
        self.failures = 0;
        let every = if self.bus.is_some() { self.refresh } else { self.poll };
        self.due = Instant::now() + every;
        self.events.push_back(Event::Status(status));
    }

    fn take(&mut self, notify: Notify) {
        let is_stale = notify.changes_nodes() || notify.state.is_some();
        if let Some(status) = notify.initial_status {
            self.read_now(status);
        } else if is_stale {
            // Not later than it was due already: a burst that never ends must not put it off for ever.
            self.due = self.due.min(Instant::now() + SETTLING);
        }
        self.events.extend(notify.state.map(Event::State));
        self.events.extend(notify.prefs.map(Event::Prefs));
        self.events
            .extend(notify.health.map(|health| Event::Health(Box::new(health))));
        for patch in notify.peer_changed_patch {
            self.events.extend(patch.online.map(|online| Event::Online {
                node_id: patch.node_id,
                online,
            }));
        }
    }

    /// The next event, or nothing within that time.
    pub async fn next_within(&mut self, patience: Duration) -> Option<Event> {
        timeout(patience, self.next()).await.ok()
    }
}

/// How long to wait after so many failures in a row: 100 ms, twice as long each time, 5 s at most.
fn pause(failures: u32) -> Option<Duration> {
    let doublings = failures.checked_sub(1)?.min(6);
    Some(Duration::from_millis(100 << doublings).min(Duration::from_secs(5)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let pauses: Vec<u128> = (1..9).filter_map(pause).map(|pause| pause.as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
        assert_eq!(pause(0), None);
        assert_eq!(pause(u32::MAX), Some(Duration::from_secs(5)));
    }
}
