//! The exit nodes that a host names.

use crate::model::{ExitNodeChoice, FieldPath, Host};

/// Each with its field: the one that the host uses, then those that its monitor may move to.
pub(super) fn named(host: &Host) -> Vec<(&ExitNodeChoice, FieldPath)> {
    let used = host
        .tailscale
        .iter()
        .filter_map(|tailscale| tailscale.use_exit_node.as_ref());
    let used = used.map(|choice| (choice, host.field("network.vpn.tailscale.useExitNode")));
    let list = host.field("network.monitoring.tailscale.exitNodes");
    let ranked = host
        .monitoring
        .iter()
        .flat_map(|monitoring| monitoring.exit_nodes.iter().enumerate());
    used.chain(ranked.map(|(index, choice)| (choice, list.index(index))))
        .collect()
}
