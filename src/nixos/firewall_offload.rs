//! The unit that loads the flow table, apart from the zones and after its interfaces: where it fails, connections are slower
//! and nothing else.

use super::Module;
use super::systemd::device_unit;
use super::value::{Binding, Call, NixSet, NixValue, Reference, Template};
use crate::firewall::ruleset::Flowtable;

/// The name that the module gives the file.
const FILE: &str = "offload";

/// Adds the unit to the module of the zones.
pub(super) fn bind(module: &mut Module, flowtable: &Flowtable) {
    module.define(
        FILE,
        Call {
            function: Reference::package("writeText"),
            arguments: vec!["tailwright-offload.nft".into(), NixValue::Lines(flowtable.to_string())],
        },
    );
    let nft = || Template::new().value(Call::get_exe_of(Reference::package("nftables"), "nft"));
    let devices: Vec<String> = flowtable.devices.iter().map(device_unit).collect();
    let mut after = vec!["nftables.service".to_owned()];
    after.extend(devices.iter().cloned());
    let service = NixSet::new()
        .with("Type", "oneshot")
        .with("RemainAfterExit", true)
        .with("ExecStart", nft().text(" -f ").value(Reference::defined(FILE)))
        .with(
            "ExecStop",
            nft().text(format!(" delete table inet {}", Flowtable::TABLE)),
        );
    let unit = NixSet::new()
        .with("description", "Flow table of forwarded connections")
        .with("wantedBy", ["multi-user.target"])
        .with("bindsTo", devices)
        .with("after", after)
        .with("serviceConfig", service);
    module.bind(
        Binding::new("systemd.services.tailwright-offload", unit)
            .comment(
                "Takes established connections past the rules. A table of its own, loaded when its interfaces are there: the\n\
                 kernel refuses a flow table with an interface that is not, and the zones must not depend on that.",
            )
            .spaced(),
    );
}
