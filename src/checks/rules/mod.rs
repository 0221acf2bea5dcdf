//! The rules, one a file, named as the code that it raises.

use super::rule::{Check, Rule};
use crate::diagnostic::Code;

mod acme_missing;
mod auth_needs_http;
mod auth_without_file;
mod container_socket_exposed;
mod domain_not_own;
mod duplicate_hostname;
mod duplicate_listen_port;
mod duplicate_path;
mod duplicate_server_name;
mod funnel_auth;
mod funnel_port;
mod funnel_port_taken;
mod funnel_refused;
mod hostname_differs;
mod http3_without_certificate;
mod http_on_non_http_port;
mod http_option_on_tcp;
mod inherited_headers_lost;
mod listen_port_taken;
mod nginx_setting_twice;
mod path_prefix_breaks;
mod pooling_defeated;
mod rate_limit_blocks;
mod second_events_block;
mod service_name_taken;
mod service_needs_tag;
mod streaming_cut_short;
mod subdomain_unresolvable;
mod tailscale_missing;
mod tcp_needs_port;
mod udp_upstream;
mod unknown_acknowledgement;
mod upstream_needs_resolving;
mod upstream_tls_mismatch;
mod websocket_by_hand;

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

    // The proxy: Funnel.
    rule!(FunnelPort, funnel_port, Host),
    rule!(FunnelRefused, funnel_refused, Host),
    rule!(FunnelPortTaken, funnel_port_taken, Host),
    rule!(FunnelAuth, funnel_auth, Host),
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
}
