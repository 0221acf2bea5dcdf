//! The decision log on disk.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::monitor::Decision;

/// The log, below the state directory: one [`Decision`] a line, as JSON.
pub(crate) const DECISIONS: &str = "decisions.jsonl";
/// The part before it.
pub(crate) const FORMER: &str = "decisions.jsonl.1";

/// From so many bytes on a new part is begun; together the two are at most twice as long, some thousand decisions.
const LIMIT: u64 = 1 << 20;

/// The decision log. A line that was cut off by a crash is ended, so that it spoils no other.
#[derive(Debug)]
pub(super) struct DecisionLog {
    path: PathBuf,
    former: PathBuf,
    limit: u64,
}

impl DecisionLog {
    /// The log below that directory.
    pub(super) fn below(directory: &Path) -> Self {
        Self {
            path: directory.join(DECISIONS),
            former: directory.join(FORMER),
            limit: LIMIT,
        }
    }

    /// Adds one entry.
    pub(super) fn add(&self, decision: &Decision) -> io::Result<()> {
        let mut line = serde_json::to_vec(decision)?;
        line.push(b'\n');
        let mut file = self.open()?;
        let length = file.seek(SeekFrom::End(0))?;
        if length > 0 && length.saturating_add(line.len() as u64) > self.limit {
            std::fs::rename(&self.path, &self.former)?;
            file = self.open()?;
        } else if length > 0 {
            file.seek(SeekFrom::End(-1))?;
            let mut last = [0];
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                line.insert(0, b'\n');
            }
        }
        file.write_all(&line)
    }

    fn open(&self) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Moment;
    use crate::monitor::decision::What;

    fn decision(number: u64) -> Decision {
        Decision {
            at: Moment::from_millis(number),
            what: What::Resumed,
        }
    }

    fn lines(path: &Path) -> Vec<Decision> {
        let text = std::fs::read_to_string(path).expect("a log");
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    #[test]
    fn it_is_bounded_and_keeps_the_last() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut log = DecisionLog::below(directory.path());
        log.limit = 1_000;
        for number in 0..200 {
            log.add(&decision(number)).expect("there is room");
        }
        let (now, former) = (lines(&log.path), lines(&log.former));
        assert_eq!(now.last(), Some(&decision(199)));
        let all: Vec<Decision> = former.into_iter().chain(now).collect();
        let first = 200 - all.len() as u64;
        assert_eq!(
            all,
            (first..200).map(decision).collect::<Vec<_>>(),
            "none is missing between"
        );
        for path in [&log.path, &log.former] {
            assert!(std::fs::metadata(path).expect("a file").len() <= 1_000);
        }
    }

    #[test]
    fn a_line_that_was_cut_off_spoils_no_other() {
        let directory = tempfile::tempdir().expect("a directory");
        let log = DecisionLog::below(directory.path());
        log.add(&decision(1)).expect("there is room");
        let mut file = log.open().expect("a log");
        file.write_all(b"{\"at\":2,\"wh").expect("there is room");
        log.add(&decision(3)).expect("there is room");
        assert_eq!(lines(&log.path), [decision(1), decision(3)]);
    }
}
