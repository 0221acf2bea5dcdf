//! What is in force.

use crate::host::tailnet::nodes::find;
use crate::localapi::data::{Prefs, Status};
use crate::model::{ExitNodeChoice, MonitorSettings};
use crate::monitor::failover::{ExitNodeUse, Setting};

/// What tailscaled is told to do, in the words of the settings; without the exit node where it cannot be told which one it is.
pub(super) fn of_tailscaled(settings: &MonitorSettings, status: Option<&Status>, prefs: &Prefs) -> Vec<Setting> {
    let mut in_force = vec![
        Setting::AcceptRoutes(prefs.route_all),
        Setting::Tunnel(prefs.want_running),
    ];
    in_force.extend(exit_node(settings, status, prefs).map(Setting::ExitNode));
    in_force
}

fn exit_node(settings: &MonitorSettings, status: Option<&Status>, prefs: &Prefs) -> Option<ExitNodeUse> {
    let id = &prefs.exit_node_id;
    if !prefs.auto_exit_node.is_empty() || id.as_str().starts_with("auto:") {
        return Some(ExitNodeUse::Node(ExitNodeChoice::Auto));
    }
    if id.is_empty() {
        return prefs.exit_node_ip.is_empty().then_some(ExitNodeUse::Off);
    }
    let status = status?;
    let mut named = settings.exit_node.iter().chain(&settings.exit_nodes);
    let choice = named.find(|choice| {
        **choice != ExitNodeChoice::Auto && find(status, &choice.to_string()).is_ok_and(|node| node.id == *id)
    });
    Some(match choice {
        Some(choice) => ExitNodeUse::Node(choice.clone()),
        None => ExitNodeUse::Other(id.to_string()),
    })
}
