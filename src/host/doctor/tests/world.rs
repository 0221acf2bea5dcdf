//! A machine as it should be, and ways in which it is not.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::host::doctor::facts::*;
use crate::host::firewall::moment::WallTime;
use crate::host::show::State;
use crate::host::tailnet::{Peers, RegionAnswers, RelayAnswers, StatusFacts, judge};
use crate::model::MonitorSettings;

/// 2026-11-20T04:05:00Z, when the captures were taken.
pub(super) const NOW: WallTime = WallTime::from_unix(1_795_147_500);
pub(super) const DAY: u64 = 86_400;

pub(super) fn settings() -> MonitorSettings {
    let written = json!({
        "version": 1, "host": "alpha", "interface": "tailscale0",
        "checkInterval": "30s", "checkTimeout": "5s", "maxLatency": "200ms", "maxPacketLoss": 5,
        "failureThreshold": 3, "recoveryThreshold": 5, "autoFailover": true,
        "failover": {
            "actions": ["exit-node"], "holdDown": "5m", "maxHoldDown": "1h", "minDwell": "1m", "moveWindow": "2m",
            "restartInterval": "1h", "restartsPerDay": 3, "dryRun": false, "restoreOnStop": true,
        },
        "acceptRoutes": false, "exitNodeLanAccess": false, "exitNodes": [],
        "management": [
            {"via": "tailscale0", "transport": "tcp", "ports": 22},
            {"via": "enp3s0", "transport": "tcp", "ports": 22},
        ],
        "expected": {
            "zones": true,
            "listens": [80, 443],
            "services": {"ollama": {"at": {"host": "127.0.0.1", "port": 11434}, "path": "/api/version"}},
            "secrets": [{"path": "/run/secrets/tailscale-authkey", "mode": "0400", "owner": "root"}],
        },
    });
    serde_json::from_value(written).unwrap()
}

