//! What comes back: RSTs and ICMP errors, and the packets that they answer.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::fate::RejectKind;
use super::packet::{Fragments, Packet, PacketKind};
use super::wire::{self, of_sequence};

/// An answer of the host to a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The number of the packet.
    pub number: u16,
    /// Where the packet came from.
    pub src: IpAddr,
    /// Where it went.
    pub dst: IpAddr,
    /// How its sender is told.
    pub kind: RejectKind,
}

/// What a packet that left the host answers; `None` where it is no RST and no ICMP "destination unreachable".
pub fn answer(bytes: &[u8]) -> Option<Answer> {
    let header = Header::read(bytes)?;
    let body = header.body;
    let kind = match (header.protocol, *body.first()?) {
        (6, _) => {
            let long = |at: usize| Some(u32::from_be_bytes(body.get(at..at + 4)?.try_into().ok()?));
            let flags = *body.get(13)?;
            let (is_rst, acknowledges) = (flags & 0x04 != 0, flags & 0x10 != 0);
            return is_rst.then_some(Answer {
                number: of_sequence(long(if acknowledges { 8 } else { 4 })?)?,
                src: header.dst,
                dst: header.src,
                kind: RejectKind::TcpReset,
            });
        }
        (1, 3) => RejectKind::Icmp { code: *body.get(1)? },
        (58, 1) => RejectKind::Icmpv6 { code: *body.get(1)? },
        _ => return None,
    };
    let about = Header::read(body.get(8..)?)?;
    Some(Answer {
        number: about.number,
        src: about.src,
        dst: about.dst,
        kind,
    })
}

/// What a reader wants of an IP header.
struct Header<'a> {
    src: IpAddr,
    dst: IpAddr,
    protocol: u8,
    number: u16,
    body: &'a [u8],
}

impl<'a> Header<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let pair = |at: usize| Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
        match bytes.first()? >> 4 {
            4 => {
                let address = |at: usize| Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes.get(at..at + 4)?).ok()?));
                Some(Self {
                    src: address(12)?.into(),
                    dst: address(16)?.into(),
                    protocol: *bytes.get(9)?,
                    number: pair(4)?,
                    body: bytes.get(usize::from(bytes[0] & 15) * 4..)?,
                })
            }
            6 => {
                let address = |at: usize| Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes.get(at..at + 16)?).ok()?));
                Some(Self {
                    src: address(8)?.into(),
                    dst: address(24)?.into(),
                    protocol: *bytes.get(6)?,
                    number: pair(2)?,
                    body: bytes.get(40..)?,
                })
            }
            _ => None,
        }
    }
}

#[test]
fn a_header_reads_back() {
    for (src, dst) in [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2")] {
        let packet = Packet::new("eth0", src, dst, PacketKind::tcp(22));
        let pieces = wire::pieces(&packet, 4711, 0);
        let [bytes] = pieces.as_slice() else {
            panic!("one piece")
        };
        let header = Header::read(bytes).expect("a header");
        assert_eq!((header.src, header.dst, header.number), (packet.src, packet.dst, 4711));
        assert_eq!((header.protocol, header.body.len()), (6, 20));
        assert_eq!(answer(bytes), None);
        for length in 0..bytes.len() {
            assert_eq!(answer(&bytes[..length]), None);
        }
        let in_two = wire::pieces(&packet.in_fragments(Fragments::Both), 1, 0);
        assert_eq!(in_two.len(), 2);
        assert!(in_two.iter().all(|piece| Header::read(piece).is_some()));
    }
}
