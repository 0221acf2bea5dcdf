//! Packets that carry a mark, as tailscaled's own do: the kernel and `firewall trace --mark` agree about them.

use serde_json::json;
use tailwright::firewall;
use tailwright::firewall::trace::{Packet as Asked, Payload};

use super::LAN;
use crate::support::packets::evaluated::Evaluated;
use crate::support::packets::hosts::RandomHost;
use crate::support::packets::{Fate, Hook, Judgement, Lab, Packet, PacketKind};

/// Gives packets of the host to these ports a mark before the zones are asked, as `SO_MARK` does where they are sent.
const MARKING: &str = "
table inet marking {
  chain output {
    type filter hook output priority -190; policy accept;
    udp dport 1001 meta mark set 0x00080000
    udp dport 1002 meta mark set 0xff08ffff
    udp dport 1003 meta mark set 0x00040000
    udp dport 1004 meta mark set 0x000c0000
  }
}
";

/// The marks that the ports above stand for; without one, 0.
fn mark(packet: Asked, port: u16) -> Asked {
    let mark = match port {
        1001 => 0x0008_0000,
        1002 => 0xff08_ffff,
        1003 => 0x0004_0000,
        1004 => 0x000c_0000,
        _ => 0,
    };
    Asked { mark, ..packet }
}

#[test]
fn a_mark_counts_as_the_kernel_compares_it() {
    let Some(mut lab) = Lab::new() else { return };
    let profile = json!({
        "host": { "name": "host" },
        "network": {
            "vpn": { "tailscale": { "enable": true } },
            "security": { "firewall-zones": { "enable": true, "zones": {
                "lan": { "interfaces": ["enp3s0"], "allowedEgressTCPPorts": [80] },
            } } },
        },
    });
    let random = RandomHost::of(profile).expect("a good profile");
    let ruleset = firewall::compile(&random.host).expect("zones");
    lab.load(&format!("{ruleset}{MARKING}")).expect("legal");
    let neighbours = ["192.168.15.77", "fd00:15::77"];
    let mut fates = Vec::new();
    for port in 1000..=1004 {
        for (from, to) in LAN.into_iter().zip(neighbours) {
            let packet = Packet::new("lo", from, to, PacketKind::udp(port));
            let seen = lab.observe(std::slice::from_ref(&packet)).remove(0);
            let bent = |asked: Asked| match asked.payload {
                Payload::Ports {
                    destination: Some(port),
                    ..
                } => mark(asked, port),
                _ => asked,
            };
            let judgement = Evaluated::bent(&ruleset, bent).judge(&packet, &seen);
            assert_eq!(judgement, Judgement::Agree, "{packet:?}: {}", seen.fate);
            fates.push(seen.fate);
        }
    }
    // Both happen: who goes past the tunnel goes out, with whatever bits of others; who only nearly does, not.
    let sent = || Fate::Sent {
        oif: "enp3s0".to_owned(),
    };
    let kept = || Fate::Dropped(Hook::Output);
    let expected = [kept(), sent(), sent(), kept(), kept()];
    assert_eq!(
        fates,
        expected
            .into_iter()
            .flat_map(|fate| [fate.clone(), fate])
            .collect::<Vec<_>>()
    );
    // An evaluator that knows nothing of marks is found out.
    let packet = Packet::new("lo", LAN[0], neighbours[0], PacketKind::udp(1001));
    let seen = lab.observe(std::slice::from_ref(&packet)).remove(0);
    let judgement = Evaluated::new(&ruleset).judge(&packet, &seen);
    assert!(matches!(judgement, Judgement::Differ(_)), "{judgement:?}");
}
