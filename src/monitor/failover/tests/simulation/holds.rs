//! What must hold in each history, and after it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::rig::{Rig, cable, plan, secs, setting};
use super::super::*;
use super::thing::{Thing, exit_nodes, happen};
use crate::model::Management;
use crate::net::{PortRange, Transport};

/// How the operator gets in: by which interfaces, and from where.
pub(super) type Ways = &'static [(&'static str, Option<&'static str>)];

/// The local network, and one behind a router of it.
pub(super) const LAN: &str = "192.168.15.0/24";

pub(super) const FAR: &str = "10.0.0.0/8";

pub(super) const WAYS: [Ways; 7] = [
    &[("tailscale0", None), ("enp3s0", None)],
    &[("tailscale0", None)],
    &[("enp3s0", None)],
    &[("enp3s0", Some(LAN))],
    &[("enp3s0", Some(FAR))],
    &[("tailscale0", Some(LAN)), ("enp3s0", Some(FAR))],
    &[],
];

/// Whether the operator gets in by any of his ways, where this is in force: written down once more, from what the kernel
/// does with his packets and with the answers.
pub(super) fn gets_in(rig: &Rig, in_force: &BTreeMap<Subject, Setting>) -> bool {
    let is = |word: &str| in_force.get(&setting(word).subject()) == Some(&setting(word));
    let up = !is("down");
    // Table 52 has a default route while the tunnel is up and an exit node is in force; LAN access leaves the LAN out.
    let default_to_exit_node = up && !is("off");
    let ground = &rig.state.ground;
    let lan_is_left_out = ground.lan_access.unwrap_or(true);
    let ways = &rig.plan.safety.management;
    if ways.is_empty() {
        return up;
    }
    ways.iter().any(|way| {
        let from = way.from.map_or("the link".to_owned(), |from| from.to_string());
        match (way.via.as_str(), from.as_str()) {
            ("tailscale0", "the link") => up,
            ("tailscale0", _) => up && !is("no-routes"),
            (_, FAR) => ground.links.contains_key(&way.via) && !default_to_exit_node,
            _ => ground.links.contains_key(&way.via) && (lan_is_left_out || !default_to_exit_node),
        }
    })
}

/// Nothing that is carried out closes the last way in; what the profile wants is not refused.
pub(super) fn stays_in(rig: &Rig, settings: &[Setting]) {
    let before = rig.state.in_force();
    let mut then = before.clone();
    for setting in settings {
        then.insert(setting.subject(), setting.clone());
    }
    let wanted = |setting: &Setting| match rig.plan.ladders.get(&setting.subject()) {
        Some(ladder) => ladder.home.as_ref() == Some(setting),
        // What was found is put back.
        None => rig
            .state
            .track(&setting.subject())
            .is_some_and(|track| track.found == *setting),
    };
    let listed = |setting: &Setting| rig.plan.lists(setting) || wanted(setting);
    assert!(settings.iter().all(listed), "outside the list: {settings:?}");
    if settings.iter().all(wanted) {
        return;
    }
    assert!(
        gets_in(rig, &then) || (!gets_in(rig, &before) && !settings.contains(&setting("down"))),
        "{settings:?} closes the only way in: {before:?}, {:?}",
        rig.state.ground
    );
}

/// A host with everything: exit nodes, routes, a service, a tunnel that may go down.
pub(super) fn host(ways: Ways) -> Rig {
    let mut plan = plan(&["spare", "auto", "off"]);
    plan.restart = Some(RestartLimit {
        rank: 50,
        interval: secs(60),
        per_day: 3,
    });
    let way = |(via, from): &(&str, Option<&str>)| Management {
        via: via.parse().unwrap(),
        transport: Transport::Tcp,
        ports: PortRange::from(crate::net::Port::try_from(22_i64).unwrap()),
        from: from.map(|from| from.parse().unwrap()),
    };
    plan.safety.management = ways.iter().map(way).collect();
    let mut rig = Rig::of(plan, State::new());
    rig.guard = Some(stays_in);
    rig.add(setting("routes"), &[(10, setting("no-routes"))]);
    rig.add(setting("ollama"), &[(20, setting("ollama-lan"))]);
    rig.add(setting("up"), &[(60, setting("down"))]);
    rig
}

/// Everything is well again, and nobody interferes: after a while what is wanted is in force.
pub(super) fn comes_home(rig: &mut Rig) -> Result<(), TestCaseError> {
    rig.plan.mode = Mode::Act;
    rig.disk_full = false;
    rig.refuses = None;
    rig.silent = None;
    rig.killed = None;
    rig.plan.maintenance.clear();
    exit_nodes(rig, 0);
    rig.reload();
    rig.send(Event::Diagnosed(BTreeSet::new()));
    rig.send(cable());
    // What nobody answered for is asked after, and a change by hand right after one of ours is noticed when the bus has had
    // time to settle.
    rig.wait(secs(120));
    rig.ask(Command::Resume);
    rig.rounds(
        300,
        "gate: g, spare: g, auto: g, off: g, routes: g, no-routes: g, ollama: g, ollama-lan: g, up: g, down: g",
    );
    for (subject, ladder) in rig.plan.ladders.clone() {
        prop_assert_eq!(Some(rig.standing_of(&subject)), ladder.home);
        prop_assert_eq!(rig.phase_of(&subject), Phase::Home);
    }
    prop_assert!(rig.state.alarms().is_empty(), "{:?}", rig.state.alarms());
    Ok(())
}

