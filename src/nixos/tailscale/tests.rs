use crate::nixos::tests::module_of;

const PATH: &str = "modules/network/vpn/tailscale.nix";

fn module(options: &str) -> String {
    let host = "host.name = \"a\"; host.interfaces.eth0.role = \"wan\"; host.interfaces.eth1.role = \"lan\";";
    module_of(
        &format!("{{ {host} network.vpn.tailscale = {{ enable = true; {options} }}; }}"),
        PATH,
    )
}

/// The elements of a list of strings of the module.
fn list(text: &str, option: &str) -> Vec<String> {
    let Some((_, after)) = text.split_once(&format!("{option} = [")) else {
        return Vec::new();
    };
    let (inside, _) = after.split_once(']').unwrap();
    inside.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

const KEY: &str = "authKeyFile = \"/run/key\";";

#[test]
fn what_can_be_set_is_set_and_said_again_at_login() {
    let text = module(&format!(
        "{KEY} advertiseRoutes = [ \"10.1.0.0/16\" \"fd00::/64\" ]; acceptRoutes = true; enableSSH = true; operator = \"ann\";"
    ));
    let set = [
        "--hostname=a",
        "--advertise-routes=10.1.0.0/16,fd00::/64",
        "--advertise-exit-node=false",
        "--exit-node-allow-lan-access=false",
        "--accept-dns",
        "--accept-routes",
        "--ssh",
        "--shields-up=false",
        "--operator=ann",
    ];
    assert_eq!(list(&text, "extraSetFlags"), set);
    let up = list(&text, "extraUpFlags");
    for flag in set {
        assert!(up.iter().any(|present| present == flag), "{flag} of {up:?}");
    }
    assert!(text.contains("useRoutingFeatures = \"both\";"), "{text}");
}

#[test]
fn tags_belong_to_the_login() {
    let text = module(&format!("{KEY} tags = [ \"tag:b\" \"tag:a\" ];"));
    assert!(list(&text, "extraUpFlags").contains(&"--advertise-tags=tag:b,tag:a".to_owned()));
    assert!(!text.split_once("extraSetFlags").unwrap().1.contains("tag:"));
    let by_hand = module("tags = [ \"tag:b\" ];");
    let recipe = "    #   tailscale up --advertise-tags=tag:b && systemctl start tailscaled-set\n";
    assert!(by_hand.contains(recipe), "{by_hand}");
    assert!(!by_hand.contains("extraUpFlags"), "{by_hand}");
}

#[test]
fn a_named_exit_node_waits_for_the_login() {
    let text = module(&format!("{KEY} useExitNode = \"gate\"; exitNodeAllowLANAccess = true;"));
    let up = list(&text, "extraUpFlags");
    assert!(up.contains(&"--exit-node=".to_owned()) && up.contains(&"--exit-node-allow-lan-access=false".to_owned()));
    let set = list(&text, "extraSetFlags");
    assert!(set.contains(&"--exit-node=gate".to_owned()) && set.contains(&"--exit-node-allow-lan-access".to_owned()));
    assert!(text.contains("systemd.services.tailscaled-set.serviceConfig"), "{text}");
    for choice in ["auto:any", "100.64.0.7"] {
        let text = module(&format!(
            "{KEY} useExitNode = \"{choice}\"; exitNodeAllowLANAccess = true;"
        ));
        assert!(
            list(&text, "extraUpFlags").contains(&format!("--exit-node={choice}")),
            "{text}"
        );
        assert!(
            list(&text, "extraUpFlags").contains(&"--exit-node-allow-lan-access".to_owned()),
            "{text}"
        );
        assert!(!text.contains("tailscaled-set"), "{text}");
    }
}

#[test]
fn an_exit_node_has_no_lan_access_of_its_own_to_set() {
    let text = module("exitNode = true; exitNodeAllowLANAccess = true;");
    assert!(!text.contains("allow-lan-access"), "{text}");
    assert!(text.contains("useRoutingFeatures = \"server\";"), "{text}");
    // A client that chooses by hand keeps the preference.
    let text = module("exitNodeAllowLANAccess = true;");
    assert_eq!(
        list(&text, "extraSetFlags")
            .iter()
            .filter(|flag| flag.as_str() == "--exit-node-allow-lan-access")
            .count(),
        1
    );
}

#[test]
fn routes_without_a_router_are_not_advertised() {
    let text = module("enableSubnetRouter = false; advertiseRoutes = [ \"10.1.0.0/16\" ];");
    assert!(
        list(&text, "extraSetFlags").contains(&"--advertise-routes=".to_owned()),
        "{text}"
    );
    assert!(text.contains("useRoutingFeatures = \"none\";"), "{text}");
}

#[test]
fn flags_written_by_hand_win_and_reach_both_commands() {
    let text = module(&format!(
        "{KEY} extraUpFlags = [ \"--hostname=other\" \"--login-server=https://hs.example\" ]; \
         extraSetFlags = [ \"--snat-subnet-routes=false\" \"--auto-update\" ];"
    ));
    let (up, set) = (list(&text, "extraUpFlags"), list(&text, "extraSetFlags"));
    for flags in [&up, &set] {
        assert_eq!(
            flags
                .iter()
                .filter(|flag| flag.starts_with("--hostname"))
                .collect::<Vec<_>>(),
            ["--hostname=other"]
        );
        assert!(flags.contains(&"--snat-subnet-routes=false".to_owned()), "{flags:?}");
    }
    assert!(
        up.contains(&"--login-server=https://hs.example".to_owned()) && !set.iter().any(|flag| flag.contains("login"))
    );
    assert!(set.contains(&"--auto-update".to_owned()) && !up.contains(&"--auto-update".to_owned()));
}

#[test]
fn daemon_flags_are_quoted_where_nixos_does_not() {
    let text = module("extraDaemonFlags = [ \"--socks5-server=localhost:1055\" \"--x=a b%\" ];");
    assert!(
        text.contains("extraDaemonFlags = [\"--socks5-server=localhost:1055\" \"'--x=a b%%'\"];"),
        "{text}"
    );
}

#[test]
fn the_firewall_of_nixos_is_opened_only_where_it_is_the_firewall() {
    assert!(module("").contains("openFirewall = true;"));
    assert!(!module("openFirewall = false;").contains("openFirewall"));
    let zones = module_of(
        "{ host.name = \"a\"; host.interfaces.eth0 = {}; network.vpn.tailscale.enable = true; \
         network.security.firewall-zones = { enable = true; zones.internal = { enable = true; interfaces = [ \"tailscale0\" ]; allowedServices = [ \"ssh\" ]; }; }; }",
        PATH,
    );
    assert!(
        zones.contains("services.tailscale") && !zones.contains("openFirewall"),
        "{zones}"
    );
}

#[test]
fn the_key_is_a_place_and_is_waited_for() {
    let text = module("authKeyFile = config.sops.secrets.\"tailscale-authkey\".path;");
    assert!(
        text.contains("authKeyFile = config.sops.secrets.tailscale-authkey.path;"),
        "{text}"
    );
    assert!(text.contains("after = [\"sops-install-secrets.service\"];"), "{text}");
    let text = module(KEY);
    assert!(
        text.contains("authKeyFile = \"/run/key\";") && !text.contains("sops"),
        "{text}"
    );
}

#[test]
fn udp_gro_belongs_to_the_uplink() {
    let text = module_of(
        "{ host.name = \"a\"; host.interfaces.wan-1.role = \"wan\"; host.interfaces.eth1.role = \"lan\"; \
         network.vpn.tailscale = { enable = true; exitNode = true; }; network.tuning = {}; }",
        PATH,
    );
    assert!(text.contains("systemd.services.tailwright-udp-gro-wan-1 = {"), "{text}");
    assert!(
        text.contains(r#"bindsTo = ["sys-subsystem-net-devices-wan\\x2d1.device"];"#),
        "{text}"
    );
    assert!(!text.contains("eth1"), "{text}");
    assert!(!module("exitNode = true;").contains("udp-gro"));
}

#[test]
fn a_monitor_that_moves_to_exit_nodes_makes_a_client() {
    let text = |failover: bool| {
        module_of(
            &format!(
                "{{ host.name = \"a\"; network.vpn.tailscale.enable = true; \
                 network.monitoring.tailscale = {{ enable = true; enableAutoFailover = {failover}; exitNodes = [ \"gate\" ]; }}; }}"
            ),
            PATH,
        )
    };
    assert!(text(true).contains("useRoutingFeatures = \"client\";"));
    assert!(text(false).contains("useRoutingFeatures = \"none\";"));
}

#[test]
fn a_line_of_the_user_s_own_for_the_backend_does_not_end_the_evaluation() {
    let module = |other: &str, more: &str| {
        let text = format!(
            "{{ ... }}: {{ kernelcore.host.name = \"a\"; kernelcore.network.vpn.tailscale.enable = true; {more}
               systemd.services.tailscaled.environment.TS_DEBUG_FIREWALL_MODE = \"{other}\"; }}"
        );
        module_of(&text, PATH)
    };
    let zones = "kernelcore.network.security.firewall-zones = { enable = true; zones.a.interfaces = [ \"eth0\" ]; };";
    assert!(module("true", zones).contains("TS_DEBUG_FIREWALL_MODE = lib.mkForce \"nftables\";"));
    assert!(module("nftables", zones).contains("TS_DEBUG_FIREWALL_MODE = \"nftables\";"));
    assert!(module("true", "").contains("TS_DEBUG_FIREWALL_MODE = lib.mkForce \"auto\";"));
    assert!(
        !module("iptables", "").contains("TS_DEBUG_FIREWALL_MODE"),
        "the line beside it will do"
    );
}

#[test]
fn without_zones_the_backend_is_the_host_s() {
    let own = "TS_DEBUG_FIREWALL_MODE = lib.mkIf config.networking.nftables.enable \"nftables\";";
    assert!(module("").contains(own), "{}", module(""));
    for mode in ["auto", "nftables", "iptables"] {
        let said = module(&format!("firewallMode = \"{mode}\";"));
        assert!(
            said.contains(&format!("TS_DEBUG_FIREWALL_MODE = \"{mode}\";")),
            "{said}"
        );
    }
}
