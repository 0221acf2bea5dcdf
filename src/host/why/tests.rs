//! What is shown of a decision log.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::decision_log::{Found, Trouble};
use super::*;
use crate::host::show::{View, drawn, golden};
use crate::monitor::decision::{Considered, What, Why as Because};
use crate::monitor::diagnosis::Layer;
use crate::monitor::failover::{Chosen, ExitNodeUse, Setting, Unfit};
use crate::monitor::{Decision, Fault, Level, Moment};
use crate::net::WallTime;

/// 2026-11-20T10:15:30Z.
const NOW: WallTime = WallTime::from_unix(1_795_169_730);

/// Central Europe, whatever the machine of the test knows of time zones.
fn zone() -> Zone {
    Zone(TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap())
}

/// 03:12:05 in that zone, and so many seconds later.
fn at(seconds: u64) -> Moment {
    Moment::from_millis((1_795_140_725 + seconds) * 1_000)
}

fn node(name: &str) -> Setting {
    Setting::ExitNode(ExitNodeUse::Node(name.parse().unwrap()))
}

fn direct() -> Setting {
    Setting::ExitNode(ExitNodeUse::Off)
}

fn decision(seconds: u64, what: What) -> Decision {
    Decision { at: at(seconds), what }
}

/// The night of a host whose exit node died: it moved, could not go back at first, and somebody looked after it.
fn night() -> Vec<Decision> {
    let moved = |token, from: &str, to: &str| What::Moved {
        token,
        from: node(from),
        to: node(to),
    };
    vec![
        decision(
            0,
            What::Move {
                token: 7,
                from: node("gate"),
                to: node("spare"),
                why: Because::Failing {
                    level: Level::Down,
                    since: Moment::from_millis(at(0).as_millis() - 95_000),
                    bad: 3,
                    fault: Some(Fault::NoAnswer { waited: 5_000 }),
                },
                considered: vec![
                    Considered {
                        setting: node("auto"),
                        level: Level::Good,
                        unfit: None,
                    },
                    Considered {
                        setting: node("attic"),
                        level: Level::Degraded,
                        unfit: Some(Unfit::Held(at(600))),
                    },
                    Considered {
                        setting: direct(),
                        level: Level::Unknown,
                        unfit: Some(Unfit::OnlyWayIn),
                    },
                ],
                layers: BTreeSet::from([Layer::ExitNode("gate".to_owned()), Layer::Derp]),
            },
        ),
        Decision {
            at: Moment::from_millis(at(0).as_millis() + 180),
            what: moved(7, "gate", "spare"),
        },
        decision(
            3_600,
            What::Move {
                token: 8,
                from: node("spare"),
                to: node("gate"),
                why: Because::Better { since: at(3_000) },
                considered: Vec::new(),
                layers: BTreeSet::new(),
            },
        ),
        decision(
            3_612,
            What::NotMoved {
                token: 8,
                from: node("spare"),
                to: node("gate"),
                reason: "tailscaled takes changes from root and its operator alone: sudo tailscale set --operator=…"
                    .to_owned(),
            },
        ),
        decision(
            9_000,
            What::Paused {
                until: Some(at(12_600)),
            },
        ),
        decision(
            10_000,
            What::Chosen {
                by: Chosen::Hand,
                from: node("spare"),
                to: node("gate"),
                until: None,
            },
        ),
        decision(12_600, What::Resumed),
        decision(
            14_000,
            What::Restart {
                token: 9,
                why: Because::Failing {
                    level: Level::Down,
                    since: at(13_000),
                    bad: 9,
                    fault: None,
                },
            },
        ),
    ]
}

fn seen(decisions: Vec<Decision>, at: Option<&str>, most: usize) -> WhySeen {
    let question = Question {
        at: at.map(|typed| asked::moment(typed, NOW, &zone()).unwrap()),
        since: at.is_none().then_some(DAY),
        subject: None,
        most,
    };
    let found = Found {
        decisions,
        ..Found::default()
    };
    WhySeen::new(&found, &question, NOW, zone())
}

