//! Nix values and the rendered NixOS modules.
//!
//! [`value`], [`module`] and [`escape`] write Nix. Every other file is one rendered module: a function of the host that gives
//! `None` where the host has nothing of the kind. [`modules`] is all of them.

pub mod default;
pub mod dns;
pub mod escape;
mod firewall_closed;
mod firewall_offload;
pub mod firewall_zones;
pub mod module;
pub mod nginx_tailscale;
mod print;
pub mod qos;
pub mod secrets;
pub mod sysctl;
pub mod systemd;
pub mod tailscale;
mod tailscale_command;
pub mod tailscale_monitor;
pub mod tailscale_services;
pub mod value;

use std::collections::BTreeMap;

pub use module::Module;
pub use secrets::{after_installing, needs_installing, place};
pub use tailscale_monitor::SETTINGS;
pub use value::{AttrPath, Binding, Call, NixSet, NixValue, Reference, Template};

use crate::model::{Host, Os};

/// Makes the module of one kind for a host.
type Compile = fn(&Host) -> Option<Module>;

/// The modules, by their paths in the tree.
const MODULES: [(&str, Compile); 9] = [
    ("modules/network/dns.nix", dns::dns),
    (
        "modules/network/monitoring/tailscale-monitor.nix",
        tailscale_monitor::tailscale_monitor,
    ),
    (
        "modules/network/proxy/nginx-tailscale.nix",
        nginx_tailscale::nginx_tailscale,
    ),
    (
        "modules/network/proxy/tailscale-services.nix",
        tailscale_services::tailscale_services,
    ),
    (FIREWALL_ZONES, firewall_zones::firewall_zones),
    ("modules/network/tuning/qos.nix", qos::qos),
    ("modules/network/tuning/sysctl.nix", sysctl::sysctl),
    ("modules/network/vpn/tailscale.nix", tailscale::tailscale),
    ("modules/secrets/tailscale.nix", secrets::secrets),
];

/// The path of the module of the zone firewall.
pub const FIREWALL_ZONES: &str = "modules/network/security/firewall-zones.nix";

/// The path of the module that imports the others.
pub const DEFAULT: &str = "default.nix";

/// Every path that a host's tree of modules can have.
pub fn paths() -> impl Iterator<Item = &'static str> {
    MODULES.iter().map(|(path, _)| *path).chain([DEFAULT])
}

/// The modules of a host by their paths, with [`DEFAULT`] among them; none for a host that does not run NixOS.
pub fn modules(host: &Host) -> BTreeMap<&'static str, Module> {
    if host.os != Os::Nixos {
        return BTreeMap::new();
    }
    let mut modules: BTreeMap<&'static str, Module> = MODULES
        .iter()
        .filter_map(|(path, compile)| Some((*path, compile(host)?)))
        .collect();
    let default = default::default(host, modules.keys().copied());
    modules.insert(DEFAULT, default);
    modules
}

#[cfg(test)]
pub(crate) mod tests;
