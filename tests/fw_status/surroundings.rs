//! What else may be so: no table, another one than deployed, other programs' tables, no right to look.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use super::world::{World, profile, said};
use crate::firewall::{host, ruleset};
use crate::support::run::TSCTL;
use crate::support::tool;

#[test]
fn a_table_that_is_not_there_is_down() {
    let Some(world) = World::new() else { return };
    let (seen, status) = world.seen();
    assert_eq!((status, &seen["state"]), (2, &json!("down")), "{seen}");
    assert!(
        seen["reasons"][0]
            .as_str()
            .unwrap()
            .contains("table inet tailwright is not loaded"),
        "{seen}"
    );
    assert_eq!(seen["zones"], json!([]));
    // So is one that is switched off.
    let text = ruleset(&profile()).to_string();
    world.deploy(&text);
    world.host.load("add table inet tailwright { flags dormant; }").unwrap();
    let (seen, status) = world.seen();
    assert_eq!((status, &seen["state"]), (2, &json!("down")), "{seen}");
    assert!(seen["reasons"][0].as_str().unwrap().contains("dormant"), "{seen}");
}

/// What a host has that could not load its zones.
#[test]
fn a_host_that_is_closed_is_down() {
    let Some(world) = World::new() else { return };
    world.deploy(&ruleset(&profile()).to_string());
    let closed = tailwright::firewall::closed(&host(&profile())).expect("zones");
    world.host.load(&closed.to_string()).unwrap();
    let (seen, status) = world.seen();
    assert_eq!((status, &seen["state"]), (2, &json!("down")), "{seen}");
    let reason = seen["reasons"][0].as_str().unwrap();
    assert!(reason.contains("could not be loaded"), "{seen}");
    assert_eq!(seen["drift"]["outcome"], "different");
    let closed = seen["drops"]
        .as_array()
        .unwrap()
        .iter()
        .any(|drop| drop["reason"] == tailwright::firewall::CLOSED);
    assert!(closed, "{seen}");
}

#[test]
fn what_was_changed_by_hand_is_told() {
    let Some(world) = World::new() else { return };
    world.deploy(&ruleset(&profile()).to_string());
    let differences = |expected: &[Value]| {
        let (seen, status) = world.seen();
        assert_eq!((status, &seen["state"]), (1, &json!("degraded")), "{seen}");
        assert_eq!(seen["drift"]["differences"].as_array().unwrap(), expected, "{seen}");
        let drawn = said(&tool::run(&mut world.status(&[])));
        assert!(drawn.contains("otherwise than"), "{drawn}");
    };
    world
        .host
        .load("add rule inet tailwright zone.internal tcp dport 23 accept comment \"by hand\"")
        .unwrap();
    let rule =
        json!({ "place": "chain zone.internal", "missing": [], "extra": ["tcp dport 23 accept comment \"by hand\""] });
    differences(std::slice::from_ref(&rule));
    world.host.load("add element inet tailwright zone.internal { 25 . tcp : accept }\ndelete element inet tailwright zones { \"docker0\" }").unwrap();
    let elements = [
        json!({ "place": "elements of zone.internal", "missing": [], "extra": ["25 . tcp : accept"] }),
        json!({ "place": "elements of zones", "missing": ["docker0 : goto zone.bridges"], "extra": [] }),
    ];
    differences(&[rule, elements[0].clone(), elements[1].clone()]);
    // Loading what was deployed mends it; packets, and the sources that they leave behind, are no difference.
    world
        .host
        .load(&std::fs::read_to_string(world.deployed()).unwrap())
        .unwrap();
    world.send("for i in 1 2 3; do echo x >/dev/udp/192.0.2.1/7; done");
    let (seen, status) = world.seen();
    assert_eq!((status, &seen["drift"]["outcome"]), (0, &json!("same")), "{seen}");
}

#[test]
fn the_deployed_file_is_loaded_nowhere_but_in_a_network_of_its_own() {
    let Some(world) = World::new() else { return };
    let text = ruleset(&profile()).to_string();
    world.deploy(&text);
    let before = world.host.ruleset();
    // A file that would do harm if it were loaded here.
    world
        .scratch
        .write("deployed.nft", format!("flush ruleset\n{text}table ip other {{ }}\n"));
    let (seen, status) = world.seen();
    assert_eq!((status, &seen["drift"]["outcome"]), (0, &json!("same")), "{seen}");
    assert_eq!(world.host.ruleset(), before);
    // As the module writes it: the table alone, not replaced.
    let table = text.split_once("table inet tailwright {").unwrap().1;
    world
        .scratch
        .write("deployed.nft", format!("table inet tailwright {{{table}"));
    assert_eq!(world.seen().0["drift"]["outcome"], "same");
    for (file, words) in [
        ("table inet tailwright { chain x { jump nowhere; }; }\n", "No such file"),
        ("table {", "syntax error"),
    ] {
        world.scratch.write("deployed.nft", file);
        let (seen, status) = world.seen();
        assert_eq!((status, &seen["state"]), (3, &json!("cannotTell")), "{seen}");
        assert!(seen["drift"]["trouble"].as_str().unwrap().contains(words), "{seen}");
        assert_eq!(seen["zones"].as_array().unwrap().len(), 3, "all else is told");
    }
    std::fs::remove_file(world.deployed()).unwrap();
    let (seen, status) = world.seen();
    assert_eq!((status, &seen["drift"]["outcome"]), (3, &json!("unknown")), "{seen}");
}

