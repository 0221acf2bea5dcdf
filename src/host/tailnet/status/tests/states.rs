//! Each state in which a node can be, as it is drawn.

use super::super::{NodeStatus, Peers};
use super::world::{
    NOW, captured, every_path, exit_node_in_use, facts, judged, peer, prefs, report, routes_waiting, running, usual,
    with_monitor,
};
use crate::host::monitor::control::Unreached;
use crate::host::show::{State, golden};
use crate::host::tailnet::when::DAY;
use crate::localapi::Error;

/// Each state, by the name of its files.
#[allow(clippy::too_many_lines, reason = "a table")]
fn states() -> Vec<(&'static str, NodeStatus, State)> {
    let gamma = prefs(&serde_json::json!({"ExitNodeID": "TESTCTRL00000002"}));
    let failed_over = || facts(&exit_node_in_use(), &gamma);
    let away = serde_json::json!({"phase": "away", "standing": {"exit-node": {"node": "gamma"}}});
    let state_of = |state: &str| {
        let mut status = running();
        status["BackendState"] = state.into();
        status
    };
    let mut no_login = facts(
        &captured(include_str!(
            "../../../../../tests/fixtures/localapi/01-status-needslogin.json"
        )),
        &captured(include_str!(
            "../../../../../tests/fixtures/localapi/02-prefs-needslogin.json"
        )),
    );
    no_login.certificates.clear();
    let stopped = captured(include_str!("../../../../../tests/fixtures/localapi/33-stopped.json"));
    let mut key_ends = running();
    key_ends["Self"]["KeyExpiry"] = crate::host::tailnet::when::written(NOW.unix() + 6 * DAY).into();
    let mut gone = facts(&running(), &usual());
    gone.status = Err(Error::NoSocket("/run/tailscale/tailscaled.sock".into()));
    gone.peers = Peers::default();
    let mut silent = gone.clone();
    silent.status = Err(Error::TimedOut {
        endpoint: "status".to_owned(),
        patience: std::time::Duration::from_secs(3),
    });
    let mut unseen = exit_node_in_use();
    peer(&mut unseen, "gamma")["Online"] = false.into();
    vec![
        ("good", judged(facts(&running(), &usual())), State::Good),
        ("exit-node", judged(failed_over()), State::Good),
        (
            "failed-over",
            with_monitor(failed_over(), &Ok(report(&away, &serde_json::json!({})))),
            State::Degraded,
        ),
        (
            "no-exit-node",
            with_monitor(
                facts(&running(), &usual()),
                &Ok(report(
                    &serde_json::json!({"phase": "overridden", "standing": {"exit-node": "off"}, "chosen": {"by": "operator",
                        "was": {"exit-node": {"node": "gate"}}, "until": null}}),
                    &serde_json::json!({"pause": {}}),
                )),
            ),
            State::Degraded,
        ),
        (
            "no-monitor",
            with_monitor(failed_over(), &Err(Unreached::Away)),
            State::Degraded,
        ),
        ("exit-node-unseen", judged(facts(&unseen, &gamma)), State::Degraded),
        (
            "exit-node-gone",
            judged(facts(&running(), &prefs(&serde_json::json!({"ExitNodeID": "nGONE"})))),
            State::Down,
        ),
        ("needs-login", judged(no_login), State::Down),
        (
            "needs-approval",
            judged(facts(&state_of("NeedsMachineAuth"), &usual())),
            State::Down,
        ),
        (
            "starting",
            judged(facts(&state_of("Starting"), &usual())),
            State::Degraded,
        ),
        (
            "stopped",
            judged(facts(&stopped[1]["response"]["body"], &usual())),
            State::Down,
        ),
        ("key-ends", judged(facts(&key_ends, &usual())), State::Degraded),
        (
            "ssh",
            judged(facts(&running(), &prefs(&serde_json::json!({"RunSSH": true})))),
            State::Good,
        ),
        ("routes-waiting", judged(routes_waiting()), State::Degraded),
        ("every-path", judged(facts(&every_path(), &usual())), State::Good),
        ("away", judged(gone), State::Down),
        ("silent", judged(silent), State::CannotTell),
    ]
}

#[test]
fn each_state_is_drawn_within_its_columns() {
    for (name, seen, state) in states() {
        assert_eq!(seen.state, state, "{name}: {:?}", seen.reasons);
        golden("tailnet/status", name, &seen);
    }
}
