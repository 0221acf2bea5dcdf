//! The daemon under test.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use tailwright::model::MonitorSettings;
use tailwright::monitor::failover::{Phase, Subject};
use tailwright::monitor::{Decision, Report};

use super::super::monitor::{NotifySocket, Process, report};
use super::super::netns::Netns;
use super::super::scratch::Scratch;
use super::lab::{Lab, PATIENCE, until};

/// How a monitor is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// As `systemctl stop` ends it.
    Stop,
    /// As `systemctl restart` ends it.
    Restart,
}

/// What the shell does that takes the place of systemctl. `restart` waits until the test has done it, if it wants to.
const SYSTEMCTL: &str = "#!/bin/sh\n\
    cd \"${0%/*}\" || exit 1\n\
    case $1 in\n\
    list-jobs) cat jobs 2>/dev/null; exit 0;;\n\
    show) echo ActiveState=failed; exit 0;;\n\
    restart) echo >>restarts; exit 0;;\n\
    esac\n\
    exit 64\n";

/// A monitor: its files, and its process while it runs.
pub struct Monitor {
    place: Scratch,
    socket: PathBuf,
    manager: NotifySocket,
    process: Option<Process>,
}

impl Monitor {
    /// A monitor with these settings in that laboratory, from now on.
    pub fn start(lab: &Lab, settings: &MonitorSettings) -> Self {
        let mut monitor = Self::new(lab.tailscaled.socket(), settings);
        monitor.start_in(&lab.topology.client);
        monitor
    }

    /// One that does not run, for that tailscaled.
    pub fn new(socket: &Path, settings: &MonitorSettings) -> Self {
        let place = Scratch::new();
        let manager = NotifySocket::at(&place.path().join("notify"));
        let systemctl = place.write("systemctl", SYSTEMCTL);
        let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(systemctl, everybody).expect("it is ours");
        place.write("hosts", "127.0.0.1 localhost\n");
        let monitor = Self {
            place,
            socket: socket.to_owned(),
            manager,
            process: None,
        };
        monitor.configure(settings);
        monitor
    }

    /// Writes other settings. They are read at the next start, or after [`reload`](Self::reload).
    pub fn configure(&self, settings: &MonitorSettings) {
        let json = serde_json::to_string_pretty(settings).expect("data");
        self.place.write("tsctl.json", json);
    }

    /// A file of it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Starts it in the client of a laboratory, which resolves names there.
    pub fn start_in(&mut self, client: &Netns) {
        let mut command = client.command(env!("CARGO_BIN_EXE_tsctl"));
        self.arguments(&mut command);
        assert!(self.process.is_none(), "it runs already");
        self.process = Some(Process::start_inside(&mut command, &self.path("log")));
    }

    /// Starts it here, with arguments more.
    pub fn start_here(&mut self, arguments: &[&str]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tsctl"));
        self.arguments(&mut command);
        command.args(arguments);
        assert!(self.process.is_none(), "it runs already");
        self.process = Some(Process::start(&mut command, &self.path("log")));
    }

    fn arguments(&self, command: &mut Command) {
        let place = self.place.path();
        command
            .arg("monitor")
            .arg("--config")
            .arg(place.join("tsctl.json"))
            .arg("--state-dir")
            .arg(place.join("state"))
            .arg("--runtime-dir")
            .arg(place.join("run"))
            .arg("--hosts-base")
            .arg(place.join("hosts"))
            .arg("--systemctl")
            .arg(place.join("systemctl"))
            .arg("--socket")
            .arg(&self.socket)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("NOTIFY_SOCKET", self.path("notify"));
    }

    /// Waits until it has said to systemd that it is ready.
    #[track_caller]
    pub fn ready(&mut self) {
        until("READY=1", || {
            self.alive();
            self.messages()
                .iter()
                .any(|text| text.contains("READY=1"))
                .then_some(())
        });
    }

