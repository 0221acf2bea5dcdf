//! `tsctl monitor-logs`: what the monitor said.

mod seen;

use std::io::IsTerminal;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;

use self::seen::{Line, Said, Source};
use super::why::{self, Zone};
use super::{Streams, clock, program};
use crate::host::failure::Failure;
use crate::host::monitor::STATE_DIRECTORY;
use crate::host::show::{Reason, ShowArgs, State};
use crate::host::status::Status;
use crate::host::tailnet::when::written;
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
///
/// The exit status is 0, or 3 where this user may not read it, or it has nothing of the monitor.
#[derive(Debug, Args)]
pub(crate) struct MonitorLogs {
    /// Go on showing what is said
    #[arg(short, long, conflicts_with_all = ["json", "watch"])]
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
    #[command(flatten)]
    show: ShowArgs,
    /// Where the monitor keeps its files
    #[arg(long, value_name = "DIR", default_value = STATE_DIRECTORY, hide = true)]
    state_dir: PathBuf,
}

impl MonitorLogs {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        let journalctl = program::find("journalctl").filter(|_| !self.decisions);
        let Some(journalctl) = journalctl else {
            return self.show.show(streams, || Ok(self.decided()));
        };
        if !self.show.is_plain() {
            return self.show.show(streams, || self.journal(&journalctl));
        }
        // What is said from now on may be the first.
        if let Some(trouble) = trouble(&journalctl).filter(|trouble| !self.follow || *trouble != silent()) {
            let said = Self::said(Source::Journal, vec![trouble], Vec::new());
            return self.show.show(streams, || Ok(said.clone()));
        }
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

    /// The journal, read.
    fn journal(&self, journalctl: &Path) -> Result<Said, Failure> {
        if let Some(trouble) = trouble(journalctl) {
            return Ok(Self::said(Source::Journal, vec![trouble], Vec::new()));
        }
        let output = Command::new(journalctl)
            .args(self.arguments(false))
            .arg("--output=json")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Failure::Program(format!("failed to start journalctl: {error}")))?;
        if !output.status.success() {
            let said = program::said(&output.stderr);
            return Err(Failure::Program(format!("journalctl: {said}")));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let lines = text.lines().filter_map(Line::of_journal).collect();
        Ok(Self::said(Source::Journal, Vec::new(), lines))
    }

    /// The decision log.
    fn decided(&self) -> Said {
        let found = why::read(&self.state_dir);
        let mut reasons: Vec<Reason> = Vec::new();
        if !self.decisions {
            let text = "this machine has no journalctl: these are the decisions of the monitor alone";
            reasons.push(Reason::new(State::Good, text));
        }
        reasons.extend(found.trouble.as_ref().map(|trouble| Reason {
            // Without a log nothing can be told.
            state: State::CannotTell,
            ..why::reason(trouble)
        }));
        let most = self.lines.map_or(USUAL, NonZeroU32::get);
        let skip = found
            .decisions
            .len()
            .saturating_sub(usize::try_from(most).unwrap_or(usize::MAX));
        let lines = found.decisions.iter().skip(skip).map(|decision| Line {
            at: written(decision.at.as_millis() / 1_000),
            priority: None,
            text: decision.what.to_string(),
            moment: decision.at,
        });
        Self::said(Source::Decisions, reasons, lines.collect())
    }

    fn said(source: Source, reasons: Vec<Reason>, lines: Vec<Line>) -> Said {
        let said = Said {
            taken: clock::wall().to_string(),
            state: State::Good,
            reasons,
            source,
            lines,
            zone: Zone::of_host(),
        };
        said.judged()
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
}

/// Why the journal shows nothing of the monitor, where it does not. journalctl itself would end as if all were well: that a
/// user may not read it stands on standard error alone.
fn trouble(journalctl: &Path) -> Option<Reason> {
    let looked = Command::new(journalctl)
        .args([&format!("--unit={UNIT}"), "--lines=1", "--output=cat", "--no-pager"])
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&looked.stderr);
    if said.contains("insufficient permissions") || said.contains("not seeing messages from other users") {
        return Some(forbidden());
    }
    let shown = String::from_utf8_lossy(&looked.stdout);
    let is_silent = matches!(shown.trim(), "" | "-- No entries --");
    (looked.status.success() && is_silent).then(silent)
}

fn silent() -> Reason {
    let text = "the journal has nothing that the monitor said";
    Reason::new(State::CannotTell, text).command("systemctl status tailwright-monitor")
}

