//! The zone firewall on a real kernel: every ruleset is loaded by nft in a network namespace of its own, read back, and met
//! by real packets.

mod closed;
mod differences;
mod naive;
mod packets;
mod profiles;
mod read_back;
mod switch;
mod world;

use std::net::IpAddr;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tailwright::firewall::exposure::End;
use tailwright::firewall::{self, Ruleset};
use tailwright::model::Host;
use tailwright::net::{InterfaceName, Port, Transport};
use tailwright::profile::{Notation, load};

use crate::support::netns::Netns;
use crate::support::{scratch::Scratch, tool};

/// The host of a profile given as data. It need not pass the checks: every host of the model has a ruleset.
pub fn host(profile: &Value) -> Host {
    let text = profile.to_string();
    let read = load("host.json", text.as_bytes(), Some(Notation::Json), &mut |_| {
        Err("no other file".to_owned())
    });
    let fleet = read.fleet.unwrap_or_else(|| panic!("{:?}\n{text}", read.findings));
    let mut hosts = fleet.hosts.into_values();
    hosts.next().unwrap_or_else(|| panic!("{:?}\n{text}", read.findings))
}

pub fn ruleset(profile: &Value) -> Ruleset {
    firewall::compile(&host(profile)).unwrap_or_else(|| panic!("no zones: {profile}"))
}

/// Loads the rulesets one after the other in `namespace` and returns how `nft -j` lists the table each time. Each
/// replaces the one before, as a reload does.
fn load_all(namespace: &Netns, rulesets: &[Ruleset]) -> Vec<Result<Value, String>> {
    let nft = tool::part("nft").unwrap();
    let scratch = Scratch::new();
    for (number, ruleset) in rulesets.iter().enumerate() {
        scratch.write(format!("{number}.nft"), ruleset.to_string());
    }
    // One shell for all of them: entering a namespace costs more than loading a table.
    let script = "nft=$1; cd \"$2\"; i=0; while [ -e $i.nft ]; do \
         \"$nft\" -f $i.nft >$i.said 2>&1 && \"$nft\" -j list table inet tailwright >$i.json 2>>$i.said || echo >>$i.said; \
         i=$((i+1)); done";
    let folder = scratch.path().to_string_lossy();
    namespace.must("/bin/sh", &["-c", script, "sh", &nft.to_string_lossy(), &folder]);
    (0..rulesets.len())
        .map(|number| {
            let said = std::fs::read_to_string(scratch.path().join(format!("{number}.said"))).unwrap();
            if !said.is_empty() {
                return Err(said);
            }
            let listed = std::fs::read(scratch.path().join(format!("{number}.json"))).unwrap();
            Ok(serde_json::from_slice(&listed).unwrap())
        })
        .collect()
}

/// Loads the rulesets of all profiles and compares each with what the kernel then has.
fn kernel_agrees(profiles: &[Value]) {
    let Some(namespace) = Netns::new() else { return };
    let rulesets: Vec<_> = profiles.iter().map(ruleset).collect();
    let listed = load_all(&namespace, &rulesets);
    for ((profile, ruleset), listed) in profiles.iter().zip(&rulesets).zip(listed) {
        let listed = listed.unwrap_or_else(|said| panic!("{said}\n{ruleset}\n{profile}"));
        let expected = read_back::of_ruleset(ruleset);
        let found = read_back::of_listing(&listed);
        assert_eq!(found, expected, "{ruleset}\n{profile}");
    }
}

#[test]
fn random_zones_load_and_read_back() {
    let mut runner = TestRunner::default();
    let strategy = profiles::profile();
    let profiles: Vec<Value> = (0..100)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect();
    kernel_agrees(&profiles);
}

