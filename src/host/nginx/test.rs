//! `tsctl nginx test`, also called `nginx-test`: whether nginx takes its configuration.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::unit::Start;
use crate::host::Streams;
use crate::host::failure::Failure;
use crate::host::program::{printable, said};
use crate::host::show::{Reason, Screen, ShowArgs, State, Tone, View, fact, worst};
use crate::host::status::Status;

/// Ask nginx whether it takes its configuration
///
/// Also called as nginx-test. It runs the system's nginx with the configuration that its unit names, as `nginx -t`; what runs is
/// not touched. Root is needed where certificates and logs are root's.
///
/// The exit status is 0 where nginx takes it, 1 where it warns, 2 where it refuses, 3 where it could not be asked.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Another configuration than the one in use
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Another nginx than the one in use
    #[arg(long, value_name = "PATH")]
    nginx: Option<PathBuf>,
    #[command(flatten)]
    show: ShowArgs,
}

/// What `tsctl nginx test --json` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "tsctl nginx test")]
pub(super) struct Tested {
    /// How it is, all in all.
    pub(super) state: State,
    /// Why, and what to type about it.
    pub(super) reasons: Vec<Reason>,
    /// The nginx.
    pub(super) program: Option<String>,
    /// The configuration that it was given; null for the one that it was built with.
    pub(super) configuration: Option<String>,
    /// What it said, line by line.
    pub(super) said: Vec<String>,
}

impl Test {
    pub(super) fn run(&self, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        self.show.show(streams, || Ok(self.ask()))
    }

    fn ask(&self) -> Tested {
        let mut start = match (&self.nginx, Start::of_system()) {
            (Some(program), of_system) => Start {
                program: program.clone(),
                ..of_system.unwrap_or_default()
            },
            (None, Some(start)) => start,
            (None, None) => return Tested::cannot("there is no nginx on this machine", "systemctl status nginx"),
        };
        if let Some(file) = &self.config {
            start.configuration = Some(file.clone());
        }
        let mut tested = match start.test().output() {
            Ok(output) => {
                let is_root = rustix::process::geteuid().is_root();
                let mut all = output.stdout;
                all.extend(output.stderr);
                Tested::judge(output.status.success(), &said(&all), is_root)
            }
            Err(error) => Tested::cannot(
                &format!("{} does not start: {error}", printable(&start.program)),
                "systemctl status nginx",
            ),
        };
        tested.program = Some(printable(&start.program));
        tested.configuration = start.configuration.as_deref().map(printable);
        tested
    }
}

impl Tested {
    /// It could not be asked.
    pub(super) fn cannot(why: &str, command: &str) -> Self {
        Self {
            state: State::CannotTell,
            reasons: vec![Reason::new(State::CannotTell, why).command(command)],
            program: None,
            configuration: None,
            said: Vec::new(),
        }
    }

    /// What nginx's answer means.
    pub(super) fn judge(is_taken: bool, said: &str, is_root: bool) -> Self {
        let mut lines: Vec<String> = Vec::new();
        for line in said.lines().map(str::trim).filter(|line| !line.is_empty()) {
            // A log that it cannot open yet is told twice.
            if lines.last().map(String::as_str) != Some(line) {
                lines.push(line.to_owned());
            }
        }
        let has = |word: &str| lines.iter().any(|line| line.contains(word));
        let mut reasons = Vec::new();
        if !is_taken && !is_root && has("Permission denied") {
            let text = "nginx may not open what it needs as this user";
            reasons.push(Reason::new(State::CannotTell, text).command("sudo tsctl nginx test"));
        } else if !is_taken {
            let text = "nginx refuses its configuration; what runs goes on with the former one until it is restarted";
            reasons.push(Reason::new(State::Down, text).command("journalctl -u nginx -n 50"));
        } else if has("[warn]") {
            let text = "nginx takes its configuration, and warns";
            reasons.push(Reason::new(State::Degraded, text).command("sudo tsctl nginx logs --errors"));
        }
        Self {
            state: worst(&reasons),
            reasons,
            program: None,
            configuration: None,
            said: lines,
        }
    }
}

impl View for Tested {
    fn draw(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let state = screen.paint(self.state.tone(), self.state.words());
        writeln!(out, "{}: {state}", screen.paint(Tone::Strong, "nginx"))?;
        for reason in &self.reasons {
            reason.draw(screen, out)?;
        }
        if self.program.is_some() || !self.said.is_empty() {
            writeln!(out)?;
        }
        for (name, known) in [("program", &self.program), ("config", &self.configuration)] {
            if let Some(known) = known {
                fact(name, known, screen, out)?;
            }
        }
        for (number, line) in self.said.iter().enumerate() {
            fact(if number == 0 { "said" } else { "" }, line, screen, out)?;
        }
        Ok(())
    }

    fn status(&self) -> Status {
        self.state.status()
    }
}
