//! Every decision, and every way in which the processes can meet or die.

use std::collections::BTreeSet;

use super::*;

const DEADLINE: Moment = Moment::from_millis(30_000);

const EVENTS: [Event; 9] = [
    Event::Guarded,
    Event::Loaded,
    Event::LoadFailed,
    Event::ConfirmAsked,
    Event::RevertAsked,
    Event::Woken,
    Event::Restored { finally: true },
    Event::Restored { finally: false },
    Event::RestoreFailed,
];

/// All decisions: phase, event, before and at the deadline.
fn decisions() -> Vec<(Option<Phase>, Event, bool, Vec<Action>)> {
    let phases = Phase::ALL.into_iter().map(Some).chain([None]);
    let mut all = Vec::new();
    for phase in phases {
        for event in EVENTS {
            for over in [false, true] {
                let now = if over { DEADLINE } else { Moment::from_millis(0) };
                all.push((phase, event, over, decide(phase, event, now, DEADLINE)));
            }
        }
    }
    all
}

#[test]
fn a_decision_moves_from_where_the_change_is_and_ends_in_one_way() {
    for (phase, event, over, actions) in decisions() {
        let at = format!("{phase:?} {event:?} {over}: {actions:?}");
        let (last, before) = actions.split_last().expect("something to do");
        assert!(!matches!(last, Action::Move(..)), "{at}");
        assert!(before.len() <= 1, "{at}");
        if let Some(first) = before.first() {
            let Action::Move(from, to) = first else { panic!("{at}") };
            assert_eq!(Some(*from), phase, "{at}");
            assert!(from != to, "{at}");
        }
    }
}

#[test]
fn only_these_moves_are_ever_made() {
    use Phase::*;
    let moves: BTreeSet<_> = decisions()
        .into_iter()
        .flat_map(|(.., actions)| actions)
        .filter_map(|action| match action {
            Action::Move(from, to) => Some((from, to)),
            _ => None,
        })
        .collect();
    let place = |phase| Phase::ALL.into_iter().position(|one| one == phase);
    assert!(moves.iter().all(|(from, to)| place(*from) < place(*to)), "forward only");
    assert_eq!(
        moves.into_iter().collect::<Vec<_>>(),
        [
            (Staged, Armed),
            (Staged, Discarded),
            (Armed, Loaded),
            (Armed, Reverting),
            (Loaded, Reverting),
            (Loaded, Confirmed),
            (Reverting, Reverted),
        ]
    );
}

#[test]
fn rules_are_loaded_only_by_apply_and_only_behind_a_guardian() {
    for (phase, event, over, actions) in decisions() {
        if actions.contains(&Action::Load) {
            assert_eq!((phase, event, over), (Some(Phase::Staged), Event::Guarded, false));
            assert_eq!(actions[0], Action::Move(Phase::Staged, Phase::Armed));
        }
    }
}

#[test]
fn the_former_rules_come_back_only_once_that_is_written_down() {
    for (phase, event, over, actions) in decisions() {
        if let Some(place) = actions.iter().position(|action| *action == Action::Restore) {
            let claimed = place > 0 && matches!(actions[place - 1], Action::Move(_, Phase::Reverting));
            assert!(
                claimed || phase == Some(Phase::Reverting),
                "{phase:?} {event:?} {over}: {actions:?}"
            );
        }
    }
}

#[test]
fn a_settled_change_stays_so() {
    for (phase, event, _, actions) in decisions() {
        let outcome = match phase {
            Some(Phase::Confirmed) => Outcome::Confirmed,
            Some(Phase::Reverted) => Outcome::Reverted,
            Some(Phase::Discarded) => Outcome::Discarded,
            None => Outcome::Gone,
            Some(_) => continue,
        };
        assert_eq!(actions, [Action::End(outcome)], "{phase:?} {event:?}");
    }
}

#[test]
fn time_alone_takes_the_new_rules_away_and_not_too_early() {
    for phase in [Phase::Armed, Phase::Loaded] {
        let at = |millis| decide(Some(phase), Event::Woken, Moment::from_millis(millis), DEADLINE);
        assert_eq!(at(0), [Action::Wait(LOOK)]);
        assert_eq!(at(29_999), [Action::Wait(Duration::from_millis(1))]);
        for late in [30_000, 99_999] {
            assert_eq!(at(late), [Action::Move(phase, Phase::Reverting), Action::Restore]);
        }
    }
}

/// One process: what it does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Process {
    /// Nobody has typed it yet.
    Idle(Event),
    /// It will look where the change is, and decide.
    Deciding(Event),
    /// It has decided so; the second action follows the first.
    Doing(Event, Action, Option<Action>),
    /// Its nft is loading the new rules.
    Loading,
    /// Its nft is putting the former rules back.
    Restoring {
        finally: bool,
    },
    /// The same, done.
    HasRestored {
        finally: bool,
    },
    Ended(Outcome),
    Gone,
}