/// Interfaces, addresses and ports that the random profiles speak of, and some that they do not.
fn packets() -> impl Strategy<Value = (InterfaceName, IpAddr, InterfaceName, IpAddr, Transport, Port)> {
    let interface = || {
        select(vec![
            "eth0",
            "eth1",
            "wan0",
            "docker0",
            "br-lan",
            "br-7f3a",
            "vlan.10",
            "tailscale0",
            "wg0",
            "zz0",
        ])
        .prop_map(|name| name.parse().unwrap())
    };
    let address = || {
        let near = select(vec![
            "10.1.2.3",
            "10.1.2.4",
            "10.1.9.9",
            "10.9.9.9",
            "192.168.15.2",
            "192.168.15.255",
            "172.17.0.2",
            "172.18.0.1",
            "100.64.0.7",
            "100.127.255.255",
            "100.128.0.0",
            "203.0.113.9",
            "198.51.100.7",
            "198.18.0.1",
            "224.0.0.1",
            "9.9.9.9",
            "fd00::1",
            "fd00:15::1",
            "fd00:15:0:1::1",
            "fd7a:115c:a1e0::5",
            "2001:db8::1",
            "2606:4700::1",
            "fe80::1",
            "ff02::1",
            "::1",
        ]);
        near.prop_map(|address| address.parse().unwrap())
    };
    let transport = select(vec![Transport::Tcp, Transport::Udp]);
    let port = prop_oneof![select(vec![22u16, 53, 80, 443, 5353, 5432, 11434, 41641]), 1u16..=65535,];
    let port = port.prop_map(|port| Port::new(port).unwrap());
    (interface(), address(), interface(), address(), transport, port)
}

#[test]
fn the_exposure_is_what_the_zones_say_taken_literally() {
    let mut runner = TestRunner::default();
    let mut outcomes = [0; 4];
    for _ in 0..100 {
        let profile = profiles::profile().new_tree(&mut runner).unwrap().current();
        let host = host(&profile);
        let exposure = firewall::exposure(&host).unwrap();
        for _ in 0..200 {
            let (iif, source, oif, target, transport, port) = packets().new_tree(&mut runner).unwrap().current();
            let (from, to) = (
                End {
                    interface: &iif,
                    address: source,
                },
                End {
                    interface: &oif,
                    address: target,
                },
            );
            let expected = naive::admits(&host, from, transport, port);
            let found = exposure.admits(from, transport, port);
            assert_eq!(
                found.is_some(),
                expected,
                "{from:?} {transport} {port}\n{found:?}\n{}\n{profile}",
                ruleset(&profile)
            );
            outcomes[usize::from(expected)] += 1;
            if exposure.forwarded.is_empty() {
                continue;
            }
            let expected = naive::passes(&host, from, to, transport, port);
            let found = exposure.passes(from, to, transport, port);
            assert_eq!(
                found.is_some(),
                expected,
                "{from:?} {to:?} {transport} {port}\n{found:?}\n{}\n{profile}",
                ruleset(&profile)
            );
            outcomes[2 + usize::from(expected)] += 1;
        }
    }
    assert!(
        outcomes.iter().all(|count| *count > 1000),
        "both answers, many times: {outcomes:?}"
    );
}

#[test]
fn every_example_loads_and_reads_back() {
    let Some(namespace) = Netns::new() else { return };
    let rulesets: Vec<_> = crate::examples::examples()
        .into_iter()
        .flat_map(|path| {
            let rendered = crate::support::rendered::Rendered::of_file(&path);
            let fleet = rendered.unwrap_or_else(|report| panic!("{report}")).fleet;
            fleet.hosts.into_values().collect::<Vec<_>>()
        })
        .filter_map(|host| firewall::compile(&host))
        .collect();
    assert!(rulesets.len() >= 5, "the examples have firewalls");
    for (ruleset, listed) in rulesets.iter().zip(load_all(&namespace, &rulesets)) {
        let listed = listed.unwrap_or_else(|said| panic!("{said}\n{ruleset}"));
        assert_eq!(
            read_back::of_listing(&listed),
            read_back::of_ruleset(ruleset),
            "{ruleset}"
        );
    }
}

