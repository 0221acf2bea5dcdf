//! Thousands of random histories, and what must hold in each of them.

mod holds;
mod thing;

use proptest::prelude::*;

use self::holds::{WAYS, comes_home, holds, host, watched};
use self::thing::{Thing, thing};
use super::rig::{secs, setting, verdict};
use super::*;

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
