//! The framework itself: lint, the token, and that no text makes a rule fall over.

use proptest::prelude::*;

use super::{Checked, run};
use crate::diagnostic::{Code, Findings, Severity};
use crate::profile::load;

fn check(text: &str) -> (Option<Checked>, Findings) {
    let mut profile = load("host.nix", text.as_bytes(), None, &mut |path| Err(path.to_owned()));
    let mut findings = std::mem::take(&mut profile.findings);
    let checked = profile.fleet.take().and_then(|fleet| run(fleet, &mut findings));
    (checked, findings)
}

fn weights(text: &str, code: Code) -> Vec<Severity> {
    let (_, findings) = check(text);
    let of_code = findings.iter().filter(|finding| finding.code == code);
    of_code.map(|finding| finding.severity).collect()
}

/// A host with a note, a warning and, where `more` says so, an error.
fn host(more: &str) -> String {
    format!(
        "network.vpn.tailscale = {{ enable = true; acceptDNS = false; exitNode = true; exitNodeAllowLANAccess = true; {more} }};"
    )
}

#[test]
fn lint_weighs_what_rules_and_the_reader_found() {
    let with = |lint: &str| {
        format!(
            "{{ host.name = \"a\"; network.dns.servers = [ ]; {} {lint} }}",
            host("")
        )
    };
    let note = Code::MagicDnsWithoutDns;
    let warning = Code::LanAccessOnExitNode;
    assert_eq!(weights(&with(""), note), [Severity::Note]);
    assert_eq!(weights(&with(""), warning), [Severity::Warning]);
    let lint = with("lint.magic-dns-without-dns = \"deny\"; lint.lan-access-on-exit-node = \"allow\";");
    assert_eq!(weights(&lint, note), [Severity::Error]);
    assert_eq!(weights(&lint, warning), []);
    assert!(check(&lint).0.is_none(), "what is denied forbids rendering");
    let reader = |lint: &str| format!("{{ network.vpn.tailscale.acceptDNS = true; {lint} }}");
    assert_eq!(weights(&reader(""), Code::GroupNotEnabled), [Severity::Warning]);
    assert_eq!(
        weights(&reader("lint.group-not-enabled = \"allow\";"), Code::GroupNotEnabled),
        []
    );
    assert_eq!(
        weights(&reader("lint.group-not-enabled = \"deny\";"), Code::GroupNotEnabled),
        [Severity::Error]
    );
}

#[test]
fn a_host_s_own_lint_comes_before_the_fleet_s() {
    let fleet = |lint: &str, own: &str| {
        let (a, b) = (host(""), host(""));
        format!("{{ {lint} hosts.a = {{ {a} {own} }}; hosts.b = {{ {b} }}; }}")
    };
    let code = Code::LanAccessOnExitNode;
    let all = "lint.lan-access-on-exit-node = \"deny\";";
    let own = "lint.lan-access-on-exit-node = \"allow\";";
    assert_eq!(weights(&fleet("", ""), code), [Severity::Warning; 2]);
    assert_eq!(weights(&fleet(all, ""), code), [Severity::Error; 2]);
    assert_eq!(weights(&fleet(all, own), code), [Severity::Error]);
    assert_eq!(weights(&fleet("", own), code), [Severity::Warning]);
}

#[test]
fn what_is_fixed_cannot_be_weighed() {
    let text = format!("{{ host.name = \"a\"; {} }}", host("useExitNode = \"b\";"));
    assert_eq!(weights(&text, Code::ExitNodeUsesExitNode), [Severity::Error]);
    let (checked, findings) = check(&text.replace("host.name", "lint.exit-node-uses-exit-node = \"allow\"; host.name"));
    assert!(checked.is_none());
    let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert!(
        codes.contains(&Code::ExitNodeUsesExitNode) && codes.contains(&Code::UnknownLint),
        "{codes:?}"
    );
}

#[test]
fn the_token_holds_the_fleet_that_was_checked() {
    let (checked, findings) = check("{ host.name = \"a\"; }");
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(checked.map(|checked| checked.fleet().hosts.len()), Some(1));
}

/// Every bad example of every page: together they touch every option that a rule looks at.
fn examples() -> Vec<String> {
    let pages = Code::ALL.iter().map(|code| super::page(*code));
    pages
        .filter_map(|page| page.split("```nix\n").nth(1)?.split("\n```").next().map(str::to_owned))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// What is left of an example when some of its lines are taken out, or put into another one, is checked without a panic.
    #[test]
    fn no_text_makes_a_rule_fall_over(
        one in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        kept in proptest::collection::vec(any::<bool>(), 40),
    ) {
        let examples = examples();
        let lines = one.get(&examples).lines().zip(kept.iter().chain(std::iter::repeat(&true)));
        let mut text: Vec<_> = lines.filter(|(_, kept)| **kept).map(|(line, _)| line).collect();
        let guest: Vec<_> = other.get(&examples).lines().collect();
        let middle = text.len() / 2;
        let body = guest.get(1..guest.len().saturating_sub(1)).unwrap_or_default();
        text.splice(middle..middle, body.iter().copied());
        let (checked, findings) = check(&text.join("\n"));
        prop_assert!(checked.is_some() != findings.has_errors());
    }

    /// Numbers at the ends of their ranges, and names that mean something elsewhere.
    #[test]
    fn numbers_and_names_of_any_kind_are_checked(
        port in 0_u32..=70_000,
        upstream in 0_u32..=70_000,
        rate in 0_u32..=100_000,
        burst in 0_u64..=u64::from(u32::MAX),
        name in "[a-z][a-z0-9_-]{0,12}",
        zone in "[a-z][a-z0-9-]{0,12}",
    ) {
        let text = format!(
            "{{ host.name = \"a\"; network.vpn.tailscale.enable = true;
                host.management = [ {{ via = \"tailscale0\"; service = \"{name}\"; }} ];
                network.proxy.nginx-tailscale = {{ enable = true; enableHTTP3 = true; tailnetDomain = \"x.ts.net\";
                    services.\"{name}\" = {{ upstreamPort = {upstream}; port = {port}; rateLimit = \"{rate}r/s\";
                        rateLimitBurst = {burst}; funnel = true; funnelPort = {port}; }}; }};
                network.security.firewall-zones = {{ enable = true; rateLimitBurst = {burst};
                    zones.\"{zone}\" = {{ interfaces = [ \"tailscale0\" ]; allowedServices = [ \"{name}\" ]; forwardTo = [ \"{zone}\" ]; }}; }}; }}"
        );
        let (checked, findings) = check(&text);
        prop_assert!(checked.is_some() != findings.has_errors());
    }
}
