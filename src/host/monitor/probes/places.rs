//! Where the host says what its network is like.

use std::path::PathBuf;

/// The files that are read. Tests have their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The interfaces: sysfs, a directory for each with `carrier` in it.
    pub interfaces: PathBuf,
    /// The IPv4 routes of the main table (proc(5), `/proc/self/net/route`).
    pub routes: PathBuf,
    /// The IPv6 routes of all tables (`/proc/self/net/ipv6_route`).
    pub routes6: PathBuf,
    /// The resolvers (resolv.conf(5)).
    pub resolvers: PathBuf,
    /// Whom systemd-resolved asks, where the host asks it.
    pub uplink_resolvers: PathBuf,
    /// The names that need no resolver (hosts(5)).
    pub hosts: PathBuf,
    /// The authorities that are trusted, as PEM; `None` for those of the system.
    pub authorities: Option<PathBuf>,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            interfaces: "/sys/class/net".into(),
            routes: "/proc/self/net/route".into(),
            routes6: "/proc/self/net/ipv6_route".into(),
            resolvers: "/etc/resolv.conf".into(),
            uplink_resolvers: "/run/systemd/resolve/resolv.conf".into(),
            hosts: "/etc/hosts".into(),
            authorities: None,
        }
    }
}
