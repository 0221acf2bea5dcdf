//! `modules/network/tuning/sysctl.nix`: kernel parameters.
//!
//! `boot.kernel.sysctl` takes exactly one definition of the highest priority: two equal ones are refused as well. A profile's
//! values stand between what NixOS proposes (`mkDefault`, 1000) and what a user writes himself (100), so that they neither
//! collide with the first nor win over the second. Single parameters that the profile names are plain definitions: a second
//! one elsewhere is an error that names both places, and not a value that is lost. Parameters of others are not set
//! ([`crate::model::OWNED_SYSCTLS`]).

use std::collections::BTreeMap;

use super::Module;
use super::value::{AttrPath, Binding, NixSet, NixValue};
use crate::model::{Host, OwnedSysctl, SysctlKey, SysctlValue, TuningProfile};

/// Between a user's own line and NixOS's defaults.
const PROFILE_PRIORITY: u32 = 900;

/// The guide's values.
const THROUGHPUT: [(&str, Preset); 6] = [
    ("net.core.netdev_max_backlog", Preset::Number(5_000)),
    ("net.core.rmem_max", Preset::Number(134_217_728)),
    ("net.core.wmem_max", Preset::Number(134_217_728)),
    ("net.ipv4.tcp_rmem", Preset::Words("4096 87380 67108864")),
    ("net.ipv4.tcp_wmem", Preset::Words("4096 65536 67108864")),
    ("net.netfilter.nf_conntrack_max", Preset::Number(524_288)),
];

/// What a host needs besides that forwards for others: room for the neighbours of whole subnets (the kernel's 1,024 are one
/// /22), a table of connections that forgets dead ones after a day instead of five, and no belief in redirects (RFC 1812
/// §5.2.7.2). Forwarding itself is switched on by `services.tailscale.useRoutingFeatures`.
const ROUTER: [(&str, Preset); 8] = [
    ("net.ipv4.conf.all.accept_redirects", Preset::Number(0)),
    ("net.ipv4.neigh.default.gc_thresh1", Preset::Number(1_024)),
    ("net.ipv4.neigh.default.gc_thresh2", Preset::Number(4_096)),
    ("net.ipv4.neigh.default.gc_thresh3", Preset::Number(8_192)),
    ("net.ipv6.neigh.default.gc_thresh1", Preset::Number(1_024)),
    ("net.ipv6.neigh.default.gc_thresh2", Preset::Number(4_096)),
    ("net.ipv6.neigh.default.gc_thresh3", Preset::Number(8_192)),
    (
        "net.netfilter.nf_conntrack_tcp_timeout_established",
        Preset::Number(86_400),
    ),
];

/// For hosts with little memory: a full table of connections takes some 10 MB, a full socket buffer 4 MB.
const LOW_MEMORY: [(&str, Preset); 6] = [
    ("net.core.netdev_max_backlog", Preset::Number(1_000)),
    ("net.core.rmem_max", Preset::Number(4_194_304)),
    ("net.core.wmem_max", Preset::Number(4_194_304)),
    ("net.ipv4.tcp_rmem", Preset::Words("4096 87380 4194304")),
    ("net.ipv4.tcp_wmem", Preset::Words("4096 16384 4194304")),
    ("net.netfilter.nf_conntrack_max", Preset::Number(32_768)),
];

/// A value of a profile.
#[derive(Debug, Clone, Copy)]
enum Preset {
    Number(i64),
    Words(&'static str),
}

/// Kernel modules whose parameters appear only once they are loaded, by the beginning of the parameter's name.
const MODULES: [(&str, &str); 3] = [
    ("net.bridge.bridge-nf-", "br_netfilter"),
    ("net.netfilter.nf_conntrack_", "nf_conntrack"),
    ("net.nf_conntrack_max", "nf_conntrack"),
];

/// Parameters whose option NixOS declares as an unsigned number, the highest definition of which wins.
const NUMBERS_ONLY: [&str; 2] = ["net.core.rmem_max", "net.core.wmem_max"];

/// A kernel parameter as it is set on a host.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The value.
    pub value: SysctlValue,
    /// Whether the profile names it itself (`network.tuning.sysctl`).
    pub named: bool,
}

