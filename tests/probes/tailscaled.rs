//! What tailscaled is asked.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use serde_json::json;
use tailwright::host::monitor::probes::{Places, Prober, tailnet};
use tailwright::localapi::{LocalApi, Patience};
use tailwright::model::PingKind;
use tailwright::monitor::diagnosis::{Daemon, DaemonFault};
use tailwright::monitor::probe::PathClass;
use tailwright::monitor::watch::{Probe, Question, Sample, Tailnet, Way};
use tailwright::monitor::{Fault, Moment};

use super::servers::{TIMEOUT, ask, replies_at, runtime};
use crate::support::tailscaled::{Tailscaled, World};

fn prober(fake: &Tailscaled) -> Prober {
    let api = LocalApi::new(fake.socket(), Patience::default());
    Prober::new(api.into(), Places::default())
}

fn ping(address: &str, kind: PingKind, count: u32) -> Question {
    Question::Ping {
        address: address.parse().expect("an address"),
        kind,
        count,
    }
}

fn address(fake: &Tailscaled, name: &str) -> String {
    fake.change(|world| {
        world.peer(name)["TailscaleIPs"][0]
            .as_str()
            .expect("an address")
            .to_owned()
    })
}

#[test]
fn peers_are_pinged_and_the_path_is_told_by_disco_alone() {
    let fake = Tailscaled::start(World::running());
    let (prober, beta) = (prober(&fake), address(&fake, "beta"));
    let (sample, _) = ask(&prober, ping(&beta, PingKind::Disco, 3));
    let Sample::Answered { round_trips, path } = sample else {
        panic!("{sample:?}")
    };
    assert_eq!((round_trips, path), (vec![Some(234); 3], Some(PathClass::Direct)));
    for kind in [PingKind::Tsmp, PingKind::Icmp] {
        let (sample, _) = ask(&prober, ping(&beta, kind, 1));
        assert!(
            matches!(sample, Sample::Answered { path: None, .. }),
            "{kind:?}: {sample:?}"
        );
    }
}

#[test]
fn a_dead_peer_is_waited_for_as_long_as_was_said() {
    let fake = Tailscaled::start(World::running());
    let (prober, delta) = (prober(&fake), address(&fake, "delta"));
    fake.change(|world| world.dead.insert("delta".to_owned()));
    let (sample, took) = ask(&prober, ping(&delta, PingKind::Tsmp, 5));
    assert_eq!(sample, Sample::Failed(Fault::NoAnswer { waited: 400 }));
    // Four more pings, 200 ms apart, and the wait of the last.
    assert!(
        (Duration::from_millis(1_190)..Duration::from_secs(4)).contains(&took),
        "{took:?}"
    );
    // Many at once do not wait for each other.
    let began = Instant::now();
    runtime().block_on(async {
        let mut all = tokio::task::JoinSet::new();
        for number in 0..40 {
            let (prober, question) = (prober.clone(), ping(&delta, PingKind::Disco, 1));
            all.spawn(async move {
                let probe = Probe {
                    number,
                    question,
                    timeout: TIMEOUT,
                };
                prober.run(probe).await
            });
        }
        while let Some(sample) = all.join_next().await {
            assert!(matches!(sample, Ok(Sample::Failed(_))));
        }
    });
    assert!(began.elapsed() < Duration::from_secs(4));
}

#[test]
fn a_tailscaled_that_is_away_says_nothing_of_peers() {
    let fake = Tailscaled::start(World::running());
    let (prober, beta) = (prober(&fake), address(&fake, "beta"));
    fake.now("die");
    let (sample, took) = ask(&prober, ping(&beta, PingKind::Tsmp, 1));
    assert!(matches!(sample, Sample::CannotTell(_)), "{sample:?}");
    assert!(took < Duration::from_millis(300), "{took:?}");
}

