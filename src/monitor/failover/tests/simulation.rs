//! Thousands of random histories, and what must hold in each of them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::rig::{Kill, Silence, cable, plan, secs, setting, verdict};
use super::*;
use crate::model::Management;
use crate::monitor::ClockStep;
use crate::net::{PortRange, TimeSpan, Transport};

const WORDS: [&str; 9] = [
    "gate",
    "spare",
    "auto",
    "off",
    "routes",
    "no-routes",
    "ollama",
    "ollama-lan",
    "down",
];

/// One thing that happens.
#[derive(Debug, Clone, PartialEq)]
enum Thing {
    Wait(u64),
    /// So many rounds in which each setting of the list is as its letter says.
    Rounds(u8, [usize; 9]),
    Layer(usize),
    Link(bool),
    ByHand(usize),
    Pause(Option<u64>),
    Resume,
    Switch(usize, Option<u64>),
    Restore,
    Kill(u8),
    Crash,
    Restart,
    Disk(bool),
    Refuse(Option<usize>),
    Silent(Option<Silence>),
    Mode(Mode),
    LanAccess(bool),
    /// Other settings: these exit nodes.
    Nodes(usize),
    Maintenance(bool),
    /// The clock is set by so many seconds: while the program runs, or between its end and its start.
    Clock(i64, bool),
    Stop,
}

/// What the settings may say of exit nodes: the wanted one, and those to move to. Without any, nothing is done about them.
const NODES: [(&str, &[&str]); 5] = [
    ("gate", &["spare", "auto", "off"]),
    ("gate", &["spare"]),
    ("spare", &["gate", "auto"]),
    ("auto", &["gate", "off"]),
    ("", &[]),
];

fn thing() -> impl Strategy<Value = Thing> {
    let word = 0..WORDS.len();
    prop_oneof![
        4 => (0_u64..200_000).prop_map(Thing::Wait),
        12 => (1_u8..12, proptest::array::uniform9(0_usize..4)).prop_map(|(count, letters)| Thing::Rounds(count, letters)),
        2 => (0_usize..LAYERS.len()).prop_map(Thing::Layer),
        1 => any::<bool>().prop_map(Thing::Link),
        1 => word.clone().prop_map(Thing::ByHand),
        1 => proptest::option::of(1_u64..300).prop_map(Thing::Pause),
        1 => Just(Thing::Resume),
        1 => (word.clone(), proptest::option::of(1_u64..300)).prop_map(|(word, until)| Thing::Switch(word, until)),
        1 => Just(Thing::Restore),
        1 => (0_u8..3).prop_map(Thing::Kill),
        1 => Just(Thing::Crash),
        1 => Just(Thing::Restart),
        1 => any::<bool>().prop_map(Thing::Disk),
        1 => proptest::option::of(word).prop_map(Thing::Refuse),
        1 => proptest::option::of(silence()).prop_map(Thing::Silent),
        1 => prop_oneof![2 => Just(Mode::Act), 1 => Just(Mode::DryRun), 1 => Just(Mode::Report)].prop_map(Thing::Mode),
        1 => any::<bool>().prop_map(Thing::LanAccess),
        1 => (0..NODES.len()).prop_map(Thing::Nodes),
        1 => any::<bool>().prop_map(Thing::Maintenance),
        1 => (-100_000_i64..100_000, any::<bool>()).prop_map(|(seconds, runs)| Thing::Clock(seconds, runs)),
        1 => Just(Thing::Stop),
    ]
}

fn silence() -> impl Strategy<Value = Silence> {
    prop_oneof![
        Just(Silence::Does),
        Just(Silence::Drops),
        (1_u64..100).prop_map(Silence::Late)
    ]
}

const LAYERS: [Option<Layer>; 8] = [
    None,
    None,
    Some(Layer::Dns),
    Some(Layer::Link),
    Some(Layer::Internet),
    Some(Layer::Control),
    Some(Layer::Daemon(DaemonFault::NotRunning)),
    Some(Layer::Daemon(DaemonFault::NeedsLogin)),
];

/// How the operator gets in: by which interfaces, and from where.
type Ways = &'static [(&'static str, Option<&'static str>)];