#[test]
fn a_time_is_answered_with_the_decision_nearest_to_it() {
    let seen = seen(night(), Some("03:12"), 1);
    golden("why", "at", &seen);
    assert_eq!(seen.status(), Status::Success);
}

#[test]
fn without_a_time_the_last_one_and_those_before() {
    let seen = seen(night(), None, 5);
    golden("why", "last", &seen);
}

#[test]
fn what_was_not_done_says_why() {
    golden("why", "refused", &seen(night(), Some("04:12"), 1));
}

#[test]
fn far_from_everything_it_says_so() {
    let far = seen(night(), Some("2026-11-19 12:00"), 1);
    golden("why", "far", &far);
    let text = drawn(&far, 80);
    assert!(
        text.starts_with("  · nothing was decided at 2026-11-19 12:00:00 +01:00:"),
        "{text}"
    );
    assert!(text.contains("from exit node gate to exit node spare"), "{text}");
}

#[test]
fn a_subject_and_a_span_narrow_it() {
    let ask = |subject: &str, since: u64| {
        let question = Question {
            at: None,
            since: TimeSpan::from_secs(since).ok(),
            subject: Some(subject.to_owned()),
            most: 10,
        };
        let found = Found {
            decisions: night(),
            ..Found::default()
        };
        WhySeen::new(&found, &question, NOW, zone())
    };
    let kinds = |seen: &WhySeen| seen.decisions().iter().map(|seen| seen.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&ask("tunnel", 86_400)), ["restart"]);
    assert_eq!(kinds(&ask("exit-node", 86_400)), ["move", "move", "chosen"]);
    let text = drawn(&ask("exit-node", 60), 80);
    assert!(
        text.contains("nothing was decided about exit-node in the last 1m; the last decision was"),
        "{text}"
    );
    let text = drawn(&ask("ollama", 60), 80);
    assert!(text.contains("nothing was ever decided about ollama"), "{text}");
}

#[test]
fn what_cannot_be_read_is_said_with_what_to_type() {
    let question = Question {
        at: None,
        since: Some(DAY),
        subject: None,
        most: 10,
    };
    for (name, trouble, expected) in [
        (
            "missing",
            Trouble::Missing(PathBuf::from("/var/lib/x")),
            "systemctl status tailwright-monitor",
        ),
        (
            "forbidden",
            Trouble::Forbidden(PathBuf::from("/var/lib/x/decisions.jsonl")),
            "sudo tsctl why",
        ),
        (
            "broken",
            Trouble::Failed(PathBuf::from("/var/lib/x"), std::io::Error::other("bad disk")),
            "bad disk",
        ),
    ] {
        let found = Found {
            trouble: Some(trouble),
            ..Found::default()
        };
        let seen = WhySeen::new(&found, &question, NOW, zone());
        assert_eq!(seen.status(), Status::CannotTell);
        golden("why", name, &seen);
        assert!(drawn(&seen, 80).contains(expected));
    }
    let found = Found {
        decisions: night(),
        unreadable: 2,
        trouble: None,
    };
    let text = drawn(&WhySeen::new(&found, &question, NOW, zone()), 80);
    assert!(text.contains("2 lines of the decision log cannot be read"), "{text}");
}

#[test]
fn both_parts_of_the_log_are_read_and_bad_lines_passed_over() {
    let directory = tempfile::tempdir().unwrap();
    let line = |decision: &Decision| serde_json::to_string(decision).unwrap();
    let night = night();
    std::fs::write(directory.path().join("decisions.jsonl.1"), line(&night[0])).unwrap();
    let rest = format!(
        "{}\n{{\"at\":1,\"wh\n\n\u{fffd}\n{}\n",
        line(&night[1]),
        line(&night[2])
    );
    std::fs::write(directory.path().join("decisions.jsonl"), rest).unwrap();
    let found = read(directory.path());
    assert_eq!((found.decisions.len(), found.unreadable), (3, 2));
    assert!(found.trouble.is_none());
    let missing = read(&directory.path().join("nowhere"));
    assert!(matches!(missing.trouble, Some(Trouble::Missing(_))));
}

