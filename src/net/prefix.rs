//! IP prefixes.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::invalid::Invalid;
use super::text::{Text, decimal, text_type};

/// An IPv4 or IPv6 prefix in CIDR notation, host bits zero: `192.168.15.0/24`, `fd7a:115c:a1e0::/48`.
///
/// Lengths: 0-32 and 0-128 (RFC 4632 §3.1, RFC 4291 §2.3). IPv4 prefixes sort before IPv6 ones, then by address, then by length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix(IpNet);

impl Prefix {
    /// `100.64.0.0/10`, the shared address space (RFC 6598) out of which Tailscale numbers its nodes.
    pub const TAILNET_V4: Self = Self(IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10)));
    /// `fd7a:115c:a1e0::/48`, Tailscale's unique local prefix.
    pub const TAILNET_V6: Self = Self(IpNet::V6(Ipv6Net::new_assert(
        Ipv6Addr::new(0xfd7a, 0x115c, 0xa1e0, 0, 0, 0, 0, 0),
        48,
    )));
    /// `172.17.0.0/16`, the default bridge network of Docker.
    pub const DOCKER_DEFAULT: Self = Self(IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(172, 17, 0, 0), 16)));
    /// `0.0.0.0/0`, every IPv4 address.
    pub const DEFAULT_V4: Self = Self(IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0)));
    /// `::/0`, every IPv6 address.
    pub const DEFAULT_V6: Self = Self(IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 0)));

    /// The prefix that holds exactly `address` (`/32` or `/128`).
    pub fn host(address: IpAddr) -> Self {
        Self(IpNet::from(address))
    }

    /// Reads a prefix, or a bare address as its host prefix: `100.64.0.7` is `100.64.0.7/32`.
    pub fn parse_or_host(written: &str) -> Result<Self, Invalid> {
        written.parse::<AddressOrPrefix>().map(Self::from)
    }

    /// The lowest address.
    pub fn network(&self) -> IpAddr {
        self.0.network()
    }

    /// The length in bits.
    // There is no such thing as an empty prefix, so no `is_empty` beside it.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> u8 {
        self.0.prefix_len()
    }

    /// Whether `address` lies in this prefix; an address of the other family never does.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }

    /// Whether every address of `other` lies in this prefix.
    pub fn covers(&self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }

    /// Whether some address lies in both (then one covers the other).
    pub fn overlaps(&self, other: &Self) -> bool {
        self.covers(other) || other.covers(self)
    }

    /// Whether this is `0.0.0.0/0` or `::/0`.
    pub fn is_default(&self) -> bool {
        self.0.prefix_len() == 0
    }

    /// Whether this prefix holds a single address.
    pub fn is_host(&self) -> bool {
        self.0.prefix_len() == self.0.max_prefix_len()
    }

    /// Whether this is an IPv4 prefix (else IPv6).
    pub fn is_ipv4(&self) -> bool {
        matches!(self.0, IpNet::V4(_))
    }

    /// Whether this prefix shares addresses with the tailnet's own [`TAILNET_V4`](Self::TAILNET_V4) or
    /// [`TAILNET_V6`](Self::TAILNET_V6).
    pub fn overlaps_tailnet(&self) -> bool {
        self.overlaps(&Self::TAILNET_V4) || self.overlaps(&Self::TAILNET_V6)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Text for Prefix {
    const NOUN: &'static str = "prefix";
    const GRAMMAR: &'static str =
        "an IPv4 or IPv6 prefix in CIDR notation without host bits, like 192.168.15.0/24 or fd00:15::/64";
    const PATTERN: &'static str = "^[0-9A-Fa-f:.]+/(0|[1-9][0-9]{0,2})$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let net = read_cidr(written)?;
        if net.trunc() == net {
            Ok(Self(net))
        } else {
            Err("host bits are set")
        }
    }

    fn guess(refused: &str) -> Option<String> {
        guess_cidr(refused).map(|net| net.trunc().to_string())
    }
}

text_type!(Prefix);

/// A prefix, or a bare address that stands for its host prefix; for lists of source addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressOrPrefix(Prefix);

