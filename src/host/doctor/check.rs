//! One check.

use super::facts::Facts;
use super::judge;
use crate::host::show::Reason;

/// One check: a name that stays, and what judges the facts.
pub(super) struct Check {
    /// Its name on the command line and in JSON. It never changes its meaning.
    pub(super) id: &'static str,
    /// What it looks at.
    pub(super) title: &'static str,
    /// What of the facts it needs that takes time or rights.
    pub(super) needs: &'static [Need],
    /// Judges.
    pub(super) judge: fn(&Facts) -> Outcome,
}

/// Something that is only looked at where a chosen check needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// The relays are asked.
    Relays,
    /// The exit node is pinged.
    ExitNode,
    /// Names are looked up.
    Names,
    /// Another program is asked: ip.
    Rules,
    /// nft is asked.
    Firewall,
    /// systemctl is asked.
    Units,
    /// nginx is asked.
    Nginx,
    /// The services behind nginx are asked.
    Services,
    /// timedatectl is asked.
    Clock,
    /// The monitor is asked.
    Monitor,
    /// tailscaled is asked for its advice about forwarding.
    Gro,
}

/// What a check says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// What was found, in a few words.
    pub(super) found: String,
    /// What is not good, or cannot be told; empty where all is good.
    pub(super) reasons: Vec<Reason>,
}

impl Outcome {
    /// Good, and what was found.
    pub(super) fn good(found: impl Into<String>) -> Self {
        Self {
            found: found.into(),
            reasons: Vec::new(),
        }
    }

    /// One thing that is not good.
    pub(super) fn bad(reason: Reason) -> Self {
        Self::of("", vec![reason])
    }

    /// What was found, and what of it is not good.
    pub(super) fn of(found: impl Into<String>, reasons: Vec<Reason>) -> Self {
        Self {
            found: found.into(),
            reasons,
        }
    }
}

const fn check(id: &'static str, title: &'static str, needs: &'static [Need], judge: fn(&Facts) -> Outcome) -> Check {
    Check {
        id,
        title,
        needs,
        judge,
    }
}

/// All of them, from the bottom up: what is explained by a failure comes after it.
pub(super) const CHECKS: &[Check] = &[
    check(
        "clock",
        "the clock",
        &[Need::Clock, Need::Relays],
        judge::machine::clock,
    ),
    check("disk", "room on the disks", &[], judge::machine::disk),
    check(
        "units",
        "units of systemd that failed",
        &[Need::Units],
        judge::machine::units,
    ),
    check("tun", "the device for tunnels", &[], judge::kernel::tun),
    check(
        "daemon",
        "tailscaled runs and answers",
        &[Need::Units],
        judge::tailscaled::daemon,
    ),
    check("login", "this node is logged in and up", &[], judge::tailscaled::login),
    check("key", "the key of this node", &[], judge::tailscaled::key),
    check("control", "the control plane", &[], judge::tailscaled::control),
    check("health", "what tailscaled complains of", &[], judge::tailscaled::health),
    check(
        "relays",
        "relays (DERP) are reached",
        &[Need::Relays],
        judge::network::relays,
    ),
    check(
        "nat",
        "what is between here and the internet",
        &[Need::Relays],
        judge::network::nat,
    ),
    check("paths", "how packets get to peers in use", &[], judge::network::paths),
    check("mtu", "the tailnet's interface", &[], judge::kernel::mtu),
    check(
        "magic-dns",
        "names of the tailnet, asked of tailscaled",
        &[Need::Names],
        judge::names::magic_dns,
    ),
    check(
        "resolver",
        "names of the tailnet, asked as programs do",
        &[Need::Names],
        judge::names::resolver,
    ),
    check(
        "exit-node",
        "the exit node in use",
        &[Need::ExitNode, Need::Relays],
        judge::routing::exit_node,
    ),
    check("routes", "the routes that are offered", &[], judge::routing::routes),
    check("forwarding", "packets are forwarded", &[], judge::routing::forwarding),
    check(
        "udp-gro",
        "packets are forwarded fast",
        &[Need::Gro],
        judge::routing::udp_gro,
    ),
    check(
        "reverse-path",
        "the check of the way back",
        &[],
        judge::kernel::reverse_path,
    ),
    check(
        "rules",
        "the rules that lead into the tunnel",
        &[Need::Rules],
        judge::kernel::rules,
    ),
    check(
        "table-52",
        "the routes into the tunnel",
        &[Need::Rules],
        judge::kernel::table_52,
    ),
    check(
        "firewall-mode",
        "whose rules tailscaled writes",
        &[Need::Units],
        judge::services::firewall_mode,
    ),
    check(
        "firewall",
        "the zone firewall",
        &[Need::Firewall],
        judge::services::firewall,
    ),
    check("port-22", "who answers on port 22", &[], judge::services::port_22),
    check(
        "nginx",
        "nginx runs and listens",
        &[Need::Units],
        judge::services::nginx,
    ),
    check(
        "nginx-config",
        "nginx's configuration",
        &[Need::Units, Need::Nginx],
        judge::services::nginx_config,
    ),
    check(
        "services",
        "the services behind nginx answer",
        &[Need::Services],
        judge::services::behind_nginx,
    ),
    check(
        "certificates",
        "when certificates end",
        &[Need::Units, Need::Nginx],
        judge::services::certificates,
    ),
    check("secrets", "the files that hold secrets", &[], judge::services::secrets),
    check(
        "monitor",
        "the monitor and its moves",
        &[Need::Units, Need::Monitor],
        judge::services::monitor,
    ),
];
