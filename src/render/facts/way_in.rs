//! How the operator gets in, as a fact.

use std::fmt;

use crate::net::{InterfaceName, PortRange, Prefix, Transport};

/// One way by which the operator gets in: `comes in by tailscale0 from 100.64.0.7/32 to ssh (tcp 22)`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WayIn {
    /// The interface.
    pub via: InterfaceName,
    /// Where he comes from, where that is said.
    pub from: Option<Prefix>,
    /// What he speaks to, in the words of the profile.
    pub service: String,
    /// Its ports, of which one is enough; none where nobody knows the service.
    pub ports: Vec<(Transport, PortRange)>,
}

impl WayIn {
    /// Whom the fact is about.
    pub(super) const SUBJECT: &'static str = "the operator";

    /// Reads the fact; `None` for what is none, or names no ports.
    pub(super) fn read(said: &str) -> Option<Self> {
        let rest = said.strip_prefix("comes in by ")?;
        let (rest, ports) = rest.strip_suffix(')')?.rsplit_once(" (")?;
        let (ends, service) = rest.split_once(" to ")?;
        let (via, from) = match ends.split_once(" from ") {
            Some((via, from)) => (via, Some(from.parse().ok()?)),
            None => (ends, None),
        };
        let port = |port: &str| {
            let (transport, range) = port.split_once(' ')?;
            let transport = [Transport::Tcp, Transport::Udp]
                .into_iter()
                .find(|known| known.to_string() == transport)?;
            Some((transport, range.parse().ok()?))
        };
        Some(Self {
            via: via.parse().ok()?,
            from,
            service: service.to_owned(),
            ports: ports.split(", ").map(port).collect::<Option<_>>()?,
        })
    }
}

impl fmt::Display for WayIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "comes in by {}", self.via)?;
        if let Some(from) = self.from {
            write!(f, " from {from}")?;
        }
        write!(f, " to {}", self.service)?;
        for (place, (transport, range)) in self.ports.iter().enumerate() {
            write!(f, "{}{transport} {range}", if place == 0 { " (" } else { ", " })?;
        }
        f.write_str(if self.ports.is_empty() { "" } else { ")" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_in_reads_back() {
        for said in [
            "comes in by tailscale0 to ssh (tcp 22)",
            "comes in by eno1 from 10.0.0.0/8 to db (tcp 5432, udp 1-2)",
        ] {
            assert_eq!(WayIn::read(said).unwrap().to_string(), said);
        }
        for other in [
            "comes in by eno1 to nobody-knows",
            "comes in by eno1 to x (icmp 8)",
            "comes in by eno1",
            "",
        ] {
            assert_eq!(WayIn::read(other), None, "{other}");
        }
    }
}
