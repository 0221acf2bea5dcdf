//! The clock is set while the program runs.

use super::Watch;
use crate::monitor::{ClockStep, Moment};

impl Watch {
    /// Moves everything that it remembers with the clock. When the node's key ends is said by the control plane, and stays.
    pub fn step_clock(&mut self, step: ClockStep) {
        let set = |at: &mut Moment| *at = at.moved(step);
        set(&mut self.clock);
        set(&mut self.daemon_since);
        self.settling.iter_mut().for_each(set);
        self.counted.values_mut().for_each(|(_, at)| set(at));
        self.waiting.iter_mut().for_each(|check| set(&mut check.began));
        for target in self.targets.values_mut() {
            set(&mut target.next);
            set(&mut target.slot);
            if let Some(under_way) = &mut target.under_way {
                set(&mut under_way.began);
                set(&mut under_way.until);
            }
            for at in [&mut target.began, &mut target.ended, &mut target.fell] {
                at.iter_mut().for_each(set);
            }
        }
        self.diagnosed = None;
    }
}
