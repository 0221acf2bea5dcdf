//! `tsctl monitor`, also called `ts-monitor`: the daemon that measures, decides and acts; and `tsctl failover`, which speaks to
//! it.
//!
//! What is measured, concluded and decided is in [`monitor`](crate::monitor), and pure; here are the clock, the sockets, the
//! files and the signals:
//!
//! - `daemon` is the loop: one thread, which hands each event to the machine and does what that wants done;
//! - `settings` (`/etc/tailwright/tsctl.json`), `store` (the state on disk), `decisions` (why it did what it did);
//! - `apply` and `hosts` put settings in force, `systemd` restarts tailscaled and says how the monitor is;
//! - [`probes`] asks what is to be measured;
//! - `senders` keeps what people are to be told, and carries it to them;
//! - `log` says what happens, to the `journal` as records with fields; `control` is the socket that commands speak to; `metrics` is how Prometheus gets at the metrics.
//!
//! What the unit has to give it: `StateDirectory=` and `RuntimeDirectory=tailwright-monitor` (`RuntimeDirectoryMode=0755`, so that
//! everybody may ask), tailscaled's socket, the right to change its preferences (root, or its operator) where it is to act, and
//! systemd's own socket (`AF_UNIX`) to restart tailscaled and to tell a restart of itself from a stop: for that the unit is to be
//! restarted in one job (`stopIfChanged = false` on NixOS). It reads its settings again on SIGHUP.

mod apply;
mod checked;
mod clock;
pub(crate) mod control;
mod daemon;
pub(crate) mod decisions;
mod hosts;
mod journal;
mod log;
mod metrics;
mod once;
pub mod probes;
mod senders;
pub(crate) mod settings;
mod store;
mod systemd;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::sync::mpsc::UnboundedReceiver;

use self::daemon::{Daemon, Places};
use self::hosts::Hosts;
use self::log::Log;
use self::systemd::Systemd;
use super::tailnet::socket_args::{SocketArgs, block_on};
use crate::host::Streams;
use crate::host::failover::status::shown;
use crate::host::failure::Failure;
use crate::host::show::{ShowArgs, interval};
use crate::host::status::Status;
use crate::model::MonitorSettings;

/// Where the settings are.
pub(crate) const CONFIG: &str = "/etc/tailwright/tsctl.json";
/// Where the state is.
pub(crate) const STATE_DIRECTORY: &str = "/var/lib/tailwright-monitor";

/// Watch the tailnet of this host, and fail over where the settings say so
///
/// Also called as ts-monitor. It runs until it is ended (SIGTERM, SIGINT), reads its settings again on SIGHUP, and tells
/// systemd how it is. When it is stopped, the preferences of tailscaled are put back as they were found (failover.restoreOnStop); a
/// restart leaves them in place and goes on. `tsctl failover status` shows what it does.
#[derive(Debug, Args)]
pub(crate) struct Monitor {
    /// The settings
    #[arg(long, value_name = "FILE", default_value = CONFIG)]
    config: PathBuf,
    /// Only say whether these settings are good: status 0, or 1 with the reason
    #[arg(long, value_name = "FILE", group = "looks", conflicts_with_all = ["config", "dry_run", "once"])]
    check_config: Option<PathBuf>,
    /// Write down what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Check everything once, show it as `tsctl failover status` does, and change nothing
    #[arg(long, group = "looks")]
    once: bool,
    #[command(flatten)]
    show: LookArgs,
    #[command(flatten)]
    socket: SocketArgs,
    #[command(flatten)]
    directories: Directories,
    #[command(flatten)]
    systemd: Systemd,
}

/// How that is shown which is only looked at.
#[derive(Debug, Args)]
struct LookArgs {
    /// With --once or --check-config: print it as JSON
    #[arg(long, requires = "looks")]
    json: bool,
    /// With --once: check and show it again and again, each time after so much time; without TIME after 2s
    #[arg(
        long,
        value_name = "TIME",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "2s",
        value_parser = interval,
        requires = "once",
        conflicts_with = "check_config",
    )]
    watch: Option<Duration>,
}

