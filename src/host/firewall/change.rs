//! What is written down about a change.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::moment::{Moment, WallTime};

/// The version of [`Change`] as a file: a guardian is the program that started it, so that no other is ever read.
pub const VERSION: u32 = 1;

/// Names one change until the machine restarts: the time of its making and the process that made it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChangeId(String);

impl ChangeId {
    /// The name of a change made at `moment` by the process `pid`.
    pub fn new(moment: Moment, pid: u32) -> Self {
        Self(format!("{}-{pid}", moment.as_millis()))
    }
}

impl fmt::Display for ChangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ChangeId {
    type Err = &'static str;

    fn from_str(written: &str) -> Result<Self, Self::Err> {
        let is_number = |text: &str| (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        match written.split_once('-') {
            Some((moment, pid)) if is_number(moment) && is_number(pid) => Ok(Self(written.to_owned())),
            _ => Err("two numbers with - between them"),
        }
    }
}

impl TryFrom<String> for ChangeId {
    type Error = &'static str;

    fn try_from(written: String) -> Result<Self, Self::Error> {
        written.parse()
    }
}

impl From<ChangeId> for String {
    fn from(id: ChangeId) -> Self {
        id.0
    }
}

/// Who puts the former rules back when the time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuardianKind {
    /// A transient timer of systemd: its manager outlives every session and every service.
    SystemdTimer,
    /// Two processes of their own sessions, either of which does it alone.
    Processes,
}

/// A change under guard, as written down before anything is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Change {
    /// [`VERSION`].
    pub version: u32,
    /// Its name.
    pub id: ChangeId,
    /// The table, in the family `inet`, that is replaced.
    pub table: String,
    /// Whether that table was there before.
    pub had_table: bool,
    /// Whether the change removes the table.
    pub removes_table: bool,
    /// The file that was applied, for people.
    pub file: PathBuf,
    /// When it began.
    pub began: WallTime,
    /// When the former rules come back, on the wall: for people. The clock may be set meanwhile.
    pub reverts: WallTime,
    /// The same on the clock that decides.
    pub deadline: Moment,
    /// Who puts the former rules back.
    pub guardian: GuardianKind,
    /// nft(8), by its absolute path: a unit of systemd has another PATH.
    pub nft: PathBuf,
}

/// Why a change is settled as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Nobody confirmed it in time.
    TimeOver,
    /// `revert` was typed.
    RevertTyped,
    /// `confirm` was typed.
    ConfirmTyped,
    /// nft failed to load the new rules.
    LoadFailed,
}

/// When a change was settled, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// When it was decided.
    pub at: WallTime,
    /// Why.
    pub reason: Reason,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        let id = ChangeId::new(Moment::from_millis(1_234), 56);
        assert_eq!(id.to_string(), "1234-56");
        assert_eq!("1234-56".parse::<ChangeId>(), Ok(id));
        for bad in [
            "",
            "-",
            "1-",
            "-1",
            "1",
            "../1-2",
            "1-2/..",
            "1-2-3",
            "+1-2",
            &format!("{}-1", "1".repeat(21)),
        ] {
            assert!(bad.parse::<ChangeId>().is_err(), "{bad}");
        }
    }
}
