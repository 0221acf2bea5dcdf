//! All of it: what is measured of a laboratory whose network is broken piece by piece.

use super::copy::Watching;
use crate::support::scratch::Scratch;
use crate::support::tailnet::{Broken, Lab, RESOLVER, settings};

#[test]
fn what_is_broken_is_what_is_told() {
    let Some(lab) = Lab::new() else { return };
    let scratch = Scratch::new();
    let resolvers = scratch.write("resolv.conf", format!("nameserver {RESOLVER}\n"));
    let resolvers = resolvers.to_string_lossy();
    lab.topology
        .client
        .must("/bin/mount", &["--bind", &resolvers, "/etc/resolv.conf"]);
    let settings = settings("", "", &[], &[]);
    let mut watch = Watching::new(&lab.topology.client, &settings, lab.tailscaled.socket().to_owned());
    let gate = |verdict: &str| format!("Measured(ExitNode(Node(Node(DnsName(\"gate\")))), {verdict}");
    let (_, before) = watch.until(&gate("Good"));
    assert!(
        before.iter().any(|event| event.ends_with("Diagnosed({})")),
        "{before:#?}"
    );
    watch.until("Measured(ExitNode(Node(Node(DnsName(\"spare\")))), Good)");

    // It answers pings and forwards nothing.
    lab.faults().forward_nothing("gate");
    let (told, before) = watch.until("Diagnosed({");
    assert!(told.ends_with("Diagnosed({ExitNode(\"gate\")})"), "{told}: {before:#?}");
    watch.until(&gate("Down("));
    lab.faults().forward("gate");
    watch.until("Diagnosed({})");
    watch.until(&gate("Good"));

    // What lies below explains what it brings about.
    lab.faults().internet(false);
    let (told, before) = watch.until("Diagnosed({");
    assert!(told.ends_with("Diagnosed({Internet})"), "{told}: {before:#?}");
    let bad = before.iter().filter(|event| event.contains(&gate("Down(")));
    assert!(bad.count() < 3, "{before:#?}");
    lab.faults().internet(true);
    watch.until("Diagnosed({})");

    // What is asked by its address goes on.
    lab.services.resolver(Some(Broken::Silent));
    let (told, _) = watch.until("Diagnosed({");
    assert!(told.ends_with("Diagnosed({Dns})"), "{told}");
    watch.until(&gate("Good"));
    lab.services.resolver(None);
    watch.until("Diagnosed({})");

    // The cable.
    lab.faults().link(false);
    let (told, _) = watch.until("Diagnosed({");
    assert!(told.ends_with("Diagnosed({Link})"), "{told}");
}
