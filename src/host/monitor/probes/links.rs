//! The host's own network.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use super::places::Places;
use crate::monitor::watch::{Links, Route};
use crate::net::{InterfaceName, Prefix};

/// `RTF_UP`, `RTF_GATEWAY`, `RTF_REJECT` (`linux/route.h`), `RTF_LOCAL`, `RTF_ANYCAST` (`linux/ipv6_route.h`).
const UP: u32 = 0x1;
const GATEWAY: u32 = 0x2;
const NOT_FOR_US: u32 = 0x200 | 0x8000_0000 | 0x0010_0000;

/// Reads it. What is not there (a host without IPv6) is nothing; an error is one of sysfs.
pub(super) fn read(places: &Places) -> io::Result<Links> {
    let text = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    let mut routes = routes(&text(&places.routes));
    routes.extend(routes6(&text(&places.routes6)));
    let asked = resolvers(&text(&places.resolvers));
    let is_stub = !asked.is_empty() && asked.iter().all(is_resolved);
    let uplinks = if is_stub {
        resolvers(&text(&places.uplink_resolvers))
    } else {
        Vec::new()
    };
    Ok(Links {
        up: up(&places.interfaces)?,
        routes,
        resolvers: if uplinks.is_empty() { asked } else { uplinks },
    })
}

/// The interfaces with a carrier. It cannot be read of one that is down.
fn up(interfaces: &Path) -> io::Result<BTreeSet<InterfaceName>> {
    let mut up = BTreeSet::new();
    for entry in fs::read_dir(interfaces)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().and_then(|name| name.parse::<InterfaceName>().ok()) else {
            continue;
        };
        let carrier = fs::read_to_string(entry.path().join("carrier"));
        if name.as_str() != "lo" && carrier.is_ok_and(|carrier| carrier.trim() == "1") {
            up.insert(name);
        }
    }
    Ok(up)
}

/// `/proc/net/route`: the main table. Addresses are the bytes of the packet as a number of this machine.
fn routes(text: &str) -> Vec<Route> {
    let read = |line: &str| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [interface, to, gateway, flags, _, _, metric, mask, ..] = fields.as_slice() else {
            return None;
        };
        let number = |hex: &str| u32::from_str_radix(hex, 16).ok();
        let address = |hex: &str| number(hex).map(|number| Ipv4Addr::from(number.to_ne_bytes()));
        let flags = number(flags)?;
        let length = address(mask)?.to_bits().count_ones();
        let prefix: Prefix = format!("{}/{length}", address(to)?).parse().ok()?;
        is_way(flags).then_some(Route {
            prefix,
            gateway: (flags & GATEWAY != 0)
                .then(|| address(gateway))
                .flatten()
                .map(IpAddr::from),
            interface: interface.parse().ok()?,
            metric: metric.parse().ok()?,
        })
    };
    text.lines().skip(1).filter_map(read).collect()
}

/// `/proc/net/ipv6_route`: all tables; it does not say which. What leads into the tunnel is passed over by its interface.
fn routes6(text: &str) -> Vec<Route> {
    let read = |line: &str| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [to, length, _, _, gateway, metric, _, _, flags, interface] = fields.as_slice() else {
            return None;
        };
        let number = |hex: &str| u32::from_str_radix(hex, 16).ok();
        let address = |hex: &str| u128::from_str_radix(hex, 16).ok().map(Ipv6Addr::from_bits);
        let flags = number(flags)?;
        let to = address(to)?;
        let prefix: Prefix = format!("{to}/{}", number(length)?).parse().ok()?;
        let is_ours = is_way(flags) && !to.is_multicast() && *interface != "lo";
        is_ours.then_some(Route {
            prefix,
            gateway: (flags & GATEWAY != 0)
                .then(|| address(gateway))
                .flatten()
                .map(IpAddr::from),
            interface: interface.parse().ok()?,
            metric: number(metric)?,
        })
    };
    text.lines().filter_map(read).collect()
}

fn is_way(flags: u32) -> bool {
    flags & UP != 0 && flags & NOT_FOR_US == 0
}

