//! A packet, as it is said on the command line.

use std::net::IpAddr;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use crate::firewall::ruleset::ConntrackState;
use crate::firewall::trace::{Aim, Direction, End, Ends, Packet, Payload, Unsaid};
use crate::model::Host;
use crate::net::{IcmpType, Icmpv6Type, InterfaceName, Transport};

/// A packet, as it is said on the command line.
#[derive(Debug, Args)]
pub(super) struct PacketArgs {
    /// The interface that the packet comes in by
    #[arg(long, value_name = "INTERFACE")]
    iif: Option<InterfaceName>,
    /// The interface that it leaves by; without it, the one that leads there as far as the profile tells
    #[arg(long, value_name = "INTERFACE")]
    oif: Option<InterfaceName>,
    /// Where it comes from; HOST is the host itself
    #[arg(long, value_name = "HOST|ADDRESS", value_parser = end)]
    src: End,
    /// Where it goes; HOST is the host itself
    #[arg(long, value_name = "HOST|ADDRESS", value_parser = end)]
    dst: End,
    /// Its protocol: tcp, udp, icmp, icmpv6 or a number
    #[arg(long, value_name = "PROTOCOL")]
    proto: Protocol,
    /// Its destination port, for tcp and udp
    #[arg(long, value_name = "PORT")]
    dport: Option<u16>,
    /// Its source port, for tcp and udp
    #[arg(long, value_name = "PORT")]
    sport: Option<u16>,
    /// Its type, for icmp and icmpv6: a number or a name as nft has it; without it, a ping
    #[arg(long, value_name = "TYPE")]
    icmp_type: Option<String>,
    /// What connection tracking makes of it; without it, what it makes of a packet that belongs to nothing
    #[arg(long, value_enum)]
    state: Option<State>,
    /// Its mark, like 0x80000, which tailscaled gives what it sends itself; without it, none
    #[arg(long, value_name = "MARK", value_parser = mark, default_value = "0", hide_default_value = true)]
    mark: u32,
    /// The hook that it passes; without it, the one for its destination as far as the profile tells
    #[arg(long, value_enum)]
    hook: Option<Hook>,
}

/// States of connection tracking, as nft calls them.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    /// It begins a connection
    New,
    /// It belongs to a connection
    Established,
    /// It belongs to a connection in another way, as an ICMP error does
    Related,
    /// It fits no connection and begins none
    Invalid,
    /// Connection tracking leaves it alone
    Untracked,
}

/// Hooks, as nft calls them.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Hook {
    /// To the host itself
    Input,
    /// Through the host
    Forward,
    /// From the host itself
    Output,
}

/// A protocol above IP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Protocol(u8);

impl Protocol {
    const ICMP: Self = Self(1);
    const TCP: Self = Self(6);
    const UDP: Self = Self(17);
    const ICMPV6: Self = Self(58);
}

impl FromStr for Protocol {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        match written {
            "tcp" => Ok(Self::TCP),
            "udp" => Ok(Self::UDP),
            "icmp" => Ok(Self::ICMP),
            "icmpv6" | "ipv6-icmp" => Ok(Self::ICMPV6),
            number => number
                .parse()
                .map(Self)
                .map_err(|_| "expected tcp, udp, icmp, icmpv6 or a number from 0 to 255".to_owned()),
        }
    }
}

fn end(written: &str) -> Result<End, String> {
    match written {
        "HOST" => Ok(End::Host),
        address => address
            .parse()
            .map(End::Address)
            .map_err(|_| "expected an IPv4 or IPv6 address, or HOST for the host itself".to_owned()),
    }
}

fn mark(written: &str) -> Result<u32, String> {
    let read = match written.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => written.parse(),
    };
    read.map_err(|_| "expected a number of 32 bits, like 0x80000".to_owned())
}

