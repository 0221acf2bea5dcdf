//! The loop of the monitor.

use std::collections::{BTreeSet, VecDeque};
use std::future::pending;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::apply::Applier;
use super::clock::Clock;
use super::control::{Question, Server};
use super::decisions::DecisionLog;
use super::hosts::Hosts;
use super::log::{Log, Priority};
use super::machine::Machine;
use super::store::Store;
use super::systemd::{self, Systemd};
use super::{in_force, settings};
use crate::host::failure::Failure;
use crate::localapi::data::{Prefs, Status};
use crate::localapi::{self, Follower, LocalApi};
use crate::model::MonitorSettings;
use crate::monitor::failover::{Action, Answer, Ending, Event, Outcome, Setting};
use crate::monitor::{Counts, Moment, Report, SubjectReport};

/// How often the whole status of tailscaled is read, although nothing has changed.
const REFRESH: Duration = Duration::from_mins(1);
/// The loop looks at least so often: timers stand still while the machine sleeps.
const LOOK: Duration = Duration::from_secs(30);
/// So many events of tailscaled, and so many questions, may wait.
const WAITING: usize = 64;

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
}

/// The monitor.
pub(super) struct Daemon<'a> {
    places: Places,
    settings: MonitorSettings,
    machine: Machine,
    store: Store,
    decisions: DecisionLog,
    api: Arc<LocalApi>,
    hosts: Hosts,
    systemd: Systemd,
    clock: Clock,
    since: Moment,
    log: Log<'a>,
    /// What tailscaled said last.
    status: Option<Box<Status>>,
    prefs: Option<Box<Prefs>>,
    /// Whether tailscaled was lost and has not been heard since.
    is_lost: bool,
    counts: Counts,
    /// What is being done.
    works: JoinSet<Work>,
    exits: bool,
    /// What systemd was told last.
    told: String,
}

/// What was done.
enum Work {
    /// A change, or a restart of tailscaled.
    Action(u64, Outcome),
    /// The preferences were read.
    Prefs(Result<Box<Prefs>, localapi::Error>),
    /// It was found out why the program is to end.
    Ending(Ending),
}

/// What the loop woke up for.
enum Woken {
    Followed(localapi::Event),
    Worked(Work),
    Asked(Question),
    Reload,
    End { asks: bool },
    Time,
}

impl<'a> Daemon<'a> {
    /// A monitor that has read its settings and its state, and has done nothing yet.
    pub(super) fn new(
        places: Places,
        settings: MonitorSettings,
        api: Arc<LocalApi>,
        systemd: Systemd,
        rehearses: bool,
        mut log: Log<'a>,
    ) -> Result<Self, Failure> {
        let store = Store::open(&places.state)?;
        let found = store.load();
        if let Some(trouble) = &found.trouble {
            log.say(Priority::Warning, trouble);
        }
        let clock = Clock::start();
        Ok(Self {
            machine: Machine::new(&settings, found.state, rehearses),
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
            status: None,
            prefs: None,
            is_lost: false,
            counts: Counts::default(),
            works: JoinSet::new(),
            exits: false,
            told: String::new(),
        })
    }

    /// Monitors until it is told to end.
    pub(super) async fn run(mut self) -> Result<(), Failure> {
        let (asked, mut questions) = mpsc::channel(WAITING);
        let mut signals = Signals::listen()?;
        let _server = Server::listen(&self.places.runtime, asked)?;
        if self.hosts.is_used()
            && let Err(error) = self.hosts.refresh()
        {
            let text = format!("the addresses of services could not be written: {error}");
            self.log.say(Priority::Error, &text);
        }
        let mut followed = follow(Arc::clone(&self.api));
        self.feed(Event::Started);
        systemd::ready(&self.summary());
        let watchdog = systemd::watchdog();
        while !self.exits {
            if watchdog.is_some() {
                systemd::alive();
            }
            self.tell_systemd();
            let wait = self.wait().min(watchdog.unwrap_or(LOOK));
            let woken = tokio::select! {
                Some(event) = followed.recv() => Woken::Followed(event),
                Some(Ok(work)) = self.works.join_next() => Woken::Worked(work),
                Some(question) = questions.recv() => Woken::Asked(question),
                woken = signals.next() => woken,
                () = sleep(wait) => Woken::Time,
            };
            self.wake(woken);
        }
        systemd::stopping("ending");
        Ok(())
    }

