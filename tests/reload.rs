//! The table is loaded anew while connections go through it, in both ways in which that happens: as NixOS's
//! `nftables.service` does, and by `tsctl firewall apply`. What is kept and what is lost is as docs/firewall.md says.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::firewall::ruleset;
use crate::support::netns::Netns;
use crate::support::run::TSCTL;
use crate::support::scratch::Scratch;
use crate::support::tool;
use crate::support::traffic::{Outcome, Running, Talk, serve, talk};

/// A router between a client (`lan0`) and a server (`lan1`), with a server of its own.
struct World {
    host: Netns,
    client: Netns,
    _servers: [Running; 2],
    /// The other namespace, which must outlive its server.
    _inner: Netns,
    scratch: Scratch,
}

impl World {
    fn new() -> Option<Self> {
        let host = Netns::new()?;
        let (client, inner) = (host.peer()?, host.peer()?);
        host.connect("lan0", &client, "eth0");
        host.connect("lan1", &inner, "eth0");
        host.ip(&["addr", "add", "192.0.2.1/24", "dev", "lan0"]);
        host.ip(&["addr", "add", "198.51.100.1/24", "dev", "lan1"]);
        host.must("/bin/sh", &["-c", "echo 1 > /proc/sys/net/ipv4/conf/all/forwarding"]);
        client.ip(&["addr", "add", "192.0.2.2/24", "dev", "eth0"]);
        client.ip(&["route", "add", "default", "via", "192.0.2.1"]);
        inner.ip(&["addr", "add", "198.51.100.2/24", "dev", "eth0"]);
        inner.ip(&["route", "add", "default", "via", "198.51.100.1"]);
        Some(Self {
            _servers: [serve(&host, &[8000, 9999]), serve(&inner, &[8000, 9999])],
            host,
            client,
            _inner: inner,
            scratch: Scratch::new(),
        })
    }

    /// A client to both servers: two connections that stay, and new ones to the port that is open and the one that is not.
    fn talk(&self) -> Running {
        let to = |address: &str| -> SocketAddr { address.parse().unwrap() };
        talk(
            &self.client,
            &Talk {
                steady: vec![to("192.0.2.1:8000"), to("198.51.100.2:8000")],
                open: vec![to("192.0.2.1:8000"), to("198.51.100.2:8000")],
                shut: vec![to("192.0.2.1:9999"), to("198.51.100.2:9999")],
            },
        )
    }

    fn nft(&self, arguments: &[&str]) -> String {
        self.host.must(tool::part("nft").unwrap(), arguments)
    }

    fn set(&self, name: &str) -> String {
        self.nft(&["list", "set", "inet", "tailwright", name])
    }

    /// `tsctl firewall WORDS` on the host.
    fn tsctl(&self, words: &[&str]) -> String {
        let nft = tool::part("nft").unwrap();
        let state = self.scratch.path().join("state").to_string_lossy().into_owned();
        let path = format!("PATH={}:/usr/bin:/bin:/usr/sbin:/sbin", nft.parent().unwrap().display());
        let mut all = vec![path.as_str(), TSCTL, "firewall", "--state-dir", &state];
        all.extend_from_slice(words);
        self.host.must("/usr/bin/env", &all)
    }
}

fn profile(limit: &str) -> Value {
    json!({
        "host": { "name": "a" },
        "network": { "security": { "firewall-zones": {
            "enable": true,
            "rateLimit": limit,
            "rateLimitBurst": 10,
            "zones": {
                "outer": { "interfaces": ["lan0"], "allowedTCPPorts": [8000] },
                "inner": { "interfaces": ["lan1"], "forwardedTCPPorts": [8000] },
            },
        } } },
    })
}

fn text(limit: &str) -> String {
    ruleset(&profile(limit)).to_string()
}

fn is_whole(outcome: &Outcome) {
    assert_eq!(outcome.faults, Vec::<String>::new());
    assert_eq!(outcome.transferred.len(), 2);
    assert!(outcome.transferred.iter().all(|bytes| *bytes > 100_000), "{outcome:?}");
    assert!(outcome.opened > 20 && outcome.refused >= 4, "{outcome:?}");
}