/// Where the monitor has its files.
#[derive(Debug, Args)]
pub(crate) struct Directories {
    /// Where the state is
    #[arg(long, value_name = "DIR", default_value = STATE_DIRECTORY, hide = true)]
    pub(crate) state_dir: PathBuf,
    /// Where its socket is
    #[arg(long, value_name = "DIR", default_value = control::RUNTIME_DIRECTORY, hide = true)]
    pub(crate) runtime_dir: PathBuf,
    /// What /etc/hosts has besides the addresses of services
    #[arg(long, value_name = "FILE", default_value = "/etc/tailwright/hosts", hide = true)]
    pub(crate) hosts_base: PathBuf,
    /// Where the journal listens (for tests)
    #[arg(long, value_name = "SOCKET", hide = true, default_value = journal::SOCKET)]
    journal: PathBuf,
    /// Where the host says what its network is like (for tests)
    #[arg(long, value_name = "DIR", hide = true)]
    network: Option<PathBuf>,
}

impl Directories {
    fn network(&self) -> probes::Places {
        let Some(directory) = &self.network else {
            return probes::Places::default();
        };
        probes::Places {
            interfaces: directory.join("interfaces"),
            routes: directory.join("route"),
            routes6: directory.join("ipv6_route"),
            resolvers: directory.join("resolv.conf"),
            uplink_resolvers: directory.join("uplink.conf"),
            hosts: directory.join("hosts"),
            authorities: None,
        }
    }
}

impl Monitor {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        if let Some(path) = &self.check_config {
            return checked::check(path, &ShowArgs::of(self.show.json, None), streams);
        }
        let settings = settings::read(&self.config)?;
        if self.once {
            return self.once(&settings, streams);
        }
        let places = Places {
            config: self.config.clone(),
            state: self.directories.state_dir.clone(),
            runtime: self.directories.runtime_dir.clone(),
            hosts: self.directories.hosts_base.clone(),
            network: self.directories.network(),
        };
        let api = Arc::new(self.socket.client());
        let (log, lines) = Log::new(&self.directories.journal);
        let monitor = Daemon::new(places, settings, api, self.systemd.clone(), self.dry_run, log);
        block_on(monitored(monitor, lines, streams.err))??;
        Ok(Status::Success)
    }

    fn once(&self, settings: &MonitorSettings, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        let directories = &self.directories;
        let services = &settings.failover.lan_services;
        let hosts = Hosts::new(&directories.runtime_dir, &directories.hosts_base, services);
        let network = directories.network();
        let api = Arc::new(self.socket.client());
        ShowArgs::of(self.show.json, self.show.watch).show(streams, || {
            let (api, network) = (Arc::clone(&api), network.clone());
            let report = block_on(once::round(settings, api, network, &hosts, &directories.state_dir))?;
            Ok(shown(&report))
        })
    }
}

/// Runs the monitor, and writes down what it says. It has a task of its own: what the runtime itself waits for is woken by a
/// system call each time.
async fn monitored(
    monitor: Result<Daemon, Failure>,
    mut lines: UnboundedReceiver<String>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    // That nobody reads it is no reason not to monitor.
    let mut write = |line: String| drop(writeln!(out, "{line}"));
    let ended = match monitor {
        Err(failure) => Err(failure),
        Ok(monitor) => {
            let mut running = tokio::spawn(monitor.run());
            loop {
                tokio::select! {
                    ended = &mut running => {
                        let failed = |error| Failure::Program(format!("the monitor broke off: {error}"));
                        break ended.map_err(failed).flatten();
                    }
                    Some(line) = lines.recv() => write(line),
                }
            }
        }
    };
    while let Ok(line) = lines.try_recv() {
        write(line);
    }
    ended
}