#[test]
fn the_zones_of_the_guide_are_these_rules() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let block = std::fs::read(tests.join("guide/firewall-zones.nix")).unwrap();
    let read = load("host.nix", &block, None, &mut |_| Err("no other file".to_owned()));
    let host = read.fleet.unwrap().hosts.into_values().next().unwrap();
    let ruleset = firewall::compile(&host).unwrap();
    let golden = snapbox::Data::read_from(&tests.join("firewall/guide.nft"), None);
    snapbox::assert_data_eq!(ruleset.to_string(), golden.raw());
    let Some(namespace) = Netns::new() else { return };
    let listed = load_all(&namespace, std::slice::from_ref(&ruleset)).remove(0).unwrap();
    assert_eq!(read_back::of_listing(&listed), read_back::of_ruleset(&ruleset));

    // What is read back is compared as a whole: a rule, a verdict or a comment that the kernel has otherwise shows.
    let text = ruleset.to_string();
    for (from, to) in [
        ("22 . tcp comment", "23 . tcp comment"),
        ("goto zone.admin", "goto zone.internal"),
        ("policy drop", "policy accept"),
        ("counter drop comment \"no way back\"", "drop comment \"no way back\""),
        ("accept comment \"RFC 4890\"", "accept comment \"RFC 4891\""),
        ("  chain refused {\n", "  chain refused {\n    accept\n"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert!(changed != text, "{from} is there");
        namespace.load(&changed).unwrap();
        let nft = tool::part("nft").unwrap();
        let listed = namespace.must(&nft, &["-j", "list", "table", "inet", "tailwright"]);
        let listed = serde_json::from_str(&listed).unwrap();
        assert!(
            read_back::of_listing(&listed) != read_back::of_ruleset(&ruleset),
            "{to} shows"
        );
    }
}

/// A profile with one zone of this name and these options.
fn one_zone(name: &str, zone: &Value) -> Value {
    json!({
        "host": { "name": "a" },
        "network": { "security": { "firewall-zones": { "enable": true, "zones": { name: zone } } } },
    })
}

#[test]
fn names_and_texts_that_look_like_rules_are_data() {
    let long = "z".repeat(63);
    let names = [
        "drop", "accept", "ip", "input", "zones", "zone", "policy", "x-y_z", "A", "refused", "v4", "table", "flush",
        &long,
    ];
    let mut profiles: Vec<_> = names
        .iter()
        .map(|name| {
            let zone = json!({
                "interfaces": ["eth0", "a.b-c_d", "0x", "br-*", "123456789012345", "12345678901234*"],
                "allowedIPs": ["10.0.0.0/8", "0.0.0.0/0", "::/0", "::1", "255.255.255.255"],
                "allowedTCPPorts": [1, 65535, "2-65534"],
                "allowedUDPPorts": ["1-65535"],
                "forwardTo": [name],
                "denyInterzone": false,
                "forwardedTCPPorts": [80],
            });
            one_zone(name, &zone)
        })
        .collect();
    for prefix in [
        "; flush ruleset; ",
        "@x {} () [] # // /* */",
        "'' ${x}".trim_end_matches("${x}"),
        "`id` | & > <",
        &"p".repeat(127),
        " ",
    ] {
        let mut profile = one_zone("lan", &json!({ "interfaces": ["eth0"] }));
        let group = &mut profile["network"]["security"]["firewall-zones"];
        group["enableLogging"] = true.into();
        group["logPrefix"] = prefix.into();
        profiles.push(profile);
    }
    for (rate, burst) in [
        ("1/week", u32::MAX),
        ("1000000/second", u32::MAX),
        ("1/day", 0),
        ("1/second", 1),
    ] {
        let mut profile = one_zone("lan", &json!({ "interfaces": ["eth0"] }));
        let group = &mut profile["network"]["security"]["firewall-zones"];
        group["rateLimit"] = rate.into();
        group["rateLimitBurst"] = burst.into();
        profiles.push(profile);
    }
    kernel_agrees(&profiles);
}

#[test]
fn a_load_touches_no_other_table() {
    let Some(namespace) = Netns::new() else { return };
    let others = "table ip filter {\n chain ts-input {\n counter\n }\n}\ntable inet nixos-fw {\n chain input {\n accept\n }\n}\n";
    namespace.load(others).unwrap();
    let before = namespace.ruleset();
    let ours = ruleset(&one_zone(
        "lan",
        &json!({ "interfaces": ["eth0"], "allowedTCPPorts": [22] }),
    ))
    .to_string();
    assert!(!ours.contains("flush"), "{ours}");
    for _ in 0..2 {
        namespace.load(&ours).unwrap();
    }
    let after = namespace.ruleset();
    assert!(after.starts_with(&before), "{after}");
    assert_eq!(after.matches("chain input").count(), 2, "loading twice is loading once");
    // A file that does not load leaves the rules as they were.
    namespace
        .load(&ours.replace("goto zone.lan", "goto nowhere"))
        .unwrap_err();
    assert_eq!(namespace.ruleset(), after);
}
