//! `network.tuning`: kernel parameters and nginx's workers.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::FieldPath;

/// Kernel parameters and nginx's workers.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuning {
    /// `profile`: the set of kernel parameters to start from.
    pub profile: TuningProfile,
    /// `sysctl`: single kernel parameters that win over the profile's, with the field that says so.
    pub overrides: BTreeMap<SysctlKey, (SysctlValue, FieldPath)>,
    /// `udpGro`: let the network card coalesce forwarded UDP (subnet routers and exit nodes; ethtool).
    pub udp_gro: bool,
    /// `nginx`.
    pub nginx: NginxTuning,
}

/// A set of kernel parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TuningProfile {
    /// No parameter of its own.
    None,
    /// The guide's: large TCP and UDP buffers, a long receive backlog, a large connection table.
    Throughput,
    /// The guide's and what a subnet router or exit node needs besides.
    Router,
    /// Small buffers for hosts with little memory.
    LowMemory,
}

impl TuningProfile {
    /// `none`, `throughput`, `router`, `low-memory`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Throughput => "throughput",
            Self::Router => "router",
            Self::LowMemory => "low-memory",
        }
    }
}

/// nginx's workers (main and `events` context).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NginxTuning {
    /// `workerProcesses`; `None` is `auto`: one per core.
    pub worker_processes: Option<u32>,
    /// `workerConnections` per worker.
    pub worker_connections: Option<u32>,
    /// `workerRlimitNofile`: open files per worker.
    pub worker_rlimit_nofile: Option<u32>,
    /// `multiAccept`.
    pub multi_accept: bool,
}

/// A kernel parameter by its dotted name (`net.core.rmem_max`); a dot inside an interface's name is written `/`.
/// Grammar: two or more parts of `[A-Za-z0-9_/-]+` (and `*`) with dots between (sysctl.d(5)).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SysctlKey(String);

impl SysctlKey {
    /// The dotted name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SysctlKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is no name of a kernel parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidSysctlKey(String);

impl fmt::Display for InvalidSysctlKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no kernel parameter: expected parts of letters, digits, `_`, `-`, `/` with dots between",
            self.0
        )
    }
}

impl std::error::Error for InvalidSysctlKey {}

impl FromStr for SysctlKey {
    type Err = InvalidSysctlKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let part = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/' | b'*'))
        };
        if text.len() <= 128
            && text.contains('.')
            && text.split('.').all(part)
            && !text.split('/').any(|part| part == "..")
        {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidSysctlKey(text.to_owned()))
        }
    }
}

/// The value of a kernel parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SysctlValue {
    /// A number; booleans are 0 and 1.
    Integer(i64),
    /// Words, such as the three numbers of `net.ipv4.tcp_rmem`: printable ASCII without line ends.
    Text(String),
}

impl fmt::Display for SysctlValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}
