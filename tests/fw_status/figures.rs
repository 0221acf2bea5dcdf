//! Who is in which zone, what each admits, and what has come.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use super::world::{World, profile};
use crate::examples::examples;
use crate::firewall::ruleset;
use crate::support::probe::Listener;
use crate::support::rendered::Rendered;

/// The object of a list that has this value.
fn find<'a>(list: &'a Value, field: &str, value: &str) -> &'a Value {
    let all = list.as_array().expect("a list");
    all.iter()
        .find(|item| item[field] == value)
        .unwrap_or_else(|| panic!("{field} {value}: {list}"))
}

#[test]
fn packets_are_where_they_were_counted() {
    let Some(world) = World::new() else { return };
    world.deploy(&ruleset(&profile()).to_string());
    let (before, status) = world.seen();
    assert_eq!((status, &before["state"]), (0, &json!("good")), "{before}");
    assert_eq!(before["reasons"], json!([]));
    assert_eq!(before["drift"]["outcome"], "same", "{before}");
    let names: Vec<_> = before["zones"]
        .as_array()
        .unwrap()
        .iter()
        .map(|zone| &zone["name"])
        .collect();
    assert_eq!(names, ["admin", "bridges", "internal"]);
    let members = |zone: &str| find(&before["zones"], "name", zone)["members"].clone();
    assert_eq!(members("internal"), json!([{ "interface": "lan0" }]));
    assert_eq!(
        members("admin"),
        json!([{ "interface": "lan0", "source": "192.0.2.128/25" }])
    );
    assert_eq!(
        members("bridges"),
        json!([{ "interface": "docker0" }, { "interface": "br-*" }])
    );
    assert_eq!(before["droppedSources"], json!([]));

    // Three connections to ssh, one to a range of ports, two datagrams admitted, seven refused.
    world.send(
        "for i in 1 2 3; do (exec 3<>/dev/tcp/192.0.2.1/22) 2>/dev/null; done; (exec 3<>/dev/tcp/192.0.2.1/8005)",
    );
    world.send("for i in 1 2; do echo hello >/dev/udp/192.0.2.1/9000; sleep 0.1; done");
    world.send("for i in 1 2 3 4 5 6 7; do echo 12345678 >/dev/udp/192.0.2.1/$((100 + i)); done");
    std::thread::sleep(Duration::from_millis(300));
    let (seen, status) = world.seen();
    assert_eq!(status, 0, "{seen}");
    let internal = find(&seen["zones"], "name", "internal");
    let admits = &internal["admits"];
    let ssh = find(admits, "what", "tcp 22");
    assert_eq!((&ssh["packets"], &ssh["name"]), (&json!(3), &json!("ssh")), "{seen}");
    assert_eq!(ssh["origin"], "zones.internal.allowedServices[0]");
    assert_eq!(find(admits, "what", "tcp 8000-8010")["packets"], 1);
    let datagrams = find(admits, "what", "udp 9000");
    assert_eq!(
        (&datagrams["packets"], &datagrams["bytes"]),
        (&json!(2), &json!(2 * (20 + 8 + 6)))
    );
    assert_eq!(internal["admitted"]["packets"], 6);
    assert_eq!(internal["refused"], json!({ "packets": 7, "bytes": 7 * (20 + 8 + 9) }));
    let policy = find(&seen["drops"], "reason", "default policy");
    assert_eq!((&policy["packets"], &policy["fate"]), (&json!(7), &json!("dropped")));
    let source = find(&seen["droppedSources"], "address", "192.0.2.2");
    assert_eq!((&source["packets"], &source["bytes"]), (&json!(7), &json!(259)));
    assert!(source["lastSeenSeconds"].as_u64().unwrap() <= 5, "{source}");
    assert_eq!(seen["limitedSources"], json!([]));

    // Another address of the neighbour is in another zone.
    world.far.ip(&["addr", "add", "192.0.2.200/24", "dev", "lan0"]);
    world
        .far
        .ip(&["route", "add", "192.0.2.1/32", "dev", "lan0", "src", "192.0.2.200"]);
    world.send("echo hello >/dev/udp/192.0.2.1/7");
    std::thread::sleep(Duration::from_millis(200));
    let (seen, _) = world.seen();
    let admin = find(&seen["zones"], "name", "admin");
    assert_eq!(find(&admin["admits"], "what", "everything")["packets"], 1, "{seen}");
}

