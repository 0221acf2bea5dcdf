//! The daemon under test.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tailwright::diagnostic::{Report as Findings, human};
use tailwright::model::{EgressProbes, MonitorSettings, Probes};
use tailwright::monitor::failover::{Phase, Subject};
use tailwright::monitor::{Decision, Report};
use tailwright::profile::load;

use super::super::netns::Netns;
use super::super::scratch::Scratch;
use super::address::{RESOLVER, WEB, at};
use super::lab::{Lab, PATIENCE, until};

/// How eager the monitor is where a scenario says nothing else: a failure is acted on within two seconds, a recovery within
/// three.
const EAGER: [(&str, &str); 7] = [
    ("checkInterval", "\"400ms\""),
    ("checkTimeout", "\"400ms\""),
    // A busy machine is late now and then.
    ("maxPacketLoss", "40"),
    ("failureThreshold", "3"),
    ("recoveryThreshold", "3"),
    ("enableAutoFailover", "true"),
    ("exitNodes", "[ \"gate\" \"spare\" ]"),
];
const EAGER_FAILOVER: [(&str, &str); 5] = [
    ("holdDown", "\"1s\""),
    ("maxHoldDown", "\"8s\""),
    ("minDwell", "\"500ms\""),
    ("moveWindow", "\"500ms\""),
    ("returnAfter", "\"1s\""),
];

/// What the monitor is told, each by its name and as Nix.
pub type Options<'a> = [(&'a str, &'a str)];

/// The settings of a host of the laboratory: `host` and `tailscale` are attributes of these groups, `monitoring` and
/// `failover` change what is said above.
pub fn settings(host: &str, tailscale: &str, monitoring: &Options<'_>, failover: &Options<'_>) -> MonitorSettings {
    let merged = |all: &[(&str, &str)], others: &Options<'_>| {
        let mut options: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in all.iter().chain(others) {
            options.insert((*name).to_owned(), (*value).to_owned());
        }
        options.iter().fold(String::new(), |mut text, (name, value)| {
            let _ = write!(text, "{name} = {value}; ");
            text
        })
    };
    let text = format!(
        "{{ host = {{ name = \"alpha\"; interfaces.enp3s0 = {{ role = \"lan\"; prefixes = [ \"192.168.15.10/24\" ]; }}; {host} }};
            network.vpn.tailscale = {{ enable = true; useExitNode = \"gate\"; exitNodeAllowLANAccess = true; {tailscale} }};
            network.monitoring.tailscale = {{ enable = true; {} failover = {{ {} }}; }}; }}",
        merged(&EAGER, monitoring),
        merged(&EAGER_FAILOVER, failover),
    );
    let profile = load("host.nix", text.as_bytes(), None, &mut |_| Err("no file".to_owned()));
    let found = Findings::new(&profile.findings, profile.sources.clone(), |place| {
        profile.locate(place)
    });
    let mut said = Vec::new();
    human(&found, false, &mut said).expect("memory");
    let host = profile.fleet.and_then(|fleet| fleet.hosts.into_values().next());
    let settings = host.and_then(|host| MonitorSettings::of(&host));
    let mut settings = settings.unwrap_or_else(|| panic!("{text}\n{}", String::from_utf8_lossy(&said)));
    settings.probes = Probes {
        internet: vec![at(WEB, 80)],
        egress: EgressProbes {
            dns: vec![RESOLVER.into()],
            http: vec![format!("http://{WEB}/").parse().expect("a URL")],
        },
        ..Probes::default()
    };
    settings
}

/// Nothing but tailscaled is asked.
pub fn nothing() -> Probes {
    let egress = EgressProbes {
        dns: Vec::new(),
        http: Vec::new(),
    };
    Probes {
        internet: Vec::new(),
        egress,
        ..Probes::default()
    }
}

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
    restart) echo >>restarts; exit 0;;\n\
    esac\n\
    exit 64\n";

/// A monitor: its files, and its process while it runs.
pub struct Monitor {
    place: Scratch,
    socket: PathBuf,
    told: Told,
    process: Option<Process>,
}

