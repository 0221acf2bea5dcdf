//! What the machine wants done.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Display;
use std::sync::Arc;

use super::{Daemon, Work};
use crate::host::monitor::apply::{Applier, exit_node};
use crate::host::monitor::log::Priority;
use crate::monitor::decision::{Decision, What};
use crate::monitor::failover::{Action, Answer, Command, Event, ExitNodeUse, Setting};

impl Daemon {
    /// Tells the machine, does what it wants done, and tells it how that went, until there is nothing more. Hands back its answer
    /// to a command. Once it has ended nothing more happens to it.
    pub(super) fn feed(&mut self, event: Event) -> Option<Answer> {
        let mut events = VecDeque::from([event]);
        let mut answer = None;
        while let Some(event) = events.pop_front().filter(|_| !self.exits) {
            let actions = self.machine.feed(event, self.clock.now());
            self.has_news |= !actions.is_empty();
            let mut unsaved = None;
            let mut dropped = BTreeSet::new();
            for action in actions {
                match action {
                    Action::Save => match self.store.save(self.machine.state()) {
                        Ok(()) => events.push_back(Event::Saved),
                        Err(error) => unsaved = Some(error),
                    },
                    Action::Apply(token, _) | Action::RestartDaemon(token) if unsaved.is_some() => {
                        dropped.insert(token);
                    }
                    Action::Apply(token, settings) => self.apply(token, settings),
                    Action::RestartDaemon(token) => {
                        let systemd = self.systemd.clone();
                        self.works
                            .spawn(async move { Work::Restarted(token, systemd.restart_tailscaled().await) });
                    }
                    Action::ReadSettings => self.read_prefs(),
                    Action::Record(decision) => self.record(&decision),
                    Action::Raise(alarm) => self.raise(&alarm),
                    Action::Resolve(alarm) => self.resolve(&alarm),
                    Action::Answer(given) => answer = Some(given),
                    Action::Exit => self.exits = true,
                }
            }
            if let Some(error) = unsaved {
                self.unsaved(&error);
                events.push_back(Event::SaveFailed(dropped));
            }
        }
        answer
    }

    /// The state could not be written.
    pub(super) fn unsaved(&mut self, error: &impl Display) {
        self.counts.saves_failed = self.counts.saves_failed.saturating_add(1);
        let text = format!("the state could not be written: {error}");
        self.log.say(Priority::Error, &text);
    }

    fn apply(&mut self, token: u64, settings: Vec<Setting>) {
        self.change_begins();
        let applier = Applier {
            api: Arc::clone(&self.api),
            hosts: self.hosts.clone(),
        };
        self.works
            .spawn(async move { Work::Applied(token, applier.apply(settings).await) });
    }

    fn record(&mut self, decision: &Decision) {
        let count = match &decision.what {
            What::Moved { .. } => Some(&mut self.counts.moves),
            What::NotMoved { .. } => Some(&mut self.counts.moves_failed),
            What::Restarted { failed: None, .. } => Some(&mut self.counts.restarts),
            _ => None,
        };
        if let Some(count) = count {
            *count = count.saturating_add(1);
        }
        self.log.decided(&decision.what);
        if let Err(error) = self.decisions.add(decision) {
            let text = format!("the decision log could not be written: {error}");
            self.log.say(Priority::Error, &text);
        }
    }

    /// Something that was being done is done.
    pub(super) fn worked(&mut self, work: Work) {
        match work {
            Work::Applied(token, applied) => {
                self.feed(Event::Done(token, applied.outcome));
                self.change_ended(applied.prefs);
            }
            Work::Restarted(token, outcome) => {
                self.feed(Event::Done(token, outcome));
            }
            Work::Prefs(prefs) => self.have_prefs(prefs),
            Work::ReadAgain => self.read_prefs(),
            Work::Ending(ending) => {
                self.feed(Event::Stop(ending));
            }
        }
    }

    /// Why a command cannot be carried out, where that is known before.
    pub(super) fn cannot(&self, command: &Command) -> Option<String> {
        let Command::Switch(Setting::ExitNode(ExitNodeUse::Node(choice)), _) = command else {
            return None;
        };
        let status = self.known.status.as_deref()?;
        exit_node(status, choice).err()
    }
}
