//! The rules, one a file, named as the code that it raises.

use super::rule::{Check, Rule};
use crate::diagnostic::Code;

mod accepted_route_covers_lan;
mod acme_missing;
mod address_unbound;
mod always_admitted;
mod auth_needs_http;
mod auth_without_file;
mod check_interval_short;
mod connection_limit_low;
mod container_socket_exposed;
mod default_route_advertised;
mod directive_out_of_place;
mod directive_wins;
mod docker_bridge_advertised;
mod domain_not_own;
mod duplicate_hostname;
mod duplicate_listen_port;
mod duplicate_path;
mod duplicate_server_name;
mod exit_node_unknown;
mod exit_node_uses_exit_node;
mod exit_node_without_uplink;
mod failover_without_exit_nodes;
mod firewall_mode;
mod firewall_mode_value;
mod flag_contradicts_option;
mod flag_instead_of_option;
mod forward_denied;
mod funnel_auth;
mod funnel_port;
mod funnel_port_taken;
mod funnel_refused;
mod guard_said_twice;
mod hostname_differs;
mod http3_udp_closed;
mod http3_without_certificate;
mod http_on_non_http_port;
mod http_option_on_tcp;
mod inherited_headers_lost;
mod interface_in_two_zones;
mod ipv6_left_out;
mod lan_access_on_exit_node;
mod listen_port_taken;
mod magic_dns_without_dns;
mod management_locked_out;
mod management_path_closed;
mod nginx_setting_twice;
mod no_management_path;
mod not_rendered;
mod path_prefix_breaks;
mod policy_accepts;
mod pooling_defeated;
mod prefixes_overlap;
mod probe_host_unknown;
mod published_ports_bypass;
mod rate_limit_blocks;
mod rate_limiting_off;
mod reject_policy;
mod reset_flag;
mod resolved_extra_config;
mod route_advertised_twice;
mod route_not_attached;
mod route_overlaps_own;
mod route_overlaps_tailnet;
mod router_accepts_routes;
mod router_without_routes;
mod routes_not_advertised;
mod routes_overlap;
mod rule_without_effect;
mod ruleset_flushed;
mod second_events_block;
mod secret_in_store;
mod secret_open_to_all;
mod secret_unreadable;
mod service_name_taken;
mod service_needs_tag;
mod service_unreachable;
mod shaping_direction;
mod shields_up_with_offers;
mod ssh_on_windows;
mod streaming_cut_short;
mod subdomain_unresolvable;
mod sysctl_alias;
mod sysctl_defined_twice;
mod sysctl_needs_module;
mod sysctl_owned;
mod tailnet_address_hard_coded;
mod tailnet_domain_differs;
mod tailscale_missing;
mod tcp_needs_port;
mod threshold_out_of_use;
mod two_firewalls;
mod two_ssh_servers;
mod udp_upstream;
mod undeclared_secret;
mod unknown_acknowledgement;
mod unknown_flag;
mod unknown_interface;
mod unknown_management_interface;
mod unknown_service;
mod unknown_zone;
mod upstream_needs_resolving;
mod upstream_tls_mismatch;
mod websocket_by_hand;
mod wireguard_port_closed;
mod worker_files_short;
mod zone_shadowed;
mod zone_without_members;

/// A row of the table: the code, the module of the same name, and whether it looks at hosts or at the fleet.
macro_rules! rule {
    ($code:ident, $module:ident, $scope:ident) => {
        Rule {
            code: Code::$code,
            source: include_str!(concat!(stringify!($module), ".rs")),
            check: Check::$scope($module::check),
        }
    };
}

