//! What a profile means: options, defaults, presets, bindings; and that the schema knows what the reader knows.

use serde_json::Value;
use tailwright::diagnostic::{Report, human};
use tailwright::model::{Auth, Exposure, FileRef, Host, PortReason, SopsFile, UpstreamAddress};
use tailwright::net::Port;
use tailwright::profile::{self, load};

/// The only host of a Nix profile, and the findings of reading it as a user would see them.
fn host(text: &str) -> (Option<Host>, String) {
    let profile = load("host.nix", text.as_bytes(), None, &mut |_| Err("no file".to_owned()));
    let report = Report::new(&profile.findings, profile.sources.clone(), |place| {
        profile.locate(place)
    });
    let mut out = Vec::new();
    human(&report, false, &mut out).unwrap();
    let host = profile.fleet.and_then(|fleet| fleet.hosts.into_values().next());
    (host, String::from_utf8(out).unwrap())
}

fn clean(text: &str) -> Host {
    let (host, out) = host(text);
    assert_eq!(out, "", "{text}");
    host.unwrap()
}

/// Every option that the guide shows or names, by its path.
const OPTIONS: &str = "
network.vpn.tailscale: enable authKeyFile useAuthKeyFile hostname enableSubnetRouter advertiseRoutes exitNode exitNodeAllowLANAccess useExitNode acceptDNS enableMagicDNS extraDNSServers acceptRoutes enableSSH shieldsUp port interfaceName tags openFirewall firewallMode extraUpFlags extraSetFlags extraDaemonFlags operator
network.proxy.nginx-tailscale: enable hostname tailnetDomain enableHTTP3 enableConnectionPooling upstreamKeepalive enableSecurityHeaders accessLog errorLog certificate services
network.proxy.nginx-tailscale.services.*: enable subdomain expose upstreamHost upstreamPort upstreamSocket protocol streaming rateLimit rateLimitBurst maxBodySize timeout enableWebSocket enableAuth authFile auth extraConfig
network.proxy.tailscale-services: enable tailnetDomain
network.security.firewall-zones: enable defaultPolicy enableLogging logPrefix enableRateLimiting rateLimitBurst zones
network.security.firewall-zones.zones.*: enable interfaces allowedIPs allowedTCPPorts allowedUDPPorts allowedServices allowAllServices denyInterzone forwardTo
network.monitoring.tailscale: enable checkInterval maxLatency maxPacketLoss enableAutoFailover alertEmail enableBenchmarks
network.tuning: profile sysctl nginx
network.tuning.nginx: workerProcesses workerConnections workerRlimitNofile multiAccept
network.dns: splitDNS
network.qos: limits
secrets.tailscale: sopsFile keys age
host: name os release interfaces management
tailnet: domain
";

#[test]
fn the_schema_has_every_option_of_the_guide_with_its_description() {
    let schema = profile::schema();
    for line in OPTIONS.trim().lines() {
        let (group, options) = line.split_once(": ").unwrap();
        let group_schema = descend(&schema, group);
        for option in options.split_whitespace() {
            let property = &group_schema["properties"][option];
            assert!(
                property["description"].is_string(),
                "{group}.{option} is not in the schema, or says nothing"
            );
        }
        assert_eq!(group_schema["additionalProperties"], false, "{group} takes anything");
    }
}

/// The schema of the group at `path`; `*` is any name.
fn descend<'a>(schema: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(schema, |here, step| {
        let here = resolve(schema, here);
        // Names with a grammar of their own are keys by pattern.
        let any = || {
            here["patternProperties"]
                .as_object()
                .and_then(|patterns| patterns.values().next())
        };
        let next = if step == "*" {
            any().unwrap_or(&here["additionalProperties"])
        } else {
            &here["properties"][step]
        };
        resolve(schema, next)
    })
}

fn resolve<'a>(schema: &'a Value, mut here: &'a Value) -> &'a Value {
    loop {
        if let Some(reference) = here["$ref"].as_str() {
            here = &schema["$defs"][reference.trim_start_matches("#/$defs/")];
        } else if let Some(options) = here["anyOf"].as_array() {
            here = options.iter().find(|option| option["type"] != "null").unwrap();
        } else {
            return here;
        }
    }
}

#[test]
fn unwritten_options_have_the_documented_defaults() {
    let host = clean(
        "{ host.name = \"a\"; network.vpn.tailscale.enable = true; network.monitoring.tailscale.enable = true; }",
    );
    let tailscale = host.tailscale.unwrap();
    assert_eq!(tailscale.hostname.as_str(), "a");
    assert_eq!(
        (tailscale.port.map(Port::get), tailscale.interface.as_str()),
        (Some(41641), "tailscale0")
    );
    assert!(tailscale.accept_dns && tailscale.magic_dns && tailscale.open_firewall && !tailscale.accept_routes);
    let monitoring = host.monitoring.unwrap();
    let thresholds = (
        monitoring.check_interval.as_millis(),
        monitoring.max_latency.as_millis(),
        monitoring.max_packet_loss.get(),
    );
    assert_eq!(thresholds, (30_000, 200, 5));
    assert_eq!((host.release.as_str(), host.proxy, host.zones), ("26.05", None, None));
}

