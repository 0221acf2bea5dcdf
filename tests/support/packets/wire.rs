//! Packets as bytes (RFC 791, 8200, 9293, 768, 792, 4443).
//!
//! A packet's number is the identification of IPv4 (16 bits) or the flow label of IPv6 (20 bits). ICMP errors quote both; an RST
//! does not, so a segment's sequence and acknowledgment numbers carry it too.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use super::checksum::Checksum;
use super::packet::{Fragments, History, Packet, PacketKind};

/// Numbers that a packet can have; the others belong to packets whose fate nobody asks for.
pub const NUMBERS: RangeInclusive<u16> = 1..=60_000;

/// The number of packets whose fate nobody asks for.
pub const NOBODY: u16 = u16::MAX;
/// What is carried above the transport header.
const PAYLOAD: [u8; 64] = [b'.'; 64];
/// Bytes above IP in a first fragment, three units of eight: they hold a whole TCP header.
const FIRST: usize = 24;
/// The port of datagrams that ICMP errors are about (where `traceroute` begins).
const SUBJECT: u16 = 33_434;

/// The bytes to write, one for each piece, in the order of sending. Pieces of different batches never fit each other, though
/// the kernel keeps for a minute what it waits to be completed (`nf_conntrack_frag6_timeout`).
pub fn pieces(packet: &Packet, number: u16, batch: u16) -> Vec<Vec<u8>> {
    let id = u32::from(batch) << 16 | u32::from(number);
    let protocol = packet.kind.protocol();
    let body = body(packet, number);
    let piece = |place, part: &[u8]| ip(packet.src, packet.dst, protocol, number, place, part);
    let (head, tail) = body.split_at(FIRST.min(body.len()));
    let first = || piece(Place::First(id), head);
    let last = || piece(Place::Last(id), tail);
    match packet.fragments {
        Fragments::Whole => vec![piece(Place::Whole, &body)],
        Fragments::Both => vec![first(), last()],
        Fragments::Reversed => vec![last(), first()],
        Fragments::FirstAlone => vec![first()],
        Fragments::LastAlone => vec![last()],
    }
}

/// What the host sends before the packet comes, so that the packet belongs to something.
///
/// # Panics
/// Where nothing can come before such a packet.
pub fn opener(packet: &Packet, number: u16) -> Option<Vec<u8>> {
    let (protocol, body) = match packet.history {
        History::None => return None,
        History::Reply => {
            let kind = packet.kind.answered();
            let kind = kind.unwrap_or_else(|| panic!("{packet:?} answers nothing"));
            let opposite = Packet {
                src: packet.dst,
                dst: packet.src,
                kind,
                ..packet.clone()
            };
            // The answer acknowledges its own number; a SYN counts as one.
            (kind.protocol(), transport(&opposite, number, sequence(number) - 1))
        }
        History::ErrorAbout => (17, subject(packet, number)),
    };
    Some(ip(packet.dst, packet.src, protocol, NOBODY, Place::Whole, &body))
}

/// The sequence number of a segment: its number, and room for what it carries.
fn sequence(number: u16) -> u32 {
    0x5a00_0000 | u32::from(number) << 8
}

/// The number of a packet whose segment had such a number, or carried up to 255 bytes and is acknowledged.
pub fn of_sequence(sequence: u32) -> Option<u16> {
    (sequence >> 24 == 0x5a).then_some(())?;
    u16::try_from(sequence >> 8 & 0xffff).ok()
}

/// What stands above IP.
fn body(packet: &Packet, number: u16) -> Vec<u8> {
    transport(packet, number, sequence(number))
}

fn transport(packet: &Packet, number: u16, sequence: u32) -> Vec<u8> {
    // Fragments must be worth it.
    let payload: &[u8] = if packet.fragments == Fragments::Whole {
        &PAYLOAD[..8]
    } else {
        &PAYLOAD
    };
    let mut body = Vec::new();
    let at = match packet.kind {
        PacketKind::Tcp {
            source,
            destination,
            flags,
        } => {
            ports(&mut body, source, destination);
            body.extend(sequence.to_be_bytes());
            body.extend(self::sequence(number).to_be_bytes());
            body.extend([5 << 4, flags.byte(), 0xff, 0xff, 0, 0, 0, 0]);
            if packet.fragments != Fragments::Whole {
                body.extend(payload);
            }
            16
        }
        PacketKind::Udp { source, destination } => {
            datagram(&mut body, source, destination, payload);
            6
        }
        PacketKind::Icmp { kind, code } | PacketKind::Icmpv6 { kind, code } => {
            body.extend([kind, code, 0, 0]);
            if packet.kind.is_error() {
                body.extend([0; 4]);
                let about = subject(packet, number);
                body.extend(ip(packet.dst, packet.src, 17, NOBODY, Place::Whole, &about));
            } else {
                // The identifier and sequence number of a ping; something of the right length for the others.
                body.extend(number.to_be_bytes());
                body.extend([0; 2]);
                body.extend([0; 16]);
                body.extend(payload);
            }
            2
        }
        PacketKind::Other { .. } => {
            // The kernel answers no packet that is damaged, and thinks that most protocols have such a checksum somewhere.
            body.extend([0; 4]);
            body.extend(payload);
            2
        }
    };
    let sum = transport_checksum(packet, &body);
    // 0 says of a datagram that it has none.
    let sum = if sum == 0 && at == 6 { 0xffff } else { sum };
    body[at..at + 2].copy_from_slice(&sum.to_be_bytes());
    body
}

