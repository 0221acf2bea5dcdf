//! A monitor that runs, as a process, against a tailscaled.

mod notify;
mod process;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::run::{Ended, Place, TSCTL};

pub use notify::NotifySocket;
pub use process::{Process, ask, report};

/// How long something may take that takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// `/proc/net/route` with a default route that has no router.
const ROUTE: &str = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n\
                     uplink0 00000000 00000000 0001 0 0 0 00000000 0 0 0\n";

/// Settings of a monitor that is in a hurry: it wants the exit node gamma, and may take beta.
pub fn hasty_settings() -> Value {
    json!({
        "version": 1, "host": "alpha", "interface": "tailscale0", "checkInterval": "200ms", "checkTimeout": "200ms",
        "maxLatency": "150ms", "maxPacketLoss": 5, "failureThreshold": 3, "recoveryThreshold": 3, "autoFailover": true,
        "failover": {
            "actions": ["exit-node"], "holdDown": "300ms", "maxHoldDown": "2s", "minDwell": "200ms", "moveWindow": "200ms",
            "returnAfter": "400ms", "restartInterval": "1m", "restartsPerDay": 3, "dryRun": false, "restoreOnStop": true,
        },
        "probes": {"internet": [], "egress": {"dns": [], "http": []}},
        "acceptRoutes": true, "exitNodeLanAccess": true, "exitNode": "gamma", "exitNodes": ["gamma", "beta"],
        "management": [],
    })
}

/// A monitor that runs, with settings as JSON, and its files. It is killed when the value is dropped.
pub struct Monitor {
    place: Place,
    socket: PathBuf,
    arguments: Vec<String>,
    variables: Vec<(String, std::ffi::OsString)>,
    process: Option<Process>,
    /// Whether it has no rights but those of the owner of its files.
    is_plain: bool,
}

impl Monitor {
    /// One with those settings, for the tailscaled at that socket, that has not been started.
    pub fn new(socket: &Path, settings: &Value) -> Self {
        // A network of which nothing is asked but whether it is there.
        let place = Place::new()
            .with("settings.json", settings.to_string())
            .with("network/interfaces/uplink0/carrier", "1\n")
            .with("network/route", ROUTE);
        Self {
            place,
            socket: socket.to_owned(),
            arguments: Vec::new(),
            variables: Vec::new(),
            process: None,
            is_plain: false,
        }
    }

    /// One that runs and answers.
    pub fn start(socket: &Path, settings: &Value) -> Self {
        let mut monitor = Self::new(socket, settings);
        monitor.start_again();
        monitor
    }

    /// With arguments more.
    #[must_use]
    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments
            .extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    /// With no rights but those of the owner of its files, whoever runs the test: in a user namespace without a mapping.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.is_plain = true;
        self
    }

    /// With a systemctl that says this of every unit that it is asked about, and writes down what it is asked.
    #[must_use]
    pub fn with_systemctl(self, says: &str) -> Self {
        let script = format!("#!/bin/sh\necho \"$@\" >> asked\necho '{says}'\n");
        self.place.write("systemctl", script);
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(self.path("systemctl"), executable).expect("it is ours");
        self.with(&["--systemctl", "./systemctl"])
    }

    /// What its systemctl was asked, one line each time.
    pub fn asked_systemctl(&self) -> String {
        std::fs::read_to_string(self.path("asked")).unwrap_or_default()
    }

    /// Whether its uplink has a carrier, and a route.
    pub fn set_link(&self, is_up: bool) {
        let (carrier, routes) = if is_up { ("1\n", ROUTE) } else { ("0\n", "") };
        self.place.write("network/interfaces/uplink0/carrier", carrier);
        self.place.write("network/route", routes);
    }

    /// With a variable of its environment.
    pub fn set_variable(&mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) {
        self.variables.push((name.to_owned(), value.as_ref().to_owned()));
    }

    /// Other settings in its file. It does not hear of it by itself.
    pub fn write_settings(&self, settings: &Value) {
        self.place.write("settings.json", settings.to_string());
    }

    /// Where something of it is: `state/state.json`, `run/control.sock`, `said`.
    pub fn path(&self, below: &str) -> PathBuf {
        self.place.path(below)
    }

    /// The command that starts it.
    pub fn command(&self) -> Command {
        let mut command = if self.is_plain {
            let mut command = self.place.command("unshare");
            command.args(["--user", TSCTL]);
            command
        } else {
            self.place.command(TSCTL)
        };
        command
            .arg("monitor")
            .args([
                "--config",
                "settings.json",
                "--state-dir",
                "state",
                "--runtime-dir",
                "run",
            ])
            .args(["--hosts-base", "hosts-base", "--network", "network"])
            .arg("--socket")
            .arg(&self.socket)
            .args(&self.arguments)
            .envs(self.variables.iter().cloned());
        command
    }

    /// Starts it, and waits until it answers.
    pub fn start_again(&mut self) {
        self.spawn();
        self.wait_for(|_| true);
    }

    /// Starts it.
    pub fn spawn(&mut self) {
        assert!(self.process.is_none(), "it runs already");
        self.process = Some(Process::start(&mut self.command(), &self.path("said")));
    }

    /// What it said so far. It writes when it has nothing else to do: when it answers once more it has.
    pub fn said(&self) -> String {
        let _ = report(&self.path("run/control.sock"));
        std::fs::read_to_string(self.path("said")).unwrap_or_default()
    }

    /// What it knows and does; nothing where it does not answer.
    pub fn report(&self) -> Option<Value> {
        let body = report(&self.path("run/control.sock"))?;
        Some(serde_json::from_str(&body).expect("JSON"))
    }

    /// What it answers to a request: the status and the body.
    pub fn ask(&self, request: &str) -> Option<(u16, String)> {
        ask(&self.path("run/control.sock"), request)
    }

    /// Waits until its report is so, and hands it back.
    #[track_caller]
    pub fn wait_for(&self, is_so: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let report = self.report();
            if let Some(report) = report.as_ref().filter(|report| is_so(report)) {
                return report.clone();
            }
            assert!(Instant::now() < until, "it is {report:#?} and said:\n{}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until something else is so.
    #[track_caller]
    pub fn wait_until(&self, is_so: impl Fn() -> bool) {
        let until = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(
                Instant::now() < until,
                "{:#?}, and it said:\n{}",
                self.report(),
                self.said()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Runs `tsctl` with arguments that end in where its socket is.
    pub fn tsctl(&self, arguments: &[&str]) -> Ended {
        let mut command = self.place.command(TSCTL);
        command.args(arguments).args(["--runtime-dir", "run"]);
        Ended::of(&mut command)
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        self.process.as_ref().expect("it runs").signal(signal);
    }

    /// Waits until it has ended.
    #[track_caller]
    pub fn ended(&mut self) -> ExitStatus {
        self.process.take().expect("it runs").ended()
    }

    /// It is stopped, as systemd stops it.
    #[track_caller]
    pub fn stop(&mut self) {
        self.signal(Signal::TERM);
        assert!(self.ended().success(), "{}", self.said());
    }

    /// It is killed, and can do nothing about it.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.ended();
    }
}