impl AddressOrPrefix {
    /// The addresses meant.
    pub fn prefix(&self) -> Prefix {
        self.0
    }
}

impl From<Prefix> for AddressOrPrefix {
    fn from(prefix: Prefix) -> Self {
        Self(prefix)
    }
}

impl From<AddressOrPrefix> for Prefix {
    fn from(written: AddressOrPrefix) -> Self {
        written.0
    }
}

impl fmt::Display for AddressOrPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_host() {
            self.0.network().fmt(f)
        } else {
            self.0.fmt(f)
        }
    }
}

impl Text for AddressOrPrefix {
    const NOUN: &'static str = "address or prefix";
    const GRAMMAR: &'static str =
        "an IPv4 or IPv6 address, or a prefix in CIDR notation without host bits, like 100.64.0.7 or 100.64.0.0/10";
    const PATTERN: &'static str = "^[0-9A-Fa-f:.]+(/(0|[1-9][0-9]{0,2}))?$";

    fn read(written: &str) -> Result<Self, &'static str> {
        match written.parse::<IpAddr>() {
            Ok(address) => Ok(Self(Prefix::host(address))),
            Err(_) => Prefix::read(written).map(Self),
        }
    }

    fn guess(refused: &str) -> Option<String> {
        Prefix::guess(refused)
    }
}

text_type!(AddressOrPrefix);

/// The address of an interface with the length of the prefix it lies in: `192.168.15.10/24`.
///
/// Unlike in a [`Prefix`], host bits are expected. The network address itself (`192.168.15.0/24`) is accepted, because a
/// profile may know an interface's prefix and not its address; [`is_network`](Self::is_network) tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InterfaceAddress(IpNet);

impl InterfaceAddress {
    /// The address of the interface.
    pub fn address(&self) -> IpAddr {
        self.0.addr()
    }

    /// The prefix on the link: the address without its host bits.
    pub fn prefix(&self) -> Prefix {
        Prefix(self.0.trunc())
    }

    /// Whether only the prefix was given: all host bits are zero and there are some.
    pub fn is_network(&self) -> bool {
        self.0.trunc() == self.0 && !self.prefix().is_host()
    }
}

impl fmt::Display for InterfaceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Text for InterfaceAddress {
    const NOUN: &'static str = "interface address";
    const GRAMMAR: &'static str = "an IPv4 or IPv6 address with its prefix length, like 192.168.15.10/24";
    const PATTERN: &'static str = "^[0-9A-Fa-f:.]+/(0|[1-9][0-9]{0,2})$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let net = read_cidr(written)?;
        let address = net.addr();
        if address.is_multicast() || (address.is_unspecified() && net.prefix_len() > 0) {
            Err("no interface can have this address")
        } else {
            Ok(Self(net))
        }
    }

    fn guess(refused: &str) -> Option<String> {
        // The length of a bare address cannot be guessed here.
        guess_cidr(refused)
            .filter(|_| refused.contains('/'))
            .map(|net| net.to_string())
    }
}

text_type!(InterfaceAddress);

/// Reads `address/length`, host bits as they are.
fn read_cidr(written: &str) -> Result<IpNet, &'static str> {
    let Some((address, length)) = written.split_once('/') else {
        return Err("the prefix length is missing");
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return Err("no IPv4 or IPv6 address before the slash");
    };
    if length.parse::<IpAddr>().is_ok() {
        return Err("the length is written as a netmask");
    }
    let bits = decimal(length).and_then(|bits| u8::try_from(bits).ok());
    let Some(bits) = bits else {
        return Err("no prefix length after the slash");
    };
    IpNet::new(address, bits).map_err(|_| "the prefix length is larger than the address")
}

/// What `10.0.0.0/255.0.0.0` and a bare address mean.
fn guess_cidr(refused: &str) -> Option<IpNet> {
    match refused.split_once('/') {
        None => refused.parse::<IpAddr>().ok().map(IpNet::from),
        Some((address, mask)) => match mask.parse::<IpAddr>() {
            Ok(mask) => IpNet::with_netmask(address.parse().ok()?, mask).ok(),
            Err(_) => read_cidr(refused).ok(),
        },
    }
}

#[cfg(test)]
mod tests;
