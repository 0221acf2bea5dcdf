//! What the checks are told. Nothing here asks: [`look`](super::look) does, and a test writes what it wants.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::PathBuf;

use crate::host::firewall::moment::WallTime;
use crate::host::show::State;
use crate::host::tailnet::{NodeStatus, RelayAnswers, StatusFacts};
use crate::host::unknown::Unknown;
use crate::model::MonitorSettings;
use crate::monitor::Report;

/// What is known of one thing; else why it is not.
pub(super) type Known<T> = Result<T, Unknown>;

/// Everything that the checks are told. What was not looked at, because no chosen check wants it, is not known.
#[derive(Debug)]
pub(super) struct Facts {
    /// When it was looked.
    pub(super) now: WallTime,
    /// Whether it was root who looked.
    pub(super) is_root: bool,
    /// The settings that were deployed; none where there are none.
    pub(super) settings: Known<Option<MonitorSettings>>,
    /// What tailscaled says.
    pub(super) tailscaled: StatusFacts,
    /// The same as `tsctl status` judges it.
    pub(super) node: NodeStatus,
    /// What keeps the network interface from forwarding UDP fast.
    pub(super) udp_gro: Known<Option<String>>,
    /// Whether the exit node in use answers through the tunnel; none where there is none.
    pub(super) exit_node_answers: Known<Option<bool>>,
    /// What the relays answered over UDP.
    pub(super) relays: Known<RelayAnswers>,
    /// What the home relay answered over TCP.
    pub(super) home_relay: Known<HomeRelay>,
    /// How names are looked up.
    pub(super) names: Names,
    /// What the kernel is told.
    pub(super) kernel: Kernel,
    /// The zone firewall, as `tsctl firewall status` judges it.
    pub(super) firewall: Known<(State, Vec<String>)>,
    /// What systemd says.
    pub(super) units: Known<Units>,
    /// What nginx says of its configuration.
    pub(super) nginx: Known<Nginx>,
    /// What the services behind nginx answer, by name.
    pub(super) services: BTreeMap<String, Known<Service>>,
    /// What the first bytes of an answer on port 22 of this machine are; none where nobody listens.
    pub(super) ssh: Known<Option<String>>,
    /// The TCP ports that somebody listens at.
    pub(super) listens: Known<BTreeSet<u16>>,
    /// Whether the clock is kept right.
    pub(super) clock: Known<Clock>,
    /// What the monitor says of itself; none where it does not run.
    pub(super) monitor: Known<Option<Report>>,
    /// The files that hold secrets, as they are.
    pub(super) secrets: BTreeMap<PathBuf, Known<Option<File>>>,
    /// The file systems that something has to be written to, by a path on each.
    pub(super) disks: BTreeMap<PathBuf, Disk>,
}

/// What the home relay answered over TCP.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct HomeRelay {
    /// Its name.
    pub(super) host: String,
    /// Whether a connection to its port for relaying came about.
    pub(super) connects: bool,
    /// The time that it has, in seconds since 1970, where it told.
    pub(super) time: Option<u64>,
}

/// How names are looked up.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// `/etc/resolv.conf`.
    pub(super) resolver: Known<Resolver>,
    /// What tailscaled's own resolver says of this node's name.
    pub(super) by_tailscaled: Known<Lookup>,
    /// What the first resolver of `/etc/resolv.conf` says of it.
    pub(super) by_resolver: Known<Lookup>,
}

/// `/etc/resolv.conf` (resolv.conf(5)).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Resolver {
    /// Who wrote it, as far as it says.
    pub(super) owner: Option<&'static str>,
    /// Whom it has asked, the first one first.
    pub(super) servers: Vec<IpAddr>,
    /// What is appended to names.
    pub(super) search: Vec<String>,
}

/// What came of looking a name up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lookup {
    /// Its addresses.
    Found(Vec<IpAddr>),
    /// There is no such name, or it has no address.
    NoSuchName,
    /// The resolver would not or could not say; its code (RFC 1035 section 4.1.1).
    Refused(String),
    /// It did not answer.
    Silent,
}

/// What the kernel is told.
#[derive(Debug, Clone, Default)]
pub(super) struct Kernel {
    /// Whether there is `/dev/net/tun`.
    pub(super) has_tun: bool,
    /// The tailnet's interface: its name, and its MTU where it is there.
    pub(super) interface: (String, Option<u32>),
    /// The interface that packets to the internet leave by.
    pub(super) uplink: Option<String>,
    /// `net.ipv4.conf.*.rp_filter` of all, of the tailnet's interface and of the uplink; the largest counts.
    pub(super) reverse_path: Option<u8>,
    /// `net.ipv4.conf.all.src_valid_mark`.
    pub(super) marks_count: bool,
    /// The rules that choose a routing table: family, preference, and the rest of the line.
    pub(super) rules: Option<Vec<(Family, u32, String)>>,
    /// How many routes there are in table 52, and whether one of them is a default.
    pub(super) table_52: Option<(usize, bool)>,
}

/// A family of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    V4,
    V6,
}

/// What systemd says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Units {
    /// The units that failed.
    pub(super) failed: Vec<String>,
    /// Some that are of interest, by name.
    pub(super) units: BTreeMap<String, Unit>,
}

/// A unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Unit {
    /// Whether there is such a unit.
    pub(super) is_there: bool,
    /// `active`, `inactive`, `failed`, `activating`, …
    pub(super) active: String,
    /// The variables in its environment.
    pub(super) environment: BTreeMap<String, String>,
}

/// What nginx says of its configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Nginx {
    /// What is wrong with it; none where nginx would start with it.
    pub(super) refused: Option<String>,
    /// The command that asks nginx.
    pub(super) command: String,
    /// When each of its certificates ends, by its file.
    pub(super) certificates: BTreeMap<PathBuf, Known<u64>>,
}

/// What a service behind nginx answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Service {
    /// Where nginx reaches it.
    pub(super) at: String,
    /// The status of its answer where it speaks HTTP; else why there is none.
    pub(super) answer: Result<Option<u16>, String>,
    /// What shows who should answer there, or the way there.
    pub(super) command: String,
}

/// Whether the clock is kept right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// Whether it is set by a time server.
    pub(super) is_synchronised: bool,
    /// Whether something is to set it.
    pub(super) is_kept: bool,
}

/// A file that holds a secret; never what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    /// Its permission bits.
    pub(super) mode: u32,
    /// The number of its owner, and his name where that is known.
    pub(super) owner: (u32, Option<String>),
    /// Whether there is nothing in it.
    pub(super) is_empty: bool,
}

/// A file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Disk {
    /// Bytes that are free for everybody.
    pub(super) free: u64,
    /// All bytes.
    pub(super) size: u64,
    /// Free files of a hundred; 100 where it does not count them.
    pub(super) free_files_percent: u64,
}

impl Facts {
    /// What is expected on this host, where settings were deployed.
    pub(super) fn settings(&self) -> Option<&MonitorSettings> {
        self.settings.as_ref().ok().and_then(Option::as_ref)
    }

    /// What systemd says of a unit, where there is such a unit.
    pub(super) fn unit(&self, name: &str) -> Option<&Unit> {
        let units = self.units.as_ref().ok()?;
        units.units.get(name).filter(|unit| unit.is_there)
    }
}

impl Unit {
    /// Whether it runs.
    pub(super) fn is_active(&self) -> bool {
        self.active == "active"
    }
}
