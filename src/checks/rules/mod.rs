//! The rules, one a file, named as the code that it raises.

use super::rule::{Check, Rule};
use crate::diagnostic::Code;

mod auth_needs_http;
mod auth_without_file;
mod container_socket_exposed;
mod duplicate_hostname;
mod http3_without_certificate;
mod http_on_non_http_port;
mod inherited_headers_lost;
mod nginx_setting_twice;
mod path_prefix_breaks;
mod pooling_defeated;
mod second_events_block;
mod streaming_cut_short;
mod subdomain_unresolvable;
mod unknown_acknowledgement;
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

    // The proxy: certificates and HTTP/3.
    rule!(Http3WithoutCertificate, http3_without_certificate, Host),

    // The proxy: directives.
    rule!(PoolingDefeated, pooling_defeated, Host),
    rule!(WebsocketByHand, websocket_by_hand, Host),
    rule!(InheritedHeadersLost, inherited_headers_lost, Host),
    rule!(SecondEventsBlock, second_events_block, Host),
    rule!(NginxSettingTwice, nginx_setting_twice, Host),
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