/// The kernel parameters that the host is given.
pub fn settings(host: &Host) -> BTreeMap<String, Setting> {
    let Some(tuning) = &host.tuning else {
        return BTreeMap::new();
    };
    let presets: &[&[(&str, Preset)]] = match tuning.profile {
        TuningProfile::None => &[],
        TuningProfile::Throughput => &[&THROUGHPUT],
        TuningProfile::Router => &[&THROUGHPUT, &ROUTER],
        TuningProfile::LowMemory => &[&LOW_MEMORY],
    };
    let mut settings: BTreeMap<String, Setting> = presets
        .iter()
        .flat_map(|preset| preset.iter())
        .map(|(key, value)| ((*key).to_owned(), preset(*value)))
        .collect();
    if tuning.profile == TuningProfile::Router {
        for interface in host.uplinks() {
            // A host that forwards ignores router advertisements, its own default route among them, unless told twice.
            // A dot inside an interface's name is written as a slash (sysctl.d(5)).
            let interface = interface.as_str().replace('.', "/");
            settings.insert(
                format!("net.ipv6.conf.{interface}.accept_ra"),
                preset(Preset::Number(2)),
            );
        }
    }
    for (key, (value, _)) in &tuning.overrides {
        if OwnedSysctl::of(key).is_none() {
            settings.insert(key.to_string(), named(key, value));
        }
    }
    settings
}

fn preset(value: Preset) -> Setting {
    Setting {
        value: match value {
            Preset::Number(number) => SysctlValue::Integer(number),
            Preset::Words(words) => SysctlValue::Text(words.to_owned()),
        },
        named: false,
    }
}

fn named(key: &SysctlKey, value: &SysctlValue) -> Setting {
    let value = match value {
        SysctlValue::Text(text) if NUMBERS_ONLY.contains(&key.as_str()) => match text.trim().parse() {
            Ok(number) => SysctlValue::Integer(number),
            Err(_) => value.clone(),
        },
        other => other.clone(),
    };
    Setting { value, named: true }
}

/// The module; `None` for a host without parameters of its own.
pub fn sysctl(host: &Host) -> Option<Module> {
    let settings = settings(host);
    let tuning = host.tuning.as_ref().filter(|_| !settings.is_empty())?;
    let (named, preset): (Vec<_>, Vec<_>) = settings.iter().partition(|(_, setting)| setting.named);
    let profile = tuning.profile.as_str();
    let mut module = Module::new(match (preset.is_empty(), named.is_empty()) {
        (true, _) => "Kernel parameters.".to_owned(),
        (false, true) => format!("Kernel parameters of the profile \"{profile}\"."),
        (false, false) => format!("Kernel parameters of the profile \"{profile}\", and further ones."),
    });
    let mut modules: Vec<&str> = Vec::new();
    for key in settings.keys() {
        let needed = MODULES
            .iter()
            .find(|(start, _)| key.starts_with(start))
            .map(|(_, module)| *module);
        modules.extend(needed.filter(|module| !modules.contains(module)));
    }
    if !modules.is_empty() {
        module.bind(
            Binding::new("boot.kernelModules", modules)
                .comment("Some parameters are there only while the module is that they belong to."),
        );
    }
    let mut set = NixSet::new();
    for (position, (key, setting)) in preset.iter().enumerate() {
        let value = NixValue::mk_override(PROFILE_PRIORITY, nix(&setting.value));
        let mut binding = Binding::new(AttrPath::single(key.as_str()), value);
        if position == 0 {
            binding = binding.comment(
                "Of the profile: a line of your own wins over these (100), these win over NixOS's defaults (1000).",
            );
        }
        set.bind(binding);
    }
    for (position, (key, setting)) in named.iter().enumerate() {
        let mut binding = Binding::new(AttrPath::single(key.as_str()), nix(&setting.value));
        if position == 0 {
            binding = binding.comment("Named in the profile: a second line elsewhere is refused, not ignored.");
            if !preset.is_empty() {
                binding = binding.spaced();
            }
        }
        set.bind(binding);
    }
    module.bind(Binding::new("boot.kernel.sysctl", set).spaced());
    Some(module)
}

fn nix(value: &SysctlValue) -> NixValue {
    match value {
        SysctlValue::Integer(number) => (*number).into(),
        SysctlValue::Text(text) => text.as_str().into(),
    }
}

#[cfg(test)]
mod tests;
