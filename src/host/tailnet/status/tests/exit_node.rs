//! The exit node: which, who chose it, and whether anything gets out.

use super::super::seen;
use super::world::{exit_node_in_use, facts, judged, peer, prefs, reasons, report, running, with_monitor};
use crate::host::show::{State, drawn};

#[test]
fn who_chose_the_exit_node_is_known_where_a_monitor_runs() {
    let gamma = prefs(&serde_json::json!({"ExitNodeID": "TESTCTRL00000002"}));
    for (about, chosen_by, line) in [
        (
            serde_json::json!({}),
            seen::ChosenBy::Settings,
            "gamma, as the settings want it, idle",
        ),
        (
            serde_json::json!({"standing": {"exit-node": {"node": "gamma"}}, "phase": "away"}),
            seen::ChosenBy::Monitor,
            "gamma, chosen by the monitor instead of gate, idle",
        ),
        (
            serde_json::json!({"chosen": {"by": "operator", "was": {"exit-node": "off"}, "until": null}}),
            seen::ChosenBy::Operator,
            "gamma, chosen by the operator, idle",
        ),
        (
            serde_json::json!({"chosen": {"by": "hand", "was": {"exit-node": "off"}, "until": null}}),
            seen::ChosenBy::Hand,
            "gamma, chosen by hand, idle",
        ),
    ] {
        let seen = with_monitor(
            facts(&exit_node_in_use(), &gamma),
            &Ok(report(&about, &serde_json::json!({}))),
        );
        assert_eq!(seen.exit_node.as_ref().unwrap().chosen_by, chosen_by);
        let text = drawn(&seen, 120);
        assert!(text.contains(&format!("exit node   {line}\n")), "{line}: {text}");
    }
    // tailscaled itself chose which.
    let any = prefs(&serde_json::json!({"ExitNodeID": "TESTCTRL00000002", "AutoExitNode": "any"}));
    let empty = serde_json::json!({});
    let seen = with_monitor(facts(&exit_node_in_use(), &any), &Ok(report(&empty, &empty)));
    assert_eq!(seen.exit_node.unwrap().chosen_by, seen::ChosenBy::Tailscaled);
}

#[test]
fn an_exit_node_is_named_with_who_chose_it() {
    let by_name = prefs(&serde_json::json!({"ExitNodeID": "TESTCTRL00000002"}));
    let mut status = exit_node_in_use();
    let seen = judged(facts(&status, &by_name));
    assert_eq!(
        reasons(&seen),
        [(
            State::Good,
            "Some peers are advertising routes but --accept-routes is false"
        )]
    );

    peer(&mut status, "gamma")["Online"] = false.into();
    let seen = judged(facts(&status, &by_name));
    assert_eq!(seen.state, State::Degraded);
    assert!(
        seen.reasons[0].text.contains("does not see the exit node gamma"),
        "{:?}",
        seen.reasons
    );

    let by_tailscaled = prefs(&serde_json::json!({"ExitNodeID": "TESTCTRL00000002", "AutoExitNode": "any"}));
    let exit = judged(facts(&status, &by_tailscaled)).exit_node.unwrap();
    assert_eq!(exit.chosen_by, seen::ChosenBy::Tailscaled);
}

#[test]
fn an_exit_node_that_lets_nothing_out_is_down() {
    for (prefs_then, text) in [
        (
            serde_json::json!({"ExitNodeID": "nGONE"}),
            "the exit node nGONE is not in this tailnet",
        ),
        (
            serde_json::json!({"ExitNodeID": "TESTCTRL00000001"}),
            "beta is chosen as exit node and is none",
        ),
        (
            serde_json::json!({"AutoExitNode": "any"}),
            "tailscaled looks for an exit node",
        ),
    ] {
        let seen = judged(facts(&running(), &prefs(&prefs_then)));
        assert_eq!(seen.state, State::Down, "{text}");
        assert!(seen.reasons[0].text.starts_with(text), "{:?}", seen.reasons);
        assert_eq!(
            seen.reasons[0].command.as_deref(),
            Some("sudo tailscale set --exit-node=")
        );
    }
}
