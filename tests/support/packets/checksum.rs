//! The checksum of IP, TCP, UDP and ICMP.

use std::net::IpAddr;

/// The checksum of the internet (RFC 1071).
#[derive(Default)]
pub struct Checksum(u32);

impl Checksum {
    /// One word, or a double word as two.
    pub fn add(&mut self, word: u32) {
        self.0 += (word >> 16) + (word & 0xffff);
    }

    /// All words of these bytes; an odd last one is the higher half of a word.
    pub fn bytes(&mut self, bytes: &[u8]) {
        for pair in bytes.chunks(2) {
            let low = pair.get(1).copied().unwrap_or(0);
            self.add(u32::from(pair[0]) << 8 | u32::from(low));
        }
    }

    /// The length of what is above IP, as a pseudo header has it.
    pub fn length(&mut self, body: &[u8]) {
        self.add(u32::try_from(body.len()).expect("short"));
    }

    /// Both addresses, as a pseudo header has them.
    pub fn addresses(&mut self, src: IpAddr, dst: IpAddr) {
        for address in [src, dst] {
            match address {
                IpAddr::V4(address) => self.bytes(&address.octets()),
                IpAddr::V6(address) => self.bytes(&address.octets()),
            }
        }
    }

    /// The checksum.
    pub fn done(self) -> u16 {
        let mut sum = self.0;
        while sum >> 16 != 0 {
            sum = (sum >> 16) + (sum & 0xffff);
        }
        !u16::try_from(sum).expect("folded")
    }
}

#[test]
fn the_checksum_of_rfc_1071() {
    let mut sum = Checksum::default();
    sum.bytes(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
    assert_eq!(sum.done(), !0xddf2);
}
