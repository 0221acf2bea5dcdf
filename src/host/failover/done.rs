//! What a verb has done.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use crate::host::clock;
use crate::host::show::{Screen, View, printable, wrap};
use crate::host::status::Status;
use crate::host::tailnet::when::{exactly, written};
use crate::host::why::Zone;
use crate::monitor::failover::Setting;
use crate::monitor::{Moment, Report};

/// What `tsctl failover pause`, `resume`, `switch` and `restore` print with `--json`. Times are in UTC (RFC 3339).
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "tsctl failover pause, resume, switch, restore")]
pub(super) struct Done {
    /// When it was done.
    at: String,
    /// `pause`, `resume`, `switch`, `restore`.
    verb: &'static str,
    /// Whether anything is other than before; else it was so already.
    changed: bool,
    /// When it ends by itself; null where somebody has to end it.
    until: Option<String>,
    /// What was put in force, and instead of what.
    moves: Vec<Put>,
    /// What it means.
    said: String,
    /// What to type next.
    command: Option<&'static str>,
    #[serde(skip)]
    what_for: &'static str,
}

/// A setting that was put in force.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Put {
    /// What is in force now.
    in_force: String,
    /// What was before; null where it is not known to have been another.
    instead_of: Option<String>,
}

impl Done {
    /// No moves are made until then, or until somebody resumes.
    pub(super) fn paused(until: Option<Moment>, report: &Report, zone: &Zone) -> Self {
        let ends = ends(until, report, zone);
        let said = format!("no moves are made {ends}; measuring and alarms go on");
        Self {
            until: until.map(|until| written(until.as_millis() / 1_000)),
            ..Self::new("pause", said).then("to end it", "sudo tsctl failover resume")
        }
    }

    /// Moves are made again.
    pub(super) fn resumed() -> Self {
        Self::new("resume", "moves are made again, and choices are over")
            .then("to see what comes of it", "tsctl failover status --watch")
    }

    /// There was nothing to resume.
    pub(super) fn not_resumed() -> Self {
        Self {
            changed: false,
            ..Self::new("resume", "nothing is paused, and nobody chose what is in force")
        }
    }

    /// That was put in force until then, or until somebody resumes.
    pub(super) fn switched(setting: &Setting, until: Option<Moment>, report: &Report, zone: &Zone) -> Self {
        let ends = ends(until, report, zone);
        let said = format!("{setting} is in force {ends}, whatever its health");
        Self {
            until: until.map(|until| written(until.as_millis() / 1_000)),
            moves: vec![Put {
                in_force: setting.to_string(),
                instead_of: None,
            }],
            ..Self::new("switch", said).then("to let the monitor decide again", "sudo tsctl failover resume")
        }
    }

    /// What the settings want is in force again; [`Self::instead`] says of what.
    pub(super) fn restored() -> Self {
        Self::new(
            "restore",
            "choices are over, and what failed before is no longer held down",
        )
        .then("to see whether it works", "tsctl failover status --watch")
    }

    /// There was nothing to restore.
    pub(super) fn not_restored() -> Self {
        Self {
            changed: false,
            ..Self::new("restore", "what the settings want is in force")
        }
    }

    /// That was put in force instead of the other.
    pub(super) fn instead(mut self, setting: &Setting, former: &Setting) -> Self {
        self.moves.push(Put {
            in_force: setting.to_string(),
            instead_of: Some(former.to_string()),
        });
        self
    }

    fn new(verb: &'static str, said: impl Into<String>) -> Self {
        Self {
            at: clock::wall().to_string(),
            verb,
            changed: true,
            until: None,
            moves: Vec::new(),
            said: said.into(),
            command: None,
            what_for: "",
        }
    }

    fn then(self, what_for: &'static str, command: &'static str) -> Self {
        Self {
            what_for,
            command: Some(command),
            ..self
        }
    }
}

/// `until 2026-11-20 15:05:00 +01:00 (1 h 30 min)`.
fn ends(until: Option<Moment>, report: &Report, zone: &Zone) -> String {
    match until {
        None => "until somebody resumes".to_owned(),
        Some(until) => format!(
            "until {} ({})",
            zone.local(until),
            exactly(until.since(report.at).as_secs())
        ),
    }
}

impl View for Done {
    fn draw(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let moved = self.moves.iter().filter_map(|put| {
            let former = put.instead_of.as_ref()?;
            Some(format!("{} is in force instead of {former}", put.in_force))
        });
        for said in moved.chain([self.said.clone()]) {
            for line in wrap(&printable(&said), screen.width()) {
                writeln!(out, "{line}")?;
            }
        }
        match self.command {
            Some(command) => writeln!(out, "{}: {command}", self.what_for),
            None => Ok(()),
        }
    }

    fn status(&self) -> Status {
        Status::Success
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::show::{drawn, golden};

    #[test]
    fn each_is_drawn_within_its_columns() {
        let report: Report = serde_json::from_value(serde_json::json!({
            "at": 1_795_169_730_000_u64, "since": 1_795_169_000_000_u64, "host": "kernelcore", "mode": "act",
            "checkInterval": "30s", "subjects": [],
        }))
        .unwrap();
        let until = Some(Moment::from_millis(1_795_169_730_000 + 5_400_000));
        let utc = Zone::utc();
        let (off, wanted) = (Setting::AcceptRoutes(false), Setting::AcceptRoutes(true));
        for (name, done) in [
            ("pause", Done::paused(until, &report, &utc)),
            ("resume", Done::resumed()),
            ("switch", Done::switched(&off, until, &report, &utc)),
            ("restore", Done::restored().instead(&wanted, &off)),
        ] {
            golden("failover", name, &done);
            assert!(done.changed);
        }
        let for_ever = drawn(&Done::paused(None, &report, &utc), 80);
        assert!(
            for_ever.starts_with("no moves are made until somebody resumes;"),
            "{for_ever}"
        );
        for (name, nothing) in [
            ("not-resumed", Done::not_resumed()),
            ("not-restored", Done::not_restored()),
        ] {
            golden("failover", name, &nothing);
            assert!(!nothing.changed && drawn(&nothing, 80).lines().count() == 1);
        }
    }

    #[test]
    fn the_schema_that_is_published_is_that_of_these_types() {
        crate::host::show::published::<Done>("failover-verb.json");
    }
}
