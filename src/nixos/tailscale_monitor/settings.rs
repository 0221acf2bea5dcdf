//! The settings of tsctl, held against tsctl when the system is built.

use super::Module;
use crate::model::MonitorSettings;
use crate::nixos::value::{AttrPath, Binding, Call, NixSet, NixValue, Reference, Template};

/// The file below `/etc`.
const FILE: &str = "tailwright/tsctl.json";

/// Where the configuration has the file: what a unit watches.
pub(super) fn source() -> Reference {
    Reference::config(AttrPath::of("environment.etc").name(FILE).name("source"))
}

/// Adds the file; `None` where the settings cannot be written down.
pub(super) fn bind(module: &mut Module, settings: &MonitorSettings) -> Option<()> {
    let json = serde_json::to_string_pretty(settings).ok()?;
    let check = Template::new()
        .value(Call::get_exe(Reference::package("buildPackages.tsctl")))
        .text(" monitor --check-config \"$target\"");
    let file = Call {
        function: Reference::package("writeTextFile"),
        arguments: vec![
            NixSet::new()
                .with("name", "tsctl.json")
                .with("text", NixValue::Lines(format!("{json}\n")))
                .with("checkPhase", check)
                .into(),
        ],
    };
    module.bind(
        Binding::new(AttrPath::of("environment.etc").name(FILE).name("source"), file)
            .comment(
                "What the monitor reads. tsctl itself checks it when the system is built: settings that it does not take never\n\
                 reach the host.",
            )
            .spaced(),
    );
    Some(())
}
