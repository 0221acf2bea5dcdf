//! The fleet and its hosts, always valid: what a profile means, whatever notation it was written in and whatever
//! is printed from it.
//!
//! Everything that the profile may leave open has been decided here (defaults, presets); an `Option` means that the
//! host does without, never that somebody still has to decide. Items that do not stand where their name suggests
//! (a service that a preset brought) carry the [`FieldPath`] that is answerable for them.

mod alerts;
mod dns;
mod expected;
mod failover;
mod fleet;
mod host;
pub mod known_service;
mod lint;
mod metrics;
mod monitor_settings;
mod monitoring;
mod owned_sysctl;
mod probes;
mod proxied_service;
mod proxy;
mod qos;
mod secret;
mod tailscale;
mod tailscale_flags;
mod tuning;
mod upstream;
mod zone;

pub use crate::diagnostic::{FieldPath, Step};
pub use alerts::{
    AlertSecret, Alerts, Receiver, Severity, Smtp, SmtpLogin, SmtpTls, Way, WebhookAddress, WebhookFormat,
};
pub use dns::{Dns, SplitDomain};
pub use expected::{Expected, ExpectedSecret, ExpectedService, ServicePlace};
pub use failover::{Failover, FailoverAction, LanRoute, LanService, Share};
pub use fleet::{Fleet, Shape};
pub use host::{Host, Interface, InterfaceRole, ManagementPath, ManagementService, Os, Release};
pub use lint::{Lint, LintLevel};
pub use metrics::Metrics;
pub use monitor_settings::{Management, MonitorSettings, SettingsVersion};
pub use monitoring::{MonitorProfile, Monitoring};
pub use owned_sysctl::{OWNED_SYSCTLS, OwnedSysctl};
pub use probes::{EgressProbes, PingKind, ProbeTarget, Probed, Probes};
pub use proxied_service::{Auth, Exposure, Listener, PortReason, Protocol, ProxiedService, Upstream, UpstreamAddress};
pub use proxy::{AcmeDns, Certificate, Proxy};
pub use qos::{Qos, Shaping};
pub use secret::{AgeKeySource, FileMode, FileRef, Secret, Secrets, SopsFile};
pub use tailscale::{ExitNodeChoice, FirewallMode, NetfilterMode, Tailscale};
pub use tailscale_flags::SHARED_FLAGS;
pub use tuning::{NginxTuning, SysctlKey, SysctlValue, Tuning, TuningProfile};
pub use upstream::UpstreamOptions;
pub use zone::{
    AllowedService, DefaultPolicy, Egress, FirewallZones, Forwarded, Idle, RateLimit, ReversePathMode, ServiceLimit,
    Zone, ZoneLimit, ZoneLog, ZoneMember,
};
