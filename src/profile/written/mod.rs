//! The profile as written: every group and option with its name, its type and what it means.
//!
//! These types know no defaults and no meaning; `super::lower` turns them into the model. Their doc comments are the
//! descriptions of the JSON Schema, and unknown fields are refused by the reader.

mod alerts;
mod dns;
mod file_ref;
mod firewall_zones;
mod host;
mod monitoring;
mod number;
mod probes;
mod profile;
mod proxy;
mod qos;
mod secrets;
mod tailscale;
mod tuning;

pub use crate::model::{FileRef, SopsFile};
pub use alerts::{AlertSeverity, Alerts, Receiver, ReceiverKind, Smtp, SmtpTls, WebhookFormat};
pub use dns::Dns;
pub use firewall_zones::{FirewallZones, Policy, ReversePath, ServiceRateLimit, Zone};
pub use host::{Host, Interface, Management, Os, Release, Role};
pub use monitoring::{Failover, FailoverAction, LanRoute, LanService, Metrics, MonitorProfile, Monitoring, Share};
pub use number::{ListenPort, Millis, Scalar, Seconds};
pub use probes::{DnsProbe, EgressProbes, PeerProbe, PingKind, ProbeTarget, Probes};
pub use profile::{HostProfile, LintLevel, Network, Profile, Tailnet, Vpn};
pub use proxy::{
    Acme, AuthKind, Certificate, Expose, NginxTailscale, Proxies, Service, ServiceProtocol, TailscaleServices,
};
pub use qos::{Qos, Shaping};
pub use secrets::{AgeKeys, SecretKey, Secrets, TailscaleSecrets};
pub use tailscale::{FirewallMode, Tailscale};
pub use tuning::{NginxTuning, Profile as TuningProfile, Tuning, Workers};

/// One group of options: all of them optional, unknown ones refused, names in camelCase.
macro_rules! group {
    ($(#[$meta:meta])* pub struct $name:ident { $($body:tt)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Deserialize, schemars::JsonSchema)]
        #[serde(default, deny_unknown_fields, rename_all = "camelCase")]
        pub struct $name { $($body)* }
    };
}

/// A closed set of words.
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($body:tt)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($body)* }
    };
}

use {group, words};
