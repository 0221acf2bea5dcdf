//! `tsctl failover`: what the monitor does about failures, and having it do otherwise.

pub(super) mod reasons;
pub(super) mod status;
mod words;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use self::status::START;
use self::words::word;
use super::failure::Failure;
use super::monitor::control::{self, RUNTIME_DIRECTORY, Unreached};
use super::status::Status;
use super::tailnet::socket_args::block_on;
use super::tailnet::when;
use super::{Streams, clock};
use crate::monitor::failover::{Answer, Command, Phase, Refusal, Setting};
use crate::monitor::{Moment, Report};
use crate::net::TimeSpan;

/// How long the monitor has for an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a change may take.
const CHANGE: Duration = Duration::from_secs(10);
/// How often it is looked whether it is made.
const LOOK: Duration = Duration::from_millis(20);

/// See what the monitor does about failures, and have it do otherwise
#[derive(Debug, Args)]
pub(crate) struct Failover {
    #[command(subcommand)]
    command: What,
    #[command(flatten)]
    monitor: MonitorArgs,
}

/// Which monitor is asked.
#[derive(Debug, Clone, Args)]
pub(crate) struct MonitorArgs {
    /// Where its socket is
    #[arg(long, value_name = "DIR", default_value = RUNTIME_DIRECTORY, hide = true, global = true)]
    pub(crate) runtime_dir: PathBuf,
}

#[derive(Debug, Subcommand)]
enum What {
    Status(status::Status),
    /// Make no moves for a while
    ///
    /// It goes on measuring, and tells people what fails.
    Pause(For),
    /// Make moves again: ends a pause, and every choice that somebody made
    Resume,
    /// Put something else in force and leave it there
    ///
    /// NODE is an exit node as the settings name it, auto:any, or none; or routes-on, routes-off, SERVICE=lan, SERVICE=tailnet,
    /// tunnel-up, tunnel-down. Only what the settings list is put in force, and never what would close the operator's only way in.
    Switch {
        /// What is to be in force
        #[arg(value_name = "NODE")]
        to: String,
        #[command(flatten)]
        duration: For,
    },
    /// Go back to what the settings want, now, whatever its health
    Restore,
}

/// How long.
#[derive(Debug, Args)]
struct For {
    /// For so long (90s, 2h, 1d); otherwise until `tsctl failover resume`
    #[arg(long = "for", value_name = "TIME")]
    span: Option<TimeSpan>,
}

impl For {
    fn until(&self, report: &Report) -> Option<Moment> {
        self.span.map(|span| report.at.after(span))
    }
}

