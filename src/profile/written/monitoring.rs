//! `network.monitoring.tailscale`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Alerts, Millis, Probes, Seconds, group, words};
use crate::net::{
    EmailAddress, LocalSocket, Percent, Port, Prefix, ServiceName, TextfilePath, UpstreamHost, WeeklyWindow,
};

group! {
    /// The monitor of the tailnet connection.
    pub struct Monitoring {
        /// Whether the monitor runs.
        pub enable: Option<bool>,
        /// The thresholds to start from; `standard` by default.
        pub profile: Option<MonitorProfile>,
        /// Time between checks, in seconds or with a unit; 30 s by default.
        pub check_interval: Option<Seconds>,
        /// How long an answer is waited for, in seconds or with a unit; 5 s by default, and no longer than the interval.
        pub check_timeout: Option<Seconds>,
        /// Latency above which a check is bad, in milliseconds or with a unit; 200 ms by default.
        pub max_latency: Option<Millis>,
        /// Packet loss above which a check is bad, in percent; 5 by default.
        pub max_packet_loss: Option<Percent>,
        /// Consecutive bad checks before the monitor acts; 3 by default.
        pub failure_threshold: Option<u32>,
        /// Consecutive good checks before it goes back; 5 by default.
        pub recovery_threshold: Option<u32>,
        /// Whether the monitor acts or only reports.
        pub enable_auto_failover: Option<bool>,
        /// Exit nodes to move to, in order of preference: names, addresses, or `auto:any`.
        pub exit_nodes: Option<Vec<String>>,
        /// What the monitor may do about a failure, and how eagerly.
        pub failover: Option<Failover>,
        /// What is measured besides what every host has.
        pub probes: Option<Probes>,
        /// Who is told of a failure by mail.
        pub alert_email: Option<EmailAddress>,
        /// Who else is told of a failure, and how.
        pub alerts: Option<Alerts>,
        /// How Prometheus gets at the metrics of the monitor.
        pub metrics: Option<Metrics>,
        /// Whether throughput is measured regularly.
        pub enable_benchmarks: Option<bool>,
        /// Time between benchmarks, in seconds or with a unit; a day by default.
        pub benchmark_interval: Option<Seconds>,
    }
}

group! {
    /// How Prometheus gets at the metrics of the monitor.
    pub struct Metrics {
        /// Where they are served, as `GET /metrics`: a loopback address with a port, or a unix socket in
        /// `/run/tailwright-monitor`; nowhere else by default.
        pub listen: Option<LocalSocket>,
        /// A file ending in `.prom` that they are written to, for `node_exporter`'s textfile collector; none by default.
        pub textfile: Option<TextfilePath>,
    }
}

words! {
    /// A set of thresholds.
    pub enum MonitorProfile {
        /// The guide's: a check every 30 s, and three bad ones in a row before anything is done.
        Standard,
        /// A check every 700 ms: a failure is found and acted on in less than three seconds.
        Fast,
    }
}

group! {
    /// What the monitor may do about a failure, and how eagerly. Times are in seconds or with a unit.
    pub struct Failover {
        /// What it may do, most preferred first; `[ "exit-node" "lan-address" "routes-off" ]` by default. What is not listed is
        /// never done: without `no-exit-node`, traffic waits for an exit node instead of leaving around the tunnel.
        pub actions: Option<Vec<FailoverAction>>,
        /// Whether `tunnel-down` may be listed: it cuts off everybody who comes in by the tailnet.
        pub allow_tunnel_down: Option<bool>,
        /// A share of bad checks that counts as a failure, besides `failureThreshold` in a row.
        pub failure_share: Option<Share>,
        /// A share of good checks that counts as a recovery, besides `recoveryThreshold` in a row.
        pub recovery_share: Option<Share>,
        /// How long what failed is not returned to; doubled with each further time. 2 min by default.
        pub hold_down: Option<Seconds>,
        /// The longest of these times; an hour by default.
        pub max_hold_down: Option<Seconds>,
        /// How long something stays in force before it is left for being slow or lossy, or for something better; 2 min by
        /// default. What carries nothing is left earlier.
        pub min_dwell: Option<Seconds>,
        /// At most one move within this time; 1 min by default.
        pub move_window: Option<Seconds>,
        /// Whether what is preferred is returned to; true by default.
        pub auto_return: Option<bool>,
        /// How long it has been good before it is returned to; 5 min by default.
        pub return_after: Option<Seconds>,
        /// At least this long between two restarts of tailscaled; 10 min by default.
        pub restart_interval: Option<Seconds>,
        /// At most so many restarts of tailscaled within 24 hours; 3 by default.
        #[schemars(range(min = 1, max = 24))]
        pub restarts_per_day: Option<u32>,
        /// Only write down what would be done.
        pub dry_run: Option<bool>,
        /// Put the preferences back when the monitor is stopped; true by default.
        pub restore_on_stop: Option<bool>,
        /// When no moves are made and no alarms begin, in UTC: `Sun 02:00-05:00`.
        pub maintenance_windows: Option<Vec<WeeklyWindow>>,
        /// Prefixes that this host may reach both by a subnet router and directly.
        pub lan_routes: Option<Vec<LanRoute>>,
        /// Services of other hosts that this host may reach both by the tailnet and directly.
        pub lan_services: Option<BTreeMap<ServiceName, LanService>>,
    }
}

words! {
    /// Something that the monitor may do.
    pub enum FailoverAction {
        /// Take the next of `exitNodes`.
        ExitNode,
        /// Use no exit node: traffic to the internet leaves around the tunnel.
        NoExitNode,
        /// Speak to one of `lanServices` by its address on the local network.
        LanAddress,
        /// Accept no routes of the tailnet while `lanRoutes` are reached directly.
        RoutesOff,
        /// Restart tailscaled.
        Restart,
        /// Take the tunnel down. It needs `allowTunnelDown`, and another way in that is open.
        TunnelDown,
    }
}

group! {
    /// So many checks out of the last so many.
    pub struct Share {
        /// So many checks.
        #[schemars(range(min = 1, max = 64))]
        pub count: Option<u32>,
        /// Out of the last so many.
        #[schemars(range(min = 1, max = 64))]
        pub of: Option<u32>,
    }
}

group! {
    /// A prefix that is reached by a subnet router and directly.
    pub struct LanRoute {
        /// The prefix.
        pub prefix: Option<Prefix>,
        /// An address in it that answers pings.
        pub probe: Option<IpAddr>,
    }
}

group! {
    /// A service of another host that is reached by the tailnet and directly.
    pub struct LanService {
        /// The other host in the tailnet: a name or an address.
        pub tailnet_address: Option<UpstreamHost>,
        /// The other host on the local network.
        pub lan_address: Option<IpAddr>,
        /// The TCP port of the service, on both.
        pub port: Option<Port>,
    }
}
