//! Chains.

use std::fmt;

use super::{Name, Rule};

/// A chain: rules in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Its name.
    pub name: Name,
    /// Where the kernel enters it; a chain without is entered by jumps alone.
    pub base: Option<Base>,
    /// The rules.
    pub rules: Vec<Rule>,
}

impl Chain {
    /// A chain that is entered by jumps alone.
    pub fn new(name: Name, rules: Vec<Rule>) -> Self {
        Self {
            name,
            base: None,
            rules,
        }
    }
}

/// Where the kernel enters a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base {
    /// The hook.
    pub hook: Hook,
    /// The order among the chains of a hook.
    pub priority: Priority,
    /// What happens to packets that reach the chain's end.
    pub policy: ChainPolicy,
}

/// A hook of the `inet` family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hook {
    /// Every packet that comes in, before it is known whether it stays.
    Prerouting,
    /// Packets to this host.
    Input,
    /// Packets on their way through.
    Forward,
    /// Packets of the host's own.
    Output,
    /// Everything that leaves, before it does; here connections get another source. Chains here are of type `nat`.
    Postrouting,
}

impl Hook {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Prerouting,
        Self::Input,
        Self::Forward,
        Self::Output,
        Self::Postrouting,
    ];

    /// The type of the chains on it, in nft.
    pub const fn chain_type(self) -> &'static str {
        match self {
            Self::Postrouting => "nat",
            Self::Prerouting | Self::Input | Self::Forward | Self::Output => "filter",
        }
    }

    /// The name in nft.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prerouting => "prerouting",
            Self::Input => "input",
            Self::Forward => "forward",
            Self::Output => "output",
            Self::Postrouting => "postrouting",
        }
    }
}

/// The order among the chains of a hook; lower comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// -140: after connection tracking, and after tailscaled has put its marks back (both its backends do at -150).
    AfterMangle,
    /// 0.
    Filter,
    /// 100, where sources are translated.
    SourceNat,
}

impl Priority {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AfterMangle, Self::Filter, Self::SourceNat];
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AfterMangle => "mangle + 10",
            Self::Filter => "filter",
            Self::SourceNat => "srcnat",
        })
    }
}

/// What happens to packets that reach the end of a base chain. The kernel knows these two alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChainPolicy {
    /// They pass.
    Accept,
    /// They are gone.
    Drop,
}

impl ChainPolicy {
    /// The name in nft.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Drop => "drop",
        }
    }
}