impl Process {
    fn is_running(self) -> bool {
        !matches!(self, Self::Idle(_) | Self::Ended(_) | Self::Gone)
    }

    fn doing(event: Event, actions: &[Action]) -> Self {
        match *actions {
            [Action::End(outcome)] => Self::Ended(outcome),
            [Action::Wait(_)] => Self::Deciding(Event::Woken),
            [first] => Self::Doing(event, first, None),
            [first, second] => Self::Doing(event, first, Some(second)),
            _ => panic!("{actions:?}"),
        }
    }
}

const APPLY: usize = 0;
/// After each step they are put in order: one is as good as the other.
const GUARDIANS: [usize; 2] = [1, 2];

/// The state directory, the kernel and every process about one change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct World {
    phase: Phase,
    new_rules_are_live: bool,
    /// Whether nft is still about to load; it outlives apply.
    loader: bool,
    /// Whether the nft of somebody dead is still about to put the former rules back.
    orphan: bool,
    over: bool,
    guardian_died: bool,
    somebody_wants_it_back: bool,
    /// apply, two guardians, confirm, revert.
    processes: [Process; 5],
}

impl World {
    fn new() -> Self {
        Self {
            phase: Phase::Staged,
            new_rules_are_live: false,
            loader: false,
            orphan: false,
            over: false,
            guardian_died: false,
            somebody_wants_it_back: false,
            processes: [
                Process::Deciding(Event::Guarded),
                Process::Deciding(Event::Woken),
                Process::Deciding(Event::Woken),
                Process::Idle(Event::ConfirmAsked),
                Process::Idle(Event::RevertAsked),
            ],
        }
    }

    /// Whether somebody holds the lock under which rules are loaded: apply all its life, and its nft; and whoever makes
    /// the last restore.
    fn is_loading_locked(&self) -> bool {
        self.loader
            || self.processes[APPLY].is_running()
            || self.processes.iter().any(|process| {
                matches!(
                    process,
                    Process::Restoring { finally: true } | Process::HasRestored { finally: true }
                )
            })
    }

    fn decided(&self, event: Event) -> Process {
        let now = if self.over { DEADLINE } else { Moment::from_millis(0) };
        Process::doing(event, &decide(Some(self.phase), event, now, DEADLINE))
    }

    /// The same world with that process there.
    fn with(&self, who: usize, process: Process) -> Self {
        let mut next = self.clone();
        next.processes[who] = process;
        next
    }

    /// What the next step of one process can lead to; with `kindly`, where nothing fails.
    fn step(&self, who: usize, kindly: bool) -> Vec<Self> {
        match self.processes[who] {
            Process::Ended(_) => vec![self.with(who, Process::Gone)],
            Process::Gone => Vec::new(),
            Process::Idle(event) => {
                let mut next = self.with(who, self.decided(event));
                next.somebody_wants_it_back |= event == Event::RevertAsked;
                vec![next]
            }
            Process::Deciding(event) => vec![self.with(who, self.decided(event))],
            Process::Doing(event, action, then) => {
                let then: Vec<Action> = then.into_iter().collect();
                match action {
                    Action::Move(from, to) if from == self.phase => {
                        let mut next = self.with(who, Process::doing(event, &then));
                        next.phase = to;
                        vec![next]
                    }
                    Action::Move(..) => vec![self.with(who, Process::Deciding(event))],
                    Action::Load => {
                        let mut next = self.with(who, Process::Loading);
                        next.loader = true;
                        vec![next]
                    }
                    // Under the lock of those who restore, the phase is looked at once more.
                    Action::Restore if self.phase != Phase::Reverting => {
                        vec![self.with(who, Process::Deciding(Event::Woken))]
                    }
                    Action::Restore => {
                        let finally = who == APPLY || !self.is_loading_locked();
                        vec![self.with(who, Process::Restoring { finally })]
                    }
                    Action::Wait(_) | Action::End(_) => panic!("{action:?} after a move"),
                }
            }
            Process::Loading if self.loader => Vec::new(),
            Process::Loading => {
                let done = self.with(who, Process::Deciding(Event::Loaded));
                let mut failed = self.with(who, Process::Deciding(Event::LoadFailed));
                failed.somebody_wants_it_back = true;
                // What is loaded may be told as a failure, never the other way round.
                match (self.new_rules_are_live, kindly) {
                    (true, true) => vec![done],
                    (true, false) => vec![done, failed],
                    (false, _) => vec![failed],
                }
            }
            Process::Restoring { finally } => {
                let mut done = self.with(who, Process::HasRestored { finally });
                done.new_rules_are_live = false;
                let failed = self.with(who, Process::Deciding(Event::RestoreFailed));
                if kindly { vec![done] } else { vec![done, failed] }
            }
            // Whoever made the last restore keeps its lock until that is written down.
            Process::HasRestored { finally } => match self.decided(Event::Restored { finally }) {
                Process::Doing(_, Action::Move(from, to), Some(Action::End(outcome))) if from == self.phase => {
                    let mut next = self.with(who, Process::Ended(outcome));
                    next.phase = to;
                    vec![next]
                }
                decided => vec![self.with(who, decided)],
            },
        }
    }

