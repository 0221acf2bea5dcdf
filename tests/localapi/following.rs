//! Staying informed, whatever becomes of tailscaled.

use std::future::Future;
use std::time::Duration;

use tailwright::localapi::data::{BackendState, Status};
use tailwright::localapi::{Error, Event, Follower, LocalApi, Patience};

use crate::support::tailscaled::{Tailscaled, World};

/// Runs it to its end; an event that does not come is a failure, not an endless test.
fn block<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        tokio::time::timeout(Duration::from_mins(1), work)
            .await
            .expect("it happens")
    })
}

fn client(fake: &Tailscaled) -> LocalApi {
    LocalApi::new(fake.socket(), Patience::default())
}

/// Long enough for no test to see it.
const SELDOM: Duration = Duration::from_hours(1);

/// The next status, past what comes before it.
async fn status(follower: &mut Follower<'_>) -> Box<Status> {
    loop {
        if let Event::Status(status) = follower.next().await {
            return status;
        }
    }
}

async fn until(follower: &mut Follower<'_>, wanted: impl Fn(&Event) -> bool) -> Event {
    loop {
        let event = follower.next().await;
        if wanted(&event) {
            return event;
        }
    }
}

fn questions(fake: &Tailscaled, endpoint: &str) -> usize {
    let seen = fake.seen();
    seen.iter()
        .filter(|request| request.endpoint() == Some(endpoint))
        .count()
}

#[test]
fn a_new_daemon_tells_everything_by_itself() {
    let fake = Tailscaled::start(World::running());
    let api = client(&fake);
    block(async {
        let mut follower = Follower::new(&api, SELDOM);
        assert_eq!(status(&mut follower).await.peers.0.len(), 3);
        until(&mut follower, |event| {
            matches!(event, Event::State(BackendState::Running))
        })
        .await;
        until(&mut follower, |event| matches!(event, Event::Prefs(_))).await;
        fake.now("offline gamma");
        let gone = until(&mut follower, |event| matches!(event, Event::Online { .. })).await;
        assert_eq!(
            gone,
            Event::Online {
                node_id: 2,
                online: false
            }
        );
        let warnings =
            serde_json::json!({"Health": {"Warnings": {"no-derp-home": {"Severity": "high", "Title": "x"}}}});
        fake.change(|world| world.tell(&warnings));
        let Event::Health(health) = until(&mut follower, |event| matches!(event, Event::Health(_))).await else {
            panic!("it was asked for")
        };
        assert!(health.warnings.contains_key("no-derp-home"));
    });
    assert_eq!(questions(&fake, "status"), 0, "nothing had to be asked");
    let bus = fake.seen()[0].clone();
    assert_eq!(
        (bus.endpoint(), bus.parameter("mask")),
        (Some("watch-ipn-bus"), "50310")
    );
}

#[test]
fn a_node_that_comes_is_read_once_however_often_it_is_told() {
    let fake = Tailscaled::start(World::running());
    let api = client(&fake);
    block(async {
        let mut follower = Follower::new(&api, SELDOM);
        status(&mut follower).await;
        fake.change(|world| {
            world.add_peers(1);
            for _ in 0..20 {
                world.tell(&serde_json::json!({"PeersChanged": [{"ID": 1_001, "Name": "peer-1.lab-tailnet.ts.net."}]}));
            }
        });
        assert_eq!(status(&mut follower).await.peers.0.len(), 4);
        assert_eq!(follower.next_within(Duration::from_millis(300)).await, None);
    });
    assert_eq!(questions(&fake, "status"), 1);
}

#[test]
fn an_old_daemon_is_asked_when_it_says_that_something_changed() {
    let fake = Tailscaled::start(World::old());
    let api = client(&fake);
    block(async {
        let mut follower = Follower::new(&api, SELDOM);
        status(&mut follower).await;
        fake.now("offline gamma");
        let seen = status(&mut follower).await;
        let gamma = seen
            .peers
            .0
            .iter()
            .find(|peer| peer.name() == "gamma")
            .expect("it is there");
        assert!(!gamma.online);
    });
    assert_eq!(questions(&fake, "status"), 2);
}

#[test]
fn a_daemon_without_a_bus_is_asked_now_and_then() {
    let fake = Tailscaled::play("lacks watch-ipn-bus");
    let api = client(&fake);
    block(async {
        let mut follower = Follower::new(&api, Duration::from_millis(50));
        let Event::Polled(why) = follower.next().await else {
            panic!("it is said first")
        };
        assert!(why.to_string().contains("Update tailscale"), "{why}");
        for _ in 0..3 {
            assert!(matches!(follower.next().await, Event::Status(_)), "it is said once");
        }
    });
    assert_eq!(questions(&fake, "watch-ipn-bus"), 1, "once is enough for a while");
}

