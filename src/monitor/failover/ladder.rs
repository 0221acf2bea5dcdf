//! What may be in force for a subject, in order of preference.

use super::Setting;

/// The settings of one subject.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ladder {
    /// What the profile wants to be in force; `None` where it does not say, and what is found is wanted.
    pub home: Option<Setting>,
    /// What may be moved to, best first.
    pub rungs: Vec<Rung>,
}

/// One setting to move to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// Its place among the rungs of all subjects: where several subjects want to move, the lower one goes first.
    pub rank: u32,
    /// The setting.
    pub setting: Setting,
}

impl Ladder {
    /// The place of a setting: what is wanted comes first, what is not listed last.
    pub(super) fn rank(&self, setting: &Setting, home: &Setting) -> u32 {
        if setting == home {
            return 0;
        }
        self.rungs
            .iter()
            .find(|rung| rung.setting == *setting)
            .map_or(u32::MAX, |rung| rung.rank.saturating_add(1))
    }

    /// Whether the setting is wanted or may be moved to.
    pub fn lists(&self, setting: &Setting) -> bool {
        self.home.as_ref() == Some(setting) || self.rungs.iter().any(|rung| rung.setting == *setting)
    }
}
