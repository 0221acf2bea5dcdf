//! The failover machine, with its state.

use super::{Action, Event, Mode, Plan, State, step};
use crate::model::MonitorSettings;
use crate::monitor::{ClockStep, Moment};

/// The failover machine, with its state and its plan.
#[derive(Debug)]
pub struct Machine {
    plan: Plan,
    state: State,
    deadline: Option<Moment>,
    rehearses: bool,
}

impl Machine {
    /// A machine that goes on from that state. One that `rehearses` only writes down what it would do, whatever the settings say.
    pub fn new(settings: &MonitorSettings, state: State, rehearses: bool) -> Self {
        Self {
            plan: plan(settings, rehearses),
            state,
            deadline: None,
            rehearses,
        }
    }

    /// Other settings; [`Event::Reloaded`] has to follow.
    pub fn reload(&mut self, settings: &MonitorSettings) {
        self.plan = plan(settings, self.rehearses);
    }

    /// What is to be done about an event.
    pub fn feed(&mut self, event: Event, now: Moment) -> Vec<Action> {
        let step = step(&self.plan, std::mem::take(&mut self.state), event, now);
        self.state = step.state;
        self.deadline = step.deadline;
        step.actions
    }

    /// The clock was set: everything is moved with it.
    pub fn step_clock(&mut self, step: ClockStep) {
        self.state.step_clock(step);
        self.deadline = self.deadline.map(|deadline| deadline.moved(step));
    }

    /// When it wants to be woken.
    pub fn deadline(&self) -> Option<Moment> {
        self.deadline
    }

    /// What it may do.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What it remembers.
    pub fn state(&self) -> &State {
        &self.state
    }
}

fn plan(settings: &MonitorSettings, rehearses: bool) -> Plan {
    let mut plan = Plan::of(settings);
    if rehearses {
        plan.mode = Mode::DryRun;
    }
    plan
}