impl PacketArgs {
    /// The packet that is meant, with what was found out beside what was said; or what has to be said, too.
    pub(super) fn packet(&self, host: &Host) -> Result<(Packet, Vec<String>), String> {
        let (source, destination) = (self.src.address(), self.dst.address());
        let ends = Ends::new(source, destination).ok_or_else(|| match (source, destination) {
            (Some(source), Some(destination)) => format!("{source} and {destination} are of two families"),
            _ => "say the address of one end, which tells IPv4 from IPv6".to_owned(),
        })?;
        let payload = self.payload(source.or(destination))?;
        let aim = Aim {
            direction: self.hook.map(|hook| match hook {
                Hook::Input => Direction::ToHost,
                Hook::Forward => Direction::Through,
                Hook::Output => Direction::FromHost,
            }),
            input: self.iif.clone(),
            output: self.oif.clone(),
            source: self.src,
            destination: self.dst,
        };
        let (way, found) = aim.way(host).map_err(|unsaid| match unsaid {
            Unsaid::Direction(address) => format!(
                "the profile does not tell whether {address} is one of the host's own addresses: say --hook input or --hook forward"
            ),
            Unsaid::Input => "say the interface that the packet comes in by: --iif".to_owned(),
            Unsaid::Output => {
                "the profile does not tell by which interface the packet leaves: say it by --oif".to_owned()
            }
        })?;
        let mut assumed: Vec<String> = found.iter().map(ToString::to_string).collect();
        let state = match self.state {
            Some(State::New) => ConntrackState::New,
            Some(State::Established) => ConntrackState::Established,
            Some(State::Related) => ConntrackState::Related,
            Some(State::Invalid) => ConntrackState::Invalid,
            Some(State::Untracked) => ConntrackState::Untracked,
            None => {
                let state = payload.unbidden();
                assumed.push(format!("it belongs to no connection: its state is {}", state.name()));
                state
            }
        };
        let link = aim.link(host);
        let packet = Packet {
            way,
            ends,
            payload,
            state,
            link,
            mark: self.mark,
        };
        Ok((packet, assumed))
    }

    fn payload(&self, address: Option<IpAddr>) -> Result<Payload, String> {
        let is_v6 = address.is_some_and(|address| address.is_ipv6());
        let has_ports = matches!(self.proto, Protocol::TCP | Protocol::UDP);
        let is_icmp = matches!(self.proto, Protocol::ICMP | Protocol::ICMPV6);
        if !has_ports && (self.dport.is_some() || self.sport.is_some()) {
            return Err("only tcp and udp have ports".to_owned());
        }
        if !is_icmp && self.icmp_type.is_some() {
            return Err("only icmp and icmpv6 have an --icmp-type".to_owned());
        }
        let ports = |transport| match self.dport {
            None => Err("say the destination port: --dport".to_owned()),
            destination => Ok(Payload::Ports {
                transport,
                source: self.sport,
                destination,
            }),
        };
        match self.proto {
            Protocol::TCP => ports(Transport::Tcp),
            Protocol::UDP => ports(Transport::Udp),
            Protocol::ICMP if is_v6 => Err("over IPv6 the protocol is icmpv6".to_owned()),
            Protocol::ICMPV6 if !is_v6 => Err("over IPv4 the protocol is icmp".to_owned()),
            Protocol::ICMP => {
                let kinds = IcmpType::ADMITTED.map(|kind| (kind.name(), kind.number()));
                self.icmp_type(&kinds, IcmpType::EchoRequest.number())
                    .map(Payload::Icmp)
            }
            Protocol::ICMPV6 => {
                let kinds = Icmpv6Type::ADMITTED.map(|kind| (kind.name(), kind.number()));
                self.icmp_type(&kinds, Icmpv6Type::EchoRequest.number())
                    .map(Payload::Icmpv6)
            }
            Protocol(number) => Ok(Payload::Other(number)),
        }
    }

    fn icmp_type(&self, kinds: &[(&str, u8)], ping: u8) -> Result<u8, String> {
        let Some(written) = &self.icmp_type else {
            return Ok(ping);
        };
        let by_name = kinds
            .iter()
            .find(|(name, _)| name == written)
            .map(|(_, number)| *number);
        by_name.or_else(|| written.parse().ok()).ok_or_else(|| {
            let names: Vec<_> = kinds.iter().map(|(name, _)| *name).collect();
            format!(
                "{written:?} is no type: expected a number from 0 to 255 or one of {}",
                names.join(", ")
            )
        })
    }
}
