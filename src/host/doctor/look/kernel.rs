//! What the kernel is told: its files, and what ip(8) lists.

use std::path::Path;

use super::programs::ask;
use crate::host::doctor::facts::{Family, Kernel};

/// Looks at it, and asks ip(8) where that is wanted.
pub(super) fn kernel(interface: &str, with_rules: bool) -> Kernel {
    let uplink = read("/proc/net/route").and_then(|table| uplink(&table));
    let (mut rules, mut table_52) = (None, None);
    if with_rules {
        rules = ask("ip", &["rule", "show"])
            .ok()
            .map(|text| rules_of(Family::V4, &text));
        if let (Some(rules), Ok(text)) = (&mut rules, ask("ip", &["-6", "rule", "show"])) {
            rules.extend(rules_of(Family::V6, &text));
        }
        // A table that nobody has written to is none to ip(8): no routes.
        table_52 = rules.as_ref().map(|_| {
            let text = ask("ip", &["route", "show", "table", "52"]).unwrap_or_default();
            let routes = || text.lines().filter(|line| !line.trim().is_empty());
            (routes().count(), routes().any(|line| line.starts_with("default")))
        });
    }
    let reverse_path = |name: &str| -> Option<u8> {
        read(&format!("/proc/sys/net/ipv4/conf/{name}/rp_filter"))?
            .trim()
            .parse()
            .ok()
    };
    let mut modes: Vec<u8> = vec![];
    modes.extend(reverse_path("all"));
    // The larger of all and of the interface counts (ip-sysctl.rst).
    let own = [Some(interface), uplink.as_deref()];
    modes.extend(own.iter().flatten().filter_map(|name| reverse_path(name)));
    Kernel {
        has_tun: Path::new("/dev/net/tun").exists(),
        interface: (
            interface.to_owned(),
            read(&format!("/sys/class/net/{interface}/mtu")).and_then(|text| text.trim().parse().ok()),
        ),
        // Strict on one interface is as much in the way as strict on all; loose on all makes all loose.
        reverse_path: effective(&modes),
        marks_count: read("/proc/sys/net/ipv4/conf/all/src_valid_mark").is_some_and(|text| text.trim() == "1"),
        uplink,
        rules,
        table_52,
    }
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// How the way back is checked where it is checked most: `modes` has that of all interfaces first.
fn effective(modes: &[u8]) -> Option<u8> {
    let (all, each) = modes.split_first()?;
    let counting = each.iter().map(|own| *own.max(all));
    // 1 is strict, 2 is loose and wins over it on the same interface.
    counting
        .clone()
        .find(|mode| *mode == 1)
        .or_else(|| counting.max())
        .or(Some(*all))
}

/// The interface of the first default route of the kernel's table (proc(5), `/proc/net/route`).
fn uplink(table: &str) -> Option<String> {
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_whitespace();
        let (name, destination) = (fields.next()?, fields.next()?);
        (destination == "00000000" && fields.nth(5) == Some("00000000")).then(|| name.to_owned())
    })
}

/// The rules as ip(8) lists them, the preference before a colon.
fn rules_of(family: Family, text: &str) -> Vec<(Family, u32, String)> {
    text.lines()
        .filter_map(|line| {
            let (preference, rest) = line.split_once(':')?;
            Some((family, preference.trim().parse().ok()?, rest.trim().to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_and_routes_are_read() {
        let rules = rules_of(
            Family::V4,
            "0:\tfrom all lookup local\n5210:\tfrom all fwmark 0x80000/0xff0000 lookup main\nx\n",
        );
        assert_eq!(rules.len(), 2);
        assert_eq!(rules[1].1, 5_210);
        let table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
                     eth1\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n\
                     eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";
        assert_eq!(uplink(table).as_deref(), Some("eth0"));
        assert_eq!(uplink(""), None);
    }

    #[test]
    fn the_larger_of_all_and_of_the_interface_counts() {
        assert_eq!(effective(&[]), None);
        assert_eq!(effective(&[1]), Some(1));
        assert_eq!(effective(&[2, 1, 0]), Some(2));
        assert_eq!(effective(&[0, 1, 2]), Some(1));
        assert_eq!(effective(&[1, 0, 2]), Some(1));
        assert_eq!(effective(&[0, 0]), Some(0));
    }
}
