use crate::render::EXPOSURE;
use crate::render::tests::tree;

fn report(text: &str) -> String {
    tree(text).get(EXPOSURE).unwrap().to_owned()
}

#[test]
fn a_host_with_everything() {
    let report = report(include_str!("tests/host.nix"));
    let without_marker = report.split_once('\n').unwrap().1;
    snapbox::assert_data_eq!(without_marker, snapbox::file!["tests/host.txt"]);
}

#[test]
fn a_service_behind_a_closed_port_says_so() {
    let report = report(
        "{ host.name = \"a\"; host.interfaces.eth0 = {}; network.vpn.tailscale.enable = true; \
         network.proxy.nginx-tailscale = { enable = true; tailnetDomain = \"x.ts.net\"; services.web = { enable = true; expose = \"port\"; upstreamPort = 3000; }; }; \
         network.security.firewall-zones = { enable = true; zones.internal = { enable = true; interfaces = [ \"tailscale0\" ]; allowedServices = [ \"ssh\" ]; }; }; }",
    );
    assert!(report.contains("reached by nobody: no zone admits tcp "), "{report}");
}

#[test]
fn a_host_without_zones_says_who_decides() {
    let report = report("{ host.name = \"a\"; }");
    assert!(
        report.contains("NixOS's own firewall (networking.firewall) decides"),
        "{report}"
    );
    assert!(
        !report.contains("FUNNEL") && !report.contains("OTHER NETWORKS"),
        "{report}"
    );
}