fn transport_checksum(packet: &Packet, body: &[u8]) -> u16 {
    let mut sum = Checksum::default();
    // Over IPv6 everything has a pseudo header; over IPv4 ICMP has none.
    if packet.src.is_ipv6() || matches!(packet.kind, PacketKind::Tcp { .. } | PacketKind::Udp { .. }) {
        sum.addresses(packet.src, packet.dst);
        sum.add(u32::from(packet.kind.protocol()));
        sum.length(body);
    }
    sum.bytes(body);
    sum.done()
}

/// The datagram that an ICMP error is about: from the packet's destination to its source, and of no other connection.
fn subject(packet: &Packet, number: u16) -> Vec<u8> {
    let mut body = Vec::new();
    datagram(&mut body, number, SUBJECT, &PAYLOAD[..8]);
    let mut sum = Checksum::default();
    sum.addresses(packet.dst, packet.src);
    sum.add(17);
    sum.length(&body);
    sum.bytes(&body);
    body[6..8].copy_from_slice(&sum.done().to_be_bytes());
    body
}

fn ports(body: &mut Vec<u8>, source: u16, destination: u16) {
    body.extend(source.to_be_bytes());
    body.extend(destination.to_be_bytes());
}

/// A datagram without its checksum.
fn datagram(body: &mut Vec<u8>, source: u16, destination: u16, payload: &[u8]) {
    ports(body, source, destination);
    let length = u16::try_from(8 + payload.len()).expect("short");
    body.extend(length.to_be_bytes());
    body.extend([0; 2]);
    body.extend(payload);
}

/// Which piece of a packet it is. Pieces have what IPv6 puts them together by; in IPv4 the packet's number does that.
#[derive(Clone, Copy)]
enum Place {
    Whole,
    First(u32),
    Last(u32),
}

impl Place {
    /// The offset in units of eight, and whether there is more to come.
    fn offset(self) -> (u16, bool) {
        match self {
            Self::Whole => (0, false),
            Self::First(_) => (0, true),
            Self::Last(_) => (3, false),
        }
    }
}

fn ip(src: IpAddr, dst: IpAddr, protocol: u8, number: u16, place: Place, part: &[u8]) -> Vec<u8> {
    match (src, dst) {
        (IpAddr::V4(src), IpAddr::V4(dst)) => ipv4(src, dst, protocol, number, place, part),
        (IpAddr::V6(src), IpAddr::V6(dst)) => ipv6(src, dst, protocol, number, place, part),
        _ => panic!("{src} and {dst} are of two families"),
    }
}

fn ipv4(src: Ipv4Addr, dst: Ipv4Addr, protocol: u8, number: u16, place: Place, part: &[u8]) -> Vec<u8> {
    let (offset, more) = place.offset();
    let length = u16::try_from(20 + part.len()).expect("short");
    let mut bytes = vec![0x45, 0];
    bytes.extend(length.to_be_bytes());
    bytes.extend(number.to_be_bytes());
    bytes.extend((offset | u16::from(more) << 13).to_be_bytes());
    // Not the kernel's own 64: see `probe`.
    bytes.extend([63, protocol, 0, 0]);
    bytes.extend(src.octets());
    bytes.extend(dst.octets());
    let mut sum = Checksum::default();
    sum.bytes(&bytes);
    bytes[10..12].copy_from_slice(&sum.done().to_be_bytes());
    bytes.extend(part);
    bytes
}

fn ipv6(src: Ipv6Addr, dst: Ipv6Addr, protocol: u8, number: u16, place: Place, part: &[u8]) -> Vec<u8> {
    /// RFC 8200 §4.5.
    const FRAGMENT: u8 = 44;
    let mut payload = Vec::new();
    let next = match place {
        Place::Whole => protocol,
        Place::First(id) | Place::Last(id) => {
            let (offset, more) = place.offset();
            payload.extend([protocol, 0]);
            payload.extend((offset << 3 | u16::from(more)).to_be_bytes());
            payload.extend(id.to_be_bytes());
            FRAGMENT
        }
    };
    payload.extend(part);
    let length = u16::try_from(payload.len()).expect("short");
    let mut bytes = vec![0x60, 0];
    bytes.extend(number.to_be_bytes());
    bytes.extend(length.to_be_bytes());
    // Neighbour discovery is refused with any other hop limit (RFC 4861 §6.1).
    bytes.extend([next, 255]);
    bytes.extend(src.octets());
    bytes.extend(dst.octets());
    bytes.extend(payload);
    bytes
}

#[test]
fn sequence_numbers_carry_the_number() {
    for number in [*NUMBERS.start(), 4711, *NUMBERS.end()] {
        assert_eq!(of_sequence(sequence(number)), Some(number));
        // What an RST acknowledges of a SYN with all that it can carry.
        assert_eq!(of_sequence(sequence(number) + 1 + 64), Some(number));
    }
    assert_eq!(of_sequence(1), None);
}