#[test]
fn what_tailscaled_says_of_a_ping_is_told_in_one_line() {
    let fake = Tailscaled::play(r#"answer ping 200 Err "no matching peer\n\u001b[31m""#);
    let (sample, _) = ask(&prober(&fake), ping("100.64.0.1", PingKind::Tsmp, 1));
    assert_eq!(
        sample,
        Sample::Failed(Fault::Answered("no matching peer  [31m".to_owned()))
    );
}

/// A relay that answers STUN.
fn relay() -> SocketAddr {
    relay_at("127.0.0.1:0")
}

fn relay_at(address: &str) -> SocketAddr {
    replies_at(address, false, |request| {
        let mut answer = vec![0x01, 0x01, 0, 12];
        answer.extend_from_slice(&request[4..20]);
        answer.extend_from_slice(&[0, 0x20, 0, 8, 0, 1, 0x11, 0x11, 0x5e, 0x12, 0xa4, 0x43]);
        vec![answer]
    })
}

fn region(number: u16, code: &str, relay: SocketAddr, derp_port: u16) -> serde_json::Value {
    json!({
        "RegionID": number, "RegionCode": code, "RegionName": code,
        "Nodes": [{
            "Name": "a", "HostName": "relay.invalid", "IPv4": relay.ip(), "IPv6": "none",
            "STUNPort": relay.port(), "DERPPort": derp_port,
        }],
    })
}

#[test]
fn the_home_relay_answers_or_another_one_or_by_tcp() {
    let fake = Tailscaled::start(World::running());
    let silent = || UdpSocket::bind("127.0.0.1:0").expect("a port");
    let mute = silent();
    let dead = mute.local_addr().expect("bound");
    let listens = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let open = listens.local_addr().expect("bound").port();
    let closed = super::servers::nobody().port();
    let home = || Question::Relay {
        region: "home".to_owned(),
        is_ipv4: true,
        way: Way::Routed,
    };
    let sample = |regions: serde_json::Value| {
        fake.change(|world| world.derp_map = json!({ "Regions": regions }));
        // Each has its own memory.
        ask(&prober(&fake), home()).0
    };
    let good = |sample: &Sample| matches!(sample, Sample::Answered { .. });
    assert!(good(&sample(json!({ "1": region(1, "home", relay(), closed) }))));
    assert!(
        good(&sample(json!({ "1": region(1, "home", dead, open) }))),
        "UDP is blocked"
    );
    let other = json!({ "1": region(1, "home", dead, closed), "2": region(2, "far", relay(), closed) });
    assert!(good(&sample(other)), "another region");
    assert!(matches!(
        sample(json!({ "1": region(1, "home", dead, closed) })),
        Sample::Failed(_)
    ));
    let unknown = sample(json!({ "2": region(2, "far", relay(), closed) }));
    assert!(matches!(unknown, Sample::CannotTell(_)), "{unknown:?}");
    drop((mute, listens));
}

#[test]
fn a_host_that_ipv6_leads_out_of_asks_relays_by_it() {
    let fake = Tailscaled::start(World::running());
    let relay = relay_at("[::1]:0");
    let closed = super::servers::nobody().port();
    let mut home = region(1, "home", relay, closed);
    home["Nodes"][0]["IPv4"] = "127.0.0.1".into();
    home["Nodes"][0]["IPv6"] = "::1".into();
    fake.change(|world| world.derp_map = json!({ "Regions": { "1": home } }));
    let sample = |is_ipv4| {
        let question = Question::Relay {
            region: "home".to_owned(),
            is_ipv4,
            way: Way::Routed,
        };
        ask(&prober(&fake), question).0
    };
    let by_ipv6 = sample(false);
    assert!(matches!(by_ipv6, Sample::Answered { .. }), "{by_ipv6:?}");
    let by_ipv4 = sample(true);
    assert!(
        matches!(by_ipv4, Sample::Failed(_)),
        "nobody listens there: {by_ipv4:?}"
    );
}

#[test]
fn a_map_without_the_home_region_is_not_believed_for_long() {
    let fake = Tailscaled::start(World::running());
    let question = || Question::Relay {
        region: "home".to_owned(),
        is_ipv4: true,
        way: Way::Routed,
    };
    fake.change(|world| world.derp_map = json!(null));
    let prober = prober(&fake);
    let maps = || {
        let seen = fake.seen();
        seen.iter()
            .filter(|request| request.endpoint() == Some("derpmap"))
            .count()
    };
    runtime().block_on(async {
        let ask = |number| Probe {
            number,
            question: question(),
            timeout: TIMEOUT,
        };
        assert!(matches!(prober.run(ask(1)).await, Sample::CannotTell(_)));
        assert!(matches!(prober.run(ask(2)).await, Sample::CannotTell(_)));
        assert_eq!(maps(), 1, "it is not asked each time");
        let home = region(1, "home", relay(), super::servers::nobody().port());
        fake.change(|world| world.derp_map = json!({ "Regions": { "1": home } }));
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        assert!(matches!(prober.run(ask(3)).await, Sample::Answered { .. }));
    });
}

#[test]
fn a_tailscaled_that_hangs_is_told_apart_from_one_that_is_slow_or_refuses() {
    let asked = |scenario: &str, timeout| {
        let fake = Tailscaled::play(scenario);
        let probe = Probe {
            number: 1,
            question: Question::Daemon,
            timeout,
        };
        runtime().block_on(prober(&fake).run(probe))
    };
    let well = asked("base running", TIMEOUT);
    assert!(
        matches!(&well, Sample::Answered { round_trips, .. } if round_trips.len() == 1),
        "{well:?}"
    );
    assert!(matches!(
        asked("answer prefs late 100ms", TIMEOUT),
        Sample::Answered { .. }
    ));
    let hangs = "answer prefs silent";
    assert_eq!(asked(hangs, TIMEOUT), Sample::Failed(Fault::NoAnswer { waited: 400 }));
    let refuses = r#"answer prefs 500 plain "no""#;
    assert!(matches!(asked(refuses, TIMEOUT), Sample::CannotTell(_)));
}

fn told(fake: &Tailscaled) -> Tailnet {
    let api = LocalApi::new(fake.socket(), Patience::default());
    let (status, prefs) = runtime().block_on(async { (api.status().await, api.prefs().await) });
    let now = Moment::from_millis(1_795_147_438_000);
    tailnet(&status.expect("a status"), Some(&prefs.expect("preferences")), now)
}

#[test]
fn what_tailscaled_says_is_told_without_its_spelling() {
    let fake = Tailscaled::start(World::running());
    fake.now("offers-exit gamma");
    fake.now("exit-node gamma");
    let tailnet = told(&fake);
    assert_eq!(tailnet.daemon, Daemon::Runs);
    assert!(tailnet.online);
    let offering: Vec<&str> = tailnet
        .peers
        .iter()
        .filter(|peer| peer.offers_exit)
        .map(|peer| peer.name.as_str())
        .collect();
    assert_eq!(offering, ["gamma"]);
    let preferences = tailnet.preferences.as_ref().expect("they were read");
    let chosen = preferences.exit_node.as_deref().expect("one is chosen");
    assert_eq!(tailnet.node(chosen).map(|peer| peer.name.as_str()), Some("gamma"));
    for (state, daemon) in [
        ("Stopped", DaemonFault::Stopped),
        ("Starting", DaemonFault::Starting),
        ("NeedsLogin", DaemonFault::NeedsLogin),
        ("NeedsMachineAuth", DaemonFault::NeedsApproval),
    ] {
        fake.change(|world| world.set_state(state));
        assert_eq!(told(&fake).daemon, Daemon::Broken(daemon), "{state}");
    }
    fake.change(|world| {
        world.set_state("NeedsLogin");
        world.status["Self"]["KeyExpiry"] = json!("2026-11-20T00:00:00Z");
    });
    assert_eq!(told(&fake).daemon, Daemon::Broken(DaemonFault::KeyExpired));
}