fn forbidden() -> Reason {
    let text = "only root and the group systemd-journal may read what the monitor said";
    Reason::new(State::CannotTell, text).command("sudo tsctl monitor-logs")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::host::show::{drawn, golden};

    fn logs(since: Option<&str>, follow: bool) -> MonitorLogs {
        MonitorLogs {
            follow,
            lines: NonZeroU32::new(7),
            since: since.map(str::to_owned),
            decisions: false,
            show: ShowArgs::default(),
            state_dir: PathBuf::new(),
        }
    }

    #[test]
    fn values_are_passed_on_and_are_never_options() {
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

    #[test]
    fn entries_of_the_journal_are_read() {
        let text = r#"{"__REALTIME_TIMESTAMP":"1795140725123456","PRIORITY":"4","MESSAGE":"exit node gate is down","_PID":"7"}"#;
        let line = Line::of_journal(text).unwrap();
        assert_eq!(
            (line.at.as_str(), line.priority, line.text.as_str()),
            ("2026-11-20T02:12:05Z", Some(4), "exit node gate is down")
        );
        let bytes = r#"{"__REALTIME_TIMESTAMP":"0","MESSAGE":[27,91,50,74]}"#;
        assert_eq!(Line::of_journal(bytes).unwrap().text, "\u{1b}[2J");
        for none in [
            "",
            "-- No entries --",
            "{}",
            r#"{"__REALTIME_TIMESTAMP":"x","MESSAGE":"y"}"#,
        ] {
            assert_eq!(Line::of_journal(none), None, "{none}");
        }
    }

    #[test]
    fn lines_fit_and_cannot_act_on_the_terminal() {
        let line = |after: u64, priority, text: &str| {
            let moment = crate::monitor::Moment::from_millis(1_795_140_725_000 + 1_000 * after);
            Line {
                at: written(moment.as_millis() / 1_000),
                priority,
                text: text.to_owned(),
                moment,
            }
        };
        let said = |source, reasons, lines| Said {
            zone: Zone::utc(),
            ..MonitorLogs::said(source, reasons, lines)
        };
        let lines = vec![
            line(0, Some(6), "started"),
            line(1, Some(3), &"a word \u{1b}[2J ".repeat(30)),
        ];
        let text = drawn(&said(Source::Journal, Vec::new(), lines), 80);
        assert!(text.lines().count() > 4 && text.contains(" started\n"), "{text}");
        let lines = vec![
            line(0, Some(5), "exit node spare is in force instead of exit node gate"),
            line(
                1,
                Some(4),
                "alarm: the exit node gate does not answer, and what is sent through it does not arrive",
            ),
        ];
        golden("monitor_logs", "journal", &said(Source::Journal, Vec::new(), lines));
        golden(
            "monitor_logs",
            "forbidden",
            &said(Source::Journal, vec![forbidden()], Vec::new()),
        );
        golden(
            "monitor_logs",
            "silent",
            &said(Source::Journal, vec![silent()], Vec::new()),
        );
    }

    #[test]
    fn decisions_are_a_line_each() {
        let at = 1_795_140_725_000_u64;
        let (gate, spare) = (
            json!({"exit-node": {"node": "gate"}}),
            json!({"exit-node": {"node": "spare"}}),
        );
        let failing =
            json!({"level": "down", "since": at - 95_000, "bad": 3, "fault": {"no-answer": {"waited": 5_000}}});
        let log = [
            json!({"at": at, "what": {"move": {
                "token": 1, "from": gate, "to": spare, "why": {"failing": failing}, "considered": [], "layers": [],
            }}}),
            json!({"at": at + 180, "what": {"moved": {"token": 1, "from": gate, "to": spare}}}),
            json!({"at": at + 600_000, "what": {"paused": {"until": at + 6_000_000}}}),
        ];
        let place = tempfile::tempdir().unwrap();
        let text = log.map(|line| format!("{line}\n")).concat();
        std::fs::write(place.path().join(crate::host::monitor::decisions::DECISIONS), text).unwrap();
        let logs = MonitorLogs {
            decisions: true,
            state_dir: place.path().to_owned(),
            ..logs(None, false)
        };
        let said = Said {
            zone: Zone::utc(),
            ..logs.decided()
        };
        assert_eq!((said.state, said.lines.len()), (State::Good, 3));
        golden("monitor_logs", "decisions", &said);
    }

    #[test]
    fn the_schema_that_is_published_is_that_of_these_types() {
        crate::host::show::published::<Said>("monitor-logs.json");
    }
}
