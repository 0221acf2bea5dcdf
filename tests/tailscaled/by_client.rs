//! What the client of the local API makes of it.

use std::future::Future;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use tailwright::localapi::data::{BackendState, PrefsChange};
use tailwright::localapi::{Error, Event, Follower, LocalApi, Patience};

use super::scenario;
use crate::support::tailscaled::Tailscaled;

/// Runs it to its end, which must come.
fn block<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let patience = Duration::from_mins(1);
        tokio::time::timeout(patience, work).await.expect("it happens")
    })
}

/// What is seen of it until that event, from before its time begins.
fn followed(fake: &mut Tailscaled, refresh: Duration, is_last: impl Fn(&Event) -> bool) -> Vec<Event> {
    let api = LocalApi::new(fake.socket(), Patience::default());
    block(async {
        let mut follower = Follower::new(&api, refresh);
        let mut events = vec![follower.next().await];
        fake.begin();
        while !events.last().is_some_and(&is_last) {
            events.push(follower.next().await);
        }
        events
    })
}

/// Long enough for no test to see it.
const SELDOM: Duration = Duration::from_hours(1);

fn status_with(event: &Event, is_so: impl Fn(&tailwright::localapi::data::Status) -> bool) -> bool {
    matches!(event, Event::Status(status) if is_so(status))
}

fn online(event: &Event, name: &str, online: bool) -> bool {
    status_with(event, |status| {
        status
            .peers
            .0
            .iter()
            .any(|peer| peer.name() == name && peer.online == online)
    })
}

#[test]
fn an_older_one_that_replaces_it_is_followed() {
    let mut fake = Tailscaled::prepare(&scenario("replaced-by-older"));
    let events = followed(&mut fake, SELDOM, |event| {
        status_with(event, |status| status.version.starts_with("1.96.5"))
    });
    let lost: Vec<&Event> = events.iter().filter(|event| matches!(event, Event::Lost(_))).collect();
    assert!(matches!(lost[0], Event::Lost(Error::BrokenOff(_))), "{lost:?}");
    assert!(
        lost[1..]
            .iter()
            .all(|event| matches!(event, Event::Lost(Error::NoSocket(_)))),
        "{lost:?}"
    );
    assert!(lost.len() > 1, "it was away");
}

#[test]
fn each_state_is_heard_of() {
    let mut fake = Tailscaled::prepare(&scenario("states"));
    let api = LocalApi::new(fake.socket(), Patience::default());
    let mut states = Vec::new();
    block(async {
        let mut follower = Follower::new(&api, SELDOM);
        // The first is that of the beginning, the last three those of the logout.
        while states.len() < 15 {
            match follower.next().await {
                Event::State(state) => states.push(state),
                Event::Lost(error) => panic!("{error}"),
                _ => {}
            }
            if states.len() == 1 {
                fake.begin();
            }
        }
    });
    let (login, machine) = (BackendState::NeedsLogin, BackendState::NeedsMachineAuth);
    let (off, starts, on) = (BackendState::Stopped, BackendState::Starting, BackendState::Running);
    let (begins, ends) = states.split_at(13);
    let expected = [
        &login, &starts, &on, &off, &starts, &on, &machine, &starts, &on, &login, &starts, &on, &off,
    ];
    assert_eq!(begins.iter().collect::<Vec<_>>(), expected);
    assert_eq!(ends, [BackendState::NoState, login], "logged out");
}

#[test]
fn trouble_on_the_bus_is_a_gap_each_time() {
    let mut fake = Tailscaled::prepare(&scenario("bus-trouble"));
    let refresh = Duration::from_millis(200);
    let events = followed(&mut fake, refresh, |event| online(event, "gamma", false));
    let lost: Vec<&Event> = events.iter().filter(|event| matches!(event, Event::Lost(_))).collect();
    assert!(matches!(lost[0], Event::Lost(Error::Unreadable { .. })), "{lost:?}");
    assert!(
        lost[1..]
            .iter()
            .all(|event| matches!(event, Event::Lost(Error::BrokenOff(_)))),
        "{lost:?}"
    );
    assert_eq!(lost.len(), 2, "{lost:?}");
    assert!(
        !events.iter().any(|event| matches!(event, Event::Online { .. })),
        "nobody has told it: the status was read"
    );
    // Once it is heard again, so is what it says.
    let api = LocalApi::new(fake.socket(), Patience::default());
    block(async {
        let mut follower = Follower::new(&api, refresh);
        while follower.next().await
            != (Event::Online {
                node_id: 2,
                online: true,
            })
        {}
    });
}

#[test]
fn a_complaint_is_understood_in_each_of_its_shapes() {
    for (answer, expected) in [
        ("500 plain \"no such thing\"", "tailscaled refused it: no such thing"),
        ("500 error \"no such thing\"", "tailscaled refused it: no such thing"),
        ("400 Error \"no such thing\"", "tailscaled refused it: no such thing"),
        ("500 Err \"no such thing\"", "tailscaled refused it: no such thing"),
        (
            "403 plain \"prefs write access denied\"",
            "only root and tailscaled's operator may do that",
        ),
        ("404 plain \"404 page not found\"", "does not know prefs: it is too old"),
    ] {
        let fake = Tailscaled::play(&format!("answer PATCH prefs {answer}"));
        let api = LocalApi::new(fake.socket(), Patience::default());
        let error = block(api.change_prefs(&PrefsChange::new().accept_dns(true))).expect_err(answer);
        assert!(error.to_string().contains(expected), "{answer}: {error}");
        block(api.prefs()).expect("whoever only asks is answered");
        fake.now("usual prefs");
        block(api.change_prefs(&PrefsChange::new().accept_dns(true))).expect("it is as usual");
    }
}

#[test]
fn a_reply_that_ends_early_is_broken_off_wherever_it_ends() {
    let fake = Tailscaled::play("");
    let api = LocalApi::new(fake.socket(), Patience::default());
    for length in [0, 1, 17, 60, 150, 200, 1_000, 4_500, 5_000] {
        fake.now(&format!("answer 1 times status cut {length}"));
        let error = block(api.status()).expect_err("half a status");
        assert!(matches!(error, Error::BrokenOff(_)), "{length}: {error}");
        block(api.status()).expect("the next one is whole");
    }
}

#[test]
fn a_reply_that_does_not_go_on_is_not_waited_for() {
    let fake = Tailscaled::play("answer 1 times status stuck 400\nanswer 1 times watch-ipn-bus stuck 250");
    let patience = Patience {
        usual: Duration::from_millis(400),
        ..Patience::default()
    };
    let api = LocalApi::new(fake.socket(), patience);
    let error = block(api.status()).expect_err("half a status");
    assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    // A bus whose first line never ends: the status is read instead.
    block(async {
        let mut follower = Follower::new(&api, SELDOM);
        while !matches!(follower.next().await, Event::Status(_)) {}
    });
}

#[test]
fn only_root_can_give_the_socket_away() {
    if !rustix::process::geteuid().is_root() {
        return crate::support::left_out::note("only root can give a file away");
    }
    let fake = Tailscaled::play("mode 0660\nowner 65534 65533");
    let of = |fake: &Tailscaled| {
        let known = std::fs::metadata(fake.socket()).expect("it is there");
        (known.mode() & 0o777, known.uid(), known.gid())
    };
    assert_eq!(of(&fake), (0o660, 65_534, 65_533));
    fake.now("mode 0600");
    fake.now("restart 1ms");
    assert_eq!(of(&fake), (0o600, 65_534, 65_533), "also when it comes back");
}