pub(super) fn captured(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A world, out of which the facts are made.
pub(super) struct World {
    pub(super) status: Value,
    pub(super) prefs: Value,
    pub(super) facts: Facts,
}

/// Everything as it should be.
#[allow(clippy::too_many_lines, reason = "a whole machine")]
pub(super) fn good() -> World {
    let status = captured(include_str!(
        "../../../../tests/fixtures/localapi/07-status-running.json"
    ));
    let prefs = captured(include_str!(
        "../../../../tests/fixtures/localapi/09-prefs-running.json"
    ));
    let mut answer = serde_json::from_value(status.clone()).unwrap();
    let tailscaled = StatusFacts {
        daemon: None,
        peers: Peers::out_of(&mut answer),
        status: Ok(answer),
        prefs: Some(serde_json::from_value(prefs.clone()).unwrap()),
        forwarding: None,
        ssh_listener: Some(true),
        certificates: Vec::new(),
    };
    let own: IpAddr = "100.64.0.4".parse().unwrap();
    let relay = |code: &str, answers: bool| RegionAnswers {
        code: code.to_owned(),
        name: code.to_owned(),
        round_trips: vec![answers.then_some(4_500); 4],
    };
    let seen: SocketAddr = "203.0.113.9:41641".parse().unwrap();
    let mapped = ["198.51.100.1:3478", "198.51.100.2:3478"].map(|relay| (relay.parse().unwrap(), seen));
    let rule = |family, preference, text: &str| (family, preference, text.to_owned());
    let mut rules = vec![rule(Family::V4, 0, "from all lookup local")];
    for family in [Family::V4, Family::V6] {
        rules.extend([
            rule(family, 5_210, "from all fwmark 0x80000/0xff0000 lookup main"),
            rule(family, 5_230, "from all fwmark 0x80000/0xff0000 lookup default"),
            rule(family, 5_250, "from all fwmark 0x80000/0xff0000 unreachable"),
            rule(family, 5_270, "from all lookup 52"),
        ]);
    }
    let unit = |name: &str| {
        let unit = Unit {
            is_there: true,
            active: "active".to_owned(),
            ..Unit::default()
        };
        (name.to_owned(), unit)
    };
    let facts = Facts {
        now: NOW,
        is_root: true,
        settings: Ok(Some(settings())),
        node: judge::judge(&tailscaled, NOW),
        tailscaled,
        udp_gro: Ok(None),
        exit_node_answers: Ok(None),
        relays: Ok(RelayAnswers {
            regions: vec![relay("lab", true), relay("lab2", true)],
            own: Vec::new(),
            mapped: mapped.into(),
        }),
        home_relay: Ok(HomeRelay {
            host: "derp2.lab".to_owned(),
            connects: true,
            time: Some(NOW.unix() - 1),
        }),
        names: Names {
            resolver: Ok(Resolver {
                owner: Some("systemd-resolved"),
                servers: vec!["127.0.0.53".parse().unwrap()],
                search: vec!["lab-tailnet.ts.net".to_owned()],
            }),
            by_tailscaled: Ok(Lookup::Found(vec![own])),
            by_resolver: Ok(Lookup::Found(vec![own])),
        },
        kernel: Kernel {
            has_tun: true,
            interface: ("tailscale0".to_owned(), Some(1_280)),
            uplink: Some("enp3s0".to_owned()),
            reverse_path: Some(2),
            marks_count: false,
            rules: Some(rules),
            table_52: Some((4, false)),
        },
        firewall: Ok((State::Good, Vec::new())),
        units: Ok(Units {
            failed: Vec::new(),
            units: [
                "tailscaled.service",
                "nginx.service",
                "tailwright-monitor.service",
                "sops-install-secrets.service",
            ]
            .map(unit)
            .into(),
        }),
        nginx: Ok(Nginx {
            refused: None,
            command: "sudo tsctl nginx test".to_owned(),
            certificates: BTreeMap::from([(PathBuf::from("/var/lib/a/node.crt"), Ok(NOW.unix() + 61 * DAY))]),
        }),
        services: BTreeMap::from([("ollama".to_owned(), Ok(service(Ok(Some(200)))))]),
        ssh: Ok(Some("SSH-2.0-OpenSSH_9.9".to_owned())),
        listens: Ok(BTreeSet::from([22, 80, 443])),
        clock: Ok(Clock {
            is_synchronised: true,
            is_kept: true,
        }),
        monitor: Ok(Some(report(json!({})))),
        secrets: BTreeMap::from([(
            PathBuf::from("/run/secrets/tailscale-authkey"),
            Ok(Some(File {
                mode: 0o400,
                owner: (0, Some("root".to_owned())),
                is_empty: false,
            })),
        )]),
        disks: BTreeMap::from([(
            PathBuf::from("/var/lib/tailscale"),
            Disk {
                free: 41_000_000_000,
                size: 100_000_000_000,
                free_files_percent: 90,
            },
        )]),
    };
    World { status, prefs, facts }
}

/// The report of a monitor, with these fields instead of the usual ones.
#[allow(clippy::needless_pass_by_value, reason = "made for one call")]
pub(super) fn report(changes: Value) -> crate::monitor::Report {
    let mut report = json!({
        "at": 1_795_147_500_000_u64, "since": 1_795_147_400_000_u64, "host": "alpha", "mode": "act",
        "checkInterval": "30s",
        "subjects": [{
            "subject": "exit-node", "phase": "home", "standing": {"exit-node": "off"}, "since": 1_795_147_400_000_u64,
        }],
    });
    for (name, value) in changes.as_object().unwrap() {
        report[name] = value.clone();
    }
    serde_json::from_value(report).unwrap()
}

/// Everything as it should be, but for a change.
pub(super) fn but(change: impl FnOnce(&mut World)) -> Facts {
    let mut world = good();
    change(&mut world);
    let mut facts = world.facts;
    if facts.tailscaled.status.is_ok() {
        let mut answer = serde_json::from_value(world.status).unwrap();
        facts.tailscaled.peers = Peers::out_of(&mut answer);
        facts.tailscaled.status = Ok(answer);
        facts.tailscaled.prefs = Some(serde_json::from_value(world.prefs).unwrap());
    }
    facts.node = judge::judge(&facts.tailscaled, NOW);
    facts
}

pub(super) fn silence(world: &mut World) {
    let relays = world.facts.relays.as_mut().unwrap();
    relays.mapped.clear();
    for region in &mut relays.regions {
        region.round_trips.fill(None);
    }
}

pub(super) fn each_peer(world: &mut World, change: fn(&mut Value)) {
    let peers = world.status["Peer"].as_object_mut().unwrap();
    // One that packets go to.
    for peer in peers.values_mut() {
        peer["Active"] = (peer["HostName"] == "beta").into();
        change(peer);
    }
}

pub(super) fn uses_gamma(world: &mut World) {
    world.status = captured(include_str!(
        "../../../../tests/fixtures/localapi/23-status-exit-node.json"
    ));
    world.prefs["ExitNodeID"] = "TESTCTRL00000002".into();
    world.facts.exit_node_answers = Ok(Some(true));
}

pub(super) fn offers(world: &mut World) {
    world.prefs["AdvertiseRoutes"] = json!(["192.168.10.0/24"]);
}

#[allow(clippy::needless_pass_by_value, reason = "made for one call")]
pub(super) fn expect(world: &mut World, expected: Value) {
    let settings = world.facts.settings.as_mut().unwrap().as_mut().unwrap();
    settings.expected = serde_json::from_value(expected).unwrap();
}

pub(super) fn unit<'a>(world: &'a mut World, name: &str) -> &'a mut Unit {
    world.facts.units.as_mut().unwrap().units.get_mut(name).unwrap()
}

pub(super) fn tell_tailscaled(world: &mut World, mode: &str) {
    let environment = &mut unit(world, "tailscaled.service").environment;
    environment.insert("TS_DEBUG_FIREWALL_MODE".to_owned(), mode.to_owned());
}

/// A service behind nginx that answers so.
pub(super) fn service(answer: Result<Option<u16>, &str>) -> Service {
    Service {
        at: "127.0.0.1:11434".to_owned(),
        answer: answer.map_err(str::to_owned),
        command: "sudo ss -ltnp 'sport = :11434'".to_owned(),
    }
}

pub(super) fn answers(world: &mut World, answer: Known<Service>) {
    world.facts.services.insert("ollama".to_owned(), answer);
}

pub(super) fn ends_in(world: &mut World, end: Known<u64>) {
    let file = PathBuf::from("/var/lib/acme/a.example/cert.pem");
    world.facts.nginx.as_mut().unwrap().certificates.insert(file, end);
}

#[allow(clippy::unnecessary_wraps, reason = "as it is looked at")]
pub(super) fn file(mode: u32, owner: &str, is_empty: bool) -> Known<Option<File>> {
    Ok(Some(File {
        mode,
        owner: (0, Some(owner.to_owned())),
        is_empty,
    }))
}

pub(super) fn secret(world: &mut World, is: Known<Option<File>>) {
    *world.facts.secrets.values_mut().next().unwrap() = is;
}