    /// What the nft programs can do by themselves.
    fn nft(&self) -> Vec<Self> {
        let mut all = Vec::new();
        if self.loader {
            let ended = Self {
                loader: false,
                ..self.clone()
            };
            all.push(ended.clone());
            all.push(Self {
                new_rules_are_live: true,
                ..ended
            });
        }
        if self.orphan {
            let ended = Self {
                orphan: false,
                ..self.clone()
            };
            all.push(ended.clone());
            all.push(Self {
                new_rules_are_live: false,
                ..ended
            });
        }
        all
    }

    fn kill(&self, who: usize) -> Option<Self> {
        let is_guardian = GUARDIANS.contains(&who);
        if !self.processes[who].is_running() || (is_guardian && self.guardian_died) {
            return None;
        }
        let mut next = self.with(who, Process::Gone);
        next.guardian_died |= is_guardian;
        next.orphan |= matches!(self.processes[who], Process::Restoring { .. });
        Some(next)
    }

    /// Everything that can happen next.
    fn successors(&self) -> Vec<Self> {
        let everybody = 0..self.processes.len();
        let mut all: Vec<Self> = everybody.clone().flat_map(|who| self.step(who, false)).collect();
        all.extend(everybody.filter_map(|who| self.kill(who)));
        all.extend(self.nft());
        if !self.over {
            all.push(Self {
                over: true,
                ..self.clone()
            });
        }
        for next in &mut all {
            next.processes[GUARDIANS[0]..=GUARDIANS[1]].sort();
        }
        all
    }

    fn check(&self) {
        match self.phase {
            Phase::Armed | Phase::Loaded | Phase::Reverting => {
                let guarded = GUARDIANS.iter().any(|who| self.processes[*who].is_running());
                assert!(guarded, "nobody would put the rules back: {self:#?}");
            }
            Phase::Confirmed => assert!(self.new_rules_are_live, "confirmed and not live: {self:#?}"),
            Phase::Staged | Phase::Reverted | Phase::Discarded => {
                assert!(
                    !self.new_rules_are_live && !self.loader,
                    "live and unguarded: {self:#?}"
                );
            }
        }
        if matches!(self.phase, Phase::Reverting | Phase::Reverted) {
            assert!(self.over || self.somebody_wants_it_back, "too early: {self:#?}");
        }
        for process in self.processes {
            let Process::Ended(told) = process else { continue };
            let is_true = match told {
                Outcome::Loaded => !matches!(self.phase, Phase::Staged | Phase::Armed | Phase::Discarded),
                Outcome::Discarded => self.phase == Phase::Discarded,
                Outcome::Confirmed => self.phase == Phase::Confirmed,
                Outcome::Reverted => self.phase == Phase::Reverted,
                Outcome::Reverting => matches!(self.phase, Phase::Reverting | Phase::Reverted),
                Outcome::NotLoaded => self.phase != Phase::Staged,
                Outcome::Gone => true,
            };
            assert!(is_true, "told {told:?}: {self:#?}");
        }
    }

    /// The next world where nothing fails, nobody is killed and nobody types any more; `None` once all is quiet.
    fn kindly(&self) -> Option<Self> {
        let mut next = Self {
            over: true,
            ..self.clone()
        };
        if let Some(ended) = next.nft().pop() {
            next = ended;
        }
        for who in 0..next.processes.len() {
            if matches!(next.processes[who], Process::Idle(_)) {
                continue;
            }
            if let Some(step) = next.step(who, true).pop() {
                next = step;
            }
        }
        (next != *self).then_some(next)
    }

    fn settles(&self) -> bool {
        let mut world = self.clone();
        for _ in 0..50 {
            match world.kindly() {
                Some(next) => world = next,
                None => return matches!(world.phase, Phase::Confirmed | Phase::Reverted | Phase::Discarded),
            }
        }
        false
    }
}

#[test]
fn however_they_meet_and_whoever_dies_the_former_rules_come_back_unless_confirmed() {
    let mut seen = BTreeSet::new();
    let mut ends = BTreeSet::new();
    let mut open = vec![World::new()];
    while let Some(world) = open.pop() {
        world.check();
        // Every other world leads to such a one.
        let between = |process: &Process| matches!(process, Process::Doing(..) | Process::Ended(_));
        if world.over && !world.loader && !world.processes.iter().any(between) {
            assert!(world.settles(), "never settles: {world:#?}");
        }
        ends.insert(world.phase);
        for next in world.successors() {
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    assert!(seen.len() > 10_000, "{} worlds", seen.len());
    assert_eq!(ends.len(), Phase::ALL.len(), "every phase is reached: {ends:?}");
}
