//! What the machine remembers of one subject.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Health, Late, Penalty, Setting, Subject};
use crate::monitor::decision::Why;
use crate::monitor::{Level, Moment};

/// One subject: what is in force, since when, by whose choice, and how each setting is doing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Track {
    /// The subject.
    pub(super) subject: Subject,
    /// What is in force.
    pub(super) standing: Setting,
    /// Since when.
    pub(super) since: Moment,
    /// What was in force when the machine first saw it.
    pub(super) found: Setting,
    /// The penalties of what was left because it failed.
    #[serde(default, with = "pairs")]
    pub(super) penalties: BTreeMap<Setting, Penalty>,
    /// The change that is being made.
    #[serde(default)]
    pub(super) moving: Option<Moving>,
    /// Whether what is in force has yet to prove itself.
    #[serde(default)]
    pub(super) trial: Option<Trial>,
    /// Whether somebody chose what is in force.
    #[serde(default)]
    pub(super) chosen: Option<Override>,
    /// What may still be reported to be in force for a moment.
    #[serde(default)]
    pub(super) settling: Option<Settling>,
    /// What may still come to be in force, though it was not when it was looked at: one for each setting.
    #[serde(default)]
    pub(super) late: Vec<Late>,
    /// Why the last change was refused.
    #[serde(default)]
    pub(super) refused: Option<String>,
    /// How each setting is doing. Not written down: after a restart it is measured again.
    #[serde(skip)]
    pub(super) health: BTreeMap<Setting, Health>,
    /// What the last rehearsal would have done.
    #[serde(skip)]
    pub(super) rehearsed: Option<Setting>,
}

/// A change that is being made: written down before it is carried out, so that a crash in the middle can be made good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Moving {
    /// The number of the action.
    pub token: u64,
    /// What is to be in force.
    pub to: Setting,
    /// Why.
    pub why: Why,
    /// When it began.
    pub began: Moment,
    /// How often it was asked what became of it.
    #[serde(default)]
    pub asked: u32,
    /// Whether it may have been carried out or not: nobody answered, or the program was interrupted.
    #[serde(default)]
    pub doubt: bool,
    /// Where the operator asked for it: the choice that holds again if it is not made.
    #[serde(default)]
    pub former: Option<Override>,
}

/// A setting that was moved to because another one failed, and has yet to prove itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trial {
    /// What was left.
    pub from: Setting,
    /// How that was doing.
    pub level: Level,
    /// When the trial ends.
    pub until: Moment,
}

/// A setting that somebody chose: the machine leaves it alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Override {
    /// Who.
    pub by: Chosen,
    /// What was in force before.
    pub was: Setting,
    /// When it ends by itself; `None`: when somebody resumes.
    #[serde(default)]
    pub until: Option<Moment>,
}

/// Who chose what is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Chosen {
    /// The operator, by `tsctl failover switch`.
    Operator,
    /// Somebody who changed the preference without asking us.
    Hand,
}

/// The bus may lag behind the answer to a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settling {
    /// What was in force.
    pub from: Setting,
    /// Until when it may be reported.
    pub until: Moment,
}

impl Track {
    /// A subject that was just seen for the first time.
    pub(super) fn new(standing: Setting, now: Moment) -> Self {
        Self {
            subject: standing.subject(),
            found: standing.clone(),
            standing,
            since: now,
            penalties: BTreeMap::new(),
            moving: None,
            trial: None,
            chosen: None,
            settling: None,
            late: Vec::new(),
            refused: None,
            health: BTreeMap::new(),
            rehearsed: None,
        }
    }

    /// What is in force.
    pub fn standing(&self) -> &Setting {
        &self.standing
    }

    /// Since when it is in force.
    pub fn since(&self) -> Moment {
        self.since
    }

    /// The change that is being made.
    pub fn moving(&self) -> Option<&Moving> {
        self.moving.as_ref()
    }

    /// Whether somebody chose what is in force.
    pub fn chosen(&self) -> Option<&Override> {
        self.chosen.as_ref()
    }

    /// Why the last change was refused.
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    /// How a setting is doing.
    pub fn health(&self, setting: &Setting) -> Option<&Health> {
        self.health.get(setting)
    }

    /// The level of a setting.
    pub fn level(&self, setting: &Setting) -> Level {
        self.health.get(setting).map_or(Level::Unknown, Health::level)
    }

    /// The level of what is in force.
    pub fn standing_level(&self) -> Level {
        self.level(&self.standing)
    }

    /// The change that is being made is waited for no longer, and may still be carried out.
    pub(super) fn give_up(&mut self, now: Moment) {
        if let Some(moving) = &self.moving {
            let chosen = self.chosen.clone().filter(|_| moving.why == Why::Asked);
            let late = Late::new(moving.clone(), self.standing.clone(), chosen, now);
            self.late.retain(|other| other.moving.to != late.moving.to);
            self.late.push(late);
        }
    }

    /// What was chosen and may still come is nobody's choice any more. Whether there was such a thing.
    pub(super) fn end_late_choices(&mut self) -> bool {
        let chosen = self.late.iter_mut().filter_map(|late| late.chosen.take());
        chosen.count() > 0
    }

    /// The penalty of a setting.
    pub fn penalty(&self, setting: &Setting) -> Option<Penalty> {
        self.penalties.get(setting).copied()
    }
}

/// A map whose keys are no texts, as a list of pairs.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(super) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Vec::deserialize(deserializer).map(|pairs| pairs.into_iter().collect())
    }
}