impl Failover {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        if let What::Status(status) = &self.command {
            return status.run(streams, &self.monitor.runtime_dir);
        }
        let report = self.report()?;
        let out = &mut *streams.out;
        match &self.command {
            // That was answered above, from a report that may be missing.
            What::Status(_) => {}
            What::Pause(duration) => {
                let until = duration.until(&report);
                self.ask(&Command::Pause(until))?;
                writeln!(
                    out,
                    "no moves are made {}; measuring and alarms go on",
                    ends(until, &report)
                )?;
                writeln!(out, "to end it: sudo tsctl failover resume")?;
            }
            What::Resume => {
                if self.ask(&Command::Resume)? == Answer::Already {
                    writeln!(out, "nothing is paused, and nobody chose what is in force")?;
                } else {
                    writeln!(out, "moves are made again, and choices are over")?;
                    writeln!(out, "to see what comes of it: tsctl failover status --watch")?;
                }
            }
            What::Switch { to, duration } => {
                let setting = words::setting(&report, to).map_err(Failure::Refused)?;
                let until = duration.until(&report);
                self.ask(&Command::Switch(setting.clone(), until))?;
                self.comes_in_force(&setting)?;
                writeln!(
                    out,
                    "{setting} is in force {}, whatever its health",
                    ends(until, &report)
                )?;
                writeln!(out, "to let the monitor decide again: sudo tsctl failover resume")?;
            }
            What::Restore => {
                if self.ask(&Command::Restore)? == Answer::Already {
                    writeln!(out, "what the settings want is in force")?;
                    return Ok(Status::Success);
                }
                for subject in &report.subjects {
                    if let Some(wanted) = subject.wanted.as_ref().filter(|wanted| **wanted != subject.standing) {
                        self.comes_in_force(wanted)?;
                        writeln!(out, "{wanted} is in force instead of {}", subject.standing)?;
                    }
                }
                writeln!(out, "choices are over, and what failed before is no longer held down")?;
                writeln!(out, "to see whether it works: tsctl failover status --watch")?;
            }
        }
        Ok(Status::Success)
    }

    /// Waits until that is in force, or has turned out not to be.
    fn comes_in_force(&self, setting: &Setting) -> Result<(), Failure> {
        let began = clock::now();
        loop {
            let report = self.report()?;
            let subject = report.subjects.iter().find(|about| about.subject == setting.subject());
            let phase = subject.map(|about| about.phase);
            if subject.is_some_and(|about| about.standing == *setting) && phase != Some(Phase::Moving) {
                return Ok(());
            }
            if phase != Some(Phase::Moving) {
                return Err(Failure::Refused(format!(
                    "{setting} was not put in force. The reason: tsctl why"
                )));
            }
            if clock::now().since(began) > CHANGE {
                return Err(Failure::Refused(format!(
                    "{setting} is not in force yet: tailscaled does not answer. Look at it: tsctl failover status"
                )));
            }
            clock::sleep(LOOK);
        }
    }

    fn report(&self) -> Result<Report, Failure> {
        block_on(control::report(&self.monitor.runtime_dir, PATIENCE))?.map_err(|unreached| self.unreached(&unreached))
    }

    /// What the monitor answers to a command that it obeys.
    fn ask(&self, command: &Command) -> Result<Answer, Failure> {
        let answer = block_on(control::ask(&self.monitor.runtime_dir, PATIENCE, command))?;
        match answer.map_err(|unreached| self.unreached(&unreached))? {
            Answer::Refused(refusal) => Err(Failure::Refused(refused(&refusal))),
            answer => Ok(answer),
        }
    }

    fn unreached(&self, unreached: &Unreached) -> Failure {
        Failure::Refused(match unreached {
            Unreached::Away => format!("{unreached}. Start it: {START}"),
            Unreached::Impossible(why) => why.clone(),
            Unreached::Denied(_) => format!("{unreached}: sudo tsctl failover {}", self.words()),
            Unreached::Silent(_) => format!("{unreached}. Look at it: journalctl -u tailwright-monitor -n 50"),
        })
    }

    /// The command, as it was typed.
    fn words(&self) -> String {
        let span = |duration: &For| duration.span.map_or_else(String::new, |span| format!(" --for {span}"));
        match &self.command {
            What::Status(_) => "status".to_owned(),
            What::Pause(duration) => format!("pause{}", span(duration)),
            What::Resume => "resume".to_owned(),
            What::Switch { to, duration } => format!("switch {to}{}", span(duration)),
            What::Restore => "restore".to_owned(),
        }
    }
}

/// `until 2026-11-20T14:05:00Z (2 h)`.
fn ends(until: Option<Moment>, report: &Report) -> String {
    match until {
        None => "until somebody resumes".to_owned(),
        Some(until) => format!(
            "until {} ({})",
            when::written(until.as_millis() / 1_000),
            when::span(until.since(report.at).as_secs())
        ),
    }
}

fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Busy => "a change is being made; try again in some seconds: tsctl failover status".to_owned(),
        Refusal::NotListed(setting) => format!(
            "the settings do not list {} ({setting}), and nothing else is put in force. Add it to exitNodes or failover.actions",
            word(setting).unwrap_or_default()
        ),
        Refusal::NotSeen(subject) => {
            format!("the monitor has not heard from tailscaled about it yet ({subject}). Look at it: tsctl status")
        }
        Refusal::OnlyWayIn(setting) => format!(
            "{setting} would close the only way in that host.management has. Come in by another way first, or add one"
        ),
        Refusal::Stopping => "the monitor is about to end. Then: sudo systemctl start tailwright-monitor".to_owned(),
    }
}
