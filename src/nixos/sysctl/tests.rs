use super::*;
use crate::nixos::tests::{host, module_of};

const PATH: &str = "modules/network/tuning/sysctl.nix";

fn module(tuning: &str) -> String {
    module_of(
        &format!(
            "{{ host.name = \"a\"; host.interfaces.\"eth0.10\".role = \"wan\"; network.tuning = {{ {tuning} }}; }}"
        ),
        PATH,
    )
}

#[test]
fn a_profile_stands_between_nixos_and_the_user() {
    let text = module("profile = \"throughput\";");
    assert!(
        text.contains("\"net.core.rmem_max\" = lib.mkOverride 900 134217728;"),
        "{text}"
    );
    assert!(text.contains("boot.kernelModules = [\"nf_conntrack\"];"), "{text}");
    let text = module("profile = \"none\"; sysctl.\"net.core.rmem_max\" = \"4194304\";");
    assert!(text.contains("\"net.core.rmem_max\" = 4194304;"), "{text}");
    assert!(!text.contains("kernelModules"), "{text}");
    assert_eq!(module("profile = \"none\";"), "");
}

#[test]
fn what_is_named_replaces_what_the_profile_says() {
    let text = module("sysctl.\"net.ipv4.tcp_rmem\" = \"4096 131072 6291456\";");
    assert!(
        text.contains("\"net.ipv4.tcp_rmem\" = \"4096 131072 6291456\";"),
        "{text}"
    );
    assert_eq!(text.matches("tcp_rmem").count(), 1, "{text}");
}

#[test]
fn a_router_still_learns_its_own_default_route() {
    let text = module("profile = \"router\";");
    assert!(
        text.contains("\"net.ipv6.conf.eth0/10.accept_ra\" = lib.mkOverride 900 2;"),
        "{text}"
    );
}

#[test]
fn parameters_of_others_are_not_set() {
    for profile in ["throughput", "router", "low-memory"] {
        let host = host(&format!(
            "{{ host.name = \"a\"; host.interfaces.eth0 = {{}}; network.tuning.profile = \"{profile}\"; }}"
        ));
        for key in settings(&host).keys() {
            assert_eq!(OwnedSysctl::of(&key.parse().unwrap()), None, "{key}");
        }
    }
}
