//! What is wrong, and what to type about it.

use super::facts::Facts;
use super::failover;
use super::peer_row::path;
use super::peers::Peers;
use super::seen::{Answers, ChosenBy, ExitNode, Node, NodeStatus, Port22, Route, Routes, Tailnet};
use crate::host::failover::status as failover_status;
use crate::host::firewall::moment::WallTime;
use crate::host::monitor::control::Unreached;
use crate::host::show::{Reason, State, sort, worst};
use crate::host::tailnet::certificate_seen::CertificateSeen;
use crate::host::tailnet::login::{about_key, about_state, about_version, owner};
use crate::host::tailnet::unasked::unasked;
use crate::host::tailnet::when::written;
use crate::localapi::data::{BackendState, Prefs, Status};
use crate::monitor::diagnosis::Layer;
use crate::monitor::failover::{ExitNodeUse, Setting, Subject};
use crate::monitor::{Report, SubjectReport};

/// How the node is, out of what was asked for.
pub(crate) fn judge(facts: &Facts, now: WallTime) -> NodeStatus {
    let unix = now.unix();
    let mut seen = NodeStatus {
        taken: now.to_string(),
        state: State::CannotTell,
        reasons: Vec::new(),
        version: facts.daemon.as_ref().map(|daemon| daemon.version().to_owned()),
        newer_version: None,
        backend_state: None,
        login_url: None,
        node: None,
        tailnet: None,
        exit_node: None,
        no_exit_node: None,
        failover: None,
        routes: Routes::default(),
        port_22: port_22(facts.prefs.as_ref(), facts.ssh_listener),
        certificates: Vec::new(),
        peers: Peers::default(),
        now: unix,
    };
    let status = match &facts.status {
        Ok(status) => status,
        Err(error) => {
            seen.reasons.push(unasked(error));
            seen.state = worst(&seen.reasons);
            return seen;
        }
    };
    describe(&mut seen, status, facts);
    let is_up = status.backend_state == BackendState::Running;
    seen.reasons.extend(about_state(status, unix));
    seen.reasons.extend(seen.version.as_deref().and_then(about_version));
    if is_up {
        seen.reasons.extend(about_control(status));
        seen.reasons.extend(about_exit_node(seen.exit_node.as_ref()));
        seen.reasons
            .extend(about_routes(&seen.routes, facts.forwarding.as_deref()));
        seen.reasons.extend(about_key(status, unix));
        let ending = |certificate: &CertificateSeen| certificate.about_end(unix);
        seen.reasons.extend(seen.certificates.iter().filter_map(ending));
    }
    seen.reasons.extend(about_health(status, &seen.reasons));
    if facts.prefs.is_none() {
        let text = "tailscaled does not say what it is told to do";
        seen.reasons
            .push(Reason::new(State::CannotTell, text).command("journalctl -u tailscaled -n 50"));
    }
    sort(&mut seen.reasons);
    seen.state = worst(&seen.reasons);
    seen
}

/// With what the monitor says of its failover.
pub(super) fn add_failover(seen: &mut NodeStatus, asked: &Result<Report, Unreached>) {
    seen.failover = Some(failover::seen(asked));
    if let Ok(report) = asked {
        add_chosen(seen, report);
    }
    seen.reasons.extend(failover::reasons(asked));
    sort(&mut seen.reasons);
    seen.state = worst(&seen.reasons);
}

/// With who chose the exit node, as the monitor remembers it.
fn add_chosen(seen: &mut NodeStatus, report: &Report) {
    let of_exit_node = |about: &&SubjectReport| about.subject == Subject::ExitNode;
    let Some(about) = report.subjects.iter().find(of_exit_node) else {
        return;
    };
    let chosen_by = match failover_status::ChosenBy::of(about) {
        failover_status::ChosenBy::Settings => ChosenBy::Settings,
        failover_status::ChosenBy::Monitor => ChosenBy::Monitor,
        failover_status::ChosenBy::Operator => ChosenBy::Operator,
        failover_status::ChosenBy::Hand => ChosenBy::Hand,
    };
    let wanted = about.wanted.as_ref().filter(|wanted| **wanted != about.standing);
    let wanted = wanted.map(in_short);
    let instead_of = wanted.clone();
    match &mut seen.exit_node {
        // Which one it is tailscaled chose, whoever told it to choose.
        Some(exit) if exit.chosen_by == ChosenBy::Tailscaled => exit.instead_of = instead_of,
        Some(exit) => (exit.chosen_by, exit.instead_of) = (chosen_by, instead_of),
        None => seen.no_exit_node = wanted.map(|wanted| (chosen_by, wanted)),
    }
}

