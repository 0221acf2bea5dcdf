//! How a packet's way ends.

use std::fmt;

use crate::firewall::ruleset::{Family, Hook, RejectWith};

/// How a packet's way ends, as far as the table is answerable for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It passes every hook on its way.
    Accepted,
    /// It is gone, and nobody is told.
    Dropped(Hook),
    /// It is gone, and its sender is told, unless he is one whom nobody answers (a group, an error message).
    Rejected(Hook, Answer),
}

/// How a sender is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// A TCP segment with RST, as from a closed port.
    TcpReset,
    /// ICMP "destination unreachable", code 13: communication administratively prohibited (RFC 1812 §5.2.7.1).
    IcmpProhibited,
    /// ICMPv6 "destination unreachable", code 1: communication administratively prohibited (RFC 4443 §3.1).
    Icmpv6Prohibited,
}

impl Answer {
    /// What a rule's answer is to a packet of `family`.
    pub(super) fn of(with: RejectWith, family: Family) -> Self {
        match (with, family) {
            (RejectWith::TcpReset, _) => Self::TcpReset,
            (RejectWith::AdminProhibited, Family::Ipv4) => Self::IcmpProhibited,
            (RejectWith::AdminProhibited, Family::Ipv6) => Self::Icmpv6Prohibited,
        }
    }
}

impl Answer {
    /// `tcp-reset`, `icmp-admin-prohibited` or `icmpv6-admin-prohibited`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TcpReset => "tcp-reset",
            Self::IcmpProhibited => "icmp-admin-prohibited",
            Self::Icmpv6Prohibited => "icmpv6-admin-prohibited",
        }
    }
}

impl Outcome {
    /// `accept`, `drop` or `reject`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accept",
            Self::Dropped(_) => "drop",
            Self::Rejected(..) => "reject",
        }
    }

    /// The hook where it ended; `None` where it passed all of them.
    pub const fn hook(self) -> Option<Hook> {
        match self {
            Self::Accepted => None,
            Self::Dropped(hook) | Self::Rejected(hook, _) => Some(hook),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted => f.write_str("accepted"),
            Self::Dropped(hook) => write!(f, "dropped in {}", hook.name()),
            Self::Rejected(hook, answer) => write!(f, "rejected in {} with {answer}", hook.name()),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TcpReset => "a TCP reset",
            Self::IcmpProhibited => "ICMP administratively prohibited (type 3, code 13)",
            Self::Icmpv6Prohibited => "ICMPv6 administratively prohibited (type 1, code 1)",
        })
    }
}
