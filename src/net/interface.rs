//! Names of network interfaces.

use std::fmt;

use super::text::{Text, text_type};

/// Longest name in bytes: the kernel's `IFNAMSIZ` counts the terminating NUL.
const MAX: usize = 15;

/// The name of a network interface: `tailscale0`, `enp3s0`, `br-4f1a`, `eth0.100`.
///
/// 1-15 ASCII letters, digits, `_`, `.` and `-`, not starting with `-` or `.`, not all digits, not `all` or `default`.
/// The kernel (`dev_valid_name` in net/core/dev.c) refuses only `/`, `:`, white space, `.` and `..`; systemd refuses numbers
/// and the two reserved words of `net.ipv4.conf`; the rest is left out so that a name is safe in every file it is rendered to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InterfaceName(String);

impl InterfaceName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the loopback interface, `lo` in every network namespace.
    pub fn is_loopback(&self) -> bool {
        self.0 == "lo"
    }
}

impl fmt::Display for InterfaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Text for InterfaceName {
    const NOUN: &'static str = "interface name";
    const GRAMMAR: &'static str =
        "1 to 15 letters, digits, _, . or -, starting with a letter, a digit or _, like tailscale0";
    const PATTERN: &'static str = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$";

    fn read(written: &str) -> Result<Self, &'static str> {
        check_characters(written)?;
        if written.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("a number is an interface index");
        }
        if matches!(written, "all" | "default") {
            return Err("a reserved word of the kernel's per-interface settings");
        }
        Ok(Self(written.to_owned()))
    }

    /// `ip link` shows the peer after an `@`; it is no part of the name.
    fn guess(refused: &str) -> Option<String> {
        refused.split_once('@').map(|(name, _)| name.to_owned())
    }
}

text_type!(InterfaceName);

/// An interface name, or the beginning of one followed by `*`: `tailscale0`, `br-*`.
///
/// The beginning has 1-14 bytes; the grammar is that of nft(8) `iifname`. `*` alone is refused, as nft does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InterfacePattern(Pattern);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Pattern {
    Exact(InterfaceName),
    StartsWith(String),
}

impl InterfacePattern {
    /// Whether the interface `name` is meant.
    pub fn matches(&self, name: &InterfaceName) -> bool {
        match &self.0 {
            Pattern::Exact(exact) => exact == name,
            Pattern::StartsWith(start) => name.as_str().starts_with(start),
        }
    }

    /// Whether some interface is meant by both.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Pattern::Exact(name), _) => other.matches(name),
            (_, Pattern::Exact(name)) => self.matches(name),
            (Pattern::StartsWith(a), Pattern::StartsWith(b)) => a.starts_with(b) || b.starts_with(a),
        }
    }

    /// The interface, if exactly one is meant.
    pub fn exact(&self) -> Option<&InterfaceName> {
        match &self.0 {
            Pattern::Exact(name) => Some(name),
            Pattern::StartsWith(_) => None,
        }
    }

    /// The beginning before the `*`, if it is no single name.
    pub fn starts_with(&self) -> Option<&str> {
        match &self.0 {
            Pattern::Exact(_) => None,
            Pattern::StartsWith(start) => Some(start),
        }
    }
}

impl From<InterfaceName> for InterfacePattern {
    fn from(name: InterfaceName) -> Self {
        Self(Pattern::Exact(name))
    }
}

impl fmt::Display for InterfacePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Pattern::Exact(name) => name.fmt(f),
            Pattern::StartsWith(start) => write!(f, "{start}*"),
        }
    }
}

impl Text for InterfacePattern {
    const NOUN: &'static str = "interface";
    const GRAMMAR: &'static str =
        "an interface name of 1 to 15 letters, digits, _, . or -, or the beginning of one followed by *, like br-*";
    const PATTERN: &'static str = r"^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,14}|[A-Za-z0-9_.-]{0,13}\*)$";

    fn read(written: &str) -> Result<Self, &'static str> {
        match written.strip_suffix('*') {
            None if written.ends_with('+') => Err("the wildcard of nft is *, not +"),
            None => InterfaceName::read(written).map(Self::from),
            Some("") => Err("nothing before the wildcard"),
            Some(start) => {
                check_characters(start)?;
                if start.len() == MAX {
                    return Err("too long for a wildcard");
                }
                Ok(Self(Pattern::StartsWith(start.to_owned())))
            }
        }
    }

    fn guess(refused: &str) -> Option<String> {
        match refused.strip_suffix('+') {
            Some(start) => Some(format!("{start}*")),
            None => InterfaceName::guess(refused),
        }
    }
}

text_type!(InterfacePattern);

fn check_characters(name: &str) -> Result<(), &'static str> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    if name.is_empty() {
        Err("empty")
    } else if name.len() > MAX {
        Err("longer than 15 bytes")
    } else if !name.bytes().all(legal) {
        Err("a character that is not allowed")
    } else if name.starts_with(['-', '.']) {
        Err("starts with - or .")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, suggests};

    #[test]
    fn names_are_safe_everywhere() {
        reads_back::<InterfaceName>("[A-Za-z_][A-Za-z0-9_.-]{8,14}");
        refuses::<InterfaceName>(&[
            "",
            ".",
            "..",
            "0",
            "eth 0",
            "eth/0",
            "eth0:1",
            "eth\"0",
            "-eth0",
            "a234567890123456",
            "all",
            "default",
            "eth0\n",
            "ëth0",
            "br-*",
            "eth0;",
            "${x}",
            "''",
        ]);
        suggests::<InterfaceName>(&[("veth1@if5", "veth1")]);
        assert!("a23456789012345".parse::<InterfaceName>().is_ok());
    }

    #[test]
    fn patterns_end_in_a_star() {
        reads_back::<InterfacePattern>(r"[A-Za-z_][A-Za-z0-9_.-]{8,14}|[A-Za-z0-9_][A-Za-z0-9_.-]{0,13}\*");
        refuses::<InterfacePattern>(&["", "*", "br-+", "b*r", "br-**", "a23456789012345*", "b r*"]);
        suggests::<InterfacePattern>(&[("br-+", "br-*")]);
    }

    #[test]
    fn what_a_pattern_matches() {
        let pattern = |written: &str| written.parse::<InterfacePattern>().unwrap();
        let name = |written: &str| written.parse::<InterfaceName>().unwrap();
        assert!(pattern("br-*").matches(&name("br-4f1a")) && pattern("br-*").matches(&name("br-")));
        assert!(!pattern("br-*").matches(&name("bridge0")) && !pattern("eth0").matches(&name("eth01")));
        assert!(pattern("br-*").overlaps(&pattern("b*")) && pattern("b*").overlaps(&pattern("br-1")));
        assert!(!pattern("br-*").overlaps(&pattern("docker0")) && !pattern("br-*").overlaps(&pattern("eth*")));
    }
}
