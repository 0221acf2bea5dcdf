//! What is shown, as data.

use schemars::JsonSchema;
use serde::Serialize;

use super::failover::FailoverSeen;
use super::peers::Peers;
use crate::host::show::{Reason, State};
use crate::host::tailnet::certificate_seen::CertificateSeen;

/// What `tsctl status --json` prints. Times are in UTC (RFC 3339), amounts in bytes; what is not known is null.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "tsctl status")]
pub(crate) struct NodeStatus {
    /// When it was asked.
    pub(crate) taken: String,
    /// How it is, all in all.
    pub(crate) state: State,
    /// Why, and what to type about it; hints have the state `good`.
    pub(crate) reasons: Vec<Reason>,
    /// The version of tailscaled.
    pub(crate) version: Option<String>,
    /// A newer version, where the control plane knows one.
    pub(crate) newer_version: Option<String>,
    /// What tailscaled is doing: `Running`, `Stopped`, `NeedsLogin`, …
    pub(crate) backend_state: Option<String>,
    /// Where to log in, while tailscaled waits for that.
    pub(crate) login_url: Option<String>,
    /// This node.
    pub(crate) node: Option<Node>,
    /// Its tailnet.
    pub(crate) tailnet: Option<Tailnet>,
    /// The exit node that it uses.
    pub(crate) exit_node: Option<ExitNode>,
    /// Where the monitor's failover stands; null where the host has no monitor.
    pub(crate) failover: Option<FailoverSeen>,
    /// What it offers to others.
    pub(crate) routes: Routes,
    /// Who answers on port 22.
    pub(crate) port_22: Port22,
    /// The certificates that it can have.
    pub(crate) certificates: Vec<CertificateSeen>,
    /// The other nodes, by name.
    #[schemars(with = "Vec<PeerSeen>")]
    pub(crate) peers: Peers,
    /// Who chose to use no exit node, and what the settings of the monitor want instead, where they want one.
    #[serde(skip)]
    pub(crate) no_exit_node: Option<(ChosenBy, String)>,
    /// When it was asked, in seconds since 1970: what is drawn is relative to it.
    #[serde(skip)]
    pub(crate) now: u64,
}

/// This node.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Node {
    /// The first label of its name.
    pub(crate) name: String,
    /// Its whole name.
    pub(crate) full_name: String,
    /// Its identity that never changes.
    pub(crate) id: String,
    /// Its addresses.
    pub(crate) addresses: Vec<String>,
    /// Whose it is: an address, or its tags.
    pub(crate) owner: Option<String>,
    /// Its operating system.
    pub(crate) os: String,
    /// Whether tailscaled has no network interface (userspace networking).
    pub(crate) userspace: bool,
    /// Whether the control plane is reached.
    pub(crate) control_reached: bool,
    /// The code of its home DERP region.
    pub(crate) home_region: Option<String>,
    /// When its key expires; null where it does not.
    pub(crate) key_expires: Option<String>,
    /// The same in seconds since 1970.
    #[serde(skip)]
    pub(crate) key_expires_unix: Option<u64>,
}

/// The tailnet.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tailnet {
    /// Its name.
    pub(crate) name: String,
    /// What the names of its nodes end in.
    pub(crate) domain: String,
    /// Whether those names can be looked up.
    pub(crate) magic_dns: bool,
}

/// An exit node that is used.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExitNode {
    /// Its identity; empty while tailscaled looks for one.
    pub(crate) id: String,
    /// Its name, where it is in the tailnet.
    pub(crate) name: Option<String>,
    /// Who chose it.
    pub(crate) chosen_by: ChosenBy,
    /// What the settings of the monitor want instead.
    pub(crate) instead_of: Option<String>,
    /// Whether the control plane sees it.
    pub(crate) online: bool,
    /// Whether it is allowed to be one.
    pub(crate) offered: bool,
    /// Whether the local network is reached past it.
    pub(crate) allows_lan: bool,
    /// How packets get to it.
    pub(crate) path: Option<Path>,
}

/// Who chose the exit node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ChosenBy {
    /// Somebody, or a program, named it: tailscaled never leaves it by itself. Who it was is known only where a monitor runs.
    Preference,
    /// The settings of the monitor want it.
    Settings,
    /// The monitor, instead of the one that the settings want.
    Monitor,
    /// The operator, by `tsctl failover switch`.
    Operator,
    /// Somebody who changed the preference by hand.
    Hand,
    /// tailscaled chose it (`auto:any`).
    Tailscaled,
}

impl ChosenBy {
    /// In words.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Preference => "chosen by name",
            Self::Settings => "as the settings want it",
            Self::Monitor => "chosen by the monitor",
            Self::Operator => "chosen by the operator",
            Self::Hand => "chosen by hand",
            Self::Tailscaled => "chosen by tailscaled",
        }
    }
}

/// What is offered to others, and used of others.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Routes {
    /// Whether routes of others are used.
    pub(crate) accepts: Option<bool>,
    /// What this node offers.
    pub(crate) advertised: Vec<Route>,
}

/// A prefix that is offered.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Route {
    /// The prefix.
    pub(crate) prefix: String,
    /// Whether the control plane approved it.
    pub(crate) approved: bool,
    /// Whether it chose this node, out of those that offer it.
    pub(crate) primary: bool,
}

/// Who answers on port 22.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Port22 {
    /// To the tailnet.
    pub(crate) tailnet: Answers,
    /// To every other network.
    pub(crate) elsewhere: Answers,
}

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Answers {
    /// tailscaled itself (Tailscale SSH).
    Tailscaled,
    /// A server of this machine.
    Host,
    /// Nobody.
    Nobody,
    /// It cannot be told.
    Unknown,
}

/// Another node.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PeerSeen {
    /// The first label of its name.
    pub(crate) name: String,
    /// Its whole name.
    pub(crate) full_name: String,
    /// Its identity that never changes.
    pub(crate) id: String,
    /// Its addresses.
    pub(crate) addresses: Vec<String>,
    /// Whose it is: an address, or its tags.
    pub(crate) owner: Option<String>,
    /// Its operating system.
    pub(crate) os: String,
    /// Whether the control plane sees it.
    pub(crate) online: bool,
    /// When the control plane saw it last, where it does not now.
    pub(crate) last_seen: Option<String>,
    /// How packets get to it.
    pub(crate) path: Path,
    /// When the last WireGuard handshake was.
    pub(crate) last_handshake: Option<String>,
    /// Bytes that came from it since tailscaled started.
    pub(crate) received_bytes: u64,
    /// Bytes that went to it since tailscaled started.
    pub(crate) sent_bytes: u64,
    /// Whether it is the exit node in use.
    pub(crate) exit_node: bool,
    /// Whether it may be an exit node.
    pub(crate) offers_exit_node: bool,
    /// The prefixes that the control plane chose it for.
    pub(crate) routes: Vec<String>,
}

/// How packets get to a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Path {
    /// Which kind of path it is.
    pub(crate) class: Class,
    /// The address and port, the peer relay, or the code of the DERP region.
    pub(crate) via: Option<String>,
}

/// Which kind of path it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Class {
    /// No packet went to it in the last minutes.
    Idle,
    /// Straight to it.
    Direct,
    /// Through another node.
    PeerRelay,
    /// Through a relay of the control plane.
    Derp,
    /// There is none.
    None,
}