/// What must hold of everything that was ever done.
pub(super) fn holds(rig: &Rig) -> Result<(), TestCaseError> {
    let mut last: Option<Moment> = None;
    for (at, settings, why) in &rig.carried {
        if !matches!(why, Why::Asked | Why::Stopped) {
            if let Some(last) = last {
                prop_assert!(
                    *at >= last.after(rig.plan.move_window),
                    "two in a window: {:?} {:?}",
                    settings,
                    why
                );
            }
            last = Some(*at);
            prop_assert!(settings.len() <= 1, "one thing at a time");
        }
    }
    Ok(())
}

/// What has to be on disk at any time: everything but what says how late it is and for how long the bus may lag.
pub(super) fn kept(text: &str) -> serde_json::Value {
    let mut state: serde_json::Value = serde_json::from_str(text).unwrap();
    state.as_object_mut().unwrap().remove("clock");
    for track in state["tracks"].as_array_mut().unwrap() {
        track.as_object_mut().unwrap().remove("settling");
    }
    state
}

/// Does one thing and looks at every action of it.
pub(super) fn watched(rig: &mut Rig, thing: &Thing) -> Result<(), TestCaseError> {
    let asked = matches!(thing, Thing::Switch(..) | Thing::Restore);
    let may_act = rig.plan.mode != Mode::DryRun || matches!(thing, Thing::Restore | Thing::Stop | Thing::Mode(_));
    let before = rig.log.len();
    let paused = rig.state.pause().is_some_and(|pause| pause.until.is_none());
    let chosen: BTreeSet<Subject> = rig
        .state
        .tracks()
        .iter()
        // One that is not carried out is none.
        .filter(|track| track.moving().is_none() && track.chosen().is_some_and(|chosen| chosen.until.is_none()))
        .map(|track| track.subject.clone())
        .collect();
    let crashes = matches!(
        thing,
        Thing::Crash | Thing::Restart | Thing::Kill(_) | Thing::Clock(_, false) | Thing::Stop
    ) || rig.killed.is_some();
    let maintained = !rig.plan.maintenance.is_empty() && *thing != Thing::Maintenance(false);
    let ends = matches!(thing, Thing::Resume | Thing::ByHand(_));
    happen(rig, thing);
    for (_, action) in &rig.log[before..] {
        let settings = match action {
            Action::Apply(_, settings) => settings.as_slice(),
            Action::RestartDaemon(_) => {
                let died = Layer::Daemon(DaemonFault::NotRunning);
                prop_assert!(
                    rig.failed.is_empty() || rig.failed.contains(&died),
                    "a tailscaled that runs would not come up: {:?}",
                    rig.failed
                );
                &[]
            }
            _ => continue,
        };
        prop_assert!(may_act, "a dry run changes nothing");
        prop_assert!(
            !maintained || asked || *thing == Thing::Stop,
            "in a maintenance window: {:?}",
            action
        );
        if paused && !asked && !ends && !crashes {
            prop_assert!(false, "it was paused: {:?}", action);
        }
        if !asked && !ends && !crashes {
            let touched = settings.iter().find(|setting| chosen.contains(&setting.subject()));
            prop_assert_eq!(touched, None, "somebody chose that");
        }
        prop_assert!(
            settings.iter().all(Setting::can_be_applied),
            "what somebody else chose is never applied"
        );
        if rig.plan.mode == Mode::Report && !asked && !matches!(thing, Thing::Mode(_)) {
            let wanted = |setting: &Setting| {
                let ladder = rig.plan.ladders.get(&setting.subject());
                ladder.is_none_or(|ladder| ladder.home.as_ref() == Some(setting))
            };
            prop_assert!(settings.iter().all(wanted), "it only reports: {:?}", action);
            prop_assert!(!matches!(action, Action::RestartDaemon(_)), "it only reports");
        }
    }
    if rig.state.unwritable.is_none() && !rig.disk_full {
        prop_assert_eq!(
            kept(&rig.disk),
            kept(&rig.state.write()),
            "whoever starts now goes on from here"
        );
    }
    let text = rig.state.write();
    let read = State::read(&text);
    prop_assert!(read.is_ok(), "{:?}", read);
    prop_assert_eq!(read.unwrap().write(), text);
    Ok(())
}
