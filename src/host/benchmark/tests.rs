use serde_json::json;

use super::seen::{Last, LastAnswer, Sender, ServiceSeen};
use super::*;
use crate::host::firewall::moment::WallTime;
use crate::host::show::{golden, long_name};
use crate::host::tailnet::{Figures, figures_of};

const NOW: WallTime = WallTime::from_unix(1_795_147_500);

fn trips(micros: u64) -> Figures {
    figures_of(&[Some(micros), Some(micros), Some(micros + 2_000)])
}

fn peer(name: &str) -> PeerSeen {
    PeerSeen {
        name: name.to_owned(),
        address: "100.64.0.1".to_owned(),
        sender: Some(Sender::Own),
        unmeasured: None,
        idle: Some(trips(3_000)),
        connect_millis: Some(3.1),
        download: Some(93_400_000),
        during_download: Some(trips(9_000)),
        upload: Some(41_000_000),
        during_upload: Some(trips(11_000)),
        last: None,
    }
}

fn service(name: &str, trouble: Option<&str>, status: Option<u16>) -> ServiceSeen {
    ServiceSeen {
        name: name.to_owned(),
        at: "127.0.0.1:8080".to_owned(),
        answer_millis: trouble.is_none().then_some(2.25),
        status,
        trouble: trouble.map(str::to_owned),
        last: None,
        command: "sudo ss -ltnp 'sport = :8080'".to_owned(),
    }
}

fn judged(peers: Vec<PeerSeen>, services: Vec<ServiceSeen>) -> Benchmarked {
    judge::judge(Vec::new(), peers, services, NOW)
}

fn good() -> Benchmarked {
    let mut beta = peer("beta");
    beta.last = Some(Last {
        taken: "2026-11-19T04:05:00Z".to_owned(),
        download: Some(94_000_000),
        upload: None,
        idle_millis: Some(3.0),
    });
    let mut ollama = service("ollama", None, Some(200));
    ollama.last = Some(answered(2.5));
    judged(vec![beta], vec![ollama])
}

fn answered(answer_millis: f64) -> LastAnswer {
    LastAnswer {
        taken: "2026-11-19T04:05:00Z".to_owned(),
        answer_millis,
    }
}

#[test]
fn where_nothing_was_measured_nothing_is_good() {
    let seen = judged(Vec::new(), Vec::new());
    assert_eq!((seen.state, seen.reasons.len()), (State::CannotTell, 1));
    assert_eq!(seen.reasons[0].command.as_deref(), Some("tsctl status"));
    let seen = judged(Vec::new(), vec![service("ollama", None, Some(200))]);
    assert_eq!(seen.state, State::Good);
}

fn slow() -> Benchmarked {
    let mut slow = peer("beta");
    slow.during_upload = Some(trips(412_000));
    slow.last = Some(Last {
        taken: "2026-11-19T04:05:00Z".to_owned(),
        download: Some(200_000_000),
        upload: Some(50_000_000),
        idle_millis: None,
    });
    let mut ollama = service("ollama", None, Some(200));
    (ollama.answer_millis, ollama.last) = (Some(184.0), Some(answered(2.5)));
    let services = vec![
        ollama,
        service("db", Some("the connection was refused"), None),
        service("web", None, Some(502)),
    ];
    judged(vec![slow, alone("gamma")], services)
}

/// A peer where nobody helps.
fn alone(name: &str) -> PeerSeen {
    let mut alone = peer(name);
    (alone.sender, alone.download, alone.upload) = (None, None, None);
    (alone.during_download, alone.during_upload) = (None, None);
    alone
}

/// Each state, by the name of its files.
fn states() -> Vec<(&'static str, Benchmarked, State)> {
    let mut gone = alone("delta");
    gone.idle = Some(figures_of(&[None, None, None]));
    gone.connect_millis = None;
    let away = unasked(&crate::localapi::Error::NoSocket(
        "/run/tailscale/tailscaled.sock".into(),
    ));
    let long = long_name();
    let mut far = service(&long, None, Some(200));
    far.at = "[2001:db8:1234:5678:9abc:def0:1234:5678]:18080".to_owned();
    vec![
        ("good", good(), State::Good),
        ("slow", slow(), State::Degraded),
        ("alone", judged(vec![alone("gamma")], Vec::new()), State::CannotTell),
        ("peer-gone", judged(vec![gone], Vec::new()), State::Down),
        ("nothing", judged(Vec::new(), Vec::new()), State::CannotTell),
        (
            "away",
            judge::judge(vec![away], Vec::new(), Vec::new(), NOW),
            State::Down,
        ),
        ("long-names", judged(vec![peer(&long)], vec![far]), State::Good),
    ]
}

