//! `modules/network/tuning/qos.nix`: bandwidth limits.
//!
//! A queueing discipline goes away with its interface, so each limit is a unit bound to it. `replace` can be repeated, which
//! `add` cannot. A token bucket filter at the root of an interface shapes what the host sends by it, and nothing else.

use std::time::Duration;

use super::Module;
use super::systemd::{device_unit, exec_word};
use super::value::{AttrPath, Binding, Call, NixSet, Reference, Template};
use crate::model::{Host, Shaping};
use crate::net::InterfaceName;

/// The module; `None` for a host without limits.
pub fn qos(host: &Host) -> Option<Module> {
    let limits = host
        .qos
        .as_ref()
        .map(|qos| &qos.limits)
        .filter(|limits| !limits.is_empty())?;
    let mut module = Module::new(
        "Bandwidth limits: each shapes what this host sends by an interface. What it receives is not shaped.",
    );
    for (interface, shaping) in limits {
        let unit = AttrPath::of("systemd.services").name(format!("tailwright-qos-{interface}"));
        module.bind(Binding::new(unit, service(interface, shaping)).spaced());
    }
    Some(module)
}

/// The arguments of tc(8) that put the limit on the interface (tc-tbf(8)).
pub fn tc_arguments(interface: &InterfaceName, shaping: &Shaping) -> String {
    format!(
        "qdisc replace dev {} root tbf rate {} burst {} latency {}ms",
        exec_word(interface.as_str()),
        shaping.rate,
        shaping.burst,
        Duration::from(shaping.latency).as_millis()
    )
}

fn service(interface: &InterfaceName, shaping: &Shaping) -> NixSet {
    let device = device_unit(interface);
    let tc = || Template::new().value(Call::get_exe_of(Reference::package("iproute2"), "tc"));
    NixSet::new()
        .with(
            "description",
            format!("Limit of {} on what is sent by {interface}", shaping.rate),
        )
        .with("wantedBy", [device.as_str()])
        .with("bindsTo", [device.as_str()])
        .with("after", [device.as_str()])
        .with(
            "serviceConfig",
            NixSet::new()
                .with("Type", "oneshot")
                .with("RemainAfterExit", true)
                .with("ExecStart", tc().text(format!(" {}", tc_arguments(interface, shaping))))
                // Where the interface is gone, so is the limit.
                .with(
                    "ExecStop",
                    Template::new()
                        .text("-")
                        .value(Call::get_exe_of(Reference::package("iproute2"), "tc"))
                        .text(format!(" qdisc del dev {} root", exec_word(interface.as_str()))),
                ),
        )
}

#[cfg(test)]
mod tests;
