//! The client against the fake, over the socket.

use std::future::Future;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use tailwright::localapi::data::{BackendState, PingKind, PrefsChange, StableId, WatchMask};
use tailwright::localapi::{Error, LocalApi, Patience, Right};

use crate::support::tailscaled::{Tailscaled, World};

/// Runs it to its end.
fn block<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

fn client(fake: &Tailscaled) -> LocalApi {
    let patience = Patience {
        usual: Duration::from_secs(5),
        ..Patience::default()
    };
    LocalApi::new(fake.socket(), patience)
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[test]
fn a_status_comes_with_the_version_of_who_sent_it() {
    let fake = Tailscaled::start(World::running());
    let client = client(&fake);
    assert_eq!(client.daemon(), None);
    let status = block(client.status()).expect("a status");
    assert_eq!(status.peers.0.len(), 3);
    let daemon = client.daemon().expect("it said so");
    assert_eq!((daemon.version(), daemon.capability()), ("1.102.3", 142));
    let seen = fake.seen();
    assert_eq!(seen[0].headers["host"], "local-tailscaled.sock");
    let alone = block(client.status_without_peers()).expect("a status");
    assert!(alone.peers.0.is_empty());
}

#[test]
fn five_thousand_peers_are_read() {
    let fake = Tailscaled::play("peers 5000");
    // Without optimisation, on a machine that does much else, they are read slowly.
    let patience = Patience {
        usual: Duration::from_mins(1),
        ..Patience::default()
    };
    let client = LocalApi::new(fake.socket(), patience);
    assert_eq!(block(client.status()).expect("a status").peers.0.len(), 5_003);
}

#[test]
fn preferences_are_changed_in_one_step_and_nothing_else_is() {
    let fake = Tailscaled::play("offers-exit gamma");
    let client = client(&fake);
    let before = block(client.prefs()).expect("preferences");
    let gamma = StableId::new("TESTCTRL00000002");
    let after = block(client.change_prefs(&PrefsChange::new().exit_node(Some(&gamma)))).expect("preferences");
    assert_eq!(after.exit_node_id, gamma);
    let status = block(client.status()).expect("a status");
    assert_eq!(status.exit_node_status.expect("one is in use").id, gamma);
    let back = block(client.change_prefs(&PrefsChange::new().exit_node(None))).expect("preferences");
    assert_eq!(back, before);
}

#[test]
fn pings_say_how_long_and_which_way() {
    let fake = Tailscaled::start(World::running());
    let client = client(&fake);
    let patience = Duration::from_secs(5);
    let direct = block(client.ping(ip("100.64.0.1"), PingKind::Disco, patience)).expect("a pong");
    assert_eq!(direct.endpoint, "10.77.1.12:41641");
    assert_eq!(direct.latency(), Duration::from_micros(234));
    let relayed = block(client.ping(ip("100.64.0.2"), PingKind::Disco, patience)).expect("a pong");
    assert_eq!(relayed.derp_region_code, "lab");
    for kind in [PingKind::Tsmp, PingKind::Icmp] {
        let through = block(client.ping(ip("fd7a:115c:a1e0:ab12:4843:cd96:6240:1"), kind, patience)).expect("a pong");
        assert_eq!((through.node_name.as_str(), through.err.as_str()), ("beta", ""));
    }
    let nobody = block(client.ping(ip("100.64.9.9"), PingKind::Icmp, patience)).expect("a pong");
    assert_eq!(nobody.err, "no matching peer");
}

#[test]
fn a_ping_to_nobody_ends_in_time_and_closes_its_connection() {
    let fake = Tailscaled::play("dead delta");
    let client = client(&fake);
    let began = Instant::now();
    let patience = Duration::from_millis(100);
    let lost = block(client.ping(ip("100.64.0.3"), PingKind::Tsmp, patience));
    assert_eq!(
        lost,
        Err(Error::TimedOut {
            endpoint: "ping".to_owned(),
            patience
        })
    );
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[test]
fn who_is_behind_an_address() {
    let fake = Tailscaled::start(World::running());
    let client = client(&fake);
    let beta = block(client.whois(ip("fd7a:115c:a1e0:ab12:4843:cd96:6240:1"))).expect("an answer");
    assert_eq!(beta.expect("somebody").node.name, "beta.lab-tailnet.ts.net.");
    let end = "[fd7a:115c:a1e0:ab12:4843:cd96:6240:1]:1234".parse().expect("an end");
    assert!(block(client.whois_connection(end)).expect("an answer").is_some());
    assert_eq!(block(client.whois(ip("192.0.2.1"))), Ok(None));
}

#[test]
fn what_is_served_is_replaced_only_by_who_has_seen_it() {
    let fake = Tailscaled::start(World::running());
    let client = client(&fake);
    let mut first = block(client.serve_config()).expect("a configuration");
    let stale = first.clone();
    first.config.tcp.entry("8081".to_owned()).or_default().tcp_forward = "127.0.0.1:5432".to_owned();
    // What this client does not know must not be lost.
    let service = serde_json::json!({"svc:db": {"TCP": {"5432": {"TCPForward": "127.0.0.1:5432"}}}});
    first.config.other.insert("Services".to_owned(), service.clone());
    block(client.replace_serve_config(&first)).expect("it is replaced");
    let second = block(client.serve_config()).expect("a configuration");
    assert_eq!(second.config, first.config);
    assert_eq!(second.config.other["Services"], service);
    assert_ne!(second.tag, first.tag);
    assert_eq!(block(client.replace_serve_config(&stale)), Err(Error::Changed));
}

#[test]
fn the_other_questions() {
    let fake = Tailscaled::start(World::running());
    let client = client(&fake);
    assert_eq!(block(client.derp_map()).expect("a map").regions.len(), 2);
    assert_eq!(block(client.suggest_exit_node()), Ok(None));
    let metrics = block(client.user_metrics()).expect("figures");
    assert_eq!(metrics.sum("tailscaled_home_derp_region_id"), Some(901.0));
    assert_eq!(metrics.sum("tailscaled_inbound_bytes_total"), Some(3300.0));
    let advice = block(client.check_ip_forwarding()).expect("an answer");
    assert!(advice.is_some_and(|advice| advice.starts_with("IP forwarding is disabled")));
    fake.change(|world| world.forwards = true);
    assert_eq!(block(client.check_ip_forwarding()), Ok(None));
    assert_eq!(block(client.check_udp_gro_forwarding()), Ok(None));
    assert_eq!(block(client.set_udp_gro_forwarding()), Ok(None));
    fake.change(|world| world.suggestion = serde_json::json!({"ID": "nX", "Name": "x.lab-tailnet.ts.net."}));
    assert_eq!(block(client.suggest_exit_node()).unwrap().unwrap().id.as_str(), "nX");
    let fake = Tailscaled::start(World::needs_login());
    let client = self::client(&fake);
    assert_eq!(block(client.derp_map()).expect("an empty map").regions.len(), 0);
    assert_eq!(
        block(client.suggest_exit_node()),
        Err(Error::Refused {
            status: 500,
            said: "no preferred DERP, try again later".to_owned()
        })
    );
}

#[test]
fn a_certificate_is_text_and_has_time() {
    let fake =
        Tailscaled::play(r#"answer cert/alpha.lab-tailnet.ts.net?type=crt 200 plain "-----BEGIN CERTIFICATE-----""#);
    let domain = "alpha.lab-tailnet.ts.net".parse().expect("a name");
    let pem = block(client(&fake).certificate(&domain)).expect("a certificate");
    assert_eq!(pem, "-----BEGIN CERTIFICATE-----\n");
}

#[test]
fn the_bus_tells_what_changes() {
    let fake = Tailscaled::start(World::running());
    let client = client(&fake);
    block(async {
        let mask = WatchMask::INITIAL_STATE | WatchMask::INITIAL_STATUS | WatchMask::PEER_PATCHES;
        let mut bus = client.watch(mask).await.expect("a stream");
        let first = bus.next().await.expect("a line").expect("a first one");
        assert_eq!(first.state, Some(BackendState::Running));
        assert_eq!(first.initial_status.expect("everything").peers.0.len(), 3);
        fake.now("offline gamma");
        let patch = bus.next().await.expect("a line").expect("a patch").peer_changed_patch;
        assert_eq!((patch[0].node_id, patch[0].online), (2, Some(false)));
        fake.now("state Stopped");
        let state = bus.next().await.expect("a line").expect("a state").state;
        assert_eq!(state, Some(BackendState::Stopped));
    });
    // Leaving is noticed.
    let until = Instant::now() + Duration::from_secs(5);
    while fake.streams() > 0 && Instant::now() < until {
        fake.change(|world| world.tell(&serde_json::json!({})));
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(fake.streams(), 0);
}

#[test]
fn the_bus_ends_when_tailscaled_does() {
    let fake = Tailscaled::start(World::running());
    let client = client(&fake);
    block(async {
        let mut bus = client.watch(WatchMask::INITIAL_STATE).await.expect("a stream");
        bus.next().await.expect("a line").expect("a first one");
        fake.now("stop");
        assert_eq!(bus.next().await, Ok(None));
    });
    assert_eq!(block(client.status()), Err(Error::NoSocket(fake.socket().to_owned())));
    fake.now("start");
    block(client.status()).expect("it is back");
    fake.now("die");
    assert_eq!(
        block(client.status()),
        Err(Error::NobodyListens(fake.socket().to_owned()))
    );
}

#[test]
fn who_may_not_is_told_how_to() {
    let fake = Tailscaled::play("rights read-only");
    let client = client(&fake);
    let denied = block(client.change_prefs(&PrefsChange::new().accept_dns(true))).expect_err("it is denied");
    let Error::Denied { said, right } = &denied else {
        panic!("{denied}")
    };
    assert_eq!((said.as_str(), *right), ("prefs write access denied", Right::Write));
    assert!(
        denied.to_string().contains("sudo tailscale set --operator=$USER"),
        "{denied}"
    );
    let domain = "alpha.lab-tailnet.ts.net".parse().expect("a name");
    let denied = block(client.certificate(&domain)).expect_err("it is denied");
    assert!(denied.to_string().contains("permitCertUid"), "{denied}");
}

#[test]
fn what_is_missing_is_told_apart() {
    let fake = Tailscaled::play("base old\nlacks suggest-exit-node");
    let missing = block(client(&fake).suggest_exit_node()).expect_err("it is not there");
    assert_eq!(
        missing.to_string(),
        "tailscaled 1.96.5 does not know suggest-exit-node: it is too old, or was built without it. \
         Update tailscale, or look at what this one is: tailscale version"
    );
}

#[test]
fn whatever_comes_instead_of_a_reply_is_an_error_and_no_more() {
    for (bytes, expected) in [
        ("", "broke the connection off"),
        ("nonsense\r\n\r\n", "broke the connection off"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"Version\":",
            "broke the connection off",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"Ver",
            "broke the connection off",
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "not as it should be"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{\"Self\":",
            "not as it should be",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
            "broke the connection off",
        ),
    ] {
        let fake = Tailscaled::play(&format!("answer status bytes {bytes:?}"));
        let error = block(client(&fake).status()).expect_err(bytes);
        assert!(error.to_string().contains(expected), "{bytes:?}: {error}");
    }
}

#[test]
fn a_slow_answer_is_waited_for_and_a_missing_one_is_not() {
    let fake = Tailscaled::play("answer prefs late 300ms\nanswer 1 times status silent");
    let patience = Patience {
        usual: Duration::from_millis(900),
        ..Patience::default()
    };
    let client = LocalApi::new(fake.socket(), patience);
    block(client.prefs()).expect("preferences, late");
    let error = block(client.status()).expect_err("there is none");
    assert!(
        error.to_string().contains("did not answer status within 0.9 s"),
        "{error}"
    );
    block(client.status()).expect("a status");
}
