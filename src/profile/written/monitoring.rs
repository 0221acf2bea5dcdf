//! `network.monitoring.tailscale`.

use super::{Millis, Seconds, group};
use crate::net::{EmailAddress, Percent};

group! {
    /// The monitor of the tailnet connection.
    pub struct Monitoring {
        /// Whether the monitor runs.
        pub enable: Option<bool>,
        /// Time between checks, in seconds or with a unit; 30 s by default.
        pub check_interval: Option<Seconds>,
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
        /// Where alerts are sent.
        pub alert_email: Option<EmailAddress>,
        /// Whether throughput is measured regularly.
        pub enable_benchmarks: Option<bool>,
        /// Time between benchmarks, in seconds or with a unit; a day by default.
        pub benchmark_interval: Option<Seconds>,
    }
}