#[test]
fn a_second_firewall_and_the_tables_of_others_are_told() {
    let Some(world) = World::new() else { return };
    world.deploy(&ruleset(&profile()).to_string());
    world
        .host
        .load(
            "table ip filter {\n chain INPUT {\n type filter hook input priority filter; policy accept;\n jump ts-input\n }\n \
             chain ts-input {\n iifname \"tailscale0\" accept\n }\n}\n",
        )
        .unwrap();
    let (seen, status) = world.seen();
    assert_eq!(status, 0, "{seen}");
    let others = seen["others"].as_array().unwrap();
    assert_eq!(others.len(), 1, "{seen}");
    assert_eq!(
        (&others[0]["owner"], &others[0]["order"]),
        (&json!("tailscaled"), &json!("same"))
    );
    world
        .host
        .load("table inet nixos-fw {\n chain input {\n type filter hook input priority filter; policy drop;\n }\n}\n")
        .unwrap();
    let (seen, status) = world.seen();
    assert_eq!((status, &seen["state"]), (1, &json!("degraded")), "{seen}");
    assert!(
        seen["reasons"][0]
            .as_str()
            .unwrap()
            .contains("NixOS's firewall (inet nixos-fw)"),
        "{seen}"
    );
}

/// Asked for our table only: hundreds of thousands of elements in other tables cost nothing.
#[test]
fn large_tables_of_others_are_not_read() {
    let Some(world) = World::new() else { return };
    world.deploy(&ruleset(&profile()).to_string());
    let time = |command: &mut Command| {
        let start = Instant::now();
        let output = tool::run(command);
        (start.elapsed(), output)
    };
    let elements: Vec<String> = (0..300_000u32)
        .map(|n| std::net::Ipv4Addr::from(0x0a00_0000 + 2 * n).to_string())
        .collect();
    let big = format!(
        "table ip blocklist {{\n set s {{\n type ipv4_addr\n flags interval\n elements = {{ {} }}\n }}\n chain input {{\n type \
         filter hook input priority -10; policy accept;\n ip saddr @s drop\n }}\n}}\n",
        elements.join(", ")
    );
    world.host.load(&big).unwrap();
    let mut all = world.host.command(&world.nft);
    let (whole, output) = time(all.args(["--json", "list", "ruleset"]));
    assert!(output.stdout.len() > 3_000_000, "{}", said(&output).len());
    let (ours, output) = time(&mut world.status(&["--json"]));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(seen["others"][0]["table"], "blocklist");
    assert!(ours * 3 < whole, "{ours:?} against {whole:?} for reading everything");
}

#[test]
fn who_may_not_look_is_told_what_it_takes() {
    // A user namespace without a mapping: root is nobody there.
    let mut command = Command::new("unshare");
    let Some(nft) = tool::part("nft") else { return };
    let path = std::env::join_paths([nft.parent().unwrap(), "/usr/bin".as_ref(), "/bin".as_ref()]).unwrap();
    command.args(["--user", TSCTL, "firewall", "status"]).env("PATH", &path);
    let output = tool::run(&mut command);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let drawn = said(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        drawn.contains("CAP_NET_ADMIN") && drawn.contains("sudo tsctl firewall status"),
        "{drawn}"
    );
    let output = tool::run(command.arg("--json"));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(seen["state"], "cannotTell", "{seen}");
}

#[test]
fn without_nft_it_cannot_tell() {
    let Some(world) = World::new() else { return };
    let mut command = world.host.command("/usr/bin/env");
    let output = tool::run(command.args(["PATH=/nonexistent", TSCTL, "firewall", "status", "--json"]));
    // A machine may have an nft where nft usually lies.
    if output.status.code() != Some(2) {
        assert_eq!(output.status.code(), Some(3), "{}", said(&output));
        assert!(said(&output).contains("install nftables"), "{}", said(&output));
    }
}

#[test]
fn it_is_also_called_fw_status_and_watches_until_it_is_stopped() {
    let Some(world) = World::new() else { return };
    world.deploy(&ruleset(&profile()).to_string());
    let name = world.scratch.path().join("fw-status");
    symlink(TSCTL, &name).unwrap();
    let mut command = world.status(&[]);
    let path = command
        .get_envs()
        .find(|(name, _)| *name == "PATH")
        .unwrap()
        .1
        .unwrap()
        .to_owned();
    command = world.host.command(&name);
    command
        .args(["--deployed", &world.deployed(), "--json", "--watch=100ms"])
        .env("PATH", path);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(next()["state"], "good");
    world.host.load("delete table inet tailwright").unwrap();
    let ends = (0..50).any(|_| next()["state"] == "down");
    assert!(ends, "it sees what changes");
    let pid = rustix::process::Pid::from_child(&child);
    // Not Ctrl-C: whoever runs the tests in the background has had it ignored, and so have all that they start.
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let start = Instant::now();
    let ended = child.wait().unwrap();
    assert!(!ended.success() && start.elapsed().as_secs() < 5, "{ended}");
}

#[test]
fn it_looks_like_this() {
    let Some(world) = World::new() else { return };
    world.deploy(&ruleset(&profile()).to_string());
    let output = tool::run(&mut world.status(&[]));
    let drawn = said(&output).replace(&world.deployed(), "/etc/tailwright/firewall.nft");
    snapbox::assert_data_eq!(drawn, snapbox::file!["status.txt"].raw());
}
