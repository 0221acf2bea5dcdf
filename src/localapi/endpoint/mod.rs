//! The endpoints, a file each.

mod cert;
mod check_ip_forwarding;
mod check_udp_gro_forwarding;
mod derpmap;
mod login_interactive;
mod ping;
mod prefs;
mod serve_config;
mod set_udp_gro_forwarding;
mod status;
mod suggest_exit_node;
mod usermetrics;
mod watch_ipn_bus;
mod whois;
