//! What may be in force for a subject, in order of preference.

use std::collections::BTreeMap;

use super::{ExitNodeUse, Setting, Subject};
use crate::model::{FailoverAction, MonitorSettings};

/// The settings of one subject.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ladder {
    /// What the profile wants to be in force; `None` where it does not say, and what is found is wanted.
    pub home: Option<Setting>,
    /// What may be moved to, best first.
    pub rungs: Vec<Rung>,
}

/// One setting to move to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// Its place among the rungs of all subjects: where several subjects want to move, the lower one goes first.
    pub rank: u32,
    /// The setting.
    pub setting: Setting,
}

impl Ladder {
    /// The place of a setting: what is wanted comes first, what is not listed last.
    pub(super) fn rank(&self, setting: &Setting, home: &Setting) -> u32 {
        if setting == home {
            return 0;
        }
        self.rungs
            .iter()
            .find(|rung| rung.setting == *setting)
            .map_or(u32::MAX, |rung| rung.rank.saturating_add(1))
    }

    /// Whether the setting is wanted or may be moved to.
    pub fn lists(&self, setting: &Setting) -> bool {
        self.home.as_ref() == Some(setting) || self.rungs.iter().any(|rung| rung.setting == *setting)
    }
}

/// The ladders of a host, from the list of what the monitor may do.
pub(super) struct Ladders {
    pub(super) by_subject: BTreeMap<Subject, Ladder>,
    /// The place of a restart of tailscaled, where it may be restarted.
    pub(super) restart_rank: Option<u32>,
    next: u32,
}

impl Ladders {
    pub(super) fn of(settings: &MonitorSettings) -> Self {
        let mut ladders = Self {
            by_subject: BTreeMap::new(),
            restart_rank: None,
            next: 0,
        };
        let exit_node = settings.exit_node.clone().map(ExitNodeUse::Node);
        if let Some(home) = &exit_node {
            ladders.want(Setting::ExitNode(home.clone()));
        }
        if settings.accept_routes {
            ladders.want(Setting::AcceptRoutes(true));
        }
        for name in settings.failover.lan_services.keys() {
            ladders.want(Setting::TailnetAddress(name.clone()));
        }
        ladders.want(Setting::Tunnel(true));
        for action in &settings.failover.actions {
            ladders.add(*action, settings);
        }
        ladders
    }

    fn add(&mut self, action: FailoverAction, settings: &MonitorSettings) {
        match action {
            FailoverAction::ExitNode => {
                for choice in &settings.exit_nodes {
                    self.rung(Setting::ExitNode(ExitNodeUse::Node(choice.clone())));
                }
            }
            // Only where an exit node is used is there one to do without.
            FailoverAction::NoExitNode if settings.exit_node.is_some() || !settings.exit_nodes.is_empty() => {
                self.rung(Setting::ExitNode(ExitNodeUse::Off));
            }
            FailoverAction::LanAddress => {
                for name in settings.failover.lan_services.keys() {
                    self.rung(Setting::LanAddress(name.clone()));
                }
            }
            FailoverAction::RoutesOff if settings.accept_routes && !settings.failover.lan_routes.is_empty() => {
                self.rung(Setting::AcceptRoutes(false));
            }
            FailoverAction::NoExitNode | FailoverAction::RoutesOff => {}
            FailoverAction::Restart => {
                self.restart_rank = Some(self.next);
                self.next += 1;
            }
            FailoverAction::TunnelDown => self.rung(Setting::Tunnel(false)),
        }
    }

    fn want(&mut self, home: Setting) {
        let ladder = self.by_subject.entry(home.subject()).or_default();
        ladder.home = Some(home);
    }

    fn rung(&mut self, setting: Setting) {
        let rank = self.next;
        self.next += 1;
        let ladder = self.by_subject.entry(setting.subject()).or_default();
        if !ladder.lists(&setting) {
            ladder.rungs.push(Rung { rank, setting });
        }
    }
}