#[test]
fn times_as_people_type_them() {
    let read = |typed: &str| asked::moment(typed, NOW, &zone()).map(|moment| zone().local(moment));
    for (typed, meant) in [
        ("03:12", "2026-11-20 03:12:00 +01:00"),
        ("03:12:05", "2026-11-20 03:12:05 +01:00"),
        // It is 11:15:30 there: later times are yesterday's.
        ("11:15", "2026-11-20 11:15:00 +01:00"),
        ("11:16", "2026-11-19 11:16:00 +01:00"),
        ("2026-07-01 03:12", "2026-07-01 03:12:00 +02:00"),
        ("2026-11-20T03:12:00Z", "2026-11-20 04:12:00 +01:00"),
        ("2026-11-20T03:12:00-05:00", "2026-11-20 09:12:00 +01:00"),
        // The hour that there is twice, and the one that there is not.
        ("2026-10-25 02:30", "2026-10-25 02:30:00 +02:00"),
        ("2026-03-29 02:30", "2026-03-29 03:30:00 +02:00"),
    ] {
        assert_eq!(read(typed).as_deref(), Ok(meant), "{typed}");
    }
    for bad in [
        "",
        "3",
        "25:00",
        "2026-11-20",
        "yesterday",
        "1969-01-01T00:00:00Z",
        "03:12 x",
    ] {
        assert!(read(bad).is_err(), "{bad}: {:?}", read(bad));
    }
}

#[test]
fn a_number_that_comes_again_is_another_story() {
    let moved = |token| What::Moved {
        token,
        from: node("gate"),
        to: node("spare"),
    };
    // The beginning of the first was thrown away, and what ends there is not what began here.
    let decisions = [
        decision(0, moved(7)),
        decision(1, What::Resumed),
        decision(2, What::Restarted { token: 7, failed: None }),
    ];
    let kinds: Vec<bool> = story::stories(&decisions)
        .iter()
        .map(|story| story.end.is_none())
        .collect();
    assert_eq!(kinds, [true, true, true]);
}

#[test]
fn what_is_carried_out_late_ends_the_story_of_its_move() {
    let night = night();
    let late = What::Moved {
        token: 8,
        from: node("spare"),
        to: node("gate"),
    };
    let decisions = [
        night[2].clone(),
        night[3].clone(),
        decision(3_700, What::Resumed),
        decision(3_800, late),
    ];
    let stories = story::stories(&decisions);
    assert_eq!(stories.len(), 2, "{stories:#?}");
    assert_eq!(
        (stories[0].decision, stories[0].end),
        (&decisions[0], Some(&decisions[3]))
    );
    assert_eq!(
        stories[0].distance(at(3_800)),
        0,
        "it is the answer to why at that time"
    );
}

#[test]
fn names_that_others_chose_cannot_act_on_the_terminal() {
    let hostile = Setting::ExitNode(ExitNodeUse::Other("n\u{1b}[2J\nx\u{202e}".to_owned()));
    let what = What::Chosen {
        by: Chosen::Hand,
        from: hostile.clone(),
        to: hostile,
        until: None,
    };
    let text = drawn(&seen(vec![decision(0, what)], None, 10), 80);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
}

#[test]
fn the_schema_that_is_published_is_that_of_these_types() {
    crate::host::show::published::<WhySeen>("why.json");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_typed_time_is_a_time_or_refused(typed in "\\PC{0,24}|[0-9:T Z+.-]{0,25}") {
        let _ = asked::moment(&typed, NOW, &zone());
    }

    #[test]
    fn any_log_is_shown(order in proptest::collection::vec((0..8_usize, 0..u64::MAX), 0..12), width in 40..130_usize) {
        let night = night();
        let decisions = order.into_iter().map(|(which, at)| Decision {
            at: Moment::from_millis(at),
            what: night[which].what.clone(),
        });
        let seen = seen(decisions.collect(), Some("03:12"), 5);
        let mut out = Vec::new();
        seen.draw(&crate::host::show::Screen::plain(width), &mut out).unwrap();
        serde_json::to_string(&seen).unwrap();
    }
}
