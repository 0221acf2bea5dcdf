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

use super::apply::{Applier, exit_node};
use super::clock::Clock;
use super::control::{Question, Server};
use super::decisions::DecisionLog;
use super::hosts::Hosts;
use super::log::{Log, Priority};
use super::machine::Machine;
use super::metrics::{Publisher, Scrape};
use super::probes::{self, Prober};
use super::senders::{Courier, Note};
use super::settings;
use super::store::Store;
use super::systemd::{self, Systemd};
use crate::host::failure::Failure;
use crate::localapi::data::{Prefs, Status};
use crate::localapi::{self, Follower, LocalApi};
use crate::model::MonitorSettings;
use crate::monitor::alert;
use crate::monitor::decision::{Decision, What};
use crate::monitor::failover::{Action, Alarm, Answer, Command, Ending, Event, ExitNodeUse, Outcome, Setting, Subject};
use crate::monitor::metrics::exposition;
use crate::monitor::watch::{Probe, Sample, Watch};
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
pub(super) struct Daemon<'a> {
    places: Places,
    settings: MonitorSettings,
    machine: Machine,
    watch: Watch,
    prober: Prober,
    /// What is being asked.
    probing: JoinSet<(u64, Sample)>,
    /// Why something could not be asked, each once.
    unasked: BTreeSet<String>,
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
    /// What people are to be told.
    courier: Courier,
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
    Probed(u64, Sample),
    Told((u64, alert::Outcome)),
    Asked(Question),
    Scraped(Scrape),
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
        let (courier, note) = Courier::open(&places.state, &settings, clock.now());
        say(&mut log, note.as_ref());
        Ok(Self {
            courier,
            machine: Machine::new(&settings, found.state, rehearses),
            watch: Watch::new(&settings, clock.now()),
            prober: Prober::new(Arc::clone(&api), places.network.clone()),
            probing: JoinSet::new(),
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
                Some(Ok((number, sample))) = self.probing.join_next() => Woken::Probed(number, sample),
                attempt = self.courier.finished() => Woken::Told(attempt),
                Some(question) = questions.recv() => Woken::Asked(question),
                Some(scrape) = scrapes.recv() => Woken::Scraped(scrape),
                woken = signals.next() => woken,
                () = sleep(wait) => Woken::Time,
            };
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

    /// Something began: the log says so, and people are told.
    fn raise(&mut self, alarm: &Alarm) {
        self.log.say(Priority::Warning, &format!("alarm: {alarm}"));
        let now = self.clock.now();
        let subjects = SubjectReport::of(self.machine.plan(), self.machine.state(), now);
        self.courier.raise(alarm, &alert::detail(alarm, &subjects), now);
    }

    fn resolve(&mut self, alarm: &Alarm) {
        self.log.say(Priority::Notice, &format!("over: {alarm}"));
        self.courier.resolve(alarm, self.clock.now());
    }

    /// Sends what people are to be told, as far as it is due.
    fn tell_people(&mut self) {
        let note = self.courier.pump(self.clock.now());
        say(&mut self.log, note.as_ref());
    }

    /// Asks what is due, and tells the machine what has become known.
    fn measure(&mut self) {
        if self.exits {
            return;
        }
        for probe in self.watch.due(self.clock.now()) {
            self.probe(probe);
        }
        for event in self.watch.events(self.clock.now()) {
            self.feed(event);
        }
    }

    fn probe(&mut self, probe: Probe) {
        let prober = self.prober.clone();
        self.probing.spawn(async move {
            let number = probe.number;
            (number, prober.run(probe).await)
        });
    }

    fn probed(&mut self, number: u64, sample: Sample) {
        if let Sample::CannotTell(why) = &sample
            && self.unasked.len() < UNASKED
            && self.unasked.insert(why.clone())
        {
            self.log
                .say(Priority::Warning, &format!("something cannot be measured: {why}"));
        }
        self.watch.answered(number, sample, self.clock.now());
    }

    /// Writes the addresses of services again: what stands before them comes with the settings.
    fn refresh_hosts(&mut self) {
        if self.hosts.is_used()
            && let Err(error) = self.hosts.refresh()
        {
            let text = format!("the addresses of services could not be written: {error}");
            self.log.say(Priority::Error, &text);
        }
    }

    /// Has the metrics served and written as the settings want.
    fn publish(&mut self, publisher: &mut Publisher) {
        let (settings, interval) = (&self.settings.metrics, self.settings.check_interval);
        if let Err(trouble) = publisher.apply(settings, interval, self.clock.now()) {
            self.log.say(Priority::Error, &trouble);
        }
    }

    /// Writes the metrics to their file, where that is due.
    fn write_metrics(&mut self, publisher: &mut Publisher) {
        let now = self.clock.now();
        if publisher.due().is_some_and(|due| due <= now)
            && let Err(trouble) = publisher.write(&exposition(&self.report()), now)
        {
            self.log.say(Priority::Error, &trouble);
        }
    }

    /// How long until something is due.
    fn wait(&self) -> Duration {
        let deadlines = self.machine.deadline().into_iter().chain(self.watch.deadline());
        let deadlines = deadlines.chain(self.courier.deadline());
        let first = deadlines.min().map_or(LOOK, |deadline| self.clock.until(deadline));
        // What is due already has been looked after: something else has to happen first.
        first.clamp(Duration::from_millis(1), LOOK)
    }

    fn followed(&mut self, event: localapi::Event) {
        if !matches!(event, localapi::Event::Lost(_)) && self.is_lost {
            self.is_lost = false;
            self.log.say(Priority::Notice, "tailscaled answers again");
        }
        match event {
            localapi::Event::Status(status) => {
                self.status = Some(status);
                self.heard();
                // A tailscaled without a bus does not tell when they change.
                self.read_prefs();
            }
            localapi::Event::State(state) => {
                if let Some(status) = &mut self.status {
                    status.backend_state = state;
                    self.heard();
                }
            }
            localapi::Event::Prefs(prefs) => {
                self.prefs = Some(prefs);
                self.heard();
            }
            localapi::Event::Online { node_id, online } => {
                if let Some(status) = &mut self.status
                    && status.this_node.node_id == node_id
                {
                    status.this_node.online = online;
                    self.heard();
                }
            }
            // What it complains of is no measurement.
            localapi::Event::Health(_) => {}
            localapi::Event::Lost(error) => {
                if !self.is_lost {
                    self.is_lost = true;
                    self.counts.daemon_lost = self.counts.daemon_lost.saturating_add(1);
                    self.log.say(Priority::Warning, &error.to_string());
                    self.watch.lost(self.clock.now());
                }
            }
        }
    }

    /// tailscaled has said something.
    fn heard(&mut self) {
        let now = self.clock.now();
        if let Some(status) = &self.status {
            let tailnet = probes::tailnet(status, self.prefs.as_deref(), now);
            self.watch.tailnet(tailnet, now);
            self.seen();
        }
    }

    fn worked(&mut self, work: Work) {
        match work {
            Work::Action(token, outcome) => {
                self.feed(Event::Done(token, outcome));
            }
            Work::Prefs(Ok(prefs)) => {
                self.prefs = Some(prefs);
                self.heard();
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
        let mut settings: Vec<Setting> = self
            .watch
            .seen()
            .into_iter()
            .map(|setting| self.as_known(setting))
            .collect();
        if !settings.is_empty() {
            settings.extend(self.hosts.in_force());
            self.feed(Event::Seen(settings));
        }
    }

    /// An exit node that the settings do not name any more still is the one that the machine took by its name.
    fn as_known(&self, seen: Setting) -> Setting {
        let Setting::ExitNode(ExitNodeUse::Other(id)) = &seen else {
            return seen;
        };
        let known = self.machine.state().track(&Subject::ExitNode).into_iter();
        let mut known = known.flat_map(|track| [Some(track.standing()), track.moving().map(|moving| &moving.to)]);
        let is_it = |setting: &&Setting| matches!(setting, Setting::ExitNode(ExitNodeUse::Node(choice)) if self.watch.means(choice, id));
        known.find_map(|setting| setting.filter(is_it)).cloned().unwrap_or(seen)
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
                    Action::Raise(alarm) => self.raise(&alarm),
                    Action::Resolve(alarm) => self.resolve(&alarm),
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

    fn record(&mut self, decision: &Decision) {
        let count = match &decision.what {
            What::Moved { .. } => Some(&mut self.counts.moves),
            What::NotMoved { .. } => Some(&mut self.counts.moves_failed),
            What::Restarted { failed: None, .. } => Some(&mut self.counts.restarts),
            _ => None,
        };
        if let Some(count) = count {
            *count = count.saturating_add(1);
        }
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
                self.watch.reload(&settings, self.clock.now());
                self.courier.reload(&settings, self.clock.now());
                self.hosts = Hosts::new(
                    &self.places.runtime,
                    &self.places.hosts,
                    &settings.failover.lan_services,
                );
                self.refresh_hosts();
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

    /// Why a command cannot be carried out, where that is known before.
    fn cannot(&self, command: &Command) -> Option<String> {
        let Command::Switch(Setting::ExitNode(ExitNodeUse::Node(choice)), _) = command else {
            return None;
        };
        let status = self.status.as_deref()?;
        exit_node(status, choice).err()
    }

    fn report(&self) -> Report {
        let (measured, told) = (self.watch.counts(), self.courier.tally());
        let counts = Counts {
            probes: measured.probes,
            probes_failed: measured.probes_failed,
            alerts_sent: told.sent,
            alerts_failed: told.failed,
            alerts_waiting: told.waiting,
            ..self.counts
        };
        report(
            &self.settings,
            &self.machine,
            &self.watch,
            counts,
            self.since,
            self.clock.now(),
        )
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

fn say(log: &mut Log<'_>, note: Option<&Note>) {
    match note {
        Some(Note::Trouble(text)) => log.say(Priority::Warning, text),
        Some(Note::Good(text)) => log.say(Priority::Notice, text),
        None => {}
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
