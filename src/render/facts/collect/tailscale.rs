//! The VPN.

use super::file;
use crate::model::{FirewallMode, Host};
use crate::render::facts::{Facts, SHIELDS_UP, TAILNET_INTERFACE, TAILSCALE_SSH};

pub(super) fn collect(host: &Host, facts: &mut Facts) {
    let Some(tailscale) = &host.tailscale else { return };
    facts.value("node name", &tailscale.hostname);
    facts.value(TAILNET_INTERFACE, &tailscale.interface);
    facts.value(
        "port of tailscaled",
        &tailscale.port.map_or_else(|| "any".to_owned(), |port| port.to_string()),
    );
    let backend = host.tailscaled_backend();
    facts.value(
        "netfilter backend of tailscaled",
        backend.map_or("the host's own", FirewallMode::as_str),
    );
    facts.value(
        "auth key",
        &tailscale.auth_key.as_ref().map_or_else(|| "none".to_owned(), file),
    );
    for route in tailscale.routes() {
        facts.state(format!("route {route}"), "is advertised");
    }
    for tag in &tailscale.tags {
        facts.state(format!("tag {tag}"), "is asked for");
    }
    if let Some(choice) = &tailscale.use_exit_node {
        facts.value("exit node in use", choice);
    }
    if let Some(operator) = &tailscale.operator {
        facts.value("operator", operator);
    }
    let switches = [
        (tailscale.exit_node, "exit node", "is offered"),
        (tailscale.ssh, TAILSCALE_SSH.0, TAILSCALE_SSH.1),
        (tailscale.shields_up, SHIELDS_UP.0, SHIELDS_UP.1),
        (
            tailscale.accept_routes,
            "tailscaled",
            "accepts the routes of other nodes",
        ),
        (tailscale.accept_dns, "tailscaled", "accepts the tailnet's name servers"),
        (tailscale.magic_dns, "systemd-resolved", "answers the tailnet's names"),
        (
            tailscale.exit_node_allow_lan_access,
            "the local network",
            "stays reachable beside an exit node",
        ),
        (tailscale.open_firewall, "port of tailscaled", "is open to everybody"),
    ];
    for (_, subject, said) in switches.iter().filter(|(on, ..)| *on) {
        facts.state(*subject, *said);
    }
    for (command, flags) in [
        ("tailscale up", &tailscale.extra_up_flags),
        ("tailscale set", &tailscale.extra_set_flags),
        ("tailscaled", &tailscale.extra_daemon_flags),
    ] {
        if !flags.is_empty() {
            facts.value(format!("further flags of {command}"), &flags.join(" "));
        }
    }
    for server in &tailscale.extra_dns_servers {
        facts.state(format!("name server {server}"), "is asked");
    }
}
