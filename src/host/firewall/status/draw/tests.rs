use super::super::seen::{Difference, Drift, DropReason, Fate, Member, OwnHook, Zone};
use super::*;
use crate::host::show::State;

fn counter(packets: u64, bytes: u64) -> Counter {
    Counter { packets, bytes }
}

fn admission(what: &str, name: &str, counter: Counter) -> Admission {
    Admission {
        what: what.to_owned(),
        name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        origin: Some("zones.internal.allowedServices[0]".to_owned()),
        counter,
        known: None,
    }
}

fn seen() -> FirewallStatus {
    let hook = |hook: &str, policy: &str| OwnHook {
        hook: hook.to_owned(),
        priority: 0,
        policy: policy.to_owned(),
    };
    FirewallStatus {
        table: "tailwright".to_owned(),
        state: State::Degraded,
        reasons: vec![
            "the table is not the one of /etc/tailwright/firewall.nft".to_owned(),
            "NixOS's firewall (inet nixos-fw) drops what it does not accept itself: a connection must be let in by both"
                .to_owned(),
        ],
        hooks: vec![hook("input", "drop"), hook("forward", "accept")],
        zones: vec![
            Zone {
                name: "internal".to_owned(),
                members: vec![
                    Member {
                        interface: "tailscale0".to_owned(),
                        source: None,
                    },
                    Member {
                        interface: "enp3s0".to_owned(),
                        source: Some("192.168.15.0/24".to_owned()),
                    },
                ],
                admits: vec![
                    admission("tcp 22", "ssh", counter(1_204, 72_240)),
                    admission("tcp 5432", "postgresql", counter(0, 0)),
                ],
                admitted: counter(1_204, 72_240),
                refused: counter(31, 1_860),
                limited: counter(9, 540),
                known: None,
            },
            Zone {
                name: "wan".to_owned(),
                members: vec![],
                admits: vec![admission("everything", "", counter(1, 5_000_000_000))],
                admitted: counter(1, 5_000_000_000),
                refused: counter(0, 0),
                limited: counter(0, 0),
                known: None,
            },
        ],
        everywhere: vec![admission("WireGuard", "", counter(2, 296))],
        forwarded: vec![admission("192.168.15.0/24", "", counter(7, 420))],
        drops: vec![DropReason {
            reason: "default policy".to_owned(),
            fate: Fate::Dropped,
            origin: None,
            counter: counter(31, 1_860),
        }],
        dropped_sources: vec![Source {
            address: "198.51.100.7".to_owned(),
            last_seen_seconds: Some(4),
            counter: counter(30, 1_800),
        }],
        limited_sources: Vec::new(),
        drift: Drift {
            deployed: "/etc/tailwright/firewall.nft".to_owned(),
            outcome: DriftOutcome::Different,
            trouble: None,
            differences: vec![Difference {
                place: "chain input".to_owned(),
                missing: vec!["goto refused".to_owned()],
                extra: (0..9).map(|port| format!("tcp dport {port} accept")).collect(),
            }],
        },
        others: vec![OtherChain {
            family: "ip".to_owned(),
            table: "filter".to_owned(),
            chain: "INPUT".to_owned(),
            owner: "tailscaled".to_owned(),
            hook: "input".to_owned(),
            priority: 0,
            order: Order::Same,
            policy: "accept".to_owned(),
            effect: "may drop what is admitted here; its accept counts for nothing here".to_owned(),
        }],
    }
}

fn drawn(seen: &FirewallStatus, width: usize) -> String {
    let mut out = Vec::new();
    seen.draw(&Screen::plain(width), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn it_is_drawn_like_this() {
    snapbox::assert_data_eq!(drawn(&seen(), 80), snapbox::file!["seen.txt"].raw());
}

#[test]
fn it_fits_into_every_width() {
    for width in [60, 80, 120] {
        for line in drawn(&seen(), width).lines() {
            assert!(Cell::new(line).width() <= width, "{width}: {line}");
            assert!(!line.ends_with(' '), "{line:?}");
        }
    }
}

#[test]
fn bytes_have_units() {
    for (number, shown) in [
        (0, "0 B"),
        (1_023, "1023 B"),
        (1_024, "1.0 KiB"),
        (1_536, "1.5 KiB"),
        (1_048_575, "1023.9 KiB"),
        (u64::MAX, "15.9 EiB"),
    ] {
        assert_eq!(bytes(number), shown);
    }
}

#[test]
fn what_others_wrote_cannot_act_on_the_terminal() {
    let mut seen = seen();
    let evil = "\u{1b}[2J\n".to_owned();
    seen.reasons.push(evil.clone());
    seen.zones[0].name.clone_from(&evil);
    seen.zones[0].admits[0].what.clone_from(&evil);
    seen.drops[0].reason.clone_from(&evil);
    seen.drift.differences[0].extra[0].clone_from(&evil);
    seen.drift.differences[0].place.clone_from(&evil);
    seen.others[0].table.clone_from(&evil);
    seen.others[0].effect = evil;
    assert!(!drawn(&seen, 80).contains('\u{1b}'));
}

#[test]
fn where_all_packets_are_counted_those_that_begin_connections_have_their_column() {
    let mut seen = seen();
    let zone = &mut seen.zones[0];
    zone.admits[0].known = Some(counter(50_000, 40_000_000));
    zone.admits[1].known = Some(counter(0, 0));
    zone.known = Some(counter(50_100, 40_100_000));
    let drawn = drawn(&seen, 100);
    let line = |start: &str| -> Vec<&str> {
        let mut lines = drawn.lines().map(str::trim_start);
        let line = lines.find(|line| line.starts_with(start));
        line.unwrap_or_else(|| panic!("{drawn}")).split_whitespace().collect()
    };
    assert!(line("zone ").ends_with(&["begun", "packets", "bytes"]));
    assert_eq!(line("tcp 22"), ["tcp", "22", "ssh", "1204", "51204", "38.2", "MiB"]);
    assert_eq!(line("answers"), ["answers", "100", "97.6", "KiB"]);
    assert_eq!(line("refused"), ["refused", "31", "1.8", "KiB"]);
}
