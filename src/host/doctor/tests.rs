mod complaints;
mod world;

use std::collections::BTreeSet;

use serde_json::json;

use self::complaints::complaints;
use self::world::{but, good, report, secret, silence, uses_gamma};
use super::facts::Lookup;
use super::*;
use crate::host::show::{Reason, View, drawn, golden};
use crate::host::unknown::Unknown;
use crate::localapi::Error;

fn all(facts: &Facts) -> Examined {
    let checks: Vec<&Check> = CHECKS.iter().collect();
    examined(facts, &checks)
}

#[test]
fn all_is_good() {
    let seen = all(&good().facts);
    let bad: Vec<&CheckSeen> = seen.checks.iter().filter(|check| check.state != State::Good).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert_eq!(seen.status(), Ended::Success);
    golden("doctor", "good", &seen);
}

#[test]
fn each_check_complains_of_what_it_is_for_with_the_command_that_mends_it() {
    let complaints = complaints();
    for (id, facts, (state, text, command)) in &complaints {
        let check = CHECKS.iter().find(|check| check.id == *id).unwrap();
        let outcome = (check.judge)(facts);
        let reason = outcome.reasons.iter().find(|reason| reason.text.contains(text));
        let reason = reason.unwrap_or_else(|| panic!("{id}: {text}: {outcome:?}"));
        assert_eq!(
            (reason.state, reason.command.as_deref().unwrap_or_default()),
            (*state, *command),
            "{id}: {}",
            reason.text
        );
    }
    let silent: Vec<&str> = CHECKS
        .iter()
        .map(|check| check.id)
        .filter(|id| !complaints.iter().any(|(of, ..)| of == id))
        .collect();
    assert!(silent.is_empty(), "never seen to complain: {silent:?}");
}

#[test]
fn the_monitor_is_asked_what_it_moved() {
    let of = |phase: &str, level: &str| {
        let spare = json!({"exit-node": {"node": "spare"}});
        let subject = json!({
            "subject": "exit-node", "phase": phase, "standing": spare, "since": 1_795_147_400_000_u64,
            "settings": [{"setting": spare, "level": level}],
        });
        let facts = but(|world| world.facts.monitor = Ok(Some(report(json!({"subjects": [subject]})))));
        let monitor = CHECKS.iter().find(|check| check.id == "monitor").unwrap();
        examined(&facts, &[monitor]).state
    };
    for (phase, level, state) in [
        ("home", "good", State::Good),
        ("overridden", "good", State::Degraded),
        ("away", "good", State::Degraded),
        ("moving", "good", State::Degraded),
        ("trial", "good", State::Degraded),
        ("waiting", "degraded", State::Degraded),
        ("waiting", "down", State::Down),
        ("stuck", "degraded", State::Degraded),
        ("stuck", "down", State::Down),
    ] {
        assert_eq!(of(phase, level), state, "{phase}, {level}");
    }
}

#[test]
fn what_is_not_there_is_no_complaint() {
    // A laptop: no settings, no nginx, no monitor, no systemd.
    let facts = but(|world| {
        let facts = &mut world.facts;
        facts.settings = Ok(None);
        facts.monitor = Ok(None);
        facts.firewall = Ok((State::Good, Vec::new()));
        let units = facts.units.as_mut().unwrap();
        units.units.retain(|name, _| name == "tailscaled.service");
        facts.nginx = Err("there is no nginx here".into());
        facts.ssh = Ok(None);
        facts.services.clear();
        facts.secrets.clear();
    });
    let seen = all(&facts);
    let bad: Vec<&CheckSeen> = seen.checks.iter().filter(|check| check.state != State::Good).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    // Userspace networking has no interface, no rules and no routes.
    let facts = but(|world| {
        world.status["TUN"] = false.into();
        world.facts.kernel.rules = Some(Vec::new());
        world.facts.kernel.table_52 = Some((0, false));
        world.facts.kernel.interface.1 = None;
    });
    assert_eq!(all(&facts).state, State::Good);
}

/// A laptop that uses one is well, although nobody knows what its own network is like meanwhile.
#[test]
fn with_an_exit_node_all_may_be_good() {
    let facts = but(|world| {
        uses_gamma(world);
        world.facts.kernel.table_52 = Some((4, true));
    });
    let seen = all(&facts);
    assert_eq!(seen.status(), Ended::Success, "{:#?}", seen.checks);
    let hints: Vec<&str> = seen
        .checks
        .iter()
        .filter(|check| !check.reasons.is_empty())
        .map(|check| check.id.as_str())
        .collect();
    assert_eq!(hints, ["health", "nat"]);
}