/// The local network, and one behind a router of it.
const LAN: &str = "192.168.15.0/24";
const FAR: &str = "10.0.0.0/8";

const WAYS: [Ways; 7] = [
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
fn gets_in(rig: &Rig, in_force: &BTreeMap<Subject, Setting>) -> bool {
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
fn stays_in(rig: &Rig, settings: &[Setting]) {
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
fn host(ways: Ways) -> Rig {
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

/// Lets one thing happen.
fn happen(rig: &mut Rig, thing: &Thing) {
    let until = |rig: &Rig, seconds: Option<u64>| seconds.map(|seconds| rig.now.after(secs(seconds)));
    match *thing {
        Thing::Wait(millis) => rig.wait(TimeSpan::from_millis(millis.max(1)).unwrap()),
        Thing::Rounds(count, letters) => {
            let round = |word: &str, letter: usize| format!("{word}: {}", ["g", "x", "d", "?"][letter]);
            let mut verdicts: Vec<String> = std::iter::zip(WORDS, letters)
                .map(|(word, letter)| round(word, letter))
                .collect();
            verdicts.push(round("up", letters[0]));
            rig.rounds(u32::from(count), &verdicts.join(", "));
        }
        Thing::Layer(index) => rig.send(Event::Diagnosed(LAYERS[index].iter().cloned().collect())),
        Thing::Link(up) => rig.send(if up { cable() } else { Event::Links(BTreeMap::new()) }),
        Thing::LanAccess(access) => rig.send(Event::LanAccess(access)),
        Thing::ByHand(word) => rig.by_hand(setting(WORDS[word])),
        Thing::Pause(seconds) => drop(rig.ask_unless_killed(Command::Pause(until(rig, seconds)))),
        Thing::Resume => drop(rig.ask_unless_killed(Command::Resume)),
        Thing::Switch(word, seconds) => {
            drop(rig.ask_unless_killed(Command::Switch(setting(WORDS[word]), until(rig, seconds))));
        }
        Thing::Restore => drop(rig.ask_unless_killed(Command::Restore)),
        Thing::Kill(when) => {
            rig.killed = Some([Kill::BeforeApply, Kill::AfterApply, Kill::BeforeSave][usize::from(when)]);
        }
        Thing::Crash => rig.start_again(),
        Thing::Restart => {
            rig.send(Event::Stop(Ending::Restart));
            rig.exited = false;
            rig.start_again();
        }
        Thing::Disk(full) => rig.disk_full = full,
        Thing::Refuse(word) => rig.refuses = word.map(|word| setting(WORDS[word])),
        Thing::Silent(how) => rig.silent = how,
        Thing::Mode(mode) => {
            rig.plan.mode = mode;
            rig.reload();
        }
        Thing::Nodes(which) => {
            exit_nodes(rig, which);
            rig.reload();
        }
        Thing::Maintenance(open) => {
            let always = "00:00-00:00".parse().unwrap();
            rig.plan.maintenance = open.then_some(always).into_iter().collect();
            rig.reload();
        }
        Thing::Clock(seconds, runs) => set_clock(rig, seconds, runs),
        Thing::Stop => stop(rig),
    }
}

/// Takes these settings of exit nodes.
fn exit_nodes(rig: &mut Rig, which: usize) {
    let (home, rungs) = NODES[which];
    rig.plan.ladders.remove(&Subject::ExitNode);
    if home.is_empty() {
        return;
    }
    let mut ladder = plan(rungs).ladders.remove(&Subject::ExitNode).unwrap();
    ladder.home = Some(setting(home));
    rig.plan.ladders.insert(Subject::ExitNode, ladder);
}

fn set_clock(rig: &mut Rig, seconds: i64, runs: bool) {
    let millis = seconds.unsigned_abs() * 1_000;
    let to = if seconds < 0 {
        rig.now.before_millis(millis)
    } else {
        rig.now.after_millis(millis)
    };
    let step = ClockStep::between(rig.now, to);
    let set = |at: &mut Moment| *at = at.moved(step);
    // What was done was done so long ago by either clock; a program that does not run cannot know that it was set forward.
    if runs || seconds < 0 {
        rig.carried.iter_mut().for_each(|(at, ..)| set(at));
    }
    rig.pending.iter_mut().for_each(|(at, _)| set(at));
    if runs {
        rig.state.step_clock(step);
        rig.deadline.iter_mut().for_each(set);
        rig.disk = if rig.disk_full {
            rig.disk.clone()
        } else {
            rig.state.write()
        };
    }
    set(&mut rig.now);
    if runs && rig.disk_full {
        rig.send(Event::SaveFailed(BTreeSet::new()));
    }
    if !runs {
        rig.start_again();
    }
}

/// The program is stopped, and started again. What it changed is as it was found, if tailscaled obeys.
fn stop(rig: &mut Rig) {
    // What comes when the program has ended is left where it is.
    let obeys = rig.refuses.is_none() && rig.silent.is_none() && rig.killed.is_none() && rig.pending.is_empty();
    // What somebody set at this very moment is left, too.
    rig.wait(secs(3));
    rig.send(Event::Stop(Ending::Stop));
    // It may be killed at any time before it has ended.
    let is_over = |rig: &Rig| rig.exited || (!obeys && rig.state.stopping.is_none());
    for _ in 0..100 {
        if is_over(rig) {
            break;
        }
        rig.wait(secs(1));
    }
    assert!(is_over(rig), "it ends: {:?}", rig.state);
    if obeys && rig.plan.mode != Mode::DryRun {
        for track in rig.state.tracks().iter().filter(|track| track.chosen().is_none()) {
            let ladder = rig.plan.ladders.get(&track.subject);
            let found = ladder.and_then(|ladder| ladder.home.as_ref()).unwrap_or(&track.found);
            assert_eq!(rig.in_force.get(&track.subject), Some(found), "left as found");
        }
    }
    rig.exited = false;
    rig.start_again();
}

/// Everything is well again, and nobody interferes: after a while what is wanted is in force.
fn comes_home(rig: &mut Rig) -> Result<(), TestCaseError> {
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
fn holds(rig: &Rig) -> Result<(), TestCaseError> {
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
fn kept(text: &str) -> serde_json::Value {
    let mut state: serde_json::Value = serde_json::from_str(text).unwrap();
    state.as_object_mut().unwrap().remove("clock");
    for track in state["tracks"].as_array_mut().unwrap() {
        track.as_object_mut().unwrap().remove("settling");
    }
    state
}

/// Does one thing and looks at every action of it.
fn watched(rig: &mut Rig, thing: &Thing) -> Result<(), TestCaseError> {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    /// Whatever happens: one move in a window, only listed settings, no choice of a person overruled, no way in closed, a
    /// state that reads back, and in the end a way home.
    #[test]
    fn any_history(ways in proptest::sample::select(&WAYS[..]), things in proptest::collection::vec(thing(), 1..60)) {
        let mut rig = host(ways);
        for thing in things {
            watched(&mut rig, &thing)?;
        }
        holds(&rig)?;
        comes_home(&mut rig)?;
        holds(&rig)?;
    }

    /// As long as nobody interferes, and the state can be written, nothing is taken for somebody's doing: neither what
    /// tailscaled carries out late, nor what was under way when the program was killed. How late that is nobody knows where the
    /// clock was set while the program did not run.
    #[test]
    fn its_own_changes_are_never_taken_for_a_hands(things in proptest::collection::vec(thing(), 1..60)) {
        let mut rig = host(WAYS[0]);
        for thing in things {
            if !matches!(thing, Thing::ByHand(_) | Thing::Disk(_) | Thing::Nodes(4) | Thing::Clock(_, false)) {
                watched(&mut rig, &thing)?;
            }
        }
        let by_hand = rig.records(|what| matches!(what, What::Chosen { by: Chosen::Hand, .. }));
        prop_assert_eq!(by_hand, 0, "{:#?}", rig.state);
    }

    /// However the exit nodes flap, the number of moves is bounded by the holds.
    #[test]
    fn flapping_moves_little(
        seed in proptest::collection::vec((0_usize..4, 0_usize..4), 30..120),
        length in 1_u32..40,
    ) {
        let mut rig = flapper();
        let start = rig.now;
        for (gate, spare) in seed {
            rig.rounds(length, &format!("gate: {}, spare: {}", LETTERS[gate], LETTERS[spare]));
        }
        prop_assert!(moves(&rig) <= most_moves(&rig, start), "{} moves in {} s", moves(&rig), rig.now.since(start).as_secs());
        holds(&rig)?;
    }

    /// Any text is read or refused, and what is read can be started with.
    #[test]
    fn any_text_is_no_trouble(text in ".{0,200}", cut in 0_usize..2000, byte in any::<u8>()) {
        let _ = State::read(&text);
        let mut rig = host(WAYS[0]);
        rig.rounds(3, "gate: x, spare: g, up: x");
        let mut bytes = rig.state.write().into_bytes();
        let place = cut % bytes.len();
        bytes[place] = byte;
        if let Ok(state) = String::from_utf8(bytes).map_err(drop).and_then(|text| State::read(&text).map_err(drop)) {
            rig.state = state;
            rig.send(Event::Started);
            rig.rounds(5, "gate: g, spare: g, up: g");
        }
    }
}

const LETTERS: [&str; 4] = ["g", "x", "d", "?"];

/// A host with two exit nodes, and holds that double six times.
fn flapper() -> Rig {
    let mut rig = Rig::new(&["spare"]);
    rig.plan.max_hold_down = secs(640);
    rig
}

fn moves(rig: &Rig) -> u64 {
    u64::try_from(rig.carried.len()).unwrap()
}

/// What fails for the n-th time in a row is not taken again for 10, 20, 40, 40, 40, 80, 80, 160, 160, 320, 320, 640 s, and for
/// 640 s from then on: each of two ways is left for failing twelve times before that, and there is a way back from each.
fn most_moves(rig: &Rig, since: Moment) -> u64 {
    4 * 12 + 4 * rig.now.since(since).as_secs() / 640
}

/// Whatever is in force is bad as soon as it is, and the other one is good: nobody could do worse on purpose.
#[test]
fn whoever_fails_in_force_and_is_good_otherwise_is_moved_to_ever_more_rarely() {
    for (what, gate_in_force, spare_in_force) in [
        ("both die", "x", "x"),
        ("both are slow", "d", "d"),
        ("the wanted one is slow, and the other one dies: undone", "d", "x"),
        ("the wanted one dies, and the other one is slow", "x", "d"),
    ] {
        let mut rig = flapper();
        let start = rig.now;
        let mut last = (0, 0);
        for quarter in 1..=4 {
            for _ in 0..3_600 {
                let at_gate = rig.standing() == gate();
                let (one, other) = if at_gate {
                    (gate_in_force, "g")
                } else {
                    ("g", spare_in_force)
                };
                rig.rounds(1, &format!("gate: {one}, spare: {other}"));
            }
            rig.log.clear();
            last = (moves(&rig) - last.1, moves(&rig));
            assert!(
                moves(&rig) <= most_moves(&rig, start),
                "{what}: {} moves in {quarter} h",
                moves(&rig)
            );
        }
        assert!(moves(&rig) >= 4, "{what}: it does move");
        assert!(
            last.0 <= 12,
            "{what}: {} moves in the last hour, two in every longest hold-down",
            last.0
        );
    }
}

/// Three months of checks every minute, with an outage every week, without sleeping.
#[test]
fn a_quarter() {
    let mut rig = Rig::new(&["spare"]);
    let checks = 60 * 24 * 7 * 13_u64;
    let mut moves = 0;
    for check in 0..checks {
        rig.wait(secs(60));
        let out = check % 10_080 < 20;
        let one = if out { "x" } else { "g" };
        for (word, letter) in [("spare", "g"), ("gate", one)] {
            rig.send(Event::Measured(setting(word), verdict(letter)));
        }
        moves += rig
            .log
            .iter()
            .filter(|(_, action)| matches!(action, Action::Apply(..)))
            .count();
        rig.log.clear();
    }
    assert_eq!(rig.standing(), gate());
    assert_eq!(moves, 2 * 13, "there and back for each outage");
    assert!(
        rig.state.write().len() < 2_000,
        "nothing grows: {}",
        rig.state.write().len()
    );
}
