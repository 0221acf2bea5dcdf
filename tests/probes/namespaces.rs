//! Which way packets take: a host with an uplink, a tunnel, and the rules that tailscaled makes.

use std::time::Duration;

use super::copy::{Ask, What, ask};
use crate::support::netns::Netns;
use crate::support::probe::Listener;

/// The uplink leads to a host that has 192.0.2.1 and 198.51.100.7; so does the tunnel, to another one.
struct Two {
    host: Netns,
    outside: Netns,
    beyond: Netns,
}

impl Two {
    fn new() -> Option<Self> {
        let host = Netns::new()?;
        let (outside, beyond) = (host.peer()?, host.peer()?);
        host.connect("enp3s0", &outside, "eth0");
        host.connect("tailscale0", &beyond, "eth0");
        host.ip(&["addr", "add", "192.0.2.10/24", "dev", "enp3s0"]);
        host.ip(&["addr", "add", "100.64.0.4/32", "dev", "tailscale0"]);
        for (far, near) in [(&outside, "192.0.2.10"), (&beyond, "100.64.0.4")] {
            far.ip(&["addr", "add", "192.0.2.1/24", "dev", "eth0"]);
            far.ip(&["addr", "add", "198.51.100.7/32", "dev", "lo"]);
            far.ip(&["route", "replace", &format!("{near}/32"), "dev", "eth0"]);
        }
        host.ip(&["route", "add", "default", "via", "192.0.2.1", "dev", "enp3s0"]);
        // An exit node is in force: everything without tailscaled's mark goes into the tunnel.
        host.ip(&[
            "rule",
            "add",
            "pref",
            "5210",
            "fwmark",
            "0x80000/0xff0000",
            "lookup",
            "main",
        ]);
        host.ip(&["rule", "add", "pref", "5270", "lookup", "52"]);
        host.ip(&["route", "add", "default", "dev", "tailscale0", "table", "52"]);
        // The far end of the tunnel is a cable here: it has to be found without asking who has an address.
        let mac = beyond.must("/bin/cat", &["/sys/class/net/eth0/address"]);
        for address in ["198.51.100.7", "192.0.2.1"] {
            host.ip(&["neigh", "replace", address, "lladdr", mac.trim(), "dev", "tailscale0"]);
        }
        host.must("/bin/sh", &["-c", "echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter"]);
        Some(Self { host, outside, beyond })
    }

    fn ask(&self, what: What, by: Option<&str>) -> String {
        let by = by.map(str::to_owned);
        ask(&self.host, &[Ask { what, by }]).pop().expect("one")
    }
}

#[test]
fn a_socket_that_is_bound_takes_its_interface_whatever_the_rules_say() {
    let Some(two) = Two::new() else { return };
    let _far = Listener::new(&two.beyond, &[443]);
    let to = || What::Tcp("198.51.100.7:443".to_owned());
    // Only beyond the tunnel somebody listens; outside it is refused.
    assert_eq!(two.ask(to(), None), "answered", "the rules lead into the tunnel");
    assert_eq!(two.ask(to(), Some("tailscale0")), "answered");
    let refused = "Failed(Answered(\"the connection was refused\"))";
    assert_eq!(two.ask(to(), Some("enp3s0")), refused, "around the tunnel");
    // Without a route by its interface nothing leaks by another.
    two.host.ip(&["route", "flush", "table", "52"]);
    assert_eq!(two.ask(to(), None), refused, "now the main table decides");
    let beyond = two.ask(to(), Some("tailscale0"));
    assert_eq!(beyond, "answered", "still by the tunnel: it is taken to be on its link");
    two.host.ip(&["link", "del", "tailscale0"]);
    assert_eq!(
        two.ask(to(), Some("tailscale0")),
        "Failed(Answered(\"the interface is not there\"))"
    );
    drop(two.outside);
}

fn silence() -> String {
    "Failed(NoAnswer { waited: 400 })".to_owned()
}

#[test]
fn echoes_go_where_the_host_allows_them() {
    let Some(two) = Two::new() else { return };
    let to = || What::Echo("192.0.2.1".to_owned());
    let forbidden = two.ask(to(), Some("enp3s0"));
    assert!(
        forbidden.starts_with("CannotTell(") && forbidden.contains("net.ipv4.ping_group_range"),
        "{forbidden}"
    );
    let allow = "echo '0 2147483647' > /proc/sys/net/ipv4/ping_group_range";
    two.host.must("/bin/sh", &["-c", allow]);
    assert_eq!(two.ask(to(), Some("enp3s0")), "answered");
    assert_eq!(two.ask(to(), Some("tailscale0")), "answered");
    two.outside
        .load("table inet t { chain i { type filter hook input priority 0; ip protocol icmp drop; }; }")
        .expect("legal");
    assert_eq!(two.ask(to(), Some("enp3s0")), silence());
    assert_eq!(
        two.ask(to(), Some("tailscale0")),
        "answered",
        "by the other way it is another host"
    );
    two.host.ip(&["addr", "add", "fd00::10/64", "dev", "enp3s0", "nodad"]);
    two.outside.ip(&["addr", "add", "fd00::1/64", "dev", "eth0", "nodad"]);
    assert_eq!(two.ask(What::Echo("fd00::1".to_owned()), Some("enp3s0")), "answered");
}

#[test]
fn the_kernel_says_which_interfaces_and_routes_there_are() {
    let Some(two) = Two::new() else { return };
    let links = || two.ask(What::Links, None);
    let before = links();
    let route = "Route { prefix: Prefix(0.0.0.0/0), gateway: Some(192.0.2.1), interface: InterfaceName(\"enp3s0\"), metric: 0 }";
    assert!(
        before.contains("up: {InterfaceName(\"enp3s0\"), InterfaceName(\"tailscale0\")}"),
        "{before}"
    );
    assert!(before.contains(route), "{before}");
    // The carrier goes with the other end of the cable.
    two.outside.ip(&["link", "set", "eth0", "down"]);
    let mut after = links();
    for _ in 0..50 {
        if !after.contains("up: {InterfaceName(\"enp3s0\")") {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
        after = links();
    }
    assert!(after.contains("up: {InterfaceName(\"tailscale0\")}"), "{after}");
}
