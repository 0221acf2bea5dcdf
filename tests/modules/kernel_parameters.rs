//! Kernel parameters, beside a file of the user's.

use serde_json::Value;

use crate::support::nix::Nix;
use crate::support::rendered::Rendered;
use crate::support::scratch::Scratch;

/// The kernel parameters of a host with another file of the user's beside it. `None` where the values cannot be seen: no
/// `lib`, or the declarations of a whole nixpkgs.
fn beside(nix: &Nix, profile: &str, own: &str) -> Option<Result<Value, String>> {
    let disk = Rendered::of(profile).on_disk();
    let scratch = Scratch::new();
    let own = scratch.write("own.nix", own);
    match nix.evaluate_with_lib(disk.path(), &[disk.path(), &own])? {
        Ok(host) if host.declarations != "own" => None,
        Ok(mut host) => Some(Ok(host.settings.remove("boot.kernel.sysctl").unwrap_or_default())),
        Err(said) => Some(Err(said)),
    }
}

#[test]
fn kernel_parameters_neither_collide_nor_get_lost() {
    let Some(nix) = Nix::new() else { return };
    let profile = "{ host.name = \"a\"; network.vpn.tailscale = { enable = true; exitNode = true; }; \
                   network.tuning = { profile = \"throughput\"; sysctl.\"net.ipv4.tcp_mtu_probing\" = 1; }; }";
    let Some(alone) = beside(&nix, profile, "{}") else {
        return;
    };
    let alone = alone.unwrap();
    assert_eq!(alone["net.core.rmem_max"], 134_217_728);
    assert_eq!(alone["net.ipv4.conf.all.forwarding"], true, "left to NixOS");
    let sysctl = |line: &str| {
        beside(
            &nix,
            profile,
            &format!("{{ lib, ... }}: {{ boot.kernel.sysctl = {{ {line} }}; }}"),
        )
        .unwrap()
    };
    // A line of the user's wins over the profile, even a smaller buffer; a proposal of another module does not.
    assert_eq!(
        sysctl("\"net.core.rmem_max\" = 4194304;").unwrap()["net.core.rmem_max"],
        4_194_304
    );
    assert_eq!(
        sysctl("\"net.ipv4.tcp_rmem\" = \"1 2 3\";").unwrap()["net.ipv4.tcp_rmem"],
        "1 2 3"
    );
    let proposed = sysctl("\"net.ipv4.tcp_rmem\" = lib.mkDefault \"1 2 3\";").unwrap();
    assert_eq!(proposed["net.ipv4.tcp_rmem"], "4096 87380 67108864");
    // What the profile names itself is not lost in silence.
    let said = sysctl("\"net.ipv4.tcp_mtu_probing\" = 2;").unwrap_err();
    assert!(said.contains("net.ipv4.tcp_mtu_probing"), "{said}");
    assert_eq!(
        sysctl("\"net.ipv4.tcp_mtu_probing\" = lib.mkForce 2;").unwrap()["net.ipv4.tcp_mtu_probing"],
        2
    );
}