#[test]
fn packets_of_known_connections_are_counted_where_asked() {
    let Some(world) = World::new() else { return };
    let mut profile = profile();
    profile["network"]["security"]["firewall-zones"]["accounting"] = json!(true);
    world.deploy(&ruleset(&profile).to_string());
    let _listener = Listener::new(&world.host, &[22, 8005]);
    world.send("exec 3<>/dev/tcp/192.0.2.1/22; printf 1234567890 >&3; sleep 0.2; printf 12345 >&3; sleep 0.2");
    world.send("exec 3<>/dev/tcp/192.0.2.1/8005; printf 1 >&3; sleep 0.2");
    // The host asks, and is answered that nobody listens.
    let _ = world.host.run("/bin/bash", &["-c", "exec 3<>/dev/tcp/192.0.2.2/9"]);
    let (seen, status) = world.seen();
    assert_eq!((status, &seen["forwarded"]), (0, &json!([])), "{seen}");
    let internal = find(&seen["zones"], "name", "internal");
    let known = |of: &Value| {
        let figure = |name: &str| of["known"][name].as_u64().unwrap_or_else(|| panic!("{seen}"));
        (figure("packets"), figure("bytes"))
    };
    let admission = |what| find(&internal["admits"], "what", what);
    assert_eq!(admission("tcp 22")["packets"], 1, "the connection was begun once");
    let (ssh, range, all) = (
        known(admission("tcp 22")),
        known(admission("tcp 8000-8010")),
        known(internal),
    );
    // The handshake's last, two segments with 15 bytes in all, and the end; each has headers of 52 bytes.
    assert!(ssh.0 >= 4 && ssh.1 == ssh.0 * 52 + 15, "{ssh:?}: {seen}");
    assert!(range.0 >= 3 && range.1 == range.0 * 52 + 1, "{range:?}: {seen}");
    assert_eq!(known(admission("udp 9000")), (0, 0));
    assert_eq!(all.0, ssh.0 + range.0 + 1, "and the answer to the host: {seen}");
    assert_eq!(known(find(&seen["zones"], "name", "admin")), (0, 0));
    // Without being asked, nothing of the kind.
    world.deploy(&ruleset(&super::world::profile()).to_string());
    let (seen, _) = world.seen();
    assert_eq!(find(&seen["zones"], "name", "internal")["known"], Value::Null, "{seen}");
}

#[test]
fn sources_over_the_limit_are_named() {
    let Some(world) = World::new() else { return };
    world.deploy(&ruleset(&profile()).to_string());
    world.send("for i in $(seq 200); do echo x >/dev/udp/192.0.2.1/9000; done");
    std::thread::sleep(Duration::from_millis(300));
    let (seen, _) = world.seen();
    let limited = find(&seen["limitedSources"], "address", "192.0.2.2");
    let over = limited["packets"].as_u64().unwrap();
    let reason = find(&seen["drops"], "reason", "new connections of one source");
    assert_eq!(
        (&reason["packets"], &reason["fate"]),
        (&json!(over), &json!("limited")),
        "{seen}"
    );
    assert_eq!(reason["origin"], "rateLimit");
    let admitted = &find(&find(&seen["zones"], "name", "internal")["admits"], "what", "udp 9000")["packets"];
    assert_eq!(admitted.as_u64().unwrap() + over, 200, "{seen}");
    assert!(over > 0, "{seen}");
    assert_eq!(seen["droppedSources"], json!([]), "those are counted apart");
}

#[test]
fn forged_and_unanswerable_sources_are_reasons_of_their_own() {
    let Some(world) = World::new() else { return };
    world.deploy(&ruleset(&profile()).to_string());
    world.far.ip(&["addr", "add", "100.64.0.9/32", "dev", "lan0"]);
    world
        .far
        .ip(&["route", "add", "192.0.2.1/32", "dev", "lan0", "src", "100.64.0.9"]);
    world.send("for i in 1 2 3; do echo x >/dev/udp/192.0.2.1/9000; done");
    std::thread::sleep(Duration::from_millis(200));
    let (seen, _) = world.seen();
    assert_eq!(find(&seen["drops"], "reason", "spoofed")["packets"], 3, "{seen}");
}

