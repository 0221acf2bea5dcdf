//! What may happen to a host, and what it does then.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::rig::{Kill, Rig, Silence, cable, plan, secs, setting};
use super::super::*;
use crate::monitor::ClockStep;
use crate::net::TimeSpan;

/// One thing that happens.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Thing {
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

pub(super) const WORDS: [&str; 9] = [
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

/// What the settings may say of exit nodes: the wanted one, and those to move to. Without any, nothing is done about them.
pub(super) const NODES: [(&str, &[&str]); 5] = [
    ("gate", &["spare", "auto", "off"]),
    ("gate", &["spare"]),
    ("spare", &["gate", "auto"]),
    ("auto", &["gate", "off"]),
    ("", &[]),
];

pub(super) fn thing() -> impl Strategy<Value = Thing> {
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

pub(super) fn silence() -> impl Strategy<Value = Silence> {
    prop_oneof![
        Just(Silence::Does),
        Just(Silence::Drops),
        (1_u64..100).prop_map(Silence::Late)
    ]
}

pub(super) const LAYERS: [Option<Layer>; 8] = [
    None,
    None,
    Some(Layer::Dns),
    Some(Layer::Link),
    Some(Layer::Internet),
    Some(Layer::Control),
    Some(Layer::Daemon(DaemonFault::NotRunning)),
    Some(Layer::Daemon(DaemonFault::NeedsLogin)),
];

/// Lets one thing happen.
pub(super) fn happen(rig: &mut Rig, thing: &Thing) {
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
pub(super) fn exit_nodes(rig: &mut Rig, which: usize) {
    let (home, rungs) = NODES[which];
    rig.plan.ladders.remove(&Subject::ExitNode);
    if home.is_empty() {
        return;
    }
    let mut ladder = plan(rungs).ladders.remove(&Subject::ExitNode).unwrap();
    ladder.home = Some(setting(home));
    rig.plan.ladders.insert(Subject::ExitNode, ladder);
}

pub(super) fn set_clock(rig: &mut Rig, seconds: i64, runs: bool) {
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
pub(super) fn stop(rig: &mut Rig) {
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