/// The place of systemd: it reads what it is told at once, for whoever tells it waits for that.
struct Told {
    messages: Arc<Mutex<Vec<String>>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Told {
    fn at(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).expect("a fresh directory");
        let short = Some(Duration::from_millis(50));
        socket.set_read_timeout(short).expect("a socket");
        let (messages, ends) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (heard, over) = (Arc::clone(&messages), Arc::clone(&ends));
        let thread = std::thread::spawn(move || {
            let mut bytes = [0; 4_096];
            while !over.load(Ordering::SeqCst) {
                let Ok(length) = socket.recv(&mut bytes) else { continue };
                let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                heard.lock().expect("nobody panics with it").push(text);
            }
        });
        Self {
            messages,
            ends,
            thread: Some(thread),
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Process {
    /// What entered the namespace, if anything did; it ends with the monitor.
    child: Child,
    /// The monitor itself.
    pid: Pid,
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
        let told = Told::at(&place.path().join("notify"));
        let systemctl = place.write("systemctl", SYSTEMCTL);
        let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(systemctl, everybody).expect("it is ours");
        place.write("hosts", "127.0.0.1 localhost\n");
        let monitor = Self {
            place,
            socket: socket.to_owned(),
            told,
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
        let child = self.spawn(&mut command);
        // nsenter waits for the process that it starts in the other process namespace.
        let children = format!("/proc/{0}/task/{0}/children", child.id());
        let pid = until("nsenter starts the monitor", || {
            std::fs::read_to_string(&children).ok()?.trim().parse().ok()
        });
        self.began(child, pid);
    }

    /// Starts it here, with arguments more.
    pub fn start_here(&mut self, arguments: &[&str]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tsctl"));
        self.arguments(&mut command);
        command.args(arguments);
        let child = self.spawn(&mut command);
        let pid = i32::try_from(child.id()).expect("a number");
        self.began(child, pid);
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
            .arg(&self.socket);
    }

    fn spawn(&self, command: &mut Command) -> Child {
        let log = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.path("log"))
            .expect("a file");
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("NOTIFY_SOCKET", self.path("notify"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a descriptor"))
            .stderr(log)
            .spawn()
            .expect("it starts")
    }

    fn began(&mut self, child: Child, pid: i32) {
        let pid = Pid::from_raw(pid).expect("no process has the number 0");
        assert!(self.process.is_none(), "it runs already");
        self.process = Some(Process { child, pid });
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
        self.told.messages.lock().expect("nobody panics with it").clone()
    }

    /// The process of the monitor.
    pub fn pid(&self) -> Pid {
        self.process.as_ref().expect("it runs").pid
    }

    /// It must still run.
    #[track_caller]
    pub fn alive(&mut self) {
        let process = self.process.as_mut().expect("it was started");
        if let Some(status) = process.child.try_wait().expect("it is ours") {
            panic!("the monitor has ended with {status}:\n{}", self.log());
        }
    }

    /// Reads its settings again (SIGHUP).
    pub fn reload(&self) {
        kill_process(self.pid(), Signal::HUP).expect("it runs");
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
        kill_process(self.pid(), Signal::TERM).expect("it runs");
        let status = self.wait();
        assert!(status.success(), "it ended with {status}:\n{}", self.log());
        start.elapsed()
    }

    /// Ends it at once, without asking (SIGKILL).
    pub fn kill(&mut self) {
        kill_process(self.pid(), Signal::KILL).expect("it runs");
        self.wait();
    }

    #[track_caller]
    fn wait(&mut self) -> ExitStatus {
        let mut process = self.process.take().expect("it runs");
        let start = Instant::now();
        loop {
            if let Some(status) = process.child.try_wait().expect("it is ours") {
                return status;
            }
            if start.elapsed() > PATIENCE {
                let _ = kill_process(process.pid, Signal::KILL);
                let _ = process.child.wait();
                panic!("the monitor does not end:\n{}", self.log());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What it has written to its standard error, and output.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// What it says of itself; nothing where its socket does not answer.
    pub fn report(&self) -> Option<Report> {
        let mut stream = UnixStream::connect(self.path("run/control.sock")).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        stream
            .write_all(b"GET /report HTTP/1.1\r\nHost: monitor\r\nConnection: close\r\n\r\n")
            .ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        let (_, body) = text.split_once("\r\n\r\n")?;
        Some(serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}")))
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
        if let Some(mut process) = self.process.take() {
            let _ = kill_process(process.pid, Signal::KILL);
            let _ = process.child.wait();
        }
        if std::thread::panicking() {
            let mut error = std::io::stderr();
            let _ = writeln!(error, "the monitor's log:\n{}", self.log());
            for line in self.why() {
                let _ = writeln!(error, "decided: {line}");
            }
        }
    }
}