/// The zones of every example, with their interfaces and sources, are those of its profile.
#[test]
fn the_zones_are_those_of_the_profile() {
    let Some(world) = World::new() else { return };
    let mut count = 0;
    for example in examples() {
        let rendered = Rendered::of_file(&example).unwrap_or_else(|report| panic!("{report}"));
        for (name, host) in &rendered.fleet.hosts {
            let (Some(zones), Some(ruleset)) = (&host.zones, tailwright::firewall::compile(host)) else {
                continue;
            };
            let at = format!("{} {name}", example.display());
            world.deploy(&ruleset.to_string());
            let (seen, status) = world.seen();
            assert_eq!(status, 0, "{at}: {seen}");
            let expected: BTreeMap<String, BTreeSet<String>> = zones
                .zones
                .values()
                .filter(|zone| !zone.members.is_empty())
                .map(|zone| {
                    (
                        zone.name.to_string(),
                        zone.members.iter().map(|member| member.interface.to_string()).collect(),
                    )
                })
                .collect();
            let interface = |member: &Value| member["interface"].as_str().unwrap().to_owned();
            let found: BTreeMap<String, BTreeSet<String>> = seen["zones"]
                .as_array()
                .unwrap()
                .iter()
                .map(|zone| {
                    let members = zone["members"].as_array().unwrap().iter().map(interface);
                    (zone["name"].as_str().unwrap().to_owned(), members.collect())
                })
                .collect();
            assert_eq!(found, expected, "{at}: {seen}");
            for zone in zones
                .zones
                .values()
                .filter(|zone| !zone.allow_all && !zone.members.is_empty())
            {
                let admits = &find(&seen["zones"], "name", zone.name.as_str())["admits"];
                let names: BTreeSet<&str> = admits
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(|one| one["name"].as_str())
                    .collect();
                for service in zone
                    .services
                    .iter()
                    .filter(|service| host.resolve_service(&service.name).is_some())
                {
                    let is_told = names
                        .iter()
                        .any(|name| name.split(", ").any(|name| name == service.name.as_str()));
                    assert!(is_told, "{at} {} {}: {admits}", zone.name, service.name);
                }
            }
            count += 1;
        }
    }
    assert!(count >= 6, "{count} hosts have zones");
}

/// A zone's own limit and those of its services are the zone's; what a zone with a log of its own refuses is refused, too.
#[test]
fn what_goes_over_the_limit_of_a_zone_or_a_service_is_the_zones() {
    let Some(world) = World::new() else { return };
    let mut profile = profile();
    let zone = &mut profile["network"]["security"]["firewall-zones"]["zones"]["internal"];
    zone["rateLimit"] = "1/minute".into();
    zone["rateLimitBurst"] = 60.into();
    zone["enableLogging"] = true.into();
    zone["serviceRateLimits"] = json!({ "ssh": { "rateLimit": "1/minute", "rateLimitBurst": 2 } });
    world.deploy(&ruleset(&profile).to_string());
    // Five for ssh, of which two are within its limit; then more than the zone has left.
    world.send("for i in 1 2 3 4 5; do timeout 0.2 bash -c 'exec 3<>/dev/tcp/192.0.2.1/22'; done 2>/dev/null");
    world.send("for i in $(seq 100); do echo x >/dev/udp/192.0.2.1/77; done");
    std::thread::sleep(Duration::from_millis(200));
    let (seen, status) = world.seen();
    assert_eq!(status, 0, "{seen}");
    let zone = find(&seen["zones"], "name", "internal");
    assert_eq!(find(&zone["admits"], "what", "tcp 22")["packets"], 5, "{seen}");
    assert_eq!(zone["admitted"]["packets"], 2);
    assert_eq!(
        (&zone["refused"]["packets"], &zone["limited"]["packets"]),
        (&json!(55), &json!(48)),
        "{seen}"
    );
}