#[test]
fn a_known_service_needs_no_port_and_an_unknown_one_does() {
    let proxy = "enable = true; tailnetDomain = \"x.ts.net\"; hostname = \"a\";";
    let host_ = clean(&format!(
        "{{ network.proxy.nginx-tailscale = {{ {proxy} services.ollama.expose = \"port\"; }}; }}"
    ));
    let ollama = host_.proxy.unwrap().services.into_values().next().unwrap();
    assert!(
        ollama.streaming && matches!(ollama.upstream.address, UpstreamAddress::Tcp(_, port) if port.get() == 11434)
    );
    assert!(matches!(ollama.exposure, Exposure::Port { port, reason: PortReason::Asked } if port.get() == 21434));
    let (_, out) = host(&format!(
        "{{ network.proxy.nginx-tailscale = {{ {proxy} services.mine.expose = \"port\"; }}; }}"
    ));
    assert!(out.contains("error[missing-value]: `upstreamPort` is missing"), "{out}");
}

#[test]
fn authentication_without_a_file_asks_tailscaled_and_never_nobody() {
    let text = "{ network.proxy.nginx-tailscale = { enable = true; tailnetDomain = \"x.ts.net\"; hostname = \"a\";
      services.myservice = { enable = true; subdomain = \"myservice\"; upstreamPort = 8000; enableAuth = true; }; }; }";
    let service = clean(text).proxy.unwrap().services.into_values().next().unwrap();
    assert_eq!(service.auth, Auth::Tailscale { asked: false });
}

#[test]
fn a_source_prefix_is_bound_to_the_interfaces_that_it_lies_behind() {
    let host = clean(
        "{ host = { name = \"a\"; interfaces.eth0.prefixes = [ \"192.168.1.5/24\" ]; };
           network.security.firewall-zones = { enable = true; zones = {
             admin.allowedIPs = [ \"100.64.0.0/10\" \"192.168.1.7\" ]; nowhere.allowedIPs = [ \"10.9.0.0/16\" ]; }; }; }",
    );
    let zones = host.zones.unwrap().zones;
    let members = |name: &str| -> Vec<String> {
        let zone = zones.values().find(|zone| zone.name.as_str() == name).unwrap();
        zone.members
            .iter()
            .map(|member| format!("{} {}", member.interface, member.prefix.unwrap()))
            .collect()
    };
    assert_eq!(members("admin"), ["tailscale0 100.64.0.0/10", "eth0 192.168.1.7/32"]);
    assert_eq!(members("nowhere"), [] as [&str; 0]);
}

#[test]
fn the_guides_secrets_need_no_declaration_and_others_do_not_appear_from_nowhere() {
    let (found, out) = host(
        "{ host.name = \"a\"; network.vpn.tailscale = { enable = true; authKeyFile = config.sops.secrets.\"tailscale-authkey\".path; }; }",
    );
    let secrets = found.unwrap().secrets;
    assert!(out.contains("warning[sops-file-assumed]"), "{out}");
    assert_eq!(
        secrets.secrets.keys().map(ToString::to_string).collect::<Vec<_>>(),
        ["tailscale-authkey"]
    );
    assert!(matches!(secrets.sops_file, Some(SopsFile::OnHost(_))));
    let other = clean(
        "{ host.name = \"a\"; network.vpn.tailscale = { enable = true; authKeyFile = { secret = \"wifi\"; }; }; }",
    );
    assert!(other.secrets.secrets.is_empty() && matches!(other.tailscale.unwrap().auth_key, Some(FileRef::Secret(_))));
}

#[test]
fn numbers_out_of_range_are_refused_at_their_line() {
    for (text, expected) in [
        ("network.vpn.tailscale.port = 70000;", "out of range"),
        ("network.vpn.tailscale.port = -1;", "out of range"),
        ("network.monitoring.tailscale.maxPacketLoss = 101;", "out of range"),
        ("network.monitoring.tailscale.checkInterval = 0;", "out of range"),
        (
            "network.monitoring.tailscale.checkInterval = -5;",
            "expected a whole number of seconds",
        ),
        (
            "network.monitoring.tailscale = { enable = true; failureThreshold = 0; };",
            "expected 1 to 1000",
        ),
        (
            "network.proxy.nginx-tailscale = { enable = true; hostname = \"a\"; tailnetDomain = \"x.ts.net\"; upstreamKeepalive = 0; };",
            "expected 1 to 4096",
        ),
        ("network.tuning.nginx.workerProcesses = 0;", "from 1 to 1024"),
        (
            "network.tuning.nginx.workerConnections = 99999999;",
            "expected 1 to 1000000",
        ),
        (
            "network.security.firewall-zones.zones.a.allowedTCPPorts = [ 80 65536 ];",
            "out of range",
        ),
        (
            "network.security.firewall-zones.rateLimitBurst = 4294967296;",
            "a whole number from 0 to 4294967295",
        ),
    ] {
        let (_, out) = host(&format!("{{\n{text}\n}}"));
        assert!(
            out.contains("error[invalid-value]") && out.contains(expected) && out.contains("host.nix:2:"),
            "{text}: {out}"
        );
    }
}

#[test]
fn a_wrong_type_is_named_in_the_words_of_a_profile() {
    for (text, expected) in [
        ("network = 5;", "expected a set of options, found the number 5"),
        (
            "network.vpn.tailscale.enable = \"yes\";",
            "expected `true` or `false`, found a string",
        ),
        (
            "network.vpn.tailscale.tags = \"tag:a\";",
            "expected a list, found a string",
        ),
        ("network.vpn.tailscale.hostname = [ ];", "found a list"),
        ("network.vpn.tailscale.authKeyFile = ./key;", "a Nix path"),
        ("host.os = \"nixoss\";", "did you mean \"nixos\"?"),
        ("host.interfaces.\"eth0;drop\" = { };", "invalid interface name"),
    ] {
        let (_, out) = host(&format!("{{\n{text}\n}}"));
        assert!(out.contains(expected) && out.contains("host.nix:2:"), "{text}: {out}");
    }
}
