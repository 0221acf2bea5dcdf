//! What is shown, as data.

use schemars::JsonSchema;
use serde::Serialize;

use crate::host::show::{Reason, State};
use crate::host::tailnet::certificate_seen::CertificateSeen;

/// What `tsctl status --json` prints. Times are in UTC (RFC 3339), amounts in bytes; what is not known is null.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "tsctl status")]
pub(super) struct NodeStatus {
    /// When it was asked.
    pub(super) taken: String,
    /// How it is, all in all.
    pub(super) state: State,
    /// Why, and what to type about it; hints have the state `good`.
    pub(super) reasons: Vec<Reason>,
    /// The version of tailscaled.
    pub(super) version: Option<String>,
    /// A newer version, where the control plane knows one.
    pub(super) newer_version: Option<String>,
    /// What tailscaled is doing: `Running`, `Stopped`, `NeedsLogin`, …
    pub(super) backend_state: Option<String>,
    /// Where to log in, while tailscaled waits for that.
    pub(super) login_url: Option<String>,
    /// This node.
    pub(super) node: Option<Node>,
    /// Its tailnet.
    pub(super) tailnet: Option<Tailnet>,
    /// The exit node that it uses.
    pub(super) exit_node: Option<ExitNode>,
    /// What it offers to others.
    pub(super) routes: Routes,
    /// Who answers on port 22.
    pub(super) port_22: Port22,
    /// The certificates that it can have.
    pub(super) certificates: Vec<CertificateSeen>,
    /// The other nodes, by name.
    pub(super) peers: Vec<PeerSeen>,
    /// When it was asked, in seconds since 1970: what is drawn is relative to it.
    #[serde(skip)]
    pub(super) now: u64,
}

/// This node.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Node {
    /// The first label of its name.
    pub(super) name: String,
    /// Its whole name.
    pub(super) full_name: String,
    /// Its identity that never changes.
    pub(super) id: String,
    /// Its addresses.
    pub(super) addresses: Vec<String>,
    /// Whose it is: an address, or its tags.
    pub(super) owner: Option<String>,
    /// Its operating system.
    pub(super) os: String,
    /// Whether tailscaled has no network interface (userspace networking).
    pub(super) userspace: bool,
    /// Whether the control plane is reached.
    pub(super) control_reached: bool,
    /// The code of its home DERP region.
    pub(super) home_region: Option<String>,
    /// When its key expires; null where it does not.
    pub(super) key_expires: Option<String>,
    /// The same in seconds since 1970.
    #[serde(skip)]
    pub(super) key_expires_unix: Option<u64>,
}

/// The tailnet.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tailnet {
    /// Its name.
    pub(super) name: String,
    /// What the names of its nodes end in.
    pub(super) domain: String,
    /// Whether those names can be looked up.
    pub(super) magic_dns: bool,
}

/// An exit node that is used.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExitNode {
    /// Its identity; empty while tailscaled looks for one.
    pub(super) id: String,
    /// Its name, where it is in the tailnet.
    pub(super) name: Option<String>,
    /// Who chose it.
    pub(super) chosen_by: ChosenBy,
    /// Whether the control plane sees it.
    pub(super) online: bool,
    /// Whether it is allowed to be one.
    pub(super) offered: bool,
    /// Whether the local network is reached past it.
    pub(super) allows_lan: bool,
    /// How packets get to it.
    pub(super) path: Option<Path>,
}

/// Who chose the exit node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum ChosenBy {
    /// Somebody, or a program, named it: tailscaled never leaves it by itself.
    Preference,
    /// tailscaled chose it (`auto:any`).
    Tailscaled,
}

/// What is offered to others, and used of others.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Routes {
    /// Whether routes of others are used.
    pub(super) accepts: Option<bool>,
    /// What this node offers.
    pub(super) advertised: Vec<Route>,
}

/// A prefix that is offered.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Route {
    /// The prefix.
    pub(super) prefix: String,
    /// Whether the control plane approved it.
    pub(super) approved: bool,
    /// Whether it chose this node, out of those that offer it.
    pub(super) primary: bool,
}

/// Who answers on port 22.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Port22 {
    /// To the tailnet.
    pub(super) tailnet: Answers,
    /// To every other network.
    pub(super) elsewhere: Answers,
}

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Answers {
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
pub(super) struct PeerSeen {
    /// The first label of its name.
    pub(super) name: String,
    /// Its whole name.
    pub(super) full_name: String,
    /// Its identity that never changes.
    pub(super) id: String,
    /// Its addresses.
    pub(super) addresses: Vec<String>,
    /// Whose it is: an address, or its tags.
    pub(super) owner: Option<String>,
    /// Its operating system.
    pub(super) os: String,
    /// Whether the control plane sees it.
    pub(super) online: bool,
    /// When the control plane saw it last, where it does not now.
    pub(super) last_seen: Option<String>,
    /// How packets get to it.
    pub(super) path: Path,
    /// When the last WireGuard handshake was.
    pub(super) last_handshake: Option<String>,
    /// Bytes that came from it since tailscaled started.
    pub(super) received_bytes: u64,
    /// Bytes that went to it since tailscaled started.
    pub(super) sent_bytes: u64,
    /// Whether it is the exit node in use.
    pub(super) exit_node: bool,
    /// Whether it may be an exit node.
    pub(super) offers_exit_node: bool,
    /// The prefixes that the control plane chose it for.
    pub(super) routes: Vec<String>,
    /// In seconds since 1970.
    #[serde(skip)]
    pub(super) last_seen_unix: Option<u64>,
}

/// How packets get to a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Path {
    /// Which kind of path it is.
    pub(super) class: Class,
    /// The address and port, the peer relay, or the code of the DERP region.
    pub(super) via: Option<String>,
}

/// Which kind of path it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Class {
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

impl PeerSeen {
    /// Whether packets went to it in the last minutes.
    pub(super) fn is_active(&self) -> bool {
        self.path.class != Class::Idle
    }
}
