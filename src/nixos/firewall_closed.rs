//! The unit that closes the host until the zones are loaded.
//!
//! NixOS loads nftables before the network comes up, but the network does not wait for it to succeed: a ruleset that does
//! not load would leave the host open. This unit runs before it and makes the table of the zones with a ruleset that lets in
//! the operator alone. Loading the zones replaces that table in one step; where it fails, the closed one stays.

use super::Module;
use super::systemd::exec_word;
use super::value::{Binding, Call, NixSet, NixValue, Reference, Template};
use crate::firewall::Ruleset;

/// The name that the module gives the file.
const FILE: &str = "closed";

/// Adds the unit to the module of the zones.
pub(super) fn bind(module: &mut Module, ruleset: &Ruleset) {
    module.define(
        FILE,
        Call {
            function: Reference::package("writeText"),
            arguments: vec!["tailwright-closed.nft".into(), NixValue::Lines(ruleset.if_absent())],
        },
    );
    module.bind(
        Binding::new("systemd.services.tailwright-closed", unit(ruleset))
            .comment(
                "Closes the host before the network comes up, but for the operator's ways in (`host.management`). Loading the\n\
                 zones replaces this table; if they do not load, it stays. Where the table is there already, as at every\n\
                 switch, nothing happens.",
            )
            .spaced(),
    );
}

fn unit(ruleset: &Ruleset) -> NixSet {
    let nft = || Template::new().value(Call::get_exe_of(Reference::package("nftables"), "nft"));
    let table = format!(" list table inet {}", ruleset.table.name);
    // A table that is there is the zones', or this one.
    let absent = Template::new()
        .value(Call::get_exe_of(Reference::package("bash"), "bash"))
        .text(" -c ")
        .text(exec_word("! \"$@\" >/dev/null 2>&1"))
        .text(" closed ")
        .value(Call::get_exe_of(Reference::package("nftables"), "nft"))
        .text(&table);
    let service = NixSet::new()
        .with("Type", "oneshot")
        .with("RemainAfterExit", true)
        .with("ExecCondition", absent)
        .with("ExecStart", nft().text(" -f ").value(Reference::defined(FILE)));
    NixSet::new()
        .with("description", "Closed firewall until the zones are loaded")
        .with("wantedBy", ["multi-user.target"])
        .with("wants", ["sysinit.target", "network-pre.target"])
        .with("after", ["sysinit.target"])
        .with("before", ["nftables.service", "network-pre.target", "shutdown.target"])
        .with("conflicts", ["shutdown.target"])
        .with("unitConfig.DefaultDependencies", false)
        // Another ruleset is for the next start of the machine.
        .with("restartIfChanged", false)
        .with("serviceConfig", service)
}
