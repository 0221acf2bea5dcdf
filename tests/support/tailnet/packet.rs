//! Who an IPv4 packet is for.

use std::net::Ipv4Addr;

/// The destination of an IPv4 packet (RFC 791 §3.1); nothing where it is none.
pub fn destination(packet: &[u8]) -> Option<Ipv4Addr> {
    let is_v4 = packet.first()? >> 4 == 4;
    let address: [u8; 4] = packet.get(16..20)?.try_into().ok()?;
    is_v4.then(|| address.into())
}

#[test]
fn only_ipv4_has_one() {
    let mut packet = [0; 20];
    packet[0] = 0x45;
    packet[16..].copy_from_slice(&[100, 64, 0, 1]);
    assert_eq!(destination(&packet), Some(Ipv4Addr::new(100, 64, 0, 1)));
    assert_eq!(destination(&packet[..19]), None);
    packet[0] = 0x60;
    assert_eq!(destination(&packet), None);
}
