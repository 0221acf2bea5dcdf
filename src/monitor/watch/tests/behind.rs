//! What lies behind a peer.

use super::rig::{self, Rig, measured};
use super::*;

/// A host on which the router of its own network, `desk`, is one of the tailnet's, and that measures it.
fn beside_a_router() -> Rig {
    let peer = json!({
        "ask": { "peer": { "node": "desk", "kind": "icmp" } },
        "interval": "700ms", "timeout": "500ms", "maxLatency": "200ms", "maxPacketLoss": 5,
    });
    let probes =
        json!({ "internet": ["192.0.2.1:443"], "egress": { "dns": [], "http": [] }, "targets": { "nas": peer } });
    let failover = json!({
        "actions": ["routes-off"], "holdDown": "10s", "maxHoldDown": "10m", "minDwell": "5s", "moveWindow": "3s",
        "restartInterval": "10m", "restartsPerDay": 3, "dryRun": false, "restoreOnStop": true,
        "lanRoutes": [{ "prefix": "192.168.15.0/24", "probe": "192.168.15.7" }],
    });
    let mut rig = Rig::with(&rig::settings(
        json!({ "acceptRoutes": true, "probes": probes, "failover": failover }),
    ));
    let preferences = rig.tailnet.preferences.as_mut().unwrap();
    (preferences.accept_routes, preferences.exit_node) = (true, None);
    rig.tailnet.peers[2].routes = vec!["192.168.15.0/24".parse().unwrap()];
    rig.tell();
    rig
}

#[test]
fn routes_are_not_given_up_while_only_the_tailnet_leads_to_one_of_them() {
    let off = Setting::AcceptRoutes(false);
    let checks = |routes: &[&str]| {
        let mut rig = beside_a_router();
        rig.tailnet.peers[1].routes = routes.iter().map(|route| route.parse().unwrap()).collect();
        rig.tell();
        measured(&rig.run(3_000), &off).pop()
    };
    for routes in [&[][..], &["0.0.0.0/0", "::/0"], &["192.168.15.128/25"]] {
        assert_eq!(checks(routes), Some(Verdict::Good), "{routes:?}");
    }
    for other in ["10.20.0.0/16", "192.168.0.0/16", "fd00:20::/64"] {
        let fault = Fault::CutsOff(other.parse().unwrap());
        assert_eq!(checks(&["0.0.0.0/0", other]), Some(Verdict::Down(fault)));
    }
}

#[test]
fn a_peer_that_is_measured_explains_what_lies_behind_it() {
    let mut rig = beside_a_router();
    rig.run(5_000);
    assert!(rig.causes().is_empty());
    let nas = |rig: &Rig| {
        let readings = rig.watch.readings();
        readings.into_iter().find(|reading| reading.target == "nas").unwrap()
    };
    let reading = nas(&rig);
    assert_eq!(
        (reading.kind.as_str(), &reading.verdict),
        ("icmp", &Some(Verdict::Good))
    );
    assert_eq!(reading.path, Some(PathClass::Direct));
    // What goes through the tunnel, to its prefix as well.
    rig.net.egress = false;
    rig.run(5_000);
    assert_eq!(rig.causes(), ["192.168.15.0/24 is not reached through its router"]);
    rig.net.rest = false;
    rig.run(5_000);
    assert_eq!(rig.causes(), ["the peer desk does not answer"]);

    let mut rig = beside_a_router();
    rig.tailnet.peers.remove(2);
    rig.tell();
    rig.run(1_000);
    assert_eq!(nas(&rig).verdict, Some(Verdict::Down(Fault::NoSuchNode)));
    assert_eq!(rig.causes(), ["the peer desk does not answer"]);
}
