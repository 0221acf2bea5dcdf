//! systemd: what it is told, and what it is asked.
//!
//! Without it (no `NOTIFY_SOCKET`) nothing is told, and being ended means being stopped.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use clap::Args;
use sd_notify::NotifyState;
use tokio::process::Command;
use tokio::time::timeout;

use crate::host::program::{find, said};
use crate::monitor::failover::{Ending, Outcome};

/// How long a restart of tailscaled may take. The machine gives up after a minute.
const RESTART: Duration = Duration::from_secs(45);
/// How long systemd may take to say what it does.
const ANSWER: Duration = Duration::from_secs(2);

/// Which programs and units are meant.
#[derive(Debug, Clone, Args)]
pub(super) struct Systemd {
    /// The program that speaks to systemd; found on PATH where it is not given (for tests)
    #[arg(long, value_name = "PROGRAM", hide = true)]
    systemctl: Option<PathBuf>,
    /// The unit of tailscaled (for tests)
    #[arg(long, value_name = "UNIT", hide = true, default_value = "tailscaled.service")]
    tailscaled_unit: String,
    /// The unit of this monitor (for tests)
    #[arg(long, value_name = "UNIT", hide = true, default_value = "tailwright-monitor.service")]
    own_unit: String,
}

impl Systemd {
    /// Restarts tailscaled and waits until it has. One that was stopped on purpose is left so.
    pub(super) async fn restart_tailscaled(self) -> Outcome {
        let unit = &self.tailscaled_unit;
        // Whoever stops it has systemd say `inactive`; one that has died has `failed`, or is being started again already.
        let state = self.run(&["show", "--property=ActiveState", unit], ANSWER).await;
        let state = state.as_deref().unwrap_or_default().trim();
        if matches!(state, "ActiveState=inactive" | "ActiveState=deactivating") {
            return Outcome::NotAsked(format!(
                "systemd says that {unit} was stopped, not that it died: it is left so. Start it: sudo systemctl start {unit}"
            ));
        }
        match self.run(&["restart", &self.tailscaled_unit], RESTART).await {
            Ok(_) => Outcome::Done,
            Err(reason) => Outcome::Refused(format!(
                "{reason}. Look at it: systemctl status {}",
                self.tailscaled_unit
            )),
        }
    }

    /// Why this program is told to end: whether its unit is stopped, or restarted (an upgrade, `systemctl restart`), or the
    /// machine goes down. systemd is asked, because the signal is the same: a job of the kind `restart` waits for the end.
    ///
    /// `nixos-rebuild switch` restarts the unit in this way only with `stopIfChanged = false`; otherwise it stops it and
    /// starts it again, and everything is put back between the two. When the machine goes down everything stays: the state
    /// on disk says how to go on.
    pub(super) async fn ending(self) -> Ending {
        if !is_manager() {
            return Ending::Stop;
        }
        let jobs = self
            .run(&["list-jobs", "--no-legend", "--plain", "--full"], ANSWER)
            .await
            .unwrap_or_default();
        ending(&jobs, &self.own_unit)
    }

    async fn run(&self, arguments: &[&str], patience: Duration) -> Result<String, String> {
        let program = match &self.systemctl {
            Some(program) => program.clone(),
            None => find("systemctl").ok_or("there is no systemctl on this machine")?,
        };
        let child = Command::new(&program)
            .args(arguments)
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = timeout(patience, child)
            .await
            .map_err(|_| {
                format!(
                    "systemctl {} did not end within {} s",
                    arguments.join(" "),
                    patience.as_secs()
                )
            })?
            .map_err(|error| format!("failed to run {}: {error}", program.display()))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = said(&output.stderr);
        let said = said.lines().next().unwrap_or("it did not say why");
        Err(format!("systemctl {} failed: {said}", arguments.join(" ")))
    }
}

/// What the jobs of systemd mean for this unit: `NUMBER UNIT TYPE STATE` a line.
fn ending(jobs: &str, unit: &str) -> Ending {
    let mut jobs = jobs.lines().map(|line| {
        let mut words = line.split_whitespace().skip(1);
        (words.next().unwrap_or_default(), words.next().unwrap_or_default())
    });
    let stays = jobs.any(|(name, kind)| {
        (name == unit && matches!(kind, "restart" | "try-restart" | "start"))
            || (name == "shutdown.target" && kind == "start")
    });
    if stays { Ending::Restart } else { Ending::Stop }
}

/// Whether systemd has started this process and hears it.
fn is_manager() -> bool {
    std::env::var_os("NOTIFY_SOCKET").is_some()
}

/// Tells systemd. That it does not hear is no reason not to monitor.
fn tell(states: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(states);
}

/// Everything that is needed has been started.
pub(super) fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// What it does, in a line.
pub(super) fn status(status: &str) {
    tell(&[NotifyState::Status(status)]);
}

/// The settings are being read again; [`ready`] follows.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// It is about to end.
pub(super) fn stopping(status: &str) {
    tell(&[NotifyState::Stopping, NotifyState::Status(status)]);
}

/// It is still alive.
pub(super) fn alive() {
    tell(&[NotifyState::Watchdog]);
}

/// How often that is to be told; nothing where nobody waits for it.
pub(super) fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|within| within / 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restart_is_told_from_a_stop() {
        let unit = "tailwright-monitor.service";
        for (jobs, expected) in [
            ("", Ending::Stop),
            ("812 tailwright-monitor.service stop running\n", Ending::Stop),
            ("812 tailwright-monitor.service restart running\n", Ending::Restart),
            (
                "7 nginx.service restart waiting\n8 tailwright-monitor.service stop running\n",
                Ending::Stop,
            ),
            (
                "1 shutdown.target start waiting\n2 tailwright-monitor.service stop running\n",
                Ending::Restart,
            ),
            ("No jobs running.\n", Ending::Stop),
        ] {
            assert_eq!(ending(jobs, unit), expected, "{jobs}");
        }
    }
}
