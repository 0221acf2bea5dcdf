//! Flags of Tailscale's commands.

/// The preferences that both `tailscale up` and `tailscale set` know as flags on Linux (`cmd/tailscale/cli/{up,set}.go` of
/// 1.103). `--advertise-tags` is known to `up` alone; `--nickname`, `--webclient`, `--auto-update` and the relay server's to
/// `set` alone.
pub const SHARED_FLAGS: [&str; 18] = [
    "accept-dns",
    "accept-routes",
    "advertise-connector",
    "advertise-exit-node",
    "advertise-routes",
    "exit-node",
    "exit-node-allow-lan-access",
    "hostname",
    "linux-bypass-mark",
    "linux-fwmark-mask",
    "linux-subnet-route-mark",
    "netfilter-mode",
    "operator",
    "report-posture",
    "shields-up",
    "snat-subnet-routes",
    "ssh",
    "stateful-filtering",
];
