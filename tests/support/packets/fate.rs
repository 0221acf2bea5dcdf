//! What happened to a packet.

use std::fmt;

/// What happened to a packet, as far as the ruleset is answerable for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Every chain on the input hook let it in.
    Accepted,
    /// Every chain on the forward hook let it pass, to leave by this interface.
    Forwarded {
        /// The interface that the kernel's routes chose.
        oif: String,
    },
    /// The host itself sent it, and every chain on the output hook let it go, to leave by this interface.
    Sent {
        /// The interface that the kernel's routes chose.
        oif: String,
    },
    /// It got no further than this hook, and nobody was told.
    Dropped(Hook),
    /// It got no further than this hook, and its sender was told.
    Rejected(Hook, RejectKind),
    /// It passed prerouting and reached no further hook: the kernel itself does not route it (a source that is one of the
    /// host's own addresses, a group that the host is not in, a destination without a route).
    Unrouted,
    /// No hook ever saw it: a fragment whose others did not come.
    Incomplete,
}

/// A hook on the way of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hook {
    /// Before it is known whether it stays.
    Prerouting,
    /// To the host itself.
    Input,
    /// Through the host.
    Forward,
    /// From the host itself. A rejection looks like a drop here: the laboratory sends by raw sockets, which get EPERM for both and
    /// never the ICMP error or RST that the kernel sends to itself (raw(7): only those about their own protocol number reach them).
    /// What programs hear by sockets of their own is tried in `tests/firewall/packets.rs`.
    Output,
}

/// How a sender is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RejectKind {
    /// A TCP segment with RST.
    TcpReset,
    /// An ICMP message "destination unreachable" with this code.
    Icmp {
        /// 13 is "administratively prohibited", 3 "port unreachable".
        code: u8,
    },
    /// An ICMPv6 message "destination unreachable" with this code.
    Icmpv6 {
        /// 1 is "administratively prohibited", 4 "port unreachable".
        code: u8,
    },
}

/// What connection tracking made of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It begins a connection.
    New,
    /// It belongs to one that has seen packets both ways.
    Established,
    /// It belongs to one in another way.
    Related,
    /// It fits none and begins none.
    Invalid,
    /// It is left alone.
    Untracked,
}

impl State {
    /// The state that nft calls `name`.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "new" => Self::New,
            "established" => Self::Established,
            "related" => Self::Related,
            "invalid" => Self::Invalid,
            "untracked" => Self::Untracked,
            _ => return None,
        })
    }
}

/// All that was seen of one packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// What happened to it.
    pub fate: Fate,
    /// What connection tracking made of it; `None` where no hook saw it.
    pub state: Option<State>,
    /// The interface that it was to leave by; `None` where it came neither to the forward hook nor to the output hook.
    pub oif: Option<String>,
    /// Whether the kernel's routes lead back to its source by the interface that it came in by.
    pub way_back: bool,
    /// Whether they lead back to its source by any interface.
    pub any_way_back: bool,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted => f.write_str("accepted"),
            Self::Forwarded { oif } => write!(f, "forwarded to {oif}"),
            Self::Sent { oif } => write!(f, "sent by {oif}"),
            Self::Dropped(hook) => write!(f, "dropped at {hook:?}"),
            Self::Rejected(hook, kind) => write!(f, "rejected at {hook:?} with {kind:?}"),
            Self::Unrouted => f.write_str("not routed"),
            Self::Incomplete => f.write_str("incomplete"),
        }
    }
}