    fn wake(&mut self, woken: Woken) {
        match woken {
            Woken::Followed(event) => self.followed(event),
            Woken::Worked(work) => self.worked(work),
            Woken::Asked(Question::Report(back)) => {
                let report = serde_json::to_string(&self.report()).unwrap_or_default();
                // Whoever asked may have left.
                let _ = back.send(report);
            }
            Woken::Asked(Question::Command(command, back)) => {
                if let Some(answer) = self.feed(Event::Asked(command)) {
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
        let now = self.clock.now();
        if self.machine.deadline().is_some_and(|deadline| deadline <= now) {
            self.feed(Event::Woken);
        }
    }

    /// How long until something is due.
    fn wait(&self) -> Duration {
        let deadline = self.machine.deadline();
        deadline.map_or(LOOK, |deadline| self.clock.until(deadline)).min(LOOK)
    }

    fn followed(&mut self, event: localapi::Event) {
        if !matches!(event, localapi::Event::Lost(_)) && self.is_lost {
            self.is_lost = false;
            self.log.say(Priority::Notice, "tailscaled answers again");
        }
        match event {
            localapi::Event::Status(status) => {
                self.status = Some(status);
                // A tailscaled without a bus does not tell when they change.
                self.read_prefs();
            }
            localapi::Event::Prefs(prefs) => {
                self.prefs = Some(prefs);
                self.seen();
            }
            localapi::Event::State(_) | localapi::Event::Health(_) | localapi::Event::Online { .. } => {}
            localapi::Event::Lost(error) => {
                if !self.is_lost {
                    self.is_lost = true;
                    self.counts.daemon_lost = self.counts.daemon_lost.saturating_add(1);
                    self.log.say(Priority::Warning, &error.to_string());
                }
            }
        }
    }

    fn worked(&mut self, work: Work) {
        match work {
            Work::Action(token, outcome) => {
                self.feed(Event::Done(token, outcome));
            }
            Work::Prefs(Ok(prefs)) => {
                self.prefs = Some(prefs);
                self.seen();
            }
            // The follower tells that tailscaled is lost, and what is in force when it is back.
            Work::Prefs(Err(_)) => {}
            Work::Ending(ending) => {
                self.feed(Event::Stop(ending));
            }
        }
    }

    /// Says to the machine what is in force, as far as it is known.
    fn seen(&mut self) {
        let Some(prefs) = &self.prefs else { return };
        let mut settings = in_force::of_tailscaled(&self.settings, self.status.as_deref(), prefs);
        settings.extend(self.hosts.in_force());
        self.feed(Event::Seen(settings));
    }

    fn read_prefs(&mut self) {
        let api = Arc::clone(&self.api);
        self.works
            .spawn(async move { Work::Prefs(api.prefs().await.map(Box::new)) });
    }

    /// Tells the machine, does what it wants done, and tells it how that went, until there is nothing more. Hands back its answer
    /// to a command. Once it has ended nothing more happens to it.
    fn feed(&mut self, event: Event) -> Option<Answer> {
        let mut events = VecDeque::from([event]);
        let mut answer = None;
        while let Some(event) = events.pop_front().filter(|_| !self.exits) {
            let actions = self.machine.feed(event, self.clock.now());
            let mut unsaved = None;
            let mut dropped = BTreeSet::new();
            for action in actions {
                match action {
                    Action::Save => match self.store.save(self.machine.state()) {
                        Ok(()) => events.push_back(Event::Saved),
                        Err(error) => unsaved = Some(error),
                    },
                    Action::Apply(token, _) | Action::RestartDaemon(token) if unsaved.is_some() => {
                        dropped.insert(token);
                    }
                    Action::Apply(token, settings) => self.apply(token, settings),
                    Action::RestartDaemon(token) => {
                        let systemd = self.systemd.clone();
                        self.works
                            .spawn(async move { Work::Action(token, systemd.restart_tailscaled().await) });
                    }
                    Action::ReadSettings => self.read_prefs(),
                    Action::Record(decision) => self.record(&decision),
                    Action::Raise(alarm) => self.log.say(Priority::Warning, &format!("alarm: {alarm}")),
                    Action::Resolve(alarm) => self.log.say(Priority::Notice, &format!("over: {alarm}")),
                    Action::Answer(given) => answer = Some(given),
                    Action::Exit => self.exits = true,
                }
            }
            if let Some(error) = unsaved {
                self.counts.saves_failed = self.counts.saves_failed.saturating_add(1);
                let text = format!("the state could not be written: {error}");
                self.log.say(Priority::Error, &text);
                events.push_back(Event::SaveFailed(dropped));
            }
        }
        answer
    }

    fn apply(&mut self, token: u64, settings: Vec<Setting>) {
        let applier = Applier {
            api: Arc::clone(&self.api),
            hosts: self.hosts.clone(),
        };
        self.works
            .spawn(async move { Work::Action(token, applier.apply(settings).await) });
    }

    fn record(&mut self, decision: &crate::monitor::Decision) {
        self.log.say(Priority::Notice, &decision.what.to_string());
        if let Err(error) = self.decisions.add(decision) {
            let text = format!("the decision log could not be written: {error}");
            self.log.say(Priority::Error, &text);
        }
    }

    /// Reads the settings again. Where they are not good, those from before stay.
    fn reload(&mut self) {
        systemd::reloading();
        match settings::read(&self.places.config) {
            Ok(settings) => {
                self.machine.reload(&settings);
                self.hosts = Hosts::new(
                    &self.places.runtime,
                    &self.places.hosts,
                    &settings.failover.lan_services,
                );
                self.settings = settings;
                self.feed(Event::Reloaded);
                self.seen();
                self.log.say(Priority::Notice, "the settings have been read again");
                systemd::ready(&self.summary());
            }
            Err(failure) => {
                let text = format!("the settings stay as they were: {failure}");
                self.log.say(Priority::Error, &text);
                systemd::ready(&text);
                // It stands there until something else is to be said.
                self.told = self.summary();
            }
        }
    }

    fn report(&self) -> Report {
        let now = self.clock.now();
        let (plan, state) = (self.machine.plan(), self.machine.state());
        Report {
            at: now,
            since: self.since,
            host: self.settings.host.clone(),
            mode: plan.mode,
            check_interval: self.settings.check_interval,
            subjects: SubjectReport::of(plan, state, now),
            pause: state.pause(),
            maintenance_until: None,
            diagnosis: crate::monitor::diagnosis::Diagnosis::default(),
            alarms: state.alarms().clone(),
            readings: Vec::new(),
            last_move: state.last_move(),
            counts: self.counts,
        }
    }

    /// What it does, in a line.
    fn summary(&self) -> String {
        let now = self.clock.now();
        let (plan, state) = (self.machine.plan(), self.machine.state());
        if self.is_lost {
            return "tailscaled does not answer".to_owned();
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

    fn tell_systemd(&mut self) {
        let summary = self.summary();
        if summary != self.told {
            systemd::status(&summary);
            self.told = summary;
        }
    }
}

/// Follows tailscaled in a task of its own: what it does takes time, and must not begin anew whenever something else happens.
fn follow(api: Arc<LocalApi>) -> mpsc::Receiver<localapi::Event> {
    let (tell, news) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut follower = Follower::new(&api, REFRESH);
        while tell.send(follower.next().await).await.is_ok() {}
    });
    news
}

/// The signals that mean something.
struct Signals {
    hang_up: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        let open =
            |kind| signal(kind).map_err(|error| Failure::Program(format!("failed to wait for signals: {error}")));
        Ok(Self {
            hang_up: open(SignalKind::hangup())?,
            terminate: open(SignalKind::terminate())?,
            interrupt: open(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> Woken {
        tokio::select! {
            Some(()) = self.hang_up.recv() => Woken::Reload,
            Some(()) = self.terminate.recv() => Woken::End { asks: true },
            Some(()) = self.interrupt.recv() => Woken::End { asks: false },
            else => pending().await,
        }
    }
}