/// The exit node without the words.
fn in_short(setting: &Setting) -> String {
    match setting {
        Setting::ExitNode(ExitNodeUse::Node(choice)) => choice.to_string(),
        Setting::ExitNode(ExitNodeUse::Off) => "none".to_owned(),
        other => other.to_string(),
    }
}

/// Fills in what is not judged.
fn describe(seen: &mut NodeStatus, status: &Status, facts: &Facts) {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    seen.version = seen
        .version
        .take()
        .or_else(|| text(status.version.split('-').next().unwrap_or_default()));
    seen.newer_version = status
        .client_version
        .as_ref()
        .filter(|version| !version.running_latest)
        .and_then(|version| text(&version.latest_version));
    seen.backend_state = Some(status.backend_state.to_string());
    seen.login_url = text(&status.auth_url);
    let this = &status.this_node;
    seen.node = Some(Node {
        name: this.name(),
        full_name: this.full_name().to_owned(),
        id: this.id.to_string(),
        addresses: status.tailscale_ips.iter().map(ToString::to_string).collect(),
        owner: owner(this, status),
        os: this.os.clone(),
        userspace: !status.tun,
        control_reached: this.online,
        home_region: text(&this.relay),
        key_expires: this.key_expiry.unix().map(written),
        key_expires_unix: this.key_expiry.unix(),
    });
    seen.tailnet = status.current_tailnet.as_ref().map(|tailnet| Tailnet {
        name: tailnet.name.clone(),
        domain: tailnet.magic_dns_suffix.clone(),
        magic_dns: tailnet.magic_dns_enabled,
    });
    if let Some(prefs) = &facts.prefs {
        seen.exit_node = exit_node(status, &facts.peers, prefs);
        seen.routes = routes(status, prefs);
    }
    seen.certificates = facts
        .certificates
        .iter()
        .map(|(domain, certificate)| CertificateSeen::of(domain, certificate))
        .collect();
    seen.peers = facts.peers.clone();
}

fn exit_node(status: &Status, peers: &Peers, prefs: &Prefs) -> Option<ExitNode> {
    let is_automatic = !prefs.auto_exit_node.is_empty();
    let id = &prefs.exit_node_id;
    if id.is_empty() && prefs.exit_node_ip.is_empty() && !is_automatic {
        return None;
    }
    // Without its peers the status still tells whether the control plane sees it.
    let mut exit = ExitNode {
        id: id.to_string(),
        name: None,
        chosen_by: if is_automatic {
            ChosenBy::Tailscaled
        } else {
            ChosenBy::Preference
        },
        online: status.exit_node_status.as_ref().is_some_and(|exit| exit.online),
        offered: peers.is_empty() && status.exit_node_status.is_some(),
        instead_of: None,
        allows_lan: prefs.exit_node_allow_lan_access,
        path: None,
    };
    let this = &status.this_node;
    if let Some(node) = peers.find(id).filter(|_| !id.is_empty()) {
        exit.name = Some(node.name().to_owned());
        exit.online = node.is_online();
        exit.offered = node.offers_exit_node();
        exit.path = Some(node.path());
    } else if this.id == *id && !id.is_empty() {
        exit.name = Some(this.name());
        exit.online = this.online;
        exit.offered = this.exit_node_option;
        exit.path = Some(path(this));
    }
    Some(exit)
}

