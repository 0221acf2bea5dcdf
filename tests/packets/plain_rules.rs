//! The compiled zones and plain rules, one for each thing that a profile says, do the same with packets.

use serde_json::json;

use super::{STRANGER, agrees};
use crate::support::packets::hosts::RandomHost;
use crate::support::packets::{Fate, Hook, Lab, Packet, PacketKind, Packets};
use crate::support::rendered::Rendered;

#[test]
fn a_pattern_stays_behind_the_names_of_others() {
    let Some(mut lab) = Lab::new() else { return };
    let profile = json!({
        "host": { "name": "host" },
        "network": { "security": { "firewall-zones": { "enable": true, "enableRateLimiting": false, "zones": {
            "narrow": { "interfaces": ["eth0.10"], "forwardedTCPPorts": [80] },
            "closed": { "interfaces": ["eth0"], "denyInterzone": true },
            "open": { "interfaces": ["eth*"] },
        } } } },
    });
    let random = RandomHost::of(profile).expect("a good profile");
    let packets = [
        Packet::new("eth0.10", "10.10.0.7", STRANGER[0], PacketKind::tcp(80)),
        Packet::new("eth0", STRANGER[0], "10.10.0.7", PacketKind::tcp(80)),
    ];
    agrees(&mut lab, &random.host, &packets, &random.profile.to_string());
    assert_eq!(
        lab.send(&packets),
        [Fate::Dropped(Hook::Forward), Fate::Dropped(Hook::Forward)]
    );
}

#[test]
fn the_examples_do_what_plain_rules_do() {
    let Some(mut lab) = Lab::new() else { return };
    let mut hosts = 0;
    for path in crate::examples::examples() {
        let rendered = Rendered::of_file(&path).unwrap_or_else(|report| panic!("{report}"));
        for host in rendered.fleet.hosts.into_values().filter(|host| host.zones.is_some()) {
            let packets: Vec<Packet> = Packets::new(&host, 1).take(400).collect();
            agrees(&mut lab, &host, &packets, &path.display().to_string());
            hosts += 1;
        }
    }
    assert!(hosts >= 5, "the examples have firewalls");
}
