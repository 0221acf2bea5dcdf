//! The fleet: all hosts that one profile describes.

use std::collections::BTreeMap;

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
