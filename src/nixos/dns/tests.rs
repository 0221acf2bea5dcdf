use crate::nixos::tests::module_of;

fn module(release: &str, options: &str) -> String {
    module_of(
        &format!("{{ host.name = \"a\"; host.release = \"{release}\"; {options} }}"),
        "modules/network/dns.nix",
    )
}

const DNS: &str = "network.dns = { servers = [ \"9.9.9.9\" ]; fallbackServers = [ \"1.1.1.1\" \"2606:4700::1111\" ]; \
                   splitDNS.\"corp.example\" = [ \"10.0.0.53\" \"fd00::53\" ]; splitDNS.\"lab.example\" = [ \"10.1.0.53\" ]; };";

#[test]
fn old_releases_get_the_names_they_know() {
    let text = module("25.11", DNS);
    assert!(
        text.contains("services.resolved.fallbackDns = [\"1.1.1.1\" \"2606:4700::1111\"];"),
        "{text}"
    );
    assert!(text.contains("networking.nameservers = [\"9.9.9.9\"];"), "{text}");
    assert!(
        text.contains("DNS=10.0.0.53 fd00::53\n    Domains=~corp.example\n"),
        "{text}"
    );
    assert!(text.contains("reloadTriggers"), "{text}");
    assert!(!text.contains("settings") && !text.contains("extraConfig"), "{text}");
}

#[test]
fn new_releases_get_theirs() {
    for release in ["26.05", "26.11"] {
        let text = module(release, DNS);
        assert!(
            text.contains("services.resolved.settings.Resolve.FallbackDNS = ["),
            "{text}"
        );
        assert!(!text.contains("fallbackDns") && !text.contains("extraConfig"), "{text}");
        assert_eq!(
            text.contains("services.resolved.dnsDelegates = {"),
            release == "26.11",
            "{text}"
        );
    }
    let text = module("26.11", DNS);
    assert!(text.contains("\"corp.example\" = {\n      Delegate = {\n        DNS = [\"10.0.0.53\" \"fd00::53\"];\n        Domains = [\"~corp.example\"];"), "{text}");
}

#[test]
fn magic_dns_wants_resolved() {
    let tailscale = |options: &str| {
        module(
            "26.05",
            &format!("network.vpn.tailscale = {{ enable = true; {options} }};"),
        )
    };
    assert!(tailscale("").contains("services.resolved.enable = true;"));
    assert_eq!(tailscale("acceptDNS = false;"), "");
    assert_eq!(tailscale("enableMagicDNS = false;"), "");
    let servers = tailscale("enableMagicDNS = false; extraDNSServers = [ \"9.9.9.9\" \"9.9.9.9\" ];");
    assert!(
        servers.contains("networking.nameservers = [\"9.9.9.9\"];") && !servers.contains("resolved"),
        "{servers}"
    );
}
