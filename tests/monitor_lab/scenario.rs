//! What scenarios have in common.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tailwright::model::MonitorSettings;
use tailwright::monitor::decision::{What, Why};
use tailwright::monitor::diagnosis::Layer;
use tailwright::monitor::failover::{Alarm, ExitNodeUse, Obstacle, Setting, Subject};
use tailwright::monitor::{Level, Report};

use crate::support::tailnet::{Lab, Monitor, Options, settings};

/// A scenario: its name, and what happens.
pub type Scenario = (&'static str, fn(&mut Lab));

/// So many at the same time: two processors have to be enough for what each of them measures.
const AT_ONCE: usize = 4;

/// Plays all of them, some at the same time, each in a laboratory of its own. `TAILWRIGHT_SCENARIO` plays only those whose names
/// contain it.
///
/// # Panics
/// With the names of those that failed; each has said why by then.
pub fn play(scenarios: &[Scenario]) {
    let only = std::env::var("TAILWRIGHT_SCENARIO").unwrap_or_default();
    let left = Mutex::new(scenarios.iter().filter(|(name, _)| name.contains(&only)));
    let next = || left.lock().expect("nobody fails with it").next();
    let failed: Vec<_> = std::thread::scope(|scope| {
        let players: Vec<_> = (0..AT_ONCE)
            .map(|_| scope.spawn(|| std::iter::from_fn(&next).filter_map(fails).collect::<Vec<_>>()))
            .collect();
        let failed = players
            .into_iter()
            .map(|player| player.join().expect("it catches panics"));
        failed.flatten().collect()
    });
    assert!(failed.is_empty(), "failed: {}", failed.join(", "));
}

/// Plays it, in a thread that has its name; the name where it fails.
fn fails((name, happens): &Scenario) -> Option<&'static str> {
    let (name, happens) = (*name, *happens);
    let played = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        // Making one takes the processor from those that are played: one at a time.
        static MAKING: Mutex<()> = Mutex::new(());
        let made = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        let lab = Lab::new();
        drop(made);
        if let Some(mut lab) = lab {
            happens(&mut lab);
        }
    });
    played.expect("a thread").join().is_err().then_some(name)
}

/// The settings of a scenario that changes these.
pub fn with(monitoring: &Options<'_>, failover: &Options<'_>) -> MonitorSettings {
    settings("", "", monitoring, failover)
}

/// The exit node of that name.
pub fn node(name: &str) -> Setting {
    Setting::ExitNode(ExitNodeUse::Node(name.parse().expect("a name")))
}

/// All three exit nodes, as an option.
pub const THREE: (&str, &str) = ("exitNodes", "[ \"gate\" \"spare\" \"third\" ]");

/// No exit node.
pub const OFF: Setting = Setting::ExitNode(ExitNodeUse::Off);

/// How a setting is doing, in the report.
pub fn level(report: &Report, setting: &Setting) -> Level {
    let subjects = report.subjects.iter();
    subjects
        .flat_map(|subject| &subject.settings)
        .find(|listed| listed.setting == *setting)
        .map_or(Level::Unknown, |listed| listed.level)
}

/// What stands against a move of the exit node.
pub fn obstacle(report: &Report) -> Option<Obstacle> {
    let mut subjects = report.subjects.iter();
    subjects
        .find(|subject| subject.subject == Subject::ExitNode)
        .and_then(|subject| subject.obstacle.clone())
}

/// Whether a layer is a cause.
pub fn caused_by(report: &Report, is_it: impl Fn(&Layer) -> bool) -> bool {
    report.diagnosis.causes().iter().any(is_it)
}

impl Monitor {
    /// Waits until each of these exit nodes is at that level, and the monitor has settled.
    #[track_caller]
    pub fn until_levels(&mut self, wanted: &[(&str, Level)]) {
        self.until(&format!("{wanted:?}"), |report| {
            wanted
                .iter()
                .all(|(name, expected)| level(report, &node(name)) == *expected)
                .then_some(())
        });
    }

    /// Waits until everything that it measures works and nothing is told.
    #[track_caller]
    pub fn until_well(&mut self) {
        self.until("all is well", |report| {
            let settings = report.subjects.iter().flat_map(|subject| &subject.settings);
            let mut nodes = settings.filter(|listed| matches!(listed.setting, Setting::ExitNode(ExitNodeUse::Node(_))));
            let well = nodes.clone().count() > 1 && nodes.all(|listed| listed.level == Level::Good);
            (well && report.alarms.is_empty() && report.diagnosis.failures.is_empty()).then_some(())
        });
    }

    /// Waits until it has made so many measurements more.
    #[track_caller]
    pub fn measure(&mut self, more: u64) {
        let until = self.until("a report", |report| Some(report.counts.probes)) + more;
        self.until(&format!("{until} measurements"), |report| {
            (report.counts.probes >= until).then_some(())
        });
    }

    /// Waits until this alarm has begun.
    #[track_caller]
    pub fn until_told(&mut self, alarm: &Alarm) {
        self.until(&format!("{alarm}"), |report| {
            report.alarms.contains(alarm).then_some(())
        });
    }

    /// The moves that it has decided, with why.
    pub fn moves(&self) -> Vec<(Setting, Setting, Why)> {
        let decisions = self.decisions().into_iter();
        decisions
            .filter_map(|decision| match decision.what {
                What::Move { from, to, why, .. } => Some((from, to, why)),
                _ => None,
            })
            .collect()
    }
}

/// Asserts that the moves on the wire and those in the decision log are these.
#[track_caller]
pub fn assert_moves(lab: &Lab, monitor: &Monitor, expected: &[&str]) {
    assert_eq!(lab.moved_to(), expected, "on the wire");
    let decided: Vec<Setting> = monitor.moves().into_iter().map(|(_, to, _)| to).collect();
    let expected: Vec<Setting> = expected
        .iter()
        .map(|name| if *name == "-" { OFF } else { node(name) })
        .collect();
    assert_eq!(decided, expected, "in the decision log: {:#?}", monitor.why());
}

/// Asserts that requests changed nothing but these preferences.
#[track_caller]
pub fn assert_only(lab: &Lab, allowed: &[&str]) {
    for patch in lab.patches() {
        let changed = patch.body.as_object().expect("an object").iter();
        for (name, value) in changed.filter(|(name, _)| name.ends_with("Set")) {
            let name = name.trim_end_matches("Set");
            assert!(*value != true || allowed.contains(&name), "{}", patch.body);
        }
    }
}

/// So many measurements are more than any threshold: of four nodes and what lies below, over ten rounds of all of them.
pub const MANY: u64 = 60;

/// A second, for arithmetic.
pub const SECOND: Duration = Duration::from_secs(1);
