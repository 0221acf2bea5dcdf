//! `tsctl monitor-logs`: what the monitor said.

use std::io::IsTerminal;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::Args;

use super::why::{self, Zone};
use super::{Streams, program};
use crate::host::failure::Failure;
use crate::host::monitor::STATE_DIRECTORY;
use crate::host::show::printable;
use crate::host::status::Status;
use crate::net::TimeSpan;

/// The unit of the monitor.
const UNIT: &str = "tailwright-monitor.service";
/// So many lines where nothing else is said.
const USUAL: u32 = 200;

/// Show what the monitor said
///
/// Also called as ts-monitor-logs. Shows the journal of the unit tailwright-monitor (journalctl), which has a line for each
/// decision as well; with --decisions, or where there is no journal, the decision log alone. `tsctl why` shows one decision
/// with everything that is known of it.
#[derive(Debug, Args)]
pub(crate) struct MonitorLogs {
    /// Go on showing what is said
    #[arg(short, long)]
    follow: bool,
    /// At most so many lines, the newest; 200 by default
    #[arg(short = 'n', long, value_name = "NUMBER")]
    lines: Option<NonZeroU32>,
    /// Nothing older: a span such as 24h, or a time as journalctl takes it
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only the decisions, one a line
    #[arg(long, conflicts_with_all = ["follow", "since"])]
    decisions: bool,
    /// Where the monitor keeps its files
    #[arg(long, value_name = "DIR", default_value = STATE_DIRECTORY, hide = true)]
    state_dir: PathBuf,
}

impl MonitorLogs {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        if self.decisions {
            return self.decisions(streams);
        }
        let Some(journalctl) = program::find("journalctl") else {
            writeln!(
                streams.err,
                "tsctl: this machine has no journalctl; these are the decisions of the monitor alone"
            )?;
            return self.decisions(streams);
        };
        streams.out.flush()?;
        let ended = Command::new(journalctl)
            .args(self.arguments(std::io::stdout().is_terminal()))
            .stdin(Stdio::null())
            .status()
            .map_err(|error| Failure::Program(format!("failed to start journalctl: {error}")))?;
        // It has said what was wrong. One that was interrupted (`-f`) has done what it was to do.
        Ok(if ended.success() || ended.code().is_none() {
            Status::Success
        } else {
            Status::System
        })
    }

    /// What journalctl(1) is started with. Each value is part of its option's word, and so is never an option itself.
    fn arguments(&self, is_terminal: bool) -> Vec<String> {
        let mut arguments = vec![
            format!("--unit={UNIT}"),
            "--output=short-iso".to_owned(),
            "--no-hostname".to_owned(),
            format!("--lines={}", self.lines.map_or(USUAL, NonZeroU32::get)),
        ];
        if let Some(since) = &self.since {
            // A span is counted back from now (systemd.time(7)).
            let is_span = since.parse::<TimeSpan>().is_ok();
            arguments.push(format!("--since={}{since}", if is_span { "-" } else { "" }));
        }
        if self.follow {
            arguments.push("--follow".to_owned());
        }
        if !is_terminal {
            arguments.push("--no-pager".to_owned());
        }
        arguments
    }

    /// The decision log, one decision a line, the oldest first.
    fn decisions(&self, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        let found = why::read(&self.state_dir);
        let zone = Zone::of_host();
        let most = self.lines.map_or(USUAL, NonZeroU32::get);
        let skip = found
            .decisions
            .len()
            .saturating_sub(usize::try_from(most).unwrap_or(usize::MAX));
        for decision in found.decisions.iter().skip(skip) {
            let (at, what) = (zone.local(decision.at), printable(&decision.what.to_string()));
            writeln!(streams.out, "{at} {what}")?;
        }
        if let Some(trouble) = &found.trouble {
            let reason = why::reason(trouble);
            writeln!(streams.err, "tsctl: {}", reason.text)?;
            if let Some(command) = reason.command {
                writeln!(streams.err, "  {command}")?;
            }
            return Ok(Status::CannotTell);
        }
        Ok(Status::Success)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_passed_on_and_are_never_options() {
        let logs = |since: Option<&str>, follow| MonitorLogs {
            follow,
            lines: NonZeroU32::new(7),
            since: since.map(str::to_owned),
            decisions: false,
            state_dir: PathBuf::new(),
        };
        let usual = [
            "--unit=tailwright-monitor.service",
            "--output=short-iso",
            "--no-hostname",
            "--lines=7",
        ];
        assert_eq!(logs(None, false).arguments(true), usual);
        assert_eq!(logs(Some("24h"), false).arguments(true)[4], "--since=-24h");
        assert_eq!(
            logs(Some("--vacuum-size=1"), true).arguments(false)[4..],
            ["--since=--vacuum-size=1", "--follow", "--no-pager"]
        );
    }
}