    /// What it has told systemd.
    pub fn messages(&self) -> Vec<String> {
        self.manager.messages()
    }

    /// The process of the monitor.
    pub fn pid(&self) -> Pid {
        self.process.as_ref().expect("it runs").pid()
    }

    fn signal(&self, signal: Signal) {
        self.process.as_ref().expect("it runs").signal(signal);
    }

    /// It must still run.
    #[track_caller]
    pub fn alive(&mut self) {
        let process = self.process.as_mut().expect("it was started");
        if let Some(status) = process.has_ended() {
            panic!("the monitor has ended with {status}:\n{}", self.log());
        }
    }

    /// Reads its settings again (SIGHUP).
    pub fn reload(&self) {
        self.signal(Signal::HUP);
    }

    /// Ends it in this way, and hands back how long it took; it must end by itself, with status 0.
    #[track_caller]
    pub fn end(&mut self, ending: Ending) -> Duration {
        let jobs = match ending {
            Ending::Stop => "",
            Ending::Restart => "1 tailwright-monitor.service restart running\n",
        };
        self.place.write("jobs", jobs);
        let start = Instant::now();
        self.signal(Signal::TERM);
        let status = self.wait();
        assert!(status.success(), "it ended with {status}:\n{}", self.log());
        start.elapsed()
    }

    /// Ends it at once, without asking (SIGKILL).
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.wait();
    }

    #[track_caller]
    fn wait(&mut self) -> ExitStatus {
        self.process.take().expect("it runs").ended()
    }

    /// What it has written to its standard error, and output.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// What it says of itself; nothing where its socket does not answer.
    pub fn report(&self) -> Option<Report> {
        let body = report(&self.path("run/control.sock"))?;
        Some(serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}")))
    }

    /// Waits until what it says of itself is like that.
    #[track_caller]
    pub fn until<T>(&mut self, what: &str, is_so: impl Fn(&Report) -> Option<T>) -> T {
        let start = Instant::now();
        let mut last = None;
        loop {
            self.alive();
            if let Some(report) = self.report() {
                if let Some(so) = is_so(&report) {
                    return so;
                }
                last = Some(report);
            }
            assert!(start.elapsed() < PATIENCE, "never: {what}; {last:#?}\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until its exit node stands so.
    #[track_caller]
    pub fn until_phase(&mut self, phase: Phase) {
        self.until(&format!("the exit node is {phase}"), |report| {
            let mut subjects = report.subjects.iter();
            subjects
                .any(|subject| subject.subject == Subject::ExitNode && subject.phase == phase)
                .then_some(())
        });
    }

    /// Its decisions, the oldest first.
    pub fn decisions(&self) -> Vec<Decision> {
        let text = std::fs::read_to_string(self.path("state/decisions.jsonl")).unwrap_or_default();
        let whole = text.lines().filter(|line| line.ends_with('}'));
        whole
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect()
    }

    /// Its decisions in words.
    pub fn why(&self) -> Vec<String> {
        self.decisions()
            .iter()
            .map(|decision| decision.what.to_string())
            .collect()
    }

    /// How often it had tailscaled restarted.
    pub fn restarts(&self) -> usize {
        let text = std::fs::read_to_string(self.path("restarts")).unwrap_or_default();
        text.lines().count()
    }

    /// Runs `tsctl failover` on it; what it said, or what it said where its status was not 0.
    pub fn failover(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tsctl"));
        command
            .arg("failover")
            .arg("--runtime-dir")
            .arg(self.path("run"))
            .args(arguments);
        super::super::tool::accepted(&super::super::tool::run(&mut command))
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        drop(self.process.take());
        if std::thread::panicking() {
            let mut error = std::io::stderr();
            let _ = writeln!(error, "the monitor's log:\n{}", self.log());
            for line in self.why() {
                let _ = writeln!(error, "decided: {line}");
            }
        }
    }
}
