//! Putting settings in force.

use std::sync::Arc;

use super::hosts::Hosts;
use super::probes::tailnet;
use crate::localapi::data::{Prefs, PrefsChange, StableId, Status};
use crate::localapi::{Error, LocalApi};
use crate::model::ExitNodeChoice;
use crate::monitor::Moment;
use crate::monitor::failover::{ExitNodeUse, Outcome, Setting};

/// Puts settings in force: those of tailscaled in one edit of its preferences, which names these alone, so that nothing else
/// changes; those of services in the file of [`Hosts`].
#[derive(Debug, Clone)]
pub(super) struct Applier {
    pub(super) api: Arc<LocalApi>,
    pub(super) hosts: Hosts,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Applied {
    /// How it ended.
    pub(super) outcome: Outcome,
    /// The preferences as tailscaled says that they are since, where it was asked to change them and answered.
    pub(super) prefs: Option<Box<Prefs>>,
}

impl From<Outcome> for Applied {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, prefs: None }
    }
}

/// What is to be changed of the preferences.
#[derive(Debug, Default)]
struct Wanted {
    change: PrefsChange,
    /// The exit node, where a certain one is wanted.
    exit_node: Option<StableId>,
}

impl Applier {
    /// Puts all of them in force, or none.
    pub(super) async fn apply(self, settings: Vec<Setting>) -> Applied {
        let wanted = match self.wanted(&settings).await {
            Ok(wanted) => wanted,
            Err(outcome) => return outcome.into(),
        };
        let services: Vec<Setting> = settings.iter().filter(|setting| is_service(setting)).cloned().collect();
        let before = self.hosts.in_force();
        if !services.is_empty()
            && let Err(error) = self.hosts.apply(&services)
        {
            return Outcome::Refused(format!("the addresses of services could not be written: {error}")).into();
        }
        if wanted.change.is_empty() {
            return Outcome::Done.into();
        }
        let applied = match self.api.change_prefs(&wanted.change).await {
            Ok(prefs) => Applied {
                outcome: taken(&settings, wanted.exit_node.as_ref(), &prefs),
                prefs: Some(Box::new(prefs)),
            },
            Err(error) => outcome(&error).into(),
        };
        if matches!(applied.outcome, Outcome::Refused(_) | Outcome::NotAsked(_)) && !services.is_empty() {
            // All or nothing. Where this fails, what is in force is read again, and tells.
            let _ = self.hosts.apply(&before);
        }
        applied
    }

    async fn wanted(&self, settings: &[Setting]) -> Result<Wanted, Outcome> {
        let Wanted {
            mut change,
            exit_node: mut node,
        } = Wanted::default();
        for setting in settings {
            change = match setting {
                Setting::ExitNode(ExitNodeUse::Off) => change.exit_node(None),
                Setting::ExitNode(ExitNodeUse::Node(choice)) => {
                    let status = self.api.status().await;
                    let status = status.map_err(|error| Outcome::NotAsked(error.to_string()))?;
                    node = exit_node(&status, choice).map_err(Outcome::Refused)?;
                    match &node {
                        None => change.automatic_exit_node(),
                        Some(id) => change.exit_node(Some(id)),
                    }
                }
                // The machine never asks for it.
                Setting::ExitNode(ExitNodeUse::Other(id)) => {
                    return Err(Outcome::Refused(format!("the settings do not name the exit node {id}")));
                }
                Setting::AcceptRoutes(accept) => change.accept_routes(*accept),
                Setting::Tunnel(up) => change.running(*up),
                Setting::TailnetAddress(_) | Setting::LanAddress(_) => change,
            };
        }
        Ok(Wanted {
            change,
            exit_node: node,
        })
    }
}

fn is_service(setting: &Setting) -> bool {
    matches!(setting, Setting::TailnetAddress(_) | Setting::LanAddress(_))
}

/// Which node that is, as the watch understands the settings; nothing where tailscaled is to choose. tailscaled takes any text for an exit node, and then lets nothing
/// out: whether it is one is looked at before.
pub(super) fn exit_node(status: &Status, choice: &ExitNodeChoice) -> Result<Option<StableId>, String> {
    if *choice == ExitNodeChoice::Auto {
        return Ok(None);
    }
    let tailnet = tailnet(status, None, Moment::default());
    match tailnet.exit_node(choice) {
        Ok(peer) => Ok(Some(StableId::new(&peer.id))),
        Err(fault) => Err(format!("{choice}: {fault}")),
    }
}

/// Whether the preferences are now as they were asked to be, with that exit node where one is. A policy of the machine may have
/// put them otherwise.
fn taken(settings: &[Setting], exit_node: Option<&StableId>, prefs: &Prefs) -> Outcome {
    let is_so = |setting: &Setting| match setting {
        Setting::ExitNode(ExitNodeUse::Off) => prefs.exit_node_id.is_empty() && prefs.auto_exit_node.is_empty(),
        Setting::ExitNode(ExitNodeUse::Node(ExitNodeChoice::Auto)) => {
            !prefs.auto_exit_node.is_empty() || prefs.exit_node_id.as_str().starts_with("auto:")
        }
        Setting::ExitNode(_) => exit_node == Some(&prefs.exit_node_id),
        Setting::AcceptRoutes(accept) => prefs.route_all == *accept,
        Setting::Tunnel(up) => prefs.want_running == *up,
        Setting::TailnetAddress(_) | Setting::LanAddress(_) => true,
    };
    match settings.iter().find(|setting| !is_so(setting)) {
        None => Outcome::Done,
        Some(setting) => Outcome::Refused(format!(
            "tailscaled took the change and does not do it ({setting}): a policy of this machine decides that. Look at it: \
             tailscale syspolicy list"
        )),
    }
}

/// How a change ended that was not answered as it should be. Where it may have been carried out, what is in force has to tell;
/// where it did not even reach tailscaled, that says nothing of what was to be put in force.
fn outcome(error: &Error) -> Outcome {
    match error {
        Error::TimedOut { .. } | Error::BrokenOff(_) | Error::TooLong { .. } | Error::Unreadable { .. } => {
            Outcome::Unanswered
        }
        Error::NoSocket(_) | Error::NobodyListens(_) | Error::SocketClosed(_) | Error::Socket(..) => {
            Outcome::NotAsked(error.to_string())
        }
        Error::Denied { .. }
        | Error::NoSuchEndpoint { .. }
        | Error::NotFound { .. }
        | Error::Changed
        | Error::Refused { .. } => Outcome::Refused(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_exit_node_than_the_one_asked_for_is_not_taken_for_it() {
        let asked = [Setting::ExitNode(ExitNodeUse::Node("gate".parse().unwrap()))];
        let id = StableId::new("n-gate");
        let prefs = |id: &str| Prefs {
            exit_node_id: StableId::new(id),
            ..Prefs::default()
        };
        assert_eq!(taken(&asked, Some(&id), &prefs("n-gate")), Outcome::Done);
        for other in ["n-policy", ""] {
            let outcome = taken(&asked, Some(&id), &prefs(other));
            assert!(
                matches!(&outcome, Outcome::Refused(reason) if reason.contains("tailscale syspolicy list")),
                "{outcome:?}"
            );
        }
    }
}
