//! `network.monitoring.tailscale.failover`: what the monitor may do, and how eagerly.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::net::{Port, Prefix, ServiceName, TimeSpan, UpstreamHost, WeeklyWindow};

/// What the monitor may do about a failure, and how eagerly. On the host it lies in the settings of `tsctl` as it is here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Failover {
    /// `actions`: what it may do, most preferred first. What is not listed is never done.
    pub actions: Vec<FailoverAction>,
    /// `failureShare`: a share of bad checks that counts as a failure, besides the consecutive ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_share: Option<Share>,
    /// `recoveryShare`: a share of good checks that counts as a recovery, besides the consecutive ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_share: Option<Share>,
    /// `holdDown`: how long what failed is not wanted again; doubled with each further time.
    pub hold_down: TimeSpan,
    /// `maxHoldDown`: the longest of these times.
    pub max_hold_down: TimeSpan,
    /// `minDwell`: how long something stays in force before it is left for being slow or lossy, or for something better.
    pub min_dwell: TimeSpan,
    /// `moveWindow`: at most one move within this time.
    pub move_window: TimeSpan,
    /// `returnAfter`: how long a better one has been good before it is returned to; absent where `autoReturn` is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_after: Option<TimeSpan>,
    /// `restartInterval`: at least this long between two restarts of tailscaled.
    pub restart_interval: TimeSpan,
    /// `restartsPerDay`: at most so many restarts of tailscaled within 24 hours.
    pub restarts_per_day: u32,
    /// `dryRun`: only write down what would be done.
    pub dry_run: bool,
    /// `restoreOnStop`: put the preferences back when the monitor is stopped.
    pub restore_on_stop: bool,
    /// `maintenanceWindows`: when no moves are made and no alarms begin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub maintenance_windows: Vec<WeeklyWindow>,
    /// `lanRoutes`: prefixes of the tailnet that this host may also reach directly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lan_routes: Vec<LanRoute>,
    /// `lanServices`: services of other hosts that this host may also reach directly.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lan_services: BTreeMap<ServiceName, LanService>,
}

/// One thing that the monitor may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailoverAction {
    /// Take another of the exit nodes.
    ExitNode,
    /// Take none: traffic to the internet leaves around the tunnel. Without it, it waits for an exit node.
    NoExitNode,
    /// Speak to a service by its address on the local network.
    LanAddress,
    /// Accept no routes of the tailnet, where their prefixes are reached directly.
    RoutesOff,
    /// Restart tailscaled.
    Restart,
    /// Take the tunnel down.
    TunnelDown,
}

impl FailoverAction {
    /// Every action, the gentlest first.
    pub const ALL: [Self; 6] = [
        Self::ExitNode,
        Self::LanAddress,
        Self::RoutesOff,
        Self::NoExitNode,
        Self::Restart,
        Self::TunnelDown,
    ];

    /// The word in a profile.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExitNode => "exit-node",
            Self::NoExitNode => "no-exit-node",
            Self::LanAddress => "lan-address",
            Self::RoutesOff => "routes-off",
            Self::Restart => "restart",
            Self::TunnelDown => "tunnel-down",
        }
    }
}

/// So many out of the last so many, 1-64 each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Share {
    /// So many.
    pub count: u32,
    /// Out of so many.
    pub of: u32,
}

/// A prefix that may be reached by the tailnet and directly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LanRoute {
    /// The prefix.
    pub prefix: Prefix,
    /// An address in it that answers pings.
    pub probe: IpAddr,
}

/// A service of another host that may be reached by the tailnet and directly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LanService {
    /// The other host in the tailnet.
    pub tailnet_address: UpstreamHost,
    /// The other host on the local network.
    pub lan_address: IpAddr,
    /// The TCP port of the service, on both.
    pub port: Port,
}

impl Failover {
    /// Whether the monitor may do this.
    pub fn may(&self, action: FailoverAction) -> bool {
        self.actions.contains(&action)
    }
}
