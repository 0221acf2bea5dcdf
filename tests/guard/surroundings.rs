//! What changes around a change while it waits.

use std::time::Instant;

use super::slot::{Host, wait, wait_past_deadline};

/// What tailscaled removes when it stops and makes when it starts.
const TAILSCALED: &str = "table ip ts-test {\n chain ts-forward {\n type filter hook forward priority filter; policy accept;\n \
                          iifname \"tailscale0\" accept\n }\n}\n";

#[test]
fn tailscaled_restarts() {
    let Some(host) = Host::new() else { return };
    let foreign = host.foreign();
    let slot = host.empty_slot("restart");
    let table = &slot.table;
    // By its index, which is another one after the restart.
    let old = format!("table inet {table} {{\n\tchain c {{\n\t\tiif \"tailscale0\" accept comment \"old\"\n\t}}\n}}\n");
    host.namespace.load(&old).expect("legal");
    host.namespace.load(TAILSCALED).expect("legal");
    let start = Instant::now();
    assert_eq!(slot.status(&slot.apply("4s")), 0);
    host.namespace.must(&host.nft, &["delete", "table", "ip", "ts-test"]);
    host.namespace.ip(&["link", "del", "tailscale0"]);
    wait_past_deadline(start);
    // The rules name an interface that is away just now.
    let waiting = slot.pending();
    assert_eq!(waiting["pending"]["phase"], "reverting", "{waiting}");
    assert!(
        waiting["pending"]["trouble"].as_str().unwrap().contains("tailscale0"),
        "{waiting}"
    );
    host.namespace
        .ip(&["link", "add", "tailscale0", "type", "veth", "peer", "name", "far"]);
    host.namespace.load(TAILSCALED).expect("legal");
    let tailscaled = host.namespace.must(&host.nft, &["list", "table", "ip", "ts-test"]);
    slot.settle();
    assert_eq!(slot.live(), old);
    assert_eq!(
        host.namespace.must(&host.nft, &["list", "table", "ip", "ts-test"]),
        tailscaled
    );
    assert_eq!(host.foreign(), foreign);
}

#[test]
fn somebody_else_replaces_or_removes_the_table() {
    let Some(host) = Host::new() else { return };
    let (replaced, removed) = (host.slot("replaced"), host.slot("removed"));
    let old = [replaced.live(), removed.live()];
    let start = Instant::now();
    for slot in [&replaced, &removed] {
        assert_eq!(slot.status(&slot.apply("4s")), 0);
    }
    host.namespace.load(&replaced.rules("third")).expect("legal");
    host.namespace
        .must(&host.nft, &["delete", "table", "inet", &removed.table]);
    wait_past_deadline(start);
    for (slot, old) in [&replaced, &removed].iter().zip(old) {
        slot.settle();
        assert_eq!(slot.live(), old);
    }
}

#[test]
fn the_file_and_the_program_are_replaced() {
    let Some(host) = Host::new() else { return };
    let slot = host.slot("upgraded");
    let old = slot.live();
    // An upgrade of tsctl removes the program that runs.
    let program = slot.directory.join("tsctl");
    std::fs::copy(super::slot::TSCTL, &program).expect("a copy");
    let mut words = slot.apply("4s");
    words[0] = program.to_string_lossy().into_owned();
    slot.nft_at_call(4, "rm \"$SLOT/tsctl\"; echo 'flush ruleset' >\"$SLOT/new.nft\"");
    let start = Instant::now();
    let mut child = slot.script("exec \"$@\"", &words);
    assert!(child.wait().unwrap().success());
    assert!(slot.is_live("new") && !program.exists());
    wait_past_deadline(start);
    slot.settle();
    assert_eq!(slot.live(), old);
    wait("no guardian stays", || {
        let ps = host
            .namespace
            .must("/bin/sh", &["-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"]);
        !ps.contains("guard")
    });
}