/// Every rule, by subject.
#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // The proxy: names.
    rule!(SubdomainUnresolvable, subdomain_unresolvable, Host),
    rule!(DuplicateListenPort, duplicate_listen_port, Host),
    rule!(ListenPortTaken, listen_port_taken, Host),
    rule!(DuplicatePath, duplicate_path, Host),
    rule!(DuplicateServerName, duplicate_server_name, Host),
    rule!(HostnameDiffers, hostname_differs, Host),
    rule!(ServiceNeedsTag, service_needs_tag, Host),
    rule!(ServiceNameTaken, service_name_taken, Fleet),

    // The fleet.
    rule!(DuplicateHostname, duplicate_hostname, Fleet),
    rule!(TailnetDomainDiffers, tailnet_domain_differs, Fleet),
    rule!(RouteAdvertisedTwice, route_advertised_twice, Fleet),
    rule!(AcceptedRouteCoversLan, accepted_route_covers_lan, Fleet),
    rule!(ExitNodeUnknown, exit_node_unknown, Fleet),
    rule!(ProbeHostUnknown, probe_host_unknown, Fleet),

    // The proxy: services.
    rule!(HttpOnNonHttpPort, http_on_non_http_port, Host),
    rule!(UpstreamTlsMismatch, upstream_tls_mismatch, Host),
    rule!(PathPrefixBreaks, path_prefix_breaks, Host),
    rule!(StreamingCutShort, streaming_cut_short, Host),
    rule!(ContainerSocketExposed, container_socket_exposed, Host),
    rule!(UnknownAcknowledgement, unknown_acknowledgement, Host),
    rule!(AuthWithoutFile, auth_without_file, Host),
    rule!(AuthNeedsHttp, auth_needs_http, Host),
    rule!(TcpNeedsPort, tcp_needs_port, Host),
    rule!(HttpOptionOnTcp, http_option_on_tcp, Host),
    rule!(UdpUpstream, udp_upstream, Host),
    rule!(UpstreamNeedsResolving, upstream_needs_resolving, Host),
    rule!(RateLimitBlocks, rate_limit_blocks, Host),

    // The proxy: certificates and HTTP/3.
    rule!(Http3WithoutCertificate, http3_without_certificate, Host),
    rule!(AcmeMissing, acme_missing, Host),
    rule!(DomainNotOwn, domain_not_own, Host),
    rule!(TailscaleMissing, tailscale_missing, Host),

    // The proxy: directives.
    rule!(PoolingDefeated, pooling_defeated, Host),
    rule!(WebsocketByHand, websocket_by_hand, Host),
    rule!(InheritedHeadersLost, inherited_headers_lost, Host),
    rule!(SecondEventsBlock, second_events_block, Host),
    rule!(NginxSettingTwice, nginx_setting_twice, Host),
    rule!(DirectiveOutOfPlace, directive_out_of_place, Host),
    rule!(GuardSaidTwice, guard_said_twice, Host),
    rule!(DirectiveWins, directive_wins, Host),
    rule!(WorkerFilesShort, worker_files_short, Host),

    // The proxy: Funnel.
    rule!(FunnelPort, funnel_port, Host),
    rule!(FunnelRefused, funnel_refused, Host),
    rule!(FunnelPortTaken, funnel_port_taken, Host),
    rule!(FunnelAuth, funnel_auth, Host),

    // Tailscale on the host.
    rule!(LanAccessOnExitNode, lan_access_on_exit_node, Host),
    rule!(ExitNodeUsesExitNode, exit_node_uses_exit_node, Host),
    rule!(FlagInsteadOfOption, flag_instead_of_option, Host),
    rule!(FlagContradictsOption, flag_contradicts_option, Host),
    rule!(ResetFlag, reset_flag, Host),
    rule!(FirewallMode, firewall_mode, Host),
    rule!(FirewallModeValue, firewall_mode_value, Host),
    rule!(ShieldsUpWithOffers, shields_up_with_offers, Host),
    rule!(MagicDnsWithoutDns, magic_dns_without_dns, Host),
    rule!(ResolvedExtraConfig, resolved_extra_config, Host),
    rule!(TailnetAddressHardCoded, tailnet_address_hard_coded, Host),
    rule!(TwoSshServers, two_ssh_servers, Host),
    rule!(SshOnWindows, ssh_on_windows, Host),
    rule!(NotRendered, not_rendered, Host),
    rule!(UnknownFlag, unknown_flag, Host),

    // Routes.
    rule!(RouteOverlapsTailnet, route_overlaps_tailnet, Host),
    rule!(RoutesOverlap, routes_overlap, Host),
    rule!(RouteNotAttached, route_not_attached, Host),
    rule!(DefaultRouteAdvertised, default_route_advertised, Host),
    rule!(RoutesNotAdvertised, routes_not_advertised, Host),
    rule!(RouterWithoutRoutes, router_without_routes, Host),
    rule!(RouterAcceptsRoutes, router_accepts_routes, Host),
    rule!(DockerBridgeAdvertised, docker_bridge_advertised, Host),
    rule!(PublishedPortsBypass, published_ports_bypass, Host),
    rule!(RouteOverlapsOwn, route_overlaps_own, Host),

    // Zones.
    rule!(ZoneWithoutMembers, zone_without_members, Host),
    rule!(ZoneShadowed, zone_shadowed, Host),
    rule!(InterfaceInTwoZones, interface_in_two_zones, Host),
    rule!(PrefixesOverlap, prefixes_overlap, Host),
    rule!(RuleWithoutEffect, rule_without_effect, Host),
    rule!(AddressUnbound, address_unbound, Host),
    rule!(Ipv6LeftOut, ipv6_left_out, Host),
    rule!(UnknownInterface, unknown_interface, Host),
    rule!(UnknownService, unknown_service, Host),
    rule!(UnknownZone, unknown_zone, Host),
    rule!(ForwardDenied, forward_denied, Host),
    rule!(RejectPolicy, reject_policy, Host),
    rule!(PolicyAccepts, policy_accepts, Host),
    rule!(AlwaysAdmitted, always_admitted, Host),
    rule!(RateLimitingOff, rate_limiting_off, Host),
    rule!(ConnectionLimitLow, connection_limit_low, Host),
    rule!(RulesetFlushed, ruleset_flushed, Host),
    rule!(TwoFirewalls, two_firewalls, Host),
    rule!(WireguardPortClosed, wireguard_port_closed, Host),
    rule!(ExitNodeWithoutUplink, exit_node_without_uplink, Host),

    // The proxy behind the zones.
    rule!(ServiceUnreachable, service_unreachable, Host),
    rule!(Http3UdpClosed, http3_udp_closed, Host),

    // The way in of the operator.
    rule!(NoManagementPath, no_management_path, Host),
    rule!(UnknownManagementInterface, unknown_management_interface, Host),
    rule!(ManagementPathClosed, management_path_closed, Host),
    rule!(ManagementLockedOut, management_locked_out, Host),

    // Kernel parameters and bandwidth.
    rule!(SysctlOwned, sysctl_owned, Host),
    rule!(SysctlAlias, sysctl_alias, Host),
    rule!(SysctlDefinedTwice, sysctl_defined_twice, Host),
    rule!(ShapingDirection, shaping_direction, Host),
    rule!(SysctlNeedsModule, sysctl_needs_module, Host),

    // Monitoring.
    rule!(CheckIntervalShort, check_interval_short, Host),
    rule!(ThresholdOutOfUse, threshold_out_of_use, Host),
    rule!(FailoverWithoutExitNodes, failover_without_exit_nodes, Host),

    // Secrets.
    rule!(UndeclaredSecret, undeclared_secret, Host),
    rule!(SecretOpenToAll, secret_open_to_all, Host),
    rule!(SecretInStore, secret_in_store, Host),
    rule!(SecretUnreadable, secret_unreadable, Host),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_stands_in_the_file_of_its_code() {
        for rule in RULES {
            let module = rule.code.as_str().replace('-', "_");
            let path = format!("{}/src/checks/rules/{module}.rs", env!("CARGO_MANIFEST_DIR"));
            assert_eq!(
                std::fs::read_to_string(&path).expect(&path),
                rule.source,
                "{}",
                rule.code
            );
        }
    }

    #[test]
    fn a_rule_raises_no_other_code() {
        for rule in RULES {
            let own = format!("{:?}", rule.code);
            let mut named = rule.source.split("Code::").skip(1);
            let foreign = named.find(|rest| {
                let end = rest.find(|character: char| !character.is_ascii_alphanumeric());
                rest.get(..end.unwrap_or(rest.len())) != Some(own.as_str())
            });
            assert_eq!(foreign, None, "{}", rule.code);
            assert!(rule.source.contains(&format!("Code::{own}")), "{}", rule.code);
        }
    }
}
