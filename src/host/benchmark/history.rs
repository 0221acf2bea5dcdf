//! What was measured before.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// So many measurements are kept.
const MOST: usize = 500;
/// A longer file is not one of ours.
const LONGEST: u64 = 4 << 20;

/// One measurement of a peer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Measured {
    /// When, in UTC (RFC 3339).
    pub(super) taken: String,
    /// Which peer, by its name.
    pub(super) peer: String,
    /// Bits per second from it.
    #[serde(default)]
    pub(super) download: Option<u64>,
    /// Bits per second to it.
    #[serde(default)]
    pub(super) upload: Option<u64>,
    /// The median of the round trips while nothing else went on, in milliseconds.
    #[serde(default)]
    pub(super) idle_millis: Option<f64>,
}

/// Where it is kept: the directory that systemd made for the unit (`STATE_DIRECTORY`, systemd.exec(5)), root's, or the user's
/// (XDG Base Directory Specification).
pub(super) fn usual() -> Option<PathBuf> {
    const FILE: &str = "benchmark.jsonl";
    let absolute = |name: &str| {
        let value = PathBuf::from(std::env::var_os(name)?);
        value.is_absolute().then_some(value)
    };
    if let Some(directory) = absolute("STATE_DIRECTORY") {
        return Some(directory.join(FILE));
    }
    if rustix::process::geteuid().is_root() {
        return Some(Path::new("/var/lib/tailwright-benchmark").join(FILE));
    }
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(state.join("tailwright").join(FILE))
}

/// What is there, oldest first. What cannot be read is passed over: it is a help and no more.
pub(super) fn read(file: &Path) -> Vec<Measured> {
    let is_ours = std::fs::metadata(file).is_ok_and(|about| about.is_file() && about.len() <= LONGEST);
    let text = if is_ours {
        std::fs::read_to_string(file).unwrap_or_default()
    } else {
        String::new()
    };
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// Keeps these measurements too, and forgets the oldest.
pub(super) fn keep(file: &Path, mut known: Vec<Measured>, new: &[Measured]) -> io::Result<()> {
    known.extend(new.iter().cloned());
    let from = known.len().saturating_sub(MOST);
    let directory = file.parent().ok_or(io::ErrorKind::InvalidInput)?;
    std::fs::create_dir_all(directory)?;
    let mut whole = tempfile::NamedTempFile::new_in(directory)?;
    for measured in known.get(from..).unwrap_or_default() {
        serde_json::to_writer(&mut whole, measured)?;
        whole.write_all(b"\n")?;
    }
    // The old file or the new one, never half of it.
    whole.persist(file)?;
    Ok(())
}

/// The last measurement of that peer.
pub(super) fn last<'a>(known: &'a [Measured], peer: &str) -> Option<&'a Measured> {
    known.iter().rev().find(|measured| measured.peer == peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(peer: &str, download: u64) -> Measured {
        Measured {
            taken: "2026-11-20T04:05:00Z".to_owned(),
            peer: peer.to_owned(),
            download: Some(download),
            upload: None,
            idle_millis: Some(1.5),
        }
    }

    #[test]
    fn it_is_kept_and_bounded() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("below/benchmark.jsonl");
        assert_eq!(read(&file), []);
        keep(&file, read(&file), &[measured("beta", 1), measured("gamma", 2)]).unwrap();
        keep(&file, read(&file), &[measured("beta", 3)]).unwrap();
        let known = read(&file);
        assert_eq!(last(&known, "beta").unwrap().download, Some(3));
        assert_eq!(last(&known, "gamma").unwrap().download, Some(2));
        assert_eq!(last(&known, "delta"), None);
        keep(&file, known, &vec![measured("delta", 4); 600]).unwrap();
        assert_eq!(read(&file).len(), MOST);
        assert_eq!(
            std::fs::read_dir(file.parent().unwrap()).unwrap().count(),
            1,
            "no litter"
        );
    }

    #[test]
    fn what_was_damaged_is_passed_over() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("benchmark.jsonl");
        std::fs::write(&file, "{\"taken\": \"x\", \"peer\": \"beta\"}\nhalf of a li\n[]\n").unwrap();
        assert_eq!(read(&file).len(), 1);
    }
}
