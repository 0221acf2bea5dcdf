//! The laboratory itself: what is said to be broken is broken, and what is not works.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use tailwright::localapi::data::PingKind;
use tailwright::localapi::{LocalApi, Patience};

use crate::support::tailnet::{Broken, GATE, Lab, SPARE, THIRD};

impl Lab {
    /// How long a ping to a node takes, by the socket of tailscaled.
    fn ping(&self, address: Ipv4Addr) -> Option<Duration> {
        let api = LocalApi::new(self.tailscaled.socket(), Patience::default());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let ping = api.ping(address.into(), PingKind::Disco, Duration::from_millis(500));
        Some(runtime.expect("a runtime").block_on(ping).ok()?.latency())
    }
}

#[test]
fn packets_go_where_the_preferences_say() {
    let Some(lab) = Lab::new() else { return };
    assert_eq!(lab.visit(), Ok(GATE.outside), "through the exit node");
    lab.choose("spare");
    assert_eq!(lab.visit(), Ok(SPARE.outside));
    assert_eq!(lab.exit_node().as_deref(), Some("spare"));

    let faults = lab.faults();
    faults.forward_nothing("spare");
    assert!(lab.visit().is_err(), "it forwards nothing");
    assert!(lab.ping(SPARE.tailnet).is_some(), "and answers pings");
    faults.forward("spare");
    lab.visit().expect("it forwards again");
    faults.kill("spare");
    assert!(lab.visit().is_err() && lab.ping(SPARE.tailnet).is_none(), "it is gone");
    assert!(lab.ping(GATE.tailnet).is_some(), "the others are not");
    faults.revive("spare");
    lab.visit().expect("it is back");

    lab.delay("spare", Duration::from_millis(30), Duration::from_millis(50));
    let took = lab.ping(SPARE.tailnet).expect("it answers late");
    assert!(took >= Duration::from_millis(80), "{took:?}");
    assert!(lab.ping(THIRD.tailnet).expect("it answers") < took);
    lab.delay("spare", Duration::ZERO, Duration::ZERO);

    for (what, pull) in [("the cable", true), ("the internet", false)] {
        let set = |up| if pull { faults.link(up) } else { faults.internet(up) };
        set(false);
        assert!(
            lab.visit().is_err() && lab.ping(GATE.tailnet).is_none(),
            "{what} is gone"
        );
        set(true);
        crate::support::tailnet::until(what, || lab.visit().ok());
    }
    lab.services.web(Some(Broken::Refusing));
    assert!(lab.visit().expect_err("it refuses").contains("503"));
    lab.services.web(None);

    lab.tailscaled.now("die");
    assert!(lab.ping(GATE.tailnet).is_none());
    let router = Ipv4Addr::new(203, 0, 113, 1);
    assert_eq!(lab.visit(), Ok(router), "around the tunnel");

    lab.tailscaled.now("start");
    assert_eq!(lab.visit(), Ok(SPARE.outside));
}

#[test]
fn loss_is_as_much_as_was_asked_for() {
    let Some(lab) = Lab::new() else { return };
    let faults = lab.faults();
    faults.lose("gate", 100, 0);
    assert!(lab.ping(GATE.tailnet).is_none());
    faults.lose("gate", 0, 100);
    assert!(lab.ping(GATE.tailnet).is_none());
    assert!(lab.ping(SPARE.tailnet).is_some());
    faults.lose_nothing("gate");
    assert!(lab.ping(GATE.tailnet).is_some());
    faults.narrow("spare", 64, 400);
    let start = Instant::now();
    lab.choose("spare");
    lab.visit().expect("slowly");
    assert!(start.elapsed() < Duration::from_secs(2));
    faults.widen("spare");
}
