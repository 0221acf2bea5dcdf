//! `tsctl failover`: what the monitor does about failures, and having it do otherwise.

mod done;
pub(super) mod reasons;
pub(super) mod status;
mod words;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use self::done::Done;
use self::reasons::START;
use self::words::word;
use super::failure::Failure;
use super::monitor::control::{self, RUNTIME_DIRECTORY, Unreached};
use super::show::ShowArgs;
use super::status::Status;
use super::tailnet::socket_args::block_on;
use super::why::Zone;
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
    Pause(PauseArgs),
    /// Make moves again: ends a pause, and every choice that somebody made
    Resume(AsData),
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
        #[command(flatten)]
        as_data: AsData,
    },
    /// Go back to what the settings want, now, whatever its health
    Restore(AsData),
}

/// How long nothing is moved.
#[derive(Debug, Args)]
struct PauseArgs {
    #[command(flatten)]
    duration: For,
    #[command(flatten)]
    as_data: AsData,
}

/// How it is said what was done.
#[derive(Debug, Args)]
struct AsData {
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

impl AsData {
    fn show(&self, streams: &mut Streams<'_>, done: Done) -> Result<Status, Failure> {
        let mut done = Some(done);
        // It is done once, and so there is one frame.
        ShowArgs::of(self.json, None).show(streams, || {
            done.take()
                .ok_or_else(|| Failure::Refused("it was shown already".to_owned()))
        })
    }
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
        match &self.command {
            What::Status(status) => status.run(streams, &self.monitor.runtime_dir),
            What::Pause(pause) => pause.as_data.show(streams, self.pause(&pause.duration)?),
            What::Resume(as_data) => as_data.show(streams, self.resume()?),
            What::Switch { to, duration, as_data } => as_data.show(streams, self.switch(to, duration)?),
            What::Restore(as_data) => as_data.show(streams, self.restore()?),
        }
    }

    fn pause(&self, duration: &For) -> Result<Done, Failure> {
        let report = self.report()?;
        let until = duration.until(&report);
        self.ask(&Command::Pause(until))?;
        Ok(Done::paused(until, &report, &Zone::of_host()))
    }

    fn resume(&self) -> Result<Done, Failure> {
        if self.ask(&Command::Resume)? == Answer::Already {
            return Ok(Done::not_resumed());
        }
        Ok(Done::resumed())
    }

    fn switch(&self, to: &str, duration: &For) -> Result<Done, Failure> {
        let report = self.report()?;
        let setting = words::setting(&report, to).map_err(Failure::Refused)?;
        let until = duration.until(&report);
        self.ask(&Command::Switch(setting.clone(), until))?;
        self.comes_in_force(&setting)?;
        Ok(Done::switched(&setting, until, &report, &Zone::of_host()))
    }

    fn restore(&self) -> Result<Done, Failure> {
        let report = self.report()?;
        if self.ask(&Command::Restore)? == Answer::Already {
            return Ok(Done::not_restored());
        }
        let mut done = Done::restored();
        for subject in &report.subjects {
            if let Some(wanted) = subject.wanted.as_ref().filter(|wanted| **wanted != subject.standing) {
                self.comes_in_force(wanted)?;
                done = done.instead(wanted, &subject.standing);
            }
        }
        Ok(done)
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
                    "{setting} was not put in force. The reason: sudo tsctl why"
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

    /// A monitor that could not be asked: nobody can tell what comes of it. One that may not, or cannot, do it has refused.
    fn unreached(&self, unreached: &Unreached) -> Failure {
        match unreached {
            Unreached::Away => Failure::Unanswered(format!("{unreached}. Start it: {START}")),
            Unreached::Impossible(why) => Failure::Refused(why.clone()),
            Unreached::Denied(_) => Failure::Refused(format!("{unreached}: sudo tsctl failover {}", self.words())),
            Unreached::Silent(_) => Failure::Unanswered(format!(
                "{unreached}. Look at it: journalctl -u tailwright-monitor -n 50"
            )),
        }
    }

    /// The command, as it was typed.
    fn words(&self) -> String {
        let span = |duration: &For| duration.span.map_or_else(String::new, |span| format!(" --for {span}"));
        match &self.command {
            What::Status(_) => "status".to_owned(),
            What::Pause(pause) => format!("pause{}", span(&pause.duration)),
            What::Resume(_) => "resume".to_owned(),
            What::Switch { to, duration, .. } => format!("switch {to}{}", span(duration)),
            What::Restore(_) => "restore".to_owned(),
        }
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
        Refusal::Rehearses => {
            "the monitor only writes down what it would do (failover.dryRun, --dry-run). Set it yourself: tailscale set --help".to_owned()
        }
        Refusal::Stopping => "the monitor is about to end. Then: sudo systemctl start tailwright-monitor".to_owned(),
    }
}
