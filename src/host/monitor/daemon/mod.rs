//! The loop of the monitor: what it waits for, and what it does then.
//!
//! - `tailscaled` takes in what tailscaled says, `measuring` asks what is due;
//! - `actions` does what the machine wants done, `alerts` tells people;
//! - `reload` reads the settings again, `signals` waits for signals.

mod actions;
mod alerts;
mod freshness;
mod measuring;
mod reload;
mod signals;
mod tailscaled;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use self::alerts::say;
pub(super) use self::measuring::Measuring;
use self::signals::Signals;
use self::tailscaled::{Known, follow};
pub(super) use self::tailscaled::{fault, in_force};
use super::apply::Applied;
use super::clock::Clock;
use super::control::{Question, Server};
use super::decisions::DecisionLog;
use super::hosts::Hosts;
use super::log::{Log, Priority};
use super::metrics::{Publisher, Scrape};
use super::probes;
use super::senders::Courier;
use super::store::Store;
use super::systemd::{self, Systemd};
use crate::host::failure::Failure;
use crate::localapi::data::Prefs;
use crate::localapi::{self, LocalApi};
use crate::model::MonitorSettings;
use crate::monitor::alert;
use crate::monitor::diagnosis::DaemonFault;
use crate::monitor::failover::{Ending, Event, Machine, Outcome};
use crate::monitor::metrics::exposition;
use crate::monitor::watch::{Sample, Watch};
use crate::monitor::{Counts, Moment, Report, SubjectReport};

/// How often the whole status of tailscaled is read, although nothing has changed.
const REFRESH: Duration = Duration::from_mins(1);
/// The loop looks at least so often: timers stand still while the machine sleeps.
const LOOK: Duration = Duration::from_secs(30);
/// So many events of tailscaled, and so many questions, may wait.
const WAITING: usize = 64;
/// So many reasons why something cannot be measured are said.
const UNASKED: usize = 32;

/// Where everything is.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// The settings.
    pub(super) config: PathBuf,
    /// The state.
    pub(super) state: PathBuf,
    /// What there is while it runs.
    pub(super) runtime: PathBuf,
    /// What `/etc/hosts` would have otherwise.
    pub(super) hosts: PathBuf,
    /// Where the host says what its network is like.
    pub(super) network: probes::Places,
}

/// The monitor.
pub(super) struct Daemon {
    places: Places,
    settings: MonitorSettings,
    machine: Machine,
    measuring: Measuring,
    /// Why something could not be asked, each once.
    unasked: BTreeSet<String>,
    store: Store,
    decisions: DecisionLog,
    api: Arc<LocalApi>,
    hosts: Hosts,
    systemd: Systemd,
    clock: Clock,
    since: Moment,
    log: Log,
    known: Known,
    counts: Counts,
    /// What people are to be told.
    courier: Courier,
    /// What is being done.
    works: JoinSet<Work>,
    exits: bool,
    /// What systemd was told last, and when that was looked at.
    told: String,
    told_at: Moment,
    /// Whether something has happened since that it may have to be told.
    has_news: bool,
    /// Whether the courier has something to write or to send.
    has_mail: bool,
    /// When it was last looked at.
    pumped: Moment,
}

/// What was done.
enum Work {
    /// A change.
    Applied(u64, Applied),
    /// A restart of tailscaled.
    Restarted(u64, Outcome),
    /// The preferences were read.
    Prefs(Result<Box<Prefs>, localapi::Error>),
    /// They could not be, and it is time to try again.
    ReadAgain,
    /// It was found out why the program is to end.
    Ending(Ending),
}

/// What the loop woke up for.
enum Woken {
    Followed(localapi::Event),
    Worked(Work),
    Probed(u64, Sample),
    Told((u64, alert::Outcome)),
    Asked(Question),
    Scraped(Scrape),
    Reload,
    End { asks: bool },
    Time,
}