#[test]
fn each_state_is_drawn_within_its_columns() {
    for (name, seen, state) in states() {
        assert_eq!(seen.state, state, "{name}: {:?}", seen.reasons);
        golden("benchmark", name, &seen);
    }
}

#[test]
fn a_peer_that_does_not_answer_is_down_and_one_without_help_cannot_be_told() {
    let mut away = alone("delta");
    away.idle = Some(figures_of(&[None, None, None]));
    away.connect_millis = None;
    let seen = judged(vec![away.clone()], Vec::new());
    assert_eq!(seen.state, State::Down);
    away.connect_millis = Some(2.0);
    let seen = judged(vec![away], Vec::new());
    assert_eq!(seen.state, State::CannotTell);
    assert_eq!(
        seen.reasons[0].command.as_deref(),
        Some("ssh delta tsctl benchmark --serve")
    );
}

#[test]
fn half_of_the_last_time_is_no_reason_yet() {
    let mut beta = peer("beta");
    let mut last = Last {
        taken: String::new(),
        download: Some(2 * 93_400_000),
        upload: None,
        idle_millis: None,
    };
    beta.last = Some(last.clone());
    assert_eq!(judged(vec![beta.clone()], Vec::new()).state, State::Good);
    last.download = Some(2 * 93_400_000 + 2);
    beta.last = Some(last);
    assert_eq!(judged(vec![beta], Vec::new()).state, State::Degraded);
}

#[test]
fn what_takes_much_longer_than_the_last_time_is_told() {
    let of_service = |now: f64, then: f64| {
        let mut ollama = service("ollama", None, Some(200));
        (ollama.answer_millis, ollama.last) = (Some(now), Some(answered(then)));
        judged(Vec::new(), vec![ollama])
    };
    // Twice of next to nothing is nothing.
    for (now, then) in [(2.25, 0.5), (60.0, 30.0), (30.0, 60.0)] {
        assert_eq!(of_service(now, then).state, State::Good, "{now} {then}");
    }
    let slow = of_service(61.0, 30.0);
    assert_eq!(
        (slow.state, slow.reasons[0].text.as_str()),
        (
            State::Degraded,
            "the service ollama answers after 61 ms instead of the 30 ms of 24 h ago"
        )
    );
    let mut beta = peer("beta");
    beta.idle = Some(trips(61_000));
    let last = |idle| Last {
        taken: "2026-11-19T04:05:00Z".to_owned(),
        download: None,
        upload: None,
        idle_millis: Some(idle),
    };
    beta.last = Some(last(31.0));
    assert_eq!(judged(vec![beta.clone()], Vec::new()).state, State::Good);
    beta.last = Some(last(30.0));
    let slow = judged(vec![beta], Vec::new());
    assert_eq!(slow.state, State::Degraded);
    assert_eq!(slow.reasons[0].command.as_deref(), Some("tsctl quality beta"));
}

#[test]
fn why_a_throughput_was_not_measured_is_told() {
    let mut busy = alone("beta");
    let told = |peer: &PeerSeen| judged(vec![peer.clone()], Vec::new()).reasons.remove(0);
    assert!(told(&busy).text.ends_with("nobody serves a measurement there"));
    busy.unmeasured = Some("it serves the measurements of others just now".to_owned());
    assert!(
        told(&busy)
            .text
            .ends_with("beta was not measured: it serves the measurements of others just now")
    );
    // Half of it broke off: whoever serves is there.
    let mut half = peer("beta");
    (half.upload, half.unmeasured) = (None, Some("the upload broke off: reset".to_owned()));
    assert_eq!(told(&half).command.as_deref(), Some("tsctl quality beta"));
}

#[test]
fn the_schema_that_is_published_is_that_of_these_types() {
    crate::host::show::published::<Benchmarked>("ts-benchmark.json");
    assert!(json!(judged(Vec::new(), Vec::new())).is_object());
}