#[test]
fn a_bus_that_is_refused_once_is_tried_again() {
    let fake = Tailscaled::play(r#"answer 1 times watch-ipn-bus 500 plain "not yet""#);
    let api = client(&fake);
    block(async {
        let mut follower = Follower::new(&api, SELDOM);
        let lost = follower.next().await;
        assert!(
            matches!(lost, Event::Lost(Error::Refused { status: 500, .. })),
            "{lost:?}"
        );
        status(&mut follower).await;
    });
    assert_eq!((questions(&fake, "watch-ipn-bus"), questions(&fake, "status")), (2, 0));
}

#[test]
fn a_quiet_bus_does_not_hide_what_is_not_on_it() {
    let fake = Tailscaled::start(World::running());
    let api = client(&fake);
    block(async {
        let mut follower = Follower::new(&api, Duration::from_millis(100));
        status(&mut follower).await;
        fake.change(|world| world.peer("gamma")["CurAddr"] = "10.77.2.13:41641".into());
        let seen = status(&mut follower).await;
        let gamma = seen
            .peers
            .0
            .iter()
            .find(|peer| peer.name() == "gamma")
            .expect("it is there");
        assert_eq!(gamma.cur_addr, "10.77.2.13:41641");
    });
}

#[test]
fn after_a_restart_everything_is_read_again() {
    let fake = Tailscaled::start(World::running());
    let api = client(&fake);
    block(async {
        let mut follower = Follower::new(&api, SELDOM);
        status(&mut follower).await;
        fake.now("stop");
        let lost = until(&mut follower, |event| matches!(event, Event::Lost(_))).await;
        assert!(matches!(lost, Event::Lost(Error::BrokenOff(_))), "{lost:?}");
        let lost = follower.next().await;
        assert!(matches!(lost, Event::Lost(Error::NoSocket(_))), "{lost:?}");
        // Another one comes up meanwhile, an older one, with another state.
        fake.now("base old");
        fake.now("start");
        let seen = status(&mut follower).await;
        assert_eq!(seen.version, "1.96.5-t88200dbb4");
    });
}

#[test]
fn garbage_on_the_bus_is_a_gap_and_no_more() {
    let fake = Tailscaled::play(
        r#"answer 1 times watch-ipn-bus bytes "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nxxxx\n\r\n""#,
    );
    let api = client(&fake);
    block(async {
        let mut follower = Follower::new(&api, SELDOM);
        let lost = follower.next().await;
        assert!(matches!(lost, Event::Lost(Error::Unreadable { .. })), "{lost:?}");
        status(&mut follower).await;
    });
}

/// One line of a kind that nobody knows yet behind the first would otherwise have the whole status read ten times a second.
#[test]
fn a_bus_that_breaks_each_time_is_given_up_and_tailscaled_is_asked() {
    let body = "{\"State\":6}\n{\"State\":[]}\n";
    let bytes = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n",
        body.len()
    );
    let fake = Tailscaled::play(&format!("answer watch-ipn-bus bytes {bytes:?}"));
    let api = client(&fake);
    block(async {
        let mut follower = Follower::new(&api, Duration::from_millis(50));
        let mut lost = 0;
        let why = loop {
            match follower.next().await {
                Event::Lost(error) => {
                    assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
                    lost += 1;
                }
                Event::Polled(why) => break why,
                _ => {}
            }
        };
        assert!(matches!(why, Error::Unreadable { .. }), "{why:?}");
        assert_eq!(lost, 2, "two gaps may be by chance");
        for _ in 0..3 {
            status(&mut follower).await;
        }
    });
    assert_eq!(questions(&fake, "watch-ipn-bus"), 3);
}

#[test]
fn a_daemon_that_refuses_what_is_asked_of_its_bus_is_asked_itself() {
    let fake = Tailscaled::play(r#"answer watch-ipn-bus 400 plain "bad mask""#);
    let api = client(&fake);
    block(async {
        let mut follower = Follower::new(&api, Duration::from_millis(50));
        let polled = follower.next().await;
        assert!(
            matches!(polled, Event::Polled(Error::Refused { status: 400, .. })),
            "{polled:?}"
        );
        status(&mut follower).await;
    });
    assert_eq!(questions(&fake, "watch-ipn-bus"), 1);
}
