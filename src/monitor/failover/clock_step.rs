//! The clock is set while the program runs.

use super::State;
use crate::monitor::{ClockStep, Moment};

impl State {
    /// Moves everything that it remembers with the clock: what has passed since and what is still waited for stay as long as they
    /// were.
    pub(super) fn step_clock(&mut self, step: ClockStep) {
        let set = |at: &mut Moment| *at = at.moved(step);
        set(&mut self.clock);
        for track in &mut self.tracks {
            set(&mut track.since);
            for penalty in track.penalties.values_mut() {
                *penalty = penalty.moved(step);
            }
            for health in track.health.values_mut() {
                health.step_clock(step);
            }
            if let Some(moving) = &mut track.moving {
                set(&mut moving.began);
                let former = moving.former.as_mut().and_then(|chosen| chosen.until.as_mut());
                former.into_iter().for_each(set);
            }
            track.trial.iter_mut().for_each(|trial| set(&mut trial.until));
            track.late.iter_mut().for_each(|late| late.step_clock(step));
            track.settling.iter_mut().for_each(|settling| set(&mut settling.until));
            let chosen = track.chosen.as_mut().and_then(|chosen| chosen.until.as_mut());
            chosen.into_iter().for_each(set);
        }
        let pause = self.pause.as_mut().and_then(|pause| pause.until.as_mut());
        pause.into_iter().for_each(set);
        self.last_move.iter_mut().for_each(set);
        self.restarts.iter_mut().for_each(set);
        self.restarting.iter_mut().for_each(|(_, began)| set(began));
        self.unwritable.iter_mut().for_each(set);
        self.stopping.iter_mut().for_each(|stopping| set(&mut stopping.by));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::failover::{Command, Event, Machine};

    /// The state of a host that is paused for a minute.
    fn paused(now: Moment) -> Machine {
        let settings = serde_json::json!({
            "version": 1, "host": "laptop", "interface": "tailscale0", "checkInterval": "1s", "checkTimeout": "1s",
            "maxLatency": "200ms", "maxPacketLoss": 5, "failureThreshold": 3, "recoveryThreshold": 3, "autoFailover": true,
            "failover": {
                "actions": ["exit-node"], "holdDown": "10s", "maxHoldDown": "10m", "minDwell": "5s", "moveWindow": "3s",
                "restartInterval": "10m", "restartsPerDay": 3, "dryRun": false, "restoreOnStop": true,
            },
            "acceptRoutes": false, "exitNodeLanAccess": true, "exitNodes": [], "management": [],
        });
        let settings = serde_json::from_value(settings).unwrap();
        let mut machine = Machine::new(&settings, State::new(), false);
        machine.feed(Event::Started, now);
        let until = now.after_millis(60_000);
        machine.feed(Event::Asked(Command::Pause(Some(until))), now);
        machine
    }

    #[test]
    fn a_pause_lasts_as_long_as_it_would_have() {
        let now = Moment::from_millis(1_700_000_000_000);
        for other in [now.after_millis(86_400_000), now.before_millis(86_400_000)] {
            let mut machine = paused(now);
            machine.step_clock(ClockStep::between(now, other));
            assert_eq!(machine.deadline(), Some(other.after_millis(60_000)));
            machine.feed(Event::Woken, other.after_millis(59_000));
            assert!(machine.state().pause().is_some());
            machine.feed(Event::Woken, other.after_millis(60_000));
            assert_eq!(machine.state().pause(), None);
        }
    }
}
