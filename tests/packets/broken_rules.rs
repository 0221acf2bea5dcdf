//! Plain rules of which one is broken: the comparison notices every one of them.

use serde_json::json;

use super::{LAN, WAN, agrees, differences, host_with_everything, observe};
use crate::support::packets::hosts::RandomHost;
use crate::support::packets::{Fate, Lab, Packet, PacketKind, Packets, linear};

#[test]
fn every_broken_rule_is_noticed() {
    let Some(mut lab) = Lab::new() else { return };
    let random = host_with_everything();
    let packets: Vec<Packet> = Packets::new(&random.host, 1).take(7_000).collect();
    agrees(&mut lab, &random.host, &packets, &random.profile.to_string());
    let plain = linear(&random.host).expect("zones");
    let expected = observe(&mut lab, &packets, &plain);
    for (right, wrong) in [
        ("tcp dport 8000-8100 goto", "tcp dport 8000-8101 goto"),
        ("tcp dport 8000-8100 goto", "tcp dport 8001-8100 goto"),
        ("tcp dport 8000-8100 goto", "udp dport 8000-8100 goto"),
        ("udp dport 53-53 goto open_in_internal", ""),
        ("ip saddr 192.168.15.64/27", "ip saddr 192.168.15.64/26"),
        ("ip saddr 192.168.15.64/27", "ip saddr 192.168.15.64/28"),
        ("iifname \"br-*\"", "iifname \"br-\""),
        ("iifname \"virbr0\"  goto from_in_isolated", ""),
        ("ct state established accept", ""),
        ("ct state related accept", ""),
        ("ct state invalid drop", ""),
        ("icmp type 3 accept", ""),
        ("icmpv6 type 2 accept", ""),
        ("icmpv6 type 128 accept", ""),
        ("ip saddr 100.64.0.0/10 drop", ""),
        ("ip6 saddr fd7a:115c:a1e0::/48 drop", ""),
        ("fib saddr oif missing drop", ""),
        ("iifname \"eth0\"  fib saddr . iif oif missing drop", ""),
        ("iifname \"eth0\" ip saddr 192.168.0.0/16 drop", ""),
        ("iifname \"eth0\" ip saddr 203.0.113.0/24 goto way_back", ""),
        ("fib saddr oif missing drop", "fib saddr . iif oif missing drop"),
        ("meta nfproto ipv4 udp sport 67 udp dport 68 accept", ""),
        ("ip6 daddr fe80::/10 udp dport 546 accept", ""),
        ("udp dport 41641 accept", ""),
        ("reject with tcp reset", "drop"),
        (
            "reject with icmpx admin-prohibited",
            "reject with icmpx port-unreachable",
        ),
        ("ip daddr 192.168.15.0/24 accept", ""),
        ("ip daddr 10.0.0.0/8 goto refused", ""),
        ("oifname \"eth0\" accept", "accept"),
        (
            "ip daddr 172.17.0.64/26 goto reach",
            "ip daddr 172.17.0.64/27 goto reach",
        ),
        ("oifname \"docker0\"  goto reach_in_containers", ""),
        ("tcp dport 22-22 accept", "tcp dport 22-23 accept"),
        ("udp dport 123 accept", ""),
        ("tcp dport 80-80 accept", "accept"),
    ] {
        assert!(plain.contains(right), "no {right:?} in\n{plain}");
        let broken = observe(&mut lab, &packets, &plain.replace(right, wrong));
        let noticed = differences(&packets, &expected, &broken);
        assert!(!noticed.is_empty(), "{right:?} is {wrong:?}, and no packet tells");
    }
}

#[test]
fn every_broken_limit_is_noticed() {
    let Some(mut lab) = Lab::new() else { return };
    let limit = |burst: u32| json!({ "rateLimit": "1/week", "rateLimitBurst": burst });
    let profile = json!({
        "host": { "name": "host" },
        "network": { "security": { "firewall-zones": {
            "enable": true,
            "rateLimit": "1/week",
            "rateLimitBurst": 6,
            "zones": {
                "lan": { "interfaces": ["enp3s0"], "allowedServices": ["ssh"], "allowedTCPPorts": ["80-89"] },
                "dmz": {
                    "interfaces": ["eth0"],
                    "rateLimit": "1/week",
                    "rateLimitBurst": 20,
                    "allowedTCPPorts": ["1-1000"],
                    "serviceRateLimits": { "ssh": limit(3), "dns": limit(2), "postgresql": limit(1), "http": limit(9) },
                },
                "trusted": {
                    "interfaces": ["docker0"],
                    "enableRateLimiting": false,
                    "allowAllServices": true,
                    "serviceRateLimits": { "http": limit(3), "grafana": limit(3), "gitea": limit(2) },
                },
            },
        } } },
    });
    let random = RandomHost::of(profile).expect("a good profile");
    let mut packets = Vec::new();
    for (iif, from, to) in [
        ("enp3s0", ["192.168.15.77", "192.168.15.78"], LAN[0]),
        ("enp3s0", ["fd00:15::77", "fd00:15::78"], LAN[1]),
        ("eth0", ["9.9.9.9", "9.9.9.10"], WAN[0]),
        ("eth0", ["2606:4700::1", "2606:4700::2"], WAN[1]),
        ("docker0", ["172.17.0.9", "172.17.0.10"], "172.17.0.1"),
    ] {
        for source in from {
            for port in [22, 80, 81, 3000, 53, 9].repeat(5) {
                packets.push(Packet::new(iif, source, to, PacketKind::tcp(port)));
            }
        }
    }
    agrees(&mut lab, &random.host, &packets, &random.profile.to_string());
    let plain = linear(&random.host).expect("zones");
    let expected = observe(&mut lab, &packets, &plain);
    let admitted = |iif: &str| {
        let seen = packets.iter().zip(&expected);
        seen.filter(|(packet, seen)| packet.iif.as_str() == iif && seen.fate == Fate::Accepted)
            .count()
    };
    // Of each source's first six, three are to open ports (22, 80, 81); an IPv6 /64 is one source.
    assert_eq!(admitted("enp3s0"), 2 * 3 + 3);
    // Of each source's first twenty: three to 22, four to 80, three to 81 and 9, two to 53.
    assert_eq!(admitted("eth0"), 3 * (3 + 4 + 3 + 3 + 2));
    // Three to 80, two to the port of two services, and everything else.
    assert_eq!(admitted("docker0"), 2 * (3 + 2 + 4 * 5));
    for (right, wrong) in [
        ("burst 6 packets", "burst 7 packets"),
        ("burst 20 packets", "burst 19 packets"),
        ("burst 3 packets", "burst 2 packets"),
        ("burst 2 packets", "burst 3 packets"),
        ("goto limit_ssh_in_dmz", "accept"),
        ("ip6 saddr & ffff:ffff:ffff:ffff:: ", "ip6 saddr "),
    ] {
        assert!(plain.contains(right), "no {right:?} in\n{plain}");
        let broken = observe(&mut lab, &packets, &plain.replace(right, wrong));
        let noticed = differences(&packets, &expected, &broken);
        assert!(!noticed.is_empty(), "{right:?} is {wrong:?}, and no packet tells");
    }
}
