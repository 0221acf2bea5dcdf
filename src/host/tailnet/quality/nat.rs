//! What stands between this machine and the internet.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::Serialize;

use super::relays::RelayAnswers;

/// What stands between this machine and the internet, as far as UDP shows it (RFC 4787 section 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Nat {
    /// Nothing: the relays see the address that this machine has.
    None,
    /// The mapping does not depend on where packets go: direct paths are usually found.
    Easy,
    /// Each destination sees another address or port: direct paths need luck, or a port that is opened.
    Hard,
    /// Nobody answered: UDP is blocked, and everything goes through relays over TCP.
    UdpBlocked,
    /// Too few answered.
    Unknown,
}

/// What the answers of the relays say.
pub(crate) fn nat(answers: &RelayAnswers) -> Nat {
    if answers.mapped.is_empty() {
        return if answers.regions.is_empty() {
            Nat::Unknown
        } else {
            Nat::UdpBlocked
        };
    }
    // Of the family that more relays have seen.
    let of_family = |is_v4: bool| -> Vec<(&SocketAddr, &SocketAddr)> {
        let mapped = answers.mapped.iter();
        mapped.filter(|(_, seen)| seen.is_ipv4() == is_v4).collect()
    };
    let mut families = [of_family(true), of_family(false)];
    families.sort_by_key(|mapped| std::cmp::Reverse(mapped.len()));
    let [mapped, _] = families;
    let seen: BTreeSet<&SocketAddr> = mapped.iter().map(|(_, seen)| *seen).collect();
    if seen.iter().all(|seen| answers.own.contains(seen)) {
        Nat::None
    } else if seen.len() > 1 {
        Nat::Hard
    } else if mapped.len() > 1 {
        Nat::Easy
    } else {
        // One relay cannot tell.
        Nat::Unknown
    }
}

impl Nat {
    /// In words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Easy => "easy (one mapping for all destinations)",
            Self::Hard => "hard (another mapping for each destination)",
            Self::UdpBlocked => "UDP is blocked",
            Self::Unknown => "cannot be told",
        }
    }
}