/// Nothing is lost, and at no moment is anything open that should not be, or shut that should be open.
#[test]
fn as_nixos_reloads_it_no_connection_is_lost() {
    let Some(world) = World::new() else { return };
    let texts = [text("10000/second"), text("9000/second")];
    world.host.load(&texts[0]).unwrap();
    let running = world.talk();
    for turn in 0..40 {
        world.host.load(&texts[turn % 2]).unwrap();
        std::thread::sleep(Duration::from_millis(25));
    }
    is_whole(&running.end());
}

/// A reload in two steps would be noticed.
#[test]
fn a_moment_without_the_table_shows() {
    let Some(world) = World::new() else { return };
    let text = text("10000/second");
    world.host.load(&text).unwrap();
    let running = world.talk();
    world.nft(&["delete", "table", "inet", "tailwright"]);
    std::thread::sleep(Duration::from_millis(800));
    world.host.load(&text).unwrap();
    let outcome = running.end();
    assert_eq!(
        outcome.faults.len(),
        2,
        "both ports that are shut were open: {outcome:?}"
    );
}

#[test]
fn by_apply_and_revert_no_connection_is_lost() {
    let Some(world) = World::new() else { return };
    let texts = [text("10000/second"), text("9000/second")];
    world.host.load(&texts[0]).unwrap();
    let running = world.talk();
    for (turn, end) in ["confirm", "revert", "confirm"].into_iter().enumerate() {
        let file = world.scratch.write("new.nft", &texts[(turn + 1) % 2]);
        world.tsctl(&["apply", &file.to_string_lossy(), "--guardian", "process"]);
        std::thread::sleep(Duration::from_millis(200));
        world.tsctl(&[end]);
    }
    is_whole(&running.end());
}

/// What docs/firewall.md says under "What a reload keeps".
#[test]
fn counters_and_limits_begin_anew_but_come_back_with_the_former_table() {
    let Some(world) = World::new() else { return };
    let documented = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/firewall.md")).unwrap();
    assert!(documented.contains("## What a reload keeps"));
    let strict = text("1/minute");
    world.host.load(&strict).unwrap();
    // Sixteen datagrams: ten are in the bucket, and refused because no zone admits them; six are over the limit.
    let send = || {
        let script = "for i in $(seq 16); do echo x >/dev/udp/192.0.2.1/77; done";
        world.client.must("/bin/bash", &["-c", script]);
        std::thread::sleep(Duration::from_millis(100));
    };
    let packets = |set: &str| {
        let listed = world.set(set);
        let count = listed
            .split("counter packets ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        count.map(|count| count.parse::<u32>().unwrap())
    };
    send();
    assert_eq!((packets("dropped/v4"), packets("limited/v4")), (Some(10), Some(6)));
    assert!(world.set("new_v4").contains("192.0.2.2"));
    // Loaded anew, also unchanged, nothing is remembered: the source has a full bucket again.
    world.host.load(&strict).unwrap();
    assert_eq!((packets("dropped/v4"), packets("limited/v4")), (None, None));
    assert!(!world.set("new_v4").contains("192.0.2.2"));
    send();
    assert_eq!((packets("dropped/v4"), packets("limited/v4")), (Some(10), Some(6)));
    // A change that is taken back brings back what the former table had counted, and who was over its limit.
    let file = world.scratch.write("new.nft", text("2/minute"));
    world.tsctl(&["apply", &file.to_string_lossy(), "--guardian", "process"]);
    assert_eq!(packets("dropped/v4"), None);
    world.tsctl(&["revert"]);
    assert_eq!((packets("dropped/v4"), packets("limited/v4")), (Some(10), Some(6)));
    assert!(world.set("new_v4").contains("192.0.2.2"));
    // The kernel does not tell how full a bucket was.
    send();
    assert_eq!((packets("dropped/v4"), packets("limited/v4")), (Some(20), Some(12)));
}
