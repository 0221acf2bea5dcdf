//! The fleet: all hosts that one profile describes.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Host, Lint};
use crate::net::{HostName, TailnetDomain};

/// Whether the profile describes one host or names several; decides where the rendered trees go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A host profile: a fleet of one, rendered into the output directory itself.
    Host,
    /// A fleet profile (`hosts.<name>`): one directory per host.
    Fleet,
}

/// All hosts that one profile describes. A host profile is a fleet of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Fleet {
    /// How the profile was written.
    pub shape: Shape,
    /// `tailnet.domain`: the MagicDNS suffix that all hosts share, where it is said once for the fleet.
    pub tailnet: Option<TailnetDomain>,
    /// The hosts by name.
    pub hosts: BTreeMap<HostName, Host>,
    /// `lint`: the weight of single codes, for the whole fleet.
    pub lint: Lint,
}

impl Fleet {
    /// What `question` says of each host, in the order of their names. The hosts of a fleet are asked on all processors.
    pub fn each<T: Send>(&self, question: impl Fn(&Host) -> T + Sync) -> Vec<(&HostName, T)> {
        // Threads for one host would cost more than they spare.
        if self.hosts.len() < 2 {
            return self.hosts.iter().map(|(name, host)| (name, question(host))).collect();
        }
        self.hosts
            .par_iter()
            .map(|(name, host)| (name, question(host)))
            .collect()
    }
}
