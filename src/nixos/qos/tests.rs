use crate::nixos::tests::module_of;

#[test]
fn a_limit_is_bound_to_its_interface() {
    let text = module_of(
        "{ host.name = \"a\"; network.qos.limits.br-lan = { rate = \"1500kbit\"; burst = \"32kbit\"; latency = \"1s500ms\"; }; }",
        "modules/network/tuning/qos.nix",
    );
    assert!(
        text.contains("qdisc replace dev br-lan root tbf rate 1500kbit burst 4kb latency 1500ms\";"),
        "{text}"
    );
    assert!(
        text.contains("ExecStop = \"-${lib.getExe' pkgs.iproute2 \"tc\"} qdisc del dev br-lan root\";"),
        "{text}"
    );
    assert!(
        text.contains(r#"wantedBy = ["sys-subsystem-net-devices-br\\x2dlan.device"];"#),
        "{text}"
    );
}

#[test]
fn a_host_without_limits_has_no_module() {
    assert_eq!(
        module_of("{ host.name = \"a\"; }", "modules/network/tuning/qos.nix"),
        ""
    );
}