impl Daemon {
    /// A monitor that has read its settings and its state, and has done nothing yet.
    pub(super) fn new(
        places: Places,
        settings: MonitorSettings,
        api: Arc<LocalApi>,
        systemd: Systemd,
        rehearses: bool,
        mut log: Log,
    ) -> Result<Self, Failure> {
        let store = Store::open(&places.state)?;
        let found = store.load();
        if let Some(trouble) = &found.trouble {
            log.say(Priority::Warning, trouble);
        }
        let clock = Clock::start();
        let (courier, note) = Courier::open(&places.state, &settings, clock.now());
        say(&mut log, note.as_ref());
        Ok(Self {
            courier,
            machine: Machine::new(&settings, found.state, rehearses),
            measuring: Measuring::new(&settings, Arc::clone(&api), places.network.clone(), clock.now()),
            unasked: BTreeSet::new(),
            decisions: DecisionLog::below(&places.state),
            hosts: Hosts::new(&places.runtime, &places.hosts, &settings.failover.lan_services),
            store,
            places,
            settings,
            api,
            systemd,
            clock,
            since: clock.now(),
            log,
            known: Known::default(),
            counts: Counts::default(),
            works: JoinSet::new(),
            exits: false,
            told: String::new(),
            told_at: clock.now(),
            has_news: true,
            has_mail: true,
            pumped: clock.now(),
        })
    }

    /// Monitors until it is told to end.
    pub(super) async fn run(mut self) -> Result<(), Failure> {
        let (asked, mut questions) = mpsc::channel(WAITING);
        let mut signals = Signals::listen()?;
        let _server = Server::listen(&self.places.runtime, asked)?;
        let (mut publisher, mut scrapes) = Publisher::new();
        self.publish(&mut publisher);
        self.refresh_hosts();
        let mut followed = follow(Arc::clone(&self.api));
        self.feed(Event::Started);
        // It may have been killed between writing the one file and the other.
        self.courier.align(self.machine.state().alarms(), self.clock.now());
        self.measure();
        self.tell_people();
        systemd::ready(&self.summary());
        let watchdog = systemd::watchdog();
        while !self.exits {
            if watchdog.is_some() {
                systemd::alive();
            }
            self.tell_systemd();
            let publication = publisher.due().map_or(LOOK, |due| self.clock.until(due));
            let wait = self.wait().min(watchdog.unwrap_or(LOOK)).min(publication);
            let woken = tokio::select! {
                Some(event) = followed.recv() => Woken::Followed(event),
                Some(Ok(work)) = self.works.join_next() => Woken::Worked(work),
                Some((number, sample)) = self.measuring.next() => Woken::Probed(number, sample),
                attempt = self.courier.finished() => Woken::Told(attempt),
                Some(question) = questions.recv() => Woken::Asked(question),
                Some(scrape) = scrapes.recv() => Woken::Scraped(scrape),
                woken = signals.next() => woken,
                () = sleep(wait) => Woken::Time,
            };
            self.fit_clock(&mut publisher);
            let reloads = matches!(woken, Woken::Reload);
            self.wake(woken);
            if reloads {
                self.publish(&mut publisher);
            }
            self.write_metrics(&mut publisher);
        }
        systemd::stopping("ending");
        Ok(())
    }

    fn wake(&mut self, woken: Woken) {
        match woken {
            Woken::Followed(event) => self.followed(event),
            Woken::Worked(work) => self.worked(work),
            Woken::Probed(number, sample) => self.probed(number, sample),
            Woken::Told(attempt) => {
                let note = self.courier.ended(attempt, self.clock.now());
                self.has_mail = true;
                say(&mut self.log, note.as_ref());
            }
            Woken::Asked(Question::Report(back)) => {
                let report = serde_json::to_string(&self.report()).unwrap_or_default();
                // Whoever asked may have left.
                let _ = back.send(report);
            }
            Woken::Asked(Question::Metrics(back)) | Woken::Scraped(back) => {
                let _ = back.send(exposition(&self.report()));
            }
            Woken::Asked(Question::Command(command, back)) => {
                let answer = match self.cannot(&command) {
                    Some(why) => Some(Err(why)),
                    None => self.feed(Event::Asked(command)).map(Ok),
                };
                if let Some(answer) = answer {
                    let _ = back.send(answer);
                }
            }
            Woken::Reload => self.reload(),
            Woken::End { asks: true } => {
                let systemd = self.systemd.clone();
                self.works.spawn(async move { Work::Ending(systemd.ending().await) });
            }
            Woken::End { asks: false } => {
                self.feed(Event::Stop(Ending::Stop));
            }
            Woken::Time => {}
        }
        self.measure();
        let now = self.clock.now();
        if self.machine.deadline().is_some_and(|deadline| deadline <= now) {
            self.feed(Event::Woken);
        }
        self.tell_people();
    }

