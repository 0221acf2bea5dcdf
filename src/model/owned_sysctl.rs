//! Kernel parameters that belong to somebody else on a NixOS host.

use super::SysctlKey;

/// A kernel parameter that a NixOS module or a daemon sets by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnedSysctl {
    /// Its name; `*` stands for one part (an interface).
    pub key: &'static str,
    /// Who sets it.
    pub owner: &'static str,
    /// What comes of setting it here as well.
    pub why: &'static str,
}

/// The parameters that `network.tuning.sysctl` cannot have, and why (NixOS modules of 26.11:
/// `services/networking/{tailscale,nat}.nix`, `tasks/network-interfaces.nix`, `virtualisation/docker.nix`).
pub const OWNED_SYSCTLS: [OwnedSysctl; 10] = [
    OwnedSysctl {
        key: "net.ipv4.conf.all.forwarding",
        owner: "services.tailscale.useRoutingFeatures, networking.nat, virtualisation.docker",
        why: LOSES,
    },
    OwnedSysctl {
        key: "net.ipv4.conf.default.forwarding",
        owner: "networking.nat, virtualisation.docker",
        why: LOSES,
    },
    OwnedSysctl {
        key: "net.ipv4.ip_forward",
        owner: "services.tailscale.useRoutingFeatures, as net.ipv4.conf.all.forwarding",
        why: "it is another name of net.ipv4.conf.all.forwarding, is written after it, and undoes it",
    },
    OwnedSysctl {
        key: "net.ipv6.conf.all.forwarding",
        owner: "services.tailscale.useRoutingFeatures, networking.nat",
        why: LOSES,
    },
    OwnedSysctl {
        key: "net.ipv6.conf.all.accept_ra",
        owner: "networking.nat",
        why: LOSES,
    },
    OwnedSysctl {
        key: "net.ipv6.conf.default.accept_ra",
        owner: "networking.nat",
        why: LOSES,
    },
    OwnedSysctl {
        key: "net.ipv6.conf.default.use_tempaddr",
        owner: "networking.tempAddresses",
        why: COLLIDES,
    },
    OwnedSysctl {
        key: "net.ipv6.conf.*.use_tempaddr",
        owner: "networking.interfaces.<name>.tempAddress",
        why: COLLIDES,
    },
    OwnedSysctl {
        key: "net.ipv4.conf.*.proxy_arp",
        owner: "networking.interfaces.<name>.proxyARP",
        why: COLLIDES,
    },
    OwnedSysctl {
        key: "net.ipv4.conf.all.src_valid_mark",
        owner: "tailscaled",
        why: "tailscaled sets it to 1 while it runs",
    },
];

const LOSES: &str = "the owner's value has the higher priority, and this one would be ignored without a word";
const COLLIDES: &str = "two modules would set it, which NixOS refuses to evaluate";

impl OwnedSysctl {
    /// Whose parameter `key` is, if it is somebody's.
    pub fn of(key: &SysctlKey) -> Option<&'static Self> {
        OWNED_SYSCTLS.iter().find(|owned| matches(owned.key, key.as_str()))
    }
}

/// Parts are compared one by one; both `.` and `/` part them in what the user writes only where a part has no dot itself,
/// so a `/` stays inside its part.
fn matches(pattern: &str, key: &str) -> bool {
    let mut pattern = pattern.split('.');
    let mut key = key.split('.');
    loop {
        match (pattern.next(), key.next()) {
            (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(wanted), Some(part)) if wanted == part => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_found() {
        let owner = |key: &str| OwnedSysctl::of(&key.parse().unwrap()).map(|owned| owned.key);
        assert_eq!(owner("net.ipv4.ip_forward"), Some("net.ipv4.ip_forward"));
        assert_eq!(
            owner("net.ipv4.conf.eth0/10.proxy_arp"),
            Some("net.ipv4.conf.*.proxy_arp")
        );
        assert_eq!(owner("net.ipv4.conf.eth0.rp_filter"), None);
        assert_eq!(owner("net.ipv4.conf.proxy_arp"), None);
    }

    #[test]
    fn every_pattern_is_a_parameter() {
        for owned in OWNED_SYSCTLS {
            assert!(owned.key.parse::<SysctlKey>().is_ok(), "{}", owned.key);
        }
    }
}
