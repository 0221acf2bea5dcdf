//! What was measured before.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::seen::{Last, LastAnswer, PeerSeen, ServiceSeen};

/// So many measurements are kept.
const MOST: usize = 500;
/// A longer file is not one of ours.
const LONGEST: u64 = 4 << 20;

/// One measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Measured {
    /// Of a peer.
    Peer(MeasuredPeer),
    /// Of a service.
    Service(MeasuredService),
}

/// One measurement of a peer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MeasuredPeer {
    /// When, in UTC (RFC 3339).
    taken: String,
    /// Which peer, by its name.
    peer: String,
    /// Bits per second from it.
    #[serde(default)]
    download: Option<u64>,
    /// Bits per second to it.
    #[serde(default)]
    upload: Option<u64>,
    /// The median of the round trips while nothing else went on, in milliseconds.
    #[serde(default)]
    idle_millis: Option<f64>,
}

/// One measurement of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MeasuredService {
    /// When, in UTC (RFC 3339).
    taken: String,
    /// Which service, by its name.
    service: String,
    /// How long the first line of an answer took, in milliseconds.
    answer_millis: f64,
}

/// What is worth keeping of these: throughput of peers, and answers.
pub(super) fn of(peers: &[PeerSeen], services: &[ServiceSeen], now: &str) -> Vec<Measured> {
    let measured = peers
        .iter()
        .filter(|peer| peer.download.is_some() || peer.upload.is_some());
    let peers = measured.map(|peer| {
        Measured::Peer(MeasuredPeer {
            taken: now.to_owned(),
            peer: peer.name.clone(),
            download: peer.download,
            upload: peer.upload,
            idle_millis: peer.idle.as_ref().and_then(|idle| idle.p50_millis),
        })
    });
    let services = services.iter().filter_map(|service| {
        Some(Measured::Service(MeasuredService {
            taken: now.to_owned(),
            service: service.name.clone(),
            answer_millis: service.answer_millis?,
        }))
    });
    peers.chain(services).collect()
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
pub(super) fn last_of_peer(known: &[Measured], name: &str) -> Option<Last> {
    known.iter().rev().find_map(|measured| match measured {
        Measured::Peer(peer) if peer.peer == name => Some(Last {
            taken: peer.taken.clone(),
            download: peer.download,
            upload: peer.upload,
            idle_millis: peer.idle_millis,
        }),
        _ => None,
    })
}

/// The last measurement of that service.
pub(super) fn last_of_service(known: &[Measured], name: &str) -> Option<LastAnswer> {
    known.iter().rev().find_map(|measured| match measured {
        Measured::Service(service) if service.service == name => Some(LastAnswer {
            taken: service.taken.clone(),
            answer_millis: service.answer_millis,
        }),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAKEN: &str = "2026-11-20T04:05:00Z";

    fn measured(peer: &str, download: u64) -> Measured {
        Measured::Peer(MeasuredPeer {
            taken: TAKEN.to_owned(),
            peer: peer.to_owned(),
            download: Some(download),
            upload: None,
            idle_millis: Some(1.5),
        })
    }

    #[test]
    fn it_is_kept_and_bounded() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("below/benchmark.jsonl");
        assert_eq!(read(&file), []);
        keep(&file, read(&file), &[measured("beta", 1), measured("gamma", 2)]).unwrap();
        keep(&file, read(&file), &[measured("beta", 3)]).unwrap();
        let known = read(&file);
        assert_eq!(last_of_peer(&known, "beta").unwrap().download, Some(3));
        assert_eq!(last_of_peer(&known, "gamma").unwrap().download, Some(2));
        assert_eq!(last_of_peer(&known, "delta"), None);
        keep(&file, known, &vec![measured("delta", 4); 600]).unwrap();
        assert_eq!(read(&file).len(), MOST);
        assert_eq!(
            std::fs::read_dir(file.parent().unwrap()).unwrap().count(),
            1,
            "no litter"
        );
    }

    #[test]
    fn a_service_may_be_called_as_a_peer_is() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("benchmark.jsonl");
        let service = MeasuredService {
            taken: TAKEN.to_owned(),
            service: "beta".to_owned(),
            answer_millis: 2.5,
        };
        keep(&file, Vec::new(), &[measured("beta", 1), Measured::Service(service)]).unwrap();
        let known = read(&file);
        assert_eq!(known.len(), 2);
        assert_eq!(last_of_peer(&known, "beta").unwrap().idle_millis, Some(1.5));
        let last = last_of_service(&known, "beta").unwrap();
        assert_eq!((last.taken.as_str(), last.answer_millis), (TAKEN, 2.5));
        assert_eq!(last_of_service(&known, "gamma"), None);
    }

    #[test]
    fn what_was_damaged_is_passed_over() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("benchmark.jsonl");
        std::fs::write(&file, "{\"taken\": \"x\", \"peer\": \"beta\"}\nhalf of a li\n[]\n").unwrap();
        assert_eq!(read(&file).len(), 1);
    }
}
