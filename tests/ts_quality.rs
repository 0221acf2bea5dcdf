//! `tsctl quality` as a process, against the fake tailscaled and relays that answer STUN.

use std::net::{SocketAddr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::run::{Ended, Place, TSCTL};
use crate::support::tailscaled::{Tailscaled, World};

fn quality(fake: &Tailscaled, arguments: &[&str]) -> Ended {
    let place = Place::new();
    let mut command = place.command(TSCTL);
    command.arg("quality").arg("--socket").arg(fake.socket());
    Ended::of(
        command
            .args(["--count=3", "--interval=50ms", "--timeout=500ms"])
            .args(arguments),
    )
}

/// What a relay sees of who asks it.
#[derive(Clone, Copy)]
enum Sees {
    /// Where he asks from.
    Him,
    /// Another port.
    Port(u16),
    /// The other side of a NAT.
    Nat(SocketAddrV4),
}

/// A relay that answers STUN as a real one does, after that time. It answers only what has the mark and the fingerprint of
/// Tailscale. It ends with the test.
fn relay(sees: Sees, after: Duration) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = socket.local_addr().expect("it has one");
    std::thread::spawn(move || {
        let mut packet = [0; 1_500];
        while let Ok((length, from)) = socket.recv_from(&mut packet) {
            let request = &packet[..length];
            if length != 40 || &request[20..32] != b"\x80\x22\x00\x08tailnode" || request[32..36] != [0x80, 0x28, 0, 4]
            {
                continue;
            }
            let SocketAddr::V4(from_v4) = from else { continue };
            let mapped = match sees {
                Sees::Him => from_v4,
                Sees::Port(port) => SocketAddrV4::new(*from_v4.ip(), port),
                Sees::Nat(outside) => outside,
            };
            let mut answer = vec![0x01, 0x01, 0, 12];
            answer.extend_from_slice(&request[4..20]);
            answer.extend_from_slice(&[0, 0x20, 0, 8, 0, 1]);
            answer.extend_from_slice(&(mapped.port() ^ 0x2112).to_be_bytes());
            answer.extend_from_slice(&(mapped.ip().to_bits() ^ 0x2112_a442).to_be_bytes());
            std::thread::sleep(after);
            let _ = socket.send_to(&answer, from);
        }
    });
    address
}

/// Two relays that see this machine behind a NAT that maps it alike for both, the nearer one first.
pub fn relays_beyond_a_nat() -> Value {
    let seen = Sees::Nat("203.0.113.9:41641".parse().expect("an address"));
    derp_map(&[relay(seen, Duration::ZERO), relay(seen, Duration::from_millis(120))])
}

/// A map with these relays, a region each.
fn derp_map(relays: &[SocketAddr]) -> Value {
    let mut regions = serde_json::Map::new();
    for (number, relay) in (900..).zip(relays) {
        let code = if number == 900 {
            "lab".to_owned()
        } else {
            format!("lab{number}")
        };
        let region = json!({
            "RegionID": number, "RegionCode": code, "RegionName": format!("Lab {number}"),
            "Nodes": [{"Name": "a", "HostName": "relay.invalid", "IPv4": relay.ip(), "IPv6": "none", "STUNPort": relay.port()}],
        });
        regions.insert(number.to_string(), region);
    }
    json!({"Regions": regions})
}

#[test]
fn peers_and_relays_are_measured() {
    let fake = Tailscaled::start(World::running());
    fake.change(|world| {
        world.derp_map = derp_map(&[relay(Sees::Him, Duration::ZERO), relay(Sees::Him, Duration::ZERO)]);
    });
    let ended = quality(&fake, &["--json"]);
    ended.status(0).err("");
    let seen = ended.json("ts-quality.json");
    let peers = seen["peers"].as_array().expect("peers");
    assert_eq!(peers.len(), 3);
    let beta = &peers[0];
    assert_eq!(
        (&beta["name"], &beta["path"], &beta["via"]),
        (&json!("beta"), &json!("direct"), &json!("10.77.1.12:41641"))
    );
    assert_eq!(
        (&beta["figures"]["p50Millis"], &beta["figures"]["lost"]),
        (&json!(0.234), &json!(0))
    );
    assert_eq!((&peers[2]["path"], &peers[2]["via"]), (&json!("derp"), &json!("lab")));
    assert_eq!(seen["relays"].as_array().expect("relays").len(), 2);
    for relay in seen["relays"].as_array().expect("relays") {
        assert_eq!(
            (&relay["figures"]["sent"], &relay["figures"]["lost"]),
            (&json!(4), &json!(0)),
            "{relay}"
        );
    }
    // The relays see the address of this machine itself.
    assert_eq!(
        (&seen["nat"], &seen["publicAddress"]),
        (&json!("none"), &json!("127.0.0.1"))
    );
    let shown = quality(&fake, &["beta"]);
    shown.status(0).err("");
    assert!(
        shown.stdout().contains("beta  direct 10.77.1.12:41641"),
        "{}",
        shown.stdout()
    );
}

