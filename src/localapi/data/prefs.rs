//! What tailscaled is told to do.

use ipnet::IpNet;

use super::received::received;
use super::stable_id::StableId;

received! {
    /// What tailscaled is told to do (`ipn.Prefs`); the option of `tailscale set` in brackets.
    pub struct Prefs {
        /// The control plane.
        #[serde(rename = "ControlURL")]
        pub control_url: String,
        /// Whether the routes of others are used (`--accept-routes`).
        pub route_all: bool,
        /// Whether the DNS of the tailnet is used (`--accept-dns`).
        #[serde(rename = "CorpDNS")]
        pub corp_dns: bool,
        /// The exit node; empty for none (`--exit-node`). Any text is accepted: a node that does not exist lets nothing out.
        #[serde(rename = "ExitNodeID")]
        pub exit_node_id: StableId,
        /// The exit node by its address, until it is found; empty for none.
        #[serde(rename = "ExitNodeIP")]
        pub exit_node_ip: String,
        /// `any` where tailscaled chooses the exit node itself (`--exit-node=auto:any`).
        pub auto_exit_node: String,
        /// The exit node that was in use before it was switched off.
        pub internal_exit_node_prior: StableId,
        /// Whether the local network is reached past the exit node (`--exit-node-allow-lan-access`).
        #[serde(rename = "ExitNodeAllowLANAccess")]
        pub exit_node_allow_lan_access: bool,
        /// Whether tailscaled answers on port 22 (`--ssh`).
        #[serde(rename = "RunSSH")]
        pub run_ssh: bool,
        /// Whether it should be up [`up`, `down`].
        pub want_running: bool,
        /// Whether somebody has logged out.
        pub logged_out: bool,
        /// Whether connections from the tailnet are refused (`--shields-up`).
        pub shields_up: bool,
        /// The tags that it asks for (`--advertise-tags`).
        pub advertise_tags: Vec<String>,
        /// The name that it asks for; empty for that of the operating system (`--hostname`).
        pub hostname: String,
        /// The prefixes that it offers [`--advertise-routes`, `--advertise-exit-node`]. Old versions take host bits.
        pub advertise_routes: Vec<IpNet>,
        /// The services that it offers, `svc:…`.
        pub advertise_services: Vec<String>,
        /// Whether the source addresses of routed packets are left as they are (`--snat-subnet-routes=false`).
        #[serde(rename = "NoSNAT")]
        pub no_snat: bool,
        /// How much of the firewall is its own: 0 nothing, 1 the chains, 2 everything (`--netfilter-mode`).
        pub netfilter_mode: i64,
        /// The user who may change these without being root (`--operator`).
        pub operator_user: String,
    }
}

impl Prefs {
    /// Whether it offers to be an exit node.
    pub fn offers_exit_node(&self) -> bool {
        self.advertise_routes.iter().any(|prefix| prefix.prefix_len() == 0)
    }
}