#[test]
fn what_is_known_to_be_bad_outweighs_what_cannot_be_told() {
    let facts = but(|world| world.facts.firewall = Err(Unknown::NeedsRoot));
    assert_eq!(all(&facts).status(), Ended::CannotTell);
    let facts = but(|world| {
        world.facts.firewall = Err(Unknown::NeedsRoot);
        world.facts.kernel.interface.1 = Some(1_500);
    });
    assert_eq!(all(&facts).status(), Ended::Degraded);
    let facts = but(|world| {
        world.facts.firewall = Err(Unknown::NeedsRoot);
        world.facts.kernel.interface.1 = None;
    });
    assert_eq!(all(&facts).status(), Ended::Down);
}

#[test]
fn without_tailscaled_what_rests_on_it_cannot_be_told() {
    let facts = but(|world| {
        world.facts.tailscaled.status = Err(Error::NobodyListens("/run/tailscale/tailscaled.sock".into()));
        world.facts.tailscaled.prefs = None;
    });
    let seen = all(&facts);
    let down: Vec<&str> = seen
        .checks
        .iter()
        .filter(|check| check.state == State::Down)
        .map(|check| check.id.as_str())
        .collect();
    assert_eq!(down, ["daemon"], "one failure is told once");
    golden("doctor", "away", &seen);
}

/// What is down, and what cannot be told.
fn told(facts: &Facts) -> [Vec<String>; 2] {
    let seen = all(facts);
    [State::Down, State::CannotTell].map(|state| {
        let checks = seen.checks.iter().filter(|check| check.state == state);
        checks.map(|check| check.id.clone()).collect()
    })
}

#[test]
fn what_follows_from_a_failure_is_no_other_one() {
    let without_interface = but(|world| {
        world.facts.kernel.interface.1 = None;
        world.facts.kernel.rules = Some(Vec::new());
        world.facts.kernel.table_52 = Some((0, false));
    });
    let [down, untold] = told(&without_interface);
    assert_eq!(
        (down, untold),
        (vec!["mtu".into()], vec!["rules".into(), "table-52".into()])
    );
    // A host that asks tailscaled itself.
    let without_names = but(|world| {
        world.facts.names.resolver.as_mut().unwrap().servers = vec!["100.100.100.100".parse().unwrap()];
        world.facts.names.by_tailscaled = Ok(Lookup::Silent);
        world.facts.names.by_resolver = Ok(Lookup::Silent);
    });
    let [down, untold] = told(&without_names);
    assert_eq!((down, untold), (vec!["magic-dns".into()], vec!["resolver".into()]));
}

#[test]
fn a_bad_night() {
    let facts = but(|world| {
        uses_gamma(world);
        silence(world);
        world.facts.home_relay.as_mut().unwrap().connects = false;
        world.facts.kernel.interface.1 = Some(1_500);
        world.facts.kernel.table_52 = Some((4, true));
        world.facts.is_root = false;
        world.facts.firewall = Err(Unknown::NeedsRoot);
        world.facts.nginx = Err(Unknown::NeedsRoot);
        secret(world, Err(Unknown::NeedsRoot));
        world.facts.monitor = Ok(Some(report(json!({"pause": {}}))));
        world
            .facts
            .units
            .as_mut()
            .unwrap()
            .failed
            .push("tailwright-tailscale-cert.service".to_owned());
    });
    let seen = all(&facts);
    assert_eq!(seen.status(), Ended::Down);
    golden("doctor", "bad-night", &seen);
}

#[test]
fn what_others_wrote_is_drawn_harmless() {
    let facts = but(|world| {
        world.status["Health"] = json!(["line\u{1b}]0;x\u{7} one"]);
        world.facts.ssh = Ok(Some("SSH-2.0-\u{1b}[2J".to_owned()));
    });
    let text = drawn(&all(&facts), 80);
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
}

#[test]
fn ids_are_words_of_their_own_and_every_command_is_one_line() {
    let ids: BTreeSet<&str> = CHECKS.iter().map(|check| check.id).collect();
    assert_eq!(ids.len(), CHECKS.len());
    assert!(ids.iter().all(|id| {
        id.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    }));
    for (_, facts, _) in complaints() {
        let reasons: Vec<Reason> = all(&facts).checks.into_iter().flat_map(|check| check.reasons).collect();
        for reason in reasons.iter().filter(|reason| reason.state >= State::Degraded) {
            // An address of the control plane is no part of a command: it is there to be opened.
            let is_address = reason.text.starts_with("somebody has to log in: ");
            assert!(reason.command.is_some() || is_address, "{reason:?}");
        }
        let commands = reasons.into_iter().filter_map(|reason: Reason| reason.command);
        for command in commands {
            assert!(!command.is_empty() && !command.contains('\n'), "{command}");
            // What the guide says drops every declared preference.
            assert!(!command.contains("--reset"), "{command}");
        }
    }
}

#[test]
fn the_schema_that_is_published_is_that_of_these_types() {
    crate::host::show::published::<Examined>("ts-doctor.json");
}
