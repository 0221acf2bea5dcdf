//! `modules/network/security/firewall-zones.nix`: the zone firewall as one nftables table of its own.
//!
//! The table goes through `networking.nftables.tables`, which replaces it in one step at each reload and leaves every
//! other table alone. `networking.nftables.ruleset` would flush those of tailscaled and Docker each time, and nobody would
//! put them back.

use super::value::{AttrPath, Binding, Call, NixSet, NixValue, Reference, Template};
use super::{Module, firewall_closed, firewall_offload};
use crate::firewall;
use crate::model::Host;

/// Between a user's own line (100) and the defaults of NixOS's modules (1000).
const PRIORITY: u32 = 900;

/// Where `tsctl firewall status` finds the table as it was deployed.
pub const DEPLOYED: &str = "/etc/tailwright/firewall.nft";

/// `tailwright-switch` (sh, checked by shellcheck when NixOS builds it).
const SWITCH: &str = include_str!("tailwright-switch.sh");

/// What stands at the top of the module.
const HEADER: &str = "The zone firewall: who may reach what on this host.

The table stands beside those of tailscaled, Docker and libvirt and touches none of them. A packet
must be accepted by every table that filters it, so nothing here opens what another one closes.
Ports that Docker publishes never come to the input chain: they are forwarded to a container.";

/// The module of the zone firewall; `None` where the host has none.
pub fn firewall_zones(host: &Host) -> Option<Module> {
    let ruleset = firewall::compile(host)?;
    let mut module = Module::new(HEADER);
    module.bind(Binding::new("networking.nftables.enable", true).comment(
        "Keeps the kernel's old ip_tables from loading. Programs that call iptables (Docker, libvirt) go\n\
         on working: NixOS's iptables writes nftables rules.",
    ));
    module.bind(
        Binding::new(
            "networking.nftables.flushRuleset",
            NixValue::mk_override(PRIORITY, false),
        )
        .comment("A flush would take the rules of tailscaled and Docker along at every reload."),
    );
    module.bind(
        Binding::new("networking.firewall.enable", NixValue::mk_override(PRIORITY, false))
            .comment(
                "The table below takes the place of NixOS's own firewall, its check of the reverse path included.\n\
                 What other modules open there (`openFirewall`) has no effect then: the zones decide. A line of\n\
                 yours that says true turns it on again; a connection must then be let in by both.",
            )
            .spaced(),
    );
    let content = NixValue::Lines(ruleset.content());
    let table = NixSet::new().with("family", "inet").with("content", content);
    let path = AttrPath::of("networking.nftables.tables").name(ruleset.table.name.to_string());
    module.bind(Binding::new(path.clone(), table).spaced());
    if let Some(closed) = firewall::closed(host) {
        firewall_closed::bind(&mut module, &closed);
    }
    if let Some(flowtable) = firewall::flowtable(host) {
        firewall_offload::bind(&mut module, &flowtable);
    }
    deployed(&mut module, path);
    Some(module)
}

/// What `fw-status` and `tailwright-switch` need: the table as it was deployed, with whatever else is added to it by hand, as
/// `tsctl firewall apply` takes it; and the programs.
fn deployed(module: &mut Module, table: AttrPath) {
    let file = DEPLOYED.strip_prefix("/etc/").unwrap_or(DEPLOYED);
    let text = Template::new()
        .text("add table inet tailwright\ndelete table inet tailwright\ntable inet tailwright {\n")
        .value(Reference::config(table.name("content")))
        .text("\n}\n");
    module.bind(
        Binding::new(
            AttrPath::of("environment.etc").name(file).name("text"),
            NixValue::TemplateLines(text),
        )
        .comment("What fw-status compares the kernel's rules with, and tailwright-switch tries.")
        .spaced(),
    );
    let switch = Call {
        function: Reference::package("writeShellApplication"),
        arguments: vec![
            NixSet::new()
                .with("name", "tailwright-switch")
                .with(
                    "runtimeInputs",
                    [Reference::package("tsctl"), Reference::package("diffutils")],
                )
                .with("text", NixValue::Lines(SWITCH.to_owned()))
                .into(),
        ],
    };
    let programs = [NixValue::Reference(Reference::package("tsctl")), NixValue::Call(switch)];
    module.bind(
        Binding::new(
            "environment.systemPackages",
            NixValue::optionals(NixValue::HasPackage("tsctl"), programs),
        )
        .comment(
            "fw-status, where tailwright's overlay is there. And tailwright-switch, which switches as nixos-rebuild does, but\n\
             tries new zones first: the former ones come back unless you confirm the new ones from a new connection.",
        ),
    );
}

#[cfg(test)]
mod tests {
    use crate::nixos::tests::module_of;

    const PATH: &str = "modules/network/security/firewall-zones.nix";

    #[test]
    fn a_host_without_zones_keeps_the_firewall_of_nixos() {
        assert_eq!(module_of("{ host.name = \"a\"; }", PATH), "");
    }

    #[test]
    fn a_flow_table_waits_for_its_interfaces() {
        let text = module_of(
            "{ host.name = \"a\"; network.security.firewall-zones = { enable = true; flowtable = [ \"wan0\" \"br-lan\" ]; zones.lan.interfaces = [ \"br-lan\" ]; }; }",
            PATH,
        );
        for expected in [
            "devices = { \"br-lan\", \"wan0\" }",
            "flow add @established",
            "\"sys-subsystem-net-devices-br\\\\x2dlan.device\"",
            "ExecStop = \"${lib.getExe' pkgs.nftables \"nft\"} delete table inet tailwright_offload\";",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }

    #[test]
    fn the_table_is_ours_alone() {
        let text = module_of(
            "{ host.name = \"a\"; network.security.firewall-zones = { enable = true; zones.lan = { enable = true; interfaces = [ \"br-*\" ]; allowedServices = [ \"ssh\" ]; }; }; }",
            PATH,
        );
        for expected in [
            "networking.nftables.enable = true;",
            "networking.nftables.flushRuleset = lib.mkOverride 900 false;",
            "networking.firewall.enable = lib.mkOverride 900 false;",
            "networking.nftables.tables.tailwright = {",
            "family = \"inet\";",
            "iifname \"br-*\" goto zone.lan",
            "22 . tcp comment \"ssh: zones.lan.allowedServices[0]\" : accept",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
        assert!(
            !text.contains("nftables.ruleset") && !text.contains("flush ruleset"),
            "{text}"
        );
    }
}