fn routes(status: &Status, prefs: &Prefs) -> Routes {
    let this = &status.this_node;
    Routes {
        accepts: Some(prefs.route_all),
        advertised: prefs
            .advertise_routes
            .iter()
            // Old versions took host bits, and the control plane left them out.
            .map(ipnet::IpNet::trunc)
            .map(|prefix| Route {
                prefix: prefix.to_string(),
                approved: this.allowed_ips.contains(&prefix),
                primary: this.primary_routes.contains(&prefix),
            })
            .collect(),
    }
}

fn port_22(prefs: Option<&Prefs>, listener: Option<bool>) -> Port22 {
    let elsewhere = match listener {
        Some(true) => Answers::Host,
        Some(false) => Answers::Nobody,
        None => Answers::Unknown,
    };
    let tailnet = match prefs {
        Some(prefs) if prefs.shields_up => Answers::Nobody,
        Some(prefs) if prefs.run_ssh => Answers::Tailscaled,
        Some(_) => elsewhere,
        None => Answers::Unknown,
    };
    Port22 { tailnet, elsewhere }
}

pub(crate) fn about_control(status: &Status) -> Option<Reason> {
    // tailscaled itself says so after eight minutes only.
    (!status.this_node.online).then(|| {
        let text = "the control plane is not reached: what is known of the peers may be old";
        Reason::new(State::Degraded, text).command(Layer::Control.command())
    })
}

pub(crate) fn about_exit_node(exit_node: Option<&ExitNode>) -> Option<Reason> {
    const NONE: &str = "sudo tailscale set --exit-node=";
    let exit_node = exit_node?;
    let id = &exit_node.id;
    Some(match (&exit_node.name, exit_node.chosen_by) {
        (None, ChosenBy::Tailscaled) if id.is_empty() => Reason::new(
            State::Down,
            "tailscaled looks for an exit node, and until then nothing gets out",
        )
        .command(NONE),
        (None, _) if !exit_node.offered => {
            let text = format!("the exit node {id} is not in this tailnet: nothing gets out");
            Reason::new(State::Down, text).command(NONE)
        }
        (Some(name), _) if !exit_node.offered => {
            let text = format!("{name} is chosen as exit node and is none: nothing gets out");
            Reason::new(State::Down, text).command(NONE)
        }
        (name, _) if !exit_node.online => {
            let name = name.as_ref().unwrap_or(id);
            let text = format!("the control plane does not see the exit node {name}, and tailscaled does not leave it");
            Reason::new(State::Degraded, text).command("tailscale exit-node list")
        }
        _ => return None,
    })
}

pub(crate) fn about_routes(routes: &Routes, forwarding: Option<&str>) -> Vec<Reason> {
    let waiting: Vec<&str> = routes
        .advertised
        .iter()
        .filter(|route| !route.approved)
        .map(|route| route.prefix.as_str())
        .collect();
    let mut reasons = Vec::new();
    if !waiting.is_empty() {
        let text = format!("waiting for approval in the admin console: {}", waiting.join(", "));
        // The admin console is no command.
        reasons.push(Reason::new(State::Degraded, text).command("xdg-open https://login.tailscale.com/admin/machines"));
    }
    if let Some(forwarding) = forwarding {
        let text = forwarding.lines().next().unwrap_or_default();
        let command = "sudo sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1";
        reasons.push(Reason::new(State::Degraded, text).command(command));
    }
    reasons
}

/// What tailscaled complains of, apart from what is said already.
pub(crate) fn about_health(status: &Status, said: &[Reason]) -> Vec<Reason> {
    let is_up = status.backend_state == BackendState::Running;
    let says = |text: &str| said.iter().any(|reason| reason.text.contains(text));
    status
        .health
        .iter()
        .filter(|line| is_up || !line.starts_with("Tailscale is stopped"))
        .filter(|line| !(line.contains("IP forwarding is disabled") && says("IP forwarding is disabled")))
        .map(|line| {
            let line = line.trim();
            if line.contains("--accept-routes is false") {
                // Often on purpose: a server that only offers.
                return Reason::new(State::Good, line).command("sudo tailscale set --accept-routes");
            }
            if line.starts_with("An update from version") || line.starts_with("A security update") {
                return Reason::new(State::Good, line);
            }
            Reason::new(State::Degraded, line).command("journalctl -u tailscaled -n 50")
        })
        .collect()
}