#[test]
fn a_nat_that_maps_by_destination_is_hard() {
    let fake = Tailscaled::start(World::running());
    fake.change(|world| {
        world.derp_map = derp_map(&[
            relay(Sees::Port(1_111), Duration::ZERO),
            relay(Sees::Port(2_222), Duration::ZERO),
        ]);
    });
    let ended = quality(&fake, &["--json", "beta"]);
    ended.status(0);
    assert_eq!(ended.json("ts-quality.json")["nat"], "hard");
}

#[test]
fn relays_that_do_not_answer_are_no_reason_to_wait_long() {
    // A port at which nobody answers.
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let fake = Tailscaled::start(World::running());
    fake.change(|world| world.derp_map = derp_map(&[silent.local_addr().expect("it has one")]));
    let began = Instant::now();
    let ended = quality(&fake, &["--json", "beta"]);
    ended.status(1);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    let seen = ended.json("ts-quality.json");
    assert_eq!(
        (&seen["nat"], &seen["relays"][0]["figures"]["lost"]),
        (&json!("udpBlocked"), &json!(4))
    );
}

#[test]
fn a_peer_that_does_not_answer_does_not_stop_the_others() {
    let fake = Tailscaled::play("dead delta");
    let ended = quality(&fake, &["--json", "--no-relays"]);
    ended.status(1);
    let seen = ended.json("ts-quality.json");
    assert_eq!(
        seen["reasons"][0]["text"],
        "delta does not answer: 3 of 3 pings were lost"
    );
    assert_eq!(
        (&seen["peers"][0]["state"], &seen["peers"][1]["state"]),
        (&json!("good"), &json!("down"))
    );
    quality(&fake, &["--no-relays", "delta"]).status(2);
}

#[test]
fn an_exit_node_that_nobody_sees_is_measured_all_the_same() {
    let fake = Tailscaled::play("offers-exit gamma\nexit-node gamma\ndead gamma");
    fake.change(|world| {
        world.peer("gamma")["Online"] = false.into();
    });
    let ended = quality(&fake, &["--json", "--no-relays"]);
    ended.status(2);
    let seen = ended.json("ts-quality.json");
    assert_eq!(
        seen["reasons"][0]["text"], "gamma does not answer: 3 of 3 pings were lost",
        "{seen:#}"
    );
}

#[test]
fn relays_that_are_not_known_are_no_good_relays() {
    for answer in ["500 plain \"no\"", "200 json {}"] {
        let fake = Tailscaled::play(&format!("answer derpmap {answer}"));
        let ended = quality(&fake, &["--json", "beta"]);
        ended.status(3);
        let reason = &ended.json("ts-quality.json")["reasons"][0];
        let text = reason["text"].as_str().expect("a text");
        assert!(text.starts_with("the relays cannot be measured"), "{answer}: {text}");
        assert_eq!(reason["command"], "tsctl status");
    }
}

#[test]
fn where_nobody_is_online_nothing_is_good() {
    let fake = Tailscaled::start(World::running());
    fake.change(|world| {
        for name in ["beta", "gamma", "delta"] {
            world.peer(name)["Online"] = false.into();
        }
    });
    let ended = quality(&fake, &["--json", "--no-relays"]);
    ended.status(3);
    assert_eq!(ended.json("ts-quality.json")["reasons"][0]["command"], "tsctl status");
}

#[test]
fn nothing_to_measure_is_told() {
    let fake = Tailscaled::start(World::running());
    let ended = quality(&fake, &["--json", "--no-relays", "nobody"]);
    ended.status(3);
    assert_eq!(
        ended.json("ts-quality.json")["reasons"][0]["text"],
        "there is no peer nobody in this tailnet"
    );
    let fake = Tailscaled::start(World::needs_login());
    quality(&fake, &[]).status(2);
    fake.now("stop");
    let ended = quality(&fake, &[]);
    ended.status(2);
    assert!(
        ended.stdout().contains("sudo systemctl start tailscaled"),
        "{}",
        ended.stdout()
    );
}