/// The addresses after `nameserver` (resolv.conf(5)); one with a scope is of a link that nobody names here.
pub(super) fn resolvers(text: &str) -> Vec<IpAddr> {
    let read = |line: &str| line.strip_prefix("nameserver")?.trim().parse().ok();
    text.lines().filter_map(|line| read(line.trim())).collect()
}

/// Whether systemd-resolved answers there. It asks others, and says in a file whom.
fn is_resolved(address: &IpAddr) -> bool {
    [Ipv4Addr::new(127, 0, 0, 53), Ipv4Addr::new(127, 0, 0, 54)]
        .map(IpAddr::from)
        .contains(address)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROUTES: &str = "\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
enp3s0\t00000000\t010FA8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
enp3s0\t000FA8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
lo\t0000000A\t00000000\t0201\t0\t0\t0\t000000FF\t0\t0\t0
";
    const ROUTES6: &str = "\
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000064 00000001 00000000 00000003   enp3s0
fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001   enp3s0
fd000000000000000000000000000007 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000001 00000000 80200001   enp3s0
ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001   enp3s0
";

    #[test]
    fn the_routes_of_the_kernel() {
        let shown = |routes: Vec<Route>| -> Vec<String> {
            let show = |route: &Route| {
                let gateway = route
                    .gateway
                    .map(|gateway| format!(" by {gateway}"))
                    .unwrap_or_default();
                format!("{}{gateway} on {} at {}", route.prefix, route.interface, route.metric)
            };
            routes.iter().map(show).collect()
        };
        if cfg!(target_endian = "little") {
            assert_eq!(
                shown(routes(ROUTES)),
                [
                    "0.0.0.0/0 by 192.168.15.1 on enp3s0 at 100",
                    "192.168.15.0/24 on enp3s0 at 100"
                ]
            );
        }
        assert_eq!(
            shown(routes6(ROUTES6)),
            ["::/0 by fe80::1 on enp3s0 at 100", "fd00::/64 on enp3s0 at 256"]
        );
    }

    #[test]
    fn whom_a_stub_asks_is_read_where_it_says_so() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::create_dir_all(at("net/enp3s0")).unwrap();
        fs::create_dir_all(at("net/enp4s0")).unwrap();
        fs::create_dir_all(at("net/lo")).unwrap();
        fs::write(at("net/enp3s0/carrier"), "1\n").unwrap();
        fs::write(at("net/enp4s0/carrier"), "0\n").unwrap();
        fs::write(at("net/lo/carrier"), "1\n").unwrap();
        let places = Places {
            interfaces: at("net"),
            routes: at("route"),
            routes6: at("route6"),
            resolvers: at("resolv.conf"),
            uplink_resolvers: at("uplink.conf"),
            hosts: at("hosts"),
            authorities: None,
        };
        let names = |places: &Places| -> Vec<String> {
            let links = read(places).unwrap();
            assert_eq!(
                links.up.iter().map(InterfaceName::as_str).collect::<Vec<_>>(),
                ["enp3s0"]
            );
            links.resolvers.iter().map(ToString::to_string).collect()
        };
        assert!(names(&places).is_empty());
        fs::write(at("resolv.conf"), "# by hand\nnameserver 127.0.0.53\noptions edns0\n").unwrap();
        assert_eq!(names(&places), ["127.0.0.53"]);
        fs::write(
            at("uplink.conf"),
            "nameserver 192.168.15.1\nnameserver fd00::1\nsearch lan\n",
        )
        .unwrap();
        assert_eq!(names(&places), ["192.168.15.1", "fd00::1"]);
        fs::write(at("resolv.conf"), " nameserver\t9.9.9.9\nnameserver 127.0.0.53\n").unwrap();
        assert_eq!(names(&places), ["9.9.9.9", "127.0.0.53"]);
        fs::remove_dir_all(at("net")).unwrap();
        assert!(read(&places).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "([0-9A-Fa-fx]{0,33}[ \t]?){0,24}\n?.{0,40}") {
            let _ = (routes(&text), routes6(&text), resolvers(&text));
        }
    }
}