    /// Asks what is due, and tells the machine what has become known.
    fn measure(&mut self) {
        if self.exits {
            return;
        }
        self.measuring.ask(self.clock.now());
        for event in self.measuring.watch.events(self.clock.now()) {
            self.feed(event);
        }
    }

    fn probed(&mut self, number: u64, sample: Sample) {
        if let Sample::CannotTell(why) = &sample
            && self.unasked.len() < UNASKED
            && self.unasked.insert(why.clone())
        {
            self.log
                .say(Priority::Warning, &format!("something cannot be measured: {why}"));
        }
        self.measuring.watch.answered(number, sample, self.clock.now());
    }

    /// Where the clock was set, everything is moved with it.
    fn fit_clock(&mut self, publisher: &mut Publisher) {
        let Some(step) = self.clock.fit() else { return };
        self.machine.step_clock(step);
        self.measuring.watch.step_clock(step);
        self.courier.step_clock(step);
        publisher.step_clock(step);
        for at in [&mut self.since, &mut self.told_at, &mut self.pumped] {
            *at = at.moved(step);
        }
        self.has_mail = true;
        let way = if step.is_forward() { "forward" } else { "back" };
        let text = format!(
            "the clock was set {way} by {} s: what is waited for takes as long as before",
            step.size().as_secs()
        );
        self.log.say(Priority::Notice, &text);
        if let Err(error) = self.store.save(self.machine.state()) {
            self.unsaved(&error);
            self.feed(Event::SaveFailed(BTreeSet::new()));
        }
        // Whether the key has expired depends on it.
        self.heard();
    }

    /// How long until something is due.
    fn wait(&self) -> Duration {
        let deadlines = self
            .machine
            .deadline()
            .into_iter()
            .chain(self.measuring.watch.deadline());
        let deadlines = deadlines.chain(self.courier.deadline());
        let first = deadlines.min().map_or(LOOK, |deadline| self.clock.until(deadline));
        // What is due already has been looked after: something else has to happen first.
        first.clamp(Duration::from_millis(1), LOOK)
    }

    fn report(&self) -> Report {
        let (measured, told) = (self.measuring.watch.counts(), self.courier.tally());
        let counts = Counts {
            probes: measured.probes,
            probes_failed: measured.probes_failed,
            alerts_sent: told.sent,
            alerts_failed: told.failed,
            alerts_given_up: told.given_up,
            alerts_waiting: told.waiting,
            ..self.counts
        };
        report(
            &self.settings,
            &self.machine,
            &self.measuring.watch,
            counts,
            self.since,
            self.clock.now(),
        )
    }

    /// What it does, in a line.
    fn summary(&self) -> String {
        let now = self.clock.now();
        let (plan, state) = (self.machine.plan(), self.machine.state());
        match self.known.lost {
            Some((DaemonFault::Unreadable, _)) => return "tailscaled cannot be asked".to_owned(),
            Some(_) => return "tailscaled does not answer".to_owned(),
            None => {}
        }
        let subjects: Vec<String> = SubjectReport::of(plan, state, now)
            .into_iter()
            .map(|subject| format!("{}: {} ({})", subject.subject, subject.standing, subject.phase))
            .collect();
        if subjects.is_empty() {
            return "waiting for tailscaled".to_owned();
        }
        subjects.join("; ")
    }

    /// Tells systemd what it does, where that may have changed: at once where something was done, else each second.
    fn tell_systemd(&mut self) {
        let now = self.clock.now();
        if !std::mem::take(&mut self.has_news) && now.since(self.told_at) < Duration::from_secs(1) {
            return;
        }
        self.told_at = now;
        let summary = self.summary();
        if summary != self.told {
            systemd::status(&summary);
            self.told = summary;
        }
    }
}

/// What a machine and a watch know.
pub(super) fn report(
    settings: &MonitorSettings,
    machine: &Machine,
    watch: &Watch,
    counts: Counts,
    since: Moment,
    now: Moment,
) -> Report {
    let (plan, state) = (machine.plan(), machine.state());
    Report {
        at: now,
        since,
        host: settings.host.clone(),
        mode: plan.mode,
        check_interval: settings.check_interval,
        subjects: SubjectReport::of(plan, state, now),
        pause: state.pause(),
        maintenance_until: plan.maintenance_until(now),
        diagnosis: watch.diagnosis().clone(),
        alarms: state.alarms().clone(),
        readings: watch.readings(),
        last_move: state.last_move(),
        counts,
    }
}
