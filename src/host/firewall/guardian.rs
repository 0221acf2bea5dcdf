//! Who puts the former rules back: what is started for it, and where.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use clap::ValueEnum;

use super::change::{Change, ChangeId, GuardianKind};
use super::phase::Phase;
use super::store::Store;
use crate::host::failure::Failure;
use crate::host::{clock, program};

/// How many processes wait where there is no systemd: any one of them may be killed.
const PROCESSES: u8 = 2;

/// How long a process has for saying that it waits.
const START: Duration = Duration::from_secs(10);

/// Who puts the former rules back, as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Wanted {
    /// A timer of systemd where it manages this system, else processes
    Auto,
    /// A transient timer of systemd
    Systemd,
    /// Two processes in sessions of their own
    Process,
}

impl Wanted {
    /// Who it will be.
    pub(crate) fn kind(self) -> GuardianKind {
        let is_timer = match self {
            Self::Systemd => true,
            Self::Process => false,
            Self::Auto => is_managed_by_systemd() && program::find("systemd-run").is_some(),
        };
        if is_timer {
            GuardianKind::SystemdTimer
        } else {
            GuardianKind::Processes
        }
    }
}

/// Whether systemd is the first process (`sd_booted(3)`) and what it starts sees the network and the files that we see: in
/// a network namespace of our own it would put the rules back elsewhere.
fn is_managed_by_systemd() -> bool {
    let same = |namespace: &str| {
        let of = |process: &str| std::fs::read_link(format!("/proc/{process}/ns/{namespace}")).ok();
        of("1").is_some_and(|first| of("self") == Some(first))
    };
    Path::new("/run/systemd/system").is_dir()
        && std::fs::read_to_string("/proc/1/comm").is_ok_and(|name| name.trim() == "systemd")
        && same("net")
        && same("mnt")
}

/// Starts what waits for the deadline of a staged change; it is waiting when this returns.
pub(crate) fn start(store: &Store, change: &Change) -> Result<(), Failure> {
    match change.guardian {
        GuardianKind::SystemdTimer => start_timer(store, change),
        GuardianKind::Processes => start_processes(store, change),
    }
}

/// Takes a timer away that has nothing to do any more. Where that fails it goes off, finds that, and ends.
pub(crate) fn dismiss(change: &Change) {
    if change.guardian == GuardianKind::SystemdTimer
        && let Some(systemctl) = program::find("systemctl")
    {
        let mut stop = Command::new(systemctl);
        stop.args(["--no-block", "--quiet", "stop"])
            .arg(format!("{}.timer", unit(&change.id)));
        let _ = stop
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

fn unit(id: &ChangeId) -> String {
    format!("tailwright-firewall-{id}")
}

fn start_timer(store: &Store, change: &Change) -> Result<(), Failure> {
    let systemd_run = program::find("systemd-run")
        .ok_or_else(|| Failure::Program("there is no systemd-run here: use --guardian process".to_owned()))?;
    let itself = itself()?;
    let left = change.deadline.since(clock::now());
    let mut run = Command::new(systemd_run);
    run.args(["--quiet", "--collect"])
        .arg(format!("--unit={}", unit(&change.id)))
        .arg(format!(
            "--description=Put back table inet {} unless confirmed",
            change.table
        ))
        .arg(format!("--on-active={}ms", left.as_millis()))
        .arg("--timer-property=AccuracySec=10ms")
        // Killed, it comes again until it is done.
        .args(["--property=Restart=on-failure", "--property=RestartSec=1s"])
        .arg("--property=StartLimitIntervalSec=0")
        .arg("--")
        .arg(itself)
        .args(guard(store, change));
    let output = run
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::Program(format!("failed to run systemd-run: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = program::said(&output.stderr);
    Err(Failure::Program(format!(
        "systemd-run made no timer, so nothing was loaded; --guardian process does without. It said:\n{said}"
    )))
}

/// The path of this program, for somebody who starts it later.
fn itself() -> Result<PathBuf, Failure> {
    let link = Path::new("/proc/self/exe");
    std::fs::canonicalize(link).map_err(Failure::file("find this program by", link))
}

fn start_processes(store: &Store, change: &Change) -> Result<(), Failure> {
    let mut processes = Vec::new();
    for number in 1..=PROCESSES {
        // Whatever has become of the file that it was started from.
        let mut process = Command::new("/proc/self/exe");
        process.arg0("tsctl");
        process
            .args(guard(store, change))
            .arg("--waiting")
            .arg(number.to_string());
        process
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = process
            .spawn()
            .map_err(|error| Failure::Program(format!("failed to start a guardian, so nothing was loaded: {error}")))?;
        processes.push((process, ready_file(store, change, number)));
    }
    let until = clock::now().after(START);
    for (process, ready) in &mut processes {
        while !ready.is_file() {
            if clock::now() >= until || has_ended(process) {
                return Err(Failure::Program(
                    "a guardian did not start, so nothing was loaded".to_owned(),
                ));
            }
            clock::sleep(Duration::from_millis(1));
        }
    }
    Ok(())
}

fn has_ended(process: &mut Child) -> bool {
    !matches!(process.try_wait(), Ok(None))
}

/// The file in which a guardian says that it waits, while the change is staged.
pub(crate) fn ready_file(store: &Store, change: &Change, number: u8) -> PathBuf {
    store.path(Phase::Staged, &change.id).join(format!("guardian-{number}"))
}

fn guard(store: &Store, change: &Change) -> [std::ffi::OsString; 5] {
    [
        "firewall".into(),
        "--state-dir".into(),
        store.directory().into(),
        "guard".into(),
        change.id.to_string().into(),
    ]
}
